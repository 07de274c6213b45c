package connectors

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"huikuan/extract"
)

func TestShippedConnectorsAndTheSkeletonHaveNoMistakes(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, name := range extract.ShippedNames() {
		paths = append(paths, filepath.Join(here, "../../extract/connectors", name+".yaml"))
	}
	t.Chdir(t.TempDir())
	own, err := New("our_erp")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(paths, own) {
		mistakes, err := Lint(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mistakes {
			t.Error(m)
		}
	}
	if _, err := New("our_erp"); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("a connector is overwritten: %v", err)
	}
}

func TestMistakesOfTheFileAndOfItsMappingsHaveTheirLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "own.yaml")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ name, text, want string }{
		{"a key", "name: own\nhttp:\n  base: https://x.example\n  timout: 1m\n", `own.yaml:4: http has no key "timout"; did you mean timeout?`},
		{"a setting nobody declared", "name: own\nhttp:\n  base: \"{{ .settings.ur }}\"\nsettings:\n  url: {type: url, help: where}\n", `own.yaml:3: there is no setting "ur"; did you mean url?`},
		{"a column", "name: own\nhttp: {base: https://x.example}\nstreams:\n  - name: customers\n    request: {path: /c}\n    emit:\n      - to: customers\n        fields:\n          customer_idd: id\n", `own.yaml:9: stream customers: customers has no column "customer_idd" to map to; did you mean "customer_id"?`},
		{"a mapping that is switched off by default", "name: own\nhttp: {base: https://x.example}\nsettings:\n  calls: {type: boolean, help: calls}\nstreams:\n  - name: visits\n    only_if: \"{{ .settings.calls }}\"\n    request: {path: /c}\n    emit:\n      - to: visit\n        fields: {visit_id: id}\n", `own.yaml:10: stream visits: there is no stream "visit" to map to`},
		{"no YAML", "name: [own\n", "own.yaml: not readable as YAML"},
	} {
		t.Run(c.name, func(t *testing.T) {
			write(c.text)
			mistakes, err := Lint(path)
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, m := range mistakes {
				all = append(all, m.String())
			}
			if got := strings.Join(all, "\n"); !strings.Contains(got, c.want) {
				t.Errorf("found\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
