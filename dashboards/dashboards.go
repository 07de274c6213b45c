// Package dashboards holds the Grafana dashboards: their one definition in Go
// and SQL, from which a set is generated for each language, the provisioning
// files, the lint that guards them, and an expander of the ClickHouse plugin's
// macros, so that every query is compiled and run in tests.
//
// In: queries/*.sql and the texts of [Locales]. Out: classic dashboard JSON
// (schemaVersion 42) in en/ and zh/, embedded here. Never here: a connection to
// Grafana or to the warehouse.
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

// Files returns the generated dashboards (en/cfo.json, zh/cfo.json) and the
// provisioning files (provisioning/dashboards.yaml, provisioning/datasources.yaml).
func Files() fs.FS { return files }

// Generate renders every dashboard in every language, by path ("en/cfo.json").
func Generate() (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, l := range Locales() {
		for name, define := range definitions() {
			d, err := define(l)
			if err != nil {
				return nil, fmt.Errorf("dashboard %s in %s: %w", name, l.Lang, err)
			}
			text, err := json.MarshalIndent(d, "", "  ")
			if err != nil {
				return nil, fmt.Errorf("dashboard %s in %s: %w", name, l.Lang, err)
			}
			out[l.Lang+"/"+name+".json"] = append(text, '\n')
		}
	}
	return out, nil
}

// definitions are the dashboards by file name.
func definitions() map[string]func(Locale) (Dashboard, error) {
	return map[string]func(Locale) (Dashboard, error){"cfo": cfo}
}

// Untranslated lists the texts of the dashboards that the language lacks.
func Untranslated(l Locale) ([]string, error) {
	for name, define := range definitions() {
		if _, err := define(l); err != nil {
			return nil, fmt.Errorf("dashboard %s in %s: %w", name, l.Lang, err)
		}
	}
	return l.Missing(), nil
}
