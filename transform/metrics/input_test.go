package metrics

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
)

// badSource serves another table in place of one.
type badSource struct {
	ledger.Source
	table string
	rec   arrow.Record
	err   error
}

func (s badSource) Rows(ctx context.Context, table string) iter.Seq2[arrow.Record, error] {
	if table != s.table {
		return s.Source.Rows(ctx, table)
	}
	return func(yield func(arrow.Record, error) bool) { yield(s.rec, s.err) }
}

func TestWrongInputIsNamedByTableRowAndColumn(t *testing.T) {
	mem := memory.NewGoAllocator()
	texts := func(name string, values ...string) arrow.Record {
		b := array.NewStringBuilder(mem)
		b.AppendValues(values, nil)
		return array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: name, Type: arrow.BinaryTypes.String}}, nil), []arrow.Array{b.NewArray()}, int64(len(values)))
	}
	books := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-30", "2024-02-29", "100")}}
	owners := &ledgertest.Books{Owners: []ledgertest.Owner{{Customer: "B", Rep: "R", From: 0, To: none}, {Customer: "A", Rep: "R", From: 0, To: none}}}
	var unsorted arrow.Record
	for _, o := range []int{0, 1} { // the source sorts: put the two rows together by hand
		one := &ledgertest.Books{Owners: owners.Owners[o : o+1]}
		for rec := range one.Source().Rows(context.Background(), ledger.InOwners) {
			rec.Retain()
			if unsorted == nil {
				unsorted = rec
			} else {
				unsorted = stack(t, unsorted, rec)
			}
		}
	}
	for _, c := range []struct {
		src  badSource
		want string
	}{
		{badSource{table: ledger.InDocuments, rec: texts("customer_id", "K")}, "in_documents: column doc_date is missing"},
		{badSource{table: ledger.InFXRates, rec: texts("rate_date", "2024-01-01")}, "in_fx_rates: column rate_date is utf8, expected date32"},
		{badSource{table: ledger.InOwners, rec: unsorted}, `in_owners row 2: customer_id "A" comes after "B"`},
		{badSource{table: ledger.InVisits, err: errors.New("connection lost")}, "read in_visits: connection lost"},
	} {
		c.src.Source = books.Source()
		_, err := Build(context.Background(), c.src, tables{}, Options{AsOf: day("2024-03-31")})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

func stack(t *testing.T, a, b arrow.Record) arrow.Record {
	var columns []arrow.Array
	for i := range int(a.NumCols()) {
		c, err := array.Concatenate([]arrow.Array{a.Column(i), b.Column(i)}, memory.NewGoAllocator())
		if err != nil {
			t.Fatal(err)
		}
		columns = append(columns, c)
	}
	return array.NewRecord(a.Schema(), columns, a.NumRows()+b.NumRows())
}

func TestAFullSinkEndsTheBuildWithoutLeaks(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	b := &ledgertest.Books{}
	for i := range 50 {
		v := invoice(fmt.Sprint("I", i), "2024-01-30", "2024-02-29", "100")
		v.Customer = fmt.Sprint("K", i)
		b.Invoices = append(b.Invoices, v)
	}
	src := b.Source()
	src.Allocator = mem
	_, err := Build(context.Background(), src, fullSink{}, Options{AsOf: day("2024-03-31"), ChunkRows: 1, Workers: 3, Allocator: mem})
	if err == nil || !strings.Contains(err.Error(), "write ar_events: disk full") {
		t.Errorf("error %v", err)
	}
	if used := mem.CurrentAlloc(); used != 0 {
		t.Errorf("%d bytes were not released", used)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Build(ctx, b.Source(), tables{}, Options{AsOf: day("2024-03-31")}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled build ends with %v", err)
	}
}

type fullSink struct{}

func (fullSink) Write(context.Context, string, arrow.Record) error { return errors.New("disk full") }
