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
	return &cobra.Command{
		Use:   "run",
		Short: "Sync and build on the schedules of the configuration, until stopped",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			c.plain = true
			s, _, err := c.open(cmd.Context(), nil)
			if err != nil {
				return err
			}
			log := s.log
			defer func() { err = errors.Join(err, s.Close()) }()
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
					log.Error("job failed", "job", job, "error", err.Error())
				default:
					log.Debug("job done", "job", job)
				}
			}
			return s.Run(cmd.Context(), started, report)
		},
	}
}
