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
// Two tables take turns. The one that serves is replaced by the one that served
// before it, once that has caught up: the rows of the customers that the last
// build and this one have changed are hidden by a patch, which costs little more
// than to find them, those of the last build are fetched from the table that
// serves, and this build writes its own.
//
//  1. After a full build there is one table. A copy of it, which shares its files
//     until either changes, is what the next build begins with. When that is
//     published, the table that served stays, as <table>__base.
//  2. Later builds take <table>__base, known by its UUID, and what the last build
//     has changed. Their own old table stays in its place.
//  3. Where a base is missing (the build that had taken it did not end well), or
//     the patches have become many, those of the table that serves are applied,
//     which a copy needs, and all begins anew.

const baseSuffix = "__base"

// patchable are the settings of a table whose rows can be hidden by patches. Merges
// leave its large parts alone: they would write the rows of all customers anew, in
// whichever build they fall.
const patchable = "enable_block_number_column = 1, enable_block_offset_column = 1, max_bytes_to_merge_at_max_space_in_pool = 4194304"

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

// Behind tells what the bases lack of the serving tables.
type Behind struct {
	Customers map[string]bool     // whose rows have changed
	Parts     map[string][]string // by table: parts of the serving one that hold none of these rows, see [Stage.Began]
}

// Carry makes staged tables of their bases, but for what the build writes anew.
// behind is nil where they begin as copies of the serving tables.
func (s *Stage) Carry(ctx context.Context, tables []CarriedTable, changed map[string]bool, behind *Behind) error {
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
		if err := s.carry(ctx, c, idents(t.table.Names()), changed, behind); err != nil {
			return s.w.explain("carry "+c.Name+" over into build "+s.buildID, err)
		}
		s.bases[c.Name] = ids[c.Name]
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
func (s *Stage) Began() map[string][]string { return maps.Clone(s.began) }

func (s *Stage) carry(ctx context.Context, c CarriedTable, columns []string, changed map[string]bool, behind *Behind) error {
	r := s.w.render()
	serving, next := r.name(c.Name), r.name(c.Name+nextSuffix)
	hidden := maps.Clone(changed)
	if behind != nil {
		maps.Copy(hidden, behind.Customers)
	}
	where := c.rows(hidden)
	if c.Only != "" {
		where += " OR " + ident(c.Only) + " != " + literal(c.Has)
	}
	begin := []string{"RENAME TABLE " + r.name(c.Name+baseSuffix) + " TO " + next} // nothing of that name is left: NewStageFor has seen to it
	if behind == nil {
		begin = []string{
			"ALTER TABLE " + serving + " MODIFY SETTING " + patchable, // it will be the next base
			"CREATE TABLE " + next + " AS " + serving + " SETTINGS " + patchable,
			"ALTER TABLE " + next + " ATTACH PARTITION tuple() FROM " + serving,
		}
	}
	if err := s.w.execAll(ctx, begin); err != nil {
		return err
	}
	if err := s.w.hide(ctx, next, where); err != nil {
		return err
	}
	if behind == nil {
		return nil
	}
	earlier := maps.Clone(behind.Customers)
	maps.DeleteFunc(earlier, func(id string, _ bool) bool { return changed[id] })
	if len(earlier) == 0 {
		return nil
	}
	where = c.rows(earlier)
	if c.Only != "" {
		where += " AND " + ident(c.Only) + " = " + literal(c.Has)
	}
	if parts := behind.Parts[c.Name]; len(parts) > 0 { // one that was merged in the meantime has another name
		where += " AND _part NOT IN (" + literals(parts) + ")"
	}
	list := strings.Join(columns, ", ")
	return s.w.conn.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s", next, list, list, serving, where))
}

// hide deletes rows by a patch; an engine that has none marks them in their parts.
func (w *Warehouse) hide(ctx context.Context, table, where string) error {
	sql := "DELETE FROM " + table + " WHERE " + where + " SETTINGS "
	err := w.conn.Exec(ctx, sql+"lightweight_delete_mode = 'lightweight_update'")
	if err == nil || ctx.Err() != nil {
		return err
	}
	w.log.Warn("rows are marked in their parts, which are written anew: the table takes no patches", "table", table, "cause", rootText(err))
	return w.conn.Exec(ctx, sql+"lightweight_deletes_sync = 2")
}

// Bases are the tables, by UUID, that serve while the build runs; the next one may
// begin with them.
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
