package sql_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"huikuan/internal/pipeline"
	"huikuan/sql"
)

// The guide tells people to put a file into a folder; this test does so, and
// then what the guide promises of it: built, tested, documented, charted.
func TestTheGuidesExampleIsBuiltTestedDocumentedAndCharted(t *testing.T) {
	guide, err := os.ReadFile("../docs/models.md")
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile("(?s)```sql\n(.*?)```").FindSubmatch(guide)
	if example == nil {
		t.Fatal("the guide has no example")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "disputed_customers.sql"), example[1], 0o644); err != nil {
		t.Fatal(err)
	}
	models, err := sql.Models(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := newWarehouse(t)
	book(w)
	w.exec("INSERT INTO ar_snapshots (as_of, customer_id, owner_id, currency, open_amount_rc, disputed_rc) VALUES ('2026-11-20', 'C2', 'R9', 'CNY', 40, 12.34)")
	r := runner(t, w, sql.RunnerOptions{Vars: map[string]any{"smallest_dispute": "12.34"}}, models...)

	tests, err := r.UnitTests(context.Background(), "disputed_customers")
	if err != nil || len(tests) != 1 {
		t.Fatalf("%d unit tests, %v", len(tests), err)
	}
	for _, u := range tests {
		if !u.Passed() {
			t.Error(u)
		}
	}
	if report := build(t, r, "disputed_customers"); !report.OK() {
		t.Fatal(report.Err())
	}
	publish(t, r)
	if got, want := w.table("SELECT customer_id, customer_name, open_amount_rc, disputed_rc, round(disputed_share, 4) FROM disputed_customers"), "('C2','杭州百川自动化',340,12.34,0.0363)"; got != want {
		t.Errorf("the example answers %s, want %s", got, want)
	}
	if got := w.text("SELECT comment FROM system.columns WHERE database = currentDatabase() AND table = 'disputed_customers' AND name = 'disputed_rc'"); got != "disputed part of open_amount_rc (reporting currency)" {
		t.Errorf("comment of a column: %s", got)
	}

	docs, err := r.Docs(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| `disputed_share` | disputed_rc / open_amount_rc; NULL = nothing is open | fraction |", "| `smallest_dispute` | `0.01` | `12.34` | a number |",
		"ar_snapshots[(ar_snapshots)] --> disputed_customers", "HAVING disputed_rc >= 12.34"} {
		if !strings.Contains(string(docs["disputed_customers.md"]), want) {
			t.Errorf("its page lacks %q", want)
		}
	}
	if !strings.Contains(string(docs["manifest.json"]), `"model.huikuan.disputed_customers"`) {
		t.Error("the manifest lacks the model")
	}
	dashboard, _, err := pipeline.ModelDashboard(r.Models())
	if err != nil || !strings.Contains(string(dashboard), `"title": "Disputed receivables"`) {
		t.Errorf("the dashboard lacks the chart: %v", err)
	}
}
