package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"huikuan/config"
	"huikuan/internal/demo"
	"huikuan/internal/pipeline"
	"huikuan/internal/progress"
)

// demoState is what a demo folder remembers of its business: the day it began
// and how many days it has lived since.
type demoState struct {
	Seed     int64     `json:"seed"`
	Invoices int       `json:"invoices"`
	Today    demo.Date `json:"today"` // days since 1970-01-01
	Day      int       `json:"day"`
}

func (c *cli) demoCmd() *cobra.Command {
	dir, seed, invoices := "demo", int64(1), 20000
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the whole way on a simulated ERP and CRM",
		Long: "Starts a simulated ERPNext and a simulated HubSpot on loopback, with a group of three companies\n" +
			"behind them, syncs them with the shipped connectors, builds all metrics in an embedded warehouse\n" +
			"in the folder, and shows what a CFO and a sales director look at first. Run it again: a week has\n" +
			"passed in that business, and only what changed is synced.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if invoices < 100 {
				return usageError{fmt.Errorf("--invoices: found %d, expected 100 or more", invoices)}
			}
			state, first, err := readDemoState(dir, demoState{Seed: seed, Invoices: invoices, Today: demo.DefaultToday})
			if err != nil {
				return err
			}
			if first && (cmd.Flags().Changed("seed") || cmd.Flags().Changed("invoices")) {
				state.Seed, state.Invoices = seed, invoices
			}
			return c.demo(cmd.Context(), dir, state, first)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", dir, "folder for its configuration and warehouse")
	cmd.Flags().Int64Var(&seed, "seed", seed, "which of the possible businesses (first run only)")
	cmd.Flags().IntVar(&invoices, "invoices", invoices, "about how many invoices (first run only)")
	return cmd
}

// readDemoState reads the folder's memory; in a later run a week has passed.
func readDemoState(dir string, fresh demoState) (demoState, bool, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "demo.json"))
	if errors.Is(err, os.ErrNotExist) {
		return fresh, true, nil
	} else if err != nil {
		return fresh, false, fmt.Errorf("read the demo's memory: %w", err)
	}
	var s demoState
	if err := json.Unmarshal(raw, &s); err != nil {
		return fresh, false, fmt.Errorf("%s is not what the demo wrote (%w); delete the folder %s to begin anew", filepath.Join(dir, "demo.json"), err, dir)
	}
	s.Day += 7
	return s, false, nil
}

// company is the business as it stands some days after its Today.
func (s demoState) company(day int) *demo.Company {
	return demo.NewCompany(demo.Options{Seed: s.Seed, Invoices: s.Invoices, Today: s.Today, Day: day, Mistakes: true})
}

func (c *cli) demo(ctx context.Context, dir string, state demoState, first bool) (err error) {
	begin := time.Now()
	fmt.Fprintf(c.out, "A group of three companies is being simulated (seed %d, about %s invoices over three years)…\n", state.Seed, progress.Count(int64(state.Invoices)))
	company := state.company(state.Day)
	shown := company
	if first { // the first sync finds the books of a week ago, the second what has happened to them since
		shown = state.company(-7)
	}
	servers, err := demo.Serve(ctx, shown, demo.ServeOptions{})
	if err != nil {
		return err
	}
	defer servers.Close()
	if first {
		fmt.Fprintf(c.out, "Its ERPNext answers at %s, its HubSpot at %s.\n\n", servers.ERPURL, servers.CRMURL)
	} else {
		fmt.Fprintf(c.out, "A week has passed in it since the last run; now only what changed is synced.\n\n")
	}
	path, err := writeDemoConfig(dir, servers)
	if err != nil {
		return err
	}
	cfg, err := config.Load(config.Options{Path: path, Env: func(string) (string, bool) {
		return "", false // the demo is the same whatever the environment says
	}})
	if err != nil {
		return err
	}
	if lib, ok := os.LookupEnv("HUIKUAN_WAREHOUSE_LIBRARY"); ok {
		cfg.Warehouse.Library = lib
	}
	var later func()
	if first {
		later = func() { servers.Show(company) }
	}
	reports, err := c.demoRun(ctx, cfg, dir, company.End().Time(), later)
	if err != nil {
		return err
	}
	raw, _ := json.Marshal(state)
	if err := os.WriteFile(filepath.Join(dir, "demo.json"), raw, 0o600); err != nil {
		return fmt.Errorf("remember the demo's day: %w", err)
	}
	fmt.Fprintf(c.out, "\nAll of it took %s. Next:\n", time.Since(begin).Round(100*time.Millisecond))
	exe := "bin/huikuan"
	if len(os.Args) > 0 && filepath.Base(os.Args[0]) != "" {
		exe = os.Args[0]
	}
	next := [][2]string{
		{fmt.Sprintf(`%s -c %s query "SELECT rank, customer_name, owner_name, priority, reason, next_action FROM worklist ORDER BY rank LIMIT 10"`, exe, path), "whom to call first"},
		{fmt.Sprintf("%s -c %s status", exe, path), "what came from where"},
		{fmt.Sprintf("%s -c %s serve", exe, path), "let Grafana read it; `huikuan dashboards provision FOLDER` writes its seven dashboards, data source and alerts"},
		{fmt.Sprintf("%s demo --dir %s", exe, dir), "a week later: only what changed is synced"},
		{fmt.Sprintf("%s init", exe), "begin with your own systems"},
	}
	if len(reports) > 0 {
		next = append([][2]string{{reports[0], "the month's receivables pack: open it in a browser; beside it the same in Chinese, and both as Excel workbooks"}}, next...)
	}
	for _, line := range next {
		fmt.Fprintf(c.out, "  %s\n      %s\n", line[0], line[1])
	}
	return nil
}

// demoRun syncs, builds, shows the figures and writes the receivables packs, whose files it returns. Where there is
// a later, it is called after the sync, and what it changed is synced too.
func (c *cli) demoRun(ctx context.Context, cfg *config.Config, dir string, asOf time.Time, later func()) (reports []string, err error) {
	s, err := c.openConfig(ctx, cfg, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var rows, rejected int64
	var took time.Duration
	sync := func() error {
		synced, err := s.Sync(ctx, pipeline.SyncOptions{})
		if err != nil {
			return err
		}
		rows, rejected, took = rows+synced.Rows(), rejected+synced.Rejected(), took+synced.Took
		return synced.Err()
	}
	if err := sync(); err != nil {
		return nil, err
	}
	if later != nil {
		later()
		if err := sync(); err != nil {
			return nil, err
		}
	}
	built, err := s.Build(ctx, pipeline.BuildOptions{AsOf: asOf})
	s.bars.Wait()
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(c.out, "\nSynced %s rows in %s", progress.Count(rows), took.Round(100*time.Millisecond))
	if later != nil {
		fmt.Fprint(c.out, ", the books of a week ago and then the changes since")
	}
	if rejected > 0 {
		fmt.Fprintf(c.out, " (%s records of the ERP cannot be read and are kept apart: `huikuan rejects`)", progress.Count(rejected))
	}
	fmt.Fprintf(c.out, "; replayed %s events of %s customers in %s.\n\n", progress.Count(built.Metrics.Events), progress.Count(built.Metrics.Customers), built.Replay.Round(10*time.Millisecond))
	for _, f := range built.FailedChecks() {
		fmt.Fprintln(c.out, "Check failed:", f)
	}
	if err := c.summary(ctx, s.App); err != nil {
		return nil, err
	}
	for _, lang := range []string{"en", "zh"} {
		files, err := writeReport(ctx, s.App, pipeline.ReportOptions{Lang: lang, Top: 10, Version: version}, filepath.Join(dir, "report"), reportFormats)
		if errors.Is(err, pipeline.ErrNothingToReport) {
			break
		}
		if err != nil {
			return nil, err
		}
		reports = append(reports, files...)
	}
	return reports, nil
}

// writeDemoConfig writes the demo's huikuan.yaml, which later commands use too.
func writeDemoConfig(dir string, servers *demo.Servers) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the demo's folder: %w; choose another with --dir", err)
	}
	type source struct {
		Name      string         `yaml:"name"`
		Connector string         `yaml:"connector"`
		Settings  map[string]any `yaml:"settings"`
		Streams   any            `yaml:"streams,omitempty"` // beside those of the connector
	}
	path := filepath.Join(dir, config.DefaultFile)
	settings := map[string]any{} // what somebody has added since the last demo stays
	if before, err := os.ReadFile(path); err == nil {
		if err := yaml.Unmarshal(before, &settings); err != nil {
			return "", fmt.Errorf("read the demo's configuration: %s: %w", path, err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the demo's configuration: %w", err)
	}
	if settings == nil { // the file says null
		settings = map[string]any{}
	}
	settings["data"], settings["reporting_currency"] = "data", "CNY"
	settings["sources"] = []source{{"erp", "erpnext", servers.ERPSettings(), demo.OfficeStreams()}, {"crm", "hubspot", servers.CRMSettings(), nil}}
	text, err := yaml.Marshal(settings)
	if err != nil {
		return "", fmt.Errorf("write the demo's configuration: %w", err)
	}
	const head = "# Written by `huikuan demo`. Its ERP and CRM live only while the demo runs; the\n# warehouse stays, and every command but sync and check works on it.\n# The next demo writes data, reporting_currency and sources anew; other sections stay.\n"
	if err := os.WriteFile(path, append([]byte(head), text...), 0o600); err != nil {
		return "", fmt.Errorf("write the demo's configuration: %w", err)
	}
	return path, nil
}
