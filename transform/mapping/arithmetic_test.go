package mapping

import (
	"math/big"
	"strings"
	"testing"

	"github.com/go-faster/jx"
	"pgregory.net/rapid"
)

func drawDecimal(t *rapid.T, name string) (decimal, *big.Rat) {
	digits := rapid.StringMatching(`-?[0-9]{1,18}(\.[0-9]{1,10})?(e-?[0-9])?`).Draw(t, name)
	d, fault := parseDecimal([]byte(digits), '.')
	if fault != numberOK {
		t.Fatalf("%s: fault %d", digits, fault)
	}
	return d, exactly(t, digits)
}

func exactly(t *rapid.T, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return r
}

// TestSumsAndProductsAreThoseOfRationalNumbers holds the arithmetic of 128 bits
// against that of math/big; a result is exact or refused.
func TestSumsAndProductsAreThoseOfRationalNumbers(t *testing.T) {
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		a, ra := drawDecimal(t, "a")
		b, rb := drawDecimal(t, "b")
		for name, c := range map[string]struct {
			f    func(decimal, decimal) (decimal, bool)
			want *big.Rat
		}{
			"plus": {decimal.plus, new(big.Rat).Add(ra, rb)}, "minus": {decimal.minus, new(big.Rat).Sub(ra, rb)}, "product": {decimal.product, new(big.Rat).Mul(ra, rb)},
		} {
			got, ok := c.f(a, b)
			if !ok {
				refused++
				if new(big.Rat).Abs(c.want).Cmp(new(big.Rat).SetInt64(1)) < 0 && name != "product" {
					t.Fatalf("%s of %v and %v was refused", name, a, b)
				}
				continue
			}
			text := string(got.append(nil))
			if exactly(t, text).Cmp(c.want) != 0 {
				t.Fatalf("%s of %v and %v: %s, want %s", name, a, b, text, c.want.FloatString(30))
			}
			if len(text) > 38 { // more digits than a source may write
				continue
			}
			if back := mustDecimal2(t, text); back.sign() != got.sign() {
				t.Fatalf("%s reads back with another sign", text)
			}
		}
	})
	if refused > 60 {
		t.Errorf("%d results were refused", refused)
	}
}

func mustDecimal2(t *rapid.T, text string) decimal {
	d, fault := parseDecimal([]byte(text), '.')
	if fault != numberOK {
		t.Fatalf("%q does not read back", text)
	}
	return d
}

func TestQuotientsRoundAsRationalsDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, ra := drawDecimal(t, "a")
		b, rb := drawDecimal(t, "b")
		places := rapid.IntRange(0, 6).Draw(t, "places")
		got, ok := a.dividedBy(b, places)
		if !ok {
			if rb.Sign() != 0 && new(big.Rat).Abs(ra).Cmp(new(big.Rat).SetInt64(1e15)) < 0 && len(b.shortest().append(nil)) < 12 {
				t.Fatalf("%v by %v was refused", a, b)
			}
			return
		}
		want := new(big.Rat).Quo(ra, rb).FloatString(places) // rounds half away from zero
		if exactly(t, string(got.append(nil))).Cmp(exactly(t, want)) != 0 {
			t.Fatalf("%v by %v to %d places: %s, want %s", a, b, places, got.append(nil), want)
		}
	})
}

func TestNumbersAreWrittenAsTheyRead(t *testing.T) {
	for _, text := range []string{"0", "1", "-1.50", "0.0001", "-0.05", "12345678901234567890.12345", "99999999999999999999999999999999999999", "1000"} {
		if got := string(mustDecimal(t, text).append(nil)); got != text {
			t.Errorf("%s is written %s", text, got)
		}
	}
	for text, want := range map[string]string{"1e3": "1000", "-0": "0", "0.000": "0", "1e300": "1e300", "1.50E2": "150", "1e-70": "1e-70"} {
		if got := string(mustDecimal(t, text).append(nil)); got != want {
			t.Errorf("%s is written %s, want %s", text, got, want)
		}
	}
}

func TestEveryDayIsTheInverseOfItsNumber(t *testing.T) {
	for day := int32(minDay); day <= maxDay; day++ {
		year, month, dom := civil(day)
		if back, ok := dayOf(year, month, dom); !ok || back != day {
			t.Fatalf("day %d is %d-%d-%d, which is day %d", day, year, month, dom, back)
		}
	}
}

func TestDurationsAreReadOrRefused(t *testing.T) {
	for text, want := range map[string]int64{"PT10H00M00S": 36_000_000_000, "PT0S": 0, "P1DT2H": 93_600_000_000, "-PT30M": -1_800_000_000, "PT1.5S": 1_500_000, "P2D": 172_800_000_000, "PT5M3S": 303_000_000} {
		if got, ok := parseDuration([]byte(text)); !ok || got != want {
			t.Errorf("%s is %d (%t), want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "P", "PT", "P1DT", "10H", "PT1", "PT1H2H", "PTH", "PT1M1H", "PT1.5H", "PT1.S", "P1Y", "PT-1H", "PT1234567H"} {
		if got, ok := parseDuration([]byte(text)); ok {
			t.Errorf("%s was read as %d", text, got)
		}
	}
}

func FuzzDuration(f *testing.F) {
	for _, seed := range []string{"PT10H00M00S", "P1DT2H", "-PT1.25S", "PT"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if micros, ok := parseDuration([]byte(text)); ok && (micros < 0) != (strings.HasPrefix(text, "-") && micros != 0) {
			t.Errorf("%q is %d", text, micros)
		}
	})
}

// FuzzExpression compiles anything, and calculates what compiles: a mistake is
// reported, never a panic, and a result is one value.
func FuzzExpression(f *testing.F) {
	for _, seed := range []string{
		`dec(a) - b`, `sum("l.*.x") ?? 0`, `if flag(a) { date(b) } else { nil }`, `let q = split(a, ",", -1); q + "x"`, `a in [1, "x", nil]`, `round(div(a, b, 3), 1) * 1e3`, `$["a"].b[0]`,
		`add_months(date(a), dec(b))`, `a matches "^x" and not (b contains "y") or a == true`, `concat(a, "-", at(date(a), "10:00"))`, `substring(a, -1, 2) | upper()`, `max(date(a), b)`, `count("l.*") > 1 ? "m" : "s"`,
		`;`, `a..b`, `#`, `.`, `((`, `a ? b`, `{a}`, `"`, `1_`, `0x1F`, `99999999999999999999`, `extract(a, "(")`, `seconds(a)`,
	} {
		f.Add(seed, `{"a":"1.5","b":"2026-01-31","l":[{"x":1},{"x":"2"}]}`)
	}
	f.Add(`sum("l.*.*.x")`, `{"l":{"a":[{"x":1}],"b":"[1]"}}`)
	f.Fuzz(func(t *testing.T, expr, record string) {
		c := &compiler{problems: problems{stream: "s"}, m: &Mapper{paths: newPathSet()}, mark: '.', formats: []dateFormat{{name: "any"}}}
		node := parseYAML(t, "x")
		node.Content[0].Value = expr
		e, ok := c.parse(node, scope{record: c.m.paths}, '.', c.formats)
		if !ok {
			if len(c.list) == 0 {
				t.Fatal("a mistake without a message")
			}
			return
		}
		w := newWorker(c.m)
		d := jx.DecodeStr(record)
		if fault, err := w.readRecord(d); fault != nil || err != nil {
			return
		}
		o := e.eval(w)
		if w.fault != nil && (w.fault.reason == "" || w.fault.hint == "") {
			t.Fatalf("a failure without its reason: %+v", w.fault)
		}
		if e.typ == typeNumber && !o.null && w.fault == nil {
			if _, fault := parseDecimal(o.num.append(nil), '.'); fault == notANumber {
				t.Fatalf("the result %s is no number", o.num.append(nil))
			}
		}
	})
}
