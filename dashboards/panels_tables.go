package dashboards

import (
	"maps"
	"slices"
	"strings"
)

// table is a table of rows: columns of the query in its order, named
// {{t "Title"}} as the columns here, ids under plain names.
type table struct {
	about
	query   string
	columns []column
	unfixed bool // the first column scrolls with the others
}

// column is the look of one column.
type column struct {
	title string // English; hidden columns go by their plain name
	pairs []any  // properties, id and value
	plain bool   // title is the name as it stands
	money bool   // the header names the currency
}

func (p *page) table(t table) Panel {
	out := p.panel("table", t.about, tableTarget("A", p.sql(t.query)))
	defaults := out.FieldConfig.Defaults
	defaults["unit"], defaults["decimals"], defaults["color"] = number, 0, object{"mode": "thresholds"}
	defaults["thresholds"] = steps(step(nil, "transparent"))
	defaults["custom"] = object{"align": "auto", "cellOptions": object{"type": "auto"}, "filterable": false, "inspect": false}
	for _, c := range t.columns {
		name, pairs := c.title, slices.Clone(c.pairs)
		if !slices.Contains(pairs, any("noValue")) { // else a cell without a value would show what an empty table says
			pairs = append(pairs, "noValue", "–")
		}
		if !c.plain {
			name = p.t(c.title)
		}
		if c.money {
			pairs = append([]any{"displayName", p.locale.moneyHeader(name)}, pairs...)
			if p.locale.Lang == "zh" { // of 万 a tenth is shown
				pairs = append(pairs, "unit", "currency:financial: ", "decimals", 1)
			}
		}
		out.FieldConfig.Overrides = append(out.FieldConfig.Overrides, override(name, pairs...))
	}
	out.Options = object{"showHeader": true, "cellHeight": "sm", "frozenColumns": object{"left": 1}, "enablePagination": false, "sortBy": []any{}}
	if t.unfixed {
		delete(out.Options, "frozenColumns")
	}
	p.saysWhenEmpty(&out)
	if slices.ContainsFunc(t.columns, func(c column) bool { return c.money }) {
		// Grafana loads what a query names before it draws the panel: else the
		// headers may miss their unit.
		out.Targets[0].RawSQL += "\n-- amounts${money_in:sqlstring}"
	}
	return out
}

// with adds properties to a column, id and value.
func (c column) with(pairs ...any) column {
	c.pairs = append(slices.Clone(c.pairs), pairs...)
	return c
}

// wide fixes the width in pixels, flex lets the column grow from that width.
// Grafana gives columns that flex equal shares of what the others leave: one whose
// least width is above its share pushes the last column out of the panel.
func (c column) wide(px int) column { return c.with("custom.width", px) }
func (c column) flex(px int) column { return c.with("custom.minWidth", px) }

// link leads somewhere on a click; see page.address.
func (c column) link(title, url string) column {
	return c.with("links", []any{object{"title": title, "url": url, "targetBlank": false}})
}

// Columns. Amounts are scaled in SQL ({{scale}}) and say their unit in the header.
func textColumn(title string) column { return column{title: title, pairs: []any{"unit", "string"}} }
func moneyColumn(title string) column {
	return column{title: title, money: true, pairs: []any{"unit", number, "decimals", 0}}
}

// documentAmount is an amount of one document in its own currency.
func documentAmount(title string) column {
	return column{title: title, pairs: []any{"unit", "currency:financial: ", "decimals", 2}}
}
func numberColumn(title string) column {
	return column{title: title, pairs: []any{"unit", number, "decimals", 0}}
}

// percentColumn is a fraction, shown as percent.
func percentColumn(title string) column {
	return column{title: title, pairs: []any{"unit", fraction, "decimals", 0}}
}

// dateColumn is a day; see page.dayUnit.
func (p *page) dateColumn(title string) column {
	return column{title: title, pairs: []any{"unit", p.dayUnit(false)}}
}

// dayUnit shows a date as a day, with its year or without.
func (p *page) dayUnit(year bool) string {
	switch {
	case p.locale.Lang == "zh" && year:
		return "time:YYYY-MM-DD"
	case p.locale.Lang == "zh":
		return "time:M月D日"
	case year:
		return "time:D MMM YYYY"
	}
	return "time:D MMM"
}

// hiddenColumn holds an identifier for links: by the first property since Grafana
// 12.3, by the second before.
func hiddenColumn(name string) column {
	return column{title: name, plain: true, pairs: []any{"custom.hideFrom.viz", true, "custom.hidden", true}}
}

// gaugeColumn is a bar of a fraction with its figure; steps as in lateness().
func gaugeColumn(title string, max float64, colours ...any) column {
	return column{title: title, pairs: []any{"unit", fraction, "decimals", 0, "min", 0, "max", max,
		"custom.cellOptions", object{"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}, "thresholds", steps(colours...)}}
}

// lateness are the steps of an overdue share, attainment those of a target.
func lateness() []any {
	return []any{step(nil, "#F7DC85"), step(0.25, "#F4B04E"), step(0.5, "#CF4630")}
}
func attainment() []any {
	return []any{step(nil, colourBad), step(0.75, colourWarn), step(0.9, colourGood)}
}

// oneColour are the steps of what is neither good nor bad.
func oneColour() []any { return []any{step(nil, colourSeries)} }

// lateColumn is a share of lateness as a heat cell, neutralColumn any share
// from 0 to 1 in blue; small shares show as a dot.
func lateColumn(title string) column {
	return percentColumn(title).with("custom.cellOptions", object{"type": "color-background", "mode": "basic"}, "thresholds", steps(heat()...))
}
func neutralColumn(title string) column {
	return percentColumn(title).with("custom.cellOptions", object{"type": "color-background", "mode": "basic"}, "custom.align", "right", "mappings", []any{dot()},
		"thresholds", steps(neutral()...))
}

// dot replaces shares that round to nothing.
func dot() object {
	return object{"type": "range", "options": object{"from": 0, "to": 0.0049, "result": object{"text": "·", "index": 0}}}
}

// sparkColumn is an array of numbers as a line, on its own scale.
func sparkColumn(title string) column {
	return column{title: title, pairs: []any{"color", fixed(colourSeries), "custom.cellOptions", object{"type": "sparkline", "hideValue": true,
		"lineWidth": 1.5, "fillOpacity": 10, "drawStyle": "line", "lineInterpolation": "linear", "gradientMode": "none"}}}
}

// pillColumn is a word in its colour. The colour is looked up by the shown
// text, so the query emits the translated word and colours maps English words.
func (p *page) pillColumn(title string, colours map[string]string) column {
	for word := range colours {
		if strings.Contains(p.t(word), ",") {
			p.fail("the word %q of the column %q has a comma: Grafana makes two pills of it", p.t(word), title)
		}
	}
	return column{title: title, pairs: []any{"unit", "string", "custom.cellOptions", object{"type": "pill"}, "mappings", []any{p.wordColours(colours)}}}
}

// wordColumn is a coloured word without a pill.
func (p *page) wordColumn(title string, colours map[string]string) column {
	return column{title: title, pairs: []any{"unit", "string", "custom.cellOptions", object{"type": "color-text"}, "mappings", []any{p.wordColours(colours)}, "thresholds", steps(step(nil, "text"))}}
}

func (p *page) wordColours(colours map[string]string) object {
	options := object{}
	for i, word := range slices.Sorted(maps.Keys(colours)) {
		options[p.t(word)] = object{"color": colours[word], "index": i}
	}
	return object{"type": "value", "options": options}
}
