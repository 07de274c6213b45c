package main

import (
	"context"
	"os"
	"slices"
	"time"

	"huikuan/internal/pipeline"
	"huikuan/sql"
)

// models builds all shipped models on a large warehouse and prints the time of
// each, the slowest first.
func (b *bench) models(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "huikuan-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	a, err := openFilled(ctx, dir, b.invoices)
	if err != nil {
		return err
	}
	defer a.Close()
	asOf := time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC)
	if _, err := a.Build(ctx, pipeline.BuildOptions{AsOf: asOf, MetricsOnly: true}); err != nil {
		return err
	}
	if err := settled(ctx, a.Warehouse()); err != nil {
		return err
	}
	r, err := a.Build(ctx, pipeline.BuildOptions{AsOf: asOf, ModelsOnly: true})
	if err != nil {
		return err
	}
	slices.SortFunc(r.Models.Models, func(x, y sql.ModelReport) int { return int(y.Duration - x.Duration) })
	for _, m := range r.Models.Models {
		b.figure("model", "%s: %.2f s, %d rows, %v", m.Name, m.Duration.Seconds(), m.Rows, m.Status)
	}
	return nil
}
