package pipeline

import (
	"strings"

	"huikuan/dashboards"
	"huikuan/sql"
)

// ModelDashboard draws the charts that the models ask for in their headers, as a
// Grafana dashboard, and says how many there are. Models of one first tag stand
// together.
func ModelDashboard(models []sql.Model) ([]byte, int, error) {
	charts := modelCharts(models)
	text, err := dashboards.Models(charts)
	return text, len(charts), err
}

func modelCharts(models []sql.Model) []dashboards.ModelChart {
	byGroup := map[string][]dashboards.ModelChart{}
	var groups []string
	for _, m := range models {
		if m.Chart == nil {
			continue
		}
		c := modelChart(m)
		if byGroup[c.Group] == nil {
			groups = append(groups, c.Group)
		}
		byGroup[c.Group] = append(byGroup[c.Group], c)
	}
	var out []dashboards.ModelChart
	for _, g := range groups {
		out = append(out, byGroup[g]...)
	}
	return out
}

func modelChart(m sql.Model) dashboards.ModelChart {
	units := map[string]string{}
	for _, c := range m.Columns {
		units[c.Name] = c.Unit
	}
	c := dashboards.ModelChart{Model: m.Name, Title: m.Chart.Title, Description: m.Description, Group: "models", Type: m.Chart.Type,
		X: m.Chart.X, XIsDate: units[m.Chart.X] == "date", Series: m.Chart.Series, Y: m.Chart.Y, Unit: m.Chart.Unit, Units: units, Where: m.Chart.Where}
	if len(m.Tags) > 0 {
		c.Group = m.Tags[0]
	}
	if c.Title == "" {
		c.Title = strings.ReplaceAll(m.Name, "_", " ")
	}
	if len(c.Y) == 0 && c.X == "" && c.Series == "" { // a table of everything
		for _, column := range m.Columns {
			c.Y = append(c.Y, column.Name)
		}
	}
	if c.Unit == "" && len(c.Y) > 0 {
		c.Unit = units[c.Y[0]]
	}
	if c.Type != "table" {
		c.Additive = map[string]bool{}
		for _, y := range c.Y {
			unit := units[y]
			c.Additive[y] = strings.Contains(unit, "currency") || unit == "count" || unit == "items"
		}
	}
	// Without a condition of its own, a chart that is not over days shows the last one.
	if _, ok := units["as_of"]; ok && c.Where == "" && c.X != "as_of" && c.Series != "as_of" && !c.XIsDate {
		c.Where = "as_of = (SELECT max(as_of) FROM `" + m.Name + "`)"
	}
	return c
}
