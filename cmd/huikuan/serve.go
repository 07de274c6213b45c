package main

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
)

func (c *cli) serveCmd() *cobra.Command {
	var listen string
	var jobs bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Offer the embedded warehouse to Grafana and other ClickHouse clients, read-only",
		Long: "Answers the ClickHouse HTTP interface with a read-only user, so that Grafana's ClickHouse data\n" +
			"source or any client can read the embedded warehouse. Listens on loopback unless told otherwise;\n" +
			"any other address needs serve.password. While it serves no other process can open the warehouse:\n" +
			"to sync and build as well, use `huikuan run --serve`, which is the same as `huikuan serve --run`.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			s, err := c.openServing(cmd, listen)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			if jobs {
				return c.runJobs(cmd.Context(), s)
			}
			<-cmd.Context().Done()
			return nil
		},
	}
	listenFlag(cmd, &listen)
	cmd.Flags().BoolVar(&jobs, "run", false, "also sync and build on the schedules, in this process")
	return cmd
}

func listenFlag(cmd *cobra.Command, listen *string) {
	cmd.Flags().StringVar(listen, "listen", "", "address to serve at, such as 127.0.0.1:8123 (default serve.listen)")
}

// openServing opens the warehouse and offers it, and says how to reach it.
func (c *cli) openServing(cmd *cobra.Command, listen string) (*session, error) {
	cfg, err := c.load()
	if err != nil {
		return nil, err
	}
	if listen != "" {
		cfg.Serve.Listen = listen
	}
	if err := pipeline.Servable(cfg); err != nil {
		return nil, usageError{err}
	}
	c.plain = true
	s, err := c.openConfig(cmd.Context(), cfg, nil)
	if err != nil {
		return nil, err
	}
	built, err := s.BuiltModels(cmd.Context())
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	served, err := s.Serve()
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	c.tellServed(served)
	if len(built) == 0 {
		fmt.Fprintln(c.out, "Nothing is built yet, and the dashboards ask for tables that `huikuan build` makes: run it first, also where no documents are there.")
	}
	fmt.Fprintln(c.out, "Serving read-only until stopped (Ctrl-C).")
	return s, nil
}

// tellServed prints what Grafana's form of a ClickHouse data source asks for.
func (c *cli) tellServed(s pipeline.Served) {
	secure := "off"
	if s.Secure {
		secure = "on"
	}
	password := "(serve.password of the configuration)"
	if s.Generated {
		password = s.Password
	}
	host := s.Host
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "(any address of this machine)"
	}
	t := newTable(c.out, "setting of the data source", "value")
	for _, r := range [][]any{
		{"server address", host}, {"port", s.Port}, {"protocol", "HTTP"}, {"secure connection", secure},
		{"username", s.User}, {"password", password}, {"default database", s.Database},
	} {
		t.AppendRow(r)
	}
	t.Render()
	if len(s.Others) > 0 {
		fmt.Fprintln(c.out, "Also the users of access.users, with their own passwords: "+strings.Join(s.Others, ", "))
	}
	if !s.Loopback && !s.Secure {
		fmt.Fprintln(c.out, "Other machines reach this address, and what they read is not encrypted: set serve.tls_cert and serve.tls_key.")
	}
	if s.Generated {
		fmt.Fprintln(c.out, "The password is a new one at each start; set serve.password to keep one.")
	}
}
