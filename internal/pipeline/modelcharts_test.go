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
