package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"huikuan/config"
)

func (c *cli) initCmd() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "init [folder]",
		Short: "Write a commented huikuan.yaml to begin with",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			path := config.DefaultFile
			if c.config != "" {
				path = c.config
			}
			if len(args) == 1 {
				if err := os.MkdirAll(args[0], 0o755); err != nil {
					return fmt.Errorf("make the folder: %w", err)
				}
				path = filepath.Join(args[0], config.DefaultFile)
			}
			flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
			if force {
				flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
			}
			f, err := os.OpenFile(path, flags, 0o600)
			if errors.Is(err, os.ErrExist) {
				return usageError{fmt.Errorf("%s is there already; edit it, or replace it with --force", path)}
			} else if err != nil {
				return fmt.Errorf("write the configuration: %w", err)
			}
			if _, err := f.WriteString(config.Example); err != nil {
				return errors.Join(err, f.Close())
			}
			fmt.Fprintf(c.out, "Wrote %s. Name your sources in it, then:\n  huikuan check    are they reachable, and what may be read?\n  huikuan sync     pull what is new\n  huikuan build    replay the ledger into metrics\n", path)
			return f.Close()
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace a file that is there")
	return cmd
}
