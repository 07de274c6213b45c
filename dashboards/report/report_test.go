package report

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
	"go.yaml.in/yaml/v3"
)

// hostile answers every query of the pack with one row of texts that a page or
// a spreadsheet might run.
func hostile(context.Context, string) ([]Row, error) {
	name := `=HYPERLINK("x")<script>alert(1)</script>`
	row := Row{"as_of": "2026-10-31", "currency": "CNY", "is_last": uint64(1), "month": "2026-10-01", "from_month_end": "2026-09-30", "week": "2026-11-01", "span": "month",
		"customer_id": name, "customer": name, "owner": name, "segment": name, "rep_id": name, "rep": name, "team": name, "invoice_id": name, "company": name, "bucket": name, "grade": name,
		"invoice_date": "2026-10-01", "due_date": "2026-10-31", "item_type": "invoice", "reason": name, "built_at": "2026-11-01 00:00:00", "accounts_on": nil}
	for _, c := range []string{"open_amount", "not_due", "opening", "closing", "gross", "allowance", "dso_90", "bpdso", "dso_from", "dso_to", "expected", "collected", "exposure", "limit_amount", "breach", "open_amount_rc", "rollforward", "failed_tests"} {
		row[c] = "10.5000"
	}
	return []Row{row}, nil
}

func TestNamesOfCustomersAreNeverRun(t *testing.T) {
	p, err := Collect(context.Background(), hostile, Options{Lang: "en"})
	if err != nil {
		t.Fatal(err)
	}
	var page, book bytes.Buffer
	if err := p.HTML(&page); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), "<script") || !strings.Contains(page.String(), "&lt;script&gt;alert(1)") {
		t.Error("a name is markup on the page")
	}
	if err := p.Excel(context.Background(), &book); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&book)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	text, _ := f.GetCellValue("Customers", "A4")
	formula, _ := f.GetCellFormula("Customers", "A4")
	if formula != "" || !strings.HasPrefix(text, "'=HYPERLINK") {
		t.Errorf("a name is the formula %q, text %q", formula, text)
	}
}

func TestFiguresAreWrittenAsPeopleOfTheLanguageDo(t *testing.T) {
	en, err := wordsOf("en")
	if err != nil {
		t.Fatal(err)
	}
	zh, err := wordsOf("zh")
	if err != nil {
		t.Fatal(err)
	}
	d := func(s string) Figure { return Some(decimal.RequireFromString(s)) }
	for _, c := range []struct{ got, want string }{
		{en.show(d("1234567.5"), Money), "1,234,568"}, {en.show(d("-0.4"), Money), "0"}, {en.show(d("-999.5"), Money), minus + "1,000"},
		{zh.show(d("93200727.18"), Money), "9,320.07"}, {en.show(Figure{}, Money), dash},
		{en.show(d("0.37155"), Percent), "37.2" + thin + "%"}, {zh.show(d("0.37155"), Percent), "37.2%"},
		{en.change(d("-0.048"), Percent), minus + "4.8" + thin + "pt"}, {en.change(d("2"), Days), "+2.0"}, {en.change(Figure{}, Days), dash},
		{en.short(d("93200727")), "93.2" + thin + "M"}, {zh.short(d("93200727")), "9,320.1万"}, {zh.short(d("123456789")), "1.23亿"}, {en.short(d("150000000")), "150" + thin + "M"},
		{grouped(decimal.RequireFromString("99999999999999999999.995"), 2), "100,000,000,000,000,000,000.00"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	if f := d("1").Over(d("0")); f.Known {
		t.Error("1 / 0 is known")
	}
}

func TestEveryWordOfTheReportIsUsed(t *testing.T) {
	var own map[string]string
	if err := yaml.Unmarshal(zhWords, &own); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range []string{"page.tmpl", "measures.go", "charts.go", "excel.go", "html.go", "segments.go", "pack.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for english := range own {
		if !strings.Contains(all.String(), `"`+english+`"`) && english != "invoice" && english != "debit_note" { // item types come from the warehouse
			t.Errorf("zh.yaml translates %q, which the report does not say", english)
		}
	}
}
