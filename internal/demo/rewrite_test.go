package demo

import (
	"strings"
	"testing"
)

// The demo syncs twice: the books of a week before Today, and those of Today. In
// between documents were changed after they had been posted.
func TestInTheLastWeekPostedDocumentsAreChanged(t *testing.T) {
	before, after := NewCompany(Options{Invoices: 3000, Day: -7}), NewCompany(Options{Invoices: 3000})
	old := map[string]*invoice{}
	for _, v := range before.invoices {
		old[v.name] = v
	}
	later, amount, again := 0, 0, 0
	for _, v := range after.invoices {
		was := old[v.name]
		if was == nil || was.docstatus != submitted || v.docstatus != submitted {
			continue
		}
		if v.due > was.due || v.gross != was.gross {
			if v.modified.date() <= before.End() || v.editor == "" {
				t.Errorf("%s was changed, but its last change is of %s by %q", v.name, v.modified.date(), v.editor)
			}
		}
		if v.due > was.due {
			later++
		}
		if v.gross != was.gross {
			amount++
			if v.posting.Time().Month() != after.End().Time().Month() {
				t.Errorf("%s of %s got another amount after its month was closed", v.name, v.posting)
			}
		}
		if v.credited == v.gross && was.credited == 0 {
			again++
		}
	}
	if later < 4 || amount != 2 || again == 0 {
		t.Errorf("%d due dates put off, %d amounts changed, %d credited in full", later, amount, again)
	}
}

func TestWhatWasWrittenOffIsRecoveredInPart(t *testing.T) {
	c := NewCompany(Options{})
	off := map[string]Cents{}
	for _, j := range c.journals {
		for _, line := range j.lines {
			if v, ok := line.against.(*invoice); ok && j.purpose == "bad_debt" {
				off[j.name+"|"+v.name+"|"+line.hash] = -line.amount
			}
		}
	}
	rows := newOffice(c).tables["recoveries"].rows
	for _, r := range rows {
		if amount := Cents(r.values[3].n); amount <= 0 || amount >= off[r.values[1].s] {
			t.Errorf("%v recovered of %v written off as %s", amount, off[r.values[1].s], r.values[1].s)
		}
	}
	if len(rows) < 3 {
		t.Errorf("%d recoveries of %d write-offs", len(rows), len(off))
	}
}

// Records that no reader can take are there when they are asked for, and in no
// books.
func TestMistakesAreInTheListsAndInNoBooks(t *testing.T) {
	clean, c := NewCompany(Options{Invoices: 900}), NewCompany(Options{Invoices: 900, Mistakes: true})
	for _, name := range []string{"Sales Invoice", "Issue"} {
		if more := c.doctypes()[name].n - clean.doctypes()[name].n; more == 0 {
			t.Errorf("%s: no record more", name)
		}
	}
	text := ""
	for _, row := range dump(c)["Sales Invoice"] {
		if strings.Contains(row, "SINV-IMP") {
			text += row
		}
	}
	for _, odd := range []string{"人民币", "2026-02-30"} {
		if !strings.Contains(text, odd) {
			t.Errorf("no invoice with %s", odd)
		}
	}
	books := clean.Truth(clean.End())
	for account, p := range c.Truth(c.End()) {
		if p != books[account] {
			t.Errorf("%v: %+v with the mistakes, %+v without", account, p, books[account])
		}
	}
}
