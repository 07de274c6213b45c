package connectors

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"huikuan/config"
	"huikuan/internal/pipeline"
)

var block = regexp.MustCompile("(?ms)^```\\w+ (\\S+)\n(.*?)^```$")

// blocks are the parts of the guide that are files, those of one name joined.
func blocks(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(docs + "writing.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, m := range block.FindAllStringSubmatch(string(text), -1) {
		out[m[1]] += m[2] + "\n"
	}
	if len(out) < 4 {
		t.Fatalf("the guide holds only %d files", len(out))
	}
	return out
}

func TestTheConnectorOfTheGuideHasNoMistakes(t *testing.T) {
	dir := write(t, blocks(t))
	mistakes, err := Lint(filepath.Join(dir, "ledgerly.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mistakes {
		t.Error(m)
	}
	if err := compiled(t).Validate(asJSON(t, blocks(t)["ledgerly.yaml"])); err != nil {
		t.Error(err)
	}
}

func TestTheRecordedExchangesOfTheGuideGiveTheRowsItShows(t *testing.T) {
	for _, r := range runTest(t, write(t, blocks(t)), false) {
		if !r.OK() {
			t.Errorf("%+v", r)
		}
	}
}

// The guide's connector against the system that the guide tells of, into the
// warehouse: first all of it, then what changed, moved without a date, was
// cancelled and was deleted.
func TestTheConnectorOfTheGuideReadsTheSystemOfTheGuide(t *testing.T) {
	l := newLedgerly(t)
	for i := range 7 {
		l.put("customers", "code", fmt.Sprintf("%05d", i+1), map[string]any{"name": fmt.Sprintf("Customer %d", i+1), "address": map[string]any{"region": "North"}, "salesman": "Aino", "terms_days": 30})
	}
	invoice := func(id, status, total string) {
		l.put("invoices", "id", id, map[string]any{"number": "INV-" + id, "kind": "I", "customer": map[string]any{"code": "00001"}, "issued": "2026-01-05", "due": "2026-02-04",
			"currency": "", "total": total, "tax": "        0.00", "salesman": "Aino", "status": status, "reference": "PO-" + id})
	}
	payment := func(id, total string) {
		l.put("payments", "id", id, map[string]any{"customer": map[string]any{"code": "00001"}, "paid_on": "2026-01-20", "currency": "EUR", "total": total, "status": "booked", "method": "B"})
	}
	invoice("1001", "open", "      119.00")
	invoice("1002", "open", "     1000.50")
	invoice("1003", "draft", "        1.00")
	invoice("1004", "open", "       80.00")
	invoice("1005", "open", "       33.33")
	payment("501", "      100.00")
	payment("502", "       80.00")
	l.settle("1001", "a1", "501", "       60.00")
	l.settle("1002", "a2", "501", "       40.00")
	l.settle("1004", "a3", "502", "       80.00")
	l.left, l.busy = 5, 2

	w := newWarehouse(t, l)
	w.sync()
	w.holds("customers", "customer_id, name, region, terms_code", `00001|Customer 1|North|NET30 00002|Customer 2|North|NET30 00003|Customer 3|North|NET30 00004|Customer 4|North|NET30 00005|Customer 5|North|NET30 00006|Customer 6|North|NET30 00007|Customer 7|North|NET30`)
	w.holds("invoices", "invoice_id, currency, gross_amount, custom['number']", "1001|EUR|119|INV-1001 1002|EUR|1000.5|INV-1002 1004|EUR|80|INV-1004 1005|EUR|33.33|INV-1005")
	w.holds("payments", "payment_id, amount, method", "501|100|bank_transfer 502|80|bank_transfer")
	w.holds("allocations", "allocation_id, payment_id, amount", "1001-a1|501|60 1002-a2|501|40 1004-a3|502|80")
	if l.sessions < 3 {
		t.Errorf("the session never ended: %d were opened", l.sessions)
	}

	// An hour later: a part payment and a payment taken back, which no date of change tells; an edit; a cancellation.
	w.later(time.Hour)
	payment("503", "       20.00")
	l.settle("1002", "a4", "503", "       20.00")
	l.unsettle("1001", "a1")
	invoice("1005", "open", "       34.00")
	l.put("invoices", "id", "1004", map[string]any{"status": "void"})
	l.unsettle("1004", "a3")
	w.sync()
	w.holds("invoices", "invoice_id, gross_amount", "1001|119 1002|1000.5 1005|34")
	w.holds("allocations", "allocation_id, amount", "1002-a2|40 1002-a4|20")
	w.holds("payments", "payment_id, amount", "501|100 502|80 503|20")

	// A day later: what was deleted is gone, and what is there stays.
	w.later(25 * time.Hour)
	l.remove("invoices", "1005")
	l.remove("payments", "502")
	l.remove("customers", "00007")
	w.sync()
	w.holds("invoices", "invoice_id", "1001 1002")
	w.holds("payments", "payment_id", "501 503")
	w.holds("customers", "count()", "6")

	// Nothing changed: nothing is read but the overlap, and nothing changes.
	w.later(time.Hour)
	w.sync()
	w.holds("allocations", "allocation_id, amount", "1002-a2|40 1002-a4|20")
}

// warehouse is the embedded one, with the guide's connector as its source.
type warehouse struct {
	t   *testing.T
	l   *ledgerly
	app *pipeline.App
	now time.Time
}

func newWarehouse(t *testing.T, l *ledgerly) *warehouse {
	t.Helper()
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	dir := write(t, map[string]string{"ledgerly.yaml": blocks(t)["ledgerly.yaml"], "huikuan.yaml": `
data: data
sources:
  - name: erp
    connector: ledgerly.yaml
    settings: {url: "` + server.URL + `", key: k, secret: s3cret, timezone: Europe/Helsinki, page_size: 3, rate: 0}
`})
	cfg, err := config.Load(config.Options{Path: filepath.Join(dir, "huikuan.yaml"), Env: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	w := &warehouse{t: t, l: l, now: l.now.Add(48 * time.Hour)}
	if w.app, err = pipeline.Open(t.Context(), cfg, pipeline.Options{Now: func() time.Time { return w.now }}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.app.Close() })
	return w
}

// later moves both clocks.
func (w *warehouse) later(d time.Duration) {
	w.now = w.now.Add(d)
	w.l.mu.Lock()
	w.l.now = w.now.Add(-30 * time.Minute)
	w.l.mu.Unlock()
}

func (w *warehouse) sync() {
	w.t.Helper()
	report, err := w.app.Sync(w.t.Context(), pipeline.SyncOptions{})
	if err != nil || report.Err() != nil {
		w.t.Fatal(err, report.Err())
	}
	for _, s := range report.Streams {
		if s.Rejected > 0 {
			w.t.Errorf("%s: %s", s.Stream, s.FirstReject)
		}
	}
}

// holds compares a table, rows parted by blanks and values by bars; a blank in a value is a _.
func (w *warehouse) holds(table, columns, want string) {
	w.t.Helper()
	rows, err := w.app.All(w.t.Context(), fmt.Sprintf("SELECT %s FROM %s ORDER BY ALL", columns, table))
	if err != nil {
		w.t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		var cells []string
		for _, v := range r {
			cells = append(cells, strings.ReplaceAll(fmt.Sprint(v), " ", "_"))
		}
		got = append(got, strings.Join(cells, "|"))
	}
	if text := strings.Join(got, " "); text != strings.ReplaceAll(want, "Customer ", "Customer_") {
		w.t.Errorf("%s holds\n  %s\nwant\n  %s", table, text, want)
	}
}
