package pipeline

import (
	"context"
	"fmt"

	"huikuan/sql"
)

// Named is a result row by column name, values as [Rows.Row] gives them.
type Named map[string]any

// Text is the value of a column as text; NULL is the dash that stands for missing.
func (n Named) Text(column string) string {
	if n[column] == nil {
		return "–"
	}
	return fmt.Sprint(n[column])
}

// ShippedReport runs a shipped report query and returns its rows.
func (a *App) ShippedReport(ctx context.Context, name string) ([]Named, error) {
	stmt, err := sql.ReportQuery(name)
	if err != nil {
		return nil, err
	}
	rows, err := a.named(ctx, stmt)
	if err != nil {
		return nil, fmt.Errorf("report %s: %w", name, err)
	}
	out := make([]Named, len(rows))
	for i, row := range rows {
		out[i] = row
	}
	return out, nil
}
