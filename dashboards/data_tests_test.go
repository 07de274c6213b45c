package dashboards_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// ruleWords are what a page's table of data tests shows for a name, as Grafana
// applies the mappings of the column.
func (r *reader) ruleWords(name string) string {
	for _, p := range r.dashboard.AllPanels() {
		for _, o := range p.FieldConfig.Overrides {
			if p.Title != r.words.T("Data tests: the last result of each") || o["matcher"].(map[string]any)["options"] != r.words.T("Test") {
				continue
			}
			for _, property := range o["properties"].([]any) {
				if property := property.(map[string]any); property["id"] == "mappings" {
					return mapped(property["value"].([]any), name)
				}
			}
		}
	}
	return name
}

func mapped(mappings []any, name string) string {
	for _, m := range mappings {
		m := m.(map[string]any)
		options := m["options"].(map[string]any)
		if m["type"] == "value" {
			if words, ok := options[name].(map[string]any); ok {
				return words["text"].(string)
			}
			continue
		}
		pattern := regexp.MustCompile(strings.Trim(options["pattern"].(string), "/"))
		if pattern.MatchString(name) {
			return pattern.ReplaceAllString(name, strings.ReplaceAll(options["result"].(map[string]any)["text"].(string), "$1", "${1}"))
		}
	}
	return name
}

func TestDataTestsHaveNamesThatPeopleRead(t *testing.T) {
	w := built(t)
	out, err := w.query("SELECT DISTINCT test, table_name FROM ops_test_results WHERE table_name != 'probe'")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range readers(t, w, "pipeline", selection{}) {
		for _, row := range out.rows {
			name := row[0].(string)
			words := r.ruleWords(name)
			if r.words.Lang == "zh" && strings.IndexFunc(words, func(c rune) bool { return unicode.Is(unicode.Han, c) }) < 0 {
				t.Errorf("the test %q of %v has no Chinese name: add it to locales/zh/tests.yaml", name, row[1])
			} else if !strings.Contains(words, " ") && r.words.Lang == "en" {
				t.Errorf("the test %q of %v shows as a code", name, row[1])
			}
		}
		if got := r.ruleWords("every invoice has a colour"); got != "every invoice has a colour" {
			t.Errorf("a test of one's own shows as %q", got)
		}
		if got, want := r.ruleWords("not_null_due_date"), map[string]string{"en": "due_date is never empty", "zh": "不为空：due_date"}[r.words.Lang]; got != want {
			t.Errorf("not_null_due_date shows as %q, not %q", got, want)
		}
	}
}
