package main

import (
	"context"
	"errors"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
)

func (c *cli) runCmd() *cobra.Command {
	var serve bool
	var listen string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Sync and build on the schedules of the configuration, until stopped",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			c.plain = true
			var s *session
			if serve || listen != "" {
				s, err = c.openServing(cmd, listen)
			} else {
				s, _, err = c.open(cmd.Context(), nil)
			}
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			return c.runJobs(cmd.Context(), s)
		},
	}
	cmd.Flags().BoolVar(&serve, "serve", false, "also offer the embedded warehouse to Grafana, read-only, in this process, as the command serve does")
	listenFlag(cmd, &listen)
	return cmd
}

// runJobs works off the schedules until the context ends.
func (c *cli) runJobs(ctx context.Context, s *session) error {
	started := func(jobs []pipeline.Job) {
		t := newTable(c.out, "job", "schedule", "next")
		for _, j := range jobs {
			t.AppendRow(table.Row{j.Name, j.Schedule, j.Next.UTC().Format(time.DateTime) + " UTC"})
		}
		t.Render()
	}
	report := func(job string, err error) {
		switch {
		case errors.Is(err, context.Canceled):
		case err != nil:
			s.log.Error("job failed", "job", job, "error", err.Error())
		default:
			s.log.Debug("job done", "job", job)
		}
	}
	return s.Run(ctx, started, report)
}
