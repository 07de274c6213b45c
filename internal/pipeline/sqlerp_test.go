package pipeline

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"huikuan/config"
	"huikuan/internal/dbtest"
)

// The example docs/examples/sql-erp, on a real PostgreSQL: whatever happens in
// the ERP, after a sync the warehouse holds what the ERP holds.
func TestAnERPsOwnDatabaseIsKeptInStep(t *testing.T) {
	const folder = "../../docs/examples/sql-erp/"
	erp := dbtest.Postgres(t)
	schema, err := os.ReadFile(folder + "schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	erp.Exec(t, string(schema))
	env := map[string]string{"ERP_HOST": erp.Host, "ERP_PORT": strconv.Itoa(erp.Port), "ERP_DATABASE": erp.Database, "ERP_USER": "huikuan", "ERP_PASSWORD": "read'only", "HUIKUAN_DATA": t.TempDir()}
	erp.Exec(t, "CREATE ROLE huikuan LOGIN PASSWORD 'read''only'", "GRANT USAGE ON SCHEMA sales TO huikuan", "GRANT SELECT ON ALL TABLES IN SCHEMA sales TO huikuan")
	cfg, err := config.Load(config.Options{Path: folder + "huikuan.yaml", Env: func(k string) (string, bool) { v, ok := env[k]; return v, ok }})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	a, err := Open(t.Context(), cfg, Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()

	local := "(now() AT TIME ZONE 'Asia/Shanghai')"
	erp.Exec(t,
		"INSERT INTO sales.partner SELECT 'C' || i, '客户 ' || i, 'S' || i % 3, 'East', 30, "+local+" - interval '90 days' FROM generate_series(1, 40) i",
		"INSERT INTO sales.document SELECT 'A' || i % 2, i, CASE WHEN i % 10 = 0 THEN 'CN' ELSE 'IN' END, 'C' || 1 + i % 40, date '2026-01-01' + i % 60, date '2026-02-01' + i % 60, "+
			"'CNY', i + 0.01, false, "+local+" - interval '30 days' FROM generate_series(1, 1200) i", // all of one instant
		"INSERT INTO sales.receipt SELECT i, 'A' || i % 2, 'C' || 1 + i % 40, date '2026-03-01', 'CNY', i, "+local+" - interval '20 days' FROM generate_series(1, 300) i",
		"INSERT INTO sales.applied SELECT i, 1, 'A' || i % 2, i, date '2026-03-01', i - 0.5, "+local+" - interval '20 days' FROM generate_series(1, 300) i WHERE i % 10 <> 0")
	compare := func(step string, readAtMost int64) {
		t.Helper()
		report, err := a.Sync(t.Context(), SyncOptions{})
		if err != nil || report.Err() != nil || report.Rejected() != 0 {
			t.Fatalf("%s: %v, %v, rejected %d", step, err, report.Err(), report.Rejected())
		}
		var read int64
		for _, s := range report.Streams {
			read += s.Read
		}
		if readAtMost > 0 && read > readAtMost {
			t.Errorf("%s: read %d records, expected at most %d", step, read, readAtMost)
		}
		for what, q := range map[string][2]string{
			"customers": {"SELECT trim(code) || ' ' || \"名称\" || ' ' || salesman FROM sales.partner", "SELECT concat(customer_id, ' ', name, ' ', owner_id) FROM customers"},
			"invoices": {"SELECT company || '-' || doc_no || ' ' || trim(partner) || ' ' || doc_date || ' ' || total FROM sales.document WHERE kind = 'IN' AND NOT cancelled",
				"SELECT concat(invoice_id, ' ', customer_id, ' ', toString(invoice_date), ' ', toDecimalString(gross_amount, 2)) FROM invoices"},
			"credit notes": {"SELECT company || '-' || doc_no || ' ' || total FROM sales.document WHERE kind = 'CN' AND NOT cancelled", "SELECT concat(credit_note_id, ' ', toDecimalString(amount, 2)) FROM credit_notes"},
			"payments":     {"SELECT id || ' ' || amount FROM sales.receipt", "SELECT concat(payment_id, ' ', toDecimalString(amount, 2)) FROM payments"},
			"allocations":  {"SELECT receipt_id || '-' || line || ' ' || company || '-' || doc_no || ' ' || amount FROM sales.applied", "SELECT concat(allocation_id, ' ', invoice_id, ' ', toDecimalString(amount, 2)) FROM allocations"},
		} {
			want := erpLines(t, erp, q[0])
			got := lines(t, a, q[1])
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				t.Errorf("%s: %s differ: the ERP has %d, the warehouse %d; first difference %s", step, what, len(want), len(got), firstDifference(want, got))
			}
		}
	}
	compare("first sync", 0)
	compare("nothing happened", 0)

	erp.Exec(t, "UPDATE sales.document SET total = total + 1, updated_at = "+local+" WHERE doc_no % 100 = 7",
		"UPDATE sales.document SET cancelled = true, updated_at = "+local+" WHERE doc_no IN (11, 20)",
		"UPDATE sales.partner SET \"名称\" = '改名', updated_at = "+local+" WHERE code = 'C3'",
		"INSERT INTO sales.receipt VALUES (1000, 'A1', 'C3', '2026-03-02', 'CNY', 12345678901.23, "+local+")")
	late, err := erp.DB.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := late.Exec("INSERT INTO sales.document VALUES ('A1', 5001, 'IN', 'C1', '2026-03-01', NULL, 'CNY', 5, false, " + local + " - interval '20 minutes')"); err != nil {
		t.Fatal(err)
	}
	compare("edits", 0)
	if err := late.Commit(); err != nil {
		t.Fatal(err)
	}
	compare("a late commit", 400)

	// Deletions are found by the pass for keys, once its day has come.
	erp.Exec(t, "DELETE FROM sales.document WHERE doc_no BETWEEN 1190 AND 1199")
	now = now.Add(25 * time.Hour)
	compare("deletions", 0)
}

func erpLines(t *testing.T, erp *dbtest.Server, query string) (out []string) {
	t.Helper()
	rows, err := erp.DB.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func firstDifference(want, got []string) string {
	for i := range max(len(want), len(got)) {
		w, g := "nothing", "nothing"
		if i < len(want) {
			w = want[i]
		}
		if i < len(got) {
			g = got[i]
		}
		if w != g {
			return fmt.Sprintf("%q against %q", strings.TrimSpace(w), strings.TrimSpace(g))
		}
	}
	return ""
}
