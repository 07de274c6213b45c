package bridge

import (
	"testing"

	"pgregory.net/rapid"

	"huikuan/transform/lawtest"
	"huikuan/transform/money"
)

func TestMain(m *testing.M) { lawtest.Main(m, 100) }

// someone draws a customer at one month-end.
func someone(t *rapid.T, label string) State {
	cents := func(name string, from, to int64) money.Amount {
		return money.FromCents(rapid.Int64Range(from, to).Draw(t, label+name))
	}
	s := State{Undisputed: cents(" open", -50_00, 90_000_00), Disputed: cents(" disputed", 0, 9_000_00), Sales: cents(" sales", -100_00, 200_000_00)}
	if rapid.IntRange(0, 4).Draw(t, label+" silent") == 0 {
		s.Sales = 0
	}
	if s.Sales > 0 {
		s.TermsAmount = money.WideOf(int64(s.Sales))
		s.TermsDays = money.Product(int64(s.Sales), rapid.Int64Range(0, 120).Draw(t, label+" terms"))
	}
	return s
}

func dso(states []State) (money.Wide, bool) {
	var ar, sales money.Amount
	for _, s := range states {
		ar, sales = ar+s.Undisputed+s.Disputed, sales+s.Sales
	}
	if sales <= 0 {
		return money.Wide{}, false
	}
	return money.Ratio(ar, windowDays, sales), true
}

func explain(from, to []State) (Result, bool) {
	a, ok := dso(from)
	b, both := dso(to)
	var c Change
	for i := range from {
		c.Add(&from[i], &to[i])
	}
	return c.Result(a, b), ok && both
}

func total(r Result) money.Wide {
	sum := r.From
	for _, e := range r.Effects {
		sum = sum.Add(e)
	}
	return sum
}

func TestEffectsAddUpAndTurnTheirSignsWithTheEnds(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "customers")
		from, to := make([]State, n), make([]State, n)
		for i := range n {
			from[i], to[i] = someone(t, "from"), someone(t, "to")
			to[i].WrittenOff = money.FromCents(rapid.Int64Range(0, 500_00).Draw(t, "written off"))
		}
		there, ok := explain(from, to)
		if !ok {
			return
		}
		if there.Reason != "" || total(there) != there.To {
			t.Fatalf("%v from %s adds up to %s, not %s (%s)", there.Effects, there.From, total(there), there.To, there.Reason)
		}
		back, _ := explain(to, from)
		for i := range there.Effects {
			if there.Effects[i] != back.Effects[i].Neg() {
				t.Fatalf("effect %d is %s there and %s back", i, there.Effects[i], back.Effects[i])
			}
		}
	})
}

// steady draws customers that all have sales.
func steady(t *rapid.T) []State {
	out := make([]State, rapid.IntRange(1, 6).Draw(t, "customers"))
	for i := range out {
		out[i] = someone(t, "customer")
		out[i].Sales = money.FromCents(rapid.Int64Range(10_000_00, 200_000_00).Draw(t, "sales"))
		out[i].TermsAmount = money.WideOf(int64(out[i].Sales))
		out[i].TermsDays = money.Product(int64(out[i].Sales), rapid.Int64Range(0, 120).Draw(t, "terms"))
	}
	return out
}

func TestOneCauseMovesOneEffect(t *testing.T) {
	causes := map[string]struct {
		effect Effect
		change func(t *rapid.T, s *State)
	}{
		"customers pay more slowly": {Speed, func(t *rapid.T, s *State) {
			s.Undisputed += money.FromCents(rapid.Int64Range(1, 10_000_00).Draw(t, "more"))
		}},
		"more is disputed": {Disputes, func(t *rapid.T, s *State) {
			s.Disputed += money.FromCents(rapid.Int64Range(1, 10_000_00).Draw(t, "more"))
		}},
		"longer terms, paid as punctually": {Terms, func(t *rapid.T, s *State) {
			more := rapid.Int64Range(1, 60).Draw(t, "days") * 9 // a multiple of 9 keeps 90 / sales × open exact
			s.TermsDays = s.TermsDays.Add(money.Product(int64(s.Sales), more))
			s.Sales -= s.Sales % (10 * money.AmountUnits)
			s.Undisputed += money.Amount(int64(s.Sales) / 10 * more / 9)
		}},
		"something is written off": {WriteOffs, func(t *rapid.T, s *State) {
			s.WrittenOff = money.FromCents(rapid.Int64Range(1, 1_000_00).Draw(t, "lost"))
			s.Undisputed -= s.WrittenOff
		}},
		"sales move between customers": {Mix, func(t *rapid.T, s *State) {
			times := rapid.Int64Range(1, 5).Draw(t, "times")
			s.Sales, s.Undisputed, s.Disputed = s.Sales*money.Amount(times), s.Undisputed*money.Amount(times), s.Disputed*money.Amount(times)
			s.TermsDays, s.TermsAmount = s.TermsDays.Times(times), s.TermsAmount.Times(times)
		}},
	}
	for name, cause := range causes {
		t.Run(name, func(t *testing.T) {
			lawtest.Check(t, func(t *rapid.T) {
				from := steady(t)
				for i := range from {
					from[i].Sales -= from[i].Sales % (10 * money.AmountUnits)
					from[i].TermsAmount = money.WideOf(int64(from[i].Sales))
					from[i].TermsDays = money.Product(int64(from[i].Sales), rapid.Int64Range(0, 120).Draw(t, "granted"))
				}
				to := append([]State(nil), from...)
				for i := range to {
					cause.change(t, &to[i])
				}
				r, _ := explain(from, to)
				for i, e := range r.Effects {
					if Effect(i) != cause.effect && e.Sign() != 0 {
						t.Fatalf("effect %d is %s", i, e)
					}
				}
			})
		})
	}
}

func TestRatesAloneMoveNothingElse(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		same := steady(t)
		var c Change
		for i := range same {
			c.Add(&same[i], &same[i])
		}
		from, to := money.WideOf(rapid.Int64Range(0, 1e12).Draw(t, "from")), money.WideOf(rapid.Int64Range(0, 1e12).Draw(t, "to"))
		r := c.Result(from, to)
		for i, e := range r.Effects[:FX] {
			if e.Sign() != 0 {
				t.Fatalf("effect %d is %s", i, e)
			}
		}
		if r.Effects[FX] != to.Sub(from) {
			t.Fatalf("rates %s, want %s", r.Effects[FX], to.Sub(from))
		}
	})
}

// Two customers: one grants 30 days and is paid in 45, one 60 and is paid in
// 60. Both sell 9,000 in 90 days; then all of the second's sales go to the first.
func TestAWorkedChangeOfMix(t *testing.T) {
	sold := money.FromInt(9000)
	fast := State{Undisputed: money.FromInt(4500), Sales: sold, TermsAmount: money.WideOf(int64(sold)), TermsDays: money.Product(int64(sold), 30)}
	slow := State{Undisputed: money.FromInt(6000), Sales: sold, TermsAmount: money.WideOf(int64(sold)), TermsDays: money.Product(int64(sold), 60)}
	double := State{Undisputed: money.FromInt(9000), Sales: 2 * sold, TermsAmount: money.WideOf(int64(2 * sold)), TermsDays: money.Product(int64(2*sold), 30)}
	r, _ := explain([]State{fast, slow}, []State{double, {}})
	if r.From.String() != "52.5000000000" || r.To.String() != "45.0000000000" || r.Effects[Mix].String() != "-7.5000000000" {
		t.Errorf("from %s to %s, mix %s", r.From, r.To, r.Effects[Mix])
	}
}

// Beside a customer that always sells 9,000, so that 100 are a day.
func TestWhatACustomerOwesWithoutSalesCountsAsItStands(t *testing.T) {
	seller := State{Undisputed: money.FromInt(4500), Sales: money.FromInt(9000)}
	for name, x := range map[string]struct {
		from, to State
		effect   Effect
		want     string
	}{
		"a dispute settled": {State{Disputed: money.FromInt(1000)}, State{}, Disputes, "-10.0000000000"},
		"paid at last":      {State{Undisputed: money.FromInt(1000)}, State{}, Speed, "-10.0000000000"},
	} {
		r, _ := explain([]State{seller, x.from}, []State{seller, x.to})
		for i, e := range r.Effects {
			if Effect(i) == x.effect && e.String() != x.want || Effect(i) != x.effect && e.Sign() != 0 {
				t.Errorf("%s: effect %d is %s, want %s for %d alone", name, i, e, x.want, x.effect)
			}
		}
	}
}

// 3,000 in dispute over sales of 0.0001 are billions of days: no speed of its own.
func TestSalesTooSmallToTellASpeedByAreNone(t *testing.T) {
	tiny := func(disputed int64) State { return State{Disputed: money.FromInt(disputed), Sales: 1} }
	from, to := []State{{Undisputed: money.FromInt(4500), Sales: money.FromInt(9000)}, tiny(3000)}, []State{{Undisputed: money.FromInt(9000), Sales: money.FromInt(9000)}, tiny(1000)}
	r, _ := explain(from, to)
	if got := r.Effects[Disputes].String(); got != "-19.9999997778" { // 2,000 x 90 / 9,000.0001
		t.Errorf("disputes %s", got)
	}
}

// From 45 to 60 days: where one end does not tell the terms, they have not changed.
func TestTermsThatOneEndDoesNotTellAreThoseOfTheOther(t *testing.T) {
	sold := money.FromInt(9000)
	told := State{Undisputed: money.FromInt(4500), Sales: sold, TermsAmount: money.WideOf(int64(sold)), TermsDays: money.Product(int64(sold), 30)}
	untold := State{Undisputed: money.FromInt(6000), Sales: sold}
	for _, x := range []struct {
		from, to State
		want     string
	}{{told, untold, "15.0000000000"}, {untold, told, "-15.0000000000"}} {
		r, _ := explain([]State{x.from}, []State{x.to})
		if r.Effects[Speed].String() != x.want || r.Effects[Terms].Sign() != 0 {
			t.Errorf("speed %s, want %s; terms %s", r.Effects[Speed], x.want, r.Effects[Terms])
		}
	}
}
