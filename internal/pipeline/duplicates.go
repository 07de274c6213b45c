package pipeline

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/transform/canonical"
	"huikuan/transform/schema"
)

// duplicates finds rows of a file that replace an earlier row of the same read:
// the same identifier with other content. In an API that is a later version of
// a document; in an export it usually means that each row is a line of an
// invoice, and the total would be too low without a word.
type duplicates struct {
	seed  maphash.Seed
	seen  map[string]map[uint64]uint64 // table → hash of the key → hash of the content
	count int64
	first string
}

func newDuplicates() *duplicates {
	return &duplicates{seed: maphash.MakeSeed(), seen: map[string]map[uint64]uint64{}}
}

// note remembers the rows of a batch; only documents with amounts are watched.
func (d *duplicates) note(table string, rec arrow.Record) {
	t, ok := canonical.Lookup(table)
	if !ok || !slices.ContainsFunc(t.Columns, func(c schema.Column) bool { return c.Kind == schema.Money }) {
		return
	}
	if d.seen[table] == nil {
		d.seen[table] = map[uint64]uint64{}
	}
	key, content := ownColumns(t, rec)
	for row := range int(rec.NumRows()) {
		k, c := d.hash(key, row), d.hash(content, row)
		before, met := d.seen[table][k]
		if met && before != c {
			if d.count++; d.first == "" {
				d.first = fmt.Sprintf("%s %s", table, strings.Join(values(key, row), "/"))
			}
		}
		d.seen[table][k] = c
	}
}

// ownColumns returns the key columns of a table and all of its own columns.
func ownColumns(t schema.Table, rec arrow.Record) (key, content []arrow.Array) {
	for _, c := range t.Columns {
		at := rec.Schema().FieldIndices(c.Name)
		if c.Name == "custom" || len(at) == 0 { // the system columns begin with custom
			break
		}
		column := rec.Column(at[0])
		if slices.Contains(t.Key, c.Name) {
			key = append(key, column)
		}
		content = append(content, column)
	}
	return key, content
}

func (d *duplicates) hash(columns []arrow.Array, row int) uint64 {
	var h maphash.Hash
	h.SetSeed(d.seed)
	for _, v := range values(columns, row) {
		h.WriteString(v)
		h.WriteByte(0)
	}
	return h.Sum64()
}

func values(columns []arrow.Array, row int) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.ValueStr(row)
	}
	return out
}

// sentence tells a person what was found, empty if nothing.
func (d *duplicates) sentence() string {
	if d.count == 0 {
		return ""
	}
	rows := "1 row"
	if d.count > 1 {
		rows = fmt.Sprintf("%d rows", d.count)
	}
	return fmt.Sprintf("%s replaced an earlier row with the same identifier and other content, the first: %s; if each row is a line of a document, give the mapping an identifier of the line", rows, d.first)
}
