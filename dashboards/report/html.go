package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"huikuan/dashboards"
)

//go:embed page.tmpl
var pageText string

//go:embed style.css
var style string

// HTML writes the pack as one file that needs nothing else: style and charts
// are in it, no script, no address of another server.
func (p *Pack) HTML(w io.Writer) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"t":     p.t,
		"money": func(f Figure) string { return p.show(f, Money) },
		"exact": func(f Figure) string {
			if !f.Known {
				return dash
			}
			return grouped(f.Value, 2)
		},
		"percent":   func(f Figure) string { return p.show(f, Percent) },
		"days":      func(f Figure) string { return p.show(f, Days) },
		"count":     func(f Figure) string { return p.show(f, Count) },
		"show":      p.show,
		"change":    p.change,
		"short":     p.short,
		"day":       p.day,
		"month":     p.month,
		"style":     func() template.CSS { return template.CSS(style) }, //nolint:gosec // a file of this package
		"buckets":   dashboards.Buckets,
		"colour":    func(s string) template.CSS { return template.CSS(s) }, //nolint:gosec // of the palette
		"verdict":   verdict,
		"bar":       bar,
		"heat":      heat,
		"less":      func(a, b Figure) Figure { return a.Less(b) },
		"over":      func(a, b Figure) Figure { return a.Over(b) },
		"neg":       func(f Figure) Figure { return f.Neg() },
		"first":     func(list []Customer, n int) []Customer { return list[:min(n, len(list))] },
		"firstOver": func(list []OverLimit, n int) []OverLimit { return list[:min(n, len(list))] },
		"unit":      func() string { return p.moneyUnit(p.Currency) },
	}).Parse(pageText)
	if err != nil {
		return fmt.Errorf("report page: %w", err)
	}
	return t.Execute(w, p)
}

// verdict is the class of a change: good, bad, or none.
func verdict(m Measure, change Figure) string {
	if !change.Known || m.Rise == Neutral || change.Value.Round(m.Unit.places()).IsZero() {
		return ""
	}
	if change.Value.IsPositive() == (m.Rise == Good) {
		return "good"
	}
	return "bad"
}

// bar is the width of a bar for a share, in percent of full.
func bar(f Figure, full float64) template.CSS {
	return template.CSS(fmt.Sprintf("width:%.1f%%", max(0, min(100, f.Float()*100/full)))) //nolint:gosec // a number
}

// heat is the class of a cell by its share of late amounts.
func heat(f Figure) string {
	switch v := f.Float(); {
	case !f.Known || v < .04:
		return ""
	case v < .10:
		return "heat1"
	case v < .15:
		return "heat2"
	default:
		return "heat3"
	}
}

// Headline is the month in one sentence.
func (p *Pack) Headline() template.HTML {
	b, before := p.balance(0), p.balance(1)
	share, change := b.Overdue.Over(b.Open), b.Overdue.Over(b.Open).Less(before.Overdue.Over(before.Open))
	if !b.Open.Known {
		return template.HTML(template.HTMLEscapeString(p.t("Nothing is open in this month.")))
	}
	verb, class := p.t("up"), "bad"
	if change.Value.IsNegative() {
		verb, class = p.t("down"), "good"
	}
	sentence := fmt.Sprintf(`%s <b>%s&nbsp;%s</b>`, e(p.t("Open receivables are")), e(p.Currency), e(p.short(b.Open)))
	switch {
	case p.zh() && share.Known:
		sentence += fmt.Sprintf(`，其中 <b>%s</b> 已逾期`, e(p.show(share, Percent)))
		if change.Known {
			sentence += fmt.Sprintf(`，环比<b class="%s">%s %s 个百分点</b>`, class, e(verb), e(grouped(change.Value.Abs().Shift(2), 1)))
		}
	case share.Known:
		sentence += fmt.Sprintf(`, <b>%s</b> of it overdue`, e(p.show(share, Percent)))
		if change.Known {
			sentence += fmt.Sprintf(` – <b class="%s">%s %s points</b> on the month before`, class, verb, e(grouped(change.Value.Abs().Shift(2), 1)))
		}
	}
	if s := p.pace(0); s.DSO.Known && s.Late.Known {
		if p.zh() {
			sentence += fmt.Sprintf(`。DSO 为 <b>%s 天</b>，其中 %s 天因逾期所致。`, e(p.show(s.DSO, Days)), e(p.show(s.Late, Days)))
		} else {
			sentence += fmt.Sprintf(`. DSO is <b>%s days</b>, %s of them late payment.`, e(p.show(s.DSO, Days)), e(p.show(s.Late, Days)))
		}
	} else if p.zh() {
		sentence += "。"
	} else {
		sentence += "."
	}
	return template.HTML(sentence) //nolint:gosec // what comes from data is escaped
}

func e(s string) string { return template.HTMLEscapeString(s) }

// Late is each segment's open amount by age as shares, the latest payer first.
func (p *Pack) Late() []SegmentAge {
	index, out := map[string]int{}, []SegmentAge{}
	for _, c := range p.Customers {
		name := c.Segment
		i, ok := index[name]
		if !ok {
			i, index[name] = len(out), len(out)
			out = append(out, SegmentAge{Segment: name, Buckets: make([]Figure, len(c.Buckets))})
		}
		out[i].Open, out[i].Overdue = add(out[i].Open, c.Open), add(out[i].Overdue, c.Overdue)
		for k, b := range c.Buckets {
			out[i].Buckets[k] = add(out[i].Buckets[k], b)
		}
	}
	sortByShare(out)
	return out
}
