package sql

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// Chart says how a generated dashboard draws a model.
type Chart struct {
	Type   string // bar, line, stacked, table, stat, heatmap
	Title  string
	X      string   // column of the axis
	Y      []string // columns of the values
	Series string   // column whose values are drawn as series of their own
	Unit   string   // unit of the values; empty = that of the first of Y
	// Where is a condition on the model's rows, in SQL; empty = all of them, or
	// those of the last as_of where the chart is not over days.
	Where string
	Line  int
}

var chartTypes = []string{"bar", "heatmap", "line", "stacked", "stat", "table"}

// columns are those that the chart names.
func (c Chart) columns() []string {
	out := append([]string{}, c.Y...)
	for _, s := range []string{c.X, c.Series} {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (r reader) chart(n *yaml.Node) (*Chart, error) {
	c := &Chart{Line: n.Line + r.offset}
	err := r.mapping(n, "chart", field{
		"type":  r.oneOf("the chart", chartTypes, func(s string) { c.Type = s }),
		"title": r.text(&c.Title), "x": r.text(&c.X), "y": r.list(&c.Y), "series": r.text(&c.Series), "unit": r.text(&c.Unit), "where": r.text(&c.Where),
	})
	switch {
	case err != nil:
		return nil, err
	case c.Type == "":
		return nil, r.fail(n, "add type: one of "+strings.Join(chartTypes, ", "), "the chart has no type")
	case c.Type != "table" && len(c.Y) == 0:
		return nil, r.fail(n, "add y: [column]", "the chart has no values")
	case c.X == "" && c.Type != "table" && c.Type != "stat":
		return nil, r.fail(n, "add x: column", "the chart has no axis")
	}
	return c, nil
}
