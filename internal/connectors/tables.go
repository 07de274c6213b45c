package connectors

import (
	"cmp"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/extract"
	"huikuan/transform/canonical"
	"huikuan/transform/mapping"
	"huikuan/transform/schema"
)

// tables is the warehouse of a test: what the core tables would hold, as text.
type tables struct {
	rows    map[string]map[string]*keptRow // by table, by key
	version int                            // grows with every page
	began   map[string]int                 // version of the first page of a pass, by stream/pass
	seen    map[string]map[string]bool     // keys that a pass for keys met, by stream/pass and table
}

// keptRow is the last row of a key.
type keptRow struct {
	stream  string
	version int
	deleted bool
	values  []string // in the order of tableColumns
}

func newTables() *tables {
	return &tables{rows: map[string]map[string]*keptRow{}, began: map[string]int{}, seen: map[string]map[string]bool{}}
}

// newRun forgets how far the passes of the last run came.
func (t *tables) newRun() { clear(t.began); clear(t.seen) }

// tableColumns are the columns of a table that a mapping fills, custom among them.
func tableColumns(table string) []schema.Column {
	s, _ := canonical.Lookup(table)
	var out []schema.Column
	for _, c := range s.Columns {
		out = append(out, c)
		if c.Name == "custom" {
			break // what follows is of the run, not of the source
		}
	}
	return out
}

// begin counts a page and remembers where its pass began.
func (t *tables) begin(p extract.Page) {
	t.version++
	if pass := p.Stream + "/" + p.Pass; t.began[pass] == 0 {
		t.began[pass] = t.version
	}
}

// add takes the rows of a page that are to be loaded.
func (t *tables) add(p extract.Page, out mapping.Output) {
	came := map[string]map[string]bool{}
	for _, b := range out.Batches {
		if came[b.Table] == nil {
			came[b.Table] = map[string]bool{}
		}
		t.each(b, func(key string, values []string, deleted bool) {
			came[b.Table][key] = true
			if t.rows[b.Table] == nil {
				t.rows[b.Table] = map[string]*keptRow{}
			}
			t.rows[b.Table][key] = &keptRow{p.Stream, t.version, deleted, values}
		})
	}
	if p.Replace != nil {
		t.replace(p, came)
	}
}

// each calls do for every row of a batch.
func (t *tables) each(b mapping.Batch, do func(key string, values []string, deleted bool)) {
	columns := tableColumns(b.Table)
	marker := b.Record.Schema().FieldIndices("_deleted")[0]
	for row := range int(b.Record.NumRows()) {
		values := make([]string, len(columns))
		for i, c := range columns {
			values[i] = c.Kind.Text(column(b.Record, c.Name), row)
		}
		do(keyOf(b.Table, values), values, schema.Flag8.Text(b.Record.Column(marker), row) == "1")
	}
}

func column(rec arrow.Record, name string) arrow.Array {
	return rec.Column(rec.Schema().FieldIndices(name)[0])
}

func keyOf(table string, values []string) string {
	s, _ := canonical.Lookup(table)
	parts := make([]string, 0, len(s.Key))
	for i, c := range tableColumns(table) {
		if slices.Contains(s.Key, c.Name) {
			parts = append(parts, values[i])
		}
	}
	return strings.Join(parts, "\x00")
}

// replace deletes the rows of the page's parents that did not come with it.
func (t *tables) replace(p extract.Page, came map[string]map[string]bool) {
	for _, table := range p.Replace.Tables {
		parent := parentIn(table, p.Replace.Column)
		for key, r := range t.rows[table] {
			if r.stream == cmp.Or(p.Replace.Stream, p.Stream) && !r.deleted && slices.Contains(p.Replace.Values, parent(r.values)) && !came[table][key] {
				r.deleted, r.version = true, t.version
			}
		}
	}
}

// parentIn returns how to read the column that names a row's parent: custom.NAME
// is an entry of the map column.
func parentIn(table, column string) func(values []string) string {
	name, entry := canonical.CutEntry(column)
	if entry {
		column = "custom"
	}
	at := slices.IndexFunc(tableColumns(table), func(c schema.Column) bool { return c.Name == column })
	return func(values []string) string {
		if at < 0 {
			return ""
		}
		if !entry {
			return values[at]
		}
		for _, one := range strings.Split(values[at], "; ") {
			if key, value, ok := strings.Cut(one, ": "); ok && key == name {
				return value
			}
		}
		return ""
	}
}

// see notes the keys of a page that says only which there are.
func (t *tables) see(p extract.Page, out mapping.Output) {
	for _, b := range out.Batches {
		name := p.Stream + "/" + p.Pass + "/" + b.Table
		if t.seen[name] == nil {
			t.seen[name] = map[string]bool{}
		}
		t.each(b, func(key string, _ []string, _ bool) { t.seen[name][key] = true })
	}
}

// sweep ends a pass: rows of its stream that it did not meet are deletions, and
// what belonged to them goes too.
func (t *tables) sweep(p extract.Page, st runStream) {
	pass := p.Stream + "/" + p.Pass
	tables := st.rows.Tables()
	if p.Sweep.Keys {
		tables = st.keys.Tables()
	}
	for _, table := range tables {
		gone := map[string]bool{}
		for key, r := range t.rows[table] {
			met := r.version >= t.began[pass]
			if p.Sweep.Keys {
				met = t.seen[pass+"/"+table][key]
			}
			if r.stream == p.Stream && !met && !r.deleted {
				r.deleted, r.version, gone[key] = true, t.version, true
			}
		}
		t.sweepParts(st, table, gone)
	}
}

// sweepParts deletes what the stream gave of documents that are gone.
func (t *tables) sweepParts(st runStream, documents string, gone map[string]bool) {
	s, _ := canonical.Lookup(documents)
	if len(s.Key) != 1 {
		return
	}
	remove := func(table, column string) {
		if key, _ := canonical.CutEntry(column); table == documents || key != s.Key[0] {
			return
		}
		document := parentIn(table, column)
		for _, r := range t.rows[table] {
			if r.stream == st.Name && !r.deleted && gone[document(r.values)] {
				r.deleted, r.version = true, t.version
			}
		}
	}
	for _, table := range st.rows.Tables() {
		remove(table, canonical.PartOf(table))
	}
	for _, table := range st.Replaces {
		remove(table, st.ReplacesBy)
	}
}

// csv is a table as expected/<table>.csv holds it: sorted by key, without
// columns that are empty in all rows. Of deleted rows only the key is told.
func (t *tables) csv(table string) [][]string {
	s, _ := canonical.Lookup(table)
	columns := tableColumns(table)
	used := make([]bool, len(columns))
	deletions := false
	var keys []string
	for key, r := range t.rows[table] {
		keys = append(keys, key)
		deletions = deletions || r.deleted
		for i, v := range r.values {
			used[i] = used[i] || v != "" && (!r.deleted || slices.Contains(s.Key, columns[i].Name))
		}
	}
	slices.Sort(keys)
	var header []string
	for i, c := range columns {
		if used[i] {
			header = append(header, c.Name)
		}
	}
	if deletions {
		header = append(header, "_deleted")
	}
	out := [][]string{header}
	for _, key := range keys {
		r := t.rows[table][key]
		var line []string
		for i, c := range columns {
			switch {
			case !used[i]:
			case r.deleted && !slices.Contains(s.Key, c.Name):
				line = append(line, "")
			default:
				line = append(line, r.values[i])
			}
		}
		if deletions {
			line = append(line, map[bool]string{true: "1"}[r.deleted])
		}
		out = append(out, line)
	}
	return out
}
