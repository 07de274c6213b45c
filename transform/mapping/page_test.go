package mapping

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

const page = "../../docs/connectors/mapping.md"

var (
	functionsOfPage = regexp.MustCompile(`(?s)(<!-- functions: [^\n]*-->\n).*(<!-- end of functions -->)`)
	blockOfPage     = regexp.MustCompile("(?s)```(yaml|json|text)\n(.*?)```")
)

// TestThePageOfTheMappingIsTrue compiles every YAML block of the page, puts the
// record below it through the mapping, and compares the rows below that.
func TestThePageOfTheMappingIsTrue(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	want := functionsOfPage.ReplaceAllString(string(text), "${1}"+strings.ReplaceAll(FunctionsMarkdown(), "$", "$$")+"${2}")
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(text) {
		t.Errorf("the functions on %s are out of date; run go test ./transform/mapping -run Page -update", page)
	}
	var m *Mapper
	rows, compiled, shown := "", 0, 0
	for _, block := range blockOfPage.FindAllStringSubmatch(string(text), -1) {
		switch block[1] {
		case "yaml":
			if m, err = Compile("documents", parseYAML(t, block[2]), checked(t, Options{Source: "x"})); err != nil {
				t.Errorf("%v\n%s", err, block[2])
				m = nil
			}
			compiled++
		case "json":
			if m != nil {
				_, rows, _ = strings.Cut(mapText(t, m, Input{Body: []byte("[" + block[2] + "]"), Lookups: map[string]map[string]string{"customer_of": {"5": "C5"}}}), "\n")
			}
		case "text":
			if rows != block[2] {
				t.Errorf("the page shows\n%s\nthe mapping gives\n%s", block[2], rows)
			}
			shown++
		}
	}
	if compiled < 6 || shown < 3 {
		t.Errorf("the page has %d mappings and %d results", compiled, shown)
	}
}
