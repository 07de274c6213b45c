package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
)

func (c *cli) modelsDocsCmd() *cobra.Command {
	var o pipeline.ModelSelection
	cmd := &cobra.Command{
		Use: "docs [folder]", Short: "Write the documentation of the models: Markdown with lineage, manifest.json, a dashboard",
		Long: "Writes into the folder (default models-docs): README.md (the list, the lineage, all variables), one page a\n" +
			"model (columns with units and tests, variables, lineage, compiled SQL), manifest.json in dbt's shape, and\n" +
			"dashboard.json, a Grafana dashboard of the charts that the models ask for. It needs no warehouse.\n\n" +
			"With --select or --exclude, pages, list, variables and charts are those of the chosen models; manifest.json holds all.\n\n" + selectorHelp,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			folder := "models-docs"
			if len(args) > 0 {
				folder = args[0]
			}
			_, graph, names, err := c.checkModels(o)
			if err != nil {
				return err
			}
			if _, err := graph.Select([]string{folder}, nil); len(args) > 0 && err == nil {
				return usageError{fmt.Errorf("%s chooses models and is no folder; write --select %s", folder, folder)}
			}
			chosen := names
			if len(o.Models)+len(o.Exclude) == 0 {
				chosen = nil // all variables too, also those that no model reads
			}
			files, err := graph.Docs(chosen)
			if err != nil {
				return err
			}
			dashboard, charts, err := pipeline.ModelDashboard(slices.DeleteFunc(slices.Clone(graph.Models()), func(m pipeline.Model) bool { return !slices.Contains(names, m.Name) }))
			if err != nil {
				return err
			}
			files["dashboard.json"] = dashboard
			if err := os.MkdirAll(folder, 0o755); err != nil {
				return fmt.Errorf("make the folder of the documentation: %w", err)
			}
			for name, text := range files {
				if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
					return fmt.Errorf("write the documentation: %w", err)
				}
			}
			fmt.Fprintf(c.out, "Documented %s in %s; begin with README.md. dashboard.json is a Grafana dashboard with %s.\n",
				counted(len(names), "model", "models"), folder, counted(charts, "chart", "charts"))
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&o.Models, "select", nil, "`model` to document, chosen as those of models run; may be repeated")
	excluding(cmd, &o)
	return cmd
}
