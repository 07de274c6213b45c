// Command bench measures what the README claims; each figure is a line that
// ends with the command that made it:
//
//	go run ./internal/bench -what read      1M invoices from a local API into Arrow, rows a second of processor time
//	go run ./internal/bench -what sync      the same into the embedded warehouse, with memory, and the engine's own beside it
//	go run ./internal/bench -what latency   pages of an API that takes 50 ms, one after the other and 8 in flight
//	go run ./internal/bench -what memory    peak memory of 10M records against 100,000
//	go run ./internal/bench -what replay    1M invoices and 1.2M allocations into 36 month-ends and 92 days, against SQL
//	go run ./internal/bench -what incremental   builds after one document in a thousand has changed, against a full build
//	go run ./internal/bench -what models    every shipped model on a warehouse of 1M invoices, the dearest first
//	go run ./internal/bench -what dashboards   every query of every dashboard on the same warehouse, against the goals
//	go run ./internal/bench -what derived   payment behaviour, forecast and bridge, made from the replayed tables
//
// `make bench` runs all. Each figure is the median of -runs runs. Servers,
// readers and engines run in processes of their own, measured by the operating
// system when they end.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

// bench is what the measurements share.
type bench struct {
	binary   string // the built command
	invoices int
	runs     int
	book     string // what kind of book the warehouse has
	data     string // folder of a filled warehouse that stays
	only     string // the models that models builds
	profile  string // file for a profile of the processor
	command  string // for the reader of a figure: how it was made
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == readChild {
		exitOn(runReader(os.Args[2:]))
		return
	}
	if len(os.Args) > 1 && os.Args[1] == engineChild {
		exitOn(runEngine(os.Args[2:]))
		return
	}
	var b bench
	what := flag.String("what", "all", "read, sync, latency, memory, replay, incremental, models, dashboards, derived or all")
	flag.IntVar(&b.invoices, "invoices", 1_000_000, "how many invoices; memory takes ten times as many")
	flag.IntVar(&b.runs, "runs", 3, "runs of each measurement; the median is printed")
	flag.StringVar(&b.binary, "binary", "bin/huikuan", "the built command")
	flag.StringVar(&b.data, "data", "", "derived, incremental, models, dashboards: folder of a warehouse to use again; empty = made anew and removed")
	flag.StringVar(&b.book, "book", bookPlain, "incremental, models, dashboards, derived: plain, or "+bookGroup+" = thirty companies in seven currencies, 15 customers for 100 invoices")
	flag.StringVar(&b.only, "models", "", "models: build these alone, selectors separated by commas")
	flag.StringVar(&b.profile, "profile", "", "derived, incremental: file for a profile of the processor")
	flag.Parse()
	if b.book != bookPlain && b.book != bookGroup {
		exitOn(fmt.Errorf("-book: found %q, expected %s or %s", b.book, bookPlain, bookGroup))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	all := []struct {
		name string
		run  func(context.Context) error
	}{
		{"read", b.read}, {"sync", b.sync}, {"latency", b.latency}, {"memory", b.memory},
		{"incremental", b.incremental}, {"models", b.models}, {"dashboards", b.dashboards}, {"derived", b.derived},
		{"replay", func(ctx context.Context) error { return benchReplay(ctx, b.invoices, b.runs) }},
	}
	for _, m := range all {
		if *what != "all" && *what != m.name {
			continue
		}
		b.command = fmt.Sprintf("go run ./internal/bench -what %s -invoices %d -runs %d", m.name, b.invoices, b.runs)
		if b.book != bookPlain {
			b.command += " -book " + b.book
		}
		exitOn(m.run(ctx))
	}
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// The kinds of book.
const (
	bookPlain = "plain"
	bookGroup = "group"
)

// figure prints one figure.
func (b *bench) figure(name, format string, values ...any) {
	fmt.Printf("%-8s%s  [%s]\n", name, fmt.Sprintf(format, values...), b.command)
}

func median[T int64 | time.Duration | float64](values []T) T {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}

func perSecond(rows int, d time.Duration) string {
	return fmt.Sprintf("%.0f k rows/s", float64(rows)/d.Seconds()/1000)
}

// thousands writes a count with commas.
func thousands(n int) string {
	text := fmt.Sprint(n)
	var parts []string
	for len(text) > 3 {
		parts = append([]string{text[len(text)-3:]}, parts...)
		text = text[:len(text)-3]
	}
	return strings.Join(append([]string{text}, parts...), ",")
}
