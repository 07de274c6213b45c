package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
)

func (c *cli) modelsCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List the SQL models, or build them on the metrics there are",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := c.load()
			if err != nil {
				return err
			}
			models, err := pipeline.Models(cfg)
			if err != nil {
				return usageError{err}
			}
			t := newTable(c.out, "model", "grain", "reads", "tests", "description")
			for _, m := range models {
				t.AppendRow(table.Row{m.Name, m.Grain, strings.Join(append(m.Refs(), m.Sources()...), ", "), len(m.Tests), m.Description})
			}
			t.Render()
			return nil
		},
	}
	build := &cobra.Command{
		Use:   "build [model …]",
		Short: "Build and test models on the metrics there are, without a replay",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			s, _, err := c.open(cmd.Context(), nil)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			r, err := s.Build(cmd.Context(), pipeline.BuildOptions{ModelsOnly: true, Models: args})
			s.bars.Wait()
			if err != nil {
				return err
			}
			return c.showModels(r)
		},
	}
	cmd.AddCommand(build)
	return cmd
}

func (c *cli) showModels(r pipeline.BuildReport) error {
	t := newTable(c.out, "model", "status", "rows", "tests", "failed", "note")
	t.alignRight(3, 5)
	bad := false
	for _, m := range r.Models.Models {
		failed := 0
		for _, test := range m.Tests {
			if !test.Passed() {
				failed++
			}
		}
		bad = bad || failed > 0 || m.Reason != ""
		t.AppendRow(table.Row{m.Name, m.Status, m.Rows, len(m.Tests), dash(int64(failed)), m.Reason})
	}
	t.Render()
	if bad {
		fmt.Fprintln(c.out, "A model that did not pass keeps serving its last good table.")
		return errPartial
	}
	return nil
}
