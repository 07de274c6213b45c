package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"huikuan/config"
	"huikuan/dashboards"
	"huikuan/internal/pipeline"
)

func (c *cli) dashboardsCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dashboards",
		Short: "Grafana dashboards: write them, check them, provision a Grafana",
		Long: "The dashboards for Grafana, in English and Chinese, generated for a data source, a fiscal calendar\n" +
			"and the place of the documentation. None of these commands needs a warehouse; the fiscal year and\n" +
			"the thresholds of alerts come from the configuration where there is one.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.dashboardsExportCmd(), c.dashboardsLintCmd(), c.dashboardsProvisionCmd())
	return cmd
}

// dashboardFlags are those that export and provision share.
type dashboardFlags struct {
	language, datasource, docs string
	fiscalYearStart            int
}

func (d *dashboardFlags) add(f *pflag.FlagSet) {
	f.StringVar(&d.language, "lang", "en", "language: en, zh, or both as en,zh")
	f.StringVar(&d.datasource, "datasource", "huikuan", "uid of the ClickHouse data source in Grafana")
	f.StringVar(&d.docs, "docs", "docs/metrics.md", "address of docs/metrics.md, to which the description of every panel links; without it they name the section")
	f.IntVar(&d.fiscalYearStart, "fiscal-year-start", 0, "first month of the fiscal year, 1 to 12 (default metrics.fiscal_year_start)")
}

// options checks the flags; cfg may be that of no file.
func (d *dashboardFlags) options(cfg *config.Config) (o dashboards.Options, languages []dashboards.Locale, err error) {
	for _, name := range strings.Split(d.language, ",") {
		i := slices.IndexFunc(dashboards.Locales(), func(l dashboards.Locale) bool { return l.Lang == strings.TrimSpace(name) })
		if i < 0 {
			return o, nil, usageError{fmt.Errorf("--lang: found %q, allowed: en, zh, or both as en,zh", d.language)}
		}
		languages = append(languages, dashboards.Locales()[i])
	}
	start := d.fiscalYearStart
	if start == 0 {
		start = cfg.Metrics.FiscalYearStart
	}
	if start < 1 || start > 12 {
		return o, nil, usageError{fmt.Errorf("--fiscal-year-start: found %d, expected a month from 1 to 12", start)}
	}
	return dashboards.Options{Datasource: d.datasource, DocsBase: d.docs, FiscalYearStart: start}, languages, nil
}

func (c *cli) dashboardsExportCmd() *cobra.Command {
	var flags dashboardFlags
	cmd := &cobra.Command{
		Use:   "export [folder]",
		Short: "Write the dashboards as JSON files",
		Long: "Writes the dashboards into the folder (default grafana-dashboards), one JSON file each; with both\n" +
			"languages into its folders en and zh. They link to one another, so import all of them.",
		Example: "  huikuan dashboards export --lang zh --docs https://example.com/huikuan/docs/metrics.md boards",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			cfg, err := c.loadAny()
			if err != nil {
				return err
			}
			o, languages, err := flags.options(cfg)
			if err != nil {
				return err
			}
			folder, out := folderOf(args, "grafana-dashboards"), map[string][]byte{}
			for _, l := range languages {
				set, err := dashboards.GenerateFor(l, o)
				if err != nil {
					return err
				}
				for name, text := range set {
					if len(languages) > 1 {
						name = l.Lang + "/" + name
					}
					out[name] = text
				}
			}
			if err := writeFiles(folder, out); err != nil {
				return err
			}
			fmt.Fprintf(c.out, "Wrote %s into %s, for the data source %s.\n", counted(len(out), "dashboard", "dashboards"), folder, o.Datasource)
			return nil
		},
	}
	flags.add(cmd.Flags())
	return cmd
}

func (c *cli) dashboardsLintCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "lint <folder>",
		Short: "Check dashboards against the rules of the house",
		Long: "Reads every JSON file in the folder and below and says what a dashboard should not have: panels\n" +
			"without title, description, unit or words for an empty state, links that lead nowhere, variables\n" +
			"that are not escaped, colours that mean something else, overlaps. Ends with 1 where it found some.",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			set := map[string][]byte{}
			err := filepath.WalkDir(args[0], func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
					return err
				}
				text, err := os.ReadFile(path)
				set[path] = text
				return err
			})
			if errors.Is(err, fs.ErrNotExist) {
				return usageError{fmt.Errorf("%s: no such folder", args[0])}
			} else if err != nil {
				return fmt.Errorf("read the dashboards: %w", err)
			}
			if len(set) == 0 {
				return usageError{fmt.Errorf("%s holds no JSON file; `huikuan dashboards export` writes some", args[0])}
			}
			found := dashboards.Lint(set)
			for _, f := range found {
				fmt.Fprintln(c.out, f)
			}
			if len(found) > 0 {
				return fmt.Errorf("%s in %s", counted(len(found), "finding", "findings"), counted(len(set), "dashboard", "dashboards"))
			}
			fmt.Fprintf(c.out, "%s: all is well.\n", counted(len(set), "dashboard", "dashboards"))
			return nil
		},
	}
}

func (c *cli) dashboardsProvisionCmd() *cobra.Command {
	var flags dashboardFlags
	var path string
	var notifications bool
	cmd := &cobra.Command{
		Use:   "provision [folder]",
		Short: "Write what stands in Grafana's provisioning folder",
		Long: "Writes into the folder (default grafana): datasources/huikuan.yaml, dashboards/huikuan.yaml,\n" +
			"alerting/ with the rules in the first language, and the dashboards under json/, a folder of Grafana for\n" +
			"each language. With --notifications also who is told: Grafana then has to find addresses in\n" +
			"HUIKUAN_ALERTS_FINANCE, HUIKUAN_ALERTS_CREDIT and HUIKUAN_ALERTS_OPERATIONS, else it does not start.\n" +
			"Host, port, database and user of the warehouse come from\n" +
			"the configuration; without one, and always for the password, Grafana reads CLICKHOUSE_HOST,\n" +
			"CLICKHOUSE_PORT, CLICKHOUSE_DATABASE, CLICKHOUSE_USER and CLICKHOUSE_PASSWORD from its environment.",
		Example: "  huikuan dashboards provision --lang en,zh /etc/grafana/provisioning",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			cfg, err := c.loadAny()
			if err != nil {
				return err
			}
			folder := folderOf(args, "grafana")
			o := dashboards.ProvisionOptions{Path: path, AlertOptions: dashboards.AlertOptions{Thresholds: pipeline.AlertThresholds(cfg)}}
			if o.Options, o.Languages, err = flags.options(cfg); err != nil {
				return err
			}
			if o.Path == "" {
				if o.Path, err = filepath.Abs(filepath.Join(folder, "json")); err != nil {
					return fmt.Errorf("find the folder: %w", err)
				}
			}
			if _, err := os.Stat(cfg.Path); err == nil {
				if err := warehouseOf(cfg, &o); err != nil {
					return err
				}
			}
			out, err := dashboards.Provision(o)
			if err != nil {
				return err
			}
			if !notifications {
				delete(out, "alerting/notifications.yaml")
			}
			if err := writeFiles(folder, out); err != nil {
				return err
			}
			fmt.Fprintf(c.out, "Wrote %s into %s. Grafana must find the dashboards at %s and the password in CLICKHOUSE_PASSWORD.\n", counted(len(out), "file", "files"), folder, o.Path)
			return nil
		},
	}
	flags.add(cmd.Flags())
	cmd.Flags().BoolVar(&notifications, "notifications", false, "also write contact points and the notification policy, which replace those of the whole Grafana")
	cmd.Flags().StringVar(&path, "path", "", "where Grafana finds the JSON files (default json in the folder, as an absolute path)")
	return cmd
}

// warehouseOf takes the address of the warehouse from the configuration: the
// server, or where `huikuan serve` offers the embedded one.
func warehouseOf(cfg *config.Config, o *dashboards.ProvisionOptions) error {
	o.Database = cfg.Warehouse.Database
	if cfg.Warehouse.Embedded() {
		host, port, err := net.SplitHostPort(cfg.Serve.Listen)
		if err != nil {
			return usageError{fmt.Errorf("serve.listen: found %q, expected host:port such as 127.0.0.1:8123", cfg.Serve.Listen)}
		}
		o.Host, o.Port, o.User, o.Secure = host, port, cfg.Serve.User, cfg.Serve.TLSCert != ""
		return nil
	}
	u, err := url.Parse(cfg.Warehouse.URL)
	if err != nil {
		return usageError{errors.New("warehouse.url: expected an address such as http://clickhouse:8123")}
	}
	o.Host, o.Port, o.Secure = u.Hostname(), u.Port(), u.Scheme == "https"
	return nil // the user that writes is not the one that Grafana reads with
}

func folderOf(args []string, otherwise string) string {
	if len(args) > 0 {
		return args[0]
	}
	return otherwise
}

// writeFiles writes files by path under a folder, with the folders they need.
func writeFiles(folder string, files map[string][]byte) error {
	for name, text := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("make the folder: %w", err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return fmt.Errorf("write a file: %w", err)
		}
	}
	return nil
}
