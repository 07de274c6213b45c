package report

import (
	"context"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"huikuan/dashboards"
)

// Excel writes the pack as a workbook whose numbers are numbers and whose
// totals, differences and ratios are formulas over them. A spreadsheet holds
// numbers as floating point with some 15 digits: amounts up to ten trillion
// keep their cents.
func (p *Pack) Excel(ctx context.Context, w io.Writer) (err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	b := &book{File: f, pack: p, styles: map[string]int{}}
	for _, sheet := range []func() error{b.summary, b.aging, b.speed, b.movement, b.forecast, b.reps, b.customers, b.allowance, func() error { return b.items(ctx) }, b.about} {
		if err := sheet(); err != nil {
			return fmt.Errorf("workbook: %w", err)
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		return err
	}
	f.SetActiveSheet(0)
	full := true
	if err := f.SetCalcProps(&excelize.CalcPropsOptions{FullCalcOnLoad: &full}); err != nil {
		return err
	}
	if err := f.SetDocProps(&excelize.DocProperties{Title: p.t("Receivables pack") + " " + p.month(p.AsOf), Creator: "huikuan " + p.Version}); err != nil {
		return err
	}
	return f.Write(w)
}

func (b *book) summary() error {
	p := b.pack
	g := grid{name: p.t("Summary"), note: p.t("Reporting currency") + " " + p.Currency + " · " + p.t("Data as of") + " " + p.day(p.AsOf) + " · " + p.t("built") + " " + p.BuiltAt + " UTC",
		headers: []string{p.t("Measure"), p.day(p.AsOf), p.day(monthsBefore(p.AsOf, 1)), p.t("Change"), p.day(monthsBefore(p.AsOf, 12)), p.t("Change"), p.t("Target"), p.t("Attainment"), p.t("What it means")},
		widths:  []float64{36, 18, 18, 18, 18, 18, 18, 12, 90}}
	for i, m := range p.Measures {
		row, format := headerRow+1+i, formatOf(m.Unit)
		less := func(column string, other Figure) cell {
			d := m.Now.Less(other)
			if !d.Known {
				return cell{}
			}
			return computed(format, d, "B%d-%s%d", row, column, row)
		}
		attained := cell{}
		if m.Target.Known && m.Now.Known && !m.Target.Value.IsZero() {
			attained = computed(percentFormat, m.Now.Over(m.Target), "B%d/G%d", row, row)
		}
		g.rows = append(g.rows, []cell{{value: m.Title}, {value: m.Now, format: format, bold: true}, {value: m.Month, format: format}, less("C", m.Month), {value: m.Year, format: format}, less("E", m.Year),
			{value: m.Target, format: format}, attained, {value: m.Meaning}})
	}
	return b.write(g)
}

func (b *book) aging() error {
	p := b.pack
	names := []string{}
	for _, bucket := range dashboards.Buckets() {
		names = append(names, p.t(bucket.Title))
	}
	g := grid{name: p.t("Aging"), note: p.t("Open receivables by days past the due date, at month-ends (A2)") + ", " + p.Currency,
		headers: append(append([]string{p.t("Month-end")}, names...), p.t("Open"), p.t("Overdue"), p.t("Overdue share")), widths: []float64{13, 16, 16, 16, 16, 16, 16, 16, 16, 18, 18, 14}}
	for i, x := range p.Balances {
		row := headerRow + 1 + i
		line := []cell{onDay(x.Day)}
		for _, f := range x.Buckets {
			line = append(line, amount(f))
		}
		line = append(line, computed(amountFormat, x.Open, "SUM(B%d:I%d)", row, row), computed(amountFormat, x.Overdue, "SUM(C%d:I%d)", row, row),
			computed(percentFormat, x.Overdue.Over(x.Open), `IF(J%d=0,"",K%d/J%d)`, row, row, row))
		g.rows = append(g.rows, line)
	}
	if err := b.write(g); err != nil || len(g.rows) == 0 {
		return err
	}
	series := []excelize.ChartSeries{}
	first, last := headerRow+1, headerRow+len(g.rows)
	if len(g.rows) > 13 {
		first = last - 12
	}
	for i, bucket := range dashboards.Buckets() {
		column, _ := excelize.ColumnNumberToName(i + 2)
		ref := func(from, to int, c string) string { return fmt.Sprintf("'%s'!$%s$%d:$%s$%d", g.name, c, from, c, to) }
		series = append(series, excelize.ChartSeries{Name: fmt.Sprintf("'%s'!$%s$%d", g.name, column, headerRow), Categories: ref(first, last, "A"), Values: ref(first, last, column),
			Fill: excelize.Fill{Type: "pattern", Color: []string{bucket.Colour}, Pattern: 1}})
	}
	gap := uint(30)
	return b.AddChart(g.name, fmt.Sprintf("B%d", last+3), &excelize.Chart{Type: excelize.ColStacked, Series: series, GapWidth: &gap, Dimension: excelize.ChartDimension{Width: 900, Height: 380},
		Legend: excelize.ChartLegend{Position: "bottom"}, Title: []excelize.RichTextRun{{Text: p.t("Open receivables by age")}}})
}

func (b *book) speed() error {
	p := b.pack
	g := grid{name: "DSO", note: p.t("DSO over 90 days against what it would be if all paid when due: the gap is late payment (B3, B7, B8)."),
		headers: []string{p.t("Month-end"), p.t("DSO, 90 days"), p.t("Best possible DSO"), p.t("Average days delinquent"), p.t("Countback"), p.t("Collection effectiveness (CEI)"), p.t("Why not defined")},
		widths:  []float64{13, 16, 18, 24, 14, 28, 30}}
	for i, s := range p.Speed {
		row := headerRow + 1 + i
		late := cell{}
		if s.Late.Known {
			late = computed(daysFormat, s.Late, "B%d-C%d", row, row)
		}
		g.rows = append(g.rows, []cell{onDay(s.Day), {value: s.DSO, format: daysFormat}, {value: s.Best, format: daysFormat}, late, {value: s.Countback, format: daysFormat}, share(s.CEI), {value: s.Reason}})
	}
	return b.write(g)
}

func (b *book) movement() error {
	p := b.pack
	g := grid{name: p.t("Movement"), note: p.t("Net receivables from the first to the last day of each month (A6)") + ", " + p.Currency, widths: []float64{13}}
	g.headers = []string{p.t("Month"), p.t("Opening balance")}
	for _, s := range (Movement{}).Steps() {
		g.headers = append(g.headers, p.t(s.Name))
	}
	g.headers = append(g.headers, p.t("Closing balance"), p.t("In the warehouse"), p.t("Check"))
	for range g.headers[1:] {
		g.widths = append(g.widths, 18)
	}
	for i, m := range p.Movement {
		row := headerRow + 1 + i
		line := []cell{onDay(m.Month), amount(m.Opening)}
		for _, s := range m.Steps() {
			line = append(line, amount(s.Value))
		}
		line = append(line, computed(amountFormat, m.Closing, "SUM(B%d:K%d)", row, row), amount(m.Closing), computed(amountFormat, Some(m.Closing.Value.Sub(m.Closing.Value)), "ROUND(L%d-M%d,2)", row, row))
		g.rows = append(g.rows, line)
	}
	return b.write(g)
}

func (b *book) forecast() error {
	p := b.pack
	g := grid{name: p.t("Cash forecast"), note: p.t("Weeks begin on the day given; expected, likely range, and what would come if all paid when due (F1)") + ", " + p.Currency,
		headers: []string{p.t("Week from"), p.t("Expected"), p.t("Low"), p.t("High"), p.t("If paid when due"), p.t("Received")}, widths: []float64{13, 18, 18, 18, 18, 18}}
	expected, due := Figure{}, Figure{}
	for _, w := range p.Weeks {
		expected, due = add(expected, w.Expected), add(due, w.Due)
		g.rows = append(g.rows, []cell{onDay(w.From), amount(w.Expected), amount(w.Low), amount(w.High), amount(w.Due), amount(w.Actual)})
	}
	if len(g.rows) > 0 {
		g.total = totals(p.t("Total"), len(g.rows), 6, map[int]string{2: amountFormat, 5: amountFormat}, map[int]Figure{2: expected, 5: due})
	}
	return b.write(g)
}

func (b *book) reps() error {
	p := b.pack
	g := grid{name: p.t("Reps"), note: p.t("By the account owner on the day of the receipt (C9); due basis: of what was overdue or fell due, the part collected (C2)."),
		headers: []string{p.t("Rep"), p.t("Rep number"), p.t("Team"), p.t("Collected"), p.t("Target"), p.t("Attainment"), p.t("Due basis"), p.t("On time"), p.t("Open"), p.t("Overdue"), p.t("Overdue share"), p.t("Visits"), p.t("Promises kept"), p.t("Promises due")},
		widths:  []float64{24, 14, 20, 18, 18, 12, 12, 12, 18, 18, 12, 10, 14, 14}}
	for i, r := range p.Reps {
		row := headerRow + 1 + i
		name := r.Name
		if r.ID == "unassigned" {
			name = p.t("No owner")
		}
		g.rows = append(g.rows, []cell{{value: name}, {value: r.ID}, {value: r.Team}, amount(r.Collected), amount(r.Target), computed(percentFormat, r.Attainment, `IF(N(E%d)=0,"",D%d/E%d)`, row, row, row),
			share(r.DueRate), share(r.OnTime), amount(r.Open), amount(r.Overdue), computed(percentFormat, r.Overdue.Over(r.Open), `IF(N(I%d)=0,"",J%d/I%d)`, row, row, row), number(r.Visits), number(r.PromisesKept), number(r.PromisesDue)})
	}
	if t := p.RepTotal(); len(g.rows) > 0 {
		g.total = totals(p.t("Total"), len(g.rows), len(g.headers), map[int]string{4: amountFormat, 5: amountFormat, 9: amountFormat, 10: amountFormat, 12: countFormat, 13: countFormat, 14: countFormat},
			map[int]Figure{4: t.Collected, 5: t.Target, 9: t.Open, 10: t.Overdue, 12: t.Visits, 13: t.PromisesKept, 14: t.PromisesDue})
		row := headerRow + len(g.rows) + 1
		g.total[5] = computed(percentFormat, t.Attainment, `IF(N(E%d)=0,"",D%d/E%d)`, row, row, row)
	}
	return b.write(g)
}

func (b *book) customers() error {
	p := b.pack
	g := grid{name: p.t("Customers"), note: p.t("All customers with anything open, at the end of the month") + ", " + p.Currency,
		headers: []string{p.t("Customer"), p.t("Customer number"), p.t("Segment"), p.t("Region"), p.t("Owner"), p.t("Grade")}, widths: []float64{34, 16, 16, 14, 18, 8}}
	for _, bucket := range dashboards.Buckets() {
		g.headers, g.widths = append(g.headers, p.t(bucket.Title)), append(g.widths, 16)
	}
	g.headers = append(g.headers, p.t("Open"), p.t("Overdue"), p.t("Overdue share"), p.t("In dispute"), p.t("Unapplied cash"), p.t("Open credits"), p.t("Net receivables"), p.t("Limit"), p.t("Limit used"))
	g.widths = append(g.widths, 18, 18, 12, 16, 16, 16, 18, 18, 12)
	formats, sums := map[int]string{}, map[int]Figure{}
	for i, c := range p.Customers {
		row := headerRow + 1 + i
		line := []cell{{value: c.Name}, {value: c.ID}, {value: c.Segment}, {value: c.Region}, {value: c.Owner}, {value: c.Grade}}
		for _, f := range c.Buckets {
			line = append(line, amount(f))
		}
		line = append(line, computed(amountFormat, c.Open, "SUM(G%d:N%d)", row, row), computed(amountFormat, c.Overdue, "SUM(H%d:N%d)", row, row),
			computed(percentFormat, c.Overdue.Over(c.Open), `IF(O%d=0,"",P%d/O%d)`, row, row, row), amount(c.Disputed), amount(c.Unapplied), amount(c.Credits),
			computed(amountFormat, c.Net, "O%d+S%d+T%d", row, row, row), amount(c.Limit), share(c.Utilisation))
		for k, f := range append(append([]Figure{}, c.Buckets...), c.Open, c.Overdue, Figure{}, c.Disputed, c.Unapplied, c.Credits, c.Net) {
			if column := 7 + k; column != 17 {
				formats[column], sums[column] = amountFormat, add(sums[column], f)
			}
		}
		g.rows = append(g.rows, line)
	}
	if len(g.rows) > 0 {
		g.total = totals(p.t("Total"), len(g.rows), len(g.headers), formats, sums)
	}
	return b.write(g)
}

func (b *book) allowance() error {
	p := b.pack
	g := grid{name: p.t("Credit loss"), note: p.t("Expected credit loss by days overdue (E6)") + ", " + p.Currency,
		headers: []string{p.t("Days overdue"), p.t("Open"), p.t("Allowance"), p.t("Rate"), p.t("A month ago"), p.t("Change")}, widths: []float64{16, 18, 18, 10, 18, 18}}
	for i, l := range p.Allowance {
		row := headerRow + 1 + i
		g.rows = append(g.rows, []cell{{value: p.BucketTitle(l.Bucket)}, amount(l.Gross), amount(l.Allowance), computed(percentFormat, l.Allowance.Over(l.Gross), `IF(B%d=0,"",C%d/B%d)`, row, row, row),
			amount(l.Before), computed(amountFormat, Some(l.Allowance.Value.Sub(l.Before.Value)), "C%d-E%d", row, row)})
	}
	if t := p.AllowanceTotal(); len(g.rows) > 0 {
		g.total = totals(p.t("Total"), len(g.rows), len(g.headers), map[int]string{2: amountFormat, 3: amountFormat, 5: amountFormat, 6: amountFormat},
			map[int]Figure{2: t.Gross, 3: t.Allowance, 5: t.Before, 6: t.Allowance.Less(t.Before)})
	}
	return b.write(g)
}

// maxItems is how many rows a sheet may have.
const maxItems = excelize.TotalRows - headerRow - 2

func (b *book) items(ctx context.Context) error {
	p := b.pack
	g := grid{name: p.t("Open items"), note: p.t("Open instalments on the last day built, most overdue first"),
		headers: []string{p.t("Customer"), p.t("Customer number"), p.t("Company"), p.t("Invoice"), p.t("Instalment"), p.t("Kind"), p.t("Invoice date"), p.t("Due date"), p.t("Days overdue"), p.t("Owner"), p.t("Currency"), p.t("Amount"), p.t("Open"), p.t("In dispute"), p.t("Open") + ", " + p.Currency},
		widths:  []float64{34, 16, 34, 22, 10, 14, 13, 13, 12, 18, 10, 18, 18, 18, 18}}
	if !p.Last {
		g.note = p.t("Open items are known for the last day built only; this month lies before it.")
		return b.write(g)
	}
	rows, err := p.items(ctx)
	if err != nil {
		return err
	}
	var sum Figure
	for i, r := range rows {
		if i == maxItems {
			g.note = p.t("Not all open instalments have a place on one sheet; the most overdue are here.")
			break
		}
		invoiced, err := dayOf(r["invoice_date"])
		if err != nil {
			return err
		}
		due, err := dayOf(r["due_date"])
		if err != nil {
			return err
		}
		sum = add(sum, figure(r["open_amount_rc"]))
		g.rows = append(g.rows, []cell{{value: text(r["customer"])}, {value: text(r["customer_id"])}, {value: text(r["company"])}, {value: text(r["invoice_id"])}, number(figure(r["instalment"])), {value: p.t(text(r["item_type"]))},
			onDay(invoiced), onDay(due), number(figure(r["days_past_due"])), {value: text(r["owner"])}, {value: text(r["currency"])}, amount(figure(r["amount"])), amount(figure(r["open_amount"])), amount(figure(r["disputed_amount"])), amount(figure(r["open_amount_rc"]))})
	}
	if len(g.rows) > 0 {
		g.total = totals(p.t("Total"), len(g.rows), len(g.headers), map[int]string{15: amountFormat}, map[int]Figure{15: sum})
	}
	return b.write(g)
}

func (b *book) about() error {
	p := b.pack
	g := grid{name: p.t("About"), note: p.t("Numbers in brackets are those of the list of metrics, docs/metrics.md."), headers: []string{p.t("Check"), p.t("Result")}, widths: []float64{60, 40}}
	g.rows = [][]cell{
		{{value: p.t("Months that roll forward")}, number(p.Proof.Months)},
		{{value: p.t("Largest difference of any of them, document currency")}, amount(p.Proof.Rollforward)},
		{{value: p.t("Control accounts compared at the end of the month")}, number(p.Proof.Accounts)},
		{{value: p.t("Largest difference of any of them that no late posting explains, document currency")}, amount(p.Proof.Unexplained)},
		{{value: p.t("Data tests of the last build")}, number(p.Proof.Tests)},
		{{value: p.t("Of them failed")}, number(p.Proof.Failed)},
		{{value: p.t("Rejected records")}, number(p.Proof.Rejected)},
	}
	return b.write(g)
}
