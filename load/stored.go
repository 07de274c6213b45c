package load

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// PageRef names a raw page that is kept.
type PageRef struct {
	Hash    string
	Version uint64 // of the rows it gave
	Count   int64  // records
	Bytes   int64  // of its body
}

// StoredPage is a raw page as it is kept, its body unpacked.
type StoredPage struct {
	RawPage
	Hash string
	Text []byte // the body as received
}

// RawPageRefs lists the kept pages of a stream that were received from since on
// and before until (zero: no bound), in the order in which they were read.
func (w *Warehouse) RawPageRefs(ctx context.Context, source, stream string, since, until time.Time) ([]PageRef, error) {
	sql := fmt.Sprintf("SELECT hash, %s AS version, record_count, body_bytes FROM %s WHERE source = %s AND stream = %s%s ORDER BY version, slice, ordinal, hash",
		pageVersion, w.qualified(rawPagesTable), literal(source), literal(stream), receivedWithin(since, until))
	var out []PageRef
	err := w.each(ctx, sql, func(row []any) error {
		out = append(out, PageRef{Hash: row[0].(string), Version: row[1].(uint64), Count: row[2].(int64), Bytes: row[3].(int64)})
		return nil
	})
	return out, w.explain(fmt.Sprintf("list the raw pages of %s/%s", source, stream), err)
}

// pageVersion is the version of a page's rows: before it was kept, the instant
// of receipt was the version.
const pageVersion = "if(page_version > 0, page_version, toUInt64(toUnixTimestamp64Micro(fetched_at)))"

func receivedWithin(since, until time.Time) string {
	where := ""
	if !since.IsZero() {
		where += " AND fetched_at >= " + instantSQL(since)
	}
	if !until.IsZero() {
		where += " AND fetched_at < " + instantSQL(until)
	}
	return where
}

// RawStreams lists the streams of a source of which pages are kept, sorted.
func (w *Warehouse) RawStreams(ctx context.Context, source string) (out []string, err error) {
	sql := fmt.Sprintf("SELECT DISTINCT stream FROM %s WHERE source = %s ORDER BY stream", w.qualified(rawPagesTable), literal(source))
	err = w.each(ctx, sql, func(row []any) error { out = append(out, row[0].(string)); return nil })
	return out, w.explain("list the raw pages of "+source, err)
}

// RawPages reads pages by their hashes; those that have expired are missing.
func (w *Warehouse) RawPages(ctx context.Context, source, stream string, hashes ...string) (map[string]StoredPage, error) {
	out := map[string]StoredPage{}
	if len(hashes) == 0 {
		return out, nil
	}
	sql := fmt.Sprintf(`SELECT hash, slice, ordinal, url, records_path, columns, record_count, first_record, toUnixTimestamp64Micro(fetched_at), run_id, body, body_bytes,
    %s, pass, file, lookups, lines, replaces
FROM %s WHERE source = %s AND stream = %s AND hash IN (%s)`, pageVersion, w.qualified(rawPagesTable), literal(source), literal(stream), literals(hashes))
	err := w.each(ctx, sql, func(row []any) error {
		p := StoredPage{Hash: row[0].(string), RawPage: RawPage{Source: source, Stream: stream, Slice: row[1].(string), Ordinal: int(row[2].(int64)),
			URL: row[3].(string), Records: row[4].(string), Count: int(row[6].(int64)), First: row[7].(int64), FetchedAt: instant(row[8]), RunID: row[9].(string),
			Version: row[12].(uint64), Pass: row[13].(string), File: row[14].(string), Lookups: row[15].(string)}}
		for _, kept := range []struct {
			text string
			into any
		}{{row[5].(string), &p.Columns}, {row[16].(string), &p.Lines}, {row[17].(string), &p.Replaces}} {
			if kept.text == "" {
				continue
			}
			if err := json.Unmarshal([]byte(kept.text), kept.into); err != nil {
				return fmt.Errorf("read what is kept of raw page %s: %w", p.Hash, err)
			}
		}
		var err error
		p.Text, err = Unpack([]byte(row[10].(string)), int(row[11].(int64)))
		out[p.Hash] = p
		return err
	})
	return out, w.explain(fmt.Sprintf("read raw pages of %s/%s", source, stream), err)
}

// OpenRejects lists, by page, the hashes of the open rejected records of pages.
func (w *Warehouse) OpenRejects(ctx context.Context, source, stream string, pages ...string) (map[string][]string, error) {
	out := map[string][]string{}
	if len(pages) == 0 {
		return out, nil
	}
	sql := fmt.Sprintf("SELECT page, record_hash FROM %s WHERE source = %s AND stream = %s AND status != %s AND page IN (%s)",
		w.qualified(rejectedTable), literal(source), literal(stream), literal(rejectResolved), literals(pages))
	err := w.each(ctx, sql, func(row []any) error {
		out[row[0].(string)] = append(out[row[0].(string)], row[1].(string))
		return nil
	})
	return out, w.explain("read the rejected records", err)
}

// RecordHash is how rejected records are told apart.
func RecordHash(raw []byte) string { return hashOf(raw) }
