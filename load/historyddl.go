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
	columns = append(columns, "    content UInt64 COMMENT 'hash of the content'", "    follows "+followsColumn)
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
	return r.aggregating(versionsLog, strings.Join(columns, ",\n"), versionsKey, t.Comment)
}

// Of a log that was made before it told returns from what they return to, the
// sorting key is extended.
const (
	versionsKey   = "(document_id, source, stream, instalment_seq, content, follows)"
	followsColumn = "DateTime64(6, 'UTC') COMMENT 'of a content that comes back: when another one was seen last before; 1970 = it does not'"
)

// versionsLogUpdate renders what brings an older log to the present layout.
func (r renderer) versionsLogUpdate() []string {
	storage := versionsLog
	if r.profile == Cluster {
		storage += localSuffix
	}
	out := []string{fmt.Sprintf("ALTER TABLE %s%s ADD COLUMN IF NOT EXISTS follows %s AFTER content, MODIFY ORDER BY %s", r.name(storage), r.onCluster(), followsColumn, versionsKey)}
	if r.profile == Cluster {
		out = append(out, fmt.Sprintf("ALTER TABLE %s%s ADD COLUMN IF NOT EXISTS follows %s AFTER content", r.name(versionsLog), r.onCluster(), followsColumn))
	}
	return out
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

// keptParts are the rows of a document table that are about to be replaced, what
// the log has of their documents, of which among names the part, and the
// documents that ever said something else.
func (r renderer) keptParts(table, where, among string) string {
	document := "document_id"
	if table == "instalments" {
		document += ", instalment_seq"
	}
	return fmt.Sprintf(`WITH
kept AS (
%[1]s
FROM %[2]s
WHERE _deleted = 0 AND %[3]s
),
logged AS (SELECT source, document_id, instalment_seq, content, seen_at, last_seen_at FROM %[4]s WHERE stream = '%[5]s' AND %[6]s),
changed AS (
    SELECT document_id FROM logged GROUP BY %[7]s HAVING min(content) != max(content)
    UNION ALL
    SELECT document_id FROM kept GROUP BY %[7]s HAVING min(content) != max(content)
)`, versionsSelect(table), r.name(table+docsSuffix), where, r.name(versionsLog), table, among, document)
}

// versionsKept completes the columns of rows that are about to be replaced with
// follows: a content that comes back, after another one was seen, has a row of its
// own in the log. What else the documents said stands in the log or among the
// rows themselves.
func (r renderer) versionsKept(table, where, among string) string {
	return r.keptParts(table, where, among) + `,
known AS (
    SELECT source, document_id, instalment_seq, groupUniqArray((content, seen_at, last_seen_at)) AS sightings
    FROM (SELECT * FROM logged UNION ALL SELECT source, document_id, instalment_seq, content, seen_at, last_seen_at FROM kept)
    WHERE document_id GLOBAL IN (SELECT document_id FROM changed)
    GROUP BY source, document_id, instalment_seq
),
arrayMax(arrayPushBack(arrayMap(x -> x.3, arrayFilter(x -> x.1 != n.content AND x.3 < n.seen_at, k.sightings)), toDateTime64(0, 6, 'UTC'))) AS other
SELECT
    n.*,
    if(arrayExists(x -> x.1 = n.content AND x.2 < other, k.sightings), other, toDateTime64(0, 6, 'UTC')) AS follows
FROM kept AS n
GLOBAL LEFT JOIN known AS k ON k.document_id = n.document_id AND k.instalment_seq = n.instalment_seq AND k.source = n.source`
}

// versionsView joins the log with what holds now, shows of each page what the
// last replay made of it, and of equal contents in a row one.
func (r renderer) versionsView() string {
	t := canonical.Histories()[0]
	var head, columns, merged []string
	for _, c := range t.Columns {
		head = append(head, "    "+ident(c.Name)+" "+c.Kind.ClickHouse(c.Nullable)+commentSQL(c))
		columns = append(columns, "    "+ident(c.Name))
		switch c.Name {
		case "source", "stream", "document_id", "instalment_seq":
			merged = append(merged, "        s."+c.Name+" AS "+c.Name)
		case "seen_at":
			merged = append(merged, "        min(s.seen_at) AS seen_at")
		case "last_seen_at":
			merged = append(merged, "        max(s.last_seen_at) AS last_seen_at")
		case "run_id":
			merged = append(merged, "        min(s.made_by).2 AS run_id")
		default:
			merged = append(merged, "        any(s."+c.Name+") AS "+c.Name)
		}
	}
	now := func(table string) string {
		return fmt.Sprintf("%s,\n    toDateTime64(0, 6, 'UTC') AS follows,\n    1 AS holds\nFROM %s FINAL\nWHERE _deleted = 0 AND invoice_id GLOBAL IN (SELECT document_id FROM %s)",
			versionsSelect(table), r.name(table+docsSuffix), r.name(versionsLog))
	}
	const document = "source, stream, document_id, instalment_seq"
	return fmt.Sprintf(`CREATE OR REPLACE VIEW %[1]s%[2]s
(
%[3]s
)
AS SELECT
%[4]s
FROM (
    SELECT
%[5]s
    FROM (
        SELECT *, countIf(isNull(before) OR content != before) OVER (PARTITION BY %[6]s ORDER BY seen_at, made_by, content ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS nth
        FROM (
            SELECT *, lagInFrame(toNullable(content)) OVER (PARTITION BY %[6]s ORDER BY seen_at, made_by, content ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before
            FROM (
                SELECT *
                FROM (
SELECT %[6]s, content, follows, holds, %[7]s, any(l.edited_by) AS edited_by, min(l.seen_at) AS seen_at, max(l.last_seen_at) AS last_seen_at, min(l.made_by) AS made_by
FROM (
SELECT %[6]s, content, %[8]s, edited_by, seen_at, last_seen_at, made_by, follows, 0 AS holds
FROM %[9]s
UNION ALL
%[10]s
UNION ALL
%[11]s
) AS l
GROUP BY %[6]s, content, follows, holds
                )
                ORDER BY %[6]s, made_by.1 DESC, last_seen_at DESC
                LIMIT 1 BY %[6]s, if(made_by.1 > %[12]s, intDiv(made_by.1, %[13]d), made_by.1)
            )
        )
    ) AS s
    GROUP BY s.source, s.stream, s.document_id, s.instalment_seq, s.nth
)
COMMENT %[14]s`, r.name(t.Name), r.onCluster(), strings.Join(head, ",\n"), strings.Join(columns, ",\n"), strings.Join(merged, ",\n"),
		document, anyOfContents(), contentNames(), r.name(versionsLog), now("invoices"), now("instalments"), plainVersions, VersionLadder, literal(t.Comment))
}

// versionsColumns are the columns of the log in the order of [renderer.versionsKept].
func versionsColumns() string {
	return "source, stream, document_id, instalment_seq, content, " + contentNames() + ", edited_by, seen_at, last_seen_at, made_by, follows"
}

func contentNames() string {
	names := make([]string, len(contents))
	for i, c := range contents {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

func anyOfContents() string {
	columns := make([]string, len(contents))
	for i, c := range contents {
		columns[i] = "any(l." + c.name + ") AS " + c.name
	}
	return strings.Join(columns, ", ")
}
