package extract

import (
	"fmt"
	"strconv"
	"strings"
)

// sqlDialect is how a database writes what the reader asks. Values never stand
// in a statement's text; they are always parameters.
type sqlDialect struct {
	open, close string // of a quoted name; close is doubled inside
	param       func(n int) string
	// typed writes a parameter as a value of a column's type, where comparing it as it is would lose precision or the index.
	typed func(param string, t sqlType) string
	// tuples: (a, b) > (x, y) is understood and uses an index.
	tuples bool
	// top: the number of rows stands behind SELECT, not at the end.
	top bool
}

var sqlDialects = map[string]sqlDialect{
	driverPostgres: {open: `"`, close: `"`, tuples: true,
		param: func(n int) string { return "$" + strconv.Itoa(n) },
		typed: func(p string, _ sqlType) string { return p }, // the server takes the type from the column
	},
	driverMySQL: {open: "`", close: "`",
		param: func(int) string { return "?" },
		typed: typedMySQL,
	},
	driverSQLServer: {open: "[", close: "]", top: true,
		param: func(n int) string { return "@p" + strconv.Itoa(n) },
		typed: typedSQLServer,
	},
}

func (d sqlDialect) quote(name string) string {
	return d.open + strings.ReplaceAll(name, d.close, d.close+d.close) + d.close
}

func (d sqlDialect) quoteAll(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = d.quote(n)
	}
	return out
}

// typedMySQL keeps MySQL from comparing decimals as floating-point numbers and times as texts.
func typedMySQL(p string, t sqlType) string {
	switch t.kind {
	case sqlDecimal:
		return "CAST(" + p + " AS DECIMAL(65,30))"
	case sqlDate:
		return "CAST(" + p + " AS DATE)"
	case sqlNaive, sqlInstant:
		return "CAST(" + p + " AS DATETIME(6))"
	case sqlTime:
		return "CAST(" + p + " AS TIME(6))"
	}
	return p
}

// typedSQLServer gives a parameter the type of its column: a datetime compared
// with a datetime2 is never equal, and a varchar compared with nvarchar uses no index.
func typedSQLServer(p string, t sqlType) string {
	as := ""
	switch t.name {
	case "DATE", "DATETIME", "SMALLDATETIME", "MONEY", "SMALLMONEY", "UNIQUEIDENTIFIER":
		as = strings.ToLower(t.name)
	case "DATETIME2", "DATETIMEOFFSET", "TIME":
		as = strings.ToLower(t.name) + "(7)"
	case "DECIMAL":
		as = fmt.Sprintf("decimal(38,%d)", t.scale)
	case "CHAR", "VARCHAR":
		as = "varchar(8000)"
	case "BINARY", "VARBINARY":
		as = "varbinary(8000)"
	}
	if as == "" {
		return p
	}
	return "CAST(" + p + " AS " + as + ")"
}

// sqlCursorColumn is the name under which a statement gives the cursor's value.
const sqlCursorColumn = "huikuan_cursor"

// sqlBuilder writes the statements of one stream.
type sqlBuilder struct {
	d       sqlDialect
	base    string // the query, or the SELECT that reads the table
	cursor  string // expression of the cursor; empty = the stream is not incremental
	key     []string
	curType sqlType
	types   []sqlType // of the key's columns
}

func newSQLBuilder(d sqlDialect, st *sqlStream, schema string) *sqlBuilder {
	b := &sqlBuilder{d: d, base: st.query}
	if st.query == "" {
		columns := "*"
		if len(st.columns) > 0 {
			columns = strings.Join(d.quoteAll(st.columns), ", ")
		}
		table := st.table
		if len(table) == 1 && schema != "" {
			table = []string{schema, table[0]}
		}
		b.base = "SELECT " + columns + " FROM " + strings.Join(d.quoteAll(table), ".")
	}
	for _, k := range st.key {
		b.key = append(b.key, "q."+d.quote(k))
	}
	if st.inc != nil {
		var fields []string
		for _, f := range st.inc.fields {
			fields = append(fields, "q."+d.quote(f))
		}
		if b.cursor = fields[0]; len(fields) > 1 {
			b.cursor = "COALESCE(" + strings.Join(fields, ", ") + ")"
		}
	}
	return b
}

// from is the wrapped query. It stands on lines of its own, so that a comment at its end ends there.
func (b *sqlBuilder) from() string { return "FROM (\n" + b.base + "\n) q" }

// probe asks for the columns and no rows.
func (b *sqlBuilder) probe() string {
	if b.cursor == "" {
		return "SELECT q.* " + b.from() + "\nWHERE 1 = 0"
	}
	return "SELECT q.*, " + b.cursor + " AS " + sqlCursorColumn + " " + b.from() + "\nWHERE 1 = 0"
}

// sqlPart is which rows a statement is about.
type sqlPart struct {
	nulls bool   // rows without cursor value, instead of those with
	since string // cursor value to begin at, itself included; empty = the lowest
	after *sqlPosition
}

// sqlPosition is the row behind which a statement continues.
type sqlPosition struct {
	values [][]byte // canonical texts of the cursor, if the stream has one, and the key
}

// rows reads the next rows of a part in order of cursor and key; limit 0 = all.
func (b *sqlBuilder) rows(p sqlPart, limit int) (string, []any, error) {
	order := b.key
	if b.cursor != "" && !p.nulls {
		order = append([]string{b.cursor}, b.key...)
	}
	w := sqlWhere{b: b}
	if err := w.part(p, order); err != nil {
		return "", nil, err
	}
	var s strings.Builder
	s.WriteString("SELECT ")
	if b.d.top && limit > 0 {
		fmt.Fprintf(&s, "TOP (%d) ", limit)
	}
	s.WriteString("q.*")
	if b.cursor != "" {
		s.WriteString(", " + b.cursor + " AS " + sqlCursorColumn)
	}
	s.WriteString(" " + b.from())
	s.WriteString(w.clause())
	if len(order) > 0 {
		s.WriteString("\nORDER BY " + strings.Join(order, ", "))
	}
	if !b.d.top && limit > 0 {
		fmt.Fprintf(&s, "\nLIMIT %d", limit)
	}
	return s.String(), w.args, nil
}

// summary counts the rows from a cursor value on, and finds the lowest and highest.
func (b *sqlBuilder) summary(since string) (string, []any, error) {
	w := sqlWhere{b: b}
	if err := w.since(since); err != nil {
		return "", nil, err
	}
	columns := "COUNT(*)"
	if b.cursor != "" {
		columns += fmt.Sprintf(", COUNT(%s), MIN(%s), MAX(%s)", b.cursor, b.cursor, b.cursor)
	}
	return "SELECT " + columns + " " + b.from() + w.clause(), w.args, nil
}

// keyless finds a row whose key is NULL among those that a run reads.
func (b *sqlBuilder) keyless(since string) (string, []any, error) {
	w := sqlWhere{b: b}
	if err := w.since(since); err != nil {
		return "", nil, err
	}
	var missing []string
	for _, k := range b.key {
		missing = append(missing, k+" IS NULL")
	}
	w.terms = append(w.terms, "("+strings.Join(missing, " OR ")+")")
	if b.d.top {
		return "SELECT TOP (1) 1 " + b.from() + w.clause(), w.args, nil
	}
	return "SELECT 1 " + b.from() + w.clause() + "\nLIMIT 1", w.args, nil
}

// sqlWhere gathers conditions and their parameters.
type sqlWhere struct {
	b     *sqlBuilder
	terms []string
	args  []any
}

func (w *sqlWhere) clause() string {
	if len(w.terms) == 0 {
		return ""
	}
	return "\nWHERE " + strings.Join(w.terms, "\n  AND ")
}

// value adds a parameter and returns how the statement writes it.
func (w *sqlWhere) value(text string, t sqlType) (string, error) {
	arg, err := t.argument(text)
	if err != nil {
		return "", err
	}
	w.args = append(w.args, arg)
	return w.b.d.typed(w.b.d.param(len(w.args)), t), nil
}

func (w *sqlWhere) since(since string) error {
	if since == "" || w.b.cursor == "" {
		return nil
	}
	v, err := w.value(since, w.b.curType)
	w.terms = append(w.terms, w.b.cursor+" >= "+v)
	return err
}

func (w *sqlWhere) part(p sqlPart, order []string) error {
	switch {
	case p.nulls:
		w.terms = append(w.terms, w.b.cursor+" IS NULL")
	case p.after == nil && p.since != "":
		return w.since(p.since)
	case p.after == nil && w.b.cursor != "":
		w.terms = append(w.terms, w.b.cursor+" IS NOT NULL")
	}
	if p.after == nil {
		return nil
	}
	var values []string
	for _, v := range p.after.values[len(p.after.values)-len(order):] {
		values = append(values, string(v))
	}
	types := w.b.types
	if len(order) > len(types) {
		types = append([]sqlType{w.b.curType}, types...)
	}
	if w.b.d.tuples {
		return w.tuple(order, values, types)
	}
	return w.ladder(order, values, types)
}

// tuple is (a, b) > (x, y).
func (w *sqlWhere) tuple(order, values []string, types []sqlType) error {
	params := make([]string, len(values))
	for i := range values {
		var err error
		if params[i], err = w.value(values[i], types[i]); err != nil {
			return err
		}
	}
	w.terms = append(w.terms, "("+strings.Join(order, ", ")+") > ("+strings.Join(params, ", ")+")")
	return nil
}

// ladder is a >= x AND (a > x OR a = x AND (b > y OR …)): the first term lets an index be used.
func (w *sqlWhere) ladder(order, values []string, types []sqlType) error {
	v, err := w.value(values[0], types[0])
	if err != nil {
		return err
	}
	last := len(order) - 1
	if last == 0 {
		w.terms = append(w.terms, order[0]+" > "+v)
		return nil
	}
	w.terms = append(w.terms, order[0]+" >= "+v)
	var s strings.Builder
	for i := range order {
		above, err := w.value(values[i], types[i])
		if err != nil {
			return err
		}
		s.WriteString("(" + order[i] + " > " + above)
		if i == last {
			break
		}
		equal, err := w.value(values[i], types[i])
		if err != nil {
			return err
		}
		s.WriteString(" OR " + order[i] + " = " + equal + " AND ")
	}
	w.terms = append(w.terms, s.String()+strings.Repeat(")", len(order)))
	return nil
}
