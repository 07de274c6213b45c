// Package report writes the receivables pack of a month for those without
// Grafana: one self-contained HTML file that prints well to A4, and an Excel
// workbook with live numbers. Its figures come from the tables and models of
// the warehouse, through the queries of this package; nothing is computed here
// but differences, sums and shares of what they return.
package report

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"
	"text/template"
	"time"
)

// Row is one row of an answer by column name: texts, numbers, decimals as
// text, days as YYYY-MM-DD, nil for NULL.
type Row = map[string]any

// Ask runs one statement on the warehouse.
type Ask func(ctx context.Context, stmt string) ([]Row, error)

// Options choose what the pack is about.
type Options struct {
	Lang    string    // en or zh
	Month   time.Time // any day of the month; zero: the last month that is over, or the only one there is
	Company string    // empty: all companies
	Top     int       // customers in the lists of the HTML file; 0: 10
	Now     time.Time // when the pack is made
	Version string    // of the program
}

// ErrNothing says that the warehouse holds no receivables to report on.
var ErrNothing = errors.New("there are no receivables to report on yet: `huikuan sync` and `huikuan build` fill the warehouse")

//go:embed queries/*.sql
var queryFiles embed.FS

// asker renders the queries for one choice and runs them.
type asker struct {
	ask       Ask
	templates *template.Template
}

func newAsker(ask Ask, asOf time.Time, o Options) (*asker, error) {
	company, scope := "1 = 1", "scope = 'group'"
	if o.Company != "" {
		company, scope = "company = "+literal(o.Company), "scope = 'company' AND scope_id = "+literal(o.Company)
	}
	t := template.New("").Option("missingkey=error").Funcs(template.FuncMap{
		"day":     func() string { return day(asOf) },
		"month":   func() string { return day(firstOf(asOf)) },
		"company": func() string { return company },
		"scope":   func() string { return scope },
		"compared": func() string {
			return day(asOf) + ", " + day(monthsBefore(asOf, 1)) + ", " + day(monthsBefore(asOf, 12))
		},
		"top": func() int { return o.Top },
	})
	t, err := t.ParseFS(queryFiles, "queries/*.sql")
	return &asker{ask, t}, err
}

// rows runs a named query.
func (a *asker) rows(ctx context.Context, name string) ([]Row, error) {
	var b strings.Builder
	if err := a.templates.ExecuteTemplate(&b, name, nil); err != nil {
		return nil, fmt.Errorf("report query %s: %w", name, err)
	}
	rows, err := a.ask(ctx, strings.TrimSpace(b.String()))
	if err != nil {
		return nil, fmt.Errorf("report query %s: %w", name, err)
	}
	return rows, nil
}

// literal is a text as SQL.
func literal(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// day is a day as SQL.
func day(t time.Time) string { return "toDate32('" + t.Format(time.DateOnly) + "')" }

func firstOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

func lastOf(t time.Time) time.Time { return firstOf(t).AddDate(0, 1, -1) }

// monthsBefore is the end of the month n months before t's.
func monthsBefore(t time.Time, n int) time.Time { return firstOf(t).AddDate(0, 1-n, -1) }
