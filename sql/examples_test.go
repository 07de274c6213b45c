package sql_test

import (
	"bufio"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
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
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Name.Name != test {
				continue
			}
			body := string(text[set.Position(fn.Pos()).Offset:set.Position(fn.End()).Offset])
			return strings.Contains(body+fn.Doc.Text()+`"`, "ex:"+name)
		}
	}
	return false
}
