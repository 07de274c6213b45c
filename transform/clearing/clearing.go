// Package clearing pairs the lines of a clearing group. Many ledgers settle
// documents in groups: the debit and credit lines of a group add up to nothing, and
// the ledger does not say which credit took off which debit. A Group comes in, its
// Pairs go out, exact and always the same for the same lines, so that each document
// can be worked on by itself. Nothing is read or written here.
package clearing

import (
	"math/big"
	"slices"
	"strings"

	"huikuan/transform/money"
)

// Line is a line of a group.
type Line struct {
	ID       string       // lines are worked off in the order of their identifiers, numbers as numbers
	Currency string       // of Amount
	Amount   money.Amount // positive: debit, negative: credit; in the document's currency
	Base     money.Amount // the same in the currency of the books, in which the group is balanced
}

// Pair is what a credit line takes off a debit line.
type Pair struct {
	Debit, Credit int          // positions in the group
	Amount        money.Amount // positive, in the currency of the debit line
	Taken         money.Amount // positive, in the currency of the credit line
}

// Group pairs the lines of a group and returns what is left of each line, positive
// amounts by position.
//
// Lines of one currency are paired first, the earlier ones first. What is left then
// (a dollar invoice settled by a payment in euros, differences of exchange) is
// shared out across currencies in proportion to its worth in the books, as long as
// there is something left on both sides: then both are used up to the cent. In the
// end only debits or only credits have something left: the books balanced, but the
// documents did not.
func Group(lines []Line) (pairs []Pair, left []money.Amount) {
	left = make([]money.Amount, len(lines))
	var debits, credits []int
	for i, l := range lines {
		left[i] = l.Amount.Abs()
		switch {
		case l.Amount > 0:
			debits = append(debits, i)
		case l.Amount < 0:
			credits = append(credits, i)
		}
	}
	inOrder := func(a, b int) int { return compareIDs(lines[a].ID, lines[b].ID) }
	slices.SortStableFunc(debits, inOrder)
	slices.SortStableFunc(credits, inOrder)
	for _, d := range debits {
		for _, c := range credits {
			if lines[c].Currency != lines[d].Currency || left[c] == 0 || left[d] == 0 {
				continue
			}
			amount := min(left[c], left[d])
			left[c], left[d] = left[c]-amount, left[d]-amount
			pairs = append(pairs, Pair{d, c, amount, amount})
		}
	}
	return across(lines, debits, credits, pairs, left), left
}

// stretch is the part of the whole, in shares of the weight, that a line has.
type stretch struct {
	line     int
	from, to *big.Int
	used     money.Amount
}

// across shares out what is left on both sides.
func across(lines []Line, debits, credits []int, pairs []Pair, left []money.Amount) []Pair {
	d, all := stretches(lines, debits, left)
	c, total := stretches(lines, credits, left)
	if len(d) == 0 || len(c) == 0 {
		return pairs
	}
	scale(d, total)
	scale(c, all)
	for i, j := 0, 0; i < len(d) && j < len(c); {
		end := d[i].to
		if c[j].to.Cmp(end) < 0 {
			end = c[j].to
		}
		p := Pair{Debit: d[i].line, Credit: c[j].line, Amount: d[i].take(end, left), Taken: c[j].take(end, left)}
		if p.Amount != 0 || p.Taken != 0 {
			pairs = append(pairs, p)
		}
		nextDebit, nextCredit := d[i].to.Cmp(end) == 0, c[j].to.Cmp(end) == 0
		if nextDebit {
			i++
		}
		if nextCredit {
			j++
		}
	}
	for _, s := range append(d, c...) {
		left[s.line] = 0
	}
	return pairs
}

// stretches puts the lines that have something left side by side; a line weighs
// what is left of it in the books.
func stretches(lines []Line, of []int, left []money.Amount) (out []stretch, end *big.Int) {
	end = new(big.Int)
	for _, i := range of {
		if left[i] == 0 {
			continue
		}
		weight := new(big.Int).Mul(big.NewInt(int64(max(lines[i].Base.Abs(), 1))), big.NewInt(int64(left[i])))
		weight.Mul(weight, big.NewInt(1<<32))
		weight.Quo(weight, big.NewInt(int64(lines[i].Amount.Abs()))) // in 2⁻³² of the books' 0.0001
		if weight.Sign() == 0 {
			weight.SetInt64(1)
		}
		from := new(big.Int).Set(end)
		end.Add(end, weight)
		out = append(out, stretch{line: i, from: from, to: new(big.Int).Set(end)})
	}
	return out, end
}

func scale(s []stretch, by *big.Int) {
	for i := range s {
		s[i].from.Mul(s[i].from, by)
		s[i].to.Mul(s[i].to, by)
	}
}

// take returns what falls between the last end and this one, to the nearest cent;
// the pieces of a line add up to what was left of it.
func (s *stretch) take(end *big.Int, left []money.Amount) money.Amount {
	upTo := left[s.line]
	if end.Cmp(s.to) != 0 {
		whole := new(big.Int).Mul(new(big.Int).Sub(s.to, s.from), big.NewInt(money.CentUnits))
		part := new(big.Int).Sub(end, s.from)
		part.Mul(part, big.NewInt(2*int64(upTo))).Add(part, whole)
		cents := part.Quo(part, whole.Lsh(whole, 1))
		upTo = min(upTo, money.FromCents(cents.Int64()))
	}
	piece := upTo - s.used
	s.used = upTo
	return piece
}

// compareIDs orders numbers by size and other texts bytewise.
func compareIDs(a, b string) int {
	if number(a) && number(b) {
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		if len(a) != len(b) {
			return len(a) - len(b)
		}
	}
	return strings.Compare(a, b)
}

func number(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
