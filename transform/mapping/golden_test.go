package mapping

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "rewrite the .want files of testdata")

// golden is one file of testdata: a mapping, and a page to put through it.
type golden struct {
	About    string                       `yaml:"about"`
	Stream   string                       `yaml:"stream"`
	Emit     yaml.Node                    `yaml:"emit"`
	Zone     string                       `yaml:"zone"`
	Company  string                       `yaml:"company"`
	Formats  []string                     `yaml:"formats"`
	Decimal  string                       `yaml:"decimal"`
	Records  string                       `yaml:"records"`
	Columns  []string                     `yaml:"columns"`
	Lookups  map[string]map[string]string `yaml:"lookups"`
	First    int64                        `yaml:"first"`
	PageText string                       `yaml:"page"`
}

// TestPagesBecomeTheExpectedRows puts each page of testdata through its mapping
// and compares rows, rejects and errors with the .want file beside it.
func TestPagesBecomeTheExpectedRows(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			got := runGolden(t, file)
			wantFile := strings.TrimSuffix(file, ".yaml") + ".want"
			if *update {
				if err := os.WriteFile(wantFile, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(wantFile)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("rows differ; got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func runGolden(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := yaml.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	o := Options{Source: "src", DefaultCompany: g.Company, DateFormats: g.Formats, Decimal: g.Decimal}
	if g.Zone != "" {
		o.Location = mustZone(t, g.Zone)
	}
	m, err := Compile(g.Stream, &g.Emit, checked(t, o))
	if err != nil {
		return "compile error:\n" + err.Error() + "\n"
	}
	in := Input{Body: []byte(g.PageText), Records: g.Records, Columns: g.Columns, Lookups: g.Lookups, First: g.First}
	first := mapText(t, m, in)
	if again := mapText(t, m, in); again != first {
		t.Errorf("the second page of the same text differs:\n%s", again)
	}
	return first
}
