package sql_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huikuan/sql"
)

// The table of edge behaviour has 25 metrics and 7 columns. What no test proves
// yet is counted, so that it can only become less.
const edgeLines, openEdges = 25 * 7, 0

// Every line of the table of edge behaviour is proved by a test that exists.
func TestEveryEdgeHasItsProof(t *testing.T) {
	text, err := os.ReadFile("../transform/metrics/testdata/edges.txt")
	if err != nil {
		t.Fatal(err)
	}
	models, err := sql.Models()
	if err != nil {
		t.Fatal(err)
	}
	lines, open := map[string]bool{}, 0
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, " | ")
		if len(cells) != 3 {
			t.Errorf("%q is not metric | column | proofs", line)
			continue
		}
		if lines[cells[0]+cells[1]] {
			t.Errorf("%s, %s stands twice", cells[0], cells[1])
		}
		lines[cells[0]+cells[1]] = true
		for _, proof := range strings.Split(cells[2], "; ") {
			switch {
			case proof == "open":
				open++
			case proof != "n/a" && !edgeProved(t, models, proof):
				t.Errorf("%s, %s: there is no %s", cells[0], cells[1], proof)
			}
		}
	}
	if len(lines) != edgeLines || open != openEdges {
		t.Errorf("%d lines, %d of them open; want %d and %d", len(lines), open, edgeLines, openEdges)
	}
}

// edgeProved tells whether the Go test and its story, or the model's unit test,
// exists.
func edgeProved(t *testing.T, models []sql.Model, proof string) bool {
	name, story, _ := strings.Cut(proof, "/")
	pkg := "transform/metrics"
	if p, test, other := strings.Cut(proof, ":Test"); other {
		pkg, name, story = p, "Test"+test, ""
	} else if !strings.HasPrefix(proof, "Test") {
		return slices.ContainsFunc(models, func(m sql.Model) bool {
			return m.Name == name && story != "" && slices.ContainsFunc(m.UnitTests, func(u sql.UnitTest) bool { return strings.HasPrefix(u.Name, story) })
		})
	}
	files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(pkg), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	test := regexp.MustCompile(`(?m)^func ` + name + `\(t \*testing\.T\)`)
	for _, file := range append(files, filepath.Join("..", pkg, "testdata", "examples.json")) {
		source, err := os.ReadFile(file)
		switch isStory := strings.Contains(string(source), `"`+story+`"`); {
		case err != nil && !os.IsNotExist(err):
			t.Fatal(err)
		case name == "TestWorkedExamples" && strings.HasSuffix(file, ".json") && isStory:
			return true
		case test.Match(source) && (story == "" || isStory):
			return true
		}
	}
	return false
}
