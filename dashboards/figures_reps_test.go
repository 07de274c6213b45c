package dashboards_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"huikuan/dashboards"
	"huikuan/transform/canonical"
)

// collected is cash of a month, refunds less, by the owner of the account on the
// day; what paid an invoice at the rate of the invoice, so that a rate that moves
// is nobody's merit.
func (d *documents) collected(s selection, month string) map[string]float64 {
	out := map[string]float64{}
	for _, x := range d.receipts {
		if x.credit || !strings.HasPrefix(x.day, month) || !d.has(s, x.company, x.customer, x.currency, x.day) {
			continue
		}
		rep := d.owner(x.customer, x.day)
		for _, u := range d.used {
			if u.of == x.id {
				out[rep] += d.in(s, u.amount, x.currency, d.invoiced[u.invoice])
				x.amount -= u.amount
			}
		}
		out[rep] += d.in(s, x.amount, x.currency, x.day)
	}
	return out
}

func sum(of map[string]float64) (total float64) {
	for _, v := range of {
		total += v
	}
	return total
}

func TestCollectionsByRepShowWhatTheDocumentsSay(t *testing.T) {
	w, d, today, selections := book(t)
	for s, r := range readers(t, w, "sales", selections[0], selections[3], selections[1]) {
		cash, open := d.collected(s, today[:7]), map[string]float64{}
		late := map[string]float64{}
		for _, i := range d.open(s, today) {
			rep := d.owner(i.customer, today)
			open[rep] += d.in(s, i.open, i.currency, i.invoiced)
			if i.late(today) > 0 {
				late[rep] += d.in(s, i.open, i.currency, i.invoiced)
			}
		}
		v, _ := r.figure("Collected", r.amount)
		r.same("collected", v, sum(cash))
		reps, openReps := map[string]any{}, map[string]any{}
		for i, row := range r.table("League table: total, teams, then reps by their pace", "Collected", "Open") {
			if i == 0 {
				r.same("total collected", row[r.words.T("Collected")], sum(cash))
				r.same("total open", row[r.words.T("Open")], sum(open))
				r.same("total overdue share", row[r.words.T("Overdue %")], sum(late)/sum(open))
			} else if row[r.words.T("Rep")] != "" {
				reps[row["rep_id"].(string)], openReps[row["rep_id"].(string)] = row[r.words.T("Collected")], row[r.words.T("Open")]
			}
		}
		r.agree("collected", reps, cash)
		r.agree("open", openReps, open)
		for _, row := range r.table("Whose cash? Four answers, one total", "Invoiced by", "Owner when due", "Owner at receipt", "Owner today")[:1] {
			for _, basis := range []string{"Owner at receipt", "Owner today"} {
				if s.rep == "" {
					r.same("cash by "+basis, row[r.words.T(basis)], sum(cash))
				}
			}
		}
		byRep, names := map[string]any{}, map[string]float64{}
		for _, row := range r.table("Overdue by rep and days overdue") {
			total := 0.0
			for _, b := range dashboards.Buckets()[1:] {
				total += row[r.words.T(b.Title)].(float64) * r.amount
			}
			byRep[row["rep"].(string)] = total
		}
		for rep, amount := range late {
			names[strings.Trim(w.one("SELECT any(name) FROM reps WHERE rep_id = '"+rep+"'"), "[]")] += amount
		}
		r.agree("overdue", byRep, names)
	}
}

func TestTheRepPageShowsWhatTheDocumentsSay(t *testing.T) {
	w, d, today, selections := book(t)
	one := selections[3]
	currencies := map[string]float64{}
	for _, i := range d.open(one, today) {
		currencies[i.currency]++
	}
	for s, r := range readers(t, w, "rep", selection{rep: one.rep, currency: most(currencies)}, one) {
		items := d.open(s, today)
		if s.currency == "" {
			v, _ := r.figure("Collected", r.amount)
			r.same("collected", v, sum(d.collected(s, today[:7])))
		}
		v, _ := r.figure("Open receivables", r.amount)
		r.same("open", v, d.total(s, items, nil))
		v, _ = r.figure("Overdue share", 1)
		r.same("overdue share", v, 100*d.total(s, items, overdue(today))/d.total(s, items, nil))
		open, late := map[string]float64{"": d.total(s, items, nil)}, map[string]float64{"": d.total(s, items, overdue(today))}
		for _, i := range items {
			open[i.customer] += d.in(s, i.open, i.currency, i.invoiced)
			late[i.customer] += 0
			if i.late(today) > 0 {
				late[i.customer] += d.in(s, i.open, i.currency, i.invoiced)
			}
		}
		opens, lates := map[string]any{}, map[string]any{}
		for _, row := range r.table("Customers of this rep: what they owe and what to do", "Open", "Overdue") {
			id, _ := row["customer_id"].(string)
			opens[id], lates[id] = row[r.words.T("Open")], row[r.words.T("Overdue")]
			if id != "" && row[r.words.T("Customer")] != d.names[id] {
				t.Errorf("%s: %s is called %v, not %s", r.about, id, row[r.words.T("Customer")], d.names[id])
			}
		}
		r.agree("open", opens, open)
		r.agree("overdue", lates, late)
	}
}

// cancelled are streams with documents that the sources took back: they were
// loaded and are no longer there.
var cancelled = []string{"crm calls", "crm meetings", "crm deleted_meetings", "erp allocations", "erp deletions", "erp instalments", "erp invoice_rep_splits", "erp invoices", "erp payments"}

func TestPipelineHealthShowsWhatTheDocumentsSay(t *testing.T) {
	w, d, _, _ := book(t)
	for _, r := range readers(t, w, "pipeline", selection{}) {
		loaded, shown, rows := map[string]float64{}, map[string]any{}, 0.0
		for _, row := range r.table("Streams: freshness and receipts") {
			shown[row[r.words.T("Source")].(string)+" "+row[r.words.T("Stream")].(string)] = row[r.words.T("Loaded")]
		}
		var tables []string
		for _, stream := range canonical.Streams() {
			tables = append(tables, "SELECT source, _stream FROM "+stream.Name)
		}
		out, err := w.query("SELECT source, _stream, toFloat64(count()) FROM (" + strings.Join(tables, " UNION ALL ") + ") GROUP BY source, _stream")
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range out.rows {
			loaded[row[0].(string)+" "+row[1].(string)] = row[2].(float64)
		}
		for stream, v := range shown {
			rows += v.(float64)
			if slices.Contains(cancelled, stream) {
				if loaded[stream] > v.(float64) {
					t.Errorf("%s: %v rows of %s were loaded, %v are there", r.about, v, stream, loaded[stream])
				}
				delete(loaded, stream)
				delete(shown, stream)
			}
		}
		r.agree("rows", shown, loaded)
		v, _ := r.figure("Rows in 7 days", 1)
		r.same("rows loaded", v, rows)
		v, _ = r.figure("Rejected, open", 1)
		r.same("rejected", v, 0)
		v, _ = r.figure("Data tests failed", 1)
		r.same("tests that failed", v, 0)
		v, _ = r.figure("Roll-forward", 1)
		r.same("roll-forward", v, 0)
		agreed := 0
		for _, row := range r.table("Against the control accounts") {
			day, s := fmt.Sprint(row[r.words.T("Period end")])[:10], selection{company: row[r.words.T("Company")].(string), currency: row[r.words.T("Currency")].(string)}
			net := d.total(s, d.open(s, day), nil)
			for _, credit := range []bool{false, true} {
				d.unapplied(s, day, credit, func(x receipt) { net -= d.in(s, x.amount, x.currency, x.day) })
			}
			r.same("receivables of "+s.company+" in "+s.currency+" on "+day, row[r.words.T("Receivables")], net)
			agreed++
		}
		if agreed == 0 {
			t.Error("no control account is shown")
		}
	}
}
