package main

import "github.com/spf13/cobra"

func (c *cli) modelsDocsCmd() *cobra.Command {
	return &cobra.Command{Use: "docs", Short: "Write the documentation of the models"}
}
