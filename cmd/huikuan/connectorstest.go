package main

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"huikuan/internal/connectors"
)

// errDiffers ends a test whose differences have been shown.
var errDiffers = errors.New("the connector does not do what is expected")

func (c *cli) connectorsTestCmd() *cobra.Command {
	var update bool
	cmd := &cobra.Command{
		Use:   "test DIR …",
		Short: "Replay recorded exchanges through a connector and compare the rows with those expected",
		Long: "A test is a folder: test.yaml names the connector and its settings, exchanges/*.http.yaml hold\n" +
			"requests with their answers, expected/<table>.csv the rows that must come of them. Folders run2,\n" +
			"run3, … hold the same for runs that continue from the cursors of the one before.\n\n" +
			"Exit codes: 0 as expected, 1 not, 2 the folder or the connector is not right.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			log := slog.New(slog.DiscardHandler)
			if c.verbose {
				log = slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelDebug}))
			}
			ok := true
			for _, dir := range args {
				t, err := connectors.OpenTest(dir)
				if err != nil {
					return err
				}
				reports, err := t.Run(cmd.Context(), log, update)
				if err != nil {
					return err
				}
				for _, r := range reports {
					c.showTest(strings.TrimSuffix(dir+"/"+r.Name, "/."), r, update)
					ok = ok && r.OK()
				}
			}
			if !ok {
				return errDiffers
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&update, "update", false, "take what comes as what is expected from now on")
	return cmd
}

// showTest tells what came of one run.
func (c *cli) showTest(name string, r connectors.RunReport, update bool) {
	var rows []string
	for _, t := range slices.Sorted(maps.Keys(r.Rows)) {
		rows = append(rows, fmt.Sprintf("%s %d", t, r.Rows[t]))
	}
	if r.Rejected > 0 {
		rows = append(rows, fmt.Sprintf("rejected %d", r.Rejected))
	}
	verdict := "ok"
	switch {
	case !r.OK():
		verdict = "FAILED"
	case update:
		verdict = "written"
	}
	fmt.Fprintf(c.out, "%s: %s (%s)\n", name, verdict, strings.Join(rows, ", "))
	for _, err := range r.Failed {
		fmt.Fprintf(c.out, "  %v\n", err)
	}
	for _, u := range r.Unmatched {
		fmt.Fprintf(c.out, "  %s\n", u)
	}
	for _, u := range r.Unused {
		fmt.Fprintf(c.out, "  recorded, but nobody asked for it: %s\n", u)
	}
	if len(r.Differences) == 0 {
		return
	}
	t := newTable(c.out, "table", "row", "column", "expected", "got")
	for i, d := range r.Differences {
		if i == maxDifferences {
			fmt.Fprintf(c.out, "The first %d of %d differences:\n", i, len(r.Differences))
			break
		}
		t.AppendRow(table.Row{d.Table, d.Row, d.Column, shorten(d.Want, 100), shorten(d.Got, 100)})
	}
	t.Render()
}

// maxDifferences is how many differences are shown.
const maxDifferences = 50

func (c *cli) connectorsRecordCmd() *cobra.Command {
	o := connectors.RecordOptions{Pages: 3}
	cmd := &cobra.Command{
		Use:   "record SOURCE DIR",
		Short: "Record the exchanges with a configured source as a folder for `connectors test`",
		Long: "Reads the first pages of each stream of the source and writes what was asked and answered, and\n" +
			"the rows that come of it. Nothing is loaded. Keys, tokens and cookies are replaced by names;\n" +
			"everything else is what your system holds, customers' names too: look it through, and cut it\n" +
			"down, before you hand it on.",
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.Pages < 0 {
				return usageError{fmt.Errorf("--limit: found %d, expected a number of pages; 0 = all", o.Pages)}
			}
			cfg, err := c.load()
			if err != nil {
				return err
			}
			o.Source, o.Dir = args[0], args[1]
			rec, err := connectors.Record(cmd.Context(), cfg, c.logger(cfg), o)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.out, "%s of %s in %s.\n", counted(rec.Exchanges, "exchange", "exchanges"), counted(len(rec.Streams), "stream", "streams"), o.Dir)
			if len(rec.Failed) > 0 {
				return errors.Join(rec.Failed...)
			}
			t, err := connectors.OpenTest(o.Dir)
			if err != nil {
				return err
			}
			reports, err := t.Run(cmd.Context(), slog.New(slog.DiscardHandler), true)
			if err != nil {
				return err
			}
			for _, r := range reports {
				c.showTest(o.Dir, r, true)
				if !r.OK() {
					return errDiffers
				}
			}
			fmt.Fprintln(c.out, "Keys are replaced; the rest is what your system holds: look it through before you hand it on.")
			return nil
		},
	}
	cmd.Flags().IntVar(&o.Pages, "limit", o.Pages, "pages a stream at most; 0 = all")
	cmd.Flags().StringSliceVarP(&o.Streams, "stream", "s", nil, "only these streams")
	return cmd
}
