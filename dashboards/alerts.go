package dashboards

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

// AlertOptions say what a set of alert rules is generated for. The zero value is
// what stands in en/alerting.yaml and zh/alerting.yaml.
type AlertOptions struct {
	Options
	// Thresholds are values by name, where they differ from the defaults of
	// [AlertThresholds].
	Thresholds map[string]string
}

// AlertThreshold is a number that decides when an alert fires.
type AlertThreshold struct {
	Name, Default, Unit, Description string
	// Model: the SQL models have a variable of this name, with the same default
	// and meaning, so that alert and figures agree.
	Model bool
}

// AlertThresholds lists them. Those of models are set under models.vars of the
// configuration, the others under alerts.
func AlertThresholds() []AlertThreshold {
	return []AlertThreshold{
		{Name: "dso_target", Default: "60", Unit: "days", Description: "DSO over 90 days of a company above which it is reported"},
		{Name: "overdue_rise", Default: "3", Unit: "percentage points", Description: "rise of the overdue share since the last month-end above which it is reported"},
		{Name: "stale_hours", Default: "26", Unit: "hours", Description: "age of the last good read of a stream, or of the last build, above which figures count as stale"},
		{Name: "warning_broken_promises", Default: "2", Unit: "promises", Model: true, Description: "broken promises in the window that are reported"},
		{Name: "warning_window_days", Default: "90", Unit: "days", Model: true, Description: "days that broken promises are counted over"},
		{Name: "warning_concentration", Default: "0.1", Unit: "fraction", Model: true, Description: "share of all receivables above which a customer group is reported"},
		{Name: "tie_out_tolerance", Default: "0", Unit: "currency", Model: true, Description: "largest difference between subledger and general ledger that counts as tied"},
	}
}

// thresholds are the values in force.
func (o AlertOptions) thresholds() (map[string]string, error) {
	out := map[string]string{}
	for _, t := range AlertThresholds() {
		out[t.Name] = t.Default
	}
	for name, value := range o.Thresholds {
		if _, ok := out[name]; !ok {
			return nil, fmt.Errorf("alerts: there is no threshold %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(out)), ", "))
		}
		if f, err := strconv.ParseFloat(value, 64); err != nil || f < 0 {
			return nil, fmt.Errorf("alerts: threshold %s: found %q, expected a number, 0 or more", name, value)
		}
		out[name] = value
	}
	return out, nil
}

//go:embed alerts/queries.sql
var alertQueries string

// alerts renders the rules of one language.
type alerts struct {
	locale     Locale
	options    AlertOptions
	thresholds map[string]string
	queries    *template.Template
	pages      map[string][]Panel // in English, by name of their definition; ids are the same in all languages
}

func newAlerts(l Locale, o AlertOptions) (*alerts, error) {
	base, err := o.Options.withDefaults()
	if err != nil {
		return nil, err
	}
	o.Options = base
	a := &alerts{locale: l, options: o, pages: map[string][]Panel{}}
	if a.thresholds, err = o.thresholds(); err != nil {
		return nil, err
	}
	for _, d := range definitions() {
		drawn, err := d.draw(Locale{Lang: "en"}, o.Options)
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", d.name, err)
		}
		a.pages[d.name] = drawn.AllPanels()
	}
	a.queries, err = template.New("").Option("missingkey=error").Funcs(template.FuncMap{
		"scale":           l.scale,
		"owner":           func(id, name string) map[string]string { return map[string]string{"ID": id, "Name": name} },
		"testWords":       func(name string) (string, error) { return testWords(l, name) },
		"overdueOfBroken": func() string { return "toFloat64(any(o.overdue_rc))" + l.scale() },
		"v": func(name string) (string, error) {
			value, ok := a.thresholds[name]
			if !ok {
				return "", fmt.Errorf("there is no threshold %s", name)
			}
			return value, nil
		},
	}).Parse(alertQueries)
	return a, err
}

func (a *alerts) sql(name string) (string, error) {
	var b strings.Builder
	err := a.queries.ExecuteTemplate(&b, name, nil)
	return strings.TrimSpace(b.String()), err
}

// uid is that of a page in the language of the rules.
func (a *alerts) uid(page string) (string, error) {
	d, ok := find(page)
	if !ok {
		return "", fmt.Errorf("there is no dashboard %q", page)
	}
	return d.uid(a.locale), nil
}

// panel finds a panel of a page by the beginning of its English title.
func (a *alerts) panel(page, title string) (id int, err error) {
	for _, p := range a.pages[page] {
		if title != "" && strings.HasPrefix(p.Title, title) {
			return p.ID, nil
		}
	}
	return 0, fmt.Errorf("the dashboard %s has no panel %q", page, title)
}
