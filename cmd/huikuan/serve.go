package main

import (
	"errors"
	"fmt"
	"net"

	"github.com/spf13/cobra"

	"huikuan/config"
	"huikuan/internal/pipeline"
)

func (c *cli) serveCmd() *cobra.Command {
	var listen string
	var withJobs bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Offer the embedded warehouse to Grafana and other ClickHouse clients, read-only",
		Long: "Answers the ClickHouse HTTP interface with a read-only user, so that Grafana's ClickHouse data\n" +
			"source or any client can read the embedded warehouse. Listens on loopback unless told otherwise;\n" +
			"any other address needs serve.password.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			cfg, err := c.load()
			if err != nil {
				return err
			}
			if listen != "" {
				cfg.Serve.Listen = listen
			}
			if err := servable(cfg); err != nil {
				return err
			}
			c.plain = true
			s, err := c.openConfig(cmd.Context(), cfg, func(o *pipeline.Options) { o.Listen = cfg.Serve.Listen })
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			user, password := s.Engine().ReadOnlyCredentials()
			if cfg.Serve.Password != "" {
				password = "(serve.password of the configuration)"
			}
			t := newTable(c.out, "setting of the data source", "value")
			host, port, _ := net.SplitHostPort(s.Engine().Addr())
			secure := "off"
			if cfg.Serve.TLSCert != "" {
				secure = "on"
			}
			for _, r := range [][]any{{"server address", host}, {"port", port}, {"protocol", "HTTP"}, {"secure connection", secure}, {"username", user}, {"password", password}, {"default database", cfg.Warehouse.Database}} {
				t.AppendRow(r)
			}
			t.Render()
			fmt.Fprintln(c.out, "Serving read-only until stopped (Ctrl-C).")
			if withJobs {
				log := s.log
				return s.Run(cmd.Context(), func([]pipeline.Job) {}, func(job string, err error) {
					if err != nil {
						log.Error("job failed", "job", job, "error", err.Error())
					}
				})
			}
			<-cmd.Context().Done()
			return nil
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "", "address, such as 127.0.0.1:8123 (default serve.listen)")
	cmd.Flags().BoolVar(&withJobs, "run", false, "also sync and build on the schedules, in this process")
	return cmd
}

// servable refuses to open a warehouse to the network without a password.
func servable(cfg *config.Config) error {
	if !cfg.Warehouse.Embedded() {
		return usageError{fmt.Errorf("`serve` offers the embedded warehouse; this configuration uses the server %s: point Grafana at it", cfg.Warehouse.URL)}
	}
	host, _, err := net.SplitHostPort(cfg.Serve.Listen)
	if err != nil {
		return usageError{fmt.Errorf("serve.listen: found %q, expected host:port such as 127.0.0.1:8123", cfg.Serve.Listen)}
	}
	ip := net.ParseIP(host)
	loopback := host == "localhost" || (ip != nil && ip.IsLoopback())
	if !loopback && cfg.Serve.Password == "" {
		return usageError{fmt.Errorf("serve.listen %s can be reached from other machines; set serve.password first", cfg.Serve.Listen)}
	}
	return nil
}
