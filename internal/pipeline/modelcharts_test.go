package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"huikuan/dashboards"
	"huikuan/sql"
)

// Every chart that a shipped model asks for, and every type of chart with and
// without a series, keeps the rules of the dashboards and runs on the engine
// over a table with the columns that the header describes.
func TestChartsOfModelsAreDrawnAndTheirQueriesRun(t *testing.T) {
	models, err := sql.Models()
	if err != nil {
		t.Fatal(err)
	}
	for i, chart := range []string{
		"type: bar, x: name, y: [amount, share]", "type: bar, x: bucket, y: [amount], series: name", "type: stacked, x: day, y: [amount], series: bucket", "type: line, x: day, y: [amount, share]",
		"type: line, x: day, y: [amount, share], series: name", "type: line, x: age, y: [share], series: name", "type: line, x: age, y: [amount]", "type: stat, y: [share]",
		"type: stat, x: day, y: [amount]", "type: table", "type: table, x: name, y: [amount]", "type: heatmap, x: bucket, y: [amount], series: name", "type: bar, x: customer_name, y: [amount], where: amount > 0",
	} {
		m, err := sql.Parse(fmt.Sprintf("chart_%d.sql", i), []byte("/* ---\ndescription: d\ntags: [mine]\ncolumns:\n  - {name: day, description: d, unit: date}\n  - {name: name, description: d}\n  - {name: customer_name, description: d}\n"+
			"  - {name: bucket, description: d}\n  - {name: age, description: d, unit: days}\n  - {name: amount, description: d, unit: reporting currency}\n  - {name: share, description: d, unit: fraction}\nchart: {"+chart+"}\n--- */\n"+
			"SELECT toDate32('2026-01-01') AS day, 'a' AS name, 'a' AS customer_name, '1-30' AS bucket, 1 AS age, toDecimal64(1, 4) AS amount, toNullable(toDecimal128(1, 10)) AS share"))
		if err != nil {
			t.Fatal(err)
		}
		models = append(models, m)
	}
	text, n, err := ModelDashboard(models)
	if err != nil {
		t.Fatal(err)
	}
	if n < 13 {
		t.Errorf("%d charts", n)
	}
	for _, f := range dashboards.Lint(map[string][]byte{"models.json": text}) {
		t.Error(f)
	}
	ctx := context.Background()
	conn := open(t, "data: data\n").wh
	for _, m := range models {
		if m.Chart == nil {
			continue
		}
		var columns []string
		for _, c := range m.Columns {
			typ := "String"
			switch {
			case c.Unit == "date":
				typ = "Date32"
			case slices.Contains(m.Chart.Y, c.Name) || m.Chart.Type == "line" && c.Name == m.Chart.X:
				typ = "Nullable(Decimal(38, 10))"
			}
			columns = append(columns, "`"+c.Name+"` "+typ)
		}
		if err := conn.Exec(ctx, "CREATE TABLE "+m.Name+" ("+strings.Join(columns, ", ")+") ENGINE = Memory"); err != nil {
			t.Fatal(err)
		}
		if err := conn.Exec(ctx, "INSERT INTO "+m.Name+" (`"+m.Columns[0].Name+"`) VALUES (DEFAULT)"); err != nil {
			t.Fatal(err)
		}
	}
	var d dashboards.Dashboard
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	scope := dashboards.Scope{From: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		Variables: map[string]dashboards.Variable{"datasource": {Values: []string{"x"}}}}
	drawn := 0
	for _, p := range d.AllPanels() {
		for _, target := range p.Targets {
			query, err := dashboards.Expand(target.RawSQL, scope)
			if err == nil {
				err = conn.Exec(ctx, query)
			}
			if err != nil {
				t.Errorf("%s: %v\n%s", p.Title, err, query)
			}
			drawn++
		}
	}
	if drawn < n {
		t.Errorf("%d queries of %d charts", drawn, n)
	}
}

// drawn is the panel of a model's chart, and what its query shows of the rows.
func drawn(t *testing.T, a *App, name, columns, chart, rows string) (dashboards.Panel, []string) {
	t.Helper()
	m, err := sql.Parse(name+".sql", []byte("/* ---\ndescription: d\ntags: [mine]\ncolumns:\n"+columns+"chart: {"+chart+"}\n--- */\nSELECT 1"))
	if err != nil {
		t.Fatal(err)
	}
	text, _, err := ModelDashboard([]sql.Model{m})
	if err != nil {
		t.Fatal(err)
	}
	var d dashboards.Dashboard
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if err := a.wh.Exec(t.Context(), "CREATE TABLE "+name+" ENGINE = Memory AS "+rows); err != nil {
		t.Fatal(err)
	}
	return d.Panels[1], lines(t, a, d.Panels[1].Targets[0].RawSQL)
}

// setting is a property of a column in the panel's overrides; nil where it has none.
func setting(p dashboards.Panel, column, property string) (value any) {
	for _, o := range p.FieldConfig.Overrides {
		if o["matcher"].(map[string]any)["options"] != column {
			continue
		}
		for _, x := range o["properties"].([]any) {
			if x := x.(map[string]any); x["id"] == property {
				value = x["value"]
			}
		}
	}
	return value
}

// What a chart of a model says: bars of months beside one another and not of the
// days of the last quarter as well, names and stages by their value, buckets by
// their number and in their colours, and no unit but a column's own.
func TestChartsOfModelsReadAsTheirColumnsMean(t *testing.T) {
	a := open(t, "data: data\n")
	same := func(what string, got any, want any) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	const day, amount, bucket = "  - {name: as_of, description: d, unit: date}\n", "  - {name: open_rc, description: d, unit: reporting currency}\n", "  - {name: bucket, description: d}\n"
	p, rows := drawn(t, a, "by_day", day+bucket+amount, "type: stacked, x: as_of, y: [open_rc], series: bucket",
		"SELECT toDate32(arrayJoin(['2026-09-30', '2026-10-15', '2026-10-31', '2026-11-14'])) AS as_of, arrayJoin(['121-180', '31-60', 'not_due']) AS bucket, toDecimal64(toDayOfMonth(as_of), 4) AS open_rc")
	same("months, and the last day", rows, []string{"2026-09 not_due 30", "2026-09 31-60 30", "2026-09 121-180 30", "2026-10 not_due 31", "2026-10 31-60 31", "2026-10 121-180 31",
		"2026-11 not_due 14", "2026-11 31-60 14", "2026-11 121-180 14"})
	for _, b := range dashboards.Buckets() {
		code := map[string]string{"not_due": "not_due", "d31_60": "31-60", "d366_plus": "366+"}[b.Column]
		if code != "" {
			same("colour of "+code, setting(p, code, "color"), map[string]any{"mode": "fixed", "fixedColor": b.Colour})
		}
	}

	stage, customers := "  - {name: stage, description: d}\n", "  - {name: customers, description: d, unit: customers}\n"
	_, rows = drawn(t, a, "funnel", stage+customers, "type: bar, x: stage, y: [customers]",
		"SELECT stage, customers FROM values('stage String, customers UInt32', ('agreed', 3), ('overdue', 9), ('visited', 5), ('', 4))")
	same("stages by their size", rows, []string{"overdue 9", "visited 5", "– 4", "agreed 3"})

	level, rate := "  - {name: level, description: d}\n", "  - {name: rate, description: d, unit: fraction}\n"
	p, rows = drawn(t, a, "levels", level+rate, "type: bar, x: level, y: [rate]",
		"SELECT level, rate FROM values('level String, rate Float64', ('10', 0.5), ('2', 0.25), ('1', 0.75))")
	same("levels in their order", rows, []string{"1 0.75", "2 0.25", "10 0.5"})
	same("unit of the values", p.FieldConfig.Defaults["unit"], "percentunit")
	same("unit of the levels", setting(p, "level", "unit"), "string")

	days := "  - {name: days_raised, description: d, unit: days}\n"
	p, rows = drawn(t, a, "warned", "  - {name: customer_name, description: d}\n"+days+amount, "type: table, x: customer_name, y: [days_raised, open_rc]",
		"SELECT customer_name, days_raised, open_rc FROM values('customer_name String, days_raised UInt32, open_rc UInt32', ('A', 3, 100), ('B', 7, 10))")
	same("the largest first", rows, []string{"B 7 10", "A 3 100"})
	same("unit of days", setting(p, "days raised", "unit"), "suffix: d")
	same("unit of amounts", setting(p, "open rc", "unit"), "locale")

	const twice = "SELECT toDate32('2026-10-31') AS as_of, bucket, open_rc, rate FROM values('bucket String, open_rc UInt32, rate Nullable(Float64)', ('1-30', 3, 0.5), ('1-30', 4, 0.7), ('31-60', 9, 0.25), ('61-90', 2, NULL))"
	_, rows = drawn(t, a, "mixed", day+bucket+amount+rate, "type: bar, x: bucket, y: [open_rc, rate]", twice)
	same("amounts are added up, ratios are not", rows, []string{"1-30 7 <nil>", "31-60 9 0.25", "61-90 2 <nil>"})
	_, rows = drawn(t, a, "mixed_turned", day+bucket+amount+rate, "type: stat, x: as_of, y: [rate, open_rc]", twice)
	same("in whatever order", rows, []string{"<nil> 18"})
	_, rows = drawn(t, a, "mixed_cells", day+bucket+amount+rate, "type: heatmap, x: as_of, series: bucket, y: [open_rc, rate]", twice)
	same("cells of the first", rows, []string{"2026-10 1-30 7", "2026-10 31-60 9", "2026-10 61-90 2"})
	p, rows = drawn(t, a, "mixed_lines", day+bucket+amount+rate, "type: line, x: as_of, series: bucket, y: [open_rc, rate]", twice)
	same("lines of amounts", rows, []string{"2026-10-31 00:00:00 1-30, open 7", "2026-10-31 00:00:00 31-60, open 9", "2026-10-31 00:00:00 61-90, open 2"})
	same("lines of ratios are not added up", strings.Contains(p.Targets[1].RawSQL, "sum("), false)
}
