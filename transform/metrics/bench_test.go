package metrics

import (
	"context"
	"fmt"
	"iter"
	"os"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/ledger"
)

// benchInvoices is the size of the benchmark's ledger; HUIKUAN_BENCH_INVOICES
// sets another one.
func benchInvoices() int {
	if n, err := strconv.Atoi(os.Getenv("HUIKUAN_BENCH_INVOICES")); err == nil && n > 0 {
		return n
	}
	return 1_000_000
}

// BenchmarkReplay replays 1M invoices with 1.2M allocations of 1M payments of
// 20,000 customers into 36 month-ends: the snapshots alone, and all tables.
func BenchmarkReplay(b *testing.B) {
	n := benchInvoices()
	src := largeLedger(n)
	for name, only := range map[string][]string{"snapshots": {Snapshots}, "all": nil} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var sum Summary
			for b.Loop() {
				var err error
				if sum, err = Build(context.Background(), src, countSink{}, Options{AsOf: day("2023-12-31"), DailyDays: 1, Only: only}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "invoices/s")
			b.ReportMetric(float64(sum.Events), "events")
			b.ReportMetric(float64(sum.Rows[Snapshots]), "snapshot_rows")
		})
	}
}

type countSink struct{}

func (countSink) Write(context.Context, string, arrow.Record) error { return nil }

// memorySource serves batches made beforehand.
type memorySource map[string][]arrow.Record

func (s memorySource) Rows(_ context.Context, table string) iter.Seq2[arrow.Record, error] {
	return func(yield func(arrow.Record, error) bool) {
		for _, rec := range s[table] {
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// largeLedger makes invoices over three years, each due after 30 days and paid
// after 20 to 75, every fifth in two parts, one in fifty not at all.
func largeLedger(n int) memorySource {
	const perCustomer = 50
	out := memorySource{}
	docs, apps := newBench(ledger.InDocuments, out), newBench(ledger.InApplications, out)
	first := int(day("2021-01-01"))
	type pay struct{ day, amount int }
	for c := 0; c*perCustomer < n; c++ {
		customer := fmt.Sprintf("CUST-%06d", c)
		seed := uint32(c*2654435761 + 1)
		random := func(n int) int {
			seed = seed*1664525 + 1013904223
			return int(seed>>8) % n
		}
		var pays [][]pay
		var dates, amounts []int
		for range min(perCustomer, n-c*perCustomer) {
			d, a := first+random(1090), (random(900_000)+10_000)*100
			var p []pay
			if random(50) != 0 {
				paid := d + 20 + random(56)
				if random(5) == 0 {
					p = []pay{{paid, a / 200 * 100}, {paid + 9, a - a/200*100}}
				} else {
					p = []pay{{paid, a}}
				}
			}
			dates, amounts, pays = append(dates, d), append(amounts, a), append(pays, p)
		}
		invoiceID := func(i int) string { return fmt.Sprintf("SINV-%08d", c*perCustomer+i) }
		paymentID := func(i int) string { return fmt.Sprintf("PAY-%08d", c*perCustomer+i) }
		for i, d := range dates {
			docs.row(customer, "ACME", "erp", "invoice", invoiceID(i), "invoice", int32(d), "USD", int64(amounts[i]), nil, nil, int32(d+30), nil, nil, nil)
		}
		for i, p := range pays {
			if len(p) > 0 {
				docs.row(customer, "ACME", "erp", "payment", paymentID(i), "payment", int32(p[0].day), "USD", int64(amounts[i]), nil, nil, nil, nil, nil, nil)
			}
		}
		for _, side := range []string{"invoice", "payment"} {
			for i, p := range pays {
				own, other, date := invoiceID(i), paymentID(i), dates[i]
				if len(p) > 0 && side == "invoice" {
					date = p[0].day
				}
				if side == "payment" {
					own, other = other, own
				}
				for k, x := range p {
					apps.row(customer, "erp", side, own, "alloc", own+string(rune('a'+k)), int32(x.day), int64(x.amount), nil, nil, nil, other, customer, "ACME", int32(date), "USD", nil, nil, nil, nil, nil)
				}
			}
		}
	}
	docs.cut()
	apps.cut()
	return out
}

// bench builds the batches of one input table.
type bench struct {
	name string
	out  memorySource
	b    *array.RecordBuilder
	n    int
}

func newBench(name string, out memorySource) *bench {
	t, _ := ledger.Input(name)
	return &bench{name: name, out: out, b: array.NewRecordBuilder(memory.NewGoAllocator(), t.Arrow())}
}

func (x *bench) row(values ...any) {
	for i, v := range values {
		switch v := v.(type) {
		case nil:
			x.b.Field(i).AppendNull()
		case string:
			x.b.Field(i).(*array.StringBuilder).Append(v)
		case int32:
			x.b.Field(i).(*array.Date32Builder).Append(arrow.Date32(v))
		case int64:
			x.b.Field(i).(*array.Decimal128Builder).Append(decimal128.FromI64(v))
		}
	}
	if x.n++; x.n%65536 == 0 {
		x.cut()
	}
}

func (x *bench) cut() { x.out[x.name] = append(x.out[x.name], x.b.NewRecord()) }
