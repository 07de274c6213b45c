package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"

	"github.com/shopspring/decimal"

	"huikuan/dashboards"
)

// Sizes of charts, in units of the drawing: two stand beside each other on A4.
const (
	wide, high = 540.0, 250.0
	left       = 56.0 // for the labels of the value axis
	foot       = 24.0 // for the labels of the months
	headroom   = 10.0
)

// axis draws grid lines and labels and gives the scale.
func (c *canvas) axis(low, high float64, label func(float64) string) scale {
	low, high, marks := ticks(low, high)
	s := scale{low, high, headroom, c.height - foot}
	for _, m := range marks {
		c.line(left, s.y(m), c.width, s.y(m), "grid")
		c.text(left-6, s.y(m)+3.5, "end", "label", label(m))
	}
	return s
}

func (p *Pack) amount(v float64) string {
	if v == 0 {
		return "0"
	}
	return p.short(Some(decimal.NewFromFloat(v)))
}

// AgingChart stacks the aging buckets of the last thirteen month-ends, or, as
// shares of all that is open, the overdue ones.
func (p *Pack) AgingChart(shares bool) template.HTML {
	days := p.Balances[max(0, len(p.Balances)-13):]
	if len(days) == 0 {
		return p.nothing("No open receivables.")
	}
	buckets, skip := dashboards.Buckets(), 0
	name := p.t("Open receivables by age")
	if shares {
		skip, name = 1, p.t("Overdue share of open receivables, by age")
	}
	part := func(b Balance, i int) Figure {
		if shares {
			return b.Buckets[i].Over(b.Open)
		}
		return b.Buckets[i]
	}
	top := 0.0
	for _, b := range days {
		sum := 0.0
		for i := skip; i < len(buckets); i++ {
			sum += math.Max(0, part(b, i).Float())
		}
		top = math.Max(top, sum)
	}
	c := newCanvas(wide, high, name)
	label := p.amount
	if shares {
		label = func(v float64) string { return grouped(decimal.NewFromFloat(v*100), 0) + p.percent() }
	}
	s := c.axis(0, top, label)
	step := (wide - left) / float64(len(days))
	for i, b := range days {
		x, y := left+float64(i)*step+step*.11, s.y(0)
		for k := skip; k < len(buckets); k++ {
			f := part(b, k)
			if !f.Known || !f.Value.IsPositive() {
				continue
			}
			unit := Money
			if shares {
				unit = Percent
			}
			h := s.y(0) - s.y(f.Float())
			c.rect(x, y-h, step*.78, h, "", "fill:"+buckets[k].Colour, fmt.Sprintf("%s · %s: %s", p.day(b.Day), p.t(buckets[k].Title), p.show(f, unit)))
			y -= h
		}
		c.text(left+float64(i)*step+step/2, high-8, "middle", "label", p.shortMonth(b.Day))
	}
	return template.HTML(c.String()) //nolint:gosec // texts are escaped by the canvas
}

// SpeedChart draws DSO over its best possible value; the gap is late payment.
func (p *Pack) SpeedChart() template.HTML {
	if len(p.Speed) == 0 {
		return p.nothing("DSO is not known yet: it needs 90 days of billings.")
	}
	low, top := math.Inf(1), math.Inf(-1)
	for _, s := range p.Speed {
		for _, f := range []Figure{s.DSO, s.Best, s.Countback} {
			if f.Known {
				low, top = math.Min(low, f.Float()), math.Max(top, f.Float())
			}
		}
	}
	if math.IsInf(low, 1) {
		return p.nothing("DSO is not known yet: it needs 90 days of billings.")
	}
	const wide = 820.0
	c := newCanvas(wide, high, p.t("DSO against best possible"))
	s := c.axis(math.Max(0, low-(top-low)*.2), top, func(v float64) string { return grouped(decimal.NewFromFloat(v), 0) })
	step := (wide - left - 46) / math.Max(1, float64(len(p.Speed)-1))
	line := func(f func(Speed) Figure) [][2]float64 {
		var out [][2]float64
		for i, x := range p.Speed {
			y := math.NaN()
			if v := f(x); v.Known {
				y = s.y(v.Float())
			}
			out = append(out, [2]float64{left + 8 + float64(i)*step, y})
		}
		return out
	}
	dso, best := line(func(s Speed) Figure { return s.DSO }), line(func(s Speed) Figure { return s.Best })
	c.band(dso, best, "gap")
	c.path(line(func(s Speed) Figure { return s.Countback }), "countback")
	c.path(best, "series")
	c.path(dso, "bad")
	for i, x := range p.Speed {
		for _, v := range []struct {
			name string
			f    Figure
			at   float64
			last string
		}{{"DSO", x.DSO, dso[i][1], "badtext"}, {"Best possible DSO", x.Best, best[i][1], "seriestext"}} {
			if !v.f.Known {
				continue
			}
			c.dot(dso[i][0], v.at, 4, "hover", fmt.Sprintf("%s · %s: %s", p.day(x.Day), p.t(v.name), p.show(v.f, Days)))
			if i == len(p.Speed)-1 {
				c.text(dso[i][0]+7, v.at+4, "start", v.last, p.show(v.f, Days))
			}
		}
		if (len(p.Speed)-1-i)%3 == 0 {
			c.text(dso[i][0], high-8, "middle", "label", p.shortMonth(x.Day))
		}
	}
	return template.HTML(c.String()) //nolint:gosec // texts are escaped by the canvas
}

// step is one bar of a waterfall.
type step struct {
	name  string
	value Figure
	total bool   // a level, not a change
	class string // the colour of a change
}

// levels gives the level after each step.
func levels(steps []step) []float64 {
	out, level := make([]float64, len(steps)), 0.0
	for i, s := range steps {
		if s.total {
			level = 0
		}
		level += s.value.Float()
		out[i] = level
	}
	return out
}

// waterfall draws steps from one level to another, each with its signed
// figure. Its axis begins at zero, or, where broken, near the lowest level, as
// a cut through the bars of the levels shows.
func (p *Pack) waterfall(name string, steps []step, broken bool, show, signed func(Figure) string) template.HTML {
	const row, names = 26.0, 200.0
	c := newCanvas(wide, row*float64(len(steps))+8, name)
	after := levels(steps)
	low, top := math.Min(0, slices.Min(after)), math.Max(0, slices.Max(after))
	if least := slices.Min(after); broken && least > top/2 {
		low = least - (top-least)*.8 - top/100
	} else {
		broken = false
	}
	if top == low {
		top = low + 1
	}
	x := func(v float64) float64 { return names + (math.Max(v, low)-low)/(top-low)*(wide-names-8) }
	for i, s := range steps {
		y := 4 + row*float64(i)
		c.text(0, y+row*.62, "start", "", s.name)
		if s.total {
			c.text(names-8, y+row*.62, "end", "strong", show(s.value))
			c.rect(x(0), y+4, x(after[i])-x(0), row-8, "history", "", s.name+": "+show(s.value))
			if broken {
				c.path([][2]float64{{x(0) + 14, y + 2}, {x(0) + 8, y + row/2}, {x(0) + 16, y + row/2}, {x(0) + 10, y + row - 2}}, "cut")
			}
		} else {
			c.text(names-8, y+row*.62, "end", "", signed(s.value))
			c.rect(x(after[i-1]), y+4, x(after[i])-x(after[i-1]), row-8, s.class, "", s.name+": "+signed(s.value))
		}
		if i < len(steps)-1 {
			c.line(x(after[i]), y+4, x(after[i]), y+row+row-4, "joint")
		}
	}
	return template.HTML(c.String()) //nolint:gosec // texts are escaped by the canvas
}

// MovementChart is the month from opening to closing balance.
func (p *Pack) MovementChart() template.HTML {
	m := p.moved(0)
	if !m.Opening.Known {
		return p.nothing("No movement in this month.")
	}
	steps := []step{{name: p.t("Opening balance"), value: m.Opening, total: true}}
	for _, s := range m.Steps() {
		if s.Value.Known && !s.Value.Value.IsZero() {
			class := "rise"
			if s.Value.Value.IsNegative() {
				class = "fall"
			}
			steps = append(steps, step{name: p.t(s.Name), value: s.Value, class: class})
		}
	}
	steps = append(steps, step{name: p.t("Closing balance"), value: m.Closing, total: true})
	return p.waterfall(p.t("From opening to closing balance"), steps, false, p.short, func(f Figure) string {
		if f.Value.IsNegative() {
			return minus + p.short(f.Neg())
		}
		return "+" + p.short(f)
	})
}

// Steps lists what moved the balance, with its sign.
func (m Movement) Steps() []Effect {
	return []Effect{{"Invoiced", m.Invoiced}, {"Debit notes", m.DebitNotes}, {"Credit notes", m.Credited}, {"Cash received", m.Cash}, {"Discounts", m.Discounts},
		{"Bad debt written off", m.WrittenOff}, {"Refunds", m.Refunds}, {"Exchange rates", m.FX}, {"Transfers", m.Transfers}}
}

// BridgeChart says in days why DSO changed.
func (p *Pack) BridgeChart(b Bridge) template.HTML {
	if !b.DSOFrom.Known || !b.DSOTo.Known {
		return p.nothing("The change of DSO cannot be explained for this month.")
	}
	steps := []step{{name: p.t("DSO") + thin + p.day(b.From), value: b.DSOFrom, total: true}}
	for _, e := range b.Effects {
		if e.Value.Known && !e.Value.Value.Round(1).IsZero() {
			class := "badfill"
			if e.Value.Value.IsNegative() {
				class = "goodfill"
			}
			steps = append(steps, step{name: p.t(e.Name), value: e.Value, class: class})
		}
	}
	steps = append(steps, step{name: p.t("DSO") + thin + p.day(p.AsOf), value: b.DSOTo, total: true})
	return p.waterfall(p.t("Why DSO changed"), steps, true, func(f Figure) string { return p.show(f, Days) }, func(f Figure) string { return p.change(f, Days) })
}

// ForecastChart shows cash by week: what came in (solid), what was forecast
// then (dots), what is expected (hatched) within its likely range.
func (p *Pack) ForecastChart() template.HTML {
	if len(p.Weeks) == 0 && len(p.PastWeeks) == 0 {
		return p.nothing("There is no cash forecast for the end of this month.")
	}
	top := 0.0
	for _, w := range p.PastWeeks {
		top = math.Max(top, math.Max(w.Actual.Float(), w.Forecast.Float()))
	}
	for _, w := range p.Weeks {
		top = math.Max(top, math.Max(w.High.Float(), w.Expected.Float()))
	}
	const long = 1100.0
	c := newCanvas(long, high, p.t("Cash by week"))
	c.b.WriteString(`<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" class="hatchground"/><rect width="2.2" height="6" class="hatchline"/></pattern></defs>`)
	s := c.axis(0, top, p.amount)
	count := len(p.PastWeeks) + len(p.Weeks)
	step := (long - left) / float64(count)
	every := int(math.Ceil(52 / step)) // weeks from one label to the next
	at := func(i int) float64 { return left + float64(i)*step }
	for i, w := range p.PastWeeks {
		c.rect(at(i)+step*.14, s.y(0), step*.72, s.y(w.Actual.Float())-s.y(0), "history", "", fmt.Sprintf("%s · %s: %s", p.shortDay(w.From), p.t("Received"), p.show(w.Actual, Money)))
		if w.Forecast.Known {
			c.dot(at(i)+step/2, s.y(w.Forecast.Float()), 4, "then", fmt.Sprintf("%s · %s: %s", p.shortDay(w.From), p.t("Forecast made then"), p.show(w.Forecast, Money)))
		}
		if i%every == 0 {
			c.text(at(i)+step/2, high-8, "middle", "label", p.shortDay(w.From))
		}
	}
	for k, w := range p.Weeks {
		i := len(p.PastWeeks) + k
		c.rect(at(i)+step*.14, s.y(0), step*.72, s.y(w.Expected.Float())-s.y(0), "hatched", "", fmt.Sprintf("%s · %s: %s", p.shortDay(w.From), p.t("Expected"), p.show(w.Expected, Money)))
		if w.Low.Known && w.High.Known {
			m := at(i) + step/2
			c.line(m, s.y(w.Low.Float()), m, s.y(w.High.Float()), "range")
			c.line(m-5, s.y(w.Low.Float()), m+5, s.y(w.Low.Float()), "range")
			c.line(m-5, s.y(w.High.Float()), m+5, s.y(w.High.Float()), "range")
		}
		if i%every == 0 {
			c.text(at(i)+step/2, high-8, "middle", "label", p.shortDay(w.From))
		}
	}
	return template.HTML(c.String()) //nolint:gosec // texts are escaped by the canvas
}

// Sparkline is a small line without axes; it says a shape, on its own scale.
func (p *Pack) Sparkline(trend []Figure) template.HTML {
	low, top, known := math.Inf(1), math.Inf(-1), 0
	for _, f := range trend {
		if f.Known {
			low, top, known = math.Min(low, f.Float()), math.Max(top, f.Float()), known+1
		}
	}
	if known < 2 {
		return ""
	}
	const w, h = 120.0, 22.0
	c := newCanvas(w, h, p.t("The last thirteen months"))
	s := scale{low, top, 3, h - 3}
	if top == low {
		s.low--
	}
	var points [][2]float64
	for i, f := range trend {
		y := math.NaN()
		if f.Known {
			y = s.y(f.Float())
		}
		points = append(points, [2]float64{3 + float64(i)*(w-6)/math.Max(1, float64(len(trend)-1)), y})
	}
	c.path(points, "spark")
	if last := points[len(points)-1]; !math.IsNaN(last[1]) {
		c.dot(last[0], last[1], 2.2, "sparkend", "")
	}
	return template.HTML(c.String()) //nolint:gosec // no texts from data
}

// nothing stands where a chart has no data.
func (p *Pack) nothing(english string) template.HTML {
	return template.HTML(`<p class="nothing">` + template.HTMLEscapeString(p.t(english)) + `</p>`) //nolint:gosec // escaped
}
