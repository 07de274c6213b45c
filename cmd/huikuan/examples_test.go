package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// example runs a command on an example's configuration and returns its output.
func example(t *testing.T, name string, env []string, args ...string) string {
	t.Helper()
	return runWith(t, filepath.Join("../../docs/examples", name, "huikuan.yaml"), env, args...)
}

// runWith runs a command on a configuration and returns its output.
func runWith(t *testing.T, config string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command("huikuan", append([]string{"-q", "--config", config}, args...)...)
	cmd.Env = append([]string{"HUIKUAN_LIBCHDB=" + library(t), "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("huikuan %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	return string(out)
}

func rows(t *testing.T, text string) []map[string]any {
	t.Helper()
	var out []map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return out
}

// ledgerFile makes a ledger in the shape of the example: 300 invoices of 30-day
// terms, one a day and more, paid after 10 to 59 days, the last ones not yet.
// It returns what is open, not due and 1 to 30 days late at the end of a day, in
// cents, counted row by row.
func ledgerFile(t *testing.T, path string, asOf time.Time) (total, open, notDue, late int64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := csv.NewWriter(f)
	_ = w.Write(strings.Split("countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,PaperlessBill,DaysToSettle,DaysLate", ","))
	begin := time.Date(2023, 12, 20, 0, 0, 0, 0, time.UTC)
	us := func(d time.Time) string { return d.Format("1/2/2006") }
	for i := range 300 {
		date := begin.AddDate(0, 0, i/2)
		due, settled := date.AddDate(0, 0, 30), date.AddDate(0, 0, 10+i*7%50)
		cents := int64(1000 + i*i*31%90000)
		total += cents
		paid := us(settled)
		if i > 290 {
			paid, settled = "", asOf.AddDate(1, 0, 0)
		}
		if !date.After(asOf) && settled.After(asOf) {
			open += cents
			switch days := int(asOf.Sub(due).Hours() / 24); {
			case days <= 0:
				notDue += cents
			case days <= 30:
				late += cents
			}
		}
		_ = w.Write([]string{"391", fmt.Sprintf("客户-%03d", i%17), "", fmt.Sprintf("%07d", i), us(date), us(due), fmt.Sprintf("%d.%02d", cents/100, cents%100), []string{"No", "Yes"}[i%9/8], paid, "Paper", "", ""})
	}
	w.Flush()
	if err := w.Error(); err != nil {
		t.Fatal(err)
	}
	return total, open, notDue, late
}

func cents100(s any) int64 {
	var units, frac int64
	whole, part, _ := strings.Cut(fmt.Sprint(s), ".")
	fmt.Sscan(whole, &units)
	fmt.Sscan((part + "00")[:2], &frac)
	return units*100 + frac
}

func TestTheExampleOfACSVLedgerGivesItsFiguresToTheCent(t *testing.T) {
	csvPath := filepath.Join(t.TempDir(), "ledger.csv")
	asOf := time.Date(2024, 3, 31, 0, 0, 0, 0, time.UTC)
	total, open, notDue, late := ledgerFile(t, csvPath, asOf)
	env := []string{"LEDGER_CSV=" + csvPath, "HUIKUAN_DATA=" + filepath.Join(t.TempDir(), "data")}
	example(t, "csv-ledger", env, "sync")
	example(t, "csv-ledger", env, "build", "--as-of", "2024-06-30")
	got := rows(t, example(t, "csv-ledger", env, "query", "--format", "json", "SELECT count() AS n, sum(gross_amount) AS total FROM invoices"))[0]
	if got["n"] != float64(300) || cents100(got["total"]) != total {
		t.Errorf("loaded %v, want 300 invoices of %d cents", got, total)
	}
	got = rows(t, example(t, "csv-ledger", env, "query", "--format", "json",
		"SELECT sum(open_amount) AS open, sum(not_due) AS not_due, sum(d1_30) AS late FROM ar_snapshots WHERE as_of = '2024-03-31'"))[0]
	if cents100(got["open"]) != open || cents100(got["not_due"]) != notDue || cents100(got["late"]) != late || late == 0 {
		t.Errorf("as of 2024-03-31: %v, want open %d, not due %d, 1–30 days %d cents", got, open, notDue, late)
	}
	got = rows(t, example(t, "csv-ledger", env, "query", "--format", "json",
		"SELECT uniqExact(month) AS months, max(abs(check_amount)) AS worst, (SELECT uniqExact(as_of) FROM dso WHERE scope = 'group' AND as_of = toLastDayOfMonth(as_of)) AS days FROM ar_rollforward"))[0]
	if got["months"] != float64(7) || got["worst"] != "0" || got["days"] != float64(7) {
		t.Errorf("roll-forward and month-ends: %v, want 7 months that close", got)
	}
}

// The figures that others have published of this file of real invoices; it is
// not part of the project.
func TestTheLatePaymentHistoriesGiveTheirKnownFigures(t *testing.T) {
	path := filepath.Join(os.Getenv("HUIKUAN_TEST_LEDGERS"), "ibm_late_payments.csv")
	if _, err := os.Stat(path); err != nil {
		t.Skip("HUIKUAN_TEST_LEDGERS does not name a folder with ibm_late_payments.csv")
	}
	env := []string{"LEDGER_CSV=" + path, "HUIKUAN_DATA=" + filepath.Join(t.TempDir(), "data")}
	example(t, "csv-ledger", env, "sync")
	example(t, "csv-ledger", env, "build", "--as-of", "2014-01-31")
	for stmt, want := range map[string]string{
		"SELECT count() AS a, sum(gross_amount) AS b FROM invoices":                                                                                                 `{"a":2466,"b":"147703.18"}`,
		"SELECT sum(open_amount) AS a, sum(not_due) AS b, sum(d1_30) AS c FROM ar_snapshots WHERE as_of = '2012-12-31'":                                             `{"a":"5725.06","b":"4936.32","c":"788.74"}`,
		"SELECT uniqExact(month) AS a, max(abs(check_amount)) AS b, countIf(check_amount != 0) AS c FROM ar_rollforward":                                            `{"a":25,"b":"0","c":0}`,
		"SELECT toString(round(dso_month, 2)) AS a, toString(round(dso_sales_weighted, 2)) AS b FROM dso WHERE scope = 'group' AND as_of = '2012-06-30'":            `{"a":"29.62","b":"28.81"}`,
		"SELECT countIf(settled_on > due_date) AS a, sumIf(amount, settled_on > due_date) AS b, uniqExactIf(customer_id, settled_on > due_date) AS c FROM ar_items": `{"a":877,"b":"53960.78","c":83}`,
		`SELECT toString(round(sum(days) / count(), 4)) AS a, toString(round(sum(days * amount) / sum(amount), 4)) AS b, toString(round(sum(late) / count(), 4)) AS c FROM (
			SELECT toDecimal128(dateDiff('day', invoice_date, receipt_date), 8) AS days, toDecimal128(greatest(0, dateDiff('day', due_date, receipt_date)), 8) AS late, amount FROM ar_settlements)`: `{"a":"26.4448","b":"26.7006","c":"3.4424"}`,
		"SELECT arrayStringConcat(groupArray(toString(round(received_rate, 4))), ' ') AS a FROM (SELECT * FROM vintage WHERE basis = 'invoice' AND scope = 'group' AND cohort = '2012-03-01' AND days IN (15, 30, 45, 60) ORDER BY days)": `{"a":"0.0915 0.5872 0.8753 1"}`,
		"SELECT recovered_rc AS a, opening_overdue_rc AS b FROM overdue_recovery WHERE month = '2012-06-01' AND scope = 'group'":                                                                                                          `{"a":"858.15","b":"858.15"}`,
	} {
		got, _ := json.Marshal(rows(t, example(t, "csv-ledger", env, "query", "--format", "json", stmt))[0])
		if string(got) != want {
			t.Errorf("%s: %s, want %s", stmt, got, want)
		}
	}
}

func TestTheExampleOfACanonicalFolderNeedsNoMapping(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"companies":   "company,name,base_currency,reporting_currency\nHQ,总部,CNY,CNY\n",
		"customers":   "customer_id,name,terms_code,owner_id,shoe_size\n007,苏州精密,NET30,R1,44\n",
		"reps":        "rep_id,name,team\nR1,张艳,East\n",
		"invoices":    "invoice_id,customer_id,invoice_date,currency,gross_amount\n0001,007,2026-01-10,CNY,1000.00\n0002,007,2026-03-01,CNY,0.3\n",
		"payments":    "payment_id,customer_id,receipt_date,currency,amount\nP1,007,2026-02-20,CNY,400\n",
		"allocations": "allocation_id,payment_id,invoice_id,application_date,amount\nA1,P1,0001,2026-02-20,400\n",
		"evidence":    "invoice_id,evidence_type,present\n0001,contract,true\n",
		"order_holds": "hold_id,customer_id,held_on,released_on\nH1,007,2026-03-01,\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name+".csv"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"LEDGER_DIR=" + dir, "HUIKUAN_DATA=" + filepath.Join(t.TempDir(), "data")}
	example(t, "canonical-folder", env, "sync")
	example(t, "canonical-folder", env, "build", "--as-of", "2026-03-31")
	got := example(t, "canonical-folder", env, "query", "--format", "csv", "SELECT invoice_id, due_date, open_amount, bucket, owner_id, company FROM ar_open_items ORDER BY invoice_id")
	if want := "invoice_id,due_date,open_amount,bucket,owner_id,company\n0001,2026-02-09,600,31-60,R1,HQ\n0002,2026-03-31,0.3,not_due,R1,HQ\n"; got != want {
		t.Errorf("open items:\n%swant\n%s", got, want)
	}
	if got := example(t, "canonical-folder", env, "query", "--format", "csv", "SELECT e.present AS proof, h.released_on IS NULL AS held FROM evidence AS e, order_holds AS h"); got != "proof,held\ntrue,1\n" {
		t.Errorf("evidence and holds: %s", got)
	}
	if got := example(t, "canonical-folder", env, "query", "--format", "csv", "SELECT custom['shoe_size'] AS kept FROM customers"); got != "kept\n44\n" {
		t.Errorf("an unknown column was not kept: %s", got)
	}
}
