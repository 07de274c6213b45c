package extract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// How long counting may take: for a progress bar, and when the user asks for a check.
const (
	sqlCountWait = 3 * time.Second
	sqlCheckWait = 30 * time.Second
)

// checkSQLColumns reports what the stream names and the query does not give.
func checkSQLColumns(columns []string, st *streamSpec) error {
	for i, c := range columns {
		if slices.Contains(columns[:i], c) {
			return &Error{Field: "query", Err: fmt.Errorf("the column %q stands twice", c), Found: strings.Join(columns, ", "), Hint: "Give one of them another name with AS"}
		}
	}
	need := func(field string, names []string) error {
		for _, n := range names {
			if !slices.Contains(columns, n) {
				return &Error{Field: field, Err: fmt.Errorf("the column %s is not in the result%s", n, oneOf(n, columns)), Hint: "Add it to the query, or write its name as the database does"}
			}
		}
		return nil
	}
	if err := need("key", st.sql.key); err != nil {
		return err
	}
	if st.sql.inc != nil {
		if err := need("incremental", st.sql.inc.fields); err != nil {
			return err
		}
	}
	err := missingColumns(columns, st)
	var e *Error
	if errors.As(err, &e) {
		e.Field, e.Err = "emit", errors.New(strings.ReplaceAll(e.Err.Error(), "the file does not have", "the query does not give"))
		e.Hint = strings.NewReplacer(", or mend the file's header", ", or add it to the query", "The file seems to have another delimiter: set delimiter", "Add it to the query").Replace(e.Hint)
	}
	return err
}

// columns lists the columns that a stream's query or table has, without looking at key and cursor; nil if they cannot be had.
func (r *sqlReader) columns(ctx context.Context, st *streamSpec) []string {
	plain := sqlStream{query: st.sql.query, table: st.sql.table}
	s, err := r.session(ctx)
	if err != nil {
		return nil
	}
	defer s.end()
	rows, done, err := s.query(ctx, newSQLBuilder(r.dialect, &plain, r.opts.schema).probe())
	if err != nil {
		return nil
	}
	defer done()
	columns, _ := rows.Columns()
	return columns
}

// tables lists the tables that the user may see, with their schema; nil if they cannot be had.
func (r *sqlReader) tables(ctx context.Context) (out []string) {
	s, err := r.session(ctx)
	if err != nil {
		return nil
	}
	defer s.end()
	rows, done, err := s.query(ctx, "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema NOT IN ('information_schema', 'pg_catalog', 'mysql', 'sys', 'performance_schema') ORDER BY 1, 2")
	if err != nil {
		return nil
	}
	defer done()
	for rows.Next() {
		var schema, table string
		if rows.Scan(&schema, &table) == nil {
			out = append(out, schema+"."+table)
		}
	}
	return out
}

// count counts the rows that pages would yield, if that takes no time to speak of.
func (r *sqlReader) count(ctx context.Context, st *streamSpec, state cursorState) (int64, bool, error) {
	short, cancel := context.WithTimeout(ctx, sqlCountWait)
	defer cancel()
	s, err := r.session(short)
	if err != nil {
		return 0, false, nil // reading says what is wrong
	}
	defer s.end()
	rd := &sqlRead{r: r, st: st, b: newSQLBuilder(r.dialect, &st.sql, r.opts.schema), saved: state.Cursors[""]}
	if err := rd.describe(short, s); err != nil {
		return 0, false, nil
	}
	sum, err := rd.summary(short, s, rd.saved)
	return sum.rows, err == nil, ctx.Err()
}

// sqlSummary is how many rows there are, and between which cursor values.
type sqlSummary struct {
	rows, dated   int64 // dated have a cursor value
	first, latest sqlCell
}

func (rd *sqlRead) summary(ctx context.Context, s *sqlSession, saved string) (sum sqlSummary, err error) {
	since := ""
	if inc := rd.st.sql.inc; inc != nil {
		if since, err = inc.since(saved, rd.b.curType); err != nil {
			return sum, err
		}
	}
	query, args, err := rd.b.summary(since)
	if err != nil {
		return sum, err
	}
	rows, done, err := s.query(ctx, query, args...)
	if err != nil {
		return sum, err
	}
	defer done()
	into := []any{&sum.rows}
	if rd.st.sql.inc != nil {
		sum.first.typ, sum.latest.typ = rd.b.curType, rd.b.curType
		into = append(into, &sum.dated, &sum.first, &sum.latest)
	}
	if rows.Next() {
		err = rows.Scan(into...)
	}
	return sum, errors.Join(err, rows.Err())
}

// probe signs in once.
func (r *sqlReader) probe(ctx context.Context) *StreamCheck {
	s, err := r.session(ctx)
	if err == nil {
		s.end()
		return nil
	}
	fault, _ := faultOf(err)
	return &StreamCheck{Rows: -1, Reachable: fault == sqlSignIn || fault == sqlNoDatabase || fault == sqlDenied, Err: r.explain(err)}
}

// check describes a stream, looks for rows without key, and counts.
func (r *sqlReader) check(ctx context.Context, st *streamSpec) StreamCheck {
	c := StreamCheck{Rows: -1, Reachable: true, Timezone: r.src.location.String()}
	s, err := r.session(ctx)
	if err != nil {
		c.Err = r.explain(err)
		return c
	}
	defer s.end()
	c.Skew = s.skew
	rd := &sqlRead{r: r, st: st, b: newSQLBuilder(r.dialect, &st.sql, r.opts.schema)}
	if err := rd.describe(ctx, s); err != nil {
		fault, _ := faultOf(err)
		c.Authorised, c.Err = fault != sqlDenied && fault != sqlNoTable, r.explain(err)
		if columns := r.columns(ctx, st); columns != nil {
			c.Missing = lacking(columns, st)
		}
		return c
	}
	c.Authorised = true
	c.Detail = "Columns " + strings.Join(rd.columns, ", ")
	var notes []string
	if r.unshared.Load() {
		notes = append(notes, "the database does not allow snapshots, so each statement sees an instant of its own")
	}
	if note := s.zoneNote(ctx, rd); note != "" {
		notes = append(notes, note)
	}
	limited, cancel := context.WithTimeout(ctx, sqlCheckWait)
	defer cancel()
	if len(st.sql.key) > 0 {
		if err := rd.keyless(limited, s, ""); err != nil && limited.Err() == nil {
			c.Err = r.explain(err)
			return c
		}
	}
	sum, err := rd.summary(limited, s, "")
	if err != nil {
		notes = append(notes, "the rows were not counted, that takes too long")
	} else if c.Rows = sum.rows; st.sql.inc != nil {
		c.Earliest, c.Latest = string(sum.first.text), string(sum.latest.text)
		if none := sum.rows - sum.dated; none > 0 {
			notes = append(notes, fmt.Sprintf("%d rows have no value in %s: each run reads them again", none, strings.Join(st.sql.inc.fields, " or ")))
		}
	}
	c.Note = strings.Join(notes, "; ")
	return c
}

// lacking lists the columns that a stream names and the query does not give.
func lacking(columns []string, st *streamSpec) (out []string) {
	names := slices.Clone(st.sql.key)
	if st.sql.inc != nil {
		names = append(names, st.sql.inc.fields...)
	}
	names = append(names, st.sql.columns...)
	for _, alternatives := range wantedColumns(st.mapping) {
		there := func(name string) bool {
			head, _, _ := strings.Cut(name, ".")
			return slices.Contains(columns, name) || slices.Contains(columns, head)
		}
		if !slices.ContainsFunc(alternatives, there) {
			names = append(names, alternatives[0])
		}
	}
	for _, n := range names {
		if !slices.Contains(columns, n) && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// zoneNote warns where dates with time stand in the rows without a zone, and
// the server keeps another zone than the source's setting says.
func (s *sqlSession) zoneNote(ctx context.Context, rd *sqlRead) string {
	naive := slices.ContainsFunc(rd.cells, func(c sqlCell) bool { return c.typ.kind == sqlNaive })
	if !naive {
		return ""
	}
	ask := map[string]string{driverPostgres: "SELECT reset_val FROM pg_settings WHERE name = 'TimeZone'",
		driverMySQL:     "SELECT CASE @@GLOBAL.time_zone WHEN 'SYSTEM' THEN @@system_time_zone ELSE @@GLOBAL.time_zone END",
		driverSQLServer: "SELECT DATENAME(TZOFFSET, SYSDATETIMEOFFSET())"}
	var zone string
	if s.tx.QueryRowContext(ctx, ask[s.r.opts.driver]).Scan(&zone) != nil {
		return ""
	}
	_, ours := s.now.In(s.r.src.location).Zone()
	if theirs, ok := zoneOffset(zone, s.now); ok && theirs == ours {
		return ""
	}
	return fmt.Sprintf("the server's zone is %s; dates with time that carry no zone are read as %s: set timezone if the ERP writes them otherwise", zone, s.r.src.location)
}

// zoneOffset reads a zone's name, or an offset such as +08:00, as seconds east of UTC.
func zoneOffset(zone string, at time.Time) (int, bool) {
	if t, err := time.Parse("-07:00", zone); err == nil {
		_, offset := t.Zone()
		return offset, true
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return 0, false
	}
	_, offset := at.In(loc).Zone()
	return offset, true
}
