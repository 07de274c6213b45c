package pipeline

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"huikuan/config"
	"huikuan/sql"
)

func defaultMetrics(t *testing.T) config.Metrics {
	t.Helper()
	path := filepath.Join(t.TempDir(), "huikuan.yaml")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(config.Options{Path: path, Env: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	return cfg.Metrics
}

// The catalogue shows the defaults of settings once more, for readers of models:
// they must be those of the configuration.
func TestVariablesThatASettingGivesHaveItsDefault(t *testing.T) {
	settings := defaultMetrics(t).Vars()
	catalogue, err := sql.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range catalogue {
		if v.Setting == "" || strings.HasPrefix(v.Setting, "--") { // of the command line, not of the configuration
			continue
		}
		given, ok := settings[v.Name]
		if !ok {
			t.Errorf("%s is said to come from %s, which gives no such variable", v.Name, v.Setting)
			continue
		}
		if value, err := sql.NewValue(given); err != nil || value.String() != v.Default.String() {
			t.Errorf("%s has the default %v in the configuration, %v in the catalogue (%v)", v.Name, given, v.Default, err)
		}
		delete(settings, v.Name)
	}
	for name := range settings {
		t.Errorf("the catalogue lacks %s", name)
	}
}

// A build may replay the ledger for an hour before it comes to the models.
func TestABuildRefusesWrongVariablesBeforeItReadsAnything(t *testing.T) {
	cfg := &config.Config{Models: config.Models{Vars: map[string]any{"cure_days": "0"}}, Metrics: defaultMetrics(t)}
	a := &App{cfg: cfg, now: time.Now} // without a warehouse
	_, err := a.Build(t.Context(), BuildOptions{})
	var wrong *ModelsError
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "models.vars.cure_days: found 0") {
		t.Errorf("got %v, want the variable's name and what was found", err)
	}
}
