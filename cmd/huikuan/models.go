package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"huikuan/config"
	"huikuan/internal/pipeline"
)

const selectorHelp = "Models are chosen by name, tag:x or path:folder; +name adds all it reads, name+ all that reads it;\n" +
	"several are added up, a,b is what both choose. Without any, all are chosen."

func (c *cli) modelsCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List, build, test, plan and document the SQL models",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.listModels(cmd, pipeline.ModelSelection{}) },
	}
	var chosen pipeline.ModelSelection
	ls := &cobra.Command{
		Use: "ls [selector …]", Short: "List the models: what they are, when they were built, how that went", Long: selectorHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			chosen.Models = args
			return c.listModels(cmd, chosen)
		},
	}
	cmd.AddCommand(ls, c.modelsRunCmd(), c.modelsTestCmd(), c.modelsPlanCmd(), c.modelsDocsCmd())
	excluding(ls, &chosen)
	return cmd
}

func excluding(cmd *cobra.Command, o *pipeline.ModelSelection) {
	cmd.Flags().StringSliceVar(&o.Exclude, "exclude", nil, "models to leave out, chosen the same way")
}

// checkModels refuses wrong files and selectors before the warehouse is opened.
func (c *cli) checkModels(o pipeline.ModelSelection) (*config.Config, *pipeline.Graph, []string, error) {
	cfg, err := c.load()
	if err != nil {
		return nil, nil, nil, err
	}
	graph, err := pipeline.ModelGraph(cfg)
	if err != nil {
		return nil, nil, nil, err
	}
	names, err := o.Select(graph)
	return cfg, graph, names, err
}

func (c *cli) listModels(cmd *cobra.Command, o pipeline.ModelSelection) error {
	cfg, graph, names, err := c.checkModels(o)
	if err != nil {
		return err
	}
	built, never := map[string]pipeline.BuiltModel{}, "never built"
	c.quiet = true
	if s, err := c.openConfig(cmd.Context(), cfg, reading); err != nil { // nothing is built yet, or the warehouse is elsewhere: the files tell the rest
		fmt.Fprintf(c.err, "When models were built is not known: %v\n", err)
		never = "not known"
	} else {
		built, err = s.BuiltModels(cmd.Context())
		if err = errors.Join(err, s.Close()); err != nil {
			c.logger(cfg).Debug("the state of the models cannot be read", "cause", err)
		}
	}
	t := newTable(c.out, "model", "is", "owner", "tags", "tests", "built (UTC)", "status", "description")
	for _, m := range graph.Models() {
		if !slices.Contains(names, m.Name) {
			continue
		}
		b := built[m.Name]
		status := b.Status
		if status == "" {
			status = never
		}
		t.AppendRow(table.Row{m.Name, string(m.Materialisation) + origin(m), m.Owner, strings.Join(m.Tags, ", "),
			fmt.Sprintf("%d unit, %d data", len(m.UnitTests), len(m.Tests)), instant(b.At), status, m.Description})
	}
	t.Render()
	return nil
}

// origin tells a user's model from a shipped one.
func origin(m pipeline.Model) string {
	switch {
	case m.Shipped:
		return ""
	case m.Replaces:
		return ", yours, in place of the shipped one"
	}
	return ", yours"
}

func (c *cli) modelsRunCmd() *cobra.Command {
	var o pipeline.ModelSelection
	cmd := &cobra.Command{
		Use: "run [selector …]", Aliases: []string{"build"},
		Short: "Build and test models on the metrics there are, without a replay",
		Long: selectorHelp + "\n\nEach model is built beside the table that serves, tested there and exchanged in one step. Where a\n" +
			"blocking test fails, the old table goes on serving and the failing rows stand in <model>__failed.",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.Models = args
			if err := checkPeriod(o); err != nil {
				return err
			}
			cfg, _, _, err := c.checkModels(o)
			if err != nil {
				return err
			}
			s, err := c.openConfig(cmd.Context(), cfg, nil)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			r, err := s.Build(cmd.Context(), pipeline.BuildOptions{ModelsOnly: true, Select: o})
			s.bars.Wait()
			if err != nil {
				return err
			}
			if len(r.Models.Models) == 0 {
				fmt.Fprintln(c.out, "Nothing to build: every selected model is as it was built.")
				return nil
			}
			return c.showModels(r)
		},
	}
	excluding(cmd, &o)
	f := cmd.Flags()
	f.BoolVar(&o.Changed, "changed", false, "only models whose file or variables changed since they were built, or whose models below did, and what reads them")
	f.StringVar(&o.Since, "since", "", "first day that incremental models compute, YYYY-MM-DD")
	f.StringVar(&o.Until, "until", "", "last day that incremental models compute, YYYY-MM-DD")
	f.BoolVar(&o.FullRefresh, "full-refresh", false, "build incremental models anew; snapshots keep their history")
	return cmd
}

func checkPeriod(o pipeline.ModelSelection) error {
	for flag, day := range map[string]string{"since": o.Since, "until": o.Until} {
		if day == "" {
			continue
		}
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return usageError{fmt.Errorf("--%s: found %q, expected a day such as 2026-11-30", flag, day)}
		}
	}
	if o.Since != "" && o.Until != "" && o.Since > o.Until {
		return usageError{fmt.Errorf("--since %s lies after --until %s; exchange them", o.Since, o.Until)}
	}
	return nil
}

func (c *cli) modelsPlanCmd() *cobra.Command {
	var o pipeline.ModelSelection
	cmd := &cobra.Command{
		Use: "plan [selector …]", Short: "Tell what a run would build, and why", Long: selectorHelp,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.Models = args
			cfg, _, _, err := c.checkModels(o)
			if err != nil {
				return err
			}
			c.quiet = true
			s, err := c.openConfig(cmd.Context(), cfg, reading)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			plan, err := s.PlanModels(cmd.Context(), o)
			if err != nil {
				return err
			}
			t := newTable(c.out, "model", "run --changed", "why")
			changed := 0
			for _, p := range plan {
				word, why := "leaves it", strings.Join(p.Why, "; ")
				if p.Changed {
					word = "builds it"
					changed++
				} else if o.Changed {
					continue
				}
				if why == "" {
					why = "nothing changed"
				}
				t.AppendRow(table.Row{p.Model, word, why})
			}
			t.Render()
			fmt.Fprintf(c.out, "`huikuan models run` builds %s, with --changed %d of them.\n", counted(int64(len(plan)), "model", "models"), changed)
			return nil
		},
	}
	excluding(cmd, &o)
	cmd.Flags().BoolVar(&o.Changed, "changed", false, "show only what run --changed would build")
	return cmd
}

func (c *cli) showModels(r pipeline.BuildReport) error {
	t := newTable(c.out, "model", "status", "rows", "tests", "failed", "note")
	t.alignRight(3, 5)
	bad, kept := false, false
	for _, m := range r.Models.Models {
		failed := 0
		for _, test := range m.Tests {
			if !test.Passed() {
				failed++
			}
		}
		bad, kept = bad || failed > 0 || m.Reason != "", kept || m.Reason != "" // a warning has rows, and no reason
		note := m.Reason
		if note == "" {
			note = strings.Join(m.Notices, "; ")
		}
		t.AppendRow(table.Row{m.Name, m.Status, m.Rows, len(m.Tests), dash(int64(failed)), note})
	}
	t.Render()
	if bad && kept {
		fmt.Fprintln(c.out, "A model that did not pass keeps serving its last good table, if it has one.")
	}
	if bad {
		return errPartial
	}
	return nil
}
