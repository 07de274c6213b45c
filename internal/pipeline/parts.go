package pipeline

import (
	"slices"

	"huikuan/load"
	"huikuan/transform/canonical"
)

// part is a table whose rows belong to documents of another: they go when their
// document is deleted in the source.
type part struct {
	owner  load.Owner
	table  string
	column string // that names the document; custom.NAME is an entry of the map column
}

// partsOf lists what goes with the documents of a stream: rows that the same
// records gave, and rows that this stream or one that is asked about its records
// replaces whole.
func partsOf(st stream, all []stream) (out []part) {
	add := func(from stream, table, column string) {
		p := part{owner: from.owner(table), table: table, column: column}
		if column != "" && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	for _, t := range st.mapper.Tables() {
		add(st, t, canonical.PartOf(t))
	}
	for _, other := range all {
		if other.spec.Parent == st.name || other.name == st.name {
			for _, t := range other.spec.Replaces {
				add(other, t, other.spec.ReplacesBy)
			}
		}
	}
	return out
}

// sweepParts deletes the parts of the documents that sweeps of the tables deleted.
func (l *loader) sweepParts(s sweep, tables []string) error {
	for _, documents := range tables {
		t, ok := canonical.Lookup(documents)
		if !ok || len(t.Key) != 1 {
			continue
		}
		for _, p := range l.st.parts {
			if key, _ := canonical.CutEntry(p.column); key != t.Key[0] || p.table == documents {
				continue
			}
			d := load.Deletion{Owner: p.owner, Table: p.table, RunID: l.run, By: s.Pass}
			n, err := l.app.wh.DeleteParts(l.ctx, d, p.column, documents, s.version)
			l.deleted += n
			if err != nil {
				return err
			}
		}
	}
	return nil
}
