package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"

	"huikuan/transform/schema"
)

// payments is a small log table: appended to, so that doubles would show.
var payments = schema.Table{
	Name: "paid", Class: schema.Log, Comment: "payments as a log", OrderBy: []string{"payment_id"},
	Columns: []schema.Column{
		must("payment_id", schema.Text, "identifier"), must("currency", schema.Label, "currency"), must("amount", schema.Money, "amount"),
		maybe("received_on", schema.Date, "day"), maybe("rate", schema.Rate, "exchange rate"), maybe("seen_at", schema.Instant, "instant"),
		maybe("reversed", schema.Bool, "flag"), maybe("days", schema.Float, "days"), must("custom", schema.TextMap, "rest"),
	},
}

func money(cents int64) decimal128.Num { return decimal128.FromI64(cents * 100) }

// paid makes rows of payments, numbered from first.
func paid(first, n int) [][]any {
	rows := make([][]any, n)
	for i := range rows {
		id := first + i
		rows[i] = []any{fmt.Sprintf("%06d", id), "EUR", money(int64(id)*100 + 1), arrow.Date32(19000 + id), decimal128.FromI64(12_345_678_901),
			time.UnixMicro(int64(id) * 1_000_001).UTC(), id%2 == 0, float64(id) / 2, map[string]string{"po": fmt.Sprint(id), "区域": "华东"}}
	}
	return rows
}

func record(t *testing.T, w *Warehouse, table schema.Table, rows [][]any) arrow.Record {
	t.Helper()
	rec, err := newRecord(w.alloc, table, rows)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rec.Release)
	return rec
}

func migrated(t *testing.T, o Options, tables ...schema.Table) *Warehouse {
	t.Helper()
	w := open(t, o)
	if _, err := w.Migrate(context.Background(), tables, nil); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWhatGoesInComesOutToTheCent(t *testing.T) {
	for _, compression := range []string{"none", "lz4", "zstd"} {
		t.Run(compression, func(t *testing.T) {
			o := optionsFor(t)
			o.Compression = compression
			w := migrated(t, o, payments)
			rows := paid(1, 1000)
			rows[7] = []any{"000008", "JPY", decimal128.FromI64(-999_999_999_999_999_999), nil, nil, nil, nil, nil, map[string]string{}}
			sent := record(t, w, payments, rows)
			receipt, err := w.Insert(context.Background(), "paid", "test", sent)
			if err != nil {
				t.Fatal(err)
			}
			if receipt.Rows != 1000 || receipt.Bytes == 0 || receipt.Token != "test/"+receipt.Hash || receipt.Parts != 1 {
				t.Errorf("receipt %+v", receipt)
			}
			var got [][]string
			for rec, err := range w.QueryArrow(context.Background(), "SELECT * FROM paid ORDER BY payment_id") {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, texts(rec)...)
			}
			want := texts(sent)
			for i := range want {
				if strings.Join(got[i], "|") != strings.Join(want[i], "|") {
					t.Fatalf("row %d\n got %v\nwant %v", i, got[i], want[i])
				}
			}
		})
	}
}

func texts(rec arrow.Record) [][]string {
	rows := make([][]string, rec.NumRows())
	for _, col := range rec.Columns() {
		for i := range rows {
			rows[i] = append(rows[i], col.ValueStr(i))
		}
	}
	return rows
}

// flaky passes requests on to the warehouse and cuts the line after the answer
// to the given inserts has come back: the engine has committed, nobody was told.
func flaky(t *testing.T, o Options, cut func(insert int64) bool) (Options, *atomic.Int64) {
	t.Helper()
	var inserts atomic.Int64
	upstream := o.URL
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		req, err := http.NewRequestWithContext(r.Context(), r.Method, upstream+r.URL.RequestURI(), r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		req.Header = r.Header.Clone()
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			rw.WriteHeader(http.StatusBadGateway)
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		if strings.HasPrefix(r.URL.Query().Get("query"), "INSERT") && cut(inserts.Add(1)) {
			panic(http.ErrAbortHandler)
		}
		for key, values := range res.Header {
			rw.Header()[key] = values
		}
		rw.WriteHeader(res.StatusCode)
		_, _ = rw.Write(body)
	}))
	t.Cleanup(proxy.Close)
	o.URL = proxy.URL
	return o, &inserts
}

func TestAnInsertWhoseAcknowledgementWasLostCountsOnce(t *testing.T) {
	o, inserts := flaky(t, optionsFor(t), func(n int64) bool { return n <= 3 })
	w := migrated(t, o, payments)
	receipt, err := w.Insert(context.Background(), "paid", "erp/payments/1-4", record(t, w, payments, paid(1, 500)))
	if err != nil {
		t.Fatal(err)
	}
	if inserts.Load() != 4 {
		t.Errorf("%d attempts reached the engine, want 4", inserts.Load())
	}
	if got := askOne(t, w, "SELECT count() FROM paid"); got != uint64(500) || receipt.Rows != 500 {
		t.Errorf("%v rows after three lost acknowledgements, want 500", got)
	}
}

func TestAnInsertGivesUpAfterItsRetries(t *testing.T) {
	o, inserts := flaky(t, optionsFor(t), func(int64) bool { return true })
	o.Retries = 2
	w := migrated(t, o, payments)
	rec := record(t, w, payments, paid(1, 10))
	_, err := w.Insert(context.Background(), "paid", "t", rec)
	wantError(t, err, ErrUnreachable, "insert into paid", "no answer from the warehouse")
	if inserts.Load() != 3 {
		t.Errorf("%d attempts, want 3", inserts.Load())
	}
	// The caller's own repeat later completes it, still once.
	o.URL = optionsFor(t).URL
	w2 := open(t, o)
	if _, err := w2.Insert(context.Background(), "paid", "t", rec); err != nil {
		t.Fatal(err)
	}
	if got := askOne(t, w2, "SELECT count() FROM paid"); got != uint64(10) {
		t.Errorf("%v rows, want 10", got)
	}
}

func TestARefusedInsertIsNotRepeated(t *testing.T) {
	o, inserts := flaky(t, optionsFor(t), func(int64) bool { return false })
	w := migrated(t, o, payments)
	rec := record(t, w, payments, paid(1, 10))
	if _, err := w.target(context.Background(), "paid"); err != nil {
		t.Fatal(err)
	}
	if err := w.Exec(context.Background(), "DROP TABLE paid"); err != nil {
		t.Fatal(err)
	}
	_, err := w.Insert(context.Background(), "paid", "t", rec)
	wantError(t, err, ErrMissing, "insert into paid")
	if inserts.Load() != 1 {
		t.Errorf("%d attempts, want 1", inserts.Load())
	}
}

func TestOtherDataUnderTheSameTokenIsNotLost(t *testing.T) {
	w := migrated(t, optionsFor(t), payments)
	for _, first := range []int{1, 101, 1} { // the third repeats the first
		if _, err := w.Insert(context.Background(), "paid", "same token", record(t, w, payments, paid(first, 100))); err != nil {
			t.Fatal(err)
		}
	}
	if got := askOne(t, w, "SELECT count() FROM paid"); got != uint64(200) {
		t.Errorf("%v rows, want 200: two payloads, one of them sent twice", got)
	}
}

func TestALargeInsertIsSplitTheSameWayEachTime(t *testing.T) {
	o := optionsFor(t)
	o.MaxInsertRows = 300
	w := migrated(t, o, payments)
	recs := []arrow.Record{record(t, w, payments, paid(1, 1000)), record(t, w, payments, paid(1001, 50)), record(t, w, payments, paid(1051, 50))}
	for range 2 {
		receipt, err := w.Insert(context.Background(), "paid", "big", recs...)
		if err != nil {
			t.Fatal(err)
		}
		if receipt.Parts != 4 || receipt.Rows != 1100 {
			t.Errorf("receipt %+v, want 1100 rows in 4 parts", receipt)
		}
	}
	if got := askOne(t, w, "SELECT count() FROM paid"); got != uint64(1100) {
		t.Errorf("%v rows, want 1100", got)
	}
}

func TestEqualPartsOfOneInsertAllCount(t *testing.T) {
	o := optionsFor(t)
	o.MaxInsertRows = 10
	w := migrated(t, o, payments)
	same := record(t, w, payments, paid(1, 10))
	if _, err := w.Insert(context.Background(), "paid", "t", same, same, same); err != nil {
		t.Fatal(err)
	}
	if got := askOne(t, w, "SELECT count() FROM paid"); got != uint64(30) {
		t.Errorf("%v rows, want 30", got)
	}
}

func TestPartsKeepToTheirLimits(t *testing.T) {
	w := migrated(t, optionsFor(t), payments)
	rec := record(t, w, payments, paid(1, 1000))
	perRow := sizeOf(rec) / 1000
	for _, maxBytes := range []int{1, perRow * 7, perRow * 250, perRow * 5000} {
		parts := pack([]arrow.Record{rec, rec}, 400, maxBytes)
		rows := int64(0)
		for i, p := range parts {
			rows += p.rows
			if p.rows > 400 || (p.bytes > maxBytes && p.rows > 1) {
				t.Errorf("limit %d bytes: part %d has %d rows and %d bytes", maxBytes, i, p.rows, p.bytes)
			}
		}
		if rows != 2000 {
			t.Errorf("limit %d bytes: %d rows in all parts, want 2000", maxBytes, rows)
		}
		releaseParts(parts)
	}
}

func TestACancelledInsertStopsRetrying(t *testing.T) {
	o, _ := flaky(t, optionsFor(t), func(int64) bool { return true })
	ctx, cancel := context.WithCancel(context.Background())
	o.Sleep = func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() }
	w := migrated(t, o, payments)
	_, err := w.Insert(ctx, "paid", "t", record(t, w, payments, paid(1, 10)))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestDocumentsGoBehindTheirViewAndTheLatestVersionWins(t *testing.T) {
	docs := schema.Table{Name: "bills", Class: schema.Document, Comment: "bills", Key: []string{"bill_id"}, Columns: versioned(
		must("bill_id", schema.Text, "identifier"), must("source", schema.Label, "source"), must("amount", schema.Money, "amount"))}
	w := migrated(t, optionsFor(t), docs)
	insert := func(rows ...[]any) {
		t.Helper()
		if _, err := w.Insert(context.Background(), "bills", "t", record(t, w, docs, rows)); err != nil {
			t.Fatal(err)
		}
	}
	insert([]any{"1", "erp", money(100), uint64(1), uint8(0)}, []any{"2", "erp", money(200), uint64(1), uint8(0)}, []any{"1", "other", money(900), uint64(1), uint8(0)})
	insert([]any{"1", "erp", money(150), uint64(3), uint8(0)}, []any{"2", "erp", money(200), uint64(3), uint8(1)})
	insert([]any{"1", "erp", money(111), uint64(2), uint8(0)}) // an older version that comes late
	got := fmt.Sprint(ask(t, w, "SELECT bill_id, source, amount FROM bills ORDER BY ALL"))
	if want := "[[1 erp 1.5] [1 other 9]]"; got != want {
		t.Errorf("view shows %s, want %s", got, want)
	}
}
