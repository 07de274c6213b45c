package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/extract"
	"huikuan/transform/mapping"
)

//go:embed invoices.yaml
var invoicesConnector []byte

// readChild is this command's first argument in the process that reads.
const readChild = "read-child"

// read measures reading and mapping alone: the answers of a local API become
// Arrow batches, which are thrown away. The figure is by processor time, since
// fetching and mapping run side by side.
func (b *bench) read(ctx context.Context) error {
	server, err := b.serve(ctx, b.invoices, 0)
	if err != nil {
		return err
	}
	defer server.stop()
	received := ""
	u, err := medianOf(b.runs, func() (u usage, err error) {
		u, received, err = server.readAll(ctx, b.invoices, 5000, 1)
		return u, err
	})
	if err != nil {
		return err
	}
	b.figure("read", "%s invoices, %s MB of JSON, 5,000 a page, local API → Arrow: %s of one core (%s of processor time), %s elapsed, peak memory %s",
		thousands(b.invoices), received, perSecond(b.invoices, u.cpu), u.cpu.Round(10*time.Millisecond), u.wall.Round(10*time.Millisecond), megabytes(u.peak))
	return nil
}

// readAll reads all invoices in a process of its own; received is megabytes of JSON.
func (a api) readAll(ctx context.Context, invoices, page, inFlight int) (u usage, received string, err error) {
	return self(ctx, readChild, "-url", a.url, "-token", a.key+":"+a.secret, "-invoices", fmt.Sprint(invoices),
		"-page", fmt.Sprint(page), "-in-flight", fmt.Sprint(inFlight))
}

// settings are those of the benchmarks' connector.
func (a api) settings(page int) map[string]any {
	return map[string]any{"url": a.url, "token": a.key + ":" + a.secret, "size": page}
}

// runReader is the process that reads.
func runReader(args []string) error {
	flags := flag.NewFlagSet(readChild, flag.ExitOnError)
	url, token := flags.String("url", "", "of the API"), flags.String("token", "", "to sign in with")
	invoices, page := flags.Int("invoices", 0, "expected"), flags.Int("page", 5000, "invoices a page")
	inFlight := flags.Int("in-flight", 1, "pages asked for at once")
	profile := flags.String("profile", "", "file to write a processor profile to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	debug.SetGCPercent(25) // as a sync does
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	settings := map[string]any{"url": *url, "token": *token, "size": *page, "in_flight": *inFlight}
	rows, received, err := readInvoices(context.Background(), settings, func(arrow.Record) error { return nil })
	if err == nil && rows != *invoices {
		err = fmt.Errorf("%d invoices were read, want %d", rows, *invoices)
	}
	fmt.Printf("%.0f", float64(received)/1e6)
	return err
}

// readInvoices hands every batch of an API's invoices to take, which does not keep it.
func readInvoices(ctx context.Context, settings map[string]any, take func(arrow.Record) error) (rows int, received int64, err error) {
	c, err := extract.ParseConnector("invoices.yaml", invoicesConnector)
	if err != nil {
		return 0, 0, err
	}
	src, err := extract.Open(ctx, "bench", c, settings, extract.Options{})
	if err != nil {
		return 0, 0, err
	}
	defer src.Close()
	m, err := mapping.Compile("invoices", src.Streams()[0].Mapping, mapping.Options{Source: "bench"})
	if err != nil {
		return 0, 0, err
	}
	m.Recycle()
	for p, err := range src.Pages(ctx, "invoices", nil) {
		if err != nil {
			return rows, received, err
		}
		out, err := m.Map(mapping.Input{Body: p.Body, Records: p.Records, First: p.First, Version: 1, RunID: "bench", LoadedAt: p.FetchedAt})
		if err != nil {
			return rows, received, err
		}
		rows, received = rows+out.Mapped, received+int64(len(p.Body))
		for _, batch := range out.Batches {
			if err := take(batch.Record); err != nil {
				return rows, received, err
			}
		}
		out.Release()
	}
	return rows, received, nil
}
