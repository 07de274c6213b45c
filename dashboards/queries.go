package dashboards

import (
	"embed"
	"fmt"
	"strings"
	"text/template"
)

//go:embed queries/*.sql
var queryFiles embed.FS

// queries renders the named queries of queries/*.sql for one language. In them
//
//	{{t "Overdue"}}        is the text in the language
//	{{m "overdue"}}        the measure in the chosen currency: overdue_rc or overdue
//	{{scale}}              divides an amount as the language shows it
//	{{short "x"}}          an amount as text with its magnitude
//	{{stat "percent"}}     the rest of a stat's query, over the CTE points (day, v)
//	{{range buckets}}      the aging buckets: {{.Column}}, {{.Title}}
type queries struct {
	templates *template.Template
}

// change is one half of a stat's label.
type change struct{ Change, Before, Unit, After string }

func newQueries(l Locale) (queries, error) {
	root := template.New("").Option("missingkey=error")
	units := map[string]string{"percent": l.T(" %"), "points": " " + l.T("pt"), "days": " " + l.T("d")}
	root.Funcs(template.FuncMap{
		"t":              l.T,
		"m":              measure,
		"scale":          l.scale,
		"short":          l.short,
		"month":          l.month,
		"day":            l.day,
		"moneyUnit":      l.moneyUnit,
		"buckets":        Buckets,
		"overdueBuckets": func() []Bucket { return Buckets()[1:] },
		"colour": func(role string) string {
			return map[string]string{"good": colourGood, "bad": colourBad, "history": colourHistory}[role]
		},
		"part": func(column, kind, word string) (string, error) {
			return execute(root, "part", l.change(column, units[kind], l.T(word)))
		},
		"stat": func(kind string) (string, error) { return execute(root, "stat", map[string]string{"Kind": kind}) },
	})
	_, err := root.ParseFS(queryFiles, "queries/*.sql")
	return queries{root}, err
}

// measure is a column in reporting currency or, where one document currency is
// chosen, in that.
func measure(column string) string {
	return fmt.Sprintf("if(${currency:sqlstring} = 'reporting', %[1]s_rc, %[1]s)", column)
}

func execute(root *template.Template, name string, data any) (string, error) {
	var b strings.Builder
	err := root.ExecuteTemplate(&b, name, data)
	return b.String(), err
}

// sql renders one query.
func (q queries) sql(name string) (string, error) {
	text, err := execute(q.templates, name, nil)
	return strings.TrimSpace(text), err
}
