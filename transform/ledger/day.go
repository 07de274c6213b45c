package ledger

import (
	"fmt"
	"time"
)

// Day is a calendar day, counted from 1970-01-01.
type Day int32

// NoDay stands for an unknown day; Forever lies after every other day.
const (
	NoDay   Day = -1 << 31
	Forever Day = 1<<31 - 1
)

// Last is the last day that a date column holds, 2299-12-31.
const Last Day = 120_529

// DayOf returns the day of a civil date; months and days out of range are carried over.
func DayOf(year, month, day int) Day {
	month--
	year += month / 12
	if month %= 12; month < 0 {
		month, year = month+12, year-1
	}
	y, m := int64(year), int64(month)+1
	if m <= 2 {
		y--
	}
	era := floor(y, 400)
	yoe := y - era*400
	doy := (153*((m+9)%12)+2)/5 + int64(day) - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return Day(era*146097 + doe - 719468)
}

// ParseDay reads YYYY-MM-DD.
func ParseDay(text string) (Day, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return NoDay, fmt.Errorf("date %q: not YYYY-MM-DD", text)
	}
	return DayOf(t.Year(), int(t.Month()), t.Day()), nil
}

// Civil returns year, month (1–12) and day of the month.
func (d Day) Civil() (year, month, day int) {
	z := int64(d) + 719468
	era := floor(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	m := mp + 3
	y := yoe + era*400
	if m > 12 {
		m -= 12
		y++
	}
	return int(y), int(m), int(doy - (153*mp+2)/5 + 1)
}

// MonthStart returns the first day of the month that d stands in.
func (d Day) MonthStart() Day {
	_, _, dom := d.Civil()
	return d - Day(dom) + 1
}

// MonthEnd returns the last day of the month that d stands in.
func (d Day) MonthEnd() Day { return d.AddMonths(1).MonthStart() - 1 }

// AddMonths moves by calendar months; a day that the month lacks becomes its last.
func (d Day) AddMonths(n int) Day {
	y, m, dom := d.Civil()
	first := DayOf(y, m+n, 1)
	last := int(DayOf(y, m+n+1, 1) - first)
	return first + Day(min(dom, last)) - 1
}

// String writes YYYY-MM-DD.
func (d Day) String() string {
	y, m, dom := d.Civil()
	return fmt.Sprintf("%04d-%02d-%02d", y, m, dom)
}

func floor(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// YearBand returns the number of full anniversaries of the invoice date that
// lie strictly before asOf; the anniversary of 29 February is 28 February in
// common years (A4).
func YearBand(invoice, asOf Day) int {
	y, m, d := invoice.Civil()
	ay, _, _ := asOf.Civil()
	n := max(ay-y, 0)
	for ; n > 0; n-- {
		anniversary := DayOf(y+n, m, 1)
		last := anniversary.MonthEnd()
		if min(anniversary+Day(d)-1, last) < asOf {
			return n
		}
	}
	return 0
}
