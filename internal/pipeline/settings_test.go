package pipeline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"huikuan/config"
	"huikuan/sql"
)

// The catalogue shows the defaults of settings once more, for readers of models:
// they must be those of the configuration.
func TestVariablesThatASettingGivesHaveItsDefault(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huikuan.yaml")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(config.Options{Path: path, Env: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	settings := cfg.Metrics.Vars()
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
