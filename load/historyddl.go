package load

import (
	"fmt"
	"slices"
	"strings"

	"huikuan/transform/canonical"
	"huikuan/transform/schema"
)

// HistoryDDL renders the tables of the documents' history and the view on them,
// in order, each safe to repeat. The document tables have to be there.
func HistoryDDL(p Profile, database, cluster string) []string {
	r := renderer{profile: p, database: database, cluster: cluster}
	return append(slices.Concat(r.firstSeen(), r.versionsLog()), r.versionsView())
}

// aggregating renders a table whose rows of one key the engine joins into one.
func (r renderer) aggregating(name, columns, key, comment string) []string {
	storage, engine, settings := name, "AggregatingMergeTree", ""
	if r.profile == Cluster {
		storage, engine = name+localSuffix, "ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')"
	}
	if r.profile == Embedded {
		settings = fmt.Sprintf("SETTINGS min_bytes_for_wide_part = %d, min_parts_to_merge_at_once = %d\n", wideParts, mergeParts)
	}
	out := []string{fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s%s\n(\n%s\n)\nENGINE = %s\nORDER BY %s\n%sCOMMENT %s",
		r.name(storage), r.onCluster(), columns, engine, key, settings, literal(comment))}
	if r.profile == Cluster {
		out = append(out, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s%s AS %s\nENGINE = Distributed(%s, %s, %s, cityHash64(document_id))\nCOMMENT %s",
			r.name(name), r.onCluster(), r.name(storage), literal(r.cluster), literal(r.database), literal(storage), literal(comment)))
	}
	return out
}

func (r renderer) firstSeen() []string {
	return r.aggregating(firstSeenTable, `    stream LowCardinality(String) COMMENT 'document table',
    source LowCardinality(String) COMMENT 'name of the configured source',
    document_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    first_seen SimpleAggregateFunction(min, DateTime64(6, 'UTC')) COMMENT 'when the first page with it was received' CODEC(ZSTD(1))`,
		"(stream, source, document_id)", "since when documents are known that were loaded more than once")
}

// contents are the columns of a content, in order, with their SQL over invoices
// and over instalments; instalments lack some.
var contents = []struct{ name, invoices, instalments string }{
	{"customer_id", "toNullable(customer_id)", ""},
	{"document_date", "toNullable(invoice_date)", ""},
	{"due_date", "due_date", "toNullable(due_date)"},
	{"terms_code", "CAST(terms_code, 'Nullable(String)')", ""},
	{"currency", "CAST(currency, 'Nullable(String)')", ""},
	{"amount", "gross_amount", "amount"},
}

func (r renderer) versionsLog() []string {
	t := canonical.Histories()[0]
	var columns []string
	add := func(name, chType, codec string) {
		c, _ := t.Column(name)
		columns = append(columns, "    "+name+" "+chType+commentSQL(c)+codec)
	}
	for _, name := range []string{"source", "stream", "document_id", "instalment_seq"} {
		c, _ := t.Column(name)
		add(name, c.Kind.ClickHouse(c.Nullable), codecSQL(c))
	}
	columns = append(columns, "    content UInt64 COMMENT 'hash of the content'")
	content := func(name string) {
		c, _ := t.Column(name)
		if c.Kind == schema.Label {
			c.Kind = schema.Text
		}
		add(name, "SimpleAggregateFunction(any, "+c.Kind.ClickHouse(c.Nullable)+")", codecSQL(c))
	}
	for _, c := range contents {
		content(c.name)
	}
	content("edited_by")
	add("seen_at", "SimpleAggregateFunction(min, DateTime64(6, 'UTC'))", " CODEC(ZSTD(1))")
	add("last_seen_at", "SimpleAggregateFunction(max, DateTime64(6, 'UTC'))", " CODEC(ZSTD(1))")
	columns = append(columns, "    made_by SimpleAggregateFunction(min, Tuple(UInt64, String)) COMMENT 'version of the row that had it first, and its run' CODEC(ZSTD(1))")
	return r.aggregating(versionsLog, strings.Join(columns, ",\n"), "(document_id, source, stream, instalment_seq, content)", t.Comment)
}

// versionsSelect lists the columns of the log over a document table.
func versionsSelect(table string) string {
	seq, editedBy := "toInt64(0)", "edited_by"
	if table == "instalments" {
		seq, editedBy = "seq", "CAST(NULL, 'Nullable(String)')"
	}
	t := canonical.Histories()[0]
	var columns, hashed []string
	for _, c := range contents {
		expression := c.invoices
		if table == "instalments" {
			expression = c.instalments
		}
		if expression == "" {
			column, _ := t.Column(c.name)
			if column.Kind == schema.Label {
				column.Kind = schema.Text
			}
			expression = "CAST(NULL, " + literal(column.Kind.ClickHouse(true)) + ")"
		} else {
			hashed = append(hashed, "tuple("+expression+")") // NULL differs from every value
		}
		columns = append(columns, "    "+expression+" AS "+c.name)
	}
	return fmt.Sprintf(`SELECT
    source,
    '%s' AS stream,
    invoice_id AS document_id,
    %s AS instalment_seq,
    sipHash64(%s) AS content,
%s,
    %s AS edited_by,
    %s AS seen_at,
    seen_at AS last_seen_at,
    (_version, _run_id) AS made_by`, table, seq, strings.Join(hashed, ", "), strings.Join(columns, ",\n"), editedBy, seenSQL)
}

// versionsView joins the log with what holds now, and shows of each page what
// the last replay made of it.
func (r renderer) versionsView() string {
	t := canonical.Histories()[0]
	var head, columns, inner []string
	for _, c := range t.Columns {
		head = append(head, "    "+ident(c.Name)+" "+c.Kind.ClickHouse(c.Nullable)+commentSQL(c))
		columns = append(columns, "    "+ident(c.Name))
		switch c.Name {
		case "source", "stream", "document_id", "instalment_seq":
			inner = append(inner, "        l."+c.Name+" AS "+c.Name)
		case "seen_at":
			inner = append(inner, "        min(l.seen_at) AS seen_at")
		case "last_seen_at":
			inner = append(inner, "        max(l.last_seen_at) AS last_seen_at")
		case "run_id":
			inner = append(inner, "        min(l.made_by).2 AS run_id")
		default:
			inner = append(inner, "        any(l."+c.Name+") AS "+c.Name)
		}
	}
	now := func(table string) string {
		return fmt.Sprintf("%s\nFROM %s FINAL\nWHERE _deleted = 0 AND invoice_id GLOBAL IN (SELECT document_id FROM %s)",
			versionsSelect(table), r.name(table+docsSuffix), r.name(versionsLog))
	}
	return fmt.Sprintf(`CREATE OR REPLACE VIEW %s%s
(
%s
)
AS SELECT
%s
FROM (
    SELECT
%s,
        min(l.made_by).1 AS made_under
    FROM (
SELECT source, stream, document_id, instalment_seq, content, %s, edited_by, seen_at, last_seen_at, made_by
FROM %s
UNION ALL
%s
UNION ALL
%s
    ) AS l
    GROUP BY l.source, l.stream, l.document_id, l.instalment_seq, l.content
)
ORDER BY source, stream, document_id, instalment_seq, made_under DESC
LIMIT 1 BY source, stream, document_id, instalment_seq, if(made_under > %s, intDiv(made_under, %d), made_under)
COMMENT %s`, r.name(t.Name), r.onCluster(), strings.Join(head, ",\n"), strings.Join(columns, ",\n"), strings.Join(inner, ",\n"),
		contentNames(), r.name(versionsLog), now("invoices"), now("instalments"), plainVersions, VersionLadder, literal(t.Comment))
}

func contentNames() string {
	names := make([]string, len(contents))
	for i, c := range contents {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}
