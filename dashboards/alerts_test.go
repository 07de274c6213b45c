package dashboards_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"huikuan/dashboards"
	"huikuan/sql"
)

// rule is an alert rule as Grafana's provisioning reads it.
type rule struct {
	UID, Title, Condition, For string
	DashboardUID               string `yaml:"dashboardUid"`
	PanelID                    int    `yaml:"panelId"`
	NoDataState                string `yaml:"noDataState"`
	ExecErrState               string `yaml:"execErrState"`
	Annotations, Labels        map[string]string
	Data                       []struct {
		RefID             string         `yaml:"refId"`
		DatasourceUID     string         `yaml:"datasourceUid"`
		RelativeTimeRange map[string]int `yaml:"relativeTimeRange"`
		Model             struct {
			RefID         string `yaml:"refId"`
			Type          string
			Expression    string
			Reducer       string
			RawSQL        string `yaml:"rawSql"`
			EditorType    string `yaml:"editorType"`
			QueryType     string `yaml:"queryType"`
			Format        int
			PluginVersion string `yaml:"pluginVersion"`
			Datasource    map[string]string
			Conditions    []struct {
				Evaluator struct {
					Type   string
					Params []float64
				}
			}
		}
	}
}

// rules reads the generated rules of a language.
func rules(t *testing.T, l dashboards.Locale, o dashboards.AlertOptions) map[string]rule {
	t.Helper()
	text, err := dashboards.AlertRules(l, o)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		APIVersion int `yaml:"apiVersion"`
		Groups     []struct {
			Name, Folder, Interval string
			Rules                  []rule
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if file.APIVersion != 1 || len(file.Groups) != 1 || file.Groups[0].Folder == "" || file.Groups[0].Interval == "" {
		t.Fatalf("%s: %+v", l.Lang, file)
	}
	out := map[string]rule{}
	for _, r := range file.Groups[0].Rules {
		out[strings.TrimSuffix(strings.TrimPrefix(r.UID, "huikuan-"), "-zh")] = r
	}
	if len(out) != len(file.Groups[0].Rules) {
		t.Errorf("%s: two rules share a uid", l.Lang)
	}
	return out
}

func alertFiles(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, l := range dashboards.Locales() {
		set, err := dashboards.AlertFiles(l, dashboards.AlertOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range set {
			out[l.Lang+"/"+name] = text
		}
	}
	return out
}

func TestFilesAreGeneratedForAlerting(t *testing.T) {
	for path, want := range alertFiles(t) {
		if *update {
			if err := os.WriteFile(filepath.FromSlash(path), want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		have, err := os.ReadFile(filepath.FromSlash(path))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, want) {
			t.Errorf("%s is not what the definition says; run: go generate ./dashboards", path)
		}
	}
}

func TestEveryAlertHasATranslation(t *testing.T) {
	for _, l := range dashboards.Locales() {
		if _, err := dashboards.AlertFiles(l, dashboards.AlertOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, text := range l.Missing() {
			t.Errorf("%s lacks: %q", l.Lang, text)
		}
	}
}

// What Grafana refuses at its start, or takes and never evaluates.
func TestAlertRulesHaveTheShapeThatGrafanaExpects(t *testing.T) {
	for _, l := range dashboards.Locales() {
		all := rules(t, l, dashboards.AlertOptions{})
		if len(all) < 8 {
			t.Errorf("%s: only %d rules", l.Lang, len(all))
		}
		for name, r := range all {
			where := l.Lang + " " + name
			refs := map[string]string{}
			for _, d := range r.Data {
				refs[d.RefID] = d.DatasourceUID
				if d.Model.RefID != d.RefID || d.RelativeTimeRange == nil || d.Model.Datasource["uid"] != d.DatasourceUID {
					t.Errorf("%s %s: reference, range or data source do not agree", where, d.RefID)
				}
				switch d.Model.Type {
				case "":
					if d.DatasourceUID != "huikuan" || d.Model.Datasource["type"] != "grafana-clickhouse-datasource" || d.Model.EditorType != "sql" ||
						d.Model.QueryType != "table" || d.Model.Format != 1 || d.Model.PluginVersion == "" || d.Model.RawSQL == "" || d.RelativeTimeRange["from"] == 0 {
						t.Errorf("%s %s is no query of the plugin: %+v", where, d.RefID, d)
					}
					if strings.Contains(d.Model.RawSQL, "$") {
						t.Errorf("%s %s has a variable, and alerts have none: %s", where, d.RefID, d.Model.RawSQL)
					}
				case "reduce":
					if refs[d.Model.Expression] != "huikuan" || d.Model.Reducer != "last" {
						t.Errorf("%s %s reduces %s by %s", where, d.RefID, d.Model.Expression, d.Model.Reducer)
					}
				case "threshold":
					if refs[d.Model.Expression] != "__expr__" || len(d.Model.Conditions) != 1 || d.Model.Conditions[0].Evaluator.Type != "gt" || len(d.Model.Conditions[0].Evaluator.Params) != 1 {
						t.Errorf("%s %s: %+v", where, d.RefID, d.Model)
					}
				default:
					t.Errorf("%s %s is of type %s", where, d.RefID, d.Model.Type)
				}
			}
			if refs[r.Condition] != "__expr__" || r.Title == "" || r.For == "" || r.ExecErrState != "Error" || len(r.UID) > 40 {
				t.Errorf("%s: %+v", where, r)
			}
			if want := map[bool]string{true: "Alerting", false: "OK"}[name == "stale-data"]; r.NoDataState != want {
				t.Errorf("%s without data is %s, want %s", where, r.NoDataState, want)
			}
			if !slices.Contains([]string{"critical", "warning"}, r.Labels["severity"]) || !slices.Contains([]string{"finance", "credit", "operations"}, r.Labels["audience"]) {
				t.Errorf("%s has the labels %v", where, r.Labels)
			}
			for _, value := range r.Labels {
				if strings.Contains(value, "$") {
					t.Errorf("%s: Grafana would take %q for an environment variable", where, value)
				}
			}
		}
	}
}

func TestAlertsCompareWithTheDefaultsOfTheModels(t *testing.T) {
	vars, err := sql.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, threshold := range dashboards.AlertThresholds() {
		i := slices.IndexFunc(vars, func(v sql.Var) bool { return v.Name == threshold.Name })
		switch {
		case (i >= 0) != threshold.Model:
			t.Errorf("%s: Model is %v, a variable of that name: %v", threshold.Name, threshold.Model, i >= 0)
		case i >= 0 && fmt.Sprint(vars[i].Default) != threshold.Default:
			t.Errorf("%s is %s in alerts and %v in models", threshold.Name, threshold.Default, vars[i].Default)
		}
	}
	r := rules(t, dashboards.Locales()[0], dashboards.AlertOptions{Thresholds: map[string]string{"dso_target": "45", "warning_concentration": "0.25"}})
	above := func(name string) float64 {
		data := r[name].Data
		return data[len(data)-1].Model.Conditions[0].Evaluator.Params[0]
	}
	if above("dso") != 45 || above("concentration") != 25 || !strings.Contains(r["dso"].Annotations["summary"], "target of 45") {
		t.Errorf("thresholds of one's own: dso %v, concentration %v, %s", above("dso"), above("concentration"), r["dso"].Annotations["summary"])
	}
	for name, thresholds := range map[string]map[string]string{"there is no threshold": {"dso_goal": "1"}, "expected a number": {"dso_target": "sixty"}} {
		if _, err := dashboards.AlertRules(dashboards.Locales()[0], dashboards.AlertOptions{Thresholds: thresholds}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v gave %v", thresholds, err)
		}
	}
}
