package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"huikuan/load"
)

// Rows is the answer to a query, row by row; Close it.
type Rows = *load.Result

// Table is a result read row by row, from the warehouse or from memory.
type Table interface {
	// Columns lists the columns.
	Columns() []load.ResultColumn
	// Next moves to the next row; false at the end or after an error.
	Next() bool
	// Row is the row that Next moved to: texts, numbers, decimals as text, nil for NULL.
	Row() []any
	// Err is the error that ended the rows, nil at their natural end.
	Err() error
}

var (
	_ Table = Rows(nil)
	_ Table = (*AgingReport)(nil)
)

// Query runs one statement on the warehouse.
func (a *App) Query(ctx context.Context, stmt string) (Rows, error) {
	r, err := a.wh.Query(ctx, stmt)
	var e *load.Error
	if errors.Is(err, load.ErrReadOnly) && a.readOnly && errors.As(err, &e) {
		_, why, _ := strings.Cut(e.Cause, ": ")
		return nil, fmt.Errorf("this command only reads the warehouse: %s; sync and build are what change it", why)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// All runs one statement and returns all of its rows; for small answers.
func (a *App) All(ctx context.Context, stmt string) ([][]any, error) {
	r, err := a.wh.Query(ctx, stmt)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out [][]any
	for r.Next() {
		out = append(out, r.Row())
	}
	return out, r.Err()
}

// Now is the clock of this app.
func (a *App) Now() time.Time { return a.now() }
