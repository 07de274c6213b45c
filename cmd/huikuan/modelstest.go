package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
)

func (c *cli) modelsTestCmd() *cobra.Command {
	var o pipeline.ModelSelection
	var unit, data bool
	cmd := &cobra.Command{
		Use: "test [selector …]", Short: "Run the models' unit tests, and their data tests on the tables that serve",
		Long: selectorHelp + "\n\nUnit tests are the worked examples in the models' headers: rows given, rows expected. They touch no\n" +
			"table and use the defaults of all variables.",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.Models = args
			cfg, _, _, err := c.checkModels(o)
			if err != nil {
				return err
			}
			s, err := c.openConfig(cmd.Context(), cfg, reading)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			r, err := s.TestModels(cmd.Context(), o, unit || !data, data || !unit)
			s.bars.Wait()
			if err != nil {
				return err
			}
			return c.showTests(r)
		},
	}
	excluding(cmd, &o)
	cmd.Flags().BoolVar(&unit, "unit", false, "only unit tests")
	cmd.Flags().BoolVar(&data, "data", false, "only data tests")
	return cmd
}

func (c *cli) showTests(r pipeline.ModelTests) error {
	failedUnits, failedTests, tests := 0, 0, 0
	for _, u := range r.Units {
		if !u.Passed() {
			failedUnits++
			fmt.Fprintln(c.out, u)
		}
	}
	for _, m := range r.Data.Models {
		for _, t := range m.Tests {
			tests++
			if t.Err != nil {
				failedTests++
				fmt.Fprintf(c.out, "%s: the test %q of %s could not be run: %v\n", m.File, t.Name, m.Name, t.Err)
			} else if !t.Passed() {
				failedTests++
				fmt.Fprintf(c.out, "%s: the test %q of %s (severity %s) found %s; this query returns them:\n%s\n", m.File, t.Name, m.Name, t.Severity, counted(t.Failed, "row", "rows"), t.Query)
			}
		}
	}
	fmt.Fprintf(c.out, "%s, %d failed; %s, %d failed; %s.\n", counted(int64(len(r.Units)), "unit test", "unit tests"), failedUnits,
		counted(int64(tests), "data test", "data tests"), failedTests, r.Took.Round(time.Millisecond))
	if never := r.NeverBuilt(); never > 0 {
		fmt.Fprintf(c.out, "%s never built, so there was no table to test: `huikuan build`.\n", counted(never, "model was", "models were"))
	}
	if failedUnits+failedTests > 0 || !r.Passed() {
		return errPartial
	}
	return nil
}
