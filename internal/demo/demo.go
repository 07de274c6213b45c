// Package demo is a business that does not exist, and two servers in front of
// it: one speaks ERPNext's REST API, the other HubSpot's.
//
// In: a seed, a size and a day. Out: three companies, their customers, reps,
// invoices, cash, credits, disputes, visits and promises, every document
// consistent to the cent, and loopback HTTP servers that answer as the real
// systems would, whoever asks. [Company.Truth] tells the open balances from the
// generator's own bookkeeping, so that a warehouse can be checked against them.
//
// Never here: any code that reads these servers. The package imports nothing of
// the pipeline, and the pipeline imports nothing of it.
//
// How the business lives: the simulation walks day by day from three years
// before [Options.Today]. Each day the tasks planned for it happen (payments,
// credit notes, write-offs, promises falling due), then new invoices are
// written, then the reps make their rounds. Nothing ever looks at the last day,
// so a world of one more day is the same world, one day later.
package demo

import (
	"fmt"
	"time"
)

// Date is a calendar day, counted in days since 1970-01-01.
type Date int32

// DateOf returns the calendar day that t shows in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return ymd(y, m, d)
}

// Time returns midnight UTC of the day.
func (d Date) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// String formats the day as 2006-01-02.
func (d Date) String() string { return string(appendDate(nil, d)) }

func ymd(y int, m time.Month, d int) Date {
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func appendDate(b []byte, d Date) []byte { return d.Time().AppendFormat(b, "2006-01-02") }

func (d Date) weekday() time.Weekday { return time.Weekday((int(d)%7 + 11) % 7) }

// Cents is an amount in hundredths of the document currency.
type Cents int64

// String formats the amount with two decimals, as 1234.50.
func (c Cents) String() string { return string(appendCents(nil, c)) }

func appendCents(b []byte, c Cents) []byte {
	if c < 0 {
		b = append(b, '-')
		c = -c
	}
	return fmt.Appendf(b, "%d.%02d", c/100, c%100)
}

// Options size and date the business. The zero value of a field means its
// default.
type Options struct {
	Seed     int64 // which of the possible businesses; default 1
	Invoices int   // about how many invoices are written in the three years to Today; default 20,000
	Today    Date  // the last day of the first run; default 2026-10-31
	Day      int   // days simulated after Today: what a later run would find; negative = days before it
	Mistakes bool  // some records of the ERP are such that no reader can take them
}

// DefaultToday is the last simulated day where Options name none.
var DefaultToday = ymd(2026, time.October, 31)

// historyDays is how far before Today the business begins.
const historyDays = 3 * 365

func (o Options) withDefaults() Options {
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Invoices <= 0 {
		o.Invoices = 20_000
	}
	if o.Today == 0 {
		o.Today = DefaultToday
	}
	o.Day = max(o.Day, -historyDays/2)
	return o
}

// Company is the simulated group: its books and its customer relations as they
// stand at the end of the last simulated day. It does not change after
// [NewCompany] returned and may be read from many goroutines.
type Company struct {
	options    Options
	start, end Date

	firms     []*firm
	reps      []*rep
	customers []*customer
	terms     []*terms
	rates     *rates

	invoices []*invoice // invoices, debit notes and credit notes in order of entry
	payments []*payment
	journals []*journal
	entries  []*entry // payment ledger entries; those deleted since are nil
	disputes []*dispute
	visits   []*visit
	promises []*promise
	targets  []target
	people   []*person
}

// NewCompany simulates the business of the options. The same options always
// give the same business.
func NewCompany(o Options) *Company {
	o = o.withDefaults()
	c := &Company{options: o, start: o.Today - historyDays, end: o.Today + Date(o.Day)}
	found(c)
	newSimulation(c).run()
	return c
}

// Start is the first simulated day.
func (c *Company) Start() Date { return c.start }

// End is the last simulated day, inclusive.
func (c *Company) End() Date { return c.end }

// Size counts the documents of the business.
type Size struct {
	Companies, Customers, Reps, Invoices, CreditNotes, Payments, Journals, LedgerEntries, Disputes, Visits, Promises int
}

// Size counts what was simulated, cancelled documents included.
func (c *Company) Size() Size {
	s := Size{Companies: len(c.firms), Customers: len(c.customers), Reps: len(c.reps), Payments: len(c.payments),
		Journals: len(c.journals), Disputes: len(c.disputes), Visits: len(c.visits), Promises: len(c.promises)}
	for _, v := range c.invoices {
		if v.isReturn {
			s.CreditNotes++
		} else {
			s.Invoices++
		}
	}
	for _, e := range c.entries {
		if e != nil {
			s.LedgerEntries++
		}
	}
	return s
}
