package load

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"
)

var noon = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

func TestACursorIsFoundAgainByTheNextProcess(t *testing.T) {
	ctx := context.Background()
	o := optionsFor(t)
	w := migrated(t, o)
	if got, err := w.LoadState(ctx, "erp", "invoices", ""); err != nil || got != nil {
		t.Fatalf("a new stream has the cursor %q, error %v", got, err)
	}
	for i := range 3 {
		if err := w.SaveState(ctx, "erp", "invoices", "", fmt.Appendf(nil, `{"page":%d}`, i), "run1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.SaveState(ctx, "erp", "invoices", "2024", []byte("other"), "run1"); err != nil {
		t.Fatal(err)
	}
	next := open(t, o)
	if got, err := next.LoadState(ctx, "erp", "invoices", ""); err != nil || string(got) != `{"page":2}` {
		t.Errorf("the next process finds %q, error %v", got, err)
	}
	if err := next.ForgetState(ctx, "erp", "invoices", "run2"); err != nil {
		t.Fatal(err)
	}
	if got, err := next.LoadState(ctx, "erp", "invoices", "2024"); err != nil || got != nil {
		t.Errorf("a forgotten cursor is %q, error %v", got, err)
	}
}

func TestACursorMovesThoughTheClockWentBack(t *testing.T) {
	ctx := context.Background()
	o := optionsFor(t)
	now := noon
	o.Now = func() time.Time { return now }
	w := migrated(t, o)
	if err := w.SaveState(ctx, "erp", "invoices", "", []byte("first"), "run1"); err != nil {
		t.Fatal(err)
	}
	now = noon.AddDate(0, 0, -3)
	next := open(t, o)
	if err := next.SaveState(ctx, "erp", "invoices", "", []byte("second"), "run2"); err != nil {
		t.Fatal(err)
	}
	if got, _ := next.LoadState(ctx, "erp", "invoices", ""); string(got) != "second" {
		t.Errorf("cursor is %q, want the one saved last", got)
	}
	if err := next.ForgetState(ctx, "erp", "", "run3"); err != nil {
		t.Fatal(err)
	}
	if got, _ := next.LoadState(ctx, "erp", "invoices", ""); got != nil {
		t.Errorf("forgotten cursor is %q", got)
	}
}

func TestStatusTellsHowTheLastRunOfEachStreamWent(t *testing.T) {
	ctx := context.Background()
	w := migrated(t, optionsFor(t))
	hour := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	slice := func(run, stream, part, status string, at int, rows int64) Slice {
		return Slice{RunID: run, Source: "erp", Stream: stream, Slice: part, Status: status, StartedAt: hour(at), FinishedAt: hour(at + 1),
			Pages: 1, Read: rows + 2, Rejected: 2, Rows: rows, Bytes: rows * 10, Error: map[bool]string{true: "timeout"}[status == "failed"]}
	}
	err := w.WriteSlices(ctx,
		slice("run1", "invoices", "", "ok", 0, 100), slice("run2", "invoices", "2023", "ok", 5, 7), slice("run2", "invoices", "2024", "failed", 5, 3),
		slice("run2", "payments", "", "partial", 6, 20))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteSlices(ctx, slice("run2", "payments", "", "partial", 6, 21)); err != nil { // repeated: replaces, does not add
		t.Fatal(err)
	}
	if err := w.SaveState(ctx, "erp", "invoices", "", []byte(`{"since":"2025"}`), "run1"); err != nil {
		t.Fatal(err)
	}
	got, err := w.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want := []StreamStatus{
		{Source: "erp", Stream: "invoices", LastSuccess: hour(1), LastRun: hour(6), Status: "failed", Cursor: `{"since":"2025"}`, Rows: 10, Rejected: 4, Bytes: 100, Duration: time.Hour, Error: "timeout"},
		{Source: "erp", Stream: "payments", LastSuccess: hour(7), LastRun: hour(7), Status: "partial", Rows: 21, Rejected: 2, Bytes: 210, Duration: time.Hour},
	}
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("status\n got %+v\nwant %+v", got, want)
	}
}

func TestARunIsShownRunningThenFinished(t *testing.T) {
	ctx := context.Background()
	w := migrated(t, optionsFor(t))
	run := Run{ID: "r1", Kind: "sync", StartedAt: noon, Version: "0.1", Host: "here"}
	if err := w.StartRun(ctx, run); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(ask(t, w, "SELECT status, finished_at FROM ops_runs")); got != "[[running <nil>]]" {
		t.Errorf("a begun run is %s", got)
	}
	run.Status, run.FinishedAt, run.Rows, run.Rejected = "partial", noon.Add(time.Minute), 9, 1
	if err := w.FinishRun(ctx, run); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(ask(t, w, "SELECT status, finished_at, rows_loaded, rows_rejected FROM ops_runs")); got != "[[partial 2025-03-01 12:01:00.000000 9 1]]" {
		t.Errorf("a finished run is %s", got)
	}
}

func TestRerunsDoNotDoubleRejectedRowsAndRawPages(t *testing.T) {
	ctx := context.Background()
	w := migrated(t, optionsFor(t))
	for _, run := range []string{"run1", "run2"} {
		err := w.WriteRejected(ctx,
			Rejected{RunID: run, Source: "erp", Stream: "invoices", Table: "invoices", Record: 3, Field: "amount", Found: "abc", Expected: "decimal", Reason: "not a number", Raw: []byte(`{"amount":"abc"}`)},
			Rejected{RunID: run, Source: "erp", Stream: "payments", Table: "payments", Record: 3, Field: "amount", Raw: []byte(`{"amount":"abc"}`)})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.WriteRawPages(ctx, RawPage{RunID: run, Source: "erp", Stream: "invoices", Ordinal: 1, Columns: []string{"a", "b"}, FetchedAt: time.Now(), Body: NewPacker().Pack([]byte(`[[1,2]]`))}); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(ask(t, w, "SELECT stream, run_id, raw FROM rejected_rows ORDER BY stream")); got != `[[invoices run2 {"amount":"abc"}] [payments run2 {"amount":"abc"}]]` {
		t.Errorf("rejected rows %s", got)
	}
	if got := fmt.Sprint(ask(t, w, "SELECT columns, body_bytes, run_id FROM raw_pages")); got != `[[["a","b"] 7 run2]]` {
		t.Errorf("raw pages %s", got)
	}
}

func TestARawPageComesBackExactlyAsItWasReceived(t *testing.T) {
	w := migrated(t, optionsFor(t))
	received := map[string][]byte{
		"text":    []byte("\xef\xbb\xbf {\"message\": [\n\t{\"name\": \"发票 №1 €\", \"x\": \"\\u0000\"}]}\r\n"),
		"no text": {0, 0xff, 0xfe, '\'', '\\', 0},
		"large":   bytes.Repeat([]byte(`{"name":"ACC-SINV-2025-00001","grand_total":1190.0},`), 100_000),
	}
	packer := NewPacker()
	var pages []RawPage
	for stream, body := range received {
		pages = append(pages, RawPage{Source: "erp", Stream: stream, FetchedAt: time.Now(), Body: packer.Pack(body)})
	}
	if err := w.WriteRawPages(context.Background(), pages...); err != nil {
		t.Fatal(err)
	}
	stored := ask(t, w, "SELECT stream, body, body_bytes, hash = lower(hex(SHA256(body))) FROM raw_pages")
	if len(stored) != len(received) {
		t.Fatalf("%d pages came back, %d were written", len(stored), len(received))
	}
	for _, row := range stored {
		frame := []byte(row[1].(string))
		got, err := Unpack(frame, int(row[2].(int64)))
		if err != nil || !bytes.Equal(got, received[row[0].(string)]) {
			t.Errorf("page %q came back as %d bytes %.60q, %v", row[0], len(got), got, err)
		}
		if fmt.Sprint(row[3]) != "1" {
			t.Errorf("page %q: the hash is not that of its body", row[0])
		}
		if _, err := Unpack(frame[:len(frame)-1], int(row[2].(int64))); err == nil {
			t.Errorf("page %q: a cut body was unpacked without an error", row[0])
		}
	}
}

func TestReceiptsModelsAndTestsAreLogged(t *testing.T) {
	ctx := context.Background()
	w := migrated(t, optionsFor(t))
	if err := w.WriteReceipts(ctx, "r", "erp", "invoices", "", Receipt{Table: "invoices", Rows: 5, Bytes: 9, Token: "t", Hash: "h", Duration: 1500 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if err := w.WriteModelRuns(ctx, ModelRun{RunID: "r", Model: "m", Status: "ok", StartedAt: time.Now(), Rows: 3}); err != nil {
		t.Fatal(err)
	}
	if err := w.WriteTestResults(ctx, TestResult{RunID: "r", Test: "unique", Table: "m", Status: "failed", Severity: "error", FailedRows: 2, TestedAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(ask(t, w, "SELECT table_name, rows, seconds FROM ops_receipts")); got != "[[invoices 5 1.5]]" {
		t.Errorf("receipts %s", got)
	}
	if got := fmt.Sprint(ask(t, w, "SELECT m.model, m.rows, t.test, t.failed_rows FROM ops_model_runs AS m, ops_test_results AS t")); got != "[[m 3 unique 2]]" {
		t.Errorf("models and tests %s", got)
	}
}
