package metrics

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

func TestScopesAddUpToTheGroupAndTheGroupToTheDocuments(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomBooks(t)
		out, _ := buildRandom(t, b, genAsOf, DSO)
		s := newSlow(b, genAsOf)
		columns := []string{"ar_rc", "not_due_rc", "overdue_rc", "credits_rc", "sales_90_rc", "sales_12m_rc", "cei_numerator_rc", "disputed_rc", "disputed_overdue_rc", "cei_clean_numerator_rc"}
		sums := map[string]money.Amount{}
		for _, r := range out[DSO] {
			for _, c := range columns {
				sums[r["as_of"]+r["scope"]+c] += amount(r[c])
			}
		}
		for _, d := range asOfDays(b, genAsOf) {
			for _, scope := range []string{"company", "segment", "region", "owner", "customer"} {
				for _, c := range columns {
					if got, want := sums[d.String()+scope+c], sums[d.String()+"group"+c]; got != want {
						t.Fatalf("%s: %s of all of scope %s is %s, of the group %s", d, c, scope, got, want)
					}
				}
			}
			var ar, before, disputed, late money.Amount
			for _, n := range bookNames() {
				_, rc := s.at(n.customer, n.company, n.currency, d)
				ar += rc.net()
				disputed, late = disputed+rc.disputed, late+rc.disputedOD
				_, rc = s.at(n.customer, n.company, n.currency, d.MonthStart()-1)
				before += rc.net()
			}
			if got := sums[d.String()+"groupar_rc"]; got != ar {
				t.Fatalf("%s: ar %s, want %s", d, got, ar)
			}
			if sums[d.String()+"groupdisputed_rc"] != disputed || sums[d.String()+"groupdisputed_overdue_rc"] != late {
				t.Fatalf("%s: disputed %s, of it overdue %s, want %s and %s", d, sums[d.String()+"groupdisputed_rc"], sums[d.String()+"groupdisputed_overdue_rc"], disputed, late)
			}
			if got, want := sums[d.String()+"groupsales_90_rc"], s.sales(d-89, d); got != want {
				t.Fatalf("%s: sales of 90 days %s, want %s", d, got, want)
			}
			if d.MonthStart() > asOfDays(b, genAsOf)[0].MonthStart() {
				if got, want := sums[d.String()+"groupcei_numerator_rc"], before+s.sales(d.MonthStart(), d)-ar; got != want {
					t.Fatalf("%s: numerator of cei %s, want %s", d, got, want)
				}
				if got, want := sums[d.String()+"groupcei_clean_numerator_rc"], sums[d.String()+"groupcei_numerator_rc"]-s.writtenOff(d.MonthStart(), d); got != want {
					t.Fatalf("%s: numerator of the clean cei %s, want %s", d, got, want)
				}
			}
		}
		for _, r := range out[DSO] {
			if r["dso_90"] != "NULL" && math.Abs(number(r["bpdso"])+number(r["add_days"])-number(r["dso_90"])) > 1e-9*max(1, math.Abs(number(r["dso_90"]))) {
				t.Fatalf("bpdso and add_days are not dso_90: %v", r)
			}
			for _, c := range []string{"dso_90", "dso_month", "dso_countback", "dso_sales_weighted", "cei", "turnover", "add_days_undisputed", "cei_clean", "cei_undisputed"} {
				if r[c] == "NULL" && r["reason"] == "NULL" {
					t.Fatalf("%s is NULL without a reason: %v", c, r)
				}
			}
		}
	})
}

// writtenOff adds up write-offs dated between two days.
func (s *slow) writtenOff(from, to ledger.Day) money.Amount {
	var sum money.Amount
	for _, v := range s.Invoices {
		for _, st := range s.steps(v) {
			if st.kind == "write_off" && from <= st.day && st.day <= to {
				sum += st.whole
			}
		}
	}
	return sum
}

// sales adds up billings less credit notes dated between two days.
func (s *slow) sales(from, to ledger.Day) money.Amount {
	var sum money.Amount
	for _, v := range s.Invoices {
		if from <= v.Date && v.Date <= to {
			early := -s.openOf(v, v.Date-1)
			sum += s.rc(v.Amount-early, v.Currency, v.Date) - s.rc(-early, v.Currency, v.Date)
		}
	}
	for _, c := range s.CreditNotes {
		if from <= c.Date && c.Date <= to {
			early := s.uncredited(c, c.Date-1)
			sum -= s.rc(c.Amount+early, c.Currency, c.Date) - s.rc(early, c.Currency, c.Date)
		}
	}
	return sum
}
