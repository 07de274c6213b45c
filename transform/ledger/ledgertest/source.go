package ledgertest

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
	"huikuan/transform/schema"
)

// Source serves books as input tables, in batches of a few rows.
type Source struct {
	Allocator memory.Allocator
	BatchRows int
	tables    map[string][][]any
}

const source = "test"

// instant is µs since 1970-01-01 UTC, 0 = NULL.
type instant int64

// at is the instant at which a document or an application became known.
func (b *Books) at(id string) instant { return instant(b.Recorded[id]) }

// Source joins the documents with their customers, as the warehouse does, in
// the order that the tables describe.
func (b *Books) Source() *Source {
	s := b.SourceByCustomer()
	for name, rows := range s.tables {
		t, _ := ledger.Input(name)
		var order []int
		for _, column := range t.OrderBy {
			order = append(order, slices.Index(t.Names(), column))
		}
		slices.SortStableFunc(rows, func(x, y []any) int {
			for _, i := range order {
				if n := compare(x[i], y[i]); n != 0 {
					return n
				}
			}
			return 0
		})
	}
	return s
}

// SourceByCustomer is Source in no order but that of the customers.
func (b *Books) SourceByCustomer() *Source {
	s := &Source{Allocator: memory.NewGoAllocator(), BatchRows: 7, tables: map[string][][]any{}}
	b.masters(s)
	b.documents(s)
	b.applications(s)
	for name, rows := range s.tables {
		if t, _ := ledger.Input(name); t.Columns[0].Name == "customer_id" {
			slices.SortStableFunc(rows, func(x, y []any) int { return compare(x[0], y[0]) })
		}
	}
	return s
}

func compare(x, y any) int {
	switch x := x.(type) {
	case string:
		return cmp.Compare(x, y.(string))
	case ledger.Day:
		return cmp.Compare(x, y.(ledger.Day))
	case int64:
		return cmp.Compare(x, y.(int64))
	}
	return 0
}

func (s *Source) add(table string, values ...any) {
	t, _ := ledger.Input(table)
	if len(values) != len(t.Columns) {
		panic(fmt.Sprintf("%s has %d columns, not %d", table, len(t.Columns), len(values)))
	}
	s.tables[table] = append(s.tables[table], values)
}

func (b *Books) masters(s *Source) {
	for _, c := range b.Companies {
		s.add(ledger.InCompanies, c.ID, c.Name, c.Base, c.Reporting)
	}
	for _, r := range b.Reps {
		s.add(ledger.InReps, r.ID, r.Name, r.Team, r.Company)
	}
	for _, t := range b.Targets {
		s.add(ledger.InTargets, t.Rep, t.Month, "", t.Amount, t.Currency)
	}
	for _, q := range b.Quotes {
		s.add(ledger.InFXRates, q.Day, q.From, q.To, q.Type, q.Rate)
	}
	for _, c := range b.Customers {
		s.add(ledger.InCustomers, c.ID, c.ID, nil, c.Segment, c.Region, c.Owner, c.Terms, c.From, None)
	}
	for _, o := range b.Owners {
		s.add(ledger.InOwners, o.Customer, o.Rep, o.From, o.To)
	}
	for _, v := range b.Visits {
		s.add(ledger.InVisits, v.Customer, v.ID, v.Rep, v.Day, nil, source, v.Channel)
	}
	for _, p := range b.Promises {
		s.add(ledger.InPromises, p.Customer, source, p.ID, nil, p.Rep, p.Invoice, p.Amount, p.Currency, p.Made, p.Due, p.ReplacedBy)
	}
	customer := map[string]string{}
	for _, p := range b.Plans {
		customer[p.ID] = p.Customer
		s.add(ledger.InPlans, p.Customer, source, p.ID, nil, p.Rep, p.Made, p.ReplacedBy)
	}
	for _, l := range b.Lines {
		s.add(ledger.InPlanLines, customer[l.Plan], source, l.Plan, l.No, l.Due, l.Amount, l.Currency, l.Invoice)
	}
	for _, d := range slices.Sorted(maps.Keys(b.Calendar)) {
		s.add(ledger.InCalendar, d, b.Calendar[d])
	}
}

func (b *Books) documents(s *Source) {
	customer := map[string]string{}
	for _, v := range b.Invoices {
		kind := "invoice"
		if v.Debit {
			kind = "debit_note"
		}
		customer[v.ID] = v.Customer
		s.add(ledger.InDocuments, v.Customer, v.Company, source, "invoice", v.ID, kind, v.Date, v.Currency, v.Amount, v.Rep, v.Terms, v.Due, None, nil, b.at(v.ID))
	}
	for _, p := range b.Payments {
		s.add(ledger.InDocuments, p.Customer, p.Company, source, "payment", p.ID, "payment", p.Date, p.Currency, p.Amount, nil, nil, None, p.Reversed, nil, b.at(p.ID))
	}
	for _, c := range b.CreditNotes {
		s.add(ledger.InDocuments, c.Customer, c.Company, source, "credit_note", c.ID, "credit_note", c.Date, c.Currency, c.Amount, nil, nil, None, None, nil, b.at(c.ID))
	}
	for _, i := range b.Instalments {
		s.add(ledger.InInstalments, customer[i.Invoice], source, i.Invoice, i.Seq, i.Due, i.Amount)
	}
	for _, x := range b.Splits {
		s.add(ledger.InSplits, customer[x.Invoice], source, x.Invoice, x.Rep, x.Share)
	}
	for _, d := range b.Disputes {
		var amount any = d.Amount
		if d.Whole {
			amount = nil
		}
		s.add(ledger.InDisputes, customer[d.Invoice], source, d.Invoice, d.ID, d.Opened, d.Closed, amount, nil, d.Outcome)
	}
}

func (b *Books) applications(s *Source) {
	invoices, payments, notes := map[string]Invoice{}, map[string]Payment{}, map[string]CreditNote{}
	for _, v := range b.Invoices {
		invoices[v.ID] = v
	}
	for _, p := range b.Payments {
		payments[p.ID] = p
	}
	for _, c := range b.CreditNotes {
		notes[c.ID] = c
	}
	for _, a := range b.Allocations {
		v, known := invoices[a.Invoice]
		p, paid := payments[a.Payment]
		var counter any
		if a.InPayment != 0 {
			counter = a.InPayment
		}
		if !known || !paid {
			s.add(ledger.InOrphans, source, "alloc", a.ID, "invoice", a.Invoice, a.Amount)
		}
		if known && paid {
			s.add(ledger.InApplications, v.Customer, source, "invoice", v.ID, "alloc", a.ID, a.Date, a.Amount, a.Discount, counter, a.Seq,
				p.ID, p.Customer, p.Company, p.Date, p.Currency, p.Reversed, a.ReversalOf, nil, b.at(a.ID), b.at(p.ID))
			s.add(ledger.InApplications, p.Customer, source, "payment", p.ID, "alloc", a.ID, a.Date, a.Amount, a.Discount, counter, a.Seq,
				v.ID, v.Customer, v.Company, v.Date, v.Currency, None, a.ReversalOf, nil, b.at(a.ID), b.at(v.ID))
		} else if known {
			s.add(ledger.InApplications, v.Customer, source, "invoice", v.ID, "alloc", a.ID, a.Date, a.Amount, a.Discount, counter, a.Seq,
				a.Payment, nil, nil, None, nil, None, a.ReversalOf, nil, b.at(a.ID), instant(0))
		}
	}
	for _, a := range b.Credits {
		v, c := invoices[a.Invoice], notes[a.CreditNote]
		s.add(ledger.InApplications, v.Customer, source, "invoice", v.ID, "credit_alloc", a.ID, a.Date, a.Amount, nil, nil, a.Seq,
			c.ID, c.Customer, c.Company, c.Date, c.Currency, None, a.ReversalOf, nil, b.at(a.ID), b.at(c.ID))
		s.add(ledger.InApplications, c.Customer, source, "credit_note", c.ID, "credit_alloc", a.ID, a.Date, a.Amount, nil, nil, a.Seq,
			v.ID, v.Customer, v.Company, v.Date, v.Currency, None, a.ReversalOf, nil, b.at(a.ID), b.at(v.ID))
	}
	for _, x := range b.WriteOffs {
		s.add(ledger.InApplications, invoices[x.Invoice].Customer, source, "invoice", x.Invoice, "write_off", x.ID, x.Date, x.Amount, nil, nil, nil,
			nil, nil, nil, None, nil, None, nil, "bad_debt", b.at(x.ID), nil)
	}
}

// Rows serves one table.
func (s *Source) Rows(ctx context.Context, table string) iter.Seq2[arrow.Record, error] {
	t, ok := ledger.Input(table)
	return func(yield func(arrow.Record, error) bool) {
		if !ok {
			yield(nil, fmt.Errorf("no table %s", table))
			return
		}
		for rows := s.tables[table]; len(rows) > 0; {
			n := min(s.BatchRows, len(rows))
			rec := s.record(t, rows[:n])
			rows = rows[n:]
			more := yield(rec, ctx.Err())
			rec.Release()
			if !more {
				return
			}
		}
	}
}

func (s *Source) record(t schema.Table, rows [][]any) arrow.Record {
	b := array.NewRecordBuilder(s.Allocator, t.Arrow())
	defer b.Release()
	for _, row := range rows {
		for i, v := range row {
			appendValue(b.Field(i), v, t.Columns[i].Nullable)
		}
	}
	return b.NewRecord()
}

// appendValue appends a value; nil, an empty nullable text and None are NULL.
func appendValue(b array.Builder, v any, nullable bool) {
	switch x := v.(type) {
	case string:
		if x == "" && nullable {
			b.AppendNull()
		} else {
			b.(*array.StringBuilder).Append(x)
		}
	case ledger.Day:
		if x == None {
			b.AppendNull()
		} else {
			b.(*array.Date32Builder).Append(arrow.Date32(x))
		}
	case instant:
		if x == 0 {
			b.AppendNull()
		} else {
			b.(*array.TimestampBuilder).Append(arrow.Timestamp(x))
		}
	case money.Amount:
		b.(*array.Decimal128Builder).Append(decimal128.FromI64(int64(x)))
	case money.Rate:
		b.(*array.Decimal128Builder).Append(decimal128.FromI64(int64(x)))
	case int64:
		if x == 0 && nullable {
			b.AppendNull()
		} else {
			b.(*array.Int64Builder).Append(x)
		}
	case bool:
		b.(*array.BooleanBuilder).Append(x)
	case nil:
		b.AppendNull()
	default:
		panic(fmt.Sprintf("no builder for %T", v))
	}
}
