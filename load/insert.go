package load

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
)

// Receipt says that the engine acknowledged an insert.
type Receipt struct {
	Table    string
	Rows     int64
	Bytes    int64  // of Arrow data as sent
	Token    string // deduplication token; of the last part where the insert was split
	Hash     string // SHA-256 of the payload, shortened to 128 bits; of the last part where split
	Parts    int    // inserts that were needed
	Duration time.Duration
}

// Insert sends records to a table and returns when the engine has them.
//
// table is a table's plain name; the rows of a document stream go to the table
// behind its view. token names the data for its sender (pipeline, source,
// stream, slice, pages); the hash of the bytes is added to it, so a repeat of
// the same data counts once, and other data under the same token is not lost.
//
// Records are packed into inserts of at most MaxInsertRows and MaxInsertBytes,
// each one atomic. The split depends on the records alone: the same call splits
// the same way. All records are validated before the first byte is sent.
// Insert does not keep or release the records.
//
// Errors: ErrSchema, ErrMissing, ErrReadOnly, ErrUnreachable or ErrBusy after
// all retries. After an error some parts may be in; the same call completes them.
func (w *Warehouse) Insert(ctx context.Context, table string, token string, recs ...arrow.Record) (Receipt, error) {
	return w.insert(ctx, table, token, false, recs...)
}

// insert is Insert. Of staged rows the token alone names the data: they are encoded
// as they are sent, their bytes are not counted, and an insert may be stagedTimes as
// large as the limits say.
func (w *Warehouse) insert(ctx context.Context, table string, token string, staged bool, recs ...arrow.Record) (Receipt, error) {
	started := w.opts.Now()
	doing := "insert into " + table
	dst, err := w.target(ctx, table)
	if err != nil {
		return Receipt{}, w.explain(doing, err)
	}
	for _, rec := range recs {
		if err := validate(table, dst.columns, rec); err != nil {
			w.forget(table) // the table may have changed since it was looked up
			return Receipt{}, err
		}
	}
	if err := w.keepReplaced(ctx, table, recs); err != nil {
		return Receipt{}, err
	}
	out := Receipt{Table: table}
	times := 1
	if staged {
		times = stagedTimes
	}
	parts := pack(recs, times*w.opts.MaxInsertRows, times*w.opts.MaxInsertBytes)
	defer releaseParts(parts)
	for n, part := range parts {
		body := func() (io.Reader, func()) { return w.encoding(part) }
		var kept *bytes.Buffer
		if !staged {
			if kept, _ = w.payloads.Get().(*bytes.Buffer); kept == nil {
				kept = &bytes.Buffer{}
			}
			payload, err := w.encode(part, kept)
			if err != nil {
				return out, fmt.Errorf("%s: encode batch: %w", doing, err)
			}
			sum := sha256.Sum256(payload)
			out.Hash = hex.EncodeToString(sum[:16])
			body = func() (io.Reader, func()) { return bytes.NewReader(payload), func() {} }
			out.Bytes += int64(len(payload))
		}
		out.Token = partToken(token, n, len(parts), out.Hash)
		if err := w.send(ctx, dst, part.records[0].Schema(), out.Token, body); err != nil {
			return out, w.explain(doing, err) // the connection may still be reading the payload
		}
		if kept != nil {
			w.payloads.Put(kept)
		}
		out.Parts, out.Rows = out.Parts+1, out.Rows+part.rows
	}
	out.Duration = w.opts.Now().Sub(started)
	return out, nil
}

// partToken keeps parts with equal rows apart by their number.
func partToken(token string, n, of int, hash string) string {
	if of == 1 {
		return token + "/" + hash
	}
	return fmt.Sprintf("%s/%d-%d/%s", token, n+1, of, hash)
}

// send delivers one payload, repeating it while the failure may pass. body opens
// the payload anew for each attempt, and is told when that is over.
func (w *Warehouse) send(ctx context.Context, dst *target, schema *arrow.Schema, token string, body func() (io.Reader, func())) error {
	columns := make([]string, schema.NumFields())
	for i, f := range schema.Fields() {
		columns[i] = ident(f.Name)
	}
	sql := fmt.Sprintf("INSERT INTO %s (%s) SETTINGS insert_deduplication_token = %s", ident(w.database)+"."+ident(dst.name), strings.Join(columns, ", "), literal(token))
	for attempt := 0; ; attempt++ {
		data, end := body()
		err := w.sendOnce(ctx, sql, data)
		end()
		if err == nil || ctx.Err() != nil || attempt >= w.opts.Retries || !retryable(err) {
			return err
		}
		wait := backoff(attempt)
		w.log.Warn("insert did not go through, repeating it", "table", dst.name, "attempt", attempt+1, "wait", wait, "cause", rootText(err))
		if err := w.opts.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// backoff doubles from a quarter of a second to at most ten seconds.
func backoff(attempt int) time.Duration {
	return min(250*time.Millisecond<<min(attempt, 10), 10*time.Second)
}

// sendOnce is the only place that knows the client's experimental format API.
func (w *Warehouse) sendOnce(ctx context.Context, sql string, payload io.Reader) error {
	ctx, cancel := context.WithTimeoutCause(ctx, w.opts.InsertTimeout, errInsertTimeout)
	defer cancel()
	err := w.conn.InsertFormat(clickhouse.Context(ctx, clickhouse.WithSettings(w.insertSettings())), "ArrowStream", sql, payload)
	if err != nil && context.Cause(ctx) == errInsertTimeout {
		return errInsertTimeout
	}
	return err
}

// insertSettings make an insert one atomic, deduplicated, synchronous block and
// turn the silent conversions of the Arrow reader off. They are those of every
// insert: what is its own, the token, stands in the statement.
func (w *Warehouse) insertSettings() clickhouse.Settings {
	s := clickhouse.Settings{
		"async_insert": 0, "insert_deduplicate": 1,
		"max_insert_block_size": 100_000_000, "min_insert_block_size_rows": 100_000_000, "min_insert_block_size_bytes": 0,
		"input_format_null_as_default": 0, "input_format_arrow_allow_missing_columns": 0,
		"input_format_arrow_case_insensitive_column_matching": 0,
		"optimize_on_insert": 0, // keys hardly ever repeat within an insert; FINAL and merges replace rows all the same
	}
	if w.opts.Profile == Cluster {
		s["distributed_foreground_insert"] = 1
	}
	return s
}

// timeoutError is a failure of the transport for the retry rule.
type timeoutError struct{}

func (timeoutError) Error() string   { return "the insert took longer than its limit" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

var errInsertTimeout error = timeoutError{}

var arrowCompression = map[string][]ipc.Option{"none": nil, "lz4": {ipc.WithLZ4()}, "zstd": {ipc.WithZstd()}}

// encode writes a part as one Arrow IPC stream into buf.
func (w *Warehouse) encode(p part, buf *bytes.Buffer) ([]byte, error) {
	buf.Reset()
	if w.opts.Compression == "none" {
		buf.Grow(p.bytes + p.bytes/16 + 1<<14) // at once: growing by doubling would hold it thrice
	}
	err := w.encodeTo(buf, p)
	return buf.Bytes(), err
}

// encoding is a part's Arrow IPC stream, encoded while it is read: an insert of
// full size would take its memory once more. The returned function ends it; the
// part may be released then.
func (w *Warehouse) encoding(p part) (io.Reader, func()) {
	out, in := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buffered := bufio.NewWriterSize(in, 1<<16) // headers and paddings are small
		err := w.encodeTo(buffered, p)
		if err == nil {
			err = buffered.Flush()
		}
		in.CloseWithError(err)
	}()
	return out, func() {
		out.Close()
		<-ended
	}
}

func (w *Warehouse) encodeTo(to io.Writer, p part) error {
	recs := p.records
	options := append([]ipc.Option{ipc.WithSchema(recs[0].Schema()), ipc.WithAllocator(w.alloc), ipc.WithCompressConcurrency(1)}, arrowCompression[w.opts.Compression]...)
	out := ipc.NewWriter(to, options...)
	for _, rec := range recs {
		if err := out.Write(rec); err != nil {
			_ = out.Close()
			return err
		}
	}
	return out.Close()
}

// part is what goes into one insert.
type part struct {
	records []arrow.Record
	rows    int64
	bytes   int
}

func releaseParts(parts []part) {
	for _, p := range parts {
		for _, rec := range p.records {
			rec.Release()
		}
	}
}

// pack cuts and joins records into parts within both limits, in order. A row
// larger than maxBytes makes a part of its own. The parts own their records.
func pack(recs []arrow.Record, maxRows, maxBytes int) []part {
	var parts []part
	for _, rec := range recs {
		for from := int64(0); from < rec.NumRows(); {
			left := rec.NumRows() - from
			perRow := max(1, sizeOf(rec)/int(rec.NumRows()))
			if n := len(parts); n == 0 || full(parts[n-1], rec, perRow, maxRows, maxBytes) {
				parts = append(parts, part{})
			}
			p := &parts[len(parts)-1]
			take := min(left, int64(maxRows)-p.rows, int64(max(1, (maxBytes-p.bytes)/perRow)))
			p.records = append(p.records, rec.NewSlice(from, from+take))
			p.rows, p.bytes = p.rows+take, p.bytes+int(take)*perRow
			from += take
		}
	}
	return parts
}

func full(p part, rec arrow.Record, perRow, maxRows, maxBytes int) bool {
	return p.rows >= int64(maxRows) || p.bytes+perRow > maxBytes || !p.records[0].Schema().Equal(rec.Schema())
}

// sizeOf estimates the bytes that a record's rows take; of a slice, its rows alone.
func sizeOf(rec arrow.Record) int {
	n := 0
	for _, col := range rec.Columns() {
		n += sizeOfArray(col)
	}
	return n
}

func sizeOfArray(arr arrow.Array) int {
	switch arr := arr.(type) {
	case *array.String:
		if arr.Len() == 0 {
			return 0
		}
		return 4*arr.Len() + arr.ValueOffset(arr.Len()) - arr.ValueOffset(0)
	case *array.Binary:
		return 4*arr.Len() + len(arr.ValueBytes())
	case *array.Map:
		if arr.Len() == 0 {
			return 0
		}
		from, _ := arr.ValueOffsets(0)
		_, to := arr.ValueOffsets(arr.Len() - 1)
		if from == to {
			return 4 * arr.Len()
		}
		keys, items := array.NewSlice(arr.Keys(), from, to), array.NewSlice(arr.Items(), from, to)
		defer keys.Release()
		defer items.Release()
		return 4*arr.Len() + sizeOfArray(keys) + sizeOfArray(items)
	}
	if fixed, ok := arr.DataType().(arrow.FixedWidthDataType); ok {
		return arr.Len() * max(1, fixed.BitWidth()/8)
	}
	return arr.Len() * 16
}
