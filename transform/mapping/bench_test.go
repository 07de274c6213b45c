package mapping

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"go.yaml.in/yaml/v3"
)

// erpnextInvoices is the mapping of the benchmark: twelve fields of an invoice.
const erpnextInvoices = `
- to: invoices
  when: {is_return: [0, null]}
  delete_when: {docstatus: 2}
  fields:
    invoice_id: name
    company: company
    customer_id: customer
    invoice_date: posting_date
    posting_date: posting_date
    currency: currency
    gross_amount: grand_total
    net_amount: net_total
    due_date: due_date
    terms_code: payment_terms_template
    rep_id: sales_partner
    status: status
`

// erpnextPage makes a page of invoices of about 290 bytes each.
func erpnextPage(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"data":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"name":"ACC-SINV-2026-%05d","customer":"CUST-%04d","company":"Huikuan Trading","posting_date":"2026-%02d-%02d",`+
			`"due_date":"2026-12-31","currency":"EUR","grand_total":%d.%02d,"net_total":%d.5,"docstatus":1,"is_return":0,`+
			`"payment_terms_template":"NET30","sales_partner":null,"status":"Unpaid"}`,
			i, i%997, i%12+1, i%28+1, 1000+i%9000, i%100, 900+i%8000)
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}

func BenchmarkERPNextInvoices(b *testing.B) { benchmarkInvoices(b, erpnextInvoices) }

// BenchmarkExpressions is the same with three expressions in it.
func BenchmarkExpressions(b *testing.B) {
	benchmarkInvoices(b, strings.NewReplacer(
		"when: {is_return: [0, null]}", `when: {expr: "is_return == 0 and grand_total > 0"}`,
		"net_amount: net_total", `net_amount: {expr: "grand_total - net_total"}`,
		"due_date: due_date", `due_date: {expr: "add_days(posting_date, 30)"}`).Replace(erpnextInvoices))
}

func benchmarkInvoices(b *testing.B, emit string) {
	const records = 5000
	body := erpnextPage(records)
	var node yaml.Node
	if err := yaml.Unmarshal([]byte(emit), &node); err != nil {
		b.Fatal(err)
	}
	m, err := Compile("invoices", &node, Options{Source: "erp", Allocator: memory.NewGoAllocator()})
	if err != nil {
		b.Fatal(err)
	}
	in := Input{Body: body, Records: "data", RunID: "01JDA5X6T8W9N0P1Q2R3S4T5V6", LoadedAt: time.Unix(1_790_000_000, 0), Version: 7}
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		out, err := m.Map(in)
		if err != nil || out.Mapped != records {
			b.Fatal(err, out.Mapped, out.Rejected)
		}
		out.Release()
	}
	b.ReportMetric(float64(records)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(len(body))/records, "bytes/record")
}
