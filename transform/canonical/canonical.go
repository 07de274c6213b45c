// Package canonical declares the canonical streams: the one shape into which
// every source's invoices, payments, visits and master data are mapped.
//
// In: nothing. Out: table descriptions. Never here: a source's own field names.
//
// Amounts are exact decimals in document currency, identifiers are text, dates
// are calendar days, instants are UTC. Every stream also carries the system
// columns of [System].
package canonical

import (
	"cmp"
	"slices"

	"huikuan/transform/schema"
)

var streams = slices.SortedFunc(slices.Values(slices.Concat(documentStreams, collectionStreams, creditStreams)),
	func(a, b schema.Table) int { return cmp.Compare(a.Name, b.Name) })

// System returns the columns that every core document table carries beside its
// own: which source and which of its streams a row came from, which version it is, and whether it was deleted.
func System() []schema.Column {
	return []schema.Column{
		{Name: "custom", Kind: schema.TextMap, Comment: "fields of the source without a column of their own"},
		{Name: "source", Kind: schema.Label, Required: true, Comment: "name of the configured source"},
		{Name: "_stream", Kind: schema.Label, Required: true, Comment: "stream of the connector that gave the row; empty in rows loaded before there was this column"},
		{Name: "_version", Kind: schema.Uint, Required: true, Comment: "the highest version of a key wins; grows with every read"},
		{Name: "_deleted", Kind: schema.Flag8, Required: true, Comment: "1 = deleted or cancelled in the source"},
		{Name: "_run_id", Kind: schema.Text, Required: true, Comment: "run that loaded the row"},
		{Name: "_loaded_at", Kind: schema.Instant, Required: true, Comment: "instant of loading, UTC"},
	}
}

// Streams returns all canonical streams, sorted by name.
func Streams() []schema.Table {
	out := make([]schema.Table, len(streams))
	for i, s := range streams {
		s.Class = schema.Document
		s.Columns = append(append([]schema.Column{}, s.Columns...), System()...)
		out[i] = s
	}
	return out
}

// Lookup returns the stream of that name.
func Lookup(name string) (schema.Table, bool) {
	for _, s := range Streams() {
		if s.Name == name {
			return s, true
		}
	}
	return schema.Table{}, false
}

// Names lists the canonical streams, sorted.
func Names() []string {
	names := make([]string, len(streams))
	for i, s := range streams {
		names[i] = s.Name
	}
	return names
}

func req(name string, k schema.Kind, comment string) schema.Column {
	return schema.Column{Name: name, Kind: k, Required: true, Comment: comment}
}

func opt(name string, k schema.Kind, comment string) schema.Column {
	return schema.Column{Name: name, Kind: k, Nullable: true, Comment: comment}
}
