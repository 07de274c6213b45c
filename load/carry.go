package load

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// How the rows of customers that have not changed reach a staged table
//
// A staged table begins as a copy of a base: it shares its files until either
// changes. Then the rows of changed customers are hidden by a patch, which costs
// little more than to find them. A table with patches cannot be copied again, so
// the next build begins from the same base: it hides the customers of both
// builds, and fetches those that only the earlier one has changed from the table
// that serves.
//
//  1. After a full build, or once the patches were applied, the base is the
//     table that serves. When the build is published it stays, as <table>__base.
//  2. Later builds take <table>__base, known by its UUID, and what has changed since.
//  3. Where a base is missing, or too much has changed since, the patches of the
//     table that serves are applied, and it is the base.

const baseSuffix = "__base"

// CarriedTable says which rows of a table are carried over, and which the build
// writes anew: rows whose Column names a changed customer, and rows whose column
// Only has another value than Has (where Only is given).
type CarriedTable struct {
	Name, Column string
	Only, Has    string
}

func (c CarriedTable) rows(customers map[string]bool) string {
	return amongSQL(ident(c.Column), customers)
}

// HasBases tells whether the bases of an earlier build are all there.
func (w *Warehouse) HasBases(ctx context.Context, bases map[string]string, tables []CarriedTable) (bool, error) {
	ids, err := w.uuids(ctx)
	for _, t := range tables {
		if id := bases[t.Name]; id == "" || ids[t.Name+baseSuffix] != id {
			return false, err
		}
	}
	return true, err
}

// ApplyPatches makes the serving tables such that they can be copied.
func (w *Warehouse) ApplyPatches(ctx context.Context, tables []CarriedTable) error {
	patched := map[string]bool{}
	err := w.each(ctx, "SELECT DISTINCT table FROM system.parts WHERE active AND database = "+literal(w.database)+" AND startsWith(name, 'patch-')", func(row []any) error {
		patched[row[0].(string)] = true
		return nil
	})
	for _, t := range tables {
		if err == nil && patched[t.Name] {
			err = w.conn.Exec(ctx, "ALTER TABLE "+w.qualified(t.Name)+" APPLY PATCHES SETTINGS mutations_sync = 2")
		}
	}
	return w.explain("apply the patches of the serving tables", err)
}

// Carry fills staged tables from their bases, but for what the build writes
// anew. since are the customers that have changed between the bases and the
// serving tables; nil where the serving tables are the bases.
func (s *Stage) Carry(ctx context.Context, tables []CarriedTable, changed, since map[string]bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	doing := "carry tables over into build " + s.buildID
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.Name
	}
	have, err := s.w.describe(ctx, names...)
	if err != nil {
		return s.w.explain(doing, err)
	}
	ids, err := s.w.uuids(ctx)
	if err != nil {
		return err
	}
	for _, c := range tables {
		t, err := s.open(c.Name)
		if err != nil {
			return err
		}
		if have[c.Name] == nil || !sameLayout(t.table.Columns, have[c.Name].columns) {
			return &Error{Kind: ErrStage, Doing: doing, Cause: "the serving table " + c.Name + " has other columns", Remedy: "build in full"}
		}
		base := c.Name
		if since != nil {
			base += baseSuffix
		}
		if err := s.carry(ctx, c, base, idents(t.table.Names()), changed, since); err != nil {
			return s.w.explain("carry "+c.Name+" over into build "+s.buildID, err)
		}
		s.bases[c.Name] = ids[base]
	}
	return s.w.explain(doing, s.noteBegan(ctx, names))
}

// noteBegan notes the parts that carried tables begin with.
func (s *Stage) noteBegan(ctx context.Context, names []string) error {
	staged := make([]string, len(names))
	for i, name := range names {
		staged[i] = name + nextSuffix
	}
	s.began = map[string][]string{}
	sql := "SELECT table, name FROM system.parts WHERE active AND database = " + literal(s.w.database) + " AND table IN (" + literals(staged) + ") ORDER BY table, name"
	return s.w.each(ctx, sql, func(row []any) error {
		name := strings.TrimSuffix(row[0].(string), nextSuffix)
		s.began[name] = append(s.began[name], row[1].(string))
		return nil
	})
}

// Began are the parts that the carried tables began with: they hold no rows of
// changed customers.
func (s *Stage) Began() map[string][]string { return s.began }

func (s *Stage) carry(ctx context.Context, c CarriedTable, base string, columns []string, changed, since map[string]bool) error {
	r := s.w.render()
	from, next := r.name(base), r.name(c.Name+nextSuffix)
	hidden := maps.Clone(changed)
	maps.Copy(hidden, since)
	where := c.rows(hidden)
	if c.Only != "" {
		where += " OR " + ident(c.Only) + " != " + literal(c.Has)
	}
	err := s.w.execAll(ctx, []string{ // nothing of that name is left: NewStageFor has seen to it
		"CREATE TABLE " + next + " AS " + from + " SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1",
		"ALTER TABLE " + next + " ATTACH PARTITION tuple() FROM " + from,
	})
	if err != nil {
		return err
	}
	if err := s.w.hide(ctx, next, where); err != nil {
		return err
	}
	earlier := maps.Clone(since)
	maps.DeleteFunc(earlier, func(id string, _ bool) bool { return changed[id] })
	if len(earlier) == 0 {
		return nil
	}
	where = c.rows(earlier)
	if c.Only != "" {
		where += " AND " + ident(c.Only) + " = " + literal(c.Has)
	}
	list := strings.Join(columns, ", ")
	return s.w.conn.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s", next, list, list, r.name(c.Name), where))
}

// hide deletes rows by a patch; an engine that has none marks them in their parts.
func (w *Warehouse) hide(ctx context.Context, table, where string) error {
	sql := "DELETE FROM " + table + " WHERE " + where + " SETTINGS "
	err := w.conn.Exec(ctx, sql+"lightweight_delete_mode = 'lightweight_update'")
	if err == nil || ctx.Err() != nil {
		return err
	}
	return w.conn.Exec(ctx, sql+"lightweight_deletes_sync = 2")
}

// Bases are the tables, by UUID, from which the staged ones were carried over;
// the next build may begin from them.
func (s *Stage) Bases() map[string]string { return maps.Clone(s.bases) }

// keepBases lets the bases of a publication stay and drops those that no build
// will begin from; ids follow. It may be repeated.
func (w *Warehouse) keepBases(ctx context.Context, plan intent, ids map[string]string) error {
	r := w.render()
	for _, name := range plan.Order {
		base := name + baseSuffix
		if ids[base] == plan.Bases[name] {
			continue // there already, or none is there and none is wanted
		}
		if ids[base] != "" {
			if err := w.conn.Exec(ctx, "DROP TABLE "+r.name(base)+" SYNC"); err != nil {
				return err
			}
		}
		if want := plan.Bases[name]; want != "" && ids[name+nextSuffix] == want {
			if err := w.conn.Exec(ctx, "RENAME TABLE "+r.name(name+nextSuffix)+" TO "+r.name(base)); err != nil {
				return err
			}
			delete(ids, name+nextSuffix)
			w.forget(name + nextSuffix)
		}
	}
	return nil
}

// amongSQL is true of rows whose column is one of the texts.
func amongSQL(column string, texts map[string]bool) string {
	if len(texts) == 0 {
		return "(1 = 0)"
	}
	return column + " IN (" + literals(slices.Sorted(maps.Keys(texts))) + ")"
}
