// Package ledgertest gives tests a ledger written down as plain documents, and
// serves it as the input tables of a replay.
//
// In: Go values. Out: a ledger.Source. Never here: anything that product code uses.
package ledgertest

import (
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// Books is a ledger in the terms of the canonical streams. Days that do not
// apply are ledger.NoDay, see [None].
type Books struct {
	Companies   []ledger.Company
	Reps        []ledger.Rep
	Customers   []Customer
	Owners      []Owner
	Invoices    []Invoice
	Instalments []Instalment
	Splits      []Split
	Payments    []Payment
	Allocations []Allocation
	CreditNotes []CreditNote
	Credits     []Credit
	WriteOffs   []WriteOff
	Disputes    []Dispute
	Visits      []Visit
	Promises    []Promise
	Plans       []Plan
	Lines       []Line
	Calendar    map[ledger.Day]bool
	Targets     []ledger.Target
	Quotes      []ledger.Quote
	// Recorded tells when documents and applications became known, by
	// identifier, µs since 1970-01-01 UTC; what is missing was always known.
	Recorded map[string]int64
}

// None is the day that does not apply.
const None = ledger.NoDay

// The documents, with the columns of the canonical streams that matter here.
type (
	Customer struct {
		ID, Segment, Region, Owner, Terms string
		From                              ledger.Day
	}
	Owner struct {
		Customer, Rep string
		From, To      ledger.Day
	}
	Invoice struct {
		ID, Company, Customer, Currency, Rep, Terms string
		Debit                                       bool
		Date, Due                                   ledger.Day
		Amount                                      money.Amount
	}
	Instalment struct {
		Invoice string
		Seq     int64
		Due     ledger.Day
		Amount  money.Amount
	}
	Split struct {
		Invoice, Rep string
		Share        money.Rate
	}
	Payment struct {
		ID, Company, Customer, Currency string
		Date, Reversed                  ledger.Day
		Amount                          money.Amount
	}
	Allocation struct {
		ID, Payment, Invoice, ReversalOf string
		Seq                              int64
		Date                             ledger.Day
		Amount, Discount                 money.Amount
		InPayment                        money.Amount // the amount in the payment's currency as the source has it; 0 = unknown
	}
	CreditNote struct {
		ID, Company, Customer, Currency string
		Date                            ledger.Day
		Amount                          money.Amount
	}
	Credit struct {
		ID, CreditNote, Invoice, ReversalOf string
		Seq                                 int64
		Date                                ledger.Day
		Amount                              money.Amount
	}
	WriteOff struct {
		ID, Invoice string
		Date        ledger.Day
		Amount      money.Amount
	}
	Dispute struct {
		ID, Invoice    string
		Opened, Closed ledger.Day
		Amount         money.Amount
		Whole          bool
		Outcome        string
	}
	Visit struct {
		ID, Customer, Rep, Channel string
		Day                        ledger.Day
	}
	Promise struct {
		ID, Customer, Rep, Invoice, Currency, ReplacedBy string
		Made, Due                                        ledger.Day
		Amount                                           money.Amount
	}
	Plan struct {
		ID, Customer, Rep, ReplacedBy string
		Made                          ledger.Day
	}
	Line struct {
		Plan, Invoice, Currency string
		No                      int64
		Due                     ledger.Day
		Amount                  money.Amount
	}
)

// Day reads YYYY-MM-DD and panics on anything else.
func Day(text string) ledger.Day {
	d, err := ledger.ParseDay(text)
	if err != nil {
		panic(err)
	}
	return d
}

// Amount reads a decimal and panics on anything else.
func Amount(text string) money.Amount { return money.MustParse(text) }
