package sql_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"huikuan/sql"
)

// The guide tells people to put a file into a folder; this test does so.
func TestTheGuidesExampleIsAModelThatBuilds(t *testing.T) {
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
	r := runner(t, w, sql.RunnerOptions{}, models...)
	if report := build(t, r, "disputed_customers"); !report.OK() {
		t.Fatal(report.Err())
	}
	publish(t, r)
	if got, want := w.table("SELECT customer_id, customer_name, open_amount_rc, disputed_rc FROM disputed_customers"), "('C2','杭州百川自动化',340,12.34)"; got != want {
		t.Errorf("the example answers %s, want %s", got, want)
	}
}
