package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
)

// reportFormats are the files that a pack is written as.
var reportFormats = []string{"html", "xlsx"}

func (c *cli) reportCmd() *cobra.Command {
	var month, out string
	var formats []string
	o := pipeline.ReportOptions{Lang: "en", Top: 10, Version: version}
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write the month's receivables pack as an HTML file and an Excel workbook",
		Long: "Writes what a CFO presents at the end of a month: measures beside the month and the year before\n" +
			"and their targets, aging, DSO and why it changed, the movement that proves the balance, the cash\n" +
			"forecast, reps, customers and expected credit loss. The HTML file needs nothing else, opens in any\n" +
			"browser and prints to A4; the workbook has all customers and open items, and its totals and ratios\n" +
			"are formulas. Both hold the figures of the warehouse, exactly.",
		Example: `  huikuan report
  huikuan report --month 2026-10 --lang zh --out reports
  huikuan report --company "Haiyue Europe GmbH" --format xlsx`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			for _, f := range formats {
				if !slices.Contains(reportFormats, f) {
					return usageError{fmt.Errorf("--format: found %q, allowed: html, xlsx", f)}
				}
			}
			if o.Lang != "en" && o.Lang != "zh" {
				return usageError{fmt.Errorf("--lang: found %q, allowed: en, zh", o.Lang)}
			}
			if o.Top < 1 {
				return usageError{fmt.Errorf("--top: found %d, expected at least 1", o.Top)}
			}
			if month != "" {
				if o.Month, err = time.Parse("2006-01", month); err != nil {
					return usageError{fmt.Errorf("--month: found %q, expected a month such as 2026-10", month)}
				}
			}
			c.quiet = true
			a, _, err := c.open(cmd.Context(), reading)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, a.Close()) }()
			files, err := writeReport(cmd.Context(), a.App, o, out, formats)
			for _, f := range files {
				fmt.Fprintln(c.out, f)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&month, "month", "", "month, YYYY-MM (default the last one that is over)")
	cmd.Flags().StringVar(&o.Lang, "lang", o.Lang, "language: en or zh")
	cmd.Flags().StringVar(&o.Company, "company", "", "one company only (default all)")
	cmd.Flags().StringVar(&out, "out", ".", "folder to write to; made where it is missing")
	cmd.Flags().StringSliceVar(&formats, "format", reportFormats, "html, xlsx or both")
	cmd.Flags().IntVar(&o.Top, "top", o.Top, "how many customers the lists of the HTML file show")
	_ = cmd.RegisterFlagCompletionFunc("lang", cobra.FixedCompletions([]string{"en", "zh"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(reportFormats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// writeReport writes a pack into a folder and returns the files it wrote.
func writeReport(ctx context.Context, a *pipeline.App, o pipeline.ReportOptions, folder string, formats []string) ([]string, error) {
	pack, err := a.Report(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("folder of the report: %w", err)
	}
	writers := map[string]func(io.Writer) error{"html": pack.HTML, "xlsx": func(w io.Writer) error { return pack.Excel(ctx, w) }}
	var files []string
	for _, f := range formats {
		name := filepath.Join(folder, "receivables-"+pack.AsOf.Format("2006-01")+"-"+o.Lang+"."+f)
		if err := writeWhole(name, writers[f]); err != nil {
			return files, fmt.Errorf("report %s: %w", name, err)
		}
		files = append(files, name)
	}
	return files, nil
}

// writeWhole writes a file beside its place and moves it there when it is
// complete: who opens it never finds half of it.
func writeWhole(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".report-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	b := bufio.NewWriter(f)
	if err = errors.Join(write(b), b.Flush(), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
