package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
	"huikuan/internal/progress"
)

func (c *cli) rejectsCmd() *cobra.Command {
	list := c.rejectsListCmd()
	cmd := &cobra.Command{
		Use:   "rejects",
		Short: "Records that could not be mapped: list, show, try again",
		Long:  "A record is loaded or rejected, never lost: rejected ones are kept with the reason and their text.",
		Args:  cobra.NoArgs,
		RunE:  list.RunE,
	}
	cmd.Flags().AddFlagSet(list.Flags())
	cmd.AddCommand(list, c.rejectsShowCmd(), c.rejectsRetryCmd())
	return cmd
}

// rejectFlags are the flags that choose rejected records.
type rejectFlags struct {
	source, stream, since, format string
	all                           bool
	limit                         int
}

func (f *rejectFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.source, "source", "", "only of this source")
	cmd.Flags().StringVarP(&f.stream, "stream", "s", "", "only of this stream")
	cmd.Flags().StringVar(&f.since, "since", "", "only those rejected from then on: a day, an instant, or how long ago (7d, 36h)")
}

// rejectFormats are the ways to show rejected records.
var rejectFormats = []string{"table", "json"}

func (f *rejectFlags) addFormat(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.format, "format", "f", "table", "table or json")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(rejectFormats, cobra.ShellCompDirectiveNoFileComp))
}

func (f *rejectFlags) filter() (pipeline.RejectFilter, error) {
	since, err := instantFlag("since", f.since)
	if err == nil && f.format != "" { // retry has no such flag
		err = oneOfFlag("format", f.format, rejectFormats)
	}
	return pipeline.RejectFilter{Source: f.source, Stream: f.stream, Since: since, Resolved: f.all, Limit: f.limit}, err
}

func (c *cli) rejectsListCmd() *cobra.Command {
	var f rejectFlags
	cmd := &cobra.Command{
		Use:     "ls",
		Aliases: []string{"list"},
		Short:   "List rejected records, the newest first",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			filter, err := f.filter()
			if err != nil {
				return err
			}
			rejects, total, err := c.rejects(cmd, filter)
			if err != nil {
				return err
			}
			if f.format == "json" {
				return rejectsJSON(c.out, rejects)
			}
			if len(rejects) == 0 {
				fmt.Fprintln(c.out, "No rejected records.")
				return nil
			}
			t := newTable(c.out, "id", "stream", "record", "key", "field", "reason", "found", "rejected (UTC)", "status")
			t.tall = true
			for _, r := range rejects {
				t.AppendRow(table.Row{r.ID, r.Source + "/" + r.Stream, r.Record, r.Key, r.Field, r.Reason, shorten(r.Found, 40), instant(r.RejectedAt), rejectStatus(r)})
			}
			t.Render()
			if n := total - int64(len(rejects)); n > 0 {
				fmt.Fprintf(c.out, "%s more; --limit shows them.\n", progress.Count(n))
			}
			fmt.Fprintln(c.out, "`huikuan rejects show ID` shows one whole, `huikuan rejects retry` maps them again.")
			return nil
		},
	}
	f.add(cmd)
	f.addFormat(cmd)
	cmd.Flags().BoolVar(&f.all, "all", false, "those that were resolved, too")
	cmd.Flags().IntVar(&f.limit, "limit", 50, "how many at most; 0 = all")
	return cmd
}

func (c *cli) rejectsShowCmd() *cobra.Command {
	var f rejectFlags
	cmd := &cobra.Command{
		Use:   "show ID …",
		Short: "Show rejected records with the reason and their text",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			filter, err := f.filter()
			if err != nil {
				return err
			}
			filter.IDs, filter.Resolved = args, true
			rejects, _, err := c.rejects(cmd, filter)
			if err != nil {
				return err
			}
			if len(rejects) == 0 {
				return fmt.Errorf("there is no rejected record %q; `huikuan rejects ls --all` lists them", args[0])
			}
			if f.format == "json" {
				return rejectsJSON(c.out, rejects)
			}
			for i, r := range rejects {
				if i > 0 {
					fmt.Fprintln(c.out)
				}
				showReject(c.out, r)
			}
			return nil
		},
	}
	f.addFormat(cmd)
	return cmd
}

func (c *cli) rejectsRetryCmd() *cobra.Command {
	var f rejectFlags
	var all bool
	cmd := &cobra.Command{
		Use:   "retry [ID …]",
		Short: "Map rejected records again with the mapping of today, and load those that pass",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			filter, err := f.filter()
			if err != nil {
				return err
			}
			if len(args) == 0 && !all && f.source == "" && f.stream == "" && f.since == "" {
				return usageError{errors.New("which records? Name their ids, or give --source, --stream, --since or --all")}
			}
			filter.IDs = args
			s, _, err := c.open(cmd.Context(), nil)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			report, err := s.RetryRejects(cmd.Context(), filter)
			s.bars.Wait()
			if err != nil {
				return err
			}
			fmt.Fprintf(c.out, "%s tried, %s resolved with %s, %s rejected again.\n",
				progress.Count(report.Tried), progress.Count(report.Resolved), counted(report.Rows, "row", "rows"), progress.Count(int64(len(report.Still))))
			if report.Untried > 0 {
				fmt.Fprintf(c.out, "%s cannot be tried again, they are %s.\n", progress.Count(report.Untried), report.UntriedReason)
			}
			for i, r := range report.Still {
				if i == maxStill {
					fmt.Fprintf(c.out, "… and %s more\n", progress.Count(int64(len(report.Still)-i)))
					break
				}
				fmt.Fprintf(c.out, "%s  %s/%s %s: %s\n", r.ID, r.Source, r.Stream, r.Field, r.Reason)
			}
			if len(report.Still)+int(report.Untried) > 0 {
				return errPartial
			}
			return nil
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "all that are open")
	return cmd
}

// maxStill is how many records that are rejected again are named.
const maxStill = 10

func (c *cli) rejects(cmd *cobra.Command, f pipeline.RejectFilter) (rejects []pipeline.Reject, total int64, err error) {
	c.quiet = true
	s, _, err := c.open(cmd.Context(), reading)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Rejects(cmd.Context(), f)
}

func rejectStatus(r pipeline.Reject) string {
	if r.ResolvedAt.IsZero() {
		return "open"
	}
	return "resolved"
}

func showReject(w io.Writer, r pipeline.Reject) {
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(w, "%-10s %s\n", name, text)
		}
	}
	line("id", r.Hash)
	line("stream", r.Source+"/"+r.Stream)
	line("pass", r.Pass)
	line("record", fmt.Sprint(r.Record))
	line("table", r.Table)
	line("key", r.Key)
	line("field", r.Field)
	line("reason", r.Reason)
	line("found", r.Found)
	line("expected", r.Expected)
	line("hint", r.Hint)
	line("rejected", instant(r.RejectedAt)+" UTC, run "+r.RunID)
	line("status", rejectStatus(r))
	if !r.ResolvedAt.IsZero() {
		line("resolved", instant(r.ResolvedAt)+" UTC")
	}
	line("text", pretty(r.Raw))
}

// pretty indents JSON; other text stays as it is.
func pretty(raw []byte) string {
	var v json.RawMessage
	if json.Unmarshal(raw, &v) != nil {
		return string(raw)
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return string(raw)
	}
	return string(text)
}

// rejectJSON is a rejected record for programs.
type rejectJSON struct {
	ID         string     `json:"id"`
	Source     string     `json:"source"`
	Stream     string     `json:"stream"`
	Pass       string     `json:"pass,omitempty"`
	Table      string     `json:"table"`
	Record     int64      `json:"record"`
	Key        string     `json:"key"`
	Field      string     `json:"field"`
	Reason     string     `json:"reason"`
	Found      string     `json:"found"`
	Expected   string     `json:"expected"`
	Hint       string     `json:"hint"`
	RunID      string     `json:"run_id"`
	RejectedAt time.Time  `json:"rejected_at"`
	Status     string     `json:"status"`
	ResolvedAt *time.Time `json:"resolved_at,omitempty"`
	Raw        string     `json:"raw"`
}

func rejectsJSON(w io.Writer, rejects []pipeline.Reject) error {
	out := make([]rejectJSON, len(rejects))
	for i, r := range rejects {
		out[i] = rejectJSON{ID: r.ID, Source: r.Source, Stream: r.Stream, Pass: r.Pass, Table: r.Table, Record: r.Record, Key: r.Key, Field: r.Field,
			Reason: r.Reason, Found: r.Found, Expected: r.Expected, Hint: r.Hint, RunID: r.RunID, RejectedAt: r.RejectedAt, Status: rejectStatus(r), Raw: string(r.Raw)}
		if !r.ResolvedAt.IsZero() {
			out[i].ResolvedAt = &r.ResolvedAt
		}
	}
	return printJSON(w, out)
}
