package load

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"huikuan/transform/schema"
)

// How tables are laid out
//
//	class      embedded and server                      cluster
//	Document   x_docs  ReplacingMergeTree               x_docs_local Replicated…, x_docs Distributed
//	           x       view: FINAL, without deleted     x            the same view
//	Metric     x       MergeTree                        x_local Replicated…, x Distributed
//	Log        x       MergeTree with TTL               x_local Replicated…, x Distributed
//
// Distributed tables shard by customer_id, so a customer's whole ledger lies on
// one shard; a table without customers shards by the first column of its key.
// FINAL replaces versions within a shard only: a document that moves to another
// customer must be loaded as a deletion of the old row and a new row.

// dedupWindow is the number of inserts whose tokens a table remembers.
const dedupWindow = 1000

// How the embedded engine, which shares its cores with the load, stores what is
// inserted: parts below this size in one file instead of two a column, and no
// fewer parts merged at once. Both spare a load writing its rows several times;
// a table has a few tens of parts at most. Metric tables come in larger inserts
// (stagedTimes); a build that carries them over shares file by file.
const (
	wideParts       = 64 << 20
	wideMetricParts = 256 << 20
	wideLargeRows   = 4 << 20
	mergeParts      = 16
)

const (
	docsSuffix  = "_docs"
	localSuffix = "_local"
	shardColumn = "customer_id"
)

// DDL renders the statements that create a table, in order, each safe to repeat.
// The cluster's name is used by the profile Cluster alone.
func DDL(t schema.Table, p Profile, database, cluster string) []string {
	r := renderer{profile: p, database: database, cluster: cluster}
	name := physicalName(t)
	out := r.table(t, name)
	if t.Class == schema.Document {
		out = append(out, r.view(t))
	}
	return out
}

// StorageName is the table in which the rows of t lie: for documents, of which
// the plain name is a view, another one.
func StorageName(t schema.Table) string { return physicalName(t) }

// physicalName is the table that rows of t are written to.
func physicalName(t schema.Table) string {
	if t.Class == schema.Document {
		return t.Name + docsSuffix
	}
	return t.Name
}

type renderer struct {
	profile           Profile
	database, cluster string
}

// name qualifies a table's name.
func (r renderer) name(table string) string { return ident(r.database) + "." + ident(table) }

func (r renderer) onCluster() string {
	if r.profile != Cluster {
		return ""
	}
	return " ON CLUSTER " + ident(r.cluster)
}

// table renders the storage of t under the given name, with columns that t does
// not tell of.
func (r renderer) table(t schema.Table, name string, more ...string) []string {
	storage := name
	if r.profile == Cluster {
		storage += localSuffix
	}
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE IF NOT EXISTS %s%s\n(\n", r.name(storage), r.onCluster())
	for i, c := range t.Columns {
		b.WriteString("    " + columnSQL(t.Class, c) + comma(i, len(t.Columns)+len(more)))
	}
	for i, c := range more {
		b.WriteString("    " + c + comma(i, len(more)))
	}
	fmt.Fprintf(&b, ")\nENGINE = %s\nORDER BY %s\n", r.engine(t), tuple(sortingKey(t)))
	if t.TTLDays > 0 {
		fmt.Fprintf(&b, "TTL %s\n", ttlSQL(t))
	}
	fmt.Fprintf(&b, "SETTINGS %s\nCOMMENT %s", r.settings(t), literal(t.Comment))
	if r.profile != Cluster {
		return []string{b.String()}
	}
	return []string{b.String(), r.distributed("CREATE TABLE IF NOT EXISTS", t, name)}
}

func ttlSQL(t schema.Table) string {
	return fmt.Sprintf("toDateTime(%s) + INTERVAL %d DAY", ident(t.TTLColumn), t.TTLDays)
}

// distributed renders the table that stands above the shards' local ones.
func (r renderer) distributed(create string, t schema.Table, name string) string {
	storage := name + localSuffix
	return fmt.Sprintf("%s %s%s AS %s\nENGINE = Distributed(%s, %s, %s, cityHash64(%s))\nCOMMENT %s", create,
		r.name(name), r.onCluster(), r.name(storage), literal(r.cluster), literal(r.database), literal(storage), ident(shardKey(t)), literal(t.Comment))
}

// engine renders the engine. A rebuilt table's path in the keeper carries its
// UUID: after an exchange two tables have lived under one name.
func (r renderer) engine(t schema.Table) string {
	var args []string
	name := "MergeTree"
	if t.Class == schema.Document {
		name, args = "ReplacingMergeTree", []string{"_version", "_deleted"}
	}
	if r.profile == Cluster {
		path := "/clickhouse/tables/{shard}/{database}/{table}"
		if t.Class == schema.Metric {
			path = "/clickhouse/tables/{uuid}/{shard}"
		}
		name, args = "Replicated"+name, append([]string{literal(path), literal("{replica}")}, args...)
	}
	if len(args) == 0 {
		return name
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

func (r renderer) settings(t schema.Table) string {
	out := []string{fmt.Sprintf("non_replicated_deduplication_window = %d", dedupWindow)}
	if r.profile == Cluster {
		out[0] = fmt.Sprintf("replicated_deduplication_window = %d", dedupWindow)
	}
	if r.profile == Embedded {
		wide := wideParts
		if t.Class == schema.Metric {
			wide = wideMetricParts
		}
		if t.Granule > 0 { // of large rows, some columns are read without the others
			wide = wideLargeRows
		}
		out = append(out, fmt.Sprintf("min_bytes_for_wide_part = %d", wide), fmt.Sprintf("min_parts_to_merge_at_once = %d", mergeParts))
	}
	if t.Granule > 0 {
		out = append(out, fmt.Sprintf("index_granularity = %d", t.Granule))
	}
	if slices.ContainsFunc(sortingKey(t), func(name string) bool { c, _ := t.Column(name); return c.Nullable }) {
		out = append(out, "allow_nullable_key = 1")
	}
	return strings.Join(out, ", ")
}

// view renders the view of a document table's plain name. Its readers need to
// know neither FINAL nor the marker of deletion.
func (r renderer) view(t schema.Table) string {
	var b strings.Builder
	columns := viewColumns(t)
	fmt.Fprintf(&b, "CREATE OR REPLACE VIEW %s%s\n(\n", r.name(t.Name), r.onCluster())
	for i, c := range columns {
		fmt.Fprintf(&b, "    %s %s%s%s", ident(c.Name), c.Kind.ClickHouse(c.Nullable), commentSQL(c), comma(i, len(columns)))
	}
	b.WriteString(")\nAS SELECT\n")
	for i, c := range columns {
		b.WriteString("    " + ident(c.Name) + comma(i, len(columns)))
	}
	fmt.Fprintf(&b, "FROM %s FINAL\nWHERE _deleted = 0\nCOMMENT %s", r.name(physicalName(t)), literal(t.Comment))
	return b.String()
}

func viewColumns(t schema.Table) []schema.Column {
	var out []schema.Column
	for _, c := range t.Columns {
		if c.Name != "_version" && c.Name != "_deleted" {
			out = append(out, c)
		}
	}
	return out
}

// sortingKey is the order of a table's rows; of a document also its identity.
func sortingKey(t schema.Table) []string {
	key := t.OrderBy
	if len(key) == 0 {
		key = t.Key
	}
	if _, has := t.Column("source"); has && t.Class == schema.Document && !slices.Contains(key, "source") {
		key = append(slices.Clone(key), "source")
	}
	return key
}

func shardKey(t schema.Table) string {
	if _, has := t.Column(shardColumn); has {
		return shardColumn
	}
	if key := sortingKey(t); len(key) > 0 {
		return key[0]
	}
	return t.Columns[0].Name
}

func columnSQL(class schema.Class, c schema.Column) string {
	codec := codecSQL(c)
	if class == schema.Metric {
		codec = rebuiltCodecSQL(c)
	}
	return ident(c.Name) + " " + c.Kind.ClickHouse(c.Nullable) + commentSQL(c) + codec
}

func commentSQL(c schema.Column) string {
	if c.Comment == "" {
		return ""
	}
	return " COMMENT " + literal(c.Comment)
}

// rebuiltCodecSQL is the codec of a table that every build writes anew: what it
// costs to write and merge weighs more than the last bytes of a file. Many of
// their measures are zero or those of the day before, of which T64 makes more
// bytes than it spares.
func rebuiltCodecSQL(c schema.Column) string {
	switch c.Kind {
	case schema.Date:
		return " CODEC(DoubleDelta, LZ4)"
	case schema.Instant:
		return " CODEC(Delta(8), LZ4)"
	case schema.Bytes, schema.Label, schema.Bool, schema.Flag8:
		return codecSQL(c)
	}
	return " CODEC(LZ4)"
}

// codecSQL picks the codec that measured smallest for the kind. T64 takes
// decimals of up to 18 digits only.
func codecSQL(c schema.Column) string {
	switch c.Kind {
	case schema.Money, schema.Int, schema.Uint:
		return " CODEC(T64, ZSTD(1))"
	case schema.Date:
		return " CODEC(DoubleDelta, ZSTD(1))"
	case schema.Instant:
		return " CODEC(Delta(8), ZSTD(1))"
	case schema.Bytes:
		return " CODEC(NONE)"
	case schema.Label, schema.Bool, schema.Flag8:
		return ""
	}
	return " CODEC(ZSTD(1))"
}

func comma(i, n int) string {
	if i == n-1 {
		return "\n"
	}
	return ",\n"
}

func tuple(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = ident(n)
	}
	switch len(quoted) {
	case 0:
		return "tuple()"
	case 1:
		return quoted[0]
	}
	return "(" + strings.Join(quoted, ", ") + ")"
}

var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// reserved are words that read as syntax where a name may stand.
var reserved = []string{"all", "and", "array", "as", "between", "by", "case", "cast", "date", "end", "final", "format", "from",
	"group", "in", "index", "interval", "is", "join", "key", "limit", "not", "null", "on", "or", "order", "projection",
	"select", "set", "settings", "table", "then", "to", "union", "using", "values", "when", "where", "with"}

// ident quotes a name where it has to be.
func ident(name string) string {
	if plainName.MatchString(name) && !slices.Contains(reserved, name) {
		return name
	}
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(name) + "`"
}

// literal renders a text as a string literal.
func literal(s string) string {
	if strings.ContainsAny(s, `\'`) {
		s = strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s)
	}
	return "'" + s + "'"
}
