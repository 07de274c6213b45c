package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
)

func (c *cli) modelsDocsCmd() *cobra.Command {
	return &cobra.Command{
		Use: "docs [folder]", Short: "Write the documentation of the models: Markdown with lineage, manifest.json, a dashboard",
		Long: "Writes into the folder (default models-docs): README.md (the list, the lineage, all variables), one page a\n" +
			"model (columns with units and tests, variables, lineage, compiled SQL), manifest.json in dbt's shape, and\n" +
			"dashboard.json, a Grafana dashboard of the charts that the models ask for. It needs no warehouse.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			folder := "models-docs"
			if len(args) > 0 {
				folder = args[0]
			}
			_, graph, names, err := c.checkModels(pipeline.ModelSelection{})
			if err != nil {
				return err
			}
			files, err := graph.Docs()
			if err != nil {
				return err
			}
			dashboard, charts, err := pipeline.ModelDashboard(graph.Models())
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
}
