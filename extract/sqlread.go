package extract

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// sqlRead is one read of a stream. It survives lost connections: the row behind
// which it continues is always the last one in the page or handed on.
//
//  1. Ask for the columns; check that key, cursor and mapping find theirs.
//  2. Look for rows without key among those to read: keyset paging would lose them.
//  3. Read the rows without cursor value, by key; then those with, by cursor and key.
type sqlRead struct {
	run *sqlRun
	r   *sqlReader
	st  *streamSpec
	b   *sqlBuilder

	saved, watermark string // cursor before the read; cursor behind the last row
	now              time.Time
	columns          []string
	cells            []sqlCell
	scan             []any
	order            []int    // cells of the cursor (if any) and the key
	last             [][]byte // their texts in the last row

	parts []sqlPart
	page  Page
	rows  int64 // handed over to the page so far
	given int   // pages handed on
}

// read reads to the end, through as many connections as it takes.
func (rd *sqlRead) read(ctx context.Context) error {
	failures := 0
	for {
		before := rd.rows
		err := rd.once(ctx)
		if err == nil {
			return rd.hand()
		}
		if errors.Is(err, errStopped) || ctx.Err() != nil {
			return errors.Join(errStopped, context.Cause(ctx))
		}
		if rd.rows > before {
			failures = 0
		}
		failures++
		if !passes(err) || failures >= sqlAttempts || !rd.resumable() {
			return rd.r.explain(err)
		}
		wait := time.Second << (failures - 1)
		rd.r.src.opts.Logger.Warn("the database is asked again", "source", rd.r.src.name, "stream", rd.st.name, "rows", rd.rows, "wait", wait, "error", rd.r.explain(err))
		if err := rd.r.src.opts.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// resumable says whether reading can go on behind the last row. Without a key
// it can only begin anew, which is right as long as nothing was handed on.
func (rd *sqlRead) resumable() bool {
	if len(rd.st.sql.key) > 0 {
		return true
	}
	if rd.given > 0 {
		return false
	}
	rd.page, rd.rows, rd.parts = Page{}, 0, nil
	return true
}

// once reads on in one transaction.
func (rd *sqlRead) once(ctx context.Context) error {
	s, err := rd.r.session(ctx)
	if err != nil {
		return err
	}
	defer s.end()
	rd.now = s.now
	if err := rd.describe(ctx, s); err != nil {
		return err
	}
	if rd.parts == nil {
		if err := rd.begin(ctx, s); err != nil {
			return err
		}
	}
	for len(rd.parts) > 0 {
		more, err := rd.statement(ctx, s)
		if err != nil {
			return err
		}
		if !more {
			rd.parts = rd.parts[1:]
		}
	}
	return nil
}

// begin lists what is to be read, once the types of the columns are known.
func (rd *sqlRead) begin(ctx context.Context, s *sqlSession) error {
	since := ""
	if inc := rd.st.sql.inc; inc != nil {
		var err error
		if since, err = inc.since(rd.saved, rd.b.curType); err != nil {
			return err
		}
	}
	if len(rd.st.sql.key) > 0 {
		if err := rd.keyless(ctx, s, since); err != nil {
			return err
		}
	}
	rd.parts = []sqlPart{{since: since}}
	if rd.st.sql.inc != nil {
		rd.parts = []sqlPart{{nulls: true}, {since: since}}
	}
	return nil
}

func (rd *sqlRead) keyless(ctx context.Context, s *sqlSession, since string) error {
	query, args, err := rd.b.keyless(since)
	if err != nil {
		return err
	}
	rows, done, err := s.query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer done()
	if rows.Next() {
		return &Error{Field: "key", Err: fmt.Errorf("there are rows where %s is NULL, which cannot be told apart", strings.Join(rd.st.sql.key, " or ")),
			Hint: "Choose columns that are never NULL, or leave those rows out in the query"}
	}
	return rows.Err()
}

// describe asks for the columns and their types.
func (rd *sqlRead) describe(ctx context.Context, s *sqlSession) error {
	rows, done, err := s.query(ctx, rd.b.probe())
	if err != nil {
		return rd.r.missing(ctx, rd.st, err)
	}
	defer done()
	columns, types, err := rd.r.columnsOf(rows)
	if err != nil {
		return err
	}
	if rd.st.sql.inc != nil {
		last := len(columns) - 1
		rd.b.curType, columns = types[last], columns[:last]
	}
	if err := checkSQLColumns(columns, rd.st); err != nil {
		return err
	}
	if rd.columns != nil && !slices.Equal(columns, rd.columns) {
		return &Error{Err: errors.New("the columns changed while the stream was read"), Found: strings.Join(columns, ", "), Expected: strings.Join(rd.columns, ", "), Hint: "Run again"}
	}
	rd.columns, rd.order, rd.b.types = columns, nil, nil
	if rd.st.sql.inc != nil {
		rd.order = append(rd.order, len(columns))
		if why := rd.b.curType.orders(); why != "" {
			return unordered("incremental.field", strings.Join(rd.st.sql.inc.fields, ", "), why)
		}
	}
	for _, k := range rd.st.sql.key {
		i := slices.Index(columns, k)
		if why := types[i].orders(); why != "" {
			return unordered("key", k, why)
		}
		rd.order, rd.b.types = append(rd.order, i), append(rd.b.types, types[i])
	}
	rd.cells, rd.scan = make([]sqlCell, len(types)), make([]any, len(types))
	for i := range types {
		rd.cells[i].typ, rd.scan[i] = types[i], &rd.cells[i]
	}
	return rows.Err()
}

func unordered(field, column, why string) error {
	return &Error{Field: field, Err: fmt.Errorf("the column %s %s, so rows cannot be read in its order", column, why), Hint: "Choose another column, or cast it to text or a number in the query"}
}

func (r *sqlReader) columnsOf(rows *sql.Rows) ([]string, []sqlType, error) {
	described, err := rows.ColumnTypes()
	if err != nil {
		return nil, nil, err
	}
	var names []string
	var types []sqlType
	for _, c := range described {
		_, scale, _ := c.DecimalSize()
		names, types = append(names, c.Name()), append(types, newSQLType(r.opts.driver, c.DatabaseTypeName(), scale))
	}
	return names, types, nil
}

// statement reads the next rows; more is false behind the last of the part. One
// row more than asked for is looked at, to see whether the key tells it from the last.
func (rd *sqlRead) statement(ctx context.Context, s *sqlSession) (more bool, err error) {
	limit := rd.r.opts.fetchSize
	if len(rd.st.sql.key) == 0 {
		limit = 0
	}
	asked := limit
	if asked > 0 {
		asked++
	}
	part := rd.parts[0]
	query, args, err := rd.b.rows(part, asked)
	if err != nil {
		return false, err
	}
	rows, done, err := s.query(ctx, query, args...)
	if err != nil {
		return false, err
	}
	defer done()
	for n := 1; rows.Next(); n++ {
		if err := rows.Scan(rd.scan...); err != nil {
			return false, fmt.Errorf("row %d cannot be read: %w", rd.rows+1, err)
		}
		if err := rd.unique(); err != nil {
			return false, err
		}
		if limit > 0 && n > limit {
			return true, rows.Err()
		}
		if err := rd.row(); err != nil {
			return false, err
		}
	}
	return false, rows.Err()
}

// unique checks that the key tells a row from the one before.
func (rd *sqlRead) unique() error {
	if len(rd.st.sql.key) == 0 || rd.parts[0].after == nil {
		return nil
	}
	for i, c := range rd.order {
		if !bytes.Equal(rd.last[i], rd.cells[c].text) {
			return nil
		}
	}
	var key []string
	for i, k := range rd.st.sql.key {
		key = append(key, k+" "+string(rd.last[len(rd.last)-len(rd.st.sql.key)+i]))
	}
	return &Error{Field: "key", Err: fmt.Errorf("two rows have the same key (%s)", strings.Join(key, ", ")), Hint: "Name the columns that together make a row unique, or group the rows in the query"}
}

// row adds the scanned row to the page, and hands the page on when it is full.
func (rd *sqlRead) row() error {
	p := &rd.page
	if p.Count == 0 {
		p.First = rd.rows + 1
		p.Body = append(p.Body, '[')
	} else {
		p.Body = append(p.Body, ',')
	}
	p.Body = append(p.Body, '[')
	for i := range rd.columns {
		if i > 0 {
			p.Body = append(p.Body, ',')
		}
		p.Body = rd.cells[i].appendJSON(p.Body)
	}
	p.Body = append(p.Body, ']')
	p.Count++
	rd.rows++
	rd.remember()
	if p.Count >= rd.r.opts.pageRows || len(p.Body) >= sqlPageSize {
		return rd.hand()
	}
	return nil
}

// remember keeps the row as the one behind which reading continues.
func (rd *sqlRead) remember() {
	if len(rd.st.sql.key) == 0 {
		return
	}
	if rd.last == nil {
		rd.last = make([][]byte, len(rd.order))
	}
	for i, c := range rd.order {
		rd.last[i] = append(rd.last[i][:0], rd.cells[c].text...)
	}
	at := &rd.parts[0]
	if at.after == nil {
		at.after = &sqlPosition{values: rd.last}
	}
}

// hand passes the page on with the cursor to save behind it.
func (rd *sqlRead) hand() error {
	p := &rd.page
	if p.Count == 0 {
		return nil
	}
	p.Body = append(p.Body, ']')
	rd.given++
	p.Columns, p.Pass, p.Keys = rd.columns, rd.st.pass, rd.st.keys
	if inc := rd.st.sql.inc; inc != nil {
		rd.watermark = inc.watermark(rd.watermark, string(rd.last[0]), rd.b.curType, rd.now)
		if rd.watermark != "" {
			rd.run.state.Cursors[""] = rd.watermark
			var err error
			if p.State, err = rd.run.state.marshal(); err != nil {
				return err
			}
		}
	}
	out := *p
	rd.page = Page{Body: make([]byte, 0, len(out.Body)+len(out.Body)/8)}
	return rd.run.hand(out)
}
