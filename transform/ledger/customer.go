package ledger

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikuan/transform/money"
)

// Side tells on which side of the ledger a document stands.
type Side uint8

// The sides, in the bytewise order of their names.
const (
	CreditNoteSide Side = iota
	InvoiceSide
	PaymentSide
)

// Unassigned is the owner or rep of what has none.
const Unassigned = "unassigned"

// Customer is everything known about one customer. It is reused: texts and
// slices are valid until the next call of [Parser.Customer].
type Customer struct {
	ID           string
	Versions     []Version // by From
	Owners       []Owner   // by From
	Items        []Item    // by source, side, id
	Applications []Application
	Instalments  []Instalment
	Splits       []Split
	Disputes     []Dispute
	Visits       []Visit
	Promises     []Promise
	Plans        []Plan
	PlanLines    []PlanLine
	Skipped      []Skipped // applications that are not applied
}

// Version is the master data of a customer from a day on.
type Version struct {
	From, To                      Day // To is NoDay when open
	Segment, Region, Owner, Terms string
}

// Owner is a period of ownership.
type Owner struct {
	From, To Day // To is NoDay when open
	Rep      string
}

// Item is one document with a balance.
type Item struct {
	Source, ID, Company, Currency, Rep string
	Side                               Side
	DebitNote                          bool
	Date                               Day
	Amount                             money.Amount // as the source gives it: positive, a refund negative
	Reversed                           Day          // day a payment bounced, or NoDay
	Recorded                           int64        // µs since 1970-01-01 UTC, 0 = unknown
	DueMissing                         bool         // neither due date nor terms
	Uneven                             bool         // the instalments do not add up to the amount

	Apps, Dues, Reps, Claims Range // into Applications, Instalments, Splits, Disputes
	terms                    string
	due                      Day
}

// Type names the document as the item_type column does.
func (it *Item) Type() string {
	switch {
	case it.Side == PaymentSide:
		return "payment"
	case it.Side == CreditNoteSide:
		return "credit_note"
	case it.DebitNote:
		return "debit_note"
	}
	return "invoice"
}

// Range is a run of indexes, To exclusive.
type Range struct{ From, To int32 }

// Len returns the number of indexes.
func (r Range) Len() int { return int(r.To - r.From) }

// ApplicationKind tells what reduces an invoice.
type ApplicationKind uint8

// The kinds of applications.
const (
	Allocation ApplicationKind = iota
	CreditAllocation
	WriteOff
)

// Application is an allocation, credit allocation or write-off, seen from the
// document of one side.
type Application struct {
	source, item, ID, ReversalOf, WriteOffType                string
	side                                                      Side
	Kind                                                      ApplicationKind
	Date                                                      Day
	Amount, Discount                                          money.Amount // in the invoice's currency
	CounterAmount                                             money.Amount // in the currency of the payment or credit note, if HasCounterAmount
	HasCounterAmount                                          bool
	Seq                                                       int64 // instalment named by the source, 0 = none
	Counter, CounterCustomer, CounterCompany, CounterCurrency string
	CounterDate, CounterReversed                              Day
	Recorded, CounterRecorded                                 int64 // µs since 1970-01-01 UTC, 0 = unknown
	orphan                                                    bool
}

// Instalment is one due date of an invoice.
type Instalment struct {
	source, item string
	Seq          int64
	Due          Day
	Amount       money.Amount
}

// Split is a rep's share in an invoice.
type Split struct {
	source, item, Rep string
	Share             money.Rate
}

// Dispute is a claim against an invoice, open from Opened to the day before Closed.
type Dispute struct {
	source, item   string
	Opened, Closed Day // Closed is Forever while open
	Amount         money.Amount
	Whole          bool // the whole open amount
	Upheld         bool // the customer was right
}

// Visit is a contact that took place.
type Visit struct {
	ID, Source, Channel string
	Rep                 string // empty = the account owner
	Day                 Day
	Agreed, AgreedKnown bool // whether terms were agreed
}

// Promise is a promise to pay.
type Promise struct {
	ID, Visit, VisitRep, Invoice, Currency, ReplacedBy, Source string
	Made, Due                                                  Day
	Amount                                                     money.Amount
}

// Plan is an agreement to pay in instalments.
type Plan struct {
	Source, ID, Visit, VisitRep, ReplacedBy string
	Made                                    Day
}

// PlanLine is one payment that a plan asks for.
type PlanLine struct {
	Source, Plan, Currency, Invoice string
	No                              int64
	Due                             Day
	Amount                          money.Amount
}

// Skipped is an application that is not applied, with the reason. An orphan is
// one that in_orphans lists too.
type Skipped struct {
	Source, ID, Reason string
	Orphan             bool
}

// Parser turns the rows of a chunk into customers. Each worker has its own.
type Parser struct {
	KnownAt int64          // what was recorded later does not count, µs since 1970-01-01 UTC; 0 = all counts
	Workday func(Day) bool // due dates on other days move to the next of these; nil = they stay
	c       Customer
}

// Customer parses the i-th customer of the chunk.
func (p *Parser) Customer(chunk *Chunk, i int) (*Customer, error) {
	c := &p.c
	*c = Customer{ID: chunk.customers[i], Versions: c.Versions[:0], Owners: c.Owners[:0], Items: c.Items[:0], Applications: c.Applications[:0],
		Instalments: c.Instalments[:0], Splits: c.Splits[:0], Disputes: c.Disputes[:0], Visits: c.Visits[:0], Promises: c.Promises[:0],
		Plans: c.Plans[:0], PlanLines: c.PlanLines[:0], Skipped: c.Skipped[:0]}
	for slot := range slots {
		for _, s := range chunk.spans[slot][chunk.starts[slot][i]:chunk.starts[slot][i+1]] {
			if err := c.read(chunk.batches[slot][s.batch], int(s.from), int(s.to)); err != nil {
				return nil, fmt.Errorf("customer %q: %w", c.ID, err)
			}
		}
	}
	slices.SortStableFunc(c.Versions, func(a, b Version) int { return int(a.From) - int(b.From) })
	slices.SortStableFunc(c.Owners, func(a, b Owner) int { return int(a.From) - int(b.From) })
	if p.KnownAt != 0 {
		c.forget(p.KnownAt)
	}
	c.join()
	if p.KnownAt != 0 { // documents that are forgotten are no fault
		c.Skipped = c.Skipped[:0]
	}
	if p.Workday != nil {
		c.shiftDueDates(p.Workday)
	}
	return c, nil
}

func (c *Customer) read(b *batch, from, to int) error {
	switch {
	case b.documents != nil:
		return c.readDocuments(b.documents, from, to)
	case b.applications != nil:
		return c.readApplications(b.applications, from, to)
	}
	for i := from; i < to; i++ {
		switch {
		case b.customers != nil:
			v := b.customers
			c.Versions = append(c.Versions, Version{v.from.at(i), v.to.at(i), v.segment.at(i), v.region.at(i), v.owner.at(i), v.terms.at(i)})
		case b.owners != nil:
			o := b.owners
			c.Owners = append(c.Owners, Owner{o.from.at(i), o.to.at(i), o.rep.at(i)})
		case b.instalments != nil:
			d := b.instalments
			c.Instalments = append(c.Instalments, Instalment{d.source.at(i), d.item.at(i), d.seq.at(i), d.due.at(i), d.amount.at(i)})
		case b.splits != nil:
			s := b.splits
			c.Splits = append(c.Splits, Split{s.source.at(i), s.item.at(i), s.rep.at(i), max(0, s.share.at(i))})
		case b.disputes != nil:
			d := b.disputes
			closed := d.closed.at(i)
			if closed == NoDay {
				closed = Forever
			}
			c.Disputes = append(c.Disputes, Dispute{d.source.at(i), d.item.at(i), d.opened.at(i), closed, d.amount.at(i), d.amount.isNull(i), d.outcome.at(i) == "valid"})
		case b.visits != nil:
			v := b.visits
			c.Visits = append(c.Visits, Visit{v.id.at(i), v.source.at(i), v.channel.at(i), v.rep.at(i), v.happened.at(i), !v.agreed.IsNull(i) && v.agreed.Value(i), !v.agreed.IsNull(i)})
		case b.promises != nil:
			v := b.promises
			c.Promises = append(c.Promises, Promise{v.id.at(i), v.visit.at(i), v.visitRep.at(i), v.invoice.at(i), v.currency.at(i), v.replacedBy.at(i), v.source.at(i), v.made.at(i), v.due.at(i), v.amount.at(i)})
		case b.plans != nil:
			p := b.plans
			c.Plans = append(c.Plans, Plan{p.source.at(i), p.id.at(i), p.visit.at(i), p.visitRep.at(i), p.replacedBy.at(i), p.made.at(i)})
		case b.planLines != nil:
			l := b.planLines
			c.PlanLines = append(c.PlanLines, PlanLine{l.source.at(i), l.plan.at(i), l.currency.at(i), l.invoice.at(i), l.no.at(i), l.due.at(i), l.amount.at(i)})
		}
	}
	return nil
}

func (c *Customer) readDocuments(d *documentColumns, from, to int) error {
	for i := from; i < to; i++ {
		side, ok := sideOf(d.side.at(i))
		if !ok {
			return fmt.Errorf("%s %q: side is %q, expected invoice, payment or credit_note", InDocuments, d.id.at(i), d.side.at(i))
		}
		c.Items = append(c.Items, Item{Source: d.source.at(i), ID: d.id.at(i), Company: d.company.at(i), Currency: d.currency.at(i), Rep: d.rep.at(i),
			Side: side, DebitNote: d.kind.at(i) == "debit_note", Date: d.date.at(i), Amount: d.amount.at(i), Reversed: d.reversed.at(i),
			Recorded: d.recorded.at(i), terms: d.terms.at(i), due: d.due.at(i)})
	}
	return nil
}

func (c *Customer) readApplications(a *applicationColumns, from, to int) error {
	for i := from; i < to; i++ {
		side, ok := sideOf(a.side.at(i))
		if !ok {
			return fmt.Errorf("%s %q: side is %q, expected invoice, payment or credit_note", InApplications, a.id.at(i), a.side.at(i))
		}
		kind, ok := kindOf(a.kind.at(i))
		if !ok {
			return fmt.Errorf("%s %q: kind is %q, expected alloc, credit_alloc or write_off", InApplications, a.id.at(i), a.kind.at(i))
		}
		c.Applications = append(c.Applications, Application{source: a.source.at(i), item: a.item.at(i), ID: a.id.at(i), side: side, Kind: kind,
			Date: a.date.at(i), Amount: a.amount.at(i), Discount: a.discount.at(i),
			CounterAmount: a.counterAmount.at(i), HasCounterAmount: !a.counterAmount.isNull(i), Seq: a.seq.at(i),
			Counter: a.counter.at(i), CounterCustomer: a.counterCustomer.at(i), CounterCompany: a.counterCompany.at(i), CounterCurrency: a.counterCurrency.at(i),
			CounterDate: a.counterDate.at(i), CounterReversed: a.counterReversed.at(i), Recorded: a.recorded.at(i),
			ReversalOf: a.reversalOf.at(i), WriteOffType: a.writeOffType.at(i), CounterRecorded: a.counterRecorded.at(i),
			orphan: kind != WriteOff && a.counterCustomer.isNull(i)})
	}
	return nil
}

func sideOf(text string) (Side, bool) {
	switch text {
	case SideInvoice:
		return InvoiceSide, true
	case SidePayment:
		return PaymentSide, true
	case SideCreditNote:
		return CreditNoteSide, true
	}
	return 0, false
}

func kindOf(text string) (ApplicationKind, bool) {
	switch text {
	case KindAlloc:
		return Allocation, true
	case KindCreditAlloc:
		return CreditAllocation, true
	case KindWriteOff:
		return WriteOff, true
	}
	return 0, false
}

// TermsDays reads NETn; ok is false for other codes.
func TermsDays(code string) (days int, ok bool) {
	rest, found := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(code)), "NET")
	if !found {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimLeft(rest, " -_"))
	if err != nil || n < 0 || n > 3650 {
		return 0, false
	}
	return n, true
}
