package sql_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"huikuan/sql"
)

// ladder is three models, one on top of the other, the lowest with a variable.
func ladder(t *testing.T, limit string) []sql.Model {
	t.Helper()
	dir := t.TempDir()
	write := func(name, header, body string) sql.Model {
		file := filepath.Join(dir, name+".sql")
		text := "/* ---\ndescription: d\n" + oneColumn + "\n" + header + "\n--- */\n" + body
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		m, err := sql.Parse("own/"+name+".sql", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	return []sql.Model{
		write("low", "tags: [a]\nvars: {limit: {default: "+limit+", type: integer, description: d}}", "SELECT {{ var('limit') }} AS n"),
		write("middle", "tags: [a, b]", "SELECT n FROM {{ ref('low') }}"),
		write("top", "tags: [b]", "SELECT n FROM {{ ref('middle') }} WHERE n > 0"),
		write("aside", "", "SELECT 1 AS n"),
	}
}

func TestAPlanSaysWhatARunWouldBuildAndWhy(t *testing.T) {
	all := []string{"low", "middle", "top", "aside"}
	first := runner(t, nil, sql.RunnerOptions{}, ladder(t, "1")...)
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	built := map[string]sql.Built{}
	for _, name := range all {
		built[name] = sql.Built{Fingerprint: first.Fingerprint(name), At: at, Status: "ok"}
	}
	reasons := func(r *sql.Runner, built map[string]sql.Built) string {
		var out []string
		for _, p := range r.Plan(all, built) {
			if p.Changed {
				out = append(out, p.Model+": "+strings.Join(p.Why, "; "))
			}
		}
		return strings.Join(out, " | ")
	}
	for _, c := range []struct {
		name  string
		r     *sql.Runner
		alter func()
		want  string
	}{
		{"nothing changed", first, func() {}, ""},
		{"a variable", runner(t, nil, sql.RunnerOptions{Vars: map[string]any{"limit": 2}}, ladder(t, "1")...), func() {},
			"low: the value of a variable changed (limit) | middle: low, which it reads, changed | top: middle, which it reads, changed"},
		{"a file", runner(t, nil, sql.RunnerOptions{}, ladder(t, "3")...), func() {}, "low: its file changed | middle: low, which it reads, changed | top: middle, which it reads, changed"},
		{"newer data is no change", first, func() {
			built["low"] = sql.Built{Fingerprint: first.Fingerprint("low"), At: at, Status: "ok", NewData: "the data is newer"}
		}, ""},
		{"a failed build", first, func() { built["top"] = sql.Built{Fingerprint: first.Fingerprint("top"), At: at, Status: "failed"} }, "top: its last build did not pass (failed)"},
		{"never built", first, func() { delete(built, "top") }, "top: it was never built"},
	} {
		c.alter()
		if got := reasons(c.r, built); got != c.want {
			t.Errorf("%s: got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestSelectorsAreAddedUpIntersectedAndExcluded(t *testing.T) {
	r := runner(t, nil, sql.RunnerOptions{}, ladder(t, "1")...)
	for _, c := range []struct{ selectors, exclude, want string }{
		{"", "", "aside low middle top"},
		{"tag:a tag:b", "", "low middle top"},
		{"tag:a,tag:b", "", "middle"},
		{"tag:a,low+", "top", "low middle"},
		{"+top,tag:b", "", "middle top"},
		{"path:own", "tag:a", "aside top"},
		{"path:own/to", "", "top"},
		{"", "+middle", "aside top"},
		{"+tag:b", "", "low middle top"},
		{"aside,top", "", ""},
	} {
		got, err := r.Select(strings.Fields(c.selectors), strings.Fields(c.exclude))
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%q without %q: got %v, %v, want %s", c.selectors, c.exclude, got, err, c.want)
		}
	}
	for selector, want := range map[string]string{
		"midle":   `there is no model "midle"; did you mean "middle"?`,
		"zzzzzzz": "there is no model \"zzzzzzz\"; `huikuan models` lists them",
		"tag:c":   `no model has the tag "c"; allowed: a, b`,
		"path:on": `no model stands under "on"; did you mean "own"?`,
		"low,":    `there is no model ""`,
	} {
		_, err := r.Select([]string{selector}, nil)
		var wrong *sql.SelectorError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gave %v, want %s", selector, err, want)
		}
	}
}

func TestDaysReachOnlyModelsThatReadThem(t *testing.T) {
	dated := model(t, "dated", "columns: [{name: day, description: d}]\nmaterialisation: incremental\nunique_key: day",
		"SELECT arrayJoin([toDate32('2026-01-01'), toDate32('2026-01-02'), toDate32('2026-01-03')]) AS day WHERE day BETWEEN '{{ var('since') }}' AND '{{ var('until') }}'")
	other := model(t, "other", oneColumn, "SELECT 1 AS n")
	w := newWarehouse(t)
	r := runner(t, w, sql.RunnerOptions{Since: "2026-01-02", Until: "2026-01-02"}, dated, other)
	if err := r.UsesPeriod([]string{"dated"}, true, true); err != nil {
		t.Error(err)
	}
	if err := r.UsesPeriod([]string{"dated", "other"}, true, false); err == nil || !strings.Contains(err.Error(), "--since does not reach the model other; select models that read {{ var('since') }}") {
		t.Errorf("a model that does not heed --since gave %v", err)
	}
	if report := build(t, r, "dated"); report.Models[0].Rows != 1 {
		t.Errorf("%d rows of one day: %v", report.Models[0].Rows, report.Err())
	}
	publish(t, r)
	r = runner(t, w, sql.RunnerOptions{}, dated)
	if report := build(t, r); report.Models[0].Rows != 3 {
		t.Errorf("%d rows without days: %v", report.Models[0].Rows, report.Err())
	}
	if r.Fingerprint("dated") != runner(t, nil, sql.RunnerOptions{Since: "2020-01-01"}, dated).Fingerprint("dated") {
		t.Error("the days of a run change the fingerprint of a model")
	}
}

func TestDataTestsRunOnTheTablesThatServe(t *testing.T) {
	w := newWarehouse(t)
	m := model(t, "served", "columns: [{name: n, description: d, tests: [unique]}]", "SELECT 1 AS n")
	r := runner(t, w, sql.RunnerOptions{}, m)
	report, err := r.TestServing(context.Background(), []string{"served"})
	if err != nil || report.Models[0].Status != sql.Skipped {
		t.Errorf("never built: %v, %v", report.Models, err)
	}
	build(t, r)
	publish(t, r)
	w.exec("INSERT INTO served VALUES (1)")
	report, err = r.TestServing(context.Background(), []string{"served"})
	if err != nil || report.Models[0].Status != sql.TestFailed || report.Models[0].Reason != "the test unique_n found 1 failing rows" {
		t.Errorf("a row twice: %+v, %v", report.Models, err)
	}
	if got := w.text("SELECT toString(groupArray(name)) FROM system.tables WHERE database = currentDatabase() AND name LIKE '%\\_\\_%'"); got != "[]" {
		t.Errorf("testing leaves behind %s", got)
	}
}

// A plan names the variables whose values changed, and no others; what was built
// before their values were kept tells only that one of them changed.
func TestAPlanNamesOnlyTheVariablesThatChanged(t *testing.T) {
	m := model(t, "limits", oneColumn+"\nvars:\n  low: {default: 1, type: integer, description: d}\n  high: {default: 9, type: integer, description: d}", "SELECT {{ var('low') }} + {{ var('high') }} AS n")
	built := runner(t, nil, sql.RunnerOptions{}, m).Fingerprint("limits")
	early := strings.Join(strings.Split(built, "-")[:2], "-")
	for _, c := range []struct {
		built, want string
		vars        map[string]any
	}{
		{built, "", nil},
		{early, "", nil},
		{built, "the value of a variable changed (high)", map[string]any{"high": 8}},
		{built, "the values of variables changed (high, low)", map[string]any{"high": 8, "low": 2}},
		{early, "the value of one of its variables changed (high, low)", map[string]any{"high": 8}},
	} {
		r := runner(t, nil, sql.RunnerOptions{Vars: c.vars}, m)
		p := r.Plan([]string{"limits"}, map[string]sql.Built{"limits": {Fingerprint: c.built, At: time.Unix(1, 0), Status: "ok"}})
		if got := strings.Join(p[0].Why, "; "); got != c.want {
			t.Errorf("%s with %v: got %s, want %s", c.built, c.vars, got, c.want)
		}
	}
}

// remembered is a warehouse's memory of models, kept as a build keeps it.
type remembered map[string]sql.Built

func (b remembered) run(r *sql.Runner, hour int, status sql.Status, models ...string) {
	var report sql.Report
	for _, name := range models {
		report.Models = append(report.Models, sql.ModelReport{Name: name, Status: status})
	}
	for name, f := range r.Fingerprints(report, b) {
		if status == sql.Published {
			b[name] = sql.Built{Fingerprint: f, At: time.Date(2026, 1, 1, hour, 0, 0, 0, time.UTC), Status: "ok"}
		}
	}
}

func (b remembered) changed(r *sql.Runner) string {
	var out []string
	for _, p := range r.Plan([]string{"low", "middle", "top", "aside"}, b) {
		if p.Changed {
			out = append(out, p.Model+": "+strings.Join(p.Why, "; "))
		}
	}
	return strings.Join(out, " | ")
}

// What was built from another definition makes its readers stale, however they
// are built afterwards; what was built again with newer rows does not.
func TestAModelBuiltAloneLeavesItsReadersToBuild(t *testing.T) {
	before, after := runner(t, nil, sql.RunnerOptions{}, ladder(t, "1")...), runner(t, nil, sql.RunnerOptions{Vars: map[string]any{"limit": 2}}, ladder(t, "1")...)
	b := remembered{}
	hour := 0
	step := func(what string, r *sql.Runner, status sql.Status, want string, models ...string) {
		t.Helper()
		hour++
		b.run(r, hour, status, models...)
		if got := b.changed(r); got != want {
			t.Errorf("%s: got %s\nwant %s", what, got, want)
		}
	}
	const stale = "middle: what it reads was built since: low | top: middle, which it reads, changed"
	step("all", before, sql.Published, "", "low", "middle", "top", "aside")
	step("the lowest again, with newer rows", before, sql.Published, "", "low")
	step("the lowest with another value", after, sql.Published, stale, "low")
	step("once more", after, sql.Published, stale, "low")
	step("its reader, which failed", after, sql.TestFailed, stale, "middle")
	step("the highest, on the old middle one", after, sql.Published, stale, "top")
	step("its reader", after, sql.Published, "top: what it reads was built since: middle", "middle")
	step("the highest", after, sql.Published, "", "top")

	// A warehouse that did not keep what its models read.
	for name, built := range b {
		built.Fingerprint = strings.Join(strings.Split(built.Fingerprint, "-")[:2], "-")
		built.At = time.Date(2026, 1, 1, hour, 0, 0, 0, time.UTC)
		b[name] = built
	}
	if got := b.changed(after); got != "" {
		t.Errorf("of an earlier version: %s", got)
	}
	step("the lowest alone, which may have changed", after, sql.Published, stale, "low")
	step("all that changed", after, sql.Published, "", "middle", "top")
	step("the lowest again, with newer rows", after, sql.Published, "", "low")
	step("the lowest with its old value", before, sql.Published, stale, "low")
}

// A build of some days leaves the others as they were, and the plan says so until
// a build of all.
func TestABuildOfSomeDaysLeavesAChangedModelToBuild(t *testing.T) {
	days := func(amount string) sql.Model {
		return model(t, "low", daysHeader+"\nvars: {limit: {default: 1, type: integer, description: d}}", "SELECT toDate32('2026-01-01') AS day, "+amount+" + {{ var('limit') }} AS amount WHERE day BETWEEN '{{ var('since') }}' AND '{{ var('until') }}'")
	}
	some := sql.RunnerOptions{Since: "2026-09-01", Until: "2026-09-30"}
	anew := some
	anew.FullRefresh = true
	b := remembered{}
	hour := 0
	step := func(what string, o sql.RunnerOptions, amount, want string) {
		t.Helper()
		hour++
		r := runner(t, nil, o, days(amount))
		b.run(r, hour, sql.Published, "low")
		if got := b.changed(r); got != want {
			t.Errorf("%s: got %s, want %s", what, got, want)
		}
	}
	const mixed = "low: only some of its days were built as it is now (--since, --until)"
	step("some days, first", some, "1", mixed)
	step("all", sql.RunnerOptions{}, "1", "")
	step("some days again, with newer rows", some, "1", "")
	step("some days of another file", some, "2", "low: its file changed")
	step("some more", sql.RunnerOptions{Since: "2026-01-01"}, "2", "low: its file changed")
	step("some days of the file as it was", some, "1", mixed)
	step("all days", sql.RunnerOptions{}, "2", "")
	step("some days with another value", sql.RunnerOptions{Until: "2026-01-01", Vars: map[string]any{"limit": 2}}, "2", "low: the value of a variable changed (limit)")
	step("anew", anew, "3", "")
}
