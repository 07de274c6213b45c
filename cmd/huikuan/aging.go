package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
)

func (c *cli) agingCmd() *cobra.Command {
	var asOf, known string
	format, o := "table", pipeline.AgingOptions{By: "bucket"}
	cmd := &cobra.Command{
		Use:   "aging",
		Short: "The aging of any day, as known today and as it was known then",
		Long: "Replays the ledger in memory up to the end of a day and prints what was open, by aging bucket,\n" +
			"customer or currency, in document currency. With --known-at it prints beside it what was known\n" +
			"then: documents and applications recorded later (created_at of the source, else the day they were\n" +
			"loaded) do not count. --documents lists the difference document by document. Nothing is written.",
		Example: `  huikuan aging --as-of 2026-09-30
  huikuan aging --as-of 2026-09-30 --known-at 2026-10-05 --by customer
  huikuan aging --as-of 2026-09-30 --known-at 2026-10-05 --documents --format csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			write, err := writerOf(format)
			if err != nil {
				return err
			}
			if o.AsOf, err = parseDay(asOf); err != nil {
				return err
			}
			if o.KnownAt, err = parseInstant(known); err != nil {
				return err
			}
			if !slices.Contains(agingBy, o.By) {
				return usageError{fmt.Errorf("--by: found %q, allowed: customer, bucket, currency", o.By)}
			}
			if o.Documents && o.KnownAt.IsZero() {
				return usageError{errors.New("--documents lists the difference between two clocks; say with --known-at which instant to compare today with")}
			}
			c.quiet = true
			s, _, err := c.open(cmd.Context(), reading)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			report, err := s.Aging(cmd.Context(), o)
			if err != nil {
				return err
			}
			return c.show(write, report)
		},
	}
	cmd.Flags().StringVar(&asOf, "as-of", "", "end of this day, YYYY-MM-DD (default today, UTC)")
	cmd.Flags().StringVar(&known, "known-at", "", "also as known at the end of this day (YYYY-MM-DD), or at this instant (RFC 3339)")
	cmd.Flags().StringVar(&o.By, "by", o.By, "bucket, customer or currency")
	cmd.Flags().BoolVar(&o.Documents, "documents", false, "the documents that make the difference to --known-at")
	_ = cmd.RegisterFlagCompletionFunc("by", cobra.FixedCompletions(agingBy, cobra.ShellCompDirectiveNoFileComp))
	formatFlag(cmd, &format)
	return cmd
}

var agingBy = []string{"bucket", "customer", "currency"}

// parseInstant reads a day as its last microsecond (UTC), or an instant.
func parseInstant(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return day.AddDate(0, 0, 1).Add(-time.Microsecond), nil
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return at, usageError{fmt.Errorf("--known-at: found %q, expected a day such as 2026-11-30 or an instant such as 2026-11-30T08:00:00Z", s)}
	}
	return at, nil
}
