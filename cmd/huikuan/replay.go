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

func (c *cli) replayCmd() *cobra.Command {
	var since, until string
	cmd := &cobra.Command{
		Use:   "replay SOURCE [STREAM …]",
		Short: "Map the pages that are kept again, without asking the source",
		Long: "Maps the pages of a source that are kept as received again, with the mapping of today: after a\n" +
			"connector or a setting was mended. A replayed row never wins over a later version of its document,\n" +
			"rejected records that can be mapped now are loaded and marked as resolved, and rows that a page\n" +
			"gave before and no longer gives are deleted. Pages are kept for sync.keep_raw_days days.",
		Example: "  huikuan replay erp invoices --since 2026-01-01\n  huikuan replay crm --since 7d",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o := pipeline.ReplayOptions{Source: args[0], Streams: args[1:]}
			if o.Since, err = instantFlag("since", since); err != nil {
				return err
			}
			if o.Until, err = instantFlag("until", until); err != nil {
				return err
			}
			s, _, err := c.open(cmd.Context(), nil)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			report, err := s.Replay(cmd.Context(), o)
			s.bars.Wait()
			if err != nil {
				return err
			}
			return c.showReplay(report)
		},
	}
	cmd.Flags().StringVar(&since, "since", "", "only pages received from then on: a day, an instant, or how long ago (7d, 36h)")
	cmd.Flags().StringVar(&until, "until", "", "only pages received before then")
	return cmd
}

func instantFlag(name, text string) (time.Time, error) {
	t, err := pipeline.ParseDay(text, time.Now())
	if err != nil {
		return t, usageError{fmt.Errorf("--%s: %w", name, err)}
	}
	return t, nil
}

func (c *cli) showReplay(r pipeline.ReplayReport) error {
	t := newTable(c.out, "stream", "pages", "records", "left out", "rejected", "resolved", "rows", "deleted", "took", "received (UTC)")
	t.alignRight(2, 9)
	for _, s := range r.Streams {
		name, received := s.Source+"/"+s.Stream, ""
		if s.Err != nil {
			name += "  failed"
		}
		if !s.From.IsZero() {
			received = instant(s.From) + " to " + instant(s.To)
		}
		t.AppendRow(table.Row{name, progress.Count(s.Pages), progress.Count(s.Read), dash(s.Filtered), dash(s.Rejected), dash(s.Resolved),
			progress.Count(s.Rows), dash(s.Deleted), s.Took.Round(time.Millisecond), received})
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
	fmt.Fprintln(c.out, "The core tables are up to date; `huikuan build` makes the metrics follow.")
	if r.Rejected() > 0 {
		return errPartial
	}
	return nil
}
