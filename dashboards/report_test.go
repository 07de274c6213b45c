package dashboards_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"huikuan/dashboards/report"
)

// ask gives a warehouse to the report as the program does.
func (w *warehouse) ask(ctx context.Context, stmt string) ([]report.Row, error) {
	rows, err := w.conn.Query(ctx, stmt)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []report.Row
	for rows.Next() {
		var cells []any
		for _, c := range rows.ColumnTypes() {
			cells = append(cells, reflect.New(c.ScanType()).Interface())
		}
		if err := rows.Scan(cells...); err != nil {
			return nil, err
		}
		row := report.Row{}
		for i, c := range cells {
			v := reflect.ValueOf(c).Elem()
			if v.Kind() == reflect.Pointer {
				if v.IsNil() {
					row[rows.Columns()[i]] = nil
					continue
				}
				v = v.Elem()
			}
			row[rows.Columns()[i]] = v.Interface()
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// figures are computed here from the facts, not by the pack's own queries: what
// the page says by the attribute that marks its row.
func packFigures(t *testing.T, w *warehouse, day string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for prefix, stmt := range map[string]string{
		"measure=": `SELECT 'open_amount', toString(sum(open_amount_rc)) FROM ar_open_items WHERE as_of = DAY
			UNION ALL SELECT 'overdue', toString(sumIf(open_amount_rc, due_date < DAY)) FROM ar_open_items WHERE as_of = DAY
			UNION ALL SELECT 'over_90', toString(sumIf(open_amount_rc, dateDiff('day', due_date, DAY) > 90)) FROM ar_open_items WHERE as_of = DAY
			UNION ALL SELECT 'net_ar', toString(sum(amount_rc)) FROM ar_events WHERE event_date <= DAY
			UNION ALL SELECT 'dso_90', toString(any(dso_90)) FROM dso WHERE as_of = DAY AND scope = 'group'
			UNION ALL SELECT 'collected', toString(sum(collected)) FROM rep_attribution WHERE basis = 'owner_at_cash' AND month = toStartOfMonth(DAY)`,
		"step=":     "SELECT 'closing', toString(sum(net_ar_rc)) FROM ar_snapshots WHERE as_of = DAY",
		"rep=":      "SELECT rep_id, toString(sum(collected)) FROM rep_attribution WHERE basis = 'owner_at_cash' AND month = toStartOfMonth(DAY) GROUP BY rep_id HAVING sum(collected) != 0",
		"customer=": "SELECT customer_id, toString(sum(open_amount_rc)) FROM ar_open_items WHERE as_of = DAY GROUP BY customer_id ORDER BY sum(open_amount_rc) DESC LIMIT 10",
		"bucket=":   "SELECT bucket, toString(sum(ecl_rc)) FROM ecl_provision WHERE as_of = DAY GROUP BY bucket",
	} {
		rows, err := w.query(strings.ReplaceAll(stmt, "DAY", "toDate32('"+day+"')"))
		if err != nil {
			t.Fatalf("%s\n%v", stmt, err)
		}
		for _, r := range rows.rows {
			if v, ok := r[1].(string); ok {
				out[prefix+r[0].(string)] = v
			} else if v, ok := r[1].(*string); ok && v != nil {
				out[prefix+r[0].(string)] = *v
			}
		}
	}
	if len(out) < 20 {
		t.Fatalf("only %d figures to compare", len(out))
	}
	return out
}

func sameAmount(a, b string) bool {
	x, err := decimal.NewFromString(a)
	y, err2 := decimal.NewFromString(b)
	return err == nil && err2 == nil && x.Equal(y)
}

// browser opens a page in a headless Chromium; what it complains of ends in complaints.
func browser(t *testing.T) (ctx context.Context, complaints func() []string) {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium on this machine: the report is not looked at in a browser")
	}
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	var mu sync.Mutex
	var seen []string
	note := func(s string) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, s)
	}
	if err := chromedp.Listen(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			note("exception: " + ev.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			note("console: " + string(ev.Type))
		case *cdplog.EventEntryAdded:
			note("log: " + ev.Entry.Text + " " + ev.Entry.URL)
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(ev.Request.URL, "file:") && !strings.HasPrefix(ev.Request.URL, "data:") {
				note("asked " + ev.Request.URL)
			}
		}
	}); err != nil {
		t.Fatalf("%s does not start: %v", path, err)
	}
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), seen...)
	}
}

// look runs one step in the browser.
func look[T any](t *testing.T, ctx context.Context, step chromedp.Action[T]) T {
	t.Helper()
	out, err := chromedp.Run(ctx, step)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheReportShowsTheWarehousesFiguresInABrowser(t *testing.T) {
	w := built(t)
	day := business.asOf.Format(time.DateOnly)
	want := packFigures(t, w, day)
	ctx, complaints := browser(t)
	for _, lang := range []string{"en", "zh"} {
		pack, err := report.Collect(context.Background(), w.ask, report.Options{Lang: lang, Month: business.asOf, Now: business.asOf, Version: "test"})
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := pack.HTML(&text); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), lang+".html")
		if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		look(t, ctx, chromedp.EmulateViewport(1280, 900))
		look(t, ctx, chromedp.Navigate("file://"+file))
		got := look(t, ctx, chromedp.Evaluate[map[string]string](`Object.fromEntries([...document.querySelectorAll('[data-value]')].map(e => {
			const [k, v] = Object.entries(e.dataset).find(([k]) => !['value', 'month', 'year'].includes(k)); return [k + '=' + v, e.dataset.value] }))`))
		charts := look(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll('figure svg').length`))
		small := look(t, ctx, chromedp.Evaluate[int](`[...document.querySelectorAll('figure svg')].filter(e => e.getBoundingClientRect().height < 50).length`))
		overflow := look(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
		printed := look(t, ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPrintBackground()))
		for name, value := range want {
			if !sameAmount(got[name], value) {
				t.Errorf("%s: %s is %q, the warehouse has %s", lang, name, got[name], value)
			}
		}
		if charts < 6 || small > 0 || overflow > 0 {
			t.Errorf("%s: %d charts, %d of them hardly to be seen; the page is %d px too wide", lang, charts, small, overflow)
		}
		if pages := bytes.Count(printed, []byte("/Type /Page\n")) + bytes.Count(printed, []byte("/Type /Page ")); pages < 3 || pages > 8 {
			t.Errorf("%s: %d printed pages", lang, pages)
		}
		if strings.Contains(text.String(), "<script") || strings.Contains(text.String(), "http://") && !strings.Contains(text.String(), "www.w3.org") {
			t.Errorf("%s: the file is not self-contained", lang)
		}
	}
	if c := complaints(); len(c) > 0 {
		t.Errorf("the browser complains: %v", c)
	}
}

func TestTheWorkbookComputesTheWarehousesFigures(t *testing.T) {
	w := built(t)
	pack, err := report.Collect(context.Background(), w.ask, report.Options{Lang: "en", Month: business.asOf})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := pack.Excel(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	day := "toDate32('" + business.asOf.Format(time.DateOnly) + "')"
	total := func(sheet, column string) (stored, computed string) {
		rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		at := fmt.Sprintf("%s%d", column, len(rows))
		if text, _ := f.GetCellFormula(sheet, at); text == "" {
			t.Errorf("%s!%s is not a formula", sheet, at)
		}
		stored, _ = f.GetCellValue(sheet, at, excelize.Options{RawCellValue: true})
		computed, err = f.CalcCellValue(sheet, at, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Errorf("%s!%s: %v", sheet, at, err)
		}
		return stored, computed
	}
	for _, c := range []struct{ sheet, column, stmt string }{
		{"Customers", "O", "SELECT sum(open_amount_rc) FROM ar_open_items WHERE as_of = DAY"},
		{"Customers", "P", "SELECT sumIf(open_amount_rc, due_date < DAY) FROM ar_open_items WHERE as_of = DAY"},
		{"Customers", "U", "SELECT sum(net_ar_rc) FROM ar_snapshots WHERE as_of = DAY"},
		{"Open items", "O", "SELECT sum(open_amount_rc) FROM ar_open_items WHERE as_of = DAY"},
		{"Reps", "D", "SELECT sum(collected) FROM rep_attribution WHERE basis = 'owner_at_cash' AND month = toStartOfMonth(DAY)"},
		{"Credit loss", "C", "SELECT sum(ecl_rc) FROM ecl_provision WHERE as_of = DAY"},
		{"Cash forecast", "B", "SELECT sum(expected_rc) FROM cash_forecast WHERE as_of = DAY"},
		{"Movement", "L", "SELECT sum(net_ar_rc) FROM ar_snapshots WHERE as_of = DAY"},
		{"Aging", "J", "SELECT sum(open_amount_rc) FROM ar_snapshots WHERE as_of = DAY"},
	} {
		rows, err := w.query("SELECT toString(round(" + strings.Replace(strings.TrimPrefix(strings.ReplaceAll(c.stmt, "DAY", day), "SELECT "), " FROM", ", 2)) FROM", 1))
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprint(reflect.Indirect(reflect.ValueOf(rows.rows[0][0])).Interface())
		stored, computed := total(c.sheet, c.column)
		for kind, got := range map[string]string{"stored": stored, "computed": computed} {
			d, err := decimal.NewFromString(got)
			if err != nil || !d.Round(2).Equal(decimal.RequireFromString(want)) {
				t.Errorf("%s, column %s: %s %q, the warehouse has %s", c.sheet, c.column, kind, got, want)
			}
		}
	}
	if items, _ := f.GetRows("Open items"); len(items) > 3 {
		count, _ := w.query("SELECT toString(count()) FROM ar_open_items")
		if got := fmt.Sprint(len(items) - 4); got != count.rows[0][0] {
			t.Errorf("%s open items, the warehouse has %v", got, count.rows[0][0])
		}
	}
}

func TestAReportOfOneCompanyHoldsItsCustomersAndItems(t *testing.T) {
	w := built(t)
	companies, err := w.query("SELECT company, toString(count()), toString(sum(open_amount_rc)) FROM ar_open_items GROUP BY company ORDER BY company")
	if err != nil || len(companies.rows) < 2 {
		t.Fatalf("companies %v: %v", companies, err)
	}
	for _, c := range companies.rows {
		company := c[0].(string)
		pack, err := report.Collect(context.Background(), w.ask, report.Options{Lang: "en", Month: business.asOf, Company: company})
		if err != nil {
			t.Errorf("%s: %v", company, err)
			continue
		}
		var page, book bytes.Buffer
		if err := errors.Join(pack.HTML(&page), pack.Excel(context.Background(), &book)); err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(&book)
		if err != nil {
			t.Fatal(err)
		}
		items, _ := f.GetRows("Open items")
		if got := fmt.Sprint(len(items) - 4); got != c[1] {
			t.Errorf("%s: %s open items, the warehouse has %v", company, got, c[1])
		}
		customers, _ := f.GetRows("Customers", excelize.Options{RawCellValue: true})
		if got := customers[len(customers)-1][14]; !sameAmount(got, c[2].(string)) { // column O
			t.Errorf("%s: customers owe %s, the warehouse has %v", company, got, c[2])
		}
		if !strings.Contains(page.String(), company) {
			t.Errorf("the page does not name %s", company)
		}
		_ = f.Close()
	}
}

func TestTheReportSaysWhatIsMissing(t *testing.T) {
	if _, err := report.Collect(context.Background(), emptied(t).ask, report.Options{Lang: "en"}); err != report.ErrNothing {
		t.Errorf("of an empty warehouse: %v", err)
	}
	w := built(t)
	for _, tc := range []struct {
		o    report.Options
		want string
	}{
		{report.Options{Lang: "en", Month: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)}, "month: found 1999-01, expected one of"},
		{report.Options{Lang: "en", Company: `No"body's`}, "expected one of: Haiyue"},
		{report.Options{Lang: "fr"}, "allowed: en, zh"},
	} {
		if _, err := report.Collect(context.Background(), w.ask, tc.o); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%+v: %v, want %q", tc.o, err, tc.want)
		}
	}
	// The first month: nothing to compare with, no forecast, no grades.
	rows, err := w.query("SELECT toString(min(as_of)) FROM dso WHERE scope = 'group' AND as_of = toLastDayOfMonth(as_of)")
	if err != nil {
		t.Fatal(err)
	}
	early, err := time.Parse(time.DateOnly, rows.rows[0][0].(string))
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "zh"} {
		pack, err := report.Collect(context.Background(), w.ask, report.Options{Lang: lang, Month: early})
		if err != nil {
			t.Fatal(err)
		}
		var page, book bytes.Buffer
		if err := pack.HTML(&page); err != nil {
			t.Error(err)
		}
		if err := pack.Excel(context.Background(), &book); err != nil {
			t.Error(err)
		}
		if !strings.Contains(page.String(), "class=\"nothing\"") {
			t.Error("the first month says nothing of what it lacks")
		}
		if missing := pack.Missing(); len(missing) > 0 {
			t.Errorf("%s: no words for %q", lang, missing)
		}
	}
}
