package pipeline

import (
	"context"

	"huikuan/dashboards/report"
)

// ReportOptions choose the month, company and language of a receivables pack.
type ReportOptions = report.Options

// Pack is a receivables pack, to be written as HTML or as an Excel workbook.
type Pack = *report.Pack

// ErrNothingToReport says that the warehouse holds no receivables.
var ErrNothingToReport = report.ErrNothing

// Report collects the figures of a month's receivables pack.
func (a *App) Report(ctx context.Context, o ReportOptions) (Pack, error) {
	o.Now = a.now()
	return report.Collect(ctx, a.named, o)
}

// named runs one statement and returns its rows by column name.
func (a *App) named(ctx context.Context, stmt string) ([]map[string]any, error) {
	r, err := a.wh.Query(ctx, stmt)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out []map[string]any
	for r.Next() {
		row := map[string]any{}
		for i, v := range r.Row() {
			row[r.Columns()[i].Name] = v
		}
		out = append(out, row)
	}
	return out, r.Err()
}
