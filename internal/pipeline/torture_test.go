package pipeline

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

var updateTorture = flag.Bool("update-torture", false, "write docs/aging-torture-set.md")

// torture is testdata/torture.yaml.
type torture struct {
	AsOf    string                         `yaml:"as_of"`
	Headers map[string]string              `yaml:"headers"`
	Common  map[string][]string            `yaml:"common"`
	Cases   []tortureCase                  `yaml:"cases"`
	files   map[string]map[string][]string // source → stream → lines
}

type tortureCase struct {
	Name     string              `yaml:"name"`
	Reported []string            `yaml:"reported"`
	Wrong    string              `yaml:"wrong"`
	Right    string              `yaml:"right"`
	Rows     map[string][]string `yaml:"rows"`
	Other    map[string][]string `yaml:"other"`
	Checks   []struct {
		Select string   `yaml:"select"`
		Gives  []string `yaml:"gives"`
	} `yaml:"checks"`
}

func readTorture(t *testing.T) *torture {
	t.Helper()
	text, err := os.ReadFile("testdata/torture.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var set torture
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&set); err != nil {
		t.Fatal(err)
	}
	set.files = map[string]map[string][]string{"ledger": {}, "other": {}}
	add := func(source string, rows map[string][]string) {
		for stream, lines := range rows {
			set.files[source][stream] = append(set.files[source][stream], lines...)
		}
	}
	add("ledger", set.Common)
	for _, c := range set.Cases {
		add("ledger", c.Rows)
		add("other", c.Other)
	}
	return &set
}

// write makes a folder of canonical CSV files for each source.
func (s *torture) write(t *testing.T, dir string) {
	t.Helper()
	for source, streams := range s.files {
		if err := os.Mkdir(filepath.Join(dir, source), 0o700); err != nil {
			t.Fatal(err)
		}
		for stream, lines := range streams {
			header := s.Headers[stream]
			for _, line := range lines {
				if header == "" || strings.Count(line, ",") != strings.Count(header, ",") {
					t.Fatalf("%s: the line %q does not fit the header %q", stream, line, header)
				}
			}
			text := header + "\n" + strings.Join(lines, "\n") + "\n"
			if err := os.WriteFile(filepath.Join(dir, source, stream+".csv"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// What users of other tools have reported as wrong about aging, right here.
func TestTheAgingTortureSet(t *testing.T) {
	set := readTorture(t)
	dir := t.TempDir()
	set.write(t, dir)
	a := open(t, fmt.Sprintf("data: data\nsources:\n  - {name: ledger, connector: files, settings: {path: %q}}\n  - {name: other, connector: files, settings: {path: %q}}\n",
		filepath.Join(dir, "ledger"), filepath.Join(dir, "other")))
	asOf, err := time.Parse(time.DateOnly, set.AsOf)
	if err != nil {
		t.Fatal(err)
	}
	if r := synced(t, a, SyncOptions{}); r.Rejected() != 0 {
		t.Fatalf("%d records rejected", r.Rejected())
	}
	if _, err := a.Build(t.Context(), BuildOptions{AsOf: asOf, Select: ModelSelection{Models: []string{"+top_exposures"}}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range set.Cases {
		t.Run(c.Name, func(t *testing.T) {
			if len(c.Checks) == 0 {
				t.Fatal("the case checks nothing")
			}
			for _, check := range c.Checks {
				if got := lines(t, a, check.Select); !slices.Equal(got, check.Gives) {
					t.Errorf("%s\n gives %q\n  want %q", check.Select, got, check.Gives)
				}
			}
		})
	}
}

func TestThePageOfTheTortureSetIsWrittenFromIt(t *testing.T) {
	const path = "../../docs/aging-torture-set.md"
	want := readTorture(t).markdown()
	if *updateTorture {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s is not up to date (%v): go test ./internal/pipeline -run TortureSet -update-torture", path, err)
	}
}

func (s *torture) markdown() string {
	var b strings.Builder
	b.WriteString("# The aging torture set\n\nWhat users of other tools have reported as wrong about aging reports, with the right answer. All cases stand in one small ledger\n" +
		"(`internal/pipeline/testdata/torture.yaml`, from which this page is written) that `make test` loads, replays and checks on every run, as of " + s.AsOf + ".\n\n" +
		"| case | seen elsewhere | here | reported |\n|---|---|---|---|\n")
	for _, c := range s.Cases {
		var links []string
		for _, url := range c.Reported {
			parts := strings.Split(strings.TrimPrefix(url, "https://github.com/"), "/")
			links = append(links, fmt.Sprintf("[%s/%s#%s](%s)", parts[0], parts[1], parts[3], url))
		}
		if len(links) == 0 {
			links = []string{"worked by hand"}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", c.Name, c.Wrong, c.Right, strings.Join(links, ", "))
	}
	return b.String()
}
