package sql_test

import (
	"context"
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
