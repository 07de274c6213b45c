package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"huikuan/transform/derive"
	"huikuan/transform/derive/derivetest"
	"huikuan/transform/lawtest"
)

var bridgeDays = []string{"2025-12-31", "2026-01-31", "2026-02-28", "2026-03-20"}

// drawCustomer gives the rows of one customer: some month-ends, two currencies,
// one of them without rate now and then.
func drawCustomer(t *rapid.T, id string) (states, segments []derivetest.Row) {
	for _, company := range []string{"A", "B"} {
		for _, day := range bridgeDays {
			for _, currency := range []string{"EUR", "GBP", "USD"} {
				if rapid.IntRange(0, 5).Draw(t, "present") > 1 || currency == "GBP" && rapid.IntRange(0, 9).Draw(t, "unpriced") > 0 {
					continue
				}
				n := rapid.IntRange(-50, 900).Draw(t, "net")
				states = append(states, derivetest.Row{"company": company, "customer_id": id, "currency": currency, "as_of": day, "net_ar": n, "disputed": n / 3,
					"sales": rapid.IntRange(-10, 400).Draw(t, "sales"), "terms_days": n * 30, "terms_amount": n, "written_off": rapid.IntRange(0, 9).Draw(t, "lost")})
			}
		}
	}
	segments = []derivetest.Row{{"customer_id": id, "valid_from": "1970-01-01", "segment": rapid.SampledFrom([]string{"S0", "S1", ""}).Draw(t, "segment")},
		{"customer_id": id, "valid_from": "2026-02-01", "segment": rapid.SampledFrom([]string{"S0", "S1"}).Draw(t, "later")}}
	return states, segments
}

// Whatever customers change in, come or go: a bridge that continues the last one
// is that of all customers, and so is its state.
func TestAContinuedBridgeEqualsThatOfAllCustomers(t *testing.T) {
	customers := []string{"C0", "C1", "C2", "C3"}
	explained := 0
	lawtest.Check(t, func(t *rapid.T) {
		states, segments := map[string][]derivetest.Row{}, map[string][]derivetest.Row{}
		source := func(names []string) derivetest.Source {
			src := derivetest.Source{Declared: append(slices.Clone(Inputs()), derive.SegmentsInput()), Inputs: map[string][]derivetest.Row{InRates: {{"currency": "EUR", "rate_constant": "1.1"}, {"currency": "GBP"}}}}
			for _, day := range bridgeDays {
				for _, scope := range []string{"group ", "company A", "company B", "segment S0", "segment S1", "segment unassigned"} {
					kind, id, _ := strings.Cut(scope, " ")
					src.Inputs[InDSO] = append(src.Inputs[InDSO], derivetest.Row{"scope": kind, "scope_id": id, "as_of": day, "ar_rc": "3300", "sales_90_rc": "9900", "dso_90": "30"})
				}
			}
			for _, company := range []string{"A", "B"} {
				for _, c := range names {
					for _, row := range states[c] {
						if row["company"] == company {
							src.Inputs[InCustomers] = append(src.Inputs[InCustomers], row)
						}
					}
				}
			}
			for _, c := range names {
				src.Inputs[derive.InSegments] = append(src.Inputs[derive.InSegments], segments[c]...)
			}
			return src
		}
		for _, c := range customers {
			states[c], segments[c] = drawCustomer(t, c)
		}
		o := Options{Currency: "USD"}
		state, err := Build(context.Background(), source(customers), &derivetest.Sink{Tables: Tables()}, o)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			var changed []string
			for _, c := range customers {
				if rapid.Bool().Draw(t, "changes") {
					changed = append(changed, c)
				}
			}
			before := source(changed)
			for _, c := range changed {
				if states[c], segments[c] = drawCustomer(t, c); rapid.IntRange(0, 3).Draw(t, "goes") == 0 {
					states[c], segments[c] = nil, nil
				}
			}
			some, all := &derivetest.Sink{Tables: Tables()}, &derivetest.Sink{Tables: Tables()}
			got, err := Update(context.Background(), before, source(changed), state, some, o)
			if err != nil {
				t.Fatal(err)
			}
			want, err := Build(context.Background(), source(customers), all, o)
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range all.Rows[Table] {
				if row["reason"] == "NULL" {
					explained++
				}
				if derivetest.Text(some.Rows[Table][i]) != derivetest.Text(row) {
					t.Fatalf("row %d\n%s\nof all customers\n%s", i, derivetest.Text(some.Rows[Table][i]), derivetest.Text(row))
				}
			}
			if string(got) != string(want) {
				t.Fatal("the rows are those of all customers, the state is another one")
			}
			state = got
		}
	})
	if explained == 0 {
		t.Error("no change is explained: the test shows nothing")
	}
}

func TestABridgeIsNotContinuedWhereItDoesNotFit(t *testing.T) {
	o, ctx := Options{Currency: "USD"}, context.Background()
	state, err := Build(ctx, euros(), &derivetest.Sink{Tables: Tables()}, o)
	if err != nil {
		t.Fatal(err)
	}
	dearer, later := euros(), euros()
	dearer.Inputs[InRates] = []derivetest.Row{{"currency": "EUR", "rate_constant": "1.2"}}
	later.Inputs[InDSO] = append(slices.Clone(later.Inputs[InDSO]), derivetest.Row{"scope": "group", "as_of": "2026-03-31"})
	for what, c := range map[string]struct {
		state         []byte
		before, after derive.Source
	}{
		"exchange rates": {state, euros(), dearer},
		"days":           {state, euros(), later},
		"cannot be read": {state[:len(state)-1], euros(), euros()},
	} {
		sink := &derivetest.Sink{Tables: Tables()}
		_, err := Update(ctx, c.before, c.after, c.state, sink, o)
		if !errors.Is(err, derive.ErrRecompute) || !strings.Contains(fmt.Sprint(err), what) || len(sink.Rows) > 0 {
			t.Errorf("%q expected, got %v and %d tables", what, err, len(sink.Rows))
		}
	}
}
