package load

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
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
//  4. A table without rows goes on serving, and is its own base, until rows come.

const baseSuffix = "__base"

// CarriedTable says which rows of a table are carried over, and which the build
// writes anew: rows whose Column names a changed customer, and rows whose column
// Only has another value than Has (where Only is given).
type CarriedTable struct {
	Name, Column string
	Only, Has    string
	Last         bool // its rows come when the build has told which tables it publishes
}

func (c CarriedTable) rows(customers map[string]bool) string {
	return amongSQL(ident(c.Column), customers)
}

// HasBases tells whether the bases of an earlier build are all there.
func (s *Stage) HasBases(bases map[string]string, tables []CarriedTable) bool {
	for _, t := range tables {
		if id := bases[t.Name]; id == "" || s.ids[t.Name+baseSuffix] != id && s.ids[t.Name] != id {
			return false
		}
	}
	return true
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
	Bases     map[string]string   // UUIDs of the bases by table, see [Stage.Bases]
	Customers map[string]bool     // whose rows have changed
	Parts     map[string][]string // by table: parts of the serving one that hold none of these rows, see [Stage.Began]
}

// of is what the base of a table lacks; nil where the serving table is the base.
func (b *Behind) of(table string, ids map[string]string) *Behind {
	if b == nil || b.Bases[table] == ids[table] {
		return nil
	}
	return b
}

// atOnce is how many statements that make or fill small tables run at a time.
const atOnce = 2

// Carry fills staged tables from their bases, but for what the build writes
// anew. behind is nil where the serving tables are the bases. The engine goes on
// with it after Carry has returned; whatever needs the tables waits, and gets the
// error if there is one.
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
	hidden := maps.Clone(changed)
	if behind != nil {
		maps.Copy(hidden, behind.Customers)
	}
	s.remembers = len(hidden) <= fetchedInMemory
	var begins []func(context.Context) error
	for _, c := range tables {
		t, err := s.open(c.Name)
		if err != nil {
			return err
		}
		if have[c.Name] == nil || !sameLayout(t.table.Columns, have[c.Name].columns) {
			return &Error{Kind: ErrStage, Doing: doing, Cause: "the serving table " + c.Name + " has other columns", Remedy: "build in full"}
		}
		behind, base := behind.of(c.Name, s.ids), c.Name
		if behind != nil {
			base += baseSuffix
		}
		s.bases[c.Name] = s.ids[base]
		begin := func(ctx context.Context) error {
			return s.w.explain("carry "+c.Name+" over into build "+s.buildID, s.begin(ctx, c, base, changed, behind))
		}
		if s.empty[c.Name] && behind == nil && !c.Last {
			t.later = begin
		} else {
			begins = append(begins, begin)
		}
	}
	s.carryOn(ctx, begins, names)
	for _, c := range tables {
		if err := s.fetch(ctx, c, idents(s.tables[c.Name].table.Names()), changed, behind.of(c.Name, s.ids)); err != nil {
			return s.w.explain("carry "+c.Name+" over into build "+s.buildID, err)
		}
	}
	return nil
}

// carryOn lets the engine begin the tables while others go on.
func (s *Stage) carryOn(ctx context.Context, begins []func(context.Context) error, names []string) {
	ctx, s.stop = context.WithCancel(ctx)
	done := make(chan struct{})
	var failed error
	go func() {
		defer s.stop()
		defer close(done)
		group, all := errgroup.WithContext(ctx)
		group.SetLimit(atOnce)
		for _, begin := range begins {
			group.Go(func() error { return begin(all) })
		}
		if failed = group.Wait(); failed == nil {
			failed = s.w.explain("carry tables over into build "+s.buildID, s.noteBegan(ctx, names))
		}
	}()
	s.carrying = func() error { <-done; return failed }
}

// wait ends when the tables of Carry have begun.
func (s *Stage) wait() error {
	if s.carrying == nil {
		return nil
	}
	return s.carrying()
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

// Began are the parts that the carried tables share with their bases: they hold no
// rows of customers that have changed since. It waits for them.
func (s *Stage) Began() (map[string][]string, error) {
	err := s.wait()
	return maps.Clone(s.began), err
}

// begin makes a staged table of the rows of its base that have not changed since.
func (s *Stage) begin(ctx context.Context, c CarriedTable, base string, changed map[string]bool, behind *Behind) error {
	r := s.w.render()
	from, next := r.name(base), r.name(c.Name+nextSuffix)
	hidden := maps.Clone(changed)
	if behind != nil {
		maps.Copy(hidden, behind.Customers)
	}
	where := c.rows(hidden)
	if c.Only != "" {
		where += " OR " + ident(c.Only) + " != " + literal(c.Has)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)  // the engine ends what it has begun, and whoever gives up drops it then
	err := s.w.execAll(ctx, []string{ // nothing of that name is left: NewStageFor has seen to it
		"CREATE TABLE " + next + " AS " + from + " SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1",
		"ALTER TABLE " + next + " ATTACH PARTITION tuple() FROM " + from,
	})
	if err != nil {
		return err
	}
	return s.w.hide(ctx, next, where)
}

// fetchedInMemory is up to how many customers' rows are fetched through this
// program's memory, where they join those that the build writes: one insert and
// one part instead of two.
const fetchedInMemory = 250

// fetch copies the rows of customers that earlier builds have changed, and this
// one has not, from the serving table.
func (s *Stage) fetch(ctx context.Context, c CarriedTable, columns []string, changed map[string]bool, behind *Behind) error {
	if behind == nil {
		return nil
	}
	r := s.w.render()
	earlier := maps.Clone(behind.Customers)
	maps.DeleteFunc(earlier, func(id string, _ bool) bool { return changed[id] })
	if len(earlier) == 0 {
		return nil
	}
	where := c.rows(earlier)
	if c.Only != "" {
		where += " AND " + ident(c.Only) + " = " + literal(c.Has)
	}
	if parts := behind.Parts[c.Name]; len(parts) > 0 { // one that was merged in the meantime has another name
		where += " AND _part NOT IN (" + literals(parts) + ")"
	}
	list := strings.Join(columns, ", ")
	sql := fmt.Sprintf("SELECT %s FROM %s WHERE %s", list, r.name(c.Name), where)
	if len(earlier) > fetchedInMemory {
		if err := s.wait(); err != nil {
			return err
		}
		return s.w.conn.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) %s", r.name(c.Name+nextSuffix), list, sql))
	}
	t := s.tables[c.Name]
	if rec, known, err := s.w.rowsAtHand(s.ids[c.Name], c, earlier); err != nil || known {
		if rec != nil {
			err = s.write(ctx, t, rec)
			rec.Release()
		}
		return err
	}
	layout := t.table.Arrow()
	for rec, err := range s.w.QueryArrow(ctx, sql) {
		if err == nil {
			rec, err = as(t.table, layout, rec)
		}
		if err != nil {
			return err
		}
		err = s.write(ctx, t, rec)
		rec.Release()
		if err != nil {
			return err
		}
	}
	return nil
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
