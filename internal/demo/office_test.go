package demo

import (
	"fmt"
	"testing"
)

func TestTheCreditOfficeHasRecordsOfEveryKindAndNoneOfTheFuture(t *testing.T) {
	c := NewCompany(Options{Invoices: 12_000})
	o := newOffice(c)
	for _, stream := range officeStreams() {
		table := o.tables[stream]
		if len(table.rows) == 0 {
			t.Errorf("there are no %s", stream)
		}
		names := map[string]bool{}
		for i, r := range table.rows {
			if len(r.values) != len(table.columns) {
				t.Fatalf("%s: %d values for %d columns", stream, len(r.values), len(table.columns))
			}
			if name := table.name(i); names[name] {
				t.Errorf("%s: %s stands twice", stream, name)
			} else {
				names[name] = true
			}
			if r.modified.date() > c.End() {
				t.Errorf("%s: changed on %s, after the last day", stream, r.modified.date())
			}
		}
	}
}

// A week later the office has more records; one that stood says the same unless
// it was changed since.
func TestAWeekLaterTheCreditOfficeHasOnlyMore(t *testing.T) {
	before, after := newOffice(NewCompany(Options{Invoices: 2000})), newOffice(NewCompany(Options{Invoices: 2000, Day: 7}))
	for _, stream := range officeStreams() {
		later := map[string]record{}
		for i, r := range after.tables[stream].rows {
			later[after.tables[stream].name(i)] = r
		}
		changed := 0
		for i, r := range before.tables[stream].rows {
			name := before.tables[stream].name(i)
			now, ok := later[name]
			if !ok || fmt.Sprint(now.values) != fmt.Sprint(r.values) && now.modified.date() <= before.c.End() {
				changed++
			}
		}
		if all := len(before.tables[stream].rows); changed > all/50+2 {
			t.Errorf("%s: %d of %d records are gone or differ without having been changed", stream, changed, all)
		}
		if len(after.tables[stream].rows) < len(before.tables[stream].rows) {
			t.Errorf("%s: fewer records a week later", stream)
		}
	}
}

func TestTheControlAccountsAreTheBooksButForOneMonth(t *testing.T) {
	c := NewCompany(Options{Invoices: 6000})
	off := 0
	for _, r := range newOffice(c).tables["control_balances"].rows {
		books := c.Books(Date(r.values[2].n))[Book{r.values[0].s, r.values[3].s}]
		if Cents(r.values[4].n) != books {
			off++
		}
	}
	if off != 1 {
		t.Errorf("%d balances are off, want one", off)
	}
}
