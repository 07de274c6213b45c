package load

import (
	"context"
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/load/embedded/embeddedtest"
	"huikuan/transform/canonical"
	"huikuan/transform/ledger"
)

const benchRows = 50_000

func benchWarehouse(b *testing.B) *Warehouse {
	b.Helper()
	server := embeddedtest.Server(b)
	user, password := server.Credentials()
	w, err := Open(context.Background(), Options{URL: "http://" + server.Addr(), User: user, Password: password, Database: embeddedtest.Database(b)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = w.Close() })
	if _, err := w.Migrate(context.Background(), canonical.Streams(), nil); err != nil {
		b.Fatal(err)
	}
	return w
}

// benchInvoices is a batch of invoices, numbered from first.
func benchInvoices(b *testing.B, first int) arrow.Record {
	b.Helper()
	t, _ := canonical.Lookup("invoices")
	rows := make([][]any, benchRows)
	for i := range rows {
		n := first + i
		rows[i] = []any{fmt.Sprintf("SINV-%08d", n), "ACME", fmt.Sprintf("C%05d", n%9973), "invoice", arrow.Date32(19000 + n%1000), nil, "EUR", money(int64(n)), nil, nil,
			fmt.Sprintf("rep%d", n%50), "NET30", nil, nil, "Paid", nil, nil, nil, map[string]string{}, "erp", "invoices", uint64(1), uint8(0), "run", noon}
	}
	rec, err := newRecord(memory.DefaultAllocator, t, rows)
	if err != nil {
		b.Fatal(err)
	}
	return rec
}

// BenchmarkInsertInvoices tells rows a second from an Arrow batch to its acknowledgement.
func BenchmarkInsertInvoices(b *testing.B) {
	w := benchWarehouse(b)
	recs := make([]arrow.Record, b.N)
	for i := range recs {
		recs[i] = benchInvoices(b, i*benchRows)
		defer recs[i].Release()
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i, rec := range recs {
		if _, err := w.Insert(context.Background(), "invoices", fmt.Sprint(i), rec); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*benchRows)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkReadDocuments tells rows a second of the ledger's widest input.
func BenchmarkReadDocuments(b *testing.B) {
	w := benchWarehouse(b)
	for i := range 10 {
		rec := benchInvoices(b, i*benchRows)
		if _, err := w.Insert(context.Background(), "invoices", fmt.Sprint(i), rec); err != nil {
			b.Fatal(err)
		}
		rec.Release()
	}
	b.ReportAllocs()
	rows := int64(0)
	for b.Loop() {
		for rec, err := range w.Rows(context.Background(), ledger.InDocuments) {
			if err != nil {
				b.Fatal(err)
			}
			rows += rec.NumRows()
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
