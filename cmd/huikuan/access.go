package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
)

func (c *cli) accessCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "access",
		Short: "Users of the warehouse and what they see: the section access of the configuration",
		Long: "The section access names users who may read, and for each the reps, teams or companies whose\n" +
			"customers they see. On a server they become users, roles, row policies, a quota and a settings\n" +
			"profile; the embedded warehouse holds to them while it serves (`huikuan serve`).",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.accessRenderCmd(), c.accessApplyCmd())
	return cmd
}

func (c *cli) accessRenderCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "render",
		Short: "Print the statements that `access apply` would run, without passwords",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := c.load()
			if err != nil {
				return err
			}
			statements, err := pipeline.AccessStatements(cfg)
			if err != nil {
				return err
			}
			for _, s := range statements {
				fmt.Fprintln(c.out, s+";")
			}
			return nil
		},
	}
}

func (c *cli) accessApplyCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "apply",
		Short: "Make the users on the server; those that are no longer defined go",
		Long: "Runs the statements of `huikuan access render` on the server, as often as you like: what is there\n" +
			"is replaced. Users that an earlier definition made and this one does not have are dropped; users\n" +
			"that Huikuan did not make are left alone. Passwords are sent as salted hashes.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			cfg, err := c.load()
			if err != nil {
				return err
			}
			switch {
			case cfg.Warehouse.Embedded():
				return usageError{errors.New("the embedded warehouse has no users to make; `huikuan serve` holds to the section access by itself")}
			case cfg.Warehouse.Cluster != "":
				return usageError{errors.New("access apply does not know clusters: take the statements of `huikuan access render` and add ON CLUSTER, with the row policies on the _local tables of every shard")}
			}
			s, err := c.openConfig(cmd.Context(), cfg, nil)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			n, dropped, err := s.ApplyAccess(cmd.Context())
			if err != nil {
				return err
			}
			fmt.Fprintf(c.out, "%s may read; %d statements ran.\n", counted(len(cfg.Access.Users), "user", "users"), n)
			if len(dropped) > 0 {
				fmt.Fprintln(c.out, "Dropped, as they are no longer defined: "+strings.Join(dropped, ", "))
			}
			return nil
		},
	}
}
