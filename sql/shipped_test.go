package sql_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"huikuan/sql"
)

// Each unit test of each shipped model is a subtest of its own:
// go test ./sql -run 'TestShippedModelsPassTheirUnitTests/loss_rates' runs those of one.
//
// The same engine's answers tell the columns: every number has its unit.
func TestShippedModelsPassTheirUnitTests(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of queries that say nothing about goroutines: left out by -short")
	}
	models, err := sql.Models()
	if err != nil {
		t.Fatal(err)
	}
	r := runner(t, newWarehouse(t), sql.RunnerOptions{}, models...)
	for _, m := range models {
		t.Run(m.Name, func(t *testing.T) {
			reports, err := r.UnitTests(context.Background(), m.Name)
			if err != nil {
				t.Fatal(err)
			}
			if len(reports) == 0 {
				t.Errorf("%s has no unit test: add unit_tests with rows given and rows expected", m.File)
			}
			for _, u := range reports {
				t.Run(u.Test, func(t *testing.T) {
					if !u.Passed() {
						t.Error(u)
					}
				})
			}
			everyNumberHasItsUnit(t, r, m)
		})
	}
}

func everyNumberHasItsUnit(t *testing.T, r *sql.Runner, m sql.Model) {
	t.Helper()
	columns, err := r.ColumnTypes(context.Background(), m.Name)
	if err != nil {
		t.Fatalf("%s: %v", m.File, err)
	}
	for _, c := range m.Columns {
		typ := columns[c.Name]
		for _, number := range []string{"Int", "Decimal", "Float"} {
			if strings.Contains(typ, number) && c.Unit == "" {
				t.Errorf("%s: %s is %s and has no unit", m.File, c.Name, typ)
			}
		}
	}
	for name := range columns {
		if !m.Describes(name) {
			t.Errorf("%s: the column %s is not described", m.File, name)
		}
	}
}

func TestDescriptionsNameTheSettingNotItsDefault(t *testing.T) {
	catalogue, err := sql.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	models, err := sql.Models()
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{"12": "|twelve"}
	for _, m := range models {
		text, err := os.ReadFile(filepath.Join("models", m.Name+".sql"))
		if err != nil {
			t.Fatal(err)
		}
		about := m.Description
		for _, c := range m.Columns {
			about += "\n" + c.Name + ": " + c.Description
		}
		for _, d := range catalogue {
			if d.Unit != "days" && d.Unit != "months" || d.Default.IsList || !strings.Contains(string(text), "var('"+d.Name+"')") {
				continue
			}
			fixed := regexp.MustCompile(`.*\b(` + d.Default.Text + words[d.Default.Text] + `) ` + d.Unit + `\b( past due)?.*`)
			for _, found := range fixed.FindAllStringSubmatch(about, -1) {
				if found[2] == "" {
					t.Errorf("%s: %q is no longer true once %s is set; say %s", m.File, found[0], d.Name, d.Name)
				}
			}
		}
	}
}
