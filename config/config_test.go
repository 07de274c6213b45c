package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func load(t *testing.T, text string, env map[string]string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "huikuan.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(Options{Path: path, Env: func(k string) (string, bool) { v, ok := env[k]; return v, ok }})
}

func TestTheExampleLoads(t *testing.T) {
	cfg, err := load(t, Example, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := cfg.Data, filepath.Join(cfg.Dir, "huikuan-data"); got != want {
		t.Errorf("data = %s, want %s", got, want)
	}
	if len(cfg.Sources) != 1 || cfg.Sources[0].Settings["path"] != "exports" {
		t.Errorf("sources = %+v", cfg.Sources)
	}
	if !cfg.Warehouse.Embedded() || cfg.Sync.BatchBytes != 32<<20 || cfg.Build.DailyDays != 92 {
		t.Errorf("defaults are wrong: %+v", cfg)
	}
}

func TestEnvironmentOverridesFileAndSecretsAreResolved(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("秘密\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := load(t, `
warehouse: {url: "http://db:8123/ar", password: "${file:`+secret+`}"}
sources:
  - {name: erp, connector: erpnext, settings: {api_key: "k-${env:KEY}", Map: {Yes: 1}}}
`, map[string]string{"KEY": "7", "HUIKUAN_WAREHOUSE_USER": "loader", "HUIKUAN_DATA": "/tmp/elsewhere", "HUIKUAN_SYNC_BATCH_ROWS": "10"})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Warehouse.Password != "秘密" || cfg.Warehouse.User != "loader" || cfg.Data != "/tmp/elsewhere" || cfg.Sync.BatchRows != 10 {
		t.Errorf("got %+v %+v", cfg.Warehouse, cfg)
	}
	if cfg.Sources[0].Settings["api_key"] != "k-7" {
		t.Errorf("settings = %v", cfg.Sources[0].Settings)
	}
	if m := cfg.Sources[0].Settings["Map"].(map[string]any); m["Yes"] != 1 {
		t.Errorf("the case of a key in settings was lost: %v", m)
	}
}

func TestEveryMistakeIsReportedWithItsKey(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"unknown key":      {"dta: x\n", `:1: dta: unknown setting, did you mean "data"?; allowed here: data, reporting_currency`},
		"unknown nested":   {"warehouse:\n  urll: x\n", `:2: warehouse.urll: unknown setting, did you mean "url"?`},
		"not allowed":      {"log: {level: loud}\n", `log.level: found "loud", allowed: debug, info, warn, error`},
		"bad number":       {"sync: {batch_rows: many}\n", `sync.batch_rows: found "many", expected a whole number`},
		"bad size":         {"sync: {batch_bytes: 3 parsecs}\n", `sync.batch_bytes: found "3 parsecs", expected a size`},
		"bad schedule":     {"sync: {schedule: often}\n", `sync.schedule: found "often", expected five cron fields`},
		"bad url":          {"warehouse: {url: localhost}\n", `warehouse.url: expected an address`},
		"group as scalar":  {"warehouse: yes\n", `warehouse: must be a group of settings`},
		"missing env":      {"warehouse: {password: \"${env:NOPE}\"}\n", `warehouse.password: the environment variable NOPE is not set`},
		"missing file":     {"warehouse: {password: \"${file:/nope}\"}\n", `warehouse.password: the file /nope cannot be read: no such file`},
		"nameless source":  {"sources: [{connector: files}]\n", `sources[0].name: is missing`},
		"no connector":     {"sources: [{name: a}]\n", `sources[0].connector: is missing`},
		"twice":            {"sources: [{name: a, connector: files}, {name: a, connector: files}]\n", `sources.a: a source of this name stands on line 1 already`},
		"source key":       {"sources: [{name: a, conector: files, connector: files}]\n", `sources[0].conector: unknown setting, did you mean "connector"?`},
		"not YAML":         {"a: [\n", `is not valid YAML`},
		"half TLS":         {"serve: {tls_cert: a.pem}\n", `tls_cert and tls_key go together`},
		"currency":         {"reporting_currency: Yuan\n", `found "Yuan", expected a three-letter currency code`},
		"list as a scalar": {"models: {paths: x}\n", `models.paths: found "x", expected a list`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, c.text, nil)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("want a configuration error, got %v", err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
		})
	}
}

func TestAKeyThatStandsTwiceIsReportedWhereverItIs(t *testing.T) {
	_, err := load(t, `data: a
sources:
  - {name: a, connector: files, settings: {path: x}}
data: b
sources:
  - name: b
    connector: files
    settings: {path: y}
    settings: {path: z}
`, nil)
	for _, want := range []string{"huikuan.yaml:4: data: stands in line 1 already", ":5: sources: stands in line 2 already", ":9: sources.settings: stands in line 8 already"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}

func TestAMissingFileSaysHowToGetOne(t *testing.T) {
	_, err := Load(Options{Path: filepath.Join(t.TempDir(), "no.yaml"), Env: func(string) (string, bool) { return "", false }})
	if err == nil || !strings.Contains(err.Error(), "huikuan init") {
		t.Errorf("got %v", err)
	}
}

func TestValuesOfVariablesKeepTheirCaseAndTheirText(t *testing.T) {
	cfg, err := load(t, "models:\n  vars: {Limit: 0.10, words: [a, 007], empty: ''}\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	words, _ := cfg.Models.Vars["words"].([]string)
	if len(cfg.Models.Vars) != 3 || cfg.Models.Vars["Limit"] != "0.10" || strings.Join(words, " ") != "a 007" || cfg.Models.Vars["empty"] != "" {
		t.Errorf("vars = %v", cfg.Models.Vars)
	}
	for text, want := range map[string]string{
		"models: {vars: [a]}\n":       "models.vars: expected names with values",
		"models: {vars: {a: {b: 1}}}": "models.vars.a: expected a text, a number or a list",
		"models: {vars: {a: [[1]]}}":  "models.vars.a: expected a list of texts or numbers",
	} {
		if _, err := load(t, text, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gave %v, want %s", text, err, want)
		}
	}
}
