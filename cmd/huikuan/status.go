package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
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
				return c.showLastBuild(cmd.Context(), s)
			}
			t := newTable(c.out, "stream", "status", "last success (UTC)", "continues at, or error", "lag", "rows", "rejected", "received", "took", "next run (UTC)")
			t.alignRight(6, 9)
			open := int64(0)
			for _, r := range st {
				note := cursorText(r.Cursor)
				if r.Error != "" {
					note = r.Error
				}
				open += r.Open
				t.AppendRow(table.Row{r.Source + "/" + r.Stream, r.Status, instant(r.LastSuccess), note, lagText(r), progress.Count(r.Rows), dash(r.Rejected),
					bytesText(r.Bytes), r.Duration.Round(time.Millisecond), nextText(r, s.Now())})
			}
			t.Render()
			if open > 0 {
				fmt.Fprintf(c.out, "%s open: `huikuan rejects` tells why.\n", counted(open, "rejected record is", "rejected records are"))
			}
			return c.showLastBuild(cmd.Context(), s)
		},
	}
}

// showLastBuild tells how the last build ended, and why it was full.
func (c *cli) showLastBuild(ctx context.Context, s *session) error {
	b, err := s.LastBuild(ctx)
	if err != nil || b.ID == "" {
		return err
	}
	how := "of the customers whose documents had changed"
	switch {
	case b.Error != "":
		how = b.Error
	case b.FullBecause != "":
		how = "not of changed customers alone: " + b.FullBecause
	}
	fmt.Fprintf(c.out, "Last build %s (UTC): %s in %s, %s.\n", instant(b.FinishedAt), b.Status, b.FinishedAt.Sub(b.StartedAt).Round(time.Millisecond), how)
	return nil
}

// lagText tells how far the cursor lies back.
func lagText(r pipeline.StreamStatus) string {
	if r.Lag < 0 {
		return "–"
	}
	return ago(r.Lag, r.Position)
}

// nextText tells when a stream is read next.
func nextText(r pipeline.StreamStatus, now time.Time) string {
	switch {
	case r.Next.IsZero():
		return "by hand"
	case r.Next.Before(now):
		return "due"
	}
	return instant(r.Next)
}

// cursorText tells a stream's state as people read it: where it continues, or
// how many files it knows.
func cursorText(state string) string {
	var s struct {
		Cursor struct {
			Cursors map[string]string
			Files   map[string]json.RawMessage
			Windows map[string]struct{ Until time.Time }
		}
	}
	if state == "" || json.Unmarshal([]byte(state), &s) != nil {
		return shorten(state, 60)
	}
	switch cursors := slices.Sorted(maps.Values(s.Cursor.Cursors)); {
	case len(s.Cursor.Files) == 1:
		return "1 file"
	case len(s.Cursor.Files) > 1:
		return fmt.Sprintf("%d files", len(s.Cursor.Files))
	case len(cursors) == 1:
		return cursors[0]
	case len(cursors) == 0 && len(s.Cursor.Windows) > 0:
		return windowText(s.Cursor.Windows)
	case len(cursors) > 1:
		return fmt.Sprintf("%s and %d later", cursors[0], len(cursors)-1)
	}
	return ""
}

// windowText is the end of the windows that were read, the earliest of several slices.
func windowText(windows map[string]struct{ Until time.Time }) string {
	var first time.Time
	for _, w := range windows {
		if first.IsZero() || w.Until.Before(first) {
			first = w.Until
		}
	}
	return instant(first)
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
