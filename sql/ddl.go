package sql

import (
	"fmt"
	"strings"
)

// Profile says which kind of ClickHouse the statements are for.
type Profile string

// The profiles of the architecture.
const (
	Embedded Profile = "embedded"
	Server   Profile = "server"
	// Cluster keeps every model's table whole on every node, so that any node
	// can be asked: models are small beside the documents they are made from.
	Cluster Profile = "cluster"
)

// dialect writes the statements of a build for one profile.
type dialect struct {
	database string // empty: the connection's own
	profile  Profile
	cluster  string
}

// table is the full, quoted name.
func (d dialect) table(name string) string {
	if d.database == "" {
		return quoteName(name)
	}
	return quoteName(d.database) + "." + quoteName(name)
}

// databaseExpr is the database as an expression, for system tables.
func (d dialect) databaseExpr() string {
	if d.database == "" {
		return "currentDatabase()"
	}
	return quoteText(d.database)
}

func (d dialect) onCluster() string {
	if d.profile != Cluster {
		return ""
	}
	return " ON CLUSTER " + quoteText(d.cluster)
}

func (d dialect) engine() string {
	if d.profile == Cluster {
		return "ReplicatedMergeTree('/clickhouse/tables/{uuid}/all', '{shard}-{replica}')"
	}
	return "MergeTree"
}

// createTable makes an empty table with the columns of the SELECT.
func (d dialect) createTable(name string, orderBy []string, query string) string {
	return fmt.Sprintf("CREATE TABLE %s%s ENGINE = %s ORDER BY (%s) SETTINGS allow_nullable_key = 1 EMPTY AS\n%s",
		d.table(name), d.onCluster(), d.engine(), quoteNames(orderBy), query)
}

// spillBytes is the memory that the groups, or the rows to be sorted, of one
// model may take. Beyond it the engine keeps them on disk: a model that knows a
// hundred thousand customers on a hundred days would otherwise take as much
// memory as the machine has. Two models are often built at once.
const spillBytes = 1_500_000_000

// fillInParts has the rows of a model sorted and written while the next ones are
// computed, on two threads. In parts of its own size, a million rows, the engine
// does the one after the other, and all of it on one thread.
const fillInParts = "max_insert_threads = 2, min_insert_block_size_rows = 400000"

func (d dialect) fill(name, query string) string {
	return fmt.Sprintf("INSERT INTO %s SETTINGS %s, %s, max_bytes_before_external_group_by = %[4]d, max_bytes_before_external_sort = %[4]d\n%[5]s", d.table(name), anyMonth, fillInParts, spillBytes, query)
}

// anyMonth lets toStartOfMonth and its like answer for every day that a source
// may send: without it the month of a due date of 2299 is none.
const anyMonth = AnyMonth + " = 1"

// AnyMonth is the setting that anyMonth gives, for the requests of a reader: see
// load.WithSetting.
const AnyMonth = "enable_extended_results_for_datetime_functions"

// attachAll gives a table the parts of another of the same shape, without a copy.
func (d dialect) attachAll(name, from string) string {
	return fmt.Sprintf("ALTER TABLE %s ATTACH PARTITION ALL FROM %s", d.table(name), d.table(from))
}

// describe puts the header's texts into the table as comments.
func (d dialect) describe(name string, m Model) string {
	var b strings.Builder
	fmt.Fprintf(&b, "ALTER TABLE %s%s", d.table(name), d.onCluster())
	for _, c := range m.Columns {
		fmt.Fprintf(&b, " COMMENT COLUMN %s %s,", quoteName(c.Name), quoteText(c.comment()))
	}
	fmt.Fprintf(&b, " MODIFY COMMENT %s", quoteText(m.comment()))
	return b.String()
}

// createView makes a view whose columns carry the header's texts as comments.
func (d dialect) createView(name string, m Model, types []columnType, query string) string {
	columns := make([]string, len(types))
	for i, t := range types {
		columns[i] = "    " + quoteName(t.name) + " " + t.typ
		if c, ok := m.column(t.name); ok {
			columns[i] += " COMMENT " + quoteText(c.comment())
		}
	}
	return fmt.Sprintf("CREATE OR REPLACE VIEW %s%s (\n%s\n) AS\n%s\nCOMMENT %s", d.table(name), d.onCluster(), strings.Join(columns, ",\n"), query, quoteText(m.comment()))
}

func (d dialect) drop(name string) string {
	return fmt.Sprintf("DROP TABLE IF EXISTS %s%s", d.table(name), d.onCluster())
}

func (d dialect) exchange(a, b string) string {
	return fmt.Sprintf("EXCHANGE TABLES %s AND %s%s", d.table(a), d.table(b), d.onCluster())
}

func (d dialect) rename(from, to string) string {
	return fmt.Sprintf("RENAME TABLE %s TO %s%s", d.table(from), d.table(to), d.onCluster())
}

// createFailed makes the table that keeps the rows that broke a model's tests,
// each as one JSON object, until the next build of the model.
func (d dialect) createFailed(name string) string {
	return fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s%s (
    failed_at DateTime64(3, 'UTC') COMMENT 'instant of the test, UTC',
    test String COMMENT 'name of the test',
    severity LowCardinality(String) COMMENT 'error or warn',
    row String COMMENT 'the row as a JSON object'
) ENGINE = %s ORDER BY (test, failed_at)`, d.table(name), d.onCluster(), d.engine())
}

func (d dialect) storeFailed(name string, t Test, query string) string {
	return fmt.Sprintf("INSERT INTO %s SELECT now64(3, 'UTC'), %s, %s, trimRight(formatRow('JSONEachRow', *), '\\n') FROM (%s) LIMIT %d SETTINGS %s, output_format_json_quote_decimals = 1",
		d.table(name), quoteText(t.Name), quoteText(string(t.Severity)), query, storedRows, anyMonth)
}

// storedRows is how many failing rows of a test are kept.
const storedRows = 10_000

// columnType is a column as the engine reports it.
type columnType struct{ name, typ string }

func (c Column) comment() string {
	if c.Unit == "" {
		return c.Description
	}
	return c.Description + " (" + c.Unit + ")"
}

func (m Model) comment() string {
	if m.Grain == "" {
		return m.Description
	}
	return m.Description + " One row: " + m.Grain + "."
}

func (m Model) column(name string) (Column, bool) {
	for _, c := range m.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}
