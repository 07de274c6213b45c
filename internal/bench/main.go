// Command bench measures what the README claims and prints it as a table:
//
//	go run ./internal/bench -what sync      1M invoices from a local API into the embedded warehouse
//	go run ./internal/bench -what replay    1M invoices and 1.2M allocations into 36 month-ends, against SQL
//
// `make bench` runs both. Each figure is the median of -runs runs.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"time"
)

func main() {
	what := flag.String("what", "all", "sync, replay or all")
	invoices := flag.Int("invoices", 1_000_000, "how many invoices")
	runs := flag.Int("runs", 3, "runs of each measurement; the median is printed")
	binary := flag.String("binary", "bin/huikuan", "the built command")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if *what == "sync" || *what == "all" {
		err = benchSync(ctx, *binary, *invoices, *runs)
	}
	if err == nil && (*what == "replay" || *what == "all") {
		err = benchReplay(ctx, *invoices, *runs)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func median[T int64 | time.Duration | float64](values []T) T {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}

func perSecond(rows int, d time.Duration) string {
	return fmt.Sprintf("%.0f k rows/s", float64(rows)/d.Seconds()/1000)
}
