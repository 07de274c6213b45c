package load

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"huikuan/transform/schema"
)

// MigrationReport says what Migrate changed.
type MigrationReport struct {
	Created []string // tables created
	Added   []string // columns added, "invoices.due_date"
	Applied []string // migration files run
	Rebuild []string // metric tables whose layout is older than their description; the next build replaces them
}

// Migrate brings the database to the description: it creates the operational
// tables and those given, adds missing columns and comments, and runs the
// numbered files NNNN_name.sql of migrations (nil: none) once each, in order.
//
// Nothing is ever dropped, except what the engine itself was making under a name
// of its own when it was killed (see [Warehouse.dropReplacements]). A column whose type conflicts with its description,
// or another sorting key, is an ErrSchema before anything is changed. A file
// that was changed after it ran is an ErrMigration.
//
// Two processes may migrate at the same time: every statement that Migrate
// writes is safe to repeat. The statements of migration files have to be as
// well (IF NOT EXISTS, IF EXISTS): both processes may run a file, and a file
// that failed half way is run again from its start.
func (w *Warehouse) Migrate(ctx context.Context, tables []schema.Table, migrations fs.FS) (MigrationReport, error) {
	var report MigrationReport
	all := append(w.opsTables(), tables...)
	found, err := w.describe(ctx)
	if err != nil {
		return report, w.explain("migrate the warehouse", err)
	}
	keys, ttls, err := w.layouts(ctx)
	if err != nil {
		return report, w.explain("migrate the warehouse", err)
	}
	for _, t := range all {
		if err := conflict(t, found[w.storageName(t)], keys[w.storageName(t)]); err != nil {
			return report, err
		}
	}
	if err := w.migrateTables(ctx, all, found, ttls, &report); err != nil {
		return report, err
	}
	if err := w.migrateHistory(ctx, all, found); err != nil {
		return report, w.explain("migrate the history of documents", err)
	}
	if err := w.dropReplacements(ctx); err != nil {
		return report, w.explain("remove what was left of replaced views", err)
	}
	if migrations == nil {
		return report, nil
	}
	return report, w.runMigrations(ctx, migrations, &report)
}

// replacementAge is how old a replacement has to be before it counts as left
// over: another process may be making a younger one just now.
const replacementAge = time.Hour

// dropReplacements drops what CREATE OR REPLACE leaves when the engine dies in its
// midst: it makes the new view or table under a name of its own, exchanges the
// two, and drops the old one.
func (w *Warehouse) dropReplacements(ctx context.Context) error {
	var names []string
	sql := fmt.Sprintf("SELECT name FROM system.tables WHERE database = %s AND match(name, '^_tmp_replace_[0-9a-f]+_[0-9A-Za-z]+$') AND metadata_modification_time < toDateTime(%d)",
		literal(w.database), w.opts.Now().Add(-replacementAge).Unix())
	err := w.each(ctx, sql, func(row []any) error {
		names = append(names, row[0].(string))
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range names {
		r := w.render()
		if err := w.conn.Exec(ctx, "DROP TABLE IF EXISTS "+r.name(name)+r.onCluster()+" SYNC"); err != nil {
			return err
		}
	}
	return nil
}

// migrateTables brings several tables to their description at the same time; the
// report lists what was done in their order.
func (w *Warehouse) migrateTables(ctx context.Context, tables []schema.Table, found map[string]*target, ttls map[string]string, report *MigrationReport) error {
	done := make([]MigrationReport, len(tables))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for i, t := range tables {
		g.Go(func() error {
			err := w.migrateTable(ctx, t, found, &done[i])
			if err == nil && found[w.storageName(t)] != nil && t.TTLDays > 0 {
				err = w.adjustTTL(ctx, t, ttls[w.storageName(t)])
			}
			w.forget(t.Name, physicalName(t))
			return w.explain("migrate table "+t.Name, err)
		})
	}
	err := g.Wait()
	for _, d := range done {
		report.Created = append(report.Created, d.Created...)
		report.Added = append(report.Added, d.Added...)
		report.Rebuild = append(report.Rebuild, d.Rebuild...)
	}
	return err
}

// storageName is the table that really holds the rows on each server.
func (w *Warehouse) storageName(t schema.Table) string {
	if w.opts.Profile == Cluster {
		return physicalName(t) + localSuffix
	}
	return physicalName(t)
}

func (w *Warehouse) render() renderer {
	return renderer{profile: w.opts.Profile, database: w.database, cluster: w.opts.Cluster}
}

// conflict compares an existing table with its description. Metric tables are
// replaced whole by every build, so nothing about them conflicts.
func conflict(t schema.Table, have *target, key string) error {
	if have == nil || t.Class == schema.Metric {
		return nil
	}
	for _, c := range have.columns {
		want, ok := t.Column(c.name)
		if ok && want.Kind.ClickHouse(want.Nullable) != c.chType {
			return &Error{
				Kind: ErrSchema, Doing: "migrate table " + t.Name,
				Cause:  fmt.Sprintf("column %s of %s is %s, but this version of huikuan needs %s", c.name, have.name, c.chType, want.Kind.ClickHouse(want.Nullable)),
				Remedy: "rename the column or the table (RENAME TABLE keeps its data) and start again; nothing was changed",
			}
		}
	}
	if want := strings.Join(sortingKey(t), ", "); key != want {
		return &Error{
			Kind: ErrSchema, Doing: "migrate table " + t.Name,
			Cause:  fmt.Sprintf("%s is sorted by (%s), but this version of huikuan needs (%s)", have.name, key, want),
			Remedy: "rename the table (RENAME TABLE keeps its data) and sync again; nothing was changed",
		}
	}
	return nil
}

// layouts reads the sorting keys and the TTL days ("" = none) of all tables.
func (w *Warehouse) layouts(ctx context.Context) (keys, ttls map[string]string, err error) {
	keys, ttls = map[string]string{}, map[string]string{}
	sql := "SELECT name, sorting_key, extract(engine_full, 'toIntervalDay\\\\((\\\\d+)\\\\)') FROM system.tables WHERE database = " + literal(w.database)
	err = w.each(ctx, sql, func(row []any) error {
		keys[row[0].(string)], ttls[row[0].(string)] = row[1].(string), row[2].(string)
		return nil
	})
	return keys, ttls, err
}

// opsTables are the operational tables with the configured age of raw pages.
func (w *Warehouse) opsTables() []schema.Table {
	tables := OpsTables()
	for i := range tables {
		if (tables[i].Name == rawPagesTable || tables[i].Name == rawLookupsTable) && w.opts.KeepRawDays > 0 {
			tables[i].TTLDays = w.opts.KeepRawDays
		}
	}
	return tables
}

func (w *Warehouse) adjustTTL(ctx context.Context, t schema.Table, days string) error {
	if days == strconv.Itoa(t.TTLDays) {
		return nil
	}
	r := w.render()
	return w.conn.Exec(ctx, "ALTER TABLE "+r.name(w.storageName(t))+r.onCluster()+" MODIFY TTL "+ttlSQL(t))
}

func (w *Warehouse) migrateTable(ctx context.Context, t schema.Table, found map[string]*target, report *MigrationReport) error {
	have := found[w.storageName(t)]
	if have == nil {
		report.Created = append(report.Created, t.Name)
		return w.execAll(ctx, DDL(t, w.opts.Profile, w.database, w.opts.Cluster))
	}
	if t.Class == schema.Metric {
		if !sameLayout(t.Columns, have.columns) {
			report.Rebuild = append(report.Rebuild, t.Name)
		}
		return w.execAll(ctx, w.render().table(t, t.Name)) // what is missing on a cluster's new server
	}
	if err := w.addColumns(ctx, t, have, report); err != nil {
		return err
	}
	if t.Class != schema.Document {
		return nil
	}
	if view := found[t.Name]; view == nil || !sameLayout(viewColumns(t), view.columns) {
		return w.conn.Exec(ctx, w.render().view(t))
	}
	return nil
}

// addColumns adds what is missing and corrects comments, in one statement.
func (w *Warehouse) addColumns(ctx context.Context, t schema.Table, have *target, report *MigrationReport) error {
	known := map[string]column{}
	for _, c := range have.columns {
		known[c.name] = c
	}
	var changes []string
	after := ""
	for _, c := range t.Columns {
		switch k, ok := known[c.Name]; {
		case !ok:
			changes = append(changes, "ADD COLUMN IF NOT EXISTS "+columnSQL(t.Class, c)+after)
			report.Added = append(report.Added, t.Name+"."+c.Name)
		case k.comment != c.Comment:
			changes = append(changes, "COMMENT COLUMN "+ident(c.Name)+" "+literal(c.Comment))
		}
		after = " AFTER " + ident(c.Name)
	}
	if len(changes) == 0 {
		return nil
	}
	names := []string{physicalName(t)}
	if w.opts.Profile == Cluster {
		names = []string{physicalName(t) + localSuffix, physicalName(t)}
	}
	for _, name := range names {
		list := changes
		if name == physicalName(t) && w.opts.Profile == Cluster { // a Distributed table has no codecs
			list = slices.Clone(changes)
			for i := range list {
				list[i] = withoutCodec(list[i])
			}
		}
		r := w.render()
		if err := w.conn.Exec(ctx, "ALTER TABLE "+r.name(name)+r.onCluster()+"\n    "+strings.Join(list, ",\n    ")); err != nil {
			return err
		}
	}
	return nil
}

// withoutCodec removes the codec that columnSQL writes last.
func withoutCodec(change string) string {
	from := strings.LastIndex(change, " CODEC(")
	if from < 0 {
		return change
	}
	if after := strings.LastIndex(change, " AFTER "); after > from {
		return change[:from] + change[after:]
	}
	return change[:from]
}

func sameLayout(want []schema.Column, have []column) bool {
	return slices.EqualFunc(want, have, func(c schema.Column, h column) bool {
		return c.Name == h.name && c.Kind.ClickHouse(c.Nullable) == h.chType && c.Comment == h.comment
	})
}

func (w *Warehouse) execAll(ctx context.Context, statements []string) error {
	for _, sql := range statements {
		if err := w.conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}
