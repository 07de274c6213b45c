package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
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
		"bound above":      {"metrics: {fiscal_year_start: 13}\n", `metrics.fiscal_year_start: found "13", expected a whole number from 1 to 12`},
		"bound below":      {"metrics: {plan_misses: 0}\n", `metrics.plan_misses: found "0", expected a whole number from 1 to 1000`},
		"not a day":        {"metrics: {constant_rate_date: 31.12.2025}\n", `metrics.constant_rate_date: found "31.12.2025", expected a day such as`},
		"not a flag":       {"metrics: {skip_zero_months: often}\n", `metrics.skip_zero_months: found "often", expected true or false`},
		"not numbers":      {"metrics: {aging_buckets: [30, many]}\n", `metrics.aging_buckets: found "many" in the list, expected whole numbers`},
		"not ascending":    {"metrics: {aging_buckets: [30, 30]}\n", `:1: metrics.aging_buckets: found [30 30], expected one or more ascending numbers`},
		"nothing to learn": {"metrics: {forecast: {history_days: 60}}\n", `metrics.forecast.settled_days: found 90, expected less than history_days (60)`},
		"recent is long":   {"metrics: {behaviour: {recent_days: 400}}\n", `metrics.behaviour.recent_days: found 400, expected at most year_days (365)`},
		"no buckets":       {"metrics: {aging_buckets: []}\n", `metrics.aging_buckets: found [], expected one or more ascending numbers of days, from 1 to 36500`},
		"negative bucket":  {"metrics: {aging_buckets: [-30, 60]}\n", `metrics.aging_buckets: found [-30 60], expected one or more ascending numbers of days, from 1 to 36500`},
		"two windows":      {"metrics: {visit_windows: [7, 14]}\n", `:1: metrics.visit_windows: found [7 14], expected three ascending numbers of days, from 1 to 36500, such as [7, 14, 30]`},
		"windows mixed":    {"metrics: {visit_windows: [7, 30, 14]}\n", `metrics.visit_windows: found [7 30 14], expected three ascending numbers`},
		"no origins":       {"metrics: {forecast: {backtest_months: 0}}\n", `metrics.forecast.backtest_months: found "0", expected a whole number from 1 to 60`},
		"endless bucket":   {"metrics: {aging_buckets: [30, 99999999]}\n", `metrics.aging_buckets: found [30 99999999], expected one or more ascending numbers of days, from 1 to 36500`},
		"negative grace":   {"metrics: {promise_grace_days: -1}\n", `metrics.promise_grace_days: found "-1", expected a whole number from 0 to 36500`},
		"more than all":    {"metrics: {promise_kept_percent: 101}\n", `metrics.promise_kept_percent: found "101", expected a whole number from 1 to 100`},
		"endless window":   {"metrics: {behaviour: {year_days: 99999999}}\n", `metrics.behaviour.year_days: found "99999999", expected a whole number from 1 to 36500`},
		"no recent days":   {"metrics: {behaviour: {recent_days: 0}}\n", `metrics.behaviour.recent_days: found "0", expected a whole number from 1 to 36500`},
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

func TestSettingsOfTheMetricsAreTypedAndAreVariables(t *testing.T) {
	cfg, err := load(t, `
metrics:
  aging_buckets: [15, 45]
  constant_rate_date: 2025-12-31
  promise_kept_percent: 90
  visit_window_days: 10
  visit_windows: [5, 10, 20]
  behaviour: {recent_days: 30, first_late_days: 1}
  forecast: {customer_items: 5, backtest_months: 6, band_months: 0}
`, map[string]string{"HUIKUAN_METRICS_FISCAL_YEAR_START": "4", "HUIKUAN_METRICS_FORECAST_HISTORY_DAYS": "180"})
	if err != nil {
		t.Fatal(err)
	}
	want := Metrics{
		AgingBuckets: []int{15, 45}, PromiseGraceDays: 2, PromiseKeptPercent: 90, PlanMisses: 2, VisitWindowDays: 10, VisitWindows: []int{5, 10, 20}, ConstantRateDate: "2025-12-31",
		FiscalYearStart: 4, DueShift: "none", Behaviour: Behaviour{RecentDays: 30, YearDays: 365, FirstLateDays: 1}, Forecast: Forecast{HistoryDays: 180, SettledDays: 90, CustomerItems: 5, SegmentItems: 20, BacktestMonths: 6, BandMonths: 0, SalesPlan: []string{}, SalesPattern: cfg.Metrics.Forecast.SalesPattern},
	}
	if !reflect.DeepEqual(cfg.Metrics, want) {
		t.Errorf("got %+v\nwant %+v", cfg.Metrics, want)
	}
	vars := cfg.Metrics.Vars()
	for _, k := range metricsKeys() {
		name := strings.ReplaceAll(strings.TrimPrefix(k.Name, "metrics."), ".", "_")
		if _, ok := vars[name]; !ok && !strings.HasPrefix(name, "forecast_sales_") { // models read the forecast, not its plan
			t.Errorf("%s is no variable", k.Name)
		}
		if !strings.Contains(Example, k.Name[strings.LastIndex(k.Name, ".")+1:]+":") {
			t.Errorf("the example does not show %s", k.Name)
		}
	}
}

func TestTheSalesPlanSaysWhatIsBilledWhen(t *testing.T) {
	cfg, err := load(t, `
metrics:
  forecast:
    sales_plan: ["2026-07 600000", "2026-08 900000.50 Haiyue Europe"]
    sales_pattern: [20, 70, 10]
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := cfg.Metrics.Forecast.Plan()
	if err != nil || len(plan) != 2 || plan[1].Amount != "900000.50" || plan[1].Company != "Haiyue Europe" || plan[0].Month.Format("2006-01-02") != "2026-07-01" {
		t.Errorf("%+v, %v", plan, err)
	}
	for text, want := range map[string]string{
		`{sales_plan: ["July 600000"], sales_pattern: [100]}`: `found "July 600000", expected a month, an amount`,
		`{sales_plan: ["2026-13 5"], sales_pattern: [100]}`:   `found month "2026-13"`,
		`{sales_plan: ["2026-07 600000"]}`:                    "there is no sales_pattern",
		`{sales_pattern: [90, 20]}`:                           "add up to 110",
	} {
		if _, err := load(t, "metrics: {forecast: "+text+"}\n", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gave %v, want %s", text, err, want)
		}
	}
}
