package clearing

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"huikuan/transform/money"
)

func line(id, currency, amount, base string) Line {
	return Line{id, currency, money.MustParse(amount), money.MustParse(base)}
}

func told(lines []Line) string {
	pairs, left := Group(lines)
	var out []string
	for _, p := range pairs {
		out = append(out, fmt.Sprintf("%s takes %s off %s by %s", lines[p.Credit].ID, p.Amount, lines[p.Debit].ID, p.Taken))
	}
	for i, l := range left {
		if l != 0 {
			out = append(out, fmt.Sprintf("%s keeps %s", lines[i].ID, l))
		}
	}
	return strings.Join(out, "; ")
}

func TestLinesOfAGroupArePairedInTheOrderOfTheirNumbers(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []Line
		want  string
	}{
		{"one payment over two invoices, 10 after 9",
			[]Line{line("10", "EUR", "33", "33"), line("9", "EUR", "77", "77"), line("11", "EUR", "-110", "-110")},
			"11 takes 77.00 off 9 by 77.00; 11 takes 33.00 off 10 by 33.00"},
		{"a payment and the rest written off",
			[]Line{line("1", "EUR", "110", "110"), line("2", "EUR", "-109.50", "-109.50"), line("3", "EUR", "-0.50", "-0.50")},
			"2 takes 109.50 off 1 by 109.50; 3 takes 0.50 off 1 by 0.50"},
		{"dollars paid in dollars at another rate: the difference touches no document",
			[]Line{line("1", "USD", "550", "500"), line("2", "USD", "-550", "-440"), line("3", "EUR", "-60", "-60")},
			"2 takes 550.00 off 1 by 550.00; 3 keeps 60.00"},
		{"dollars paid in euros, the rest written off in euros",
			[]Line{line("1", "USD", "330", "300"), line("2", "EUR", "-264", "-264"), line("3", "EUR", "-36", "-36")},
			"2 takes 290.40 off 1 by 264.00; 3 takes 39.60 off 1 by 36.00"},
		{"both dollars and euros, paid in one sum of euros",
			[]Line{line("1", "USD", "100", "90"), line("2", "EUR", "50", "50"), line("3", "EUR", "-140", "-140")},
			"3 takes 50.00 off 2 by 50.00; 3 takes 100.00 off 1 by 90.00"},
	} {
		if got := told(c.lines); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestWhateverTheGroupEveryCentOfALineIsInAPairOrLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := make([]Line, rapid.IntRange(0, 9).Draw(t, "lines"))
		for i := range lines {
			cents := rapid.Int64Range(-100_000_000, 100_000_000).Draw(t, "cents")
			lines[i] = Line{fmt.Sprint(i), rapid.SampledFrom([]string{"EUR", "USD", "CNY"}).Draw(t, "currency"),
				money.FromCents(cents), money.FromCents(cents / 100 * rapid.Int64Range(0, 300).Draw(t, "rate"))}
		}
		pairs, left := Group(lines)
		used := make([]money.Amount, len(lines))
		debit, credit := false, false
		for _, p := range pairs {
			if lines[p.Debit].Amount <= 0 || lines[p.Credit].Amount >= 0 || p.Amount < 0 || p.Taken < 0 {
				t.Fatalf("%+v is no pair of a debit and a credit", p)
			}
			used[p.Debit] += p.Amount
			used[p.Credit] += p.Taken
		}
		for i, l := range lines {
			if used[i]+left[i] != l.Amount.Abs() {
				t.Fatalf("line %d of %s: %s in pairs and %s left", i, l.Amount, used[i], left[i])
			}
			debit, credit = debit || left[i] > 0 && l.Amount > 0, credit || left[i] > 0 && l.Amount < 0
		}
		if debit && credit {
			t.Fatal("debits and credits are both left")
		}
	})
}
