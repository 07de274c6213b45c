package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"huikuan/config"
	"huikuan/internal/pipeline"
	"huikuan/internal/progress"
)

// cli is what every command shares.
type cli struct {
	out, err io.Writer
	config   string
	quiet    bool
	plain    bool // log lines, no progress: the command runs for days
	verbose  bool
}

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	c := &cli{out: stdout, err: stderr}
	root := &cobra.Command{
		Use:   "huikuan",
		Short: "The receivables warehouse: aging, DSO and collection from your ERP and CRM",
		Long: "Huikuan (回款) pulls invoices, payments and visits from ERP and CRM systems, replays the\n" +
			"receivables ledger into aging, DSO and rep collection metrics, and keeps them in ClickHouse:\n" +
			"embedded in this program, or on a server by one line of configuration.\n\n" +
			"Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 done with rejected rows or failed data tests.",
		SilenceUsage: true, SilenceErrors: true,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	f := root.PersistentFlags()
	f.StringVarP(&c.config, "config", "c", "", "configuration file (default huikuan.yaml, or $HUIKUAN_CONFIG)")
	f.BoolVarP(&c.quiet, "quiet", "q", false, "no progress, only results and errors")
	f.BoolVarP(&c.verbose, "verbose", "v", false, "log what is done in detail")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see `%s --help`", err, cmd.CommandPath())}
	})
	root.AddCommand(c.initCmd(), c.checkCmd(), c.previewCmd(), c.syncCmd(), c.buildCmd(), c.agingCmd(), c.runCmd(), c.statusCmd(), c.replayCmd(), c.rejectsCmd(),
		c.queryCmd(), c.bridgeCmd(), c.reportCmd(), c.modelsCmd(), c.dashboardsCmd(), c.serveCmd(), c.accessCmd(), c.connectorsCmd(), c.demoCmd(), c.versionCmd(), c.benchServerCmd())
	asUsage(root)
	return root
}

// asUsage makes wrong arguments of any command usage errors.
func asUsage(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			if err == nil {
				return nil
			}
			if strings.HasPrefix(err.Error(), "unknown command") {
				var names []string
				for _, s := range cmd.Commands() {
					if s.IsAvailableCommand() {
						names = append(names, s.Name())
					}
				}
				cmd.SuggestionsMinimumDistance = 2
				if meant := cmd.SuggestionsFor(args[0]); len(meant) > 0 {
					err = fmt.Errorf("%q is not a command of %s, perhaps %s is meant", args[0], cmd.CommandPath(), strings.Join(meant, " or "))
				} else if len(names) > 0 {
					err = fmt.Errorf("%q is not a command of %s; there are %s", args[0], cmd.CommandPath(), strings.Join(names, ", "))
				}
			}
			return usageError{fmt.Errorf("%w; see `%s --help`", err, cmd.CommandPath())}
		}
	}
	for _, sub := range cmd.Commands() {
		asUsage(sub)
	}
}

func (c *cli) load() (*config.Config, error) { return config.Load(config.Options{Path: c.config}) }

// logger writes to stderr at the level and in the format of the configuration.
func (c *cli) logger(cfg *config.Config) *slog.Logger { return c.loggerTo(c.err, cfg, slog.LevelDebug) }

// loggerTo writes lines of at least that level; --verbose brings all of them.
func (c *cli) loggerTo(w io.Writer, cfg *config.Config, least slog.Level) *slog.Logger {
	level := slog.LevelInfo
	_ = level.UnmarshalText([]byte(cfg.Log.Level))
	level = max(level, least)
	if c.quiet {
		level = max(level, slog.LevelWarn)
	}
	if c.verbose {
		level = slog.LevelDebug
	}
	o := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// session is an open warehouse with its progress.
type session struct {
	*pipeline.App
	bars *progress.Reporter
	log  *slog.Logger
}

// open loads the configuration and opens the warehouse.
func (c *cli) open(ctx context.Context, adjust func(*pipeline.Options)) (*session, *config.Config, error) {
	cfg, err := c.load()
	if err != nil {
		return nil, nil, err
	}
	s, err := c.openConfig(ctx, cfg, adjust)
	return s, cfg, err
}

func (c *cli) openConfig(ctx context.Context, cfg *config.Config, adjust func(*pipeline.Options)) (*session, error) {
	s := &session{log: c.logger(cfg)}
	if !c.quiet && !c.plain {
		s.bars = progress.New(c.err, s.log)
	}
	if s.bars.Drawn() { // the bars tell what is under way; what remains stands above them
		s.log = c.loggerTo(s.bars, cfg, slog.LevelWarn)
	}
	o := pipeline.Options{Logger: s.log, Progress: s.bars}
	if adjust != nil {
		adjust(&o)
	}
	var err error
	s.App, err = pipeline.Open(ctx, cfg, o)
	return s, err
}

// reading is for commands that only look: no tables are made.
func reading(o *pipeline.Options) { o.ReadOnly = true }
