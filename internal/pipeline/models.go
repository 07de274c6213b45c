package pipeline

import (
	"context"

	"huikuan/sql"
)

// modelEngine lets the model runner speak to the warehouse.
type modelEngine struct{ app *App }

func (a *App) models() sql.Engine { return modelEngine{a} }

func (e modelEngine) Exec(ctx context.Context, stmt string) error { return e.app.wh.Exec(ctx, stmt) }

func (e modelEngine) Query(ctx context.Context, stmt string) ([][]any, []string, error) {
	r, err := e.app.wh.Query(ctx, stmt)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	var names []string
	for _, c := range r.Columns() {
		names = append(names, c.Name)
	}
	var rows [][]any
	for r.Next() {
		rows = append(rows, r.Row())
	}
	return rows, names, r.Err()
}
