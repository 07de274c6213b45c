package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"huikuan/internal/progress"
)

func (c *cli) statusCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "What came, when, and how much of it was rejected, stream by stream",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			c.quiet = true
			s, _, err := c.open(cmd.Context(), reading)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			st, err := s.Status(cmd.Context())
			if err != nil {
				return err
			}
			if len(st) == 0 {
				fmt.Fprintln(c.out, "Nothing has been synced yet; `huikuan sync` pulls from the configured sources.")
				return nil
			}
			t := newTable(c.out, "stream", "status", "last success (UTC)", "lag", "rows", "rejected", "received", "took", "cursor or error")
			alignRight(t, 4, 8)
			rejected := int64(0)
			for _, r := range st {
				note := shorten(r.Cursor, 60)
				if r.Error != "" {
					note = r.Error
				}
				rejected += r.Rejected
				t.AppendRow(table.Row{r.Source + "/" + r.Stream, r.Status, instant(r.LastSuccess), ago(s.Now().Sub(r.LastSuccess), r.LastSuccess),
					progress.Count(r.Rows), dash(r.Rejected), bytesText(r.Bytes), r.Duration.Round(time.Millisecond), note})
			}
			t.Render()
			if rejected > 0 {
				fmt.Fprintln(c.out, `Why were records rejected? huikuan query "SELECT source, stream, field, reason, count() AS n FROM rejected_rows GROUP BY ALL ORDER BY n DESC"`)
			}
			return nil
		},
	}
}

// shorten cuts a text to n characters.
func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func instant(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

func ago(d time.Duration, t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d d", int(d.Hours()/24))
}
