package load

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"huikuan/transform/schema"
)

// target is a table that rows are written to, as the engine describes it.
type target struct {
	name    string // physical name: invoices_docs for invoices
	columns []column
}

// target looks a table up, once: the table of that name or, behind the view of
// a document stream, the table that holds its rows.
func (w *Warehouse) target(ctx context.Context, table string) (*target, error) {
	w.mu.Lock()
	known := w.targets[table]
	w.mu.Unlock()
	if known != nil {
		return known, nil
	}
	found, err := w.describe(ctx, table, table+docsSuffix)
	if err != nil {
		return nil, err
	}
	t, ok := found[table+docsSuffix]
	if !ok {
		t, ok = found[table]
	}
	if !ok {
		return nil, &Error{
			Kind: ErrMissing, Doing: "look up " + table, Cause: fmt.Sprintf("there is no table %s in database %s", table, w.database),
			Remedy: "run the migration first (huikuan sync and huikuan build do so when they start)",
		}
	}
	w.mu.Lock()
	w.targets[table] = t
	w.mu.Unlock()
	return t, nil
}

// expect notes the columns of a table that is made by its description, so that
// nobody has to look them up.
func (w *Warehouse) expect(table string, columns []schema.Column) {
	t := &target{name: table}
	for _, c := range columns {
		t.columns = append(t.columns, newColumn(c.Name, c.Kind.ClickHouse(c.Nullable), "", c.Comment))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.targets[table] = t
}

func (w *Warehouse) forget(tables ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range tables {
		delete(w.targets, t)
	}
}

// describe reads the columns of the named tables, or of all tables of the
// database when none are named.
func (w *Warehouse) describe(ctx context.Context, names ...string) (map[string]*target, error) {
	sql := "SELECT table, name, type, default_kind, comment FROM system.columns WHERE database = " + literal(w.database)
	if len(names) > 0 {
		sql += " AND table IN (" + literals(names) + ")"
	}
	found := map[string]*target{}
	err := w.each(ctx, sql+" ORDER BY table, position", func(row []any) error {
		name := row[0].(string)
		if found[name] == nil {
			found[name] = &target{name: name}
		}
		found[name].columns = append(found[name].columns, newColumn(row[1].(string), row[2].(string), row[3].(string), row[4].(string)))
		return nil
	})
	return found, err
}

// each runs a query and hands its rows to f.
func (w *Warehouse) each(ctx context.Context, sql string, f func(row []any) error) error {
	res, err := w.Query(ctx, sql)
	if err != nil {
		return err
	}
	defer res.Close()
	for res.Next() {
		if err := f(res.Row()); err != nil {
			return err
		}
	}
	return res.Err()
}

func literals(texts []string) string {
	quoted := make([]string, len(texts))
	for i, s := range texts {
		quoted[i] = literal(s)
	}
	return strings.Join(quoted, ", ")
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
