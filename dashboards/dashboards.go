// Package dashboards holds the Grafana dashboards: their one definition in Go
// and SQL, from which a set is generated for each language, the provisioning
// files, the lint that guards them, and an expander of the ClickHouse plugin's
// macros, so that every query is compiled and run in tests.
//
// In: a page's Go file (cfo.go, sales.go …), its queries/<page>_*.sql and its
// words in locales/zh/<page>.yaml. Out: classic dashboard JSON (schemaVersion
// 42) in en/ and zh/, embedded here. Never here: a connection to Grafana or to
// the warehouse.
//
// After a change of a definition or a query: go generate ./dashboards
package dashboards

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
)

//go:generate go test -run TestFilesAreGenerated -args -update

//go:embed en/*.json zh/*.json provisioning/*.yaml
var files embed.FS

// Files returns the generated dashboards (en/cfo.json, zh/cfo.json …) and the
// provisioning files (provisioning/dashboards.yaml, provisioning/datasources.yaml).
func Files() fs.FS { return files }

// Options say what a set of dashboards is generated for. The zero value is what
// stands in en/ and zh/.
type Options struct {
	// Datasource is the uid of the ClickHouse data source in Grafana that a
	// dashboard opens with; default "huikuan".
	Datasource string
	// DocsBase is the address of docs/metrics.md, to which every panel's
	// description links. Without it the description names the file's section.
	DocsBase string
	// FiscalYearStart is the first month of the fiscal year, 1 to 12; default 1.
	FiscalYearStart int
}

func (o Options) withDefaults() (Options, error) {
	if o.Datasource == "" {
		o.Datasource = defaultDatasource
	}
	if o.DocsBase == "" {
		o.DocsBase = defaultDocsBase
	}
	if o.FiscalYearStart == 0 {
		o.FiscalYearStart = 1
	}
	if o.FiscalYearStart < 1 || o.FiscalYearStart > 12 {
		return o, fmt.Errorf("first month of the fiscal year: found %d, expected 1 to 12", o.FiscalYearStart)
	}
	return o, nil
}

const (
	defaultDatasource = "huikuan"
	defaultDocsBase   = "docs/metrics.md"
)

// Generate renders every dashboard in every language as it stands in the
// project, by path ("en/cfo.json").
func Generate() (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, l := range Locales() {
		set, err := GenerateFor(l, Options{})
		if err != nil {
			return nil, err
		}
		for name, text := range set {
			out[l.Lang+"/"+name] = text
		}
	}
	return out, nil
}

// GenerateFor renders every dashboard in one language, by file name ("cfo.json").
func GenerateFor(l Locale, o Options) (map[string][]byte, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, d := range definitions() {
		drawn, err := d.draw(l, o)
		if err != nil {
			return nil, fmt.Errorf("dashboard %s in %s: %w", d.name, l.Lang, err)
		}
		text, err := json.MarshalIndent(drawn, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("dashboard %s in %s: %w", d.name, l.Lang, err)
		}
		out[d.name+".json"] = append(text, '\n')
	}
	return out, nil
}

// Untranslated lists the texts of the dashboards that the language lacks.
func Untranslated(l Locale) ([]string, error) {
	if _, err := GenerateFor(l, Options{}); err != nil {
		return nil, err
	}
	return l.Missing(), nil
}
