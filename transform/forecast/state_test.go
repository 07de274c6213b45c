package forecast_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"huikuan/transform/derive"
	"huikuan/transform/derive/derivetest"
	"huikuan/transform/forecast"
	"huikuan/transform/history"
	"huikuan/transform/ledger"
)

// drawn are the rows of customers by name, as a source has them.
type drawn struct {
	rows     map[string]map[string][]derivetest.Row // customer → input → rows
	disputes map[string][]derivetest.Row            // by customer
}

var drawnAsOf = ledger.DayOf(2025, 9, 17)

func drawRows(t *rapid.T, d *drawn, customer string) {
	day := func(what string, from, to int) string {
		return (drawnAsOf - ledger.Day(rapid.IntRange(from, to).Draw(t, what))).String()
	}
	in := map[string][]derivetest.Row{}
	d.rows[customer], d.disputes[customer] = in, nil
	n := rapid.IntRange(0, 14).Draw(t, "items of "+customer)
	for i := range n {
		company := []string{"A", "B"}[i*2/n]
		key := func() derivetest.Row {
			return derivetest.Row{"company": company, "customer_id": customer, "invoice_id": fmt.Sprintf("%s-%02d", customer, i), "instalment_seq": 1, "source": "erp"}
		}
		age := rapid.IntRange(0, 900).Draw(t, "age")
		item, amount := key(), rapid.IntRange(1, 900).Draw(t, "amount")
		item["invoice_date"], item["due_date"] = (drawnAsOf - ledger.Day(age)).String(), (drawnAsOf - ledger.Day(age-30)).String()
		item["currency"], item["amount"] = rapid.SampledFrom([]string{"USD", "EUR"}).Draw(t, "currency"), amount
		if rapid.IntRange(0, 9).Draw(t, "priced") > 0 {
			item["amount_rc"] = amount * 2
		}
		in[history.Items] = append(in[history.Items], item)
		if paid := rapid.IntRange(0, 200).Draw(t, "days to pay"); paid < age && rapid.Bool().Draw(t, "settled") {
			s := key()
			s["kind"], s["amount"], s["amount_rc"] = rapid.SampledFrom([]string{"cash", "cash", "write_off", "credit"}).Draw(t, "kind"), amount, item["amount_rc"]
			s["event_date"], s["receipt_date"] = (drawnAsOf - ledger.Day(age-paid)).String(), (drawnAsOf - ledger.Day(age-paid)).String()
			in[history.Settlements] = append(in[history.Settlements], s)
		}
		if i%4 == 3 {
			d.disputes[customer] = append(d.disputes[customer], derivetest.Row{"source": "erp", "invoice_id": item["invoice_id"], "opened_on": day("opened", 0, 700), "disputed_amount": amount / 2})
		}
	}
	if n == 0 {
		return
	}
	in[derive.InSegments] = []derivetest.Row{{"customer_id": customer, "valid_from": "1970-01-01", "segment": rapid.SampledFrom([]string{"S0", "S1", "S2"}).Draw(t, "segment")},
		{"customer_id": customer, "valid_from": day("moved", 0, 700), "segment": rapid.SampledFrom([]string{"S1", "S2"}).Draw(t, "later segment")}}
	in[forecast.InPromises] = []derivetest.Row{{"customer_id": customer, "source": "erp", "currency": "USD", "amount": "50", "due_date": day("promised", -20, 19), "first_day": day("made", 20, 400), "last_day": drawnAsOf.String(), "status": "open"}}
	in[forecast.InUnapplied] = []derivetest.Row{{"company": "A", "customer_id": customer, "currency": "USD", "as_of": drawnAsOf.String(), "unapplied": "70", "unapplied_rc": "140"}}
}

// source gives the rows of some customers, and all disputes; the last of them
// fixes how many days disputes take.
func (d *drawn) source(customers []string, closed string) derivetest.Source {
	src := derivetest.Source{Declared: append(slices.Concat(history.Inputs(), forecast.Inputs()), derive.SegmentsInput()), Inputs: map[string][]derivetest.Row{}, BatchRows: 3}
	for _, c := range slices.Sorted(slices.Values(customers)) {
		for input, rows := range d.rows[c] {
			src.Inputs[input] = append(src.Inputs[input], rows...)
		}
	}
	for _, input := range []string{history.Items, history.Settlements} {
		slices.SortStableFunc(src.Inputs[input], func(x, y derivetest.Row) int {
			return cmp.Compare(x["company"].(string), y["company"].(string)) // within it they are by customer and invoice already
		})
	}
	for _, rows := range d.disputes {
		src.Inputs[forecast.InDisputes] = append(src.Inputs[forecast.InDisputes], rows...)
	}
	src.Inputs[forecast.InDisputes] = append(src.Inputs[forecast.InDisputes], derivetest.Row{"source": "erp", "invoice_id": "none", "opened_on": "2023-01-01", "closed_on": closed})
	return src
}

var drawnOptions = forecast.Options{AsOf: drawnAsOf, Currency: "USD", CustomerItems: 3, SegmentItems: 4}

func addAll(t interface{ Fatal(...any) }, f *forecast.Builder, src derive.Source) {
	for c, err := range history.Read(context.Background(), src) {
		if err == nil {
			err = f.Add(context.Background(), c)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func newBuilder(t interface{ Fatal(...any) }, src derive.Source, sink derive.Sink) *forecast.Builder {
	f, err := forecast.NewBuilder(context.Background(), src, sink, drawnOptions)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// finished returns the state and the rows of a forecast, as texts.
func finished(t interface{ Fatal(...any) }, f *forecast.Builder, sink *derivetest.Sink) (state string, rows []string) {
	state = string(f.State())
	if err := f.Finish(context.Background()); err != nil {
		t.Fatal(err)
	}
	for table, list := range sink.Rows {
		for _, row := range list {
			rows = append(rows, table+" "+derivetest.Text(row))
		}
	}
	slices.Sort(rows)
	return state, rows
}

// Whatever customers change in, come or go, round after round: a forecast that
// continues the last one is that of all customers, and so is its state.
func TestAContinuedForecastEqualsThatOfAllCustomers(t *testing.T) {
	customers, closed := []string{"C0", "C1", "C2", "C3", "C4"}, "2023-01-20"
	lines := 0
	rapid.Check(t, func(t *rapid.T) {
		d := &drawn{map[string]map[string][]derivetest.Row{}, map[string][]derivetest.Row{}}
		for _, c := range customers {
			drawRows(t, d, c)
		}
		first := newBuilder(t, d.source(customers, closed), nil)
		addAll(t, first, d.source(customers, closed))
		state := string(first.State())
		for range 2 {
			changed := map[string]bool{}
			for _, c := range customers {
				if rapid.IntRange(0, 2).Draw(t, "changes") == 0 {
					changed[c] = true
				}
			}
			names := slices.Collect(maps.Keys(changed))
			before := newBuilder(t, d.source(names, closed), nil)
			addAll(t, before, d.source(names, closed))
			for _, c := range slices.Sorted(slices.Values(names)) {
				drawRows(t, d, c)
			}
			sink, whole := &derivetest.Sink{Tables: forecast.Tables()}, &derivetest.Sink{Tables: forecast.Tables()}
			some := newBuilder(t, d.source(names, closed), sink)
			if err := some.Continue([]byte(state), before, changed); err != nil {
				t.Fatal(err)
			}
			addAll(t, some, d.source(names, closed))
			all := newBuilder(t, d.source(customers, closed), whole)
			addAll(t, all, d.source(customers, closed))
			gotState, got := finished(t, some, sink)
			wantState, want := finished(t, all, whole)
			for i := range max(len(got), len(want)) {
				if i >= len(got) || i >= len(want) || got[i] != want[i] {
					t.Fatalf("%d rows, of all customers %d; row %d\n%v\n%v", len(got), len(want), i, got[i:min(i+1, len(got))], want[i:min(i+1, len(want))])
				}
			}
			if gotState != wantState {
				t.Fatal("the rows are those of all customers, the state is another one")
			}
			state, lines = gotState, lines+len(got)
		}
	})
	if lines == 0 {
		t.Error("no forecast has a row: the test shows nothing")
	}
}

func TestAForecastIsNotContinuedWhereItDoesNotFit(t *testing.T) {
	d := &drawn{map[string]map[string][]derivetest.Row{"C0": {}}, nil}
	src := d.source([]string{"C0"}, "2023-01-20")
	state := newBuilder(t, src, nil).State()
	for what, c := range map[string]struct {
		state []byte
		src   derive.Source
	}{
		"":                        {state, src},
		"days that disputes take": {state, d.source([]string{"C0"}, "2023-01-21")},
		"cannot be read":          {state[:len(state)-1], src},
		"settings":                {nil, src},
	} {
		err := newBuilder(t, c.src, nil).Continue(c.state, newBuilder(t, src, nil), nil)
		if (what == "") != (err == nil) || err != nil && (!errors.Is(err, derive.ErrRecompute) || !strings.Contains(err.Error(), what)) {
			t.Errorf("%q expected, got %v", what, err)
		}
	}
}
