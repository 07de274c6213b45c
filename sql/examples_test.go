package sql_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"huikuan/sql"
)

// workedExamples is how many the trade has published or we have worked by hand.
const workedExamples = 59

// Every worked example goes through what makes the tables: a build, a Go
// package, or a model. A name without a place, or a place that does not compute
// it, fails here.
func TestEveryWorkedExampleIsComputedSomewhere(t *testing.T) {
	models, err := sql.Models()
	if err != nil {
		t.Fatal(err)
	}
	built := builtExamples(t)
	names := 0
	f, err := os.Open("testdata/worked_examples.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		names++
		name, places, wrong := words[0], 0, ""
		for _, w := range words[1:] {
			if n, ok := strings.CutPrefix(w, "not:"); ok {
				wrong = n
			}
		}
		for _, place := range words[1:] {
			model, isModel := strings.CutPrefix(place, "model:")
			switch {
			case strings.HasPrefix(place, "not:"):
				continue
			case place == "build":
				if e, ok := built[name]; !ok || wrong != "" && (e.Kind != "published-with-error" || string(e.Published) != wrong) {
					t.Errorf("%s: the build does not compute it, or does not refuse %q", name, wrong)
				}
			case isModel:
				checkModelExample(t, models, model, name, wrong)
			case !goTestNames(t, place, name):
				t.Errorf("%s: %s does not name ex:%s", name, place, name)
			}
			places++
		}
		if places == 0 {
			t.Errorf("nothing computes the example %s", name)
		}
	}
	if names != workedExamples {
		t.Errorf("%d worked examples are listed, want %d", names, workedExamples)
	}
}

type builtExample struct {
	Name, Kind string
	Published  json.RawMessage
}

// builtExamples lists what TestWorkedExamples of transform/metrics computes; that
// test fails for an example without a computation, and for one that repeats an
// error that was published.
func builtExamples(t *testing.T) map[string]builtExample {
	data, err := os.ReadFile("../transform/metrics/testdata/examples.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []builtExample
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	out := map[string]builtExample{}
	for _, e := range list {
		out[e.Name] = e
	}
	return out
}

// checkModelExample finds the unit test ex:name of a model. What it expects
// must not be the figure that was published in error.
func checkModelExample(t *testing.T, models []sql.Model, model, name, wrong string) {
	for _, m := range models {
		if m.Name != model {
			continue
		}
		for _, u := range m.UnitTests {
			rest, ok := strings.CutPrefix(u.Name, "ex:"+name)
			if !ok || rest != "" && !strings.ContainsAny(rest[:1], ": ,") {
				continue
			}
			if len(u.Expect) == 0 {
				t.Errorf("%s: the unit test of %s expects nothing", name, model)
			}
			for _, row := range u.Expect {
				for column, cell := range row.Cells {
					if wrong != "" && strings.TrimPrefix(cell.Text, "~") == wrong {
						t.Errorf("%s: %s of %s expects %s, which was published in error", name, column, model, wrong)
					}
				}
			}
			return
		}
	}
	t.Errorf("%s: no unit test ex:%s in the model %s", name, name, model)
}

// goTestNames tells whether package.Test names ex:name in its comment or body.
func goTestNames(t *testing.T, place, name string) bool {
	return strings.Contains(goTest(t, place)+`"`, "ex:"+name)
}

// goTest returns body and comment of package.Test; empty where there is none.
func goTest(t *testing.T, place string) string {
	pkg, test, _ := strings.Cut(place, ".")
	files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(pkg), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == test {
				return string(text[set.Position(fn.Pos()).Offset:set.Position(fn.End()).Offset]) + fn.Doc.Text()
			}
		}
	}
	return ""
}

// Every number that the source of an example expects stands in the unit test
// that computes it, in the column of that name where there is one, so that
// neither can change without the other. Those of the examples that a build
// computes are compared in transform/metrics.
func TestUnitTestsExpectWhatTheirExamplesExpect(t *testing.T) {
	data, err := os.ReadFile("testdata/worked_examples.json")
	if err != nil {
		t.Fatal(err)
	}
	var examples []struct {
		Name      string
		Expected  map[string]any
		Tolerance float64
	}
	if err := json.Unmarshal(data, &examples); err != nil {
		t.Fatal(err)
	}
	models, err := sql.Models()
	if err != nil {
		t.Fatal(err)
	}
	built := builtExamples(t)
	compared := map[string]bool{}
	for _, e := range examples {
		compared[e.Name] = true
		cells, values := expectedCells(models, e.Name), flat("", e.Expected)
		for key, want := range values {
			if parts, ok := totals[e.Name+"."+key]; ok {
				if sum := sumOf(values, parts...); !sameValue(fmt.Sprint(sum), want, 2*e.Tolerance) {
					t.Errorf("%s: %s is %v, %v is expected of it", e.Name, key, sum, want)
				}
				continue
			}
			if column, ok := otherNames[e.Name+"."+key]; ok {
				key = column
			}
			if !notInModels[e.Name+"."+key] && !cells.expect(key, want, e.Tolerance) && !goTestsExpect(t, e.Name, want) {
				t.Errorf("%s: no unit test expects %s = %v", e.Name, key, want)
			}
		}
	}
	for _, place := range placesOf(t) {
		if _, isBuilt := built[place[0]]; !isBuilt && !compared[place[0]] {
			t.Errorf("%s: its expectations are missing in testdata/worked_examples.json", place[0])
		}
	}
}

// otherNames are the columns of expectations whose own name another column has.
var otherNames = map[string]string{"dbt_experian_midpoints.dbt": "dbt_midpoint"}

// totals are sums of other expectations, whose names begin with these.
var totals = map[string][]string{"ecl_ifrs9_ie12.total": {"allowance."}, "ecl_ifrscommunity_flow.total": {"ecl."}, "ecl_from_roll_rates.total": {"ecl."},
	"cash_forecast_garrison.total": {"jul", "aug", "sep"}}

// notInModels are expectations that no unit test shows: what is given (days of
// each invoice, gross amounts), and what a row's being there tells (a warning,
// whose measure 60,000 and baseline 100,000 are the change).
var notInModels = map[string]bool{"shekal_dbt_error.days.0": true, "shekal_dbt_error.days.1": true, "ecl_ifrs9_ie12.gross_total": true,
	"ewi_payment_cycle.warn": true, "ewi_order_decline.warn": true, "ewi_order_decline.change": true}

func sumOf(values map[string]any, names ...string) (sum float64) {
	for key, v := range values {
		if slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(key, name) }) {
			sum += v.(float64)
		}
	}
	return sum
}

// placesOf lists the worked examples with their places, a line each.
func placesOf(t *testing.T) (out [][]string) {
	data, err := os.ReadFile("testdata/worked_examples.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if words := strings.Fields(line); len(words) > 0 && words[0] != "#" {
			out = append(out, words)
		}
	}
	return out
}

// exampleCells are what unit tests expect, by column.
type exampleCells map[string][]string

func expectedCells(models []sql.Model, name string) exampleCells {
	out := exampleCells{}
	for _, m := range models {
		for _, u := range m.UnitTests {
			if rest, ok := strings.CutPrefix(u.Name, "ex:"+name); !ok || rest != "" && !strings.ContainsAny(rest[:1], ": ,") {
				continue
			}
			for _, row := range u.Expect {
				for column, cell := range row.Cells {
					text := strings.TrimPrefix(cell.Text, "~")
					if cell.Null {
						text = "null"
					}
					out[column] = append(out[column], text)
				}
			}
		}
	}
	return out
}

// expect tells whether a cell holds a value: one of the column of that name
// where there is one.
func (c exampleCells) expect(key string, want any, tolerance float64) bool {
	name, _, _ := strings.Cut(key, ".")
	if list, ok := c[name]; ok {
		return slices.ContainsFunc(list, func(text string) bool { return sameValue(text, want, tolerance) })
	}
	for _, list := range c {
		if slices.ContainsFunc(list, func(text string) bool { return sameValue(text, want, tolerance) }) {
			return true
		}
	}
	return false
}

func sameValue(text string, want any, tolerance float64) bool {
	number, isNumber := want.(float64)
	if !isNumber {
		return want == nil && text == "null" || fmt.Sprint(want) == text
	}
	got, err := strconv.ParseFloat(text, 64)
	return err == nil && math.Abs(got-number) <= tolerance+1e-9
}

// flat lists the values of an example by name; those of lists and parts by
// name and place.
func flat(name string, value any) map[string]any {
	out := map[string]any{}
	under := func(key string, v any) {
		for k, x := range flat(strings.TrimPrefix(name+"."+key, "."), v) {
			out[k] = x
		}
	}
	switch v := value.(type) {
	case map[string]any:
		for k, x := range v {
			under(k, x)
		}
	case []any:
		for i, x := range v {
			under(strconv.Itoa(i), x)
		}
	default:
		out[name] = value
	}
	return out
}

// goTestsExpect tells whether a Go test that computes an example has a number.
func goTestsExpect(t *testing.T, name string, want any) bool {
	number, ok := want.(float64)
	if !ok {
		return false
	}
	for _, words := range placesOf(t) {
		for _, place := range words[1:] {
			if words[0] != name || !strings.Contains(place, ".Test") {
				continue
			}
			for _, text := range regexp.MustCompile(`[0-9][0-9_]*(\.[0-9]+)?`).FindAllString(goTest(t, place), -1) {
				if sameValue(strings.ReplaceAll(text, "_", ""), number, 0) {
					return true
				}
			}
		}
	}
	return false
}
