package load

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
)

// inlineLookup is how many bytes of a dictionary are kept with each page; a
// larger one is kept once, in raw_lookups.
const inlineLookup = 2 << 10

// RawLookup is a dictionary that pages were mapped with.
type RawLookup struct {
	Source, Name, Hash string
	Entries            int
	Body               PackedBody
}

// LookupKeeper writes the dictionaries of the pages of one stream down, those
// that many pages share only once.
type LookupKeeper struct {
	source string
	packer *Packer
	last   map[string]keptLookup // by name; keeps the map alive, so that its address means it
	known  map[string]bool       // hashes handed out before
}

type keptLookup struct {
	entries map[string]string
	ref     json.RawMessage
}

// NewLookupKeeper returns a keeper for one source.
func NewLookupKeeper(source string) *LookupKeeper {
	return &LookupKeeper{source: source, packer: NewPacker(), last: map[string]keptLookup{}, known: map[string]bool{}}
}

// Pack returns what a [RawPage] says of its dictionaries, and those that have
// to be written with [Warehouse.WriteRawLookups] before the page is. A
// dictionary that comes again as the same map must not have changed.
func (k *LookupKeeper) Pack(lookups map[string]map[string]string) (refs string, fresh []RawLookup) {
	if len(lookups) == 0 {
		return "", nil
	}
	out := map[string]json.RawMessage{}
	for _, name := range sortedKeys(lookups) {
		entries := lookups[name]
		if kept, ok := k.last[name]; ok && reflect.ValueOf(kept.entries).Pointer() == reflect.ValueOf(entries).Pointer() {
			out[name] = kept.ref
			continue
		}
		ref := json.RawMessage(jsonText(entries))
		if len(ref) > inlineLookup {
			hash := hashOf(ref)
			if !k.known[hash] {
				k.known[hash] = true
				fresh = append(fresh, RawLookup{Source: k.source, Name: name, Hash: hash, Entries: len(entries), Body: k.packer.Pack(ref)})
			}
			ref = json.RawMessage(jsonText(hash))
		}
		k.last[name] = keptLookup{entries: entries, ref: ref}
		out[name] = ref
	}
	return jsonText(out), fresh
}

// WriteRawLookups keeps dictionaries as long as raw pages, counted from the last
// time that one was needed.
func (w *Warehouse) WriteRawLookups(ctx context.Context, lookups ...RawLookup) error {
	rows := make([][]any, len(lookups))
	for i, l := range lookups {
		rows[i] = []any{l.Source, l.Hash, l.Name, int64(l.Entries), w.opts.Now(), bytesOf(l.Body.frame), int64(l.Body.size), w.version(), uint8(0)}
	}
	return w.writeOps(ctx, rawLookupsTable, "lookups", rows)
}

// maxKnownLookups is how many dictionaries a [LookupReader] keeps.
const maxKnownLookups = 32

// LookupReader gives dictionaries back; it keeps those it has read.
type LookupReader struct {
	w      *Warehouse
	source string
	known  map[string]map[string]string // by hash
}

// NewLookupReader returns a reader of a source's dictionaries.
func (w *Warehouse) NewLookupReader(source string) *LookupReader {
	return &LookupReader{w: w, source: source, known: map[string]map[string]string{}}
}

// Read returns the dictionaries of a page from what its column lookups says.
func (r *LookupReader) Read(ctx context.Context, refs string) (map[string]map[string]string, error) {
	if refs == "" {
		return nil, nil
	}
	var named map[string]json.RawMessage
	if err := json.Unmarshal([]byte(refs), &named); err != nil {
		return nil, fmt.Errorf("read the dictionaries of a raw page: %w", err)
	}
	out := map[string]map[string]string{}
	for name, ref := range named {
		var hash string
		var entries map[string]string
		var err error
		if json.Unmarshal(ref, &hash) == nil && len(ref) > 0 && ref[0] == '"' {
			entries, err = r.byHash(ctx, name, hash)
		} else {
			err = json.Unmarshal(ref, &entries)
		}
		if err != nil {
			return nil, fmt.Errorf("read the dictionary %s of a raw page: %w", name, err)
		}
		out[name] = entries
	}
	return out, nil
}

func (r *LookupReader) byHash(ctx context.Context, name, hash string) (map[string]string, error) {
	if entries, ok := r.known[hash]; ok {
		return entries, nil
	}
	var entries map[string]string
	sql := fmt.Sprintf("SELECT body, body_bytes FROM %s WHERE source = %s AND hash = %s", r.w.qualified(rawLookupsTable), literal(r.source), literal(hash))
	err := r.w.each(ctx, sql, func(row []any) error {
		text, err := Unpack([]byte(row[0].(string)), int(row[1].(int64)))
		if err != nil {
			return err
		}
		return json.Unmarshal(text, &entries)
	})
	if err == nil && entries == nil {
		err = fmt.Errorf("raw_lookups holds no %s: it has expired, read the stream anew with `huikuan sync %s --full`", hash, r.source)
	}
	if err != nil {
		return nil, err
	}
	if len(r.known) >= maxKnownLookups { // those of single pages are not asked again
		clear(r.known)
	}
	r.known[hash] = entries
	return entries, nil
}
