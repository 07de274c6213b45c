package dashboards_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"huikuan/dashboards"
)

var update = flag.Bool("update", false, "write the generated dashboards")

func TestFilesAreGenerated(t *testing.T) {
	for path, want := range generated(t) {
		if *update {
			if err := os.WriteFile(filepath.FromSlash(path), want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		have, err := fs.ReadFile(dashboards.Files(), path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, want) {
			t.Errorf("%s is not what the definition says; run: go generate ./dashboards", path)
		}
	}
}

// The headings to which panels link stand in docs/metrics.md.
func TestPanelsLinkToHeadingsThatExist(t *testing.T) {
	text, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	anchors := map[string]bool{}
	for _, line := range strings.Split(string(text), "\n") {
		if title, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			anchors[anchor(title)] = true
		}
	}
	links := regexp.MustCompile("docs/metrics\\.md#([^`\"]+)`")
	found := 0
	for path, text := range generated(t) {
		for _, m := range links.FindAllStringSubmatch(string(text), -1) {
			found++
			if !anchors[m[1]] {
				t.Errorf("%s links to docs/metrics.md#%s, which is no heading", path, m[1])
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d links were found", found)
	}
}

// anchor is what GitHub makes of a heading.
func anchor(title string) string {
	title = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(title), "")
	return strings.ReplaceAll(title, " ", "-")
}

func TestDashboardsKeepTheHouseRules(t *testing.T) {
	for _, f := range dashboards.Lint(generated(t)) {
		t.Error(f)
	}
}

// While a customer is chosen the table of the whole book stands behind --: a value
// with a line break in it would go on as SQL.
func TestNoVariableStandsInACommentThatEndsWithTheLine(t *testing.T) {
	behind := regexp.MustCompile(`--, \$\w+\) \*/ .*?\\n`)
	found := 0
	for path, text := range generated(t) {
		for _, line := range behind.FindAllString(string(text), -1) {
			found++
			if strings.Contains(line, "${") {
				t.Errorf("%s: a variable stands in the comment %s", path, line)
			}
		}
	}
	if found == 0 {
		t.Error("no such comment: the pattern does not find what it is for")
	}
}

func TestEveryTextHasATranslation(t *testing.T) {
	for _, l := range dashboards.Locales() {
		missing, err := dashboards.Untranslated(l)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range missing {
			t.Errorf("%s lacks: %q", l.Lang, text)
		}
	}
}

func TestLintFindsWhatItIsFor(t *testing.T) {
	good := generated(t)["en/cfo.json"]
	for name, c := range map[string]struct{ old, new, want string }{
		"editable":          {`"editable": false`, `"editable": true`, "is editable"},
		"title":             {`"title": "Do the books balance?"`, `"title": ""`, "has no title"},
		"unit":              {`"unit": "percent"`, `"union": "percent"`, "has no unit"},
		"empty state":       {`"noValue"`, `"noVal"`, "has no noValue"},
		"data source":       {`"uid": "${datasource}"`, `"uid": "abc"`, "does not use the variable datasource"},
		"overlap":           {`"y": 15`, `"y": 14`, "overlaps"},
		"bucket colour":     {`"fixedColor": "#F7DC85"`, `"fixedColor": "#00FF00"`, `the bucket 1–30 has the colour "#00FF00", not #F7DC85`},
		"unknown variable":  {`${segment:sqlstring}`, `${segmnt:sqlstring}`, "uses the variable ${segmnt:sqlstring}, which the dashboard does not have"},
		"unescaped":         {`${company:sqlstring}`, `${company:raw}`, "without the format sqlstring"},
		"title's variable":  {`${top10:raw}`, `${top11:raw}`, "shows the variable ${top11:raw}"},
		"plugin version":    {`"pluginVersion": "12.4.0"`, `"pluginVersion": ""`, "has no pluginVersion"},
		"schema":            {`"schemaVersion": 42`, `"schemaVersion": 36`, "has schemaVersion 36, not 42"},
		"all columns":       {`toDateTime(day, 'UTC') AS time,`, `(SELECT * FROM ar_events),`, "reads SELECT * from ar_events"},
		"docs":              {`docs/metrics.md#balance-and-aging`, `docs/metrics.md#no-such`, "does not end in a link to its metric"},
		"dead link":         {`/d/huikuan-customer?`, `/d/huikuan-customr?`, "which is no dashboard of the set"},
		"link's variable":   {`?var-customer=`, `?var-custmer=`, "sets the variable custmer, which the dashboard huikuan-customer does not have"},
		"colour":            {`"#4C8BD0"`, `"#00FF00"`, "which is not of the palette"},
		"average":           {`toFloat64(any(dso_90))`, `toFloat64(avg(dso_90))`, "averages: divide the sum"},
		"format of a query": {`"format": 0`, `"format": 1`, "a format that fits its queryType"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.ReplaceAll(string(good), c.old, c.new)
			if bad == string(good) {
				t.Fatalf("the dashboard has no %s", c.old)
			}
			var found []string
			for _, f := range dashboards.Lint(map[string][]byte{"en/cfo.json": []byte(bad)}) {
				found = append(found, f.String())
			}
			if !strings.Contains(strings.Join(found, "\n"), c.want) {
				t.Errorf("found %v, want %s", found, c.want)
			}
		})
	}
	if found := dashboards.Lint(map[string][]byte{"a.json": good, "b.json": good}); len(found) != 1 || !strings.Contains(found[0].Problem, "has the uid of a.json") {
		t.Errorf("two dashboards of one uid: %v", found)
	}
}

func TestProvisioningNamesTheDataSourceThatDashboardsUse(t *testing.T) {
	var sources struct {
		Datasources []struct {
			UID, Type string
			JSONData  map[string]any `yaml:"jsonData"`
		}
	}
	text, err := fs.ReadFile(dashboards.Files(), "provisioning/datasources.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &sources); err != nil {
		t.Fatal(err)
	}
	var d dashboards.Dashboard
	if err := json.Unmarshal(generated(t)["en/cfo.json"], &d); err != nil {
		t.Fatal(err)
	}
	current := d.Templating.List[0]["current"].(map[string]any)["value"]
	if len(sources.Datasources) != 1 || sources.Datasources[0].UID != current || sources.Datasources[0].Type != d.Templating.List[0]["query"] {
		t.Errorf("data sources %+v, dashboards use %v", sources.Datasources, current)
	}
	var providers struct {
		Providers []struct {
			AllowUIUpdates bool `yaml:"allowUiUpdates"`
			Options        map[string]any
		}
	}
	if text, err = fs.ReadFile(dashboards.Files(), "provisioning/dashboards.yaml"); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &providers); err != nil || len(providers.Providers) != 1 || providers.Providers[0].AllowUIUpdates {
		t.Errorf("dashboard providers %+v, %v", providers, err)
	}
}

// Nothing typed may pretend to be data.
func TestTitlesHoldNoFigures(t *testing.T) {
	figure := regexp.MustCompile(`\d+(\.\d+)? ?(%|M\b|¥|€)`)
	var d dashboards.Dashboard
	if err := json.Unmarshal(generated(t)["en/cfo.json"], &d); err != nil {
		t.Fatal(err)
	}
	for _, p := range d.AllPanels() {
		if figure.MatchString(p.Title) {
			t.Errorf("the title %q has a typed figure", p.Title)
		}
	}
}
