package metrics

import (
	"fmt"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// Reason tells why a measure is undefined; empty = it is defined.
type Reason string

// The reasons.
const (
	Defined             Reason = ""
	NoSales             Reason = "no_sales"
	SalesNonpositive    Reason = "sales_nonpositive"
	CreditBalance       Reason = "credit_balance"
	InsufficientHistory Reason = "insufficient_history"
	NothingCollectable  Reason = "nothing_collectable"
	NothingDue          Reason = "nothing_due"
	NoReceipts          Reason = "no_receipts"
	NoTarget            Reason = "no_target"
	NoWorkdays          Reason = "no_workdays"
	MissingRate         Reason = "missing_rate"
)

// Measure is a ratio in units of 1e-10, or the reason why there is none.
type Measure struct {
	Value  money.Wide
	Reason Reason
}

func defined(w money.Wide) Measure       { return Measure{Value: w} }
func undefined(why Reason) Measure       { return Measure{Reason: why} }
func (m Measure) known() bool            { return m.Reason == Defined }
func (r *rows) measure(m Measure)        { r.optWide(m.Value, m.known()) }
func fraction(n, d money.Amount) Measure { return defined(money.Ratio(n, 1, d)) }

// DefaultEdges are the last days of the aging buckets by due date.
func DefaultEdges() []int { return []int{30, 60, 90, 120, 180, 365} }

// Bucket names the aging bucket of an item days past due: not_due up to day 0,
// then 1-30 … by the edges, the last one open (A2).
func Bucket(days int, edges []int) string {
	if days <= 0 {
		return "not_due"
	}
	from := 1
	for _, e := range edges {
		if days <= e {
			return fmt.Sprintf("%d-%d", from, e)
		}
		from = e + 1
	}
	return fmt.Sprintf("%d+", from)
}

// AgeBucket names the bucket of an item by invoice date: 0-30, 31-60, 61-90, 91+ (A3).
func AgeBucket(days int) string {
	switch {
	case days <= 30:
		return "0-30"
	case days <= 60:
		return "31-60"
	case days <= 90:
		return "61-90"
	}
	return "91+"
}

// YearBand names the band by full anniversaries of the invoice date before asOf (A4).
func YearBand(invoice, asOf ledger.Day) string {
	n := ledger.YearBand(invoice, asOf)
	if n >= 5 {
		return "5y+"
	}
	return fmt.Sprintf("%d-%dy", n, n+1)
}

// DaysSalesOutstanding = ar ÷ sales × days (B1, B3, B7, B8). Undefined with a
// credit balance or without sales; 0 when nothing is open.
func DaysSalesOutstanding(ar, sales money.Amount, days int64) Measure {
	switch {
	case ar < 0:
		return undefined(CreditBalance)
	case sales == 0:
		return undefined(NoSales)
	case sales < 0:
		return undefined(SalesNonpositive)
	}
	return defined(money.Ratio(ar, days, sales))
}

// CurrentAR is the numerator of best possible DSO: what is not due, less the
// credits that exceed what is overdue, never below 0 (B7).
func CurrentAR(notDue, overdue, credits money.Amount) money.Amount {
	return max(0, notDue-max(0, -credits-overdue))
}

// Period is a stretch of days with its sales.
type Period struct {
	Sales money.Amount
	Days  int64
}

// CountbackResult is the outcome of the walk back.
type CountbackResult struct {
	Measure
	LowerBound money.Wide   // days walked; the measure itself when defined
	Uncovered  money.Amount // ar left when the walk had to stop
}

// Countback walks periods backwards, latest first, until ar is used up: whole
// periods add their days, the last one its share (B4). A period without sales
// ends the walk undefined, unless skipZero, which adds its days.
//
// period gives the n-th period back, from 0; ok is false before the first sale.
func Countback(ar money.Amount, period func(n int) (p Period, ok bool), skipZero bool) CountbackResult {
	if ar < 0 {
		return CountbackResult{Measure: undefined(CreditBalance)}
	}
	left, days, why := ar, int64(0), InsufficientHistory
	var part money.Wide
	for n := 0; left != 0; n++ {
		p, ok := period(n)
		if !ok {
			break
		}
		if p.Sales <= 0 && !skipZero {
			if why = NoSales; p.Sales < 0 {
				why = SalesNonpositive
			}
			break
		}
		if p.Sales > left {
			part, left = money.Ratio(left, p.Days, p.Sales), 0
			break
		}
		days += p.Days
		left -= p.Sales
	}
	walked := money.Whole(days).Add(part)
	if left != 0 {
		return CountbackResult{Measure: undefined(why), LowerBound: walked, Uncovered: left}
	}
	return CountbackResult{Measure: defined(walked), LowerBound: walked}
}

// OriginMonth is what is still open of a month's invoices, with its sales.
type OriginMonth struct {
	Open money.Amount
	Period
}

// SalesWeighted = Σ open of a month's invoices ÷ sales of that month × its days,
// credits (negative) deducted from the oldest months first (B5); a positive
// balance, more refunded than received, belongs to no month and counts nowhere.
// month gives the n-th month, the oldest being 0.
func SalesWeighted(credits money.Amount, month func(n int) (m OriginMonth, ok bool)) Measure {
	deduct := max(0, -credits)
	var sum money.Wide
	for n := 0; ; n++ {
		m, ok := month(n)
		if !ok {
			break
		}
		used := min(deduct, m.Open)
		deduct -= used
		open := m.Open - used
		if open == 0 {
			continue
		}
		term := DaysSalesOutstanding(open, m.Sales, m.Days)
		if !term.known() {
			return term
		}
		sum = sum.Add(term.Value)
	}
	if deduct > 0 {
		return undefined(CreditBalance)
	}
	return defined(sum)
}

// Effectiveness is the collection effectiveness index (C1) as a fraction:
// (begin + sales − end) ÷ (begin + sales − end current).
func Effectiveness(begin, sales, end, endCurrent money.Amount) Measure {
	return CollectionRate(begin+sales-end, begin+sales-endCurrent)
}

// CleanEffectiveness is the index that write-offs do not raise (C1-b): what came
// in as cash or was taken as discount ÷ what was collectable. Sales are net of
// credit notes, which therefore raise neither.
func CleanEffectiveness(begin, sales, end, endCurrent, writtenOff money.Amount) Measure {
	return CollectionRate(begin+sales-end-writtenOff, begin+sales-endCurrent)
}

// UndisputedEffectiveness is the index as if what is disputed at the end had
// never been billed: it was not collected, and was not there to be collected.
func UndisputedEffectiveness(begin, sales, end, endCurrent, disputedOverdue money.Amount) Measure {
	return CollectionRate(begin+sales-end, begin+sales-endCurrent-disputedOverdue)
}

// UndisputedDelinquent is the numerator of the undisputed twin of average days
// delinquent: what is overdue and not disputed, less all credits, never below 0 (B8).
func UndisputedDelinquent(overdue, disputedOverdue, credits money.Amount) money.Amount {
	return max(0, overdue-disputedOverdue+credits)
}

// CollectionRate = collected ÷ collectable (C1 to C3); undefined where nothing
// was collectable.
func CollectionRate(collected, collectable money.Amount) Measure {
	if collectable <= 0 {
		return undefined(NothingCollectable)
	}
	return fraction(collected, collectable)
}

// RevenueRate = collected ÷ sales (C4).
func RevenueRate(collected, sales money.Amount) Measure {
	switch {
	case sales == 0:
		return undefined(NoSales)
	case sales < 0:
		return undefined(SalesNonpositive)
	}
	return fraction(collected, sales)
}

// Turnover = sales of 12 months ÷ (sum of balances ÷ points) (B9); none where more
// was credited than billed.
func Turnover(sales, sum money.Amount, points int64) Measure {
	switch {
	case sum < 0:
		return undefined(CreditBalance)
	case sum == 0:
		return undefined(NothingCollectable)
	case sales < 0:
		return undefined(SalesNonpositive)
	}
	return defined(money.Ratio(sales, points, sum))
}

// WeightedDays = Σ days × amount ÷ Σ amount (B11), or Σ days ÷ count (B10); both
// sums are of the same scale.
func WeightedDays(sum, weight money.Wide) Measure {
	if weight.Sign() <= 0 {
		return undefined(NoReceipts)
	}
	return defined(sum.OverWide(weight))
}

// CountbackDaily is the walk of [Countback] with days as periods (B4): a day
// without sales passes, a day of credit notes has to be made up by earlier sales.
// sold gives the sales of the n-th day back, from 0.
func CountbackDaily(ar money.Amount, sold func(n int) (sales money.Amount, ok bool)) CountbackResult {
	if ar < 0 {
		return CountbackResult{Measure: undefined(CreditBalance)}
	}
	left, days := ar, int64(0)
	var part money.Wide
	for n := 0; left != 0; n++ {
		sales, ok := sold(n)
		if !ok {
			break
		}
		if sales > left {
			part, left = money.Ratio(left, 1, sales), 0
			break
		}
		days++
		left -= sales
	}
	walked := money.Whole(days).Add(part)
	if left != 0 {
		return CountbackResult{Measure: undefined(InsufficientHistory), LowerBound: walked, Uncovered: left}
	}
	return CountbackResult{Measure: defined(walked), LowerBound: walked}
}
