package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
	"huikuan/internal/progress"
)

func (c *cli) buildCmd() *cobra.Command {
	var asOf string
	var full bool
	cmd := &cobra.Command{
		Use:   "build",
		Short: "Replay the ledger into metrics and build the models",
		Long: "Replays every customer's documents into the signed event fact, aging snapshots, roll-forward,\n" +
			"DSO and rep collection, builds the SQL models on them, tests all of it beside the tables that\n" +
			"serve, and exchanges what passed. A failed blocking check leaves the old tables serving.\n" +
			"Only customers whose documents have changed since the last build are replayed, where that is\n" +
			"possible; the result is that of a full build, and a full build says why it was one.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			day, err := parseDay(asOf)
			if err != nil {
				return err
			}
			s, _, err := c.open(cmd.Context(), nil)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			report, err := s.Build(cmd.Context(), pipeline.BuildOptions{AsOf: day, Full: full})
			s.bars.Wait()
			if err != nil {
				return err
			}
			return c.showBuild(report)
		},
	}
	cmd.Flags().StringVar(&asOf, "as-of", "", "last day of the figures, YYYY-MM-DD (default today, UTC)")
	cmd.Flags().BoolVar(&full, "full", false, "replay all documents, even where changed customers would do")
	return cmd
}

func parseDay(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return day, usageError{fmt.Errorf("--as-of: found %q, expected a day such as 2026-11-30", s)}
	}
	return day, nil
}

func (c *cli) showBuild(r pipeline.BuildReport) error {
	m := r.Metrics
	fmt.Fprintf(c.out, "Built as of %s: %s customers, %s items, %s events in %s; %s models in %s.\n",
		r.AsOf.Format(time.DateOnly), progress.Count(m.Customers), progress.Count(m.Items), progress.Count(m.Events),
		r.Replay.Round(time.Millisecond), progress.Count(int64(len(r.Models.Models))), r.ModelTime.Round(time.Millisecond))
	switch {
	case r.FullBecause != "":
		fmt.Fprintf(c.out, "All documents were replayed: %s.\n", r.FullBecause)
	case r.Replay > 0:
		fmt.Fprintf(c.out, "Customers whose documents had changed: %s.\n", progress.Count(m.Changed))
	}
	if r.Anew != "" {
		fmt.Fprintf(c.out, "Not from the changed customers alone: %s.\n", r.Anew)
	}
	for _, n := range m.Notices {
		fmt.Fprintln(c.out, "Note:", n)
	}
	failed := r.FailedChecks()
	if len(failed) == 0 {
		return nil
	}
	for _, f := range failed {
		fmt.Fprintln(c.out, "Check failed:", f)
	}
	return errPartial
}
