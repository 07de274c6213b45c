package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
	"huikuan/internal/progress"
)

func (c *cli) syncCmd() *cobra.Command {
	var o pipeline.SyncOptions
	cmd := &cobra.Command{
		Use:   "sync [source …]",
		Short: "Pull what is new from the sources into the warehouse",
		Long: "Pulls what is new since the last sync, maps it to the canonical streams and loads it.\n" +
			"A cursor moves only after its data is acknowledged: stop it at any moment, and the same\n" +
			"command goes on without losing or doubling anything.",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			s, _, err := c.open(cmd.Context(), nil)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			o.Sources = args
			report, err := s.Sync(cmd.Context(), o)
			s.bars.Wait()
			if err != nil {
				return err
			}
			return c.showSync(report)
		},
	}
	cmd.Flags().StringSliceVarP(&o.Streams, "stream", "s", nil, "only these streams")
	cmd.Flags().BoolVar(&o.Full, "full", false, "forget the cursors and read everything again")
	cmd.Flags().BoolVar(&o.AcceptDeletions, "accept-deletions", false, "delete what is gone from the source, however much it is")
	return cmd
}

func (c *cli) showSync(r pipeline.SyncReport) error {
	t := newTable(c.out, "stream", "records", "left out", "rejected", "rows", "deleted", "received", "took")
	t.alignRight(2, 8)
	for _, s := range r.Streams {
		state := ""
		if s.Err != nil {
			state = "  failed"
		}
		t.AppendRow(table.Row{s.Source + "/" + s.Stream + state, progress.Count(s.Read), dash(s.Filtered), dash(s.Rejected), progress.Count(s.Rows), dash(s.Deleted), bytesText(s.Bytes), s.Took.Round(time.Millisecond)})
	}
	t.Render()
	for _, s := range r.Streams {
		if s.Rejected > 0 {
			fmt.Fprintf(c.out, "%s/%s: %s rejected; the first: %s\n", s.Source, s.Stream, progress.Count(s.Rejected), s.FirstReject)
		}
		if s.Notice != "" {
			fmt.Fprintf(c.out, "%s/%s: %s\n", s.Source, s.Stream, s.Notice)
		}
	}
	if err := r.Err(); err != nil {
		return err
	}
	if r.Rejected() > 0 {
		fmt.Fprintln(c.out, "Rejected records are kept with their reasons: `huikuan rejects` lists them.")
		return errPartial
	}
	return nil
}

func dash(n int64) string {
	if n == 0 {
		return "–"
	}
	return progress.Count(n)
}

func bytesText(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.0f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}
