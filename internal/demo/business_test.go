package demo

import (
	"fmt"
	"testing"
)

// businesses are several small ones, so that a rule that holds by luck in one
// is caught in another.
func businesses(t *testing.T, check func(t *testing.T, c *Company)) {
	for _, o := range []Options{{Seed: 1, Invoices: 3000}, {Seed: 2, Invoices: 1200, Day: 9}, {Seed: 3, Invoices: 2000}, {Seed: 77, Invoices: 60}} {
		t.Run(fmt.Sprintf("seed %d, %d invoices", o.Seed, o.Invoices), func(t *testing.T) { check(t, NewCompany(o)) })
	}
}

func TestEveryInvoiceIsConsistentToTheCent(t *testing.T) {
	businesses(t, func(t *testing.T, c *Company) {
		ledger := map[document]Cents{} // by the document that an entry is against
		for _, e := range c.entries {
			if e != nil && !e.delinked {
				ledger[e.target] += e.amount
			}
		}
		for _, v := range c.invoices {
			var scheduled, open Cents
			for _, p := range v.parts {
				scheduled += p.amount
				open += p.open
				if p.open < 0 && !v.isReturn || p.due < v.posting {
					t.Errorf("%s part %d: open %v, due %v, posted %v", v.name, p.seq, p.open, p.due, v.posting)
				}
			}
			if scheduled != v.gross {
				t.Errorf("%s: schedule adds up to %v of %v", v.name, scheduled, v.gross)
			}
			if v.open != ledger[v] {
				t.Errorf("%s (%s): outstanding %v, ledger says %v", v.name, v.status, v.open, ledger[v])
			}
			if !v.isReturn && v.docstatus == submitted && (open != v.open || v.open < 0 || v.open > v.gross) {
				t.Errorf("%s: outstanding %v of %v, instalments %v", v.name, v.open, v.gross, open)
			}
			if v.isReturn && (v.gross >= 0 || v.open > 0 || v.open < v.gross) {
				t.Errorf("credit note %s: %v, open %v", v.name, v.gross, v.open)
			}
			var percent int64
			for _, s := range v.splits {
				percent += s.percent
			}
			if percent != 100 {
				t.Errorf("%s: shares of the reps add up to %d %%", v.name, percent)
			}
			if v.net > v.gross && !v.isReturn || v.posting > v.created.date() || v.created > v.modified {
				t.Errorf("%s: net %v, gross %v, posted %v, created %v, modified %v", v.name, v.net, v.gross, v.posting, v.created.date(), v.modified.date())
			}
		}
	})
}

func TestCashIsNeverAppliedTwice(t *testing.T) {
	businesses(t, func(t *testing.T, c *Company) {
		for _, p := range c.payments {
			var applied, discount Cents
			for _, line := range p.lines {
				applied += line.amount
				discount += line.discount
				if line.amount <= 0 || line.invoice.customer != p.customer || line.invoice.currency != p.currency || line.invoice.firm != p.firm {
					t.Errorf("%s settles %v of %s of another account", p.name, line.amount, line.invoice.name)
				}
			}
			if discount != p.discount || p.unapplied < 0 || !p.refund && applied+p.unapplied != p.amount+p.discount || p.amount <= 0 {
				t.Errorf("%s: %v received, %v deducted, %v applied, %v left", p.name, p.amount, p.discount, applied, p.unapplied)
			}
		}
		for _, j := range c.journals {
			var sum Cents
			for _, line := range j.lines {
				sum += line.amount
			}
			if sum != 0 {
				t.Errorf("%s: debit and credit differ by %v", j.name, sum)
			}
		}
	})
}

func TestTruthAgreesWithThePaymentLedger(t *testing.T) {
	businesses(t, func(t *testing.T, c *Company) {
		for _, asOf := range []Date{c.start + 400, c.end - 100, c.end} {
			ledger := map[Account]Cents{}
			for _, e := range c.entries {
				if e != nil && !e.delinked && e.posting <= asOf {
					ledger[Account{e.customer.name, e.currency}] += e.amount
				}
			}
			truth := c.Truth(asOf)
			for account, p := range truth {
				if p.Net() != ledger[account] {
					t.Errorf("%v at %v: truth %v, ledger %v", account, asOf, p.Net(), ledger[account])
				}
			}
			for account, amount := range ledger {
				if _, ok := truth[account]; !ok && amount != 0 {
					t.Errorf("%v at %v: %v in the ledger alone", account, asOf, amount)
				}
			}
		}
		open := map[Account]Cents{}
		for _, v := range c.invoices {
			if !v.isReturn && v.docstatus == submitted {
				open[Account{v.customer.name, v.currency}] += v.open
			}
		}
		for account, p := range c.Truth(c.end) {
			if p.Open != open[account] || p.Unapplied > 0 && p.Open == 0 && p.Credits == 0 && p.Unapplied > 100_000_00 {
				t.Errorf("%v: truth says %v open, the invoices %v", account, p.Open, open[account])
			}
		}
	})
}

func TestTheSameOptionsGiveTheSameBusiness(t *testing.T) {
	a, b := NewCompany(Options{Seed: 5, Invoices: 800}), NewCompany(Options{Seed: 5, Invoices: 800})
	others := dump(b)
	for name, rows := range dump(a) {
		other := others[name]
		if len(rows) != len(other) {
			t.Fatalf("%s: %d and %d rows", name, len(rows), len(other))
		}
		for key, row := range rows {
			if other[key] != row {
				t.Fatalf("%s %s differs:\n%s\n%s", name, key, row, other[key])
			}
		}
	}
	if c := NewCompany(Options{Seed: 6, Invoices: 800}); c.customers[0].title == a.customers[0].title && c.invoices[0].gross == a.invoices[0].gross {
		t.Error("another seed gave the same business")
	}
}

func TestTheBusinessHasEveryCaseItPromises(t *testing.T) {
	c := NewCompany(Options{})
	size := c.Size()
	if size.Invoices < 19_500 || size.Invoices > 20_600 || size.Customers != 280 || size.Reps != 24 || size.Companies != 3 {
		t.Errorf("size %+v", size)
	}
	seen := map[string]int{}
	note := func(name string, is bool) {
		if is {
			seen[name]++
		}
	}
	for _, v := range c.invoices {
		note("currency "+v.currency, true)
		note("segment "+v.customer.segment, true)
		note("cancelled invoice", v.docstatus == cancelled)
		note("draft thrown away", v.deleted)
		note("amended invoice", v.amendedFrom != nil)
		note("debit note", v.isDebitNote)
		note("credit note on an open invoice", v.isReturn && !v.ownCredit)
		note("credit note standing for itself", v.isReturn && v.ownCredit)
		note("open credit note", v.isReturn && v.open < 0)
		note("split between reps", len(v.splits) == 2)
		note("three instalments", len(v.parts) == 3)
		note("partly paid", v.open > 0 && v.open < v.gross)
		note("entered late", v.posting < v.entered)
	}
	for _, p := range c.payments {
		note("bounced payment", p.docstatus == cancelled)
		note("refund", p.refund)
		note("one payment over several invoices", len(p.lines) > 1)
		note("cash on account", p.unapplied > 0 && !p.refund)
		note("early payment discount", p.discount > 0 && !p.small)
		note("small difference deducted", p.small)
		for _, line := range p.lines {
			note("applied later than received", line.day > p.posting+2)
		}
	}
	for _, j := range c.journals {
		note("journal "+j.purpose, true)
	}
	for _, d := range c.disputes {
		note("dispute closed "+d.outcome, d.closed != 0)
		note("open dispute", d.closed == 0)
		note("dispute settled by credit", d.credit != nil)
	}
	for _, m := range c.promises {
		note("promise "+m.fate, true)
	}
	for _, x := range c.visits {
		note("outcome "+x.outcome, true)
		note("refusal", x.refusal != "")
		note("archived visit", x.archived != 0)
	}
	for _, k := range c.customers {
		note("new owner", k.ownerOn(c.end) != k.ownerOn(c.start))
	}
	for _, name := range []string{"currency CNY", "currency EUR", "currency USD", "currency HKD", "segment PROJECT", "segment DISTRIBUTOR", "segment MANUFACTURER",
		"segment RETAIL", "segment GOVERNMENT", "cancelled invoice", "draft thrown away", "amended invoice", "debit note", "credit note on an open invoice",
		"credit note standing for itself", "open credit note", "split between reps", "three instalments", "partly paid", "entered late", "bounced payment", "refund",
		"one payment over several invoices", "cash on account", "early payment discount", "small difference deducted", "applied later than received",
		"journal group payment", "journal bad_debt", "journal small_balance", "journal credit", "dispute closed valid", "dispute closed invalid", "dispute closed partial",
		"open dispute", "dispute settled by credit", "promise kept", "promise partly", "promise broken", "outcome COMPLETED", "outcome NO_SHOW", "outcome CANCELED",
		"outcome RESCHEDULED", "outcome SCHEDULED", "outcome NO_ANSWER", "refusal", "archived visit", "new owner"} {
		if seen[name] == 0 {
			t.Errorf("no %s", name)
		}
	}
}
