package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
)

func (c *cli) checkCmd() *cobra.Command {
	format := "table"
	allowed := []string{"table", "json"}
	cmd := &cobra.Command{
		Use:   "check [source …]",
		Short: "Is the configuration right, are the sources reachable, and what may be read?",
		Long: "Asks each stream for as little as shows whether it can be read: is the source reachable, is\n" +
			"the key accepted, how many records does its user see, which fields are missing, how far is its\n" +
			"clock off, in which zone are its times read, and which are the first and the last record.\n" +
			"Nothing is loaded, and no warehouse is needed.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOfFlag("format", format, allowed); err != nil {
				return err
			}
			cfg, err := c.load()
			if err != nil {
				return err
			}
			if _, err := pipeline.ModelGraph(cfg); err != nil {
				return err
			}
			checks, err := pipeline.CheckSources(cmd.Context(), cfg, c.logger(cfg), args)
			if err != nil {
				return err
			}
			var failed []error
			for _, s := range checks {
				for _, st := range s.Streams {
					failed = append(failed, st.Err)
				}
			}
			if format == "json" {
				err = c.checkJSON(checks)
			} else {
				c.checkTable(checks, errors.Join(failed...) == nil)
			}
			return errors.Join(append(failed, err)...)
		},
	}
	cmd.Flags().StringVarP(&format, "format", "f", format, "table or json")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(allowed, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (c *cli) checkTable(checks []pipeline.SourceCheck, ok bool) {
	t := newTable(c.out, "stream", "reachable", "authorised", "records", "missing", "earliest", "latest", "clock", "zone", "note")
	t.alignRight(4, 4)
	var remedies []string
	for _, s := range checks {
		for _, st := range s.Streams {
			rows := "?"
			if st.Rows >= 0 {
				rows = fmt.Sprint(st.Rows)
			}
			t.AppendRow(table.Row{s.Source + "/" + st.Stream, yes(st.Reachable), yes(st.Authorised), rows, strings.Join(st.Missing, ", "),
				st.Earliest, st.Latest, skewText(st.Skew), st.Timezone, st.Detail})
		}
		remedies = append(remedies, s.Remedies()...)
	}
	t.Render()
	for _, r := range remedies {
		fmt.Fprintln(c.out, r)
	}
	if ok && len(remedies) == 0 {
		fmt.Fprintln(c.out, "All is well.")
	}
}

// skewText is how far a clock is off.
func skewText(d time.Duration) string {
	switch d = d.Round(time.Second); {
	case d == 0:
		return ""
	case d > 0:
		return "+" + d.String()
	}
	return d.String()
}

// checkedStream is a stream's check for programs.
type checkedStream struct {
	Source     string   `json:"source"`
	Connector  string   `json:"connector"`
	Stream     string   `json:"stream"`
	Reachable  bool     `json:"reachable"`
	Authorised bool     `json:"authorised"`
	Records    *int64   `json:"records"` // null = unknown
	Missing    []string `json:"missing"`
	Earliest   string   `json:"earliest,omitempty"`
	Latest     string   `json:"latest,omitempty"`
	Skew       float64  `json:"skew_seconds"`
	Timezone   string   `json:"timezone,omitempty"`
	Note       string   `json:"note,omitempty"`
	Error      string   `json:"error,omitempty"`
}

func (c *cli) checkJSON(checks []pipeline.SourceCheck) error {
	out := struct {
		Streams  []checkedStream `json:"streams"`
		Remedies []string        `json:"remedies"`
	}{[]checkedStream{}, []string{}}
	for _, s := range checks {
		for _, st := range s.Streams {
			one := checkedStream{Source: s.Source, Connector: s.Connector, Stream: st.Stream, Reachable: st.Reachable, Authorised: st.Authorised,
				Missing: append([]string{}, st.Missing...), Earliest: st.Earliest, Latest: st.Latest, Skew: st.Skew.Seconds(), Timezone: st.Timezone, Note: st.Detail}
			if st.Rows >= 0 {
				one.Records = &st.Rows
			}
			if st.Err != nil {
				one.Error = st.Err.Error()
			}
			out.Streams = append(out.Streams, one)
		}
		out.Remedies = append(out.Remedies, s.Remedies()...)
	}
	return printJSON(c.out, out)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
