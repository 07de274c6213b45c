package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"huikuan/internal/demo"
)

// benchServerCmd is the source that benchmarks read, in a process of its own so
// that the memory of the reader can be measured alone.
func (c *cli) benchServerCmd() *cobra.Command {
	var o demo.LoadOptions
	cmd := &cobra.Command{
		Use: "bench-server", Short: "Serve made-up invoices as an ERPNext would, for benchmarks", Args: cobra.NoArgs, Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := demo.ServeInvoices(cmd.Context(), o)
			if err != nil {
				return err
			}
			defer s.Close()
			fmt.Fprintln(c.out, s.URL, s.Key, s.Secret)
			<-cmd.Context().Done()
			return nil
		},
	}
	cmd.Flags().IntVar(&o.Invoices, "invoices", 1_000_000, "how many")
	cmd.Flags().IntVar(&o.PageSize, "page", 5000, "rows of a page where the request names no limit")
	cmd.Flags().BoolVar(&o.Entries, "entries", false, "also 1.2 ledger entries an invoice")
	cmd.Flags().DurationVar(&o.Latency, "latency", 0, "how long each answer is held back")
	cmd.Flags().StringVar(&o.Address, "listen", "", "address; empty = a free port on loopback")
	return cmd
}
