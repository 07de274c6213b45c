package dashboards

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// Finding is something that a dashboard should not have.
type Finding struct {
	File    string
	Panel   string // title, or number where it has none; empty for the dashboard itself
	Problem string
}

func (f Finding) String() string {
	if f.Panel == "" {
		return f.File + ": " + f.Problem
	}
	return f.File + ": panel " + f.Panel + ": " + f.Problem
}

// Lint checks dashboards, given by path, against the rules of the house: what a
// person needs on every panel, what Grafana needs in order to show it, and
// colours that mean the same everywhere. Findings are sorted by file.
func Lint(dashboards map[string][]byte) []Finding {
	l := &linter{uids: map[string]string{}, targets: shipped()}
	paths := make([]string, 0, len(dashboards))
	parsed := map[string]Dashboard{}
	for path, text := range dashboards {
		var d Dashboard
		l.file = path
		if err := json.Unmarshal(text, &d); err != nil {
			l.add("", "is not a dashboard: %v", err)
			continue
		}
		parsed[path] = d
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		l.file = path
		if other := l.uids[parsed[path].UID]; other != "" {
			l.add("", "has the uid of %s", other)
		}
		l.uids[parsed[path].UID] = path
	}
	for _, path := range paths {
		l.targets[parsed[path].UID] = variableNames(parsed[path])
	}
	for _, path := range paths {
		l.file = path
		l.dashboard(parsed[path])
	}
	return l.findings
}

// shipped are the variables of the project's own dashboards, by uid.
func shipped() map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, loc := range Locales() {
		for _, d := range definitions() {
			names := map[string]bool{"datasource": true}
			for _, v := range d.variables {
				names[v.name()] = true
			}
			out[d.uid(loc)] = names
		}
	}
	return out
}

func variableNames(d Dashboard) map[string]bool {
	out := map[string]bool{}
	for _, v := range d.Templating.List {
		name, _ := v["name"].(string)
		out[name] = true
	}
	return out
}

type linter struct {
	file      string
	targets   map[string]map[string]bool // uid → its variables
	uids      map[string]string          // uid → file
	findings  []Finding
	variables map[string]bool
	models    bool // drawn from the headers of models, which have pages of their own
}

func (l *linter) add(panel, format string, args ...any) {
	l.findings = append(l.findings, Finding{File: l.file, Panel: panel, Problem: fmt.Sprintf(format, args...)})
}

func (l *linter) dashboard(d Dashboard) {
	for what, bad := range map[string]bool{
		"has no uid": d.UID == "", "has no title": d.Title == "", "has no description": d.Description == "", "is editable": d.Editable,
		"is not in UTC": d.Timezone != "utc", fmt.Sprintf("has schemaVersion %d, not %d", d.SchemaVersion, schemaVersion): d.SchemaVersion != schemaVersion,
	} {
		if bad {
			l.add("", "%s", what)
		}
	}
	l.variables = variableNames(d)
	for _, v := range d.Templating.List {
		name, _ := v["name"].(string)
		if label, _ := v["label"].(string); label == "" && v["hide"] != float64(2) {
			l.add("", "the variable %s has no label", name)
		}
		if sql, ok := v["query"].(string); ok && v["type"] == "query" {
			l.query("variable "+name, sql)
		}
	}
	if !l.variables["datasource"] {
		l.add("", "has no variable datasource")
	}
	for _, link := range d.Links {
		if link, ok := link.(map[string]any); ok {
			title, _ := link["title"].(string)
			l.link("link "+title, link["url"])
		}
	}
	l.models = slices.Contains(d.Tags, "models")
	ids := map[int]bool{}
	for _, p := range d.AllPanels() {
		if ids[p.ID] {
			l.add(name(p), "the id %d is used twice", p.ID)
		}
		ids[p.ID] = true
		l.panel(p)
	}
	l.overlaps(d.Panels)
	for _, p := range d.Panels {
		l.overlaps(p.Panels) // once their row is open, what is below it makes room
		if len(p.Panels) > 0 && (p.Type != "row" || !p.Collapsed) {
			l.add(name(p), "holds panels, and is no collapsed row")
		}
	}
}

func (l *linter) overlaps(panels []Panel) {
	for i, p := range panels {
		for _, other := range panels[:i] {
			if overlap(p.GridPos, other.GridPos) {
				l.add(name(p), "overlaps %s", name(other))
			}
		}
	}
}

func name(p Panel) string {
	if p.Title == "" {
		return fmt.Sprint(p.ID)
	}
	return fmt.Sprintf("%q", p.Title)
}

func overlap(a, b gridPos) bool {
	return a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H
}

func (l *linter) panel(p Panel) {
	if g := p.GridPos; g.W < 4 || g.X < 0 || g.X+g.W > 24 || g.H < 1 {
		l.add(name(p), "does not fit the grid of 24 columns, or is narrower than 4")
	}
	l.texts(name(p), p.Title+p.Description)
	if content, _ := p.Options["content"].(string); content != "" {
		l.texts(name(p), content)
	}
	if p.PluginVersion == "" {
		l.add(name(p), "has no pluginVersion: Grafana would migrate it as an old panel")
	}
	if p.Type == "text" || p.Type == "row" {
		return
	}
	if p.Title == "" {
		l.add(name(p), "has no title")
	}
	if p.Description == "" {
		l.add(name(p), "has no description")
	} else if !l.models && !metricLink(p.Description) {
		l.add(name(p), "has a description that does not end in a link to its metric in docs/metrics.md")
	}
	if _, ok := p.FieldConfig.Defaults["noValue"]; !ok {
		l.add(name(p), "has no noValue: an empty panel must say what is missing")
	}
	if _, ok := p.FieldConfig.Defaults["unit"]; !ok && !unitIsComputed(p) {
		l.add(name(p), "has no unit")
	}
	if len(p.Targets) == 0 {
		l.add(name(p), "has no query")
	}
	for _, t := range p.Targets {
		l.target(p, t)
	}
	l.colours(p)
	for _, o := range p.FieldConfig.Overrides {
		properties, _ := o["properties"].([]any)
		for _, x := range properties {
			property, _ := x.(map[string]any)
			links, _ := property["value"].([]any)
			for _, link := range links {
				if link, ok := link.(map[string]any); ok && property["id"] == "links" {
					l.link(name(p), link["url"])
				}
			}
		}
	}
}

var metricAnchor = regexp.MustCompile("(?:\\]\\([^()\\s]+#([^()\\s#]+)\\)|`[^`\\s]+#([^`\\s#]+)`)$")

func metricLink(description string) bool {
	m := metricAnchor.FindStringSubmatch(description)
	return m != nil && slices.Contains(metricSections(), metric(m[1]+m[2]))
}

var linkParameter = regexp.MustCompile(`^(?:var-(\w+)=.+|\$\{(\w+):queryparam\})$`)

// link checks that an address leads to a dashboard of the set and that the
// variables it sets exist there, and those it carries along here too.
func (l *linter) link(where string, address any) {
	url, _ := address.(string)
	path, query, _ := strings.Cut(url, "?")
	uid, ok := strings.CutPrefix(path, "/d/")
	there, known := l.targets[uid]
	if !ok || !known {
		l.add(where, "links to %q, which is no dashboard of the set", url)
		return
	}
	for _, parameter := range strings.Split(query, "&") {
		m := linkParameter.FindStringSubmatch(parameter)
		switch {
		case m == nil:
			l.add(where, "links with the parameter %q, expected var-name=value or ${name:queryparam}", parameter)
		case !there[m[1]+m[2]]:
			l.add(where, "sets the variable %s, which the dashboard %s does not have", m[1]+m[2], uid)
		case m[2] != "" && !l.variables[m[2]]:
			l.add(where, "carries the variable %s along, which the dashboard does not have", m[2])
		}
	}
}

func unitIsComputed(p Panel) bool {
	for _, t := range p.Transformations {
		if t["id"] == "configFromData" {
			return true
		}
	}
	return false
}

func (l *linter) target(p Panel, t Target) {
	if t.Datasource["uid"] != datasourceUID || t.Datasource["type"] != datasourceType || p.Datasource["uid"] != datasourceUID {
		l.add(name(p), "query %s does not use the variable datasource", t.RefID)
	}
	format, ok := map[string]int{"timeseries": 0, "table": 1}[t.QueryType]
	if !ok || format != t.Format || t.EditorType != "sql" || t.PluginVersion == "" {
		l.add(name(p), "query %s lacks editorType sql, a pluginVersion or a format that fits its queryType", t.RefID)
	}
	l.query(name(p)+" query "+t.RefID, t.RawSQL)
}

var (
	selectStar   = regexp.MustCompile(`(?i)\bSELECT\s+(\w+\.)?\*\s+FROM\s+(\w+)`)
	average      = regexp.MustCompile(`(?i)\bavg\w*\(`)
	anyVariable  = regexp.MustCompile(`\$\{(\w+)(?::(\w+))?\}|\$([a-zA-Z]\w*)`)
	commonTables = regexp.MustCompile(`(?i)(\w+)\s+AS\s+\(\s*SELECT`)
)

// query checks what can be seen without an engine.
func (l *linter) query(where, sql string) {
	if strings.TrimSpace(sql) == "" {
		l.add(where, "is empty")
	}
	own := map[string]bool{}
	for _, m := range commonTables.FindAllStringSubmatch(sql, -1) {
		own[m[1]] = true
	}
	for _, m := range selectStar.FindAllStringSubmatch(sql, -1) {
		if !own[m[2]] {
			l.add(where, "reads SELECT * from %s: name the columns", m[2])
		}
	}
	if average.MatchString(sql) {
		l.add(where, "averages: divide the sum of the numerators by the sum of the denominators")
	}
	for _, m := range anyVariable.FindAllStringSubmatch(sql, -1) {
		switch {
		case m[3] != "" && l.variables[m[3]]: // $name, the second argument of a macro
		case !l.variables[m[1]]:
			l.add(where, "uses the variable %s, which the dashboard does not have", m[0])
		case m[2] != "sqlstring":
			l.add(where, "uses %s without the format sqlstring, which escapes quotes", m[0])
		}
	}
}

// texts checks that the variables in a title, description or text exist.
func (l *linter) texts(where, text string) {
	for _, m := range anyVariable.FindAllStringSubmatch(text, -1) {
		if v := m[1] + m[3]; !l.variables[v] {
			l.add(where, "shows the variable %s, which the dashboard does not have", m[0])
		}
	}
}

var anyColour = regexp.MustCompile(`#[0-9A-Fa-f]{6}`)

// colours checks that colours are of the palette, that an aging bucket has its colour and no other thing has it by accident.
func (l *linter) colours(p Panel) {
	if text, err := json.Marshal(p.FieldConfig); err == nil && !l.models {
		for _, colour := range anyColour.FindAllString(string(text), -1) {
			if !slices.Contains(palette(), strings.ToUpper(colour)) {
				l.add(name(p), "has the colour %s, which is not of the palette", colour)
			}
		}
	}
	if p.Type != "barchart" && p.Type != "timeseries" {
		return
	}
	have := map[string]string{}
	for _, o := range p.FieldConfig.Overrides {
		matcher, _ := o["matcher"].(map[string]any)
		field, _ := matcher["options"].(string)
		properties, _ := o["properties"].([]any)
		for _, x := range properties {
			property, _ := x.(map[string]any)
			if value, ok := property["value"].(map[string]any); ok && property["id"] == "color" {
				have[field], _ = value["fixedColor"].(string)
			}
		}
	}
	for _, t := range p.Targets {
		for _, loc := range Locales() {
			for _, b := range Buckets() {
				title := loc.T(b.Title)
				if strings.Contains(t.RawSQL, "AS `"+title+"`") && have[title] != b.Colour {
					l.add(name(p), "the bucket %s has the colour %q, not %s", title, have[title], b.Colour)
				}
			}
		}
	}
}
