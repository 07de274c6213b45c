package main

import (
	"context"
	"fmt"
	"time"
)

// latency compares reading pages one after the other with reading them eight at
// a time, from an API that holds each answer back for 50 ms.
func (b *bench) latency(ctx context.Context) error {
	const page, pages = 500, 400
	const wait = 50 * time.Millisecond
	server, err := b.serve(ctx, page*pages, wait)
	if err != nil {
		return err
	}
	defer server.stop()
	took := map[int]time.Duration{}
	for _, inFlight := range []int{1, 8} {
		u, err := medianOf(b.runs, func() (usage, error) {
			u, _, err := server.readAll(ctx, page*pages, page, inFlight)
			return u, err
		})
		if err != nil {
			return err
		}
		took[inFlight] = u.wall
	}
	b.figure("latency", "%d pages of %d invoices, each answered after %s: one after the other %s, 8 in flight %s, %.1f times as fast",
		pages, page, wait, took[1].Round(10*time.Millisecond), took[8].Round(10*time.Millisecond), took[1].Seconds()/took[8].Seconds())
	return nil
}

// memory compares the peak memory of a long backfill with that of one a hundredth as long.
func (b *bench) memory(ctx context.Context) error {
	long := 10 * b.invoices
	short := long / 100
	for _, into := range []string{"nowhere", "the embedded warehouse"} {
		peak := map[int]int64{}
		for _, invoices := range []int{short, long} {
			u, err := b.backfill(ctx, into, invoices)
			if err != nil {
				return fmt.Errorf("%d invoices into %s: %w", invoices, into, err)
			}
			peak[invoices] = u.peak
		}
		b.figure("memory", "a backfill into %s: peak memory %s for %s invoices, %s for %s, %+.0f %%", into,
			megabytes(peak[short]), thousands(short), megabytes(peak[long]), thousands(long), 100*(float64(peak[long])/float64(peak[short])-1))
	}
	return nil
}

func (b *bench) backfill(ctx context.Context, into string, invoices int) (usage, error) {
	server, err := b.serve(ctx, invoices, 0)
	if err != nil {
		return usage{}, err
	}
	defer server.stop()
	if into == "nowhere" {
		u, _, err := server.readAll(ctx, invoices, 5000, 4)
		return u, err
	}
	return b.syncOnce(ctx, server.plain(), invoices)
}
