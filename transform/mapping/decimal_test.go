package mapping

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMoneyIsReadExactlyOrNotAtAll(t *testing.T) {
	for _, c := range []struct {
		text  string
		want  int64 // 1e-4
		fault numberFault
	}{
		{"0", 0, numberOK}, {"-0", 0, numberOK}, {"0.0000", 0, numberOK}, {"1", 10_000, numberOK}, {"+1", 10_000, numberOK},
		{"0.1", 1_000, numberOK}, {".5", 5_000, numberOK}, {"5.", 50_000, numberOK}, {"1190.00", 11_900_000, numberOK},
		{"-12155.690", -121_556_900, numberOK}, {"  42.5\t", 425_000, numberOK}, {"8597.38000000", 85_973_800, numberOK},
		{"1.5E3", 15_000_000, numberOK}, {"15e-1", 15_000, numberOK}, {"1E+2", 1_000_000, numberOK}, {"12345E-4", 12_345, numberOK},
		{"0000000000000000000000012.30", 123_000, numberOK},
		{"0.00010000000000000000000000000000000000000000000000", 1, numberOK},
		{"100000000000000000000000000000000000000000000000000E-50", 10_000, numberOK},
		{"0E9999", 0, numberOK}, {"0e-9999", 0, numberOK},
		{"99999999999999.9999", 999_999_999_999_999_999, numberOK}, {"-99999999999999.9999", -999_999_999_999_999_999, numberOK},
		{"100000000000000", 0, tooLarge}, {"1E14", 0, tooLarge}, {"1E999999999999", 0, tooLarge}, {"184467440737095516.16", 0, tooLarge},
		{"0.30000000000000004", 0, tooManyPlaces}, {"0.00001", 0, tooManyPlaces}, {"1E-5", 0, tooManyPlaces}, {"1E-9999", 0, tooManyPlaces},
		{"1234567890123456789012345678901234567890", 0, tooManyDigits},
		{"", 0, notANumber}, {"-", 0, notANumber}, {".", 0, notANumber}, {"1,5", 0, notANumber}, {"1.2.3", 0, notANumber}, {"1e", 0, notANumber},
		{"1e+", 0, notANumber}, {"0x10", 0, notANumber}, {"NaN", 0, notANumber}, {"Infinity", 0, notANumber}, {"1 2", 0, notANumber},
		{"--1", 0, notANumber}, {"12a", 0, notANumber}, {"１", 0, notANumber},
	} {
		d, fault := parseDecimal([]byte(c.text), '.')
		var got int64
		if fault == numberOK {
			got, fault = d.money()
		}
		if got != c.want && fault == numberOK || fault != c.fault {
			t.Errorf("%q: got %d, fault %d; want %d, fault %d", c.text, got, fault, c.want, c.fault)
		}
	}
}

func TestDecimalCommaIsTheMarkWhereAskedFor(t *testing.T) {
	d, fault := parseDecimal([]byte("1234,5"), ',')
	if amount, _ := d.money(); fault != numberOK || amount != 12_345_000 {
		t.Errorf("got %d, fault %d", amount, fault)
	}
	if _, fault := parseDecimal([]byte("1.5"), ','); fault != notANumber {
		t.Error("a point was read where the comma is the mark")
	}
}

func TestRatesRoundHalfAwayFromZeroAtTenDecimals(t *testing.T) {
	for text, want := range map[string]string{
		"7.1": "71000000000", "-0.5": "-5000000000", "0.00000000005": "1", "-0.00000000005": "-1", "0.00000000004999": "0",
		"0.33333333335": "3333333334", "1E-11": "0", "1E-200": "0", "0.99999999995": "10000000000",
		"1234567890123456789012345678":     "12345678901234567890123456780000000000",
		"6.123456789012345678901234567890": "61234567890",
	} {
		hi, lo, fault := mustDecimal(t, text).rate()
		if got := words(hi, lo).String(); got != want || fault != numberOK {
			t.Errorf("%s: got %s, fault %d; want %s", text, got, fault, want)
		}
	}
	if _, _, fault := mustDecimal(t, "1E28").rate(); fault != tooLarge {
		t.Error("39 digits were accepted")
	}
}

func words(hi int64, lo uint64) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(hi), 64)
	return n.Add(n, new(big.Int).SetUint64(lo))
}

func TestPercentBecomesAnExactFraction(t *testing.T) {
	for text, want := range map[string]string{"100": "10000000000", "33.33": "3333000000", "0.00000001": "1", "-12.5": "-1250000000"} {
		d, ok := mustDecimal(t, text).times(mustDecimal(t, "0.01"))
		hi, lo, fault := d.rate()
		if got := words(hi, lo).String(); !ok || fault != numberOK || got != want {
			t.Errorf("%s%%: got %s, want %s", text, got, want)
		}
	}
	if _, ok := mustDecimal(t, "99999999999999999999999999999999999999").times(mustDecimal(t, "1000000007")); ok {
		t.Error("a product beyond 128 bits was accepted")
	}
}

func TestIntegersTakeWholeNumbersOnly(t *testing.T) {
	for text, want := range map[string]int64{"1": 1, "1.0": 1, "2E2": 200, "-7": -7, "9223372036854775807": 1<<63 - 1} {
		if got, fault := mustDecimal(t, text).integer(); got != want || fault != numberOK {
			t.Errorf("%s: got %d, fault %d", text, got, fault)
		}
	}
	if _, fault := mustDecimal(t, "1.5").integer(); fault != notWholeNumber {
		t.Error("1.5 was taken for an integer")
	}
	if _, fault := mustDecimal(t, "9223372036854775808").integer(); fault != tooLarge {
		t.Error("2^63 was taken for an integer")
	}
}

func TestNumbersCompareByValue(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"0", "0.00", 0}, {"-0", "0", 0}, {"1", "1.0", 0}, {"1E2", "100", 0}, {"-1", "1", -1}, {"-2", "-1", -1}, {"0.1", "0.09", 1}, {"0", "-5", 1},
	} {
		if got, ok := mustDecimal(t, c.a).compare(mustDecimal(t, c.b)); got != c.want || !ok {
			t.Errorf("%s against %s: got %d", c.a, c.b, got)
		}
	}
}

func TestLooseNumbersAreReadAsPeopleWriteThem(t *testing.T) {
	for _, c := range []struct {
		text string
		mark byte
		want string // of money, "" = refused
	}{
		{"1,234,567.89", '.', "12345678900"}, {"1.234.567,89", ',', "12345678900"}, {"12,34,567.00", '.', "12345670000"},
		{"1 234 567,8", ',', "12345678000"}, {"1\u00a0234,5", ',', "12345000"}, {"1'234.50", '.', "12345000"}, {"1，234.5", '.', "12345000"},
		{"¥1,234.00", '.', "12340000"}, {"￥ 88", '.', "880000"}, {"-€5", '.', "-50000"}, {"€ -5.5", '.', "-55000"}, {"CNY 12.5", '.', "125000"},
		{"12,50 EUR", ',', "125000"}, {"100元", '.', "1000000"}, {"Rs. 1,000.50", '.', "10005000"}, {"kr 7", '.', "70000"},
		{"(12.00)", '.', "-120000"}, {"($1,200)", '.', "-12000000"}, {"123.45-", '.', "-1234500"}, {"−3", '.', "-30000"}, {"$.50", '.', "5000"},
		{"1.5E3", '.', "15000000"}, {"1,5", '.', ""}, {"1,50", '.', ""}, {"1,2345", '.', ""}, {"1,234,56", '.', ""}, {"1,234 567", '.', ""},
		{"1234,567.0", '.', ""}, {"12.00 CR", '.', ""}, {"5%", '.', ""}, {"-(5)", '.', ""}, {"(5", '.', ""}, {"5)", '.', ""}, {"--5", '.', ""},
		{"EURO 5", '.', ""}, {"1.2.3", '.', ""}, {"n/a", '.', ""}, {"", '.', ""}, {"1,234.567,0", '.', ""},
	} {
		d, fault := parseLoose([]byte(c.text), c.mark, nil)
		got := ""
		if fault == numberOK {
			amount, f := d.money()
			if f == numberOK {
				got = fmt.Sprint(amount)
			}
		}
		if got != c.want {
			t.Errorf("%q with mark %q: got %q, want %q", c.text, c.mark, got, c.want)
		}
	}
}

// TestDecimalsSurviveTheRoundTrip compares the parser with exact rationals on
// numbers of any shape.
func TestDecimalsSurviveTheRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{1,16}(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")
		want, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatal("not a number", text)
		}
		d, fault := parseDecimal([]byte(text), '.')
		if fault != numberOK {
			t.Fatalf("%q: fault %d", text, fault)
		}
		units := new(big.Rat).Mul(want, big.NewRat(10_000, 1))
		amount, fault := d.money()
		limit := new(big.Int).SetUint64(moneyLimit)
		switch {
		case new(big.Int).Quo(units.Num(), units.Denom()).CmpAbs(limit) >= 0:
			if fault != tooLarge {
				t.Fatalf("%q: %d, fault %d; it is too large", text, amount, fault)
			}
		case !units.IsInt():
			if fault != tooManyPlaces {
				t.Fatalf("%q: %d, fault %d; it has too many decimals", text, amount, fault)
			}
		case fault != numberOK || units.Num().Cmp(big.NewInt(amount)) != 0:
			t.Fatalf("%q: %d, fault %d; want %s", text, amount, fault, units)
		}
	})
}

func TestRatesRoundAsRationalsDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{1,14}\.[0-9]{1,24}`).Draw(t, "number")
		want, _ := new(big.Rat).SetString(text)
		hi, lo, fault := mustParse(t, text).rate()
		got := words(hi, lo).String()
		// FloatString rounds half away from zero.
		if plain := strings.Replace(want.FloatString(10), ".", "", 1); fault != numberOK || trimZeros(plain) != got {
			t.Fatalf("%s: got %s, want %s", text, got, trimZeros(plain))
		}
	})
}

func mustParse(t *rapid.T, text string) decimal {
	d, fault := parseDecimal([]byte(text), '.')
	if fault != numberOK {
		t.Fatalf("%q: fault %d", text, fault)
	}
	return d
}

func trimZeros(digits string) string {
	n, _ := new(big.Int).SetString(digits, 10)
	return n.String()
}

func FuzzDecimal(f *testing.F) {
	for _, seed := range []string{"1.5E3", "-0.0001", "1,234,567.89", "(¥5)", "99999999999999999999e-10", "1e-9999", "٣", "\xff.\xfe"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, mark := range []byte(".,") {
			d, fault := parseDecimal([]byte(text), mark)
			if fault == numberOK {
				amount, fault := d.money()
				if fault == numberOK {
					again := mustDecimal(t, fmt.Sprintf("%dE-4", amount))
					if back, _ := again.money(); back != amount {
						t.Fatalf("%q: %d became %d", text, amount, back)
					}
				}
				d.rate()
				d.integer()
			}
			loose, looseFault := parseLoose([]byte(text), mark, nil)
			if fault == numberOK && (looseFault != numberOK || loose != d) {
				t.Fatalf("%q is a number, but another one where loose ones are allowed", text)
			}
		}
	})
}
