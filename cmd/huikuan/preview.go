package main

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
)

func (c *cli) previewCmd() *cobra.Command {
	rows := 10
	cmd := &cobra.Command{
		Use:   "preview SOURCE STREAM",
		Short: "Read the first records of a stream and show the rows they become; nothing is written",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if rows < 1 {
				return usageError{fmt.Errorf("--rows: found %d, expected at least 1", rows)}
			}
			cfg, err := c.load()
			if err != nil {
				return err
			}
			p, err := pipeline.PreviewStream(cmd.Context(), cfg, c.logger(cfg), args[0], args[1], rows)
			if err != nil {
				return err
			}
			return c.showPreview(p)
		},
	}
	cmd.Flags().IntVar(&rows, "rows", rows, "rows of each table that are shown")
	return cmd
}

func (c *cli) showPreview(p pipeline.Preview) error {
	for _, t := range p.Tables {
		fmt.Fprintf(c.out, "%s: %d of the %s that %s give\n", t.Table, len(t.Cells), counted(t.Rows, "row", "rows"), counted(p.Read, "record", "records"))
		if len(t.Cells) == 0 {
			continue
		}
		g := newTable(c.out)
		g.tall = true
		g.header = t.Columns
		for _, cells := range t.Cells {
			row := make(table.Row, len(cells))
			for i, v := range cells {
				if row[i] = v; v == nil {
					row[i] = "–"
				}
			}
			g.AppendRow(row)
		}
		g.Render()
	}
	if p.Filtered > 0 {
		fmt.Fprintf(c.out, "%s left out by the mapping's own rule.\n", counted(p.Filtered, "record is", "records are"))
	}
	if p.Read == 0 {
		fmt.Fprintln(c.out, "The source gave no records.")
	}
	if p.Rejected == 0 {
		return nil
	}
	fmt.Fprintf(c.out, "%s rejected:\n", counted(p.Rejected, "record is", "records are"))
	g := newTable(c.out, "record", "key", "field", "reason", "found", "expected", "hint")
	g.tall = true
	for _, r := range p.Rejects {
		g.AppendRow(table.Row{r.Record, r.Key, r.Field, r.Reason, shorten(r.Found, 60), r.Expected, r.Hint})
	}
	g.Render()
	return errPartial
}
