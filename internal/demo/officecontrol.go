package demo

import (
	"slices"
	"time"
)

// control records what finance holds figures against: the policy, the calendar,
// economic series and the control account of each firm.
func (o *office) control() {
	began := o.c.start - 120
	for _, p := range []struct {
		grade, terms string
		limit        Cents
		hold         int
	}{{"A", "NET90", 5_000_000_00, 60}, {"B", "NET60", 2_000_000_00, 45}, {"C", "NET45", 800_000_00, 30}, {"D", "NET30", 200_000_00, 15}, {"E", "NET0", 0, 1}, {"NR", "NET30", 300_000_00, 30}} {
		o.add("policies", began, 0, str(p.grade), str(p.terms), amt(p.limit), str(reportingCurrency), num(p.hold), onDate(began), value{})
	}
	t := o.c.start.Time()
	for d := ymd(t.Year(), time.January, 1); d <= ymd(o.c.options.Today.Time().Year(), time.December, 31); d++ {
		o.add("calendar_days", began, 0, onDate(d), yes(bankDay(d)), str(d.String()[:7]))
	}
	r := o.die("macro")
	lpr, pmi := int64(34_500), int64(50_200_000)
	for m := ymd(t.Year(), t.Month(), 1); m <= o.c.end; m = ymd(m.Time().Year(), m.Time().Month()+1, 1) {
		if r.chance(0.12) {
			lpr -= 500
		}
		pmi += int64(r.normal(0, 350_000))
		o.add("macro_series", m+20, 0, str("lpr_1y"), onDate(m), frac(lpr))
		o.add("macro_series", m+31, 0, str("pmi"), onDate(m), frac(pmi))
	}
	o.balance()
}

// closedEarly is the month, counted back from the last, that one firm closed (or the
// last one before it in which anything was entered late)
// before the documents of its last days were entered.
const closedEarly = 4

// balance is the control account of receivables by firm and currency at the end of
// each month: it equals the documents but for one month.
func (o *office) balance() {
	ends := o.monthEnds(13)
	early := Book{o.c.firms[0].name, o.c.firms[0].base}
	off := len(ends) - closedEarly
	for off > 0 && o.c.booksAsKnown(ends[off], ends[off])[early] == o.c.Books(ends[off])[early] {
		off-- // nothing was entered late in this month
	}
	for n, end := range ends {
		books := o.c.Books(end)
		keys := make([]Book, 0, len(books))
		for b := range books {
			keys = append(keys, b)
		}
		slices.SortFunc(keys, func(a, b Book) int { return compare(str(a.Company+a.Currency), str(b.Company+b.Currency)) })
		for _, b := range keys {
			amount := books[b]
			if n == off && b == early {
				amount = o.c.booksAsKnown(end, end)[b]
			}
			o.add("control_balances", nextWorkday(end+3), 0, str(b.Company), str("1122"), onDate(end), str(b.Currency), amt(amount))
		}
	}
}

// Book names a company and a currency.
type Book struct{ Company, Currency string }

// Books adds up what all customers owed each company in each currency at the end
// of asOf, cash on account and open credits taken off.
func (c *Company) Books(asOf Date) map[Book]Cents { return c.booksAsKnown(asOf, c.end) }

// booksAsKnown leaves out what was entered after the day known.
func (c *Company) booksAsKnown(asOf, known Date) map[Book]Cents {
	all := map[Book]Cents{}
	for _, v := range c.invoices {
		if v.docstatus == submitted && v.posting <= asOf && v.created.date() <= known && !v.deleted {
			all[Book{v.firm.name, v.currency}] += v.gross
		}
	}
	for _, p := range c.payments {
		if p.docstatus == submitted && p.posting <= asOf && p.created.date() <= known {
			amount := p.amount + p.discount
			if p.refund {
				amount = -p.amount
			}
			all[Book{p.firm.name, p.currency}] -= amount
		}
	}
	for _, j := range c.journals {
		for _, line := range j.lines {
			if line.customer != nil && j.docstatus == submitted && j.posting <= asOf && j.created.date() <= known {
				all[Book{j.firm.name, j.currency}] += line.amount
			}
		}
	}
	return all
}

// span is a run of days of a year, month*100+day.
type span struct{ from, to int }

// China's public holidays, and the weekend days that are worked in exchange.
var (
	holidays = map[int][]span{
		2023: {{101, 102}, {121, 127}, {405, 405}, {429, 503}, {622, 624}, {929, 1006}},
		2024: {{101, 101}, {210, 217}, {404, 406}, {501, 505}, {610, 610}, {915, 917}, {1001, 1007}},
		2025: {{101, 101}, {128, 204}, {404, 406}, {501, 505}, {531, 602}, {1001, 1008}},
		2026: {{101, 103}, {215, 223}, {404, 406}, {501, 505}, {619, 621}, {925, 927}, {1001, 1007}},
	}
	worked = map[int][]int{
		2023: {128, 129, 423, 506, 625, 1007, 1008},
		2024: {204, 218, 407, 428, 511, 914, 929, 1012},
		2025: {126, 208, 427, 928, 1011},
		2026: {104, 214, 228, 509, 920, 1010},
	}
)

// bankDay tells whether offices in China work on a day. Of years that are not
// announced yet only the fixed days are known.
func bankDay(d Date) bool {
	t := d.Time()
	n := int(t.Month())*100 + t.Day()
	if slices.Contains(worked[t.Year()], n) {
		return true
	}
	list, ok := holidays[t.Year()]
	if !ok {
		list = []span{{101, 101}, {501, 505}, {1001, 1007}}
	}
	for _, s := range list {
		if n >= s.from && n <= s.to {
			return false
		}
	}
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday
}
