package metrics

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// Aging is what customers owe at the end of one day, in document currency.
type Aging struct {
	Buckets []string // names of the aging buckets, not due first
	Lines   []AgingLine
}

// AgingLine is one customer's position in one currency.
type AgingLine struct {
	Customer, Currency   string
	Open                 []money.Amount // by bucket
	Unapplied, Credits   money.Amount   // negative
	TotalOpen, Past, Net money.Amount
}

// ReadAging replays the ledger up to o.AsOf, with what was known at o.KnownAt,
// and keeps the positions of that day alone; nothing is published.
func ReadAging(ctx context.Context, src ledger.Source, o Options) (Aging, error) {
	o.Only, o.DailyDays, o.Keep = []string{OpenItems, Snapshots}, 1, false
	edges := o.Edges
	if len(edges) == 0 {
		edges = DefaultEdges()
	}
	s := &agingSink{asOf: o.AsOf, lines: map[[2]string]*AgingLine{}}
	s.buckets = append(s.buckets, Bucket(0, edges))
	for _, e := range edges {
		s.buckets = append(s.buckets, Bucket(e, edges))
	}
	s.buckets = append(s.buckets, Bucket(edges[len(edges)-1]+1, edges))
	if _, err := Build(ctx, src, s, o); err != nil {
		return Aging{}, err
	}
	out := Aging{Buckets: s.buckets}
	for _, l := range s.lines {
		for i, a := range l.Open {
			if l.TotalOpen += a; i > 0 {
				l.Past += a
			}
		}
		l.Net = l.TotalOpen + l.Unapplied + l.Credits
		out.Lines = append(out.Lines, *l)
	}
	slices.SortFunc(out.Lines, func(a, b AgingLine) int {
		return cmp.Or(strings.Compare(a.Customer, b.Customer), strings.Compare(a.Currency, b.Currency))
	})
	return out, nil
}

// agingSink adds up the rows of the as-of day.
type agingSink struct {
	asOf    ledger.Day
	buckets []string
	lines   map[[2]string]*AgingLine
}

func (s *agingSink) line(customer, currency string) *AgingLine {
	if l := s.lines[[2]string{customer, currency}]; l != nil {
		return l
	}
	l := &AgingLine{Customer: strings.Clone(customer), Currency: strings.Clone(currency), Open: make([]money.Amount, len(s.buckets))}
	s.lines[[2]string{l.Customer, l.Currency}] = l
	return l
}

func (s *agingSink) Write(_ context.Context, table string, rec arrow.Record) error {
	c := columnsOf{rec}
	customer, currency, asOf := c.text("customer_id"), c.text("currency"), c.days("as_of")
	for i := range int(rec.NumRows()) {
		switch {
		case ledger.Day(asOf.Value(i)) != s.asOf:
		case table == OpenItems:
			if at := slices.Index(s.buckets, c.text("bucket").Value(i)); at >= 0 {
				s.line(customer.Value(i), currency.Value(i)).Open[at] += c.money("open_amount", i)
			}
		default:
			l := s.line(customer.Value(i), currency.Value(i))
			l.Unapplied += c.money("unapplied", i)
			l.Credits += c.money("open_credits", i)
		}
	}
	return nil
}

// columnsOf finds columns of a batch of [Tables] by name.
type columnsOf struct{ rec arrow.Record }

func (c columnsOf) at(name string) arrow.Array {
	return c.rec.Column(c.rec.Schema().FieldIndices(name)[0])
}
func (c columnsOf) text(name string) *array.String { return c.at(name).(*array.String) }
func (c columnsOf) days(name string) *array.Date32 { return c.at(name).(*array.Date32) }
func (c columnsOf) money(name string, i int) money.Amount {
	return money.Amount(c.at(name).(*array.Decimal128).Value(i).LowBits())
}

// LateDocument is a document whose balance on a day is another today than it was
// known to be.
type LateDocument struct {
	Company, Customer, Source, ID, Type, Currency string
	Date                                          ledger.Day
	Amount                                        money.Amount // what became known later: today's balance less the known one
	KnownAt                                       int64        // when the first of it became known, µs since 1970-01-01 UTC
}

// LateDocuments lists the documents of which something dated up to o.AsOf
// became known after an instant. By customer and currency they add up to the
// difference between the net balances of the two clocks.
func LateDocuments(ctx context.Context, src ledger.Source, o Options, knownAt int64) ([]LateDocument, error) {
	o.Only, o.KnownAt, o.DailyDays, o.Keep = []string{Events}, 0, 1, false
	s := &lateSink{knownAt: knownAt, at: map[[3]string]int{}}
	if _, err := Build(ctx, src, s, o); err != nil {
		return nil, err
	}
	s.list = slices.DeleteFunc(s.list, func(d LateDocument) bool { return d.Amount == 0 })
	slices.SortStableFunc(s.list, func(a, b LateDocument) int {
		return cmp.Or(strings.Compare(a.Customer, b.Customer), cmp.Compare(a.Date, b.Date), strings.Compare(a.ID, b.ID), strings.Compare(a.Source, b.Source), strings.Compare(a.Type, b.Type))
	})
	return s.list, nil
}

type lateSink struct {
	knownAt int64
	at      map[[3]string]int // by source, type and identifier
	list    []LateDocument
}

func (s *lateSink) Write(_ context.Context, _ string, rec arrow.Record) error {
	c := columnsOf{rec}
	known := c.at("known_at").(*array.Timestamp)
	source, kind, id := c.text("source"), c.text("item_type"), c.text("item_id")
	company, customer, currency, date := c.text("company"), c.text("customer_id"), c.text("currency"), c.days("item_date")
	for i := range int(rec.NumRows()) {
		at := int64(known.Value(i))
		if known.IsNull(i) || at <= s.knownAt {
			continue
		}
		n, ok := s.at[[3]string{source.Value(i), kind.Value(i), id.Value(i)}]
		if !ok {
			n = len(s.list)
			d := LateDocument{Company: strings.Clone(company.Value(i)), Customer: strings.Clone(customer.Value(i)), Source: strings.Clone(source.Value(i)),
				ID: strings.Clone(id.Value(i)), Type: strings.Clone(kind.Value(i)), Currency: strings.Clone(currency.Value(i)), Date: ledger.Day(date.Value(i)), KnownAt: at}
			s.list = append(s.list, d)
			s.at[[3]string{d.Source, d.Type, d.ID}] = n
		}
		d := &s.list[n]
		d.Amount += c.money("amount", i)
		d.KnownAt = min(d.KnownAt, at)
	}
	return nil
}
