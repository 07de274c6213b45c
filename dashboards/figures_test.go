package dashboards_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"huikuan/dashboards"
)

// reader looks at a page in one language, by the English names of things.
type reader struct {
	*viewer
	t      *testing.T
	words  dashboards.Locale
	amount float64 // what 1 of the tables' money is: Chinese ones are in 万
	about  string
}

// readers open the page for each selection in English, and for the last one in
// Chinese too.
func readers(t *testing.T, w *warehouse, page string, selections ...selection) func(yield func(selection, *reader) bool) {
	return func(yield func(selection, *reader) bool) {
		for i, s := range selections {
			for _, l := range dashboards.Locales() {
				if l.Lang == "zh" && i < len(selections)-1 {
					continue
				}
				r := &reader{open(t, w.at(t), l.Lang+"/"+page+".json", s.chosen()), t, l, map[string]float64{"en": 1, "zh": 1e4}[l.Lang], fmt.Sprintf("%s %+v", l.Lang, s)}
				if !yield(s, r) {
					return
				}
			}
		}
	}
}

// table runs a panel and returns its rows as column → value, money in full.
func (r *reader) table(title string, money ...string) (rows []map[string]any) {
	r.t.Helper()
	out := r.panel(r.words.T(title))
	for _, row := range out.rows {
		named := map[string]any{}
		for i, c := range out.columns {
			named[c] = row[i]
		}
		for _, c := range money {
			if f, ok := named[r.words.T(c)].(float64); ok {
				named[r.words.T(c)] = f * r.amount
			}
		}
		rows = append(rows, named)
	}
	return rows
}

// figure is the newest value of a stat, money in full, and its label.
func (r *reader) figure(title string, unit float64) (any, string) {
	r.t.Helper()
	rows := r.table(title)
	if len(rows) == 0 {
		return nil, ""
	}
	newest := rows[len(rows)-1]
	if f, ok := newest["v"].(float64); ok {
		return f * unit, fmt.Sprint(newest["label"])
	}
	return newest["v"], fmt.Sprint(newest["label"])
}

// same compares a figure with what was added up.
func (r *reader) same(what string, got any, want float64) {
	r.t.Helper()
	if !near(got, want) {
		r.t.Errorf("%s: %s is %v, the documents say %.4f", r.about, what, got, want)
	}
}

// agree compares figures by key: each that was added up is shown, and no other.
func (r *reader) agree(what string, got map[string]any, want map[string]float64) {
	r.t.Helper()
	if len(want) == 0 {
		r.t.Errorf("%s: %s proves nothing", r.about, what)
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if got[key] == nil && want[key] == 0 {
			continue
		}
		r.same(what+" of "+key, got[key], want[key])
	}
	for key, value := range got {
		if _, ok := want[key]; !ok && value != nil && value != 0.0 {
			r.t.Errorf("%s: %s of %s is %v, the documents have none", r.about, what, key, value)
		}
	}
}

// book is the built business, its documents and what can be chosen of them: of
// each filter one value with much behind it, and several at once.
func book(t *testing.T) (w *warehouse, d *documents, today string, selections []selection) {
	w = built(t)
	d, today = readDocuments(t, w), business.asOf.Format("2006-01-02")
	companies, segments, reps, customers := map[string]float64{}, map[string]float64{}, map[string]float64{}, map[string]float64{}
	everything := selection{}
	for _, i := range d.open(everything, today) {
		amount := d.in(everything, i.open, i.currency, i.invoiced)
		companies[i.company] += amount
		segments[d.segments[i.customer]] += amount
		reps[d.owner(i.customer, today)] += amount
		if slices.ContainsFunc([]rune(d.names[i.customer]), func(r rune) bool { return r > 0x2e80 }) {
			customers[i.customer] += amount // with a Chinese name
		}
	}
	if len(companies) < 2 || len(segments) < 2 || len(reps) < 2 || len(customers) < 2 {
		t.Fatalf("the book is too small to choose from: %v %v %v %v", companies, segments, reps, customers)
	}
	customer := most(customers)
	return w, d, today, []selection{
		everything, {company: most(companies)}, {segment: most(segments)}, {rep: most(reps)}, {currency: "EUR"},
		{customer: customer, rep: d.owner(customer, today), segment: d.segments[customer]},
	}
}

func overdue(day string) func(instalment) bool {
	return func(i instalment) bool { return i.late(day) > 0 }
}

// bucket is where an instalment stands by its days past due.
func bucket(i instalment, day string) string {
	last := []int{0, 30, 60, 90, 120, 180, 365, 1 << 30}
	return dashboards.Buckets()[slices.IndexFunc(last, func(days int) bool { return i.late(day) <= days })].Title
}

func TestTheInvoiceListShowsWhatTheDocumentsSay(t *testing.T) {
	w, d, today, selections := book(t)
	for s, r := range readers(t, w, "invoices", selections...) {
		items := d.open(s, today)
		all, late := d.total(s, items, nil), d.total(s, items, overdue(today))
		v, _ := r.figure("Open receivables", r.amount)
		r.same("open", v, all)
		v, _ = r.figure("Overdue share", 1)
		r.same("overdue share", v, 100*late/all)
		lateItems, oldest := 0, 0
		byAge, counted, open := map[string]float64{r.words.T("Total"): all}, map[string]float64{r.words.T("Total"): float64(len(items))}, map[string]float64{}
		for _, i := range items {
			if i.late(today) > 0 {
				lateItems++
			}
			oldest = max(oldest, i.late(today))
			byAge[r.words.T(bucket(i, today))] += d.in(s, i.open, i.currency, i.invoiced)
			counted[r.words.T(bucket(i, today))]++
			open[i.invoice+" "+i.due] += float64(i.open) / 1e4
		}
		v, label := r.figure("Open items", 1)
		r.same("items", v, float64(len(items)))
		if number, _, _ := strings.Cut(label, " "); number != fmt.Sprint(lateItems) {
			t.Errorf("%s: overdue items %q, the documents have %d", r.about, label, lateItems)
		}
		if v, _ = r.figure("Oldest debt", 1); oldest > 0 || v != nil {
			r.same("days of the oldest", v, float64(oldest))
		}
		ages, ageCounts := map[string]any{}, map[string]any{}
		for _, row := range r.table("Items and amounts by age", "Open") {
			age := row[r.words.T("Days overdue")].(string)
			ages[age], ageCounts[age] = row[r.words.T("Open")], row[r.words.T("Items")]
		}
		r.agree("open by age", ages, byAge)
		r.agree("items by age", ageCounts, counted)
		listed := map[string]any{}
		for _, row := range r.table("Open items, the most overdue first") {
			invoice, _, _ := strings.Cut(row[r.words.T("Invoice")].(string), " / ")
			key := invoice + " " + fmt.Sprint(row[r.words.T("Due on")])[:10]
			listed[key] = row[r.words.T("Still open")]
		}
		r.agree("open item", listed, open)
	}
}

func TestTheCustomerFileShowsWhatTheDocumentsSay(t *testing.T) {
	w, d, today, _ := book(t)
	chinese, foreign := map[string]float64{}, map[string]float64{}
	for _, i := range d.open(selection{}, today) {
		if i.currency == "CNY" {
			chinese[i.customer] += float64(i.open)
		} else if i.late(today) > 0 {
			foreign[i.customer] += float64(i.open)
		}
	}
	for s, r := range readers(t, w, "customer", selection{customer: most(foreign)}, selection{customer: most(chinese)}) {
		items := d.open(s, today)
		v, _ := r.figure("Open receivables", r.amount)
		r.same("open", v, d.total(s, items, nil))
		v, _ = r.figure("Overdue", r.amount)
		r.same("overdue", v, d.total(s, items, overdue(today)))
		open, listed := map[string]float64{r.words.T("Total"): d.total(s, items, nil)}, map[string]any{}
		for _, i := range items {
			open[i.invoice] += d.in(s, i.open, i.currency, i.invoiced)
		}
		for _, row := range r.table("What is open", "Open") {
			before, _ := listed[row[r.words.T("Invoice")].(string)].(float64)
			listed[row[r.words.T("Invoice")].(string)] = before + row[r.words.T("Open")].(float64)
		}
		r.agree("open", listed, open)
		promised := map[string]float64{}
		out, err := w.query("SELECT toString(due_date), toFloat64(sum(amount)) FROM (SELECT due_date, amount FROM promises WHERE made_on <= '" + today + "' AND customer_id = '" + s.customer + "'" +
			" UNION ALL SELECT due_date, amount FROM instalment_plan_lines WHERE plan_id IN (SELECT plan_id FROM instalment_plans WHERE made_on <= '" + today + "' AND customer_id = '" + s.customer + "')) GROUP BY due_date")
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range out.rows {
			promised[row[0].(string)] = row[1].(float64)
		}
		shown := map[string]any{}
		for _, row := range r.table("Promises") {
			day := fmt.Sprint(row[r.words.T("Promised for")])[:10]
			before, _ := shown[day].(float64)
			shown[day] = before + row[r.words.T("Amount")].(float64)
		}
		if len(shown) > 0 || len(promised) > 0 {
			r.agree("promised", shown, promised)
		}
		if said := fmt.Sprint(r.scope.Variables["headline"].Values); !strings.Contains(said, d.names[s.customer]) {
			t.Errorf("%s: the headline does not name %s: %s", r.about, d.names[s.customer], said)
		}
	}
}

func TestTodayShowsWhatTheDocumentsSay(t *testing.T) {
	w, d, today, selections := book(t)
	disputed := map[string]int64{}
	for _, x := range d.disputes {
		if x.opened <= today && x.closed > today {
			disputed[x.invoice] += x.amount
		}
	}
	for s, r := range readers(t, w, "today", selections...) {
		late, toCollect := map[string]float64{}, 0.0
		items := d.open(s, today)
		for _, i := range items {
			if i.late(today) > 0 {
				late[i.customer] += d.in(s, i.open, i.currency, i.invoiced)
				toCollect += d.in(s, i.open-min(i.open, disputed[i.invoice]), i.currency, i.invoiced)
			}
		}
		v, _ := r.figure("To collect", r.amount)
		r.same("overdue and undisputed", v, toCollect)
		ages, want := map[string]any{}, map[string]float64{}
		for _, row := range r.table("Twelve largest overdue customers, by age") {
			sum := 0.0
			for _, b := range dashboards.Buckets()[1:] {
				sum += row[r.words.T(b.Title)].(float64) * r.amount
			}
			ages[row["customer"].(string)] = sum
		}
		for _, i := range items {
			if name := d.names[i.customer]; i.late(today) > 0 && (ages[name] != nil || len(late) <= 12) {
				want[name] += d.in(s, i.open, i.currency, i.invoiced)
			}
		}
		if len(late) > 0 {
			r.agree("open", ages, want)
		}
		cash, credits := map[string]float64{}, map[string]float64{}
		key := func(customer, currency string) string { return customer + " " + currency }
		d.unapplied(s, today, false, func(x receipt) { cash[key(x.customer, x.currency)] += float64(x.amount) / 1e4 })
		d.unapplied(s, today, true, func(x receipt) { credits[key(x.customer, x.currency)] += float64(x.amount) / 1e4 })
		if len(cash) == 0 && len(credits) == 0 {
			continue
		}
		shownCash, shownCredits := map[string]any{}, map[string]any{}
		for _, row := range r.table("Cash and credits to match") {
			k := key(row["customer_id"].(string), row[r.words.T("Currency")].(string))
			a, _ := shownCash[k].(float64)
			b, _ := shownCredits[k].(float64)
			shownCash[k], shownCredits[k] = a+row[r.words.T("Unapplied cash")].(float64), b+row[r.words.T("Open credits")].(float64)
		}
		if len(cash) > 0 {
			r.agree("unapplied cash", shownCash, cash)
		}
		if len(credits) > 0 {
			r.agree("open credits", shownCredits, credits)
		}
	}
}
