package extract

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// This file declares the keys of the sections that only connectors of the kind
// sql have: how to reach the database, and what a stream reads from it.

// sqlDrivers are the databases that can be read.
var sqlDrivers = []string{driverPostgres, driverMySQL, driverSQLServer}

const (
	driverPostgres  = "postgres"
	driverMySQL     = "mysql"
	driverSQLServer = "sqlserver"
)

// sqlDecl is how to reach a database, as templates over the settings.
type sqlDecl struct {
	driver, dsn, host, port, database, user, password, tls, tlsCA, schema *tmpl
	fetchSize, pageRows, statementTimeout, connectTimeout, snapshot       *tmpl
}

func (c *Connector) sqlFields() []field {
	d := &c.sql
	setting := func(name, help, def string, dst **tmpl) field {
		return field{name: name, help: help, typ: typeTemplate, def: def, set: c.asTemplate(dst), example: `"{{ .settings.` + name + ` }}"`}
	}
	driver := setting("driver", "which database: postgres, mysql or sqlserver", "", &d.driver)
	driver.required = true
	return []field{
		driver,
		setting("dsn", "whole address in the driver's form; in place of host, port, database, user and tls", "", &d.dsn),
		setting("host", "name or address of the server", "", &d.host),
		setting("port", "port of the server; 0 = the usual one", "0", &d.port),
		setting("database", "database to read", "", &d.database),
		setting("user", "user who may only read", "", &d.user),
		setting("password", "password of that user", "", &d.password),
		setting("tls", "off, prefer, require or verify", "prefer", &d.tls),
		setting("tls_ca", "file with the authority's certificate", "", &d.tlsCA),
		setting("schema", "schema of tables that name none", "", &d.schema),
		setting("fetch_size", "rows that one statement asks for; 0 = all", "50000", &d.fetchSize),
		setting("page_rows", "rows that are handed on together at most", "5000", &d.pageRows),
		setting("statement_timeout", "longest time of one statement", "5m", &d.statementTimeout),
		setting("connect_timeout", "longest time to connect and sign in", "15s", &d.connectTimeout),
		setting("snapshot", "whether a stream is read as it stood at one instant", "true", &d.snapshot),
	}
}

// sqlStreamDecl is what a stream reads from a database.
type sqlStreamDecl struct {
	query   *tmpl
	table   string
	columns []string
	key     []string
	inc     *sqlIncrementalDecl
}

// sqlIncrementalDecl is how a stream of a database continues.
type sqlIncrementalDecl struct {
	fields  []string // the first that is not NULL counts
	format  string   // of texts and numbers that hold an instant; empty = by the column's type
	start   *tmpl
	overlap string
}

// parseSQLStream reads a stream of a database.
func (c *Connector) parseSQLStream(n *yaml.Node, section string, st *streamDecl) error {
	if err := decode(n, section, c.sqlStreamFields(st)); err != nil {
		return err
	}
	return st.validateSQL(n, section)
}

// sqlStreamFields are the keys of a stream that is read from a database.
func (c *Connector) sqlStreamFields(st *streamDecl) []field {
	d := &st.sql
	return []field{
		{name: "name", help: "name of the stream", required: true, to: &st.name, example: "invoices"},
		{name: "title", help: "what it is", to: &st.title},
		{name: "only_if", help: "the stream is left out where this is empty or false", typ: typeTemplate, set: c.asTemplate(&st.onlyIf)},
		c.queryField(d),
		{name: "table", help: "table or view in place of a query, with its schema if it is not the usual one", to: &d.table, example: "sales.invoices"},
		{name: "columns", help: "columns of the table; empty = all", to: &d.columns, example: "[id, number, amount]"},
		{name: "key", help: "columns that together make a row unique; none of them is ever NULL", to: &d.key, example: "[company, id]"},
		{name: "incremental", help: "how to continue where the last run ended", typ: typeSection,
			sub: func() []field { return c.sqlIncrementalFields(&sqlIncrementalDecl{overlap: "10m"}, new(string)) },
			set: func(n *yaml.Node) error { return c.parseSQLIncremental(n, "stream "+st.name+".incremental", d) }},
		{name: "passes", help: "further reads of the stream, after the one for what changed", typ: typeSections, example: "[{name: keys, every: 24h, emit: [{to: invoices, fields: {invoice_id: id}}]}]",
			sub: func() []field { return c.sqlPassFields(&passDecl{streamDecl: streamDecl{sweep: true}}) },
			set: func(n *yaml.Node) error { return c.parseSQLPasses(n, "stream "+st.name+".passes", st) }},
		{name: "sweep", help: "a stream that is read whole each time: rows that were not met are deletions", to: &st.sweep},
		{name: "emit", help: "rows made of a record; canonical = columns are named as the canonical stream's", to: &st.emit, typ: typeEmit},
	}
}

func (c *Connector) queryField(d *sqlStreamDecl) field {
	return field{name: "query", help: "a SELECT without semicolon; it is wrapped, so it needs no order and no limit", typ: typeTemplate, set: c.asTemplate(&d.query),
		example: "SELECT id, number, amount, updated_at FROM invoices WHERE posted"}
}

func (c *Connector) sqlIncrementalFields(inc *sqlIncrementalDecl, single *string) []field {
	return []field{
		{name: "field", help: "column that grows with every change of a row", to: single, example: "updated_at"},
		{name: "fields", help: "several such columns: the first that is not NULL counts", to: &inc.fields, example: "[updated_at, created_at]"},
		{name: "format", help: "only for columns of text or numbers that hold an instant: epoch_s, epoch_ms, or a pattern such as YYYYMMDDHHmmss", to: &inc.format},
		{name: "start", help: "cursor of the first read; empty = from the beginning", typ: typeTemplate, set: c.asTemplate(&inc.start), example: `"2020-01-01"`},
		{name: "overlap", help: "what was changed that long before the cursor is read again; for columns of numbers a number; longer than the longest transaction", to: &inc.overlap},
	}
}

func (c *Connector) parseSQLIncremental(n *yaml.Node, section string, d *sqlStreamDecl) error {
	inc, single := &sqlIncrementalDecl{overlap: "10m"}, ""
	if err := decode(n, section, c.sqlIncrementalFields(inc, &single)); err != nil {
		return err
	}
	switch {
	case single != "" && len(inc.fields) > 0:
		return at(n, `%s: either "field" or "fields"`, section)
	case single != "":
		inc.fields = []string{single}
	case len(inc.fields) == 0:
		return at(n, `%s needs the key "field"`, section)
	}
	if inc.format != "" {
		if _, err := newCursorFormat(inc.format, time.UTC); err != nil {
			return at(n, "%s: %v", section, err)
		}
	}
	if _, err := parseOverlap(inc.overlap); err != nil {
		return at(n, "%s: overlap %v", section, err)
	}
	d.inc = inc
	return nil
}

func (c *Connector) sqlPassFields(p *passDecl) []field {
	return []field{
		{name: "name", help: "name of the pass", required: true, to: &p.name, example: "keys"},
		{name: "kind", help: "open = what may have moved without a sign; keys = identifiers only, for deletions and lost rows; full = everything; empty = as the name", allowed: passKinds, to: &p.kind},
		{name: "every", help: "how often; 0s = in each run", typ: typeDuration, def: "0s", set: c.asSpan(&p.every), example: "24h"},
		c.queryField(&p.sql),
		{name: "sweep", help: "full: rows that were not met are deletions", to: &p.sweep},
		{name: "emit", help: "keys: the identifiers of a record, by table", typ: typeEmit, to: &p.emit},
	}
}

func (c *Connector) parseSQLPasses(n *yaml.Node, section string, st *streamDecl) error {
	seen := map[string]bool{passChanged: true}
	return eachSection(n, func(item *yaml.Node) error {
		p := passDecl{streamDecl: streamDecl{line: item.Line, sweep: true}}
		if err := decode(item, section, c.sqlPassFields(&p)); err != nil {
			return err
		}
		kind := passKind([]*passDecl{&p})
		switch {
		case seen[p.name]:
			return at(item, "%s: the name %q is taken", section, p.name)
		case !slices.Contains(passKinds, kind):
			return at(item, `%s: pass %s needs the key "kind", since its name is none of %s`, section, p.name, strings.Join(passKinds, ", "))
		case (kind == "keys") != (p.emit != nil):
			return at(item, `%s: pass %s: a pass for keys has the key "emit", with the identifiers of its rows, and no other has`, section, p.name)
		case kind == "open" && p.sql.query.empty():
			return at(item, `%s: pass %s needs the key "query", which gives the open ones of the stream's rows`, section, p.name)
		}
		seen[p.name] = true
		st.passes = append(st.passes, p)
		return nil
	})
}

// sqlOverlap is how far a run goes back behind the saved cursor.
type sqlOverlap struct {
	time   time.Duration // of instants
	number *big.Int      // of numbers; nil = none
}

func parseOverlap(s string) (sqlOverlap, error) {
	if n, ok := new(big.Int).SetString(s, 10); ok && n.Sign() >= 0 {
		return sqlOverlap{number: n}, nil
	}
	d, err := parseSpan(s)
	if err != nil {
		return sqlOverlap{}, fmt.Errorf("is %q, expected a length of time such as 10m, or for columns of numbers a whole number", s)
	}
	return sqlOverlap{time: d}, nil
}

// validateSQL reports what a stream lacks or has too much of.
func (st *streamDecl) validateSQL(n *yaml.Node, section string) error {
	d := &st.sql
	switch {
	case d.query.empty() && d.table == "":
		return at(n, `%s needs the key "query", or "table"`, section)
	case !d.query.empty() && d.table != "":
		return at(n, `%s: either "query" or "table"`, section)
	case !d.query.empty() && len(d.columns) > 0:
		return at(n, `%s: "columns" goes with "table"; a query names its columns itself`, section)
	case d.inc != nil && len(d.key) == 0:
		return at(n, `%s: incremental needs the key "key": the columns that tell rows with one cursor value apart`, section)
	case d.inc != nil && st.sweep:
		return at(n, `%s: "sweep" is for streams that are read whole each time; with incremental, deletions are found by a pass for keys`, section)
	}
	for i, k := range d.key {
		if slices.Contains(d.key[:i], k) {
			return at(n, "%s: key names %q twice", section, k)
		}
	}
	return nil
}

// doc tells what the stream reads and by which columns it continues.
func (d *sqlStreamDecl) doc() (reads, continues string) {
	if reads = d.table; reads == "" {
		reads = strings.Join(strings.Fields(d.query.text()), " ")
	}
	if d.inc != nil {
		continues = strings.Join(d.inc.fields, ", ")
	}
	return reads, continues
}

// sqlStream is a stream of a database with its settings filled in.
type sqlStream struct {
	query   string // as the user wrote it, without semicolon and blanks at the ends; empty = table
	table   []string
	columns []string
	key     []string
	inc     *sqlIncremental
}

// open fills in the settings of a stream.
func (d *sqlStreamDecl) open(s *Source, driver string) (sqlStream, error) {
	out := sqlStream{columns: d.columns, key: d.key}
	text, err := d.query.render(s.settings.data())
	if err != nil {
		return out, err
	}
	if d.table != "" {
		if out.table, err = splitName(d.table); err != nil {
			return out, &Error{Field: "table", Found: d.table, Err: err}
		}
	} else if out.query, err = oneSelect(text, driver); err != nil {
		return out, &Error{Field: "query", Err: err}
	}
	if d.inc != nil {
		out.inc, err = d.inc.open(s)
	}
	return out, err
}

// sqlOptions are the rendered values of the sql section.
type sqlOptions struct {
	driver, dsn, host, database, user, password, tls, tlsCA, schema string
	port, fetchSize, pageRows                                       int
	statementTimeout, connectTimeout                                time.Duration
	snapshot                                                        bool
}

func (d *sqlDecl) open(s *Source) (sqlOptions, error) {
	o := sqlOptions{fetchSize: 50_000, pageRows: 5000, statementTimeout: 5 * time.Minute, connectTimeout: 15 * time.Second, snapshot: true, tls: "prefer"}
	var errs []error
	text := func(t *tmpl, name string, set func(string) error) {
		v, err := t.render(s.settings.data())
		if err == nil && v != "" {
			err = set(v)
		}
		if err != nil {
			errs = append(errs, &Error{Source: s.name, Field: name, Err: err})
		}
	}
	into := func(dst *string) func(string) error { return func(v string) error { *dst = v; return nil } }
	whole := func(dst *int) func(string) error {
		return func(v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < 0 {
				return fmt.Errorf("found %q, expected a whole number of at least 0", v)
			}
			*dst = n
			return nil
		}
	}
	span := func(dst *time.Duration) func(string) error {
		return func(v string) error {
			n, err := time.ParseDuration(v)
			if err != nil || n <= 0 {
				return fmt.Errorf("found %q, expected a duration such as 5m", v)
			}
			*dst = n
			return nil
		}
	}
	for _, f := range []struct {
		t    *tmpl
		name string
		set  func(string) error
	}{
		{d.driver, "driver", into(&o.driver)}, {d.dsn, "dsn", into(&o.dsn)}, {d.host, "host", into(&o.host)},
		{d.port, "port", whole(&o.port)}, {d.database, "database", into(&o.database)}, {d.user, "user", into(&o.user)},
		{d.password, "password", into(&o.password)}, {d.tls, "tls", into(&o.tls)}, {d.tlsCA, "tls_ca", into(&o.tlsCA)},
		{d.schema, "schema", into(&o.schema)}, {d.fetchSize, "fetch_size", whole(&o.fetchSize)}, {d.pageRows, "page_rows", whole(&o.pageRows)},
		{d.statementTimeout, "statement_timeout", span(&o.statementTimeout)}, {d.connectTimeout, "connect_timeout", span(&o.connectTimeout)},
		{d.snapshot, "snapshot", func(v string) error { o.snapshot = v == "true"; return nil }},
	} {
		text(f.t, f.name, f.set)
	}
	if len(errs) == 0 {
		errs = append(errs, o.validate(s.name))
	}
	return o, errors.Join(errs...)
}

func (o *sqlOptions) validate(source string) error {
	switch {
	case !slices.Contains(sqlDrivers, o.driver):
		return &Error{Source: source, Field: "driver", Found: strconv.Quote(o.driver), Expected: strings.Join(sqlDrivers, ", ")}
	case !slices.Contains([]string{"off", "prefer", "require", "verify"}, o.tls):
		return &Error{Source: source, Field: "tls", Found: strconv.Quote(o.tls), Expected: "off, prefer, require or verify"}
	case o.dsn == "" && o.host == "":
		return &Error{Source: source, Field: "host", Err: errors.New("no server is named"), Hint: "Set host, database, user and password, or dsn"}
	case o.dsn != "" && o.host != "":
		return &Error{Source: source, Field: "dsn", Err: errors.New("dsn and host are both set"), Hint: "Set one of them"}
	}
	if o.pageRows == 0 {
		o.pageRows = 5000
	}
	return nil
}
