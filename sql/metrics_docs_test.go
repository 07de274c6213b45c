package sql_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huikuan/sql"
	"huikuan/transform/canonical"
	"huikuan/transform/metrics"
)

const metricHeader = "| metric | formula | where | unit | example |"

// docs/metrics.md is where a reader looks up a figure: every table that a build
// writes and every model is in it, and what is in it exists.
func TestEveryTableAndModelStandsInTheDocumentOfMetrics(t *testing.T) {
	data, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	models, err := sql.Models()
	if err != nil {
		t.Fatal(err)
	}
	var written []string
	for _, table := range slices.Concat(metrics.Tables(), metrics.Kept()) {
		written = append(written, table.Name)
	}
	for _, m := range models {
		written = append(written, m.Name)
	}
	for _, name := range written {
		if !regexp.MustCompile("`" + name + "[`.]").MatchString(text) {
			t.Errorf("docs/metrics.md does not name %s", name)
		}
	}
	known := slices.Clone(written)
	for _, table := range canonical.Streams() {
		known = append(known, table.Name)
	}
	checkMetricTables(t, text)
	checkWindowsAreNamed(t, text, models)
	checkAskedFor(t, text, known)
}

// checkMetricTables asks for a formula, a place, a unit and an example in every
// row, and for a row of every metric of the specification.
func checkMetricTables(t *testing.T, text string) {
	inside := false
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "| metric |") {
			if inside = line == metricHeader; !inside {
				t.Errorf("the header %q should be %q", line, metricHeader)
			}
			continue
		}
		if inside = inside && strings.HasPrefix(line, "|"); !inside || strings.HasPrefix(line, "|---") {
			continue
		}
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "/"), "|")
		if len(cells) != 7 {
			t.Errorf("%d cells, want 5: %s", len(cells)-2, line)
			continue
		}
		for i, what := range []string{"metric", "formula", "where", "unit", "example"} {
			if strings.TrimSpace(cells[1+i]) == "" {
				t.Errorf("no %s: %s", what, line)
			}
		}
	}
}

// checkWindowsAreNamed: a formula whose days or months are a setting names the
// setting, not the default that stands today.
func checkWindowsAreNamed(t *testing.T, text string, models []sql.Model) {
	catalogue, err := sql.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(text, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 7 {
			continue
		}
		for _, m := range models {
			if !regexp.MustCompile("`" + m.Name + "[`.]").MatchString(cells[3]) {
				continue
			}
			query, err := os.ReadFile("models/" + m.Name + ".sql")
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range catalogue {
				if strings.Contains(string(query), "var('"+d.Name+"')") && regexp.MustCompile(`\b`+d.Default.Text+" "+d.Unit+`\b`).MatchString(cells[2]) && d.Default.Text != "" && d.Unit != "" && !strings.Contains(cells[2], "`"+d.Name+"`") {
					t.Errorf("%q is no longer true once %s is set; name the setting", strings.TrimSpace(cells[2]), d.Name)
				}
			}
		}
	}
}

// checkAskedFor: the twenty things that a collection office asks for all have a
// place that exists.
func checkAskedFor(t *testing.T, text string, known []string) {
	_, section, _ := strings.Cut(text, "\n## What a collection office asks for\n")
	section, _, _ = strings.Cut(section, "\n## ")
	points := 0
	for _, line := range strings.Split(section, "\n") {
		if !regexp.MustCompile(`^\| [0-9]+ `).MatchString(line) {
			continue
		}
		points++
		places := regexp.MustCompile("`([a-z0-9_]+)`").FindAllStringSubmatch(line, -1)
		if len(places) == 0 {
			t.Errorf("nothing answers: %s", line)
		}
		for _, p := range places {
			if !slices.Contains(known, p[1]) {
				t.Errorf("%s is neither a table nor a model: %s", p[1], line)
			}
		}
	}
	if points != 20 {
		t.Errorf("%d points are listed, want 20", points)
	}
}
