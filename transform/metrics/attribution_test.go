package metrics

import (
	"testing"

	"pgregory.net/rapid"

	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

func TestAnInvoiceBelongsToOtherRepsUnderEachBasis(t *testing.T) {
	b := &ledgertest.Books{
		Reps:     []ledger.Rep{{ID: "R1", Name: "Departed", Team: "T"}},
		Invoices: []ledgertest.Invoice{invoice("I", "2024-03-01", "2024-03-10", "1000")},
		Splits:   []ledgertest.Split{{Invoice: "I", Rep: "R1", Share: 6_000_000_000}, {Invoice: "I", Rep: "R2", Share: 4_000_000_000}},
		Owners: []ledgertest.Owner{{Customer: "K", Rep: "R1", From: day("2024-01-01"), To: day("2024-03-14")}, {Customer: "K", Rep: "R3", From: day("2024-03-15"), To: day("2024-04-09")},
			{Customer: "K", Rep: "R4", From: day("2024-04-10"), To: none}},
	}
	pays(b, "a", "2024-03-10", "300")
	pays(b, "b", "2024-03-20", "500")
	b.Payments = append(b.Payments, payment("U", "2024-03-05", "7")) // nobody applied it
	out, _ := buildTables(t, b, "2024-04-30")
	row := func(month, basis, rep string) map[string]string {
		return out.find(t, RepAttribution, "month", month, "basis", basis, "rep_id", rep)
	}
	expect(t, row("2024-03-01", "invoice_rep", "R1"), "collected", "487", "billed", "600", "closing_open", "120", "closing_overdue", "120", "fell_due", "600", "collected_due_basis", "480",
		"due_basis_denominator", "600", "collection_rate", "0.8", "rep_name", "Departed", "team", "T", "collected_unapplied", "7")
	expect(t, row("2024-03-01", "invoice_rep", "R2"), "collected", "320", "billed", "400", "closing_open", "80")
	expect(t, row("2024-03-01", "owner_at_cash", "R1"), "collected", "307", "billed", "1000", "closing_open", "0", "fell_due", "1000")
	expect(t, row("2024-03-01", "owner_at_cash", "R3"), "collected", "500", "billed", "0", "closing_open", "200")
	expect(t, row("2024-03-01", "owner_at_due", "R1"), "collected", "807", "billed", "1000", "closing_open", "200")
	expect(t, row("2024-03-01", "owner_today", "R4"), "collected", "807", "billed", "1000", "closing_open", "200")
	expect(t, row("2024-04-01", "owner_at_cash", "R3"), "opening_overdue", "200", "due_basis_denominator", "200", "closing_open", "0", "collection_rate", "0")
	expect(t, row("2024-04-01", "owner_at_due", "R1"), "opening_overdue", "200", "closing_open", "200")
	for _, r := range out[RepCollection] {
		if r["rep_id"] == "R4" && r["month"] == "2024-03-01" {
			t.Error("rep_collection shows a rep for what only another basis gives him")
		}
	}
}

func TestWithoutAnExchangeRateNoBasisShowsARate(t *testing.T) {
	b := oneInvoice()
	b.Invoices[0].Currency = "XXX"
	out, _ := buildTables(t, b, "2024-02-29", func(o *Options) { o.ReportingCurrency = "USD" })
	for _, basis := range bases() {
		for _, month := range []string{"2024-01-01", "2024-02-01"} {
			for _, r := range out[RepAttribution] {
				if r["basis"] == basis && r["month"] == month {
					expect(t, r, "collection_rate", "NULL", "reason", "missing_rate", "closing_open", "0")
					month = ""
				}
			}
			if month != "" {
				t.Errorf("no row by %s in %s", basis, month)
			}
		}
	}
}

// byBasis are amounts by month, company, basis and column, or with rep.
func byBasis(out tables, rep bool) map[string]money.Amount {
	sums := map[string]money.Amount{}
	for _, r := range out[RepAttribution] {
		for _, c := range []string{"collected", "collected_unapplied", "collected_due_basis", "due_basis_denominator", "opening_overdue", "fell_due", "billed", "closing_open", "closing_overdue"} {
			key := r["month"] + " " + r["company"] + " " + r["basis"] + " " + c
			if rep {
				key += " " + r["rep_id"]
			}
			if a := amount(r[c]); a != 0 {
				sums[key] += a
			}
		}
	}
	return sums
}

func TestTotalsAreTheSameUnderAnyBasis(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomBooks(t)
		out, _ := buildRandom(t, b, genAsOf, RepAttribution, RepCollection)
		sums := map[string]map[string]money.Amount{}
		for key, a := range byBasis(out, false) {
			for _, basis := range bases() {
				if at := key[:13] + key[13+len(basis)+1:]; len(key) > 13+len(basis) && key[13:13+len(basis)] == basis {
					if sums[at] == nil {
						sums[at] = map[string]money.Amount{}
					}
					sums[at][basis] = a
				}
			}
		}
		for at, by := range sums {
			for _, basis := range bases() {
				if by[basis] != by[ByOwnerAtCash] {
					t.Fatalf("%s: %v", at, by)
				}
			}
		}
		collection := map[string]money.Amount{}
		for _, r := range out[RepCollection] {
			collection[r["month"]+r["company"]+r["rep_id"]] = amount(r["collected"])
		}
		for _, r := range out[RepAttribution] {
			if r["basis"] == ByOwnerAtCash && amount(r["collected"]) != collection[r["month"]+r["company"]+r["rep_id"]] {
				t.Fatalf("rep_collection shows %s, not %v", collection[r["month"]+r["company"]+r["rep_id"]], r)
			}
		}
		recountBases(t, b, byBasis(out, true))
	})
}

// recountBases recounts cash and billings under the bases that rep_collection
// does not show.
func recountBases(t *rapid.T, b *ledgertest.Books, got map[string]money.Amount) {
	s, want := newSlow(b, genAsOf), map[string]money.Amount{}
	first := asOfDays(b, genAsOf)
	if len(first) == 0 {
		return
	}
	add := func(on ledger.Day, company, basis, column, rep string, a money.Amount) {
		if month := max(on, first[0]).MonthStart().String(); a != 0 {
			want[month+" "+company+" "+basis+" "+column+" "+rep] += a
		}
	}
	for _, v := range b.Invoices {
		today := s.owner(v.Customer, genAsOf)
		dues := s.dues(v)
		for _, st := range s.steps(v) {
			if st.kind != "cash" || st.counted > genAsOf {
				continue
			}
			rest := st.whole
			for n, u := range dues {
				rest -= st.parts[n]
				add(st.counted, v.Company, ByOwnerAtDue, "collected", s.owner(v.Customer, min(max(u.day, v.Date), genAsOf)), st.parts[n])
			}
			add(st.counted, v.Company, ByOwnerAtDue, "collected", s.owner(v.Customer, st.counted), rest)
			add(st.counted, v.Company, ByOwnerToday, "collected", today, st.whole)
		}
		if v.Date > genAsOf {
			continue
		}
		var early money.Amount
		for _, c := range s.cuts(v, v.Date-1) {
			early += c.amount
		}
		add(v.Date, v.Company, ByOwnerToday, "billed", today, s.rc(v.Amount-early, v.Currency, v.Date)-s.rc(-early, v.Currency, v.Date))
	}
	for _, p := range b.Payments {
		for _, basis := range []string{ByOwnerAtDue, ByOwnerToday} {
			u := repSums{}
			s.unappliedOf(u, p)
			for key, a := range u { // "month company rep column"
				month, company, rep := key[:10], key[11:12], key[13:len(key)-len(" collected")]
				if basis == ByOwnerToday {
					rep = s.owner(p.Customer, genAsOf)
				}
				add(day(month), company, basis, "collected", rep, a)
			}
		}
	}
	for key, a := range want {
		if got[key] != a {
			t.Fatalf("%s = %s, want %s", key, got[key], a)
		}
	}
}
