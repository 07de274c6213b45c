package money

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestParseIsExactOrAnError(t *testing.T) {
	for text, want := range map[string]Amount{
		"0": 0, "1": 10_000, "-1.5": -15_000, "1234567.8901": 12_345_678_901, "5.00000000": 50_000, ".5": 5_000, "7.": 70_000,
		"99999999999999.9999": MaxAmount,
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("Parse(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-", ".", "1.00001", "1e3", "abc", "1,5", "100000000000000", "9999999999999999999", "1.-5"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", text, got)
		}
	}
}

func TestStringRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Amount(rapid.Int64Range(-int64(MaxAmount), int64(MaxAmount)).Draw(t, "a"))
		if back, err := Parse(a.String()); err != nil || back != a {
			t.Fatalf("%d prints as %s and reads as %d, %v", a, a, back, err)
		}
	})
}

func TestConvertRoundsHalfAwayFromZeroToTheKeptPlaces(t *testing.T) {
	for _, c := range []struct{ amount, rate, want string }{
		{"1000", "1.1", "1100"}, {"0.0005", "0.1", "0.0001"}, {"-0.0005", "0.1", "-0.0001"}, {"0.0004", "0.1", "0"},
		{"33.3333", "1", "33.3333"}, {"10", "7.123456789", "71.2346"}, {"1", "0.123456", "0.1235"},
	} {
		r, err := ParseRate(c.rate)
		if err != nil {
			t.Fatal(err)
		}
		if got := MustParse(c.amount).Convert(r); got != MustParse(c.want) {
			t.Errorf("%s at %s = %s, want %s", c.amount, c.rate, got, c.want)
		}
	}
}

func TestWhatNoColumnHoldsStaysBeyondIt(t *testing.T) {
	rate := func(text string) Rate {
		r, err := ParseRate(text)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, r := range []string{"1.0000000001", "7", "8", "19", "92.2337203685", "25000", "900000000"} {
		if got := MaxAmount.Convert(rate(r)); got <= MaxAmount {
			t.Errorf("the greatest amount at %s is %s", r, got)
		}
		if got := (-MaxAmount).Convert(rate(r)); got >= -MaxAmount {
			t.Errorf("the least amount at %s is %s", r, got)
		}
	}
	if got := rate("0.0000000001").Invert(); got != 0 {
		t.Errorf("1 / 0.0000000001 = %d, which is no rate", got)
	}
	if got := rate("90000").Mul(rate("-90000")); got != 0 {
		t.Errorf("90000 × -90000 = %d, which is no rate", got)
	}
	if got, want := rate("20000").Mul(rate("20000")), rate("400000000"); got != want {
		t.Errorf("20000 × 20000 = %d, want %d", got, want)
	}
}

func TestRatioAgreesWithBigIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-int64(MaxAmount), int64(MaxAmount)).Draw(t, "n")
		d := rapid.Int64Range(1, int64(MaxAmount)).Draw(t, "d")
		if rapid.Bool().Draw(t, "negative") {
			d = -d
		}
		times := rapid.Int64Range(-400, 400).Draw(t, "times")
		got := Ratio(Amount(n), times, Amount(d))
		num := new(big.Int).Mul(big.NewInt(n), big.NewInt(times))
		num.Mul(num, big.NewInt(RateUnits))
		if want := roundedQuotient(num, big.NewInt(d)); bigOf(got).Cmp(want) != 0 {
			t.Fatalf("Ratio(%d, %d, %d) = %s, want %s", n, times, d, bigOf(got), want)
		}
	})
}

func TestOverWideIsNearTheRatioOfSums(t *testing.T) {
	n, d := Product(1<<60, 1<<40), Product(1<<60, 1<<39)
	if got := n.OverWide(d); got != Whole(2) {
		t.Errorf("got %s, want 2", got)
	}
	if got := WideOf(-264448).OverWide(WideOf(10000)); got.String() != "-26.4448000000" {
		t.Errorf("got %s", got)
	}
}

func TestSplitAddsUp(t *testing.T) {
	out := make([]Amount, 3)
	Split(FromInt(100), []Rate{1, 1, 1}, out)
	if out[0] != MustParse("33.34") || out[1] != MustParse("33.33") || out[2] != MustParse("33.33") {
		t.Errorf("100 in three = %v", out)
	}
	rapid.Check(t, func(t *rapid.T) {
		a := Amount(rapid.Int64Range(-int64(MaxAmount), int64(MaxAmount)).Draw(t, "a"))
		shares := rapid.SliceOfN(rapid.Int64Range(0, RateUnits), 1, 6).Draw(t, "shares")
		rates := make([]Rate, len(shares))
		for i, s := range shares {
			rates[i] = Rate(s)
		}
		parts := make([]Amount, len(rates))
		Split(a, rates, parts)
		var sum Amount
		for _, p := range parts {
			sum += p
		}
		if sum != a {
			t.Fatalf("parts %v of %d add up to %d", parts, a, sum)
		}
	})
}

func TestWidePrints(t *testing.T) {
	for want, w := range map[string]Wide{"0.0000000000": {}, "55.3500000000": Whole(5535).Over(100), "-0.0000000001": WideOf(-1)} {
		if got := w.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func bigOf(w Wide) *big.Int {
	b := new(big.Int).Lsh(big.NewInt(w.Hi), 64)
	return b.Add(b, new(big.Int).SetUint64(w.Lo))
}

func roundedQuotient(n, d *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(new(big.Int).Abs(n), new(big.Int).Abs(d), new(big.Int))
	if r.Lsh(r, 1).Cmp(new(big.Int).Abs(d)) >= 0 {
		q.Add(q, big.NewInt(1))
	}
	if n.Sign()*d.Sign() < 0 {
		q.Neg(q)
	}
	return q
}
