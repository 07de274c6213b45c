package report

import (
	"context"
	"fmt"
	"strings"
	"time"

	"huikuan/dashboards"
)

// Pack holds the figures of one month for one choice of company and language.
type Pack struct {
	words
	Options
	Currency string
	AsOf     time.Time // last day of the month, or the last day built
	Last     bool      // AsOf is the last day built, which open items and today's forecast are of
	BuiltAt  string

	Measures      []Measure
	Balances      []Balance // oldest first, two years and a month
	Speed         []Speed
	Movement      []Movement
	Allowance     []BucketLoss
	Bridges       []Bridge
	Weeks         []Week
	PastWeeks     []PastWeek
	WAPE          Figure
	Reps          []Rep
	Customers     []Customer // all with anything open, largest first
	OverLimit     []OverLimit
	Concentration map[string]Figure
	Proof         Proof

	allowed [3]Figure // the whole allowance now, a month and a year before
	items   func(ctx context.Context) ([]Row, error)
}

// Balance is what was open at the end of a day (A1, A2).
type Balance struct {
	Day                                    time.Time
	Open, Overdue, Unapplied, Credits, Net Figure
	Disputed                               Figure
	Buckets                                []Figure // as [dashboards.Buckets]
	WithoutRate                            Figure
}

// Speed is how fast receivables turned to cash at the end of a day, in days (B3, B4, B7, B8, C1).
type Speed struct {
	Day                             time.Time
	DSO, Best, Late, Countback, CEI Figure
	Reason                          string
}

// Movement is one month from opening to closing balance (A6).
type Movement struct {
	Month                                                    time.Time
	Opening, Invoiced, DebitNotes, Credited, Cash, Discounts Figure
	WrittenOff, Refunds, FX, Transfers, Closing, Check       Figure
}

// BucketLoss is the expected credit loss of one aging bucket (E6).
type BucketLoss struct {
	Bucket           string
	Gross, Allowance Figure
	Before           Figure // allowance a month ago
}

// Bridge says why DSO changed, in days; the effects add up to the change.
type Bridge struct {
	Span    string // month or year
	From    time.Time
	DSOFrom Figure
	Effects []Effect
	DSOTo   Figure
	Reason  string
}

// Effect is one part of a change.
type Effect struct {
	Name  string // English
	Value Figure
}

// Week is a week of the cash forecast (F1).
type Week struct {
	From                             time.Time
	Expected, Low, High, Due, Actual Figure
}

// PastWeek is a week that is over: what came in, and what the youngest forecast before it expected.
type PastWeek struct {
	From             time.Time
	Forecast, Actual Figure
}

// Rep is one rep's month (C3, C4, C7, C10).
type Rep struct {
	ID, Name, Team                    string
	Collected, Target, Attainment     Figure
	DueRate, DueRateBefore, OnTime    Figure
	Open, Overdue                     Figure
	Visits, PromisesKept, PromisesDue Figure
}

// Customer is what a customer owes.
type Customer struct {
	ID, Name, Segment, Region, Owner, Grade string
	Open, Overdue, Disputed, Unapplied      Figure
	Credits, Net, Limit, Utilisation        Figure
	Buckets                                 []Figure
	History                                 []Figure // open at the last 13 month-ends, of the largest only
}

// OverLimit is a customer above its limit (E7).
type OverLimit struct {
	ID, Name                             string
	Exposure, Limit, Utilisation, Breach Figure
}

// Proof is what the figures were checked with.
type Proof struct {
	Rollforward, Months, Accounts, Unexplained, Rejected, Failed, Tests Figure

	AccountsOn string // the day of the control accounts compared
}

// Holds says whether nothing speaks against the figures.
func (p Proof) Holds() bool {
	zero := func(f Figure) bool { return !f.Known || f.Value.IsZero() }
	return zero(p.Rollforward) && zero(p.Unexplained) && zero(p.Failed)
}

// Collect asks the warehouse for the figures of a pack. It gives [ErrNothing]
// for a warehouse without receivables, and an error that names the choices for
// a month or a company that is not there.
func Collect(ctx context.Context, ask Ask, o Options) (*Pack, error) {
	w, err := wordsOf(o.Lang)
	if err != nil {
		return nil, err
	}
	if o.Top == 0 {
		o.Top = 10
	}
	a, err := newAsker(ask, time.Time{}, o)
	if err != nil {
		return nil, err
	}
	p := &Pack{words: w, Options: o}
	if err := p.choose(ctx, a); err != nil {
		return nil, err
	}
	if a, err = newAsker(ask, p.AsOf, p.Options); err != nil {
		return nil, err
	}
	for _, part := range []func(context.Context, *asker) error{
		p.balances, p.speed, p.movement, p.ecl, p.bridges, p.forecast, p.reps, p.customers, p.overLimit, p.proof, p.measures,
	} {
		if err := part(ctx, a); err != nil {
			return nil, err
		}
	}
	p.items = func(ctx context.Context) ([]Row, error) { return a.rows(ctx, "open_items") }
	return p, nil
}

// choose finds the day that the month and the warehouse allow.
func (p *Pack) choose(ctx context.Context, a *asker) error {
	days, err := a.rows(ctx, "days")
	if err != nil {
		return err
	}
	if len(days) == 0 {
		return ErrNothing
	}
	var known []string
	chosen := -1
	for i, d := range days {
		at, err := dayOf(d["as_of"])
		if err != nil {
			return err
		}
		known = append(known, at.Format("2006-01"))
		over := at.Equal(lastOf(at))
		if chosen < 0 && ((p.Month.IsZero() && (over || i == len(days)-1)) || (!p.Month.IsZero() && at.Format("2006-01") == p.Month.Format("2006-01"))) {
			chosen, p.AsOf = i, at
		}
	}
	if chosen < 0 {
		return fmt.Errorf("month: found %s, expected one of %s to %s", p.Month.Format("2006-01"), known[len(known)-1], known[0])
	}
	p.Currency, p.Last = text(days[chosen]["currency"]), truth(days[chosen]["is_last"])
	if p.Company == "" {
		return nil
	}
	companies, err := a.rows(ctx, "companies")
	if err != nil {
		return err
	}
	var names []string
	for _, c := range companies {
		if text(c["company"]) == p.Company {
			return nil
		}
		names = append(names, text(c["company"]))
	}
	return fmt.Errorf("company: found %q, expected one of: %s", p.Company, strings.Join(names, "; "))
}

func (p *Pack) balances(ctx context.Context, a *asker) error {
	rows, err := a.rows(ctx, "balances")
	for _, r := range rows {
		b := Balance{Open: figure(r["open_amount"]), Overdue: figure(r["overdue"]), Unapplied: figure(r["unapplied"]), Credits: figure(r["open_credits"]),
			Net: figure(r["net_ar"]), Disputed: figure(r["disputed"]), Buckets: buckets(r), WithoutRate: figure(r["without_rate"])}
		if b.Day, err = dayOf(r["as_of"]); err != nil {
			return err
		}
		p.Balances = append(p.Balances, b)
	}
	return err
}

// buckets reads the columns of the aging buckets.
func buckets(r Row) []Figure {
	var out []Figure
	for _, b := range dashboards.Buckets() {
		out = append(out, figure(r[b.Column]))
	}
	return out
}

func (p *Pack) speed(ctx context.Context, a *asker) error {
	rows, err := a.rows(ctx, "speed")
	for _, r := range rows {
		s := Speed{DSO: figure(r["dso_90"]), Best: figure(r["bpdso"]), Late: figure(r["add_days"]), Countback: figure(r["dso_countback"]), CEI: figure(r["cei"]), Reason: text(r["reason"])}
		if s.Day, err = dayOf(r["as_of"]); err != nil {
			return err
		}
		p.Speed = append(p.Speed, s)
	}
	return err
}

func (p *Pack) movement(ctx context.Context, a *asker) error {
	rows, err := a.rows(ctx, "movement")
	for _, r := range rows {
		m := Movement{Opening: figure(r["opening"]), Invoiced: figure(r["invoiced"]), DebitNotes: figure(r["debit_notes"]), Credited: figure(r["credited"]), Cash: figure(r["cash"]),
			Discounts: figure(r["discounts"]), WrittenOff: figure(r["written_off"]), Refunds: figure(r["refunds"]), FX: figure(r["fx"]), Transfers: figure(r["transfers"]),
			Closing: figure(r["closing"]), Check: figure(r["check_amount"])}
		if m.Month, err = dayOf(r["month"]); err != nil {
			return err
		}
		p.Movement = append(p.Movement, m)
	}
	return err
}

func (p *Pack) ecl(ctx context.Context, a *asker) error {
	rows, err := a.rows(ctx, "ecl")
	p.allowed = p.allowances(rows)
	before := map[string]Figure{}
	for _, r := range rows {
		name := text(r["bucket"])
		at, err := dayOf(r["as_of"])
		if err != nil {
			return err
		}
		switch {
		case at.Equal(p.AsOf):
			p.Allowance = append(p.Allowance, BucketLoss{Bucket: name, Gross: figure(r["gross"]), Allowance: figure(r["allowance"]), Before: before[name]})
		case at.Equal(monthsBefore(p.AsOf, 1)):
			before[name] = figure(r["allowance"])
		}
	}
	return err
}

func (p *Pack) bridges(ctx context.Context, a *asker) error {
	rows, err := a.rows(ctx, "bridge")
	for _, r := range rows {
		b := Bridge{Span: text(r["span"]), DSOFrom: figure(r["dso_from"]), DSOTo: figure(r["dso_to"]), Reason: text(r["reason"])}
		if b.From, err = dayOf(r["from_month_end"]); err != nil {
			return err
		}
		for _, e := range [][2]string{{"Terms", "terms"}, {"Speed of payment", "speed"}, {"Mix of customers", "mix"}, {"Disputes", "disputes"}, {"Write-offs", "write_offs"}, {"Exchange rates", "fx"}} {
			b.Effects = append(b.Effects, Effect{e[0], figure(r[e[1]])})
		}
		p.Bridges = append(p.Bridges, b)
	}
	return err
}

func (p *Pack) forecast(ctx context.Context, a *asker) error {
	name := "forecast_then"
	if p.Last {
		name = "forecast"
	}
	rows, err := a.rows(ctx, name)
	if err != nil {
		return err
	}
	for _, r := range rows {
		w := Week{Expected: figure(r["expected"]), Low: figure(r["low"]), High: figure(r["high"]), Due: figure(r["naive"]), Actual: figure(r["actual"])}
		if w.From, err = dayOf(r["week"]); err != nil {
			return err
		}
		p.Weeks = append(p.Weeks, w)
	}
	if rows, err = a.rows(ctx, "forecast_past"); err != nil {
		return err
	}
	for _, r := range rows {
		w := PastWeek{Forecast: figure(r["forecast"]), Actual: figure(r["actual"])}
		if w.From, err = dayOf(r["week"]); err != nil {
			return err
		}
		p.PastWeeks = append(p.PastWeeks, w)
	}
	if rows, err = a.rows(ctx, "forecast_score"); err == nil && len(rows) > 0 {
		p.WAPE = figure(rows[0]["wape"])
	}
	return err
}

func (p *Pack) reps(ctx context.Context, a *asker) error {
	rows, err := a.rows(ctx, "reps")
	for _, r := range rows {
		p.Reps = append(p.Reps, Rep{ID: text(r["rep_id"]), Name: text(r["rep"]), Team: text(r["team"]), Collected: figure(r["collected"]), Target: figure(r["target"]),
			Attainment: figure(r["attainment"]), DueRate: figure(r["due_rate"]), DueRateBefore: figure(r["due_rate_before"]), OnTime: figure(r["on_time"]), Open: figure(r["open_amount"]),
			Overdue: figure(r["overdue"]), Visits: figure(r["visits"]), PromisesKept: figure(r["promises_kept"]), PromisesDue: figure(r["promises_due"])})
	}
	return err
}

func (p *Pack) customers(ctx context.Context, a *asker) error {
	rows, err := a.rows(ctx, "customers")
	if err != nil {
		return err
	}
	place := map[string]int{}
	for i, r := range rows {
		place[text(r["customer_id"])] = i
		p.Customers = append(p.Customers, Customer{ID: text(r["customer_id"]), Name: text(r["customer"]), Segment: text(r["segment"]), Region: text(r["region"]), Owner: text(r["owner"]),
			Grade: text(r["grade"]), Open: figure(r["open_amount"]), Overdue: figure(r["overdue"]), Disputed: figure(r["disputed"]), Unapplied: figure(r["unapplied"]), Credits: figure(r["open_credits"]),
			Net: figure(r["net_ar"]), Limit: figure(r["limit_amount"]), Utilisation: figure(r["utilisation"]), Buckets: buckets(r)})
	}
	if rows, err = a.rows(ctx, "customer_history"); err != nil {
		return err
	}
	for _, r := range rows {
		at, err := dayOf(r["as_of"])
		if err != nil {
			return err
		}
		i, known := place[text(r["customer_id"])]
		months := (p.AsOf.Year()-at.Year())*12 + int(p.AsOf.Month()) - int(at.Month())
		if !known || months > 12 {
			continue
		}
		if p.Customers[i].History == nil {
			p.Customers[i].History = make([]Figure, 13)
		}
		p.Customers[i].History[12-months] = figure(r["open_amount"])
	}
	return nil
}

func (p *Pack) overLimit(ctx context.Context, a *asker) error {
	rows, err := a.rows(ctx, "over_limit")
	for _, r := range rows {
		p.OverLimit = append(p.OverLimit, OverLimit{ID: text(r["customer_id"]), Name: text(r["customer"]), Exposure: figure(r["exposure"]), Limit: figure(r["limit_amount"]),
			Utilisation: figure(r["utilisation"]), Breach: figure(r["breach"])})
	}
	return err
}

func (p *Pack) proof(ctx context.Context, a *asker) error {
	rows, err := a.rows(ctx, "proof")
	if err != nil || len(rows) == 0 {
		return err
	}
	r := rows[0]
	p.Proof = Proof{figure(r["rollforward"]), figure(r["months"]), figure(r["accounts"]), figure(r["unexplained"]), figure(r["rejected"]), figure(r["failed_tests"]), figure(r["tests"]), ""}
	if at, err := dayOf(r["accounts_on"]); err == nil {
		p.Proof.AccountsOn = p.day(at)
	}
	p.BuiltAt, _, _ = strings.Cut(text(r["built_at"]), ".")
	return nil
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func truth(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case nil:
		return false
	}
	f := figure(v)
	return f.Known && !f.Value.IsZero()
}

func dayOf(v any) (time.Time, error) {
	if t, ok := v.(time.Time); ok {
		return t, nil
	}
	s := text(v)
	t, err := time.Parse(time.DateOnly, s[:min(len(s), len(time.DateOnly))])
	if err != nil {
		return t, fmt.Errorf("found %q, expected a day", s)
	}
	return t, nil
}
