package dashboards

import "slices"

// definition is one dashboard: how it is called, what can be chosen on it, what
// it shows.
type definition struct {
	name        string // file name, end of the uid, prefix of its queries
	tab         string // English, on the buttons that lead here; at most two words
	title       string // English
	description string // English
	tag         string // whom it is for
	variables   []variable
	panels      func(*page)
}

// definitions lists the dashboards in the order of the buttons between them.
// Each has a file of its own.
func definitions() []definition {
	return []definition{cfo(), sales(), today(), rep(), customer(), invoices(), pipeline()}
}

// find returns the definition of a dashboard of the set.
func find(name string) (definition, bool) {
	all := definitions()
	i := slices.IndexFunc(all, func(d definition) bool { return d.name == name })
	if i < 0 {
		return definition{}, false
	}
	return all[i], true
}

// uid is the identifier that links use; it never changes.
func (d definition) uid(l Locale) string {
	if l.Lang == "en" {
		return "huikuan-" + d.name
	}
	return "huikuan-" + d.name + "-" + l.Lang
}

func (d definition) draw(l Locale, o Options) (Dashboard, error) {
	p, err := newPage(d, l, o)
	if err != nil {
		return Dashboard{}, err
	}
	p.header()
	d.panels(p)
	return Dashboard{
		UID: d.uid(l), Title: p.t(d.title), Description: p.t(d.description),
		Tags: []string{"huikuan", d.tag}, SchemaVersion: schemaVersion, Version: 1, Editable: false,
		Timezone: "utc", FiscalYearStartMonth: o.FiscalYearStart - 1, GraphTooltip: 1, Time: object{"from": "now-24M", "to": "now+20d"},
		Timepicker: object{"hidden": true}, Links: p.tabs(), Annotations: object{"list": []any{}},
		Templating: templating{List: p.templating()}, Panels: p.panels,
	}, p.err
}
