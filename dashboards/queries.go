package dashboards

import (
	"embed"
	"fmt"
	"strings"
	"text/template"
)

//go:embed queries/*.sql
var queryFiles embed.FS

// queries renders the named queries of queries/*.sql for one page in one
// language. In them
//
//	{{t "Overdue"}}        is the text in the language
//	{{where "s" "company" "segment"}}  the filters of a table, see page.where
//	{{only "company"}}     true where the page's other filters stand at All
//	{{m "cash"}}           an amount as booked, in the chosen currency: cash_rc or cash
//	{{v "net_ar"}}         an amount of ar_snapshots s in the chosen valuation, before FROM {{template "snapshots"}} or "portfolio", with the same alias
//	{{open}}, {{overdue}}  the same, without what is disputed where that is left out
//	{{segment "x"}}        the name of a segment, (none) and the usual codes in words
//	{{scale}}              divides an amount as the language shows it
//	{{short "x"}}          an amount as text with its magnitude
//	{{count "x"}}          a whole number as text
//	{{say "{} above" "x"}} a text with the SQL expression x in the place of {}
//	{{stat "percent"}}     the rest of a stat's query, over the CTE points (day, v)
//	{{header "x" "y"}}     the headline: a sentence and more words of the strip, SQL expressions
//	{{range buckets}}      the aging buckets: {{.Column}}, {{.Title}}
type queries struct {
	templates *template.Template
}

// change is a change since another day and the words around it.
type change struct{ Change, Before, Unit, After string }

func newQueries(p *page) (queries, error) {
	l := p.locale
	root := template.New("").Option("missingkey=error")
	units := map[string]string{"percent": l.T(" %"), "points": " " + l.T("pt"), "days": " " + l.T("d")}
	root.Funcs(template.FuncMap{
		"t":              l.T,
		"lang":           func() string { return l.Lang },
		"q":              func(english string) string { return "'" + strings.ReplaceAll(l.T(english), "'", "''") + "'" },
		"where":          p.where,
		"only":           p.only,
		"m":              measure,
		"v":              p.valued,
		"snapshots":      p.snapshots,
		"portfolio":      p.portfolio,
		"movements":      movements,
		"forecasts":      forecasts,
		"open":           func() string { return p.undisputed("open_amount", "disputed") },
		"overdue":        func() string { return p.undisputed("overdue", "disputed_overdue") },
		"scale":          l.scale,
		"say":            l.say,
		"segment":        l.segment,
		"millions":       l.millions,
		"list":           func(words ...string) []string { return words },
		"add":            func(a, b int) int { return a + b },
		"months":         oneTo,
		"short":          l.short,
		"count":          count,
		"month":          l.month,
		"day":            l.day,
		"moneyUnit":      l.moneyUnit,
		"moneyIn":        l.moneyIn,
		"converted":      func() string { return converted },
		"buckets":        Buckets,
		"overdueBuckets": func() []Bucket { return Buckets()[1:] },
		"colour": func(role string) (string, error) {
			c, ok := map[string]string{"good": colourGood, "bad": colourBad, "history": colourHistory, "warn": colourWarn}[role]
			if !ok {
				return "", fmt.Errorf("the colour %q is not known", role)
			}
			return c, nil
		},
		"part": func(column, kind, word string) (string, error) {
			return execute(root, "part", l.change(column, units[kind], l.T(word)))
		},
		"stat": func(kind string) (string, error) {
			since := func(column, word string) change {
				difference := "now_v - " + column
				if kind == "percent" {
					difference = "100 * (" + difference + ") / nullIf(abs(" + column + "), 0)"
				}
				return l.change(difference, units[kind], l.T(word))
			}
			return execute(root, "stat", map[string]any{"Changes": []change{since("month_v", "month"), since("year_v", "year")}})
		},
		"header": func(sentence, strip string) (string, error) {
			return execute(root, "header", map[string]any{"Sentence": sentence, "Strip": strip, "Days": p.has(asOf), "Proof": p.leads("pipeline", "control accounts")})
		},
	})
	_, err := root.ParseFS(queryFiles, "queries/*.sql")
	return queries{root}, err
}

// oneTo are the numbers from 1 to n.
func oneTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i + 1
	}
	return out
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
