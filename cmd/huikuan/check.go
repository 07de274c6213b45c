package main

import (
	"errors"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
)

func (c *cli) checkCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "check [source …]",
		Short: "Is the configuration right, are the sources reachable, and what may be read?",
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := c.load()
			if err != nil {
				return err
			}
			checks, err := pipeline.CheckSources(cmd.Context(), cfg, c.logger(cfg), args)
			if err != nil {
				return err
			}
			t := newTable(c.out, "stream", "reachable", "authorised", "records", "earliest", "latest", "note")
			t.alignRight(4, 4)
			var failed []error
			for _, s := range checks {
				for _, st := range s.Streams {
					rows := "?"
					if st.Rows >= 0 {
						rows = fmt.Sprint(st.Rows)
					}
					t.AppendRow(table.Row{s.Source + "/" + st.Stream, yes(st.Reachable), yes(st.Authorised), rows, st.Earliest, st.Latest, st.Detail})
					if st.Err != nil {
						failed = append(failed, st.Err)
					}
				}
			}
			t.Render()
			if len(failed) == 0 {
				fmt.Fprintln(c.out, "All is well.")
			}
			return errors.Join(failed...)
		},
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
