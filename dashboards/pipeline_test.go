package dashboards_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"huikuan/internal/pipeline"
)

// probe is a model of the user's own with two tests: one that what it holds
// decides, one that always holds.
const probe = `/* ---
description: a number
grain: one row
materialisation: table
order_by: [number]
columns:
  - {name: number, description: a number, unit: count, tests: [not_null]}
tests:
  - name: the number is one
    severity: SEVERITY
    sql: SELECT number FROM {{ this }} WHERE number != 1
--- */
SELECT toInt64(NUMBER) AS number
`

// runProbe is "huikuan models run probe" with a number in the model.
func runProbe(t *testing.T, folder, number, severity string) {
	t.Helper()
	text := strings.NewReplacer("NUMBER", number, "SEVERITY", severity).Replace(probe)
	if err := os.WriteFile(filepath.Join(folder, "probe.sql"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	app, err := opened(ctx, t, map[string]any{"models": map[string]any{"paths": []string{folder}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = app.Build(ctx, pipeline.BuildOptions{ModelsOnly: true, Select: pipeline.ModelSelection{Models: []string{"probe"}}})
	if err := errors.Join(err, app.Close()); err != nil {
		t.Fatal(err)
	}
}

// health is what Pipeline health says of tests, models and builds.
type health struct {
	tests    map[string]string // result and test by table, of what did not pass; "" of the tables that passed
	models   map[string]string // result by model
	failed   float64
	of       string
	built    string
	headline string
}

func (r *reader) health() (h health) {
	r.t.Helper()
	h.tests, h.models = map[string]string{}, map[string]string{}
	for _, row := range r.table("Data tests: the last result of each") {
		table, result := row["Table"].(string), ""
		if row["Result"] != "passed" {
			result = row["Result"].(string) + ": " + row["Test"].(string)
		}
		if have, ok := h.tests[table]; !ok || have == "" {
			h.tests[table] = result
		}
	}
	for _, row := range r.table("Models: the last run of each") {
		h.models[row["Model"].(string)] = row["Result"].(string)
	}
	failed, of := r.figure("Data tests failed", 1)
	h.failed, h.of = failed.(float64), of
	_, h.built = r.figure("Since the last build", 1)
	h.headline = strings.Join(r.scope.Variables["headline"].Values, "")
	return h
}

// A run of one model says nothing of the others: what they last were stands.
func TestARunOfOneModelLeavesTheStateOfTheOthers(t *testing.T) {
	if os.Getenv(servedWarehouse) != "" {
		t.Skip("a served warehouse is read only")
	}
	w := *built(t)
	w.known = nil // what was asked before is no longer so
	now := func() health {
		for _, r := range readers(t, &w, "pipeline", selection{}) {
			return r.health()
		}
		return health{}
	}
	before := now()
	if before.failed != 0 || len(before.models) < 80 || len(before.tests) < 80 {
		t.Fatalf("the built business shows %v failed tests, %d models and %d tables with tests", before.failed, len(before.models), len(before.tests))
	}
	// others read the warehouse after this test: nothing of it may stay
	t.Cleanup(func() {
		for _, statement := range []string{"DROP TABLE IF EXISTS probe", "DROP TABLE IF EXISTS probe__failed"} {
			w.exec(statement)
		}
	})
	folder := t.TempDir()
	for _, step := range []struct {
		number, severity, model, test string
	}{
		{"1", "error", "ok", ""},
		{"2", "warn", "ok", "warning: the number is one"},
		{"2", "error", "failed", "failed: the number is one"},
		{"1", "error", "ok", ""},
	} {
		runProbe(t, folder, step.number, step.severity)
		after, name := now(), step.number+" "+step.severity
		for table, result := range before.tests {
			if after.tests[table] != result {
				t.Errorf("%s: the tests of %s show %q, before the run %q", name, table, after.tests[table], result)
			}
		}
		for model, result := range before.models {
			if after.models[model] != result {
				t.Errorf("%s: the model %s shows %q, before the run %q", name, model, after.models[model], result)
			}
		}
		if len(after.models) != len(before.models)+1 || after.models["probe"] != step.model {
			t.Errorf("%s: %d models, the one that ran %q", name, len(after.models), after.models["probe"])
		}
		if result, ok := after.tests["probe"]; !ok || result != step.test {
			t.Errorf("%s: its test shows %q, not %q", name, result, step.test)
		}
		wrong := step.test != ""
		if (after.failed == 1) != wrong || after.of == before.of {
			t.Errorf("%s: %v tests failed %s, before the run %s", name, after.failed, after.of, before.of)
		}
		if strings.Contains(after.headline, "data test fails") != wrong {
			t.Errorf("%s: the headline says %s", name, after.headline)
		}
		if after.built != before.built {
			t.Errorf("%s: the last build moved from %s to %s", name, before.built, after.built)
		}
	}
}
