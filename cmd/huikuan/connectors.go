package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"huikuan/config"
	"huikuan/internal/connectors"
	"huikuan/internal/progress"
)

func (c *cli) connectorsCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "connectors",
		Short: "What can be read, how connectors are written, checked and tested",
		Long: "A connector is one YAML file that says how to read a system. These commands list and show\n" +
			"those there are, and help to write, check, record and test an own one; none of them needs a\n" +
			"warehouse. docs/connectors/writing.md tells how to write one.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.connectorsListCmd(), c.connectorsShowCmd(), c.connectorsSchemaCmd(), c.connectorsLintCmd(), c.connectorsNewCmd(),
		c.connectorsTestCmd(), c.connectorsRecordCmd())
	return cmd
}

// loadAny loads the configuration where there is one: the commands on
// connectors work without, but then know the shipped ones only.
func (c *cli) loadAny() (*config.Config, error) {
	return config.Load(config.Options{Path: c.config, Missing: c.config == ""})
}

func (c *cli) connectorsListCmd() *cobra.Command {
	return &cobra.Command{
		Use: "ls", Aliases: []string{"list"},
		Short: "List the connectors there are, the shipped and your own",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := c.loadAny()
			if err != nil {
				return err
			}
			t := newTable(c.out, "connector", "system", "delivers", "tested", "from")
			for _, k := range connectors.List(cfg) {
				from, about := "shipped", k.About
				if k.Path != "" {
					from = k.Path
				}
				if k.Err != nil {
					about = "cannot be read; `huikuan connectors lint " + k.Path + "` says why"
				}
				t.AppendRow(table.Row{k.Name, k.Title, about, k.Tested, from})
			}
			t.Render()
			return nil
		},
	}
}

func (c *cli) connectorsSchemaCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Write the JSON Schema of connector files, for editors",
		Example: `  huikuan connectors schema > connector.schema.json
  # and as the first line of a connector: # yaml-language-server: $schema=connector.schema.json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			schema, err := connectors.Schema()
			if err != nil {
				return err
			}
			_, err = c.out.Write(schema)
			return err
		},
	}
}

func (c *cli) connectorsShowCmd() *cobra.Command {
	format := "text"
	allowed := []string{"text", "md", "yaml", "json"}
	cmd := &cobra.Command{
		Use:   "show NAME|FILE",
		Short: "Tell what a connector reads, how it signs in, and what it can be told",
		Args:  cobra.ExactArgs(1),
		Example: `  huikuan connectors show hubspot
  huikuan connectors show hubspot --format yaml > own.yaml    # a beginning for your own`,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOfFlag("format", format, allowed); err != nil {
				return err
			}
			cfg, err := c.loadAny()
			if err != nil {
				return err
			}
			conn, err := connectors.Find(cfg, args[0])
			if err != nil {
				return err
			}
			switch format {
			case "yaml":
				_, err = c.out.Write(conn.Text())
				return err
			case "json":
				return printJSON(c.out, conn.Doc())
			}
			return c.showConnector(connectors.Describe(conn.Doc()), format == "md")
		},
	}
	cmd.Flags().StringVarP(&format, "format", "f", format, "text, md (for a page of documentation), yaml (the file itself) or json")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(allowed, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// oneOfFlag checks a flag that takes one of a few words.
func oneOfFlag(flag, found string, allowed []string) error {
	if slices.Contains(allowed, found) {
		return nil
	}
	return usageError{fmt.Errorf("--%s: found %q, allowed: %s", flag, found, strings.Join(allowed, ", "))}
}

func (c *cli) showConnector(d connectors.Description, markdown bool) error {
	if markdown {
		_, err := fmt.Fprint(c.out, d.Markdown())
		return err
	}
	fmt.Fprintln(c.out, d.Title)
	for _, p := range d.Facts {
		fmt.Fprintf(c.out, "%-10s %s\n", p[0]+":", p[1])
	}
	for _, s := range d.Tables {
		if len(s.Rows) == 0 {
			continue
		}
		fmt.Fprintf(c.out, "\n%s\n", s.Title)
		header := make([]any, len(s.Header))
		for i, h := range s.Header {
			header[i] = h
		}
		t := newTable(c.out, header...)
		t.tall = true
		for _, r := range s.Rows {
			row := make(table.Row, len(r))
			for i, v := range r {
				row[i] = v
			}
			t.AppendRow(row)
		}
		t.Render()
	}
	return nil
}

func (c *cli) connectorsLintCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "lint FILE …",
		Short: "Check connector files: every mistake with its line",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			found := 0
			for _, path := range args {
				mistakes, err := connectors.Lint(path)
				if err != nil {
					return err
				}
				for _, m := range mistakes {
					fmt.Fprintln(c.out, m)
				}
				if found += len(mistakes); len(mistakes) == 0 {
					fmt.Fprintf(c.out, "%s: all is well.\n", path)
				}
			}
			if found > 0 {
				return usageError{fmt.Errorf("found %s", counted(found, "mistake", "mistakes"))}
			}
			return nil
		},
	}
}

func (c *cli) connectorsNewCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "new NAME",
		Short: "Write NAME.yaml, a commented connector to begin with",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			path, err := connectors.New(args[0])
			if err != nil {
				return err
			}
			fmt.Fprintf(c.out, "Wrote %s. Fill it in, then: huikuan connectors lint %s\n", path, path)
			return nil
		},
	}
}

func counted[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return progress.Count(int64(n)) + " " + many
}
