package sql

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// newSuffix names the table with what an incremental model's or a snapshot's
// SELECT returned in this build.
const newSuffix = "__new"

// The columns that a snapshot adds to those of its SELECT.
const (
	validFrom = "valid_from"
	validTo   = "valid_to"
)

var snapshotColumns = []columnType{{validFrom, "DateTime64(3, 'UTC')"}, {validTo, "Nullable(DateTime64(3, 'UTC'))"}}

var snapshotComments = []Column{
	{Name: validFrom, Description: "build that first met the row in this state", Unit: "instant, UTC"},
	{Name: validTo, Description: "build that met it changed or gone; NULL = it is the present state", Unit: "instant, UTC"},
}

// serving is the table that readers see under a model's name.
type serving struct {
	exists     bool // as a table; a view does not count
	columns    []columnType
	sortingKey string
}

func (b *build) serving(ctx context.Context, m Model) (serving, error) {
	var s serving
	d := b.runner.dialect
	rows, _, err := b.runner.engine.Query(ctx, fmt.Sprintf("SELECT sorting_key FROM system.tables WHERE database = %s AND name = %s AND engine LIKE '%%MergeTree'", d.databaseExpr(), quoteText(m.Name)))
	if err != nil || len(rows) == 0 {
		return s, err
	}
	s.exists, s.sortingKey = true, strings.Trim(strings.ReplaceAll(asText(rows[0][0]), "`", ""), "()")
	s.columns, err = b.runner.describe(ctx, "TABLE "+d.table(m.Name))
	return s, err
}

func (s serving) has(column string) bool {
	return slices.ContainsFunc(s.columns, func(c columnType) bool { return c.name == column })
}

// fill builds the staged table of a model that stands on the one that serves.
func (b *build) fill(ctx context.Context, j *job, n names) error {
	if j.model.Materialisation == Snapshot {
		return b.snapshot(ctx, j, n)
	}
	return b.increment(ctx, j, n)
}

// increment builds the staged table from the serving one and what the SELECT
// returns with is_incremental(): rows of a key that is met again are replaced.
// Nothing is changed in the serving table, so a build that is killed and
// repeated gives the same.
func (b *build) increment(ctx context.Context, j *job, n names) error {
	m, d := j.model, b.runner.dialect
	next, fresh := m.Name+stagedSuffix, m.Name+newSuffix
	old, err := b.serving(ctx, m)
	if err != nil {
		return err
	}
	again := old.exists && !b.runner.options.FullRefresh
	if again && (!slices.Equal(old.columns, j.types) || old.sortingKey != strings.Join(m.OrderBy, ", ")) {
		again = false
		j.report.Notices = append(j.report.Notices, "its columns or its order changed, so it was built anew")
	}
	n.incremental, n.this = again, d.table(m.Name)
	query := m.body.render(n)
	if !again {
		return b.all(ctx, d.createTable(next, m.OrderBy, query), d.describe(next, m), d.fill(next, query))
	}
	err = b.all(ctx, d.drop(fresh), d.createTable(fresh, m.OrderBy, query), d.fill(fresh, query),
		d.createTable(next, m.OrderBy, query), d.describe(next, m))
	if err != nil {
		return err
	}
	key := quoteNames(m.UniqueKey)
	met, err := b.count(ctx, fmt.Sprintf("SELECT toString(count()) FROM %s WHERE (%s) IN (SELECT %s FROM %s)", d.table(m.Name), key, key, d.table(fresh)))
	if err != nil {
		return err
	}
	keep := d.attachAll(next, m.Name) // the parts are shared, no row is copied
	if met > 0 {
		keep = fmt.Sprintf("INSERT INTO %s SELECT * FROM %s WHERE (%s) NOT IN (SELECT %s FROM %s)", d.table(next), d.table(m.Name), key, key, d.table(fresh))
	}
	return b.all(ctx, keep, d.fill(next, "SELECT * FROM "+d.table(fresh)), d.drop(fresh))
}

// snapshot builds the staged table from the history in the serving one and the
// present state that the SELECT returns: a row that changed or is gone gets its
// valid_to, a new state a row of its own. No row is ever taken out.
func (b *build) snapshot(ctx context.Context, j *job, n names) error {
	m, d := j.model, b.runner.dialect
	next, fresh := m.Name+stagedSuffix, m.Name+newSuffix
	old, err := b.serving(ctx, m)
	if err != nil {
		return err
	}
	if old.exists && !old.has(validFrom) {
		old.exists = false
		j.report.Notices = append(j.report.Notices, "it was no snapshot before, so its history begins now")
	}
	present := j.types
	for _, c := range old.columns {
		if old.exists && !slices.ContainsFunc(append(present, snapshotColumns...), func(p columnType) bool { return p.name == c.name }) {
			return &Error{File: m.File, Line: 1, Problem: fmt.Sprintf("the history has a column %q, which the SELECT does not return any more", c.name),
				Hint: "let the SELECT return it, as NULL if need be: a snapshot loses nothing"}
		}
	}
	query := m.body.render(n)
	at := fmt.Sprintf("toDateTime64('%s', 3, 'UTC')", b.runner.options.Now().UTC().Format("2006-01-02 15:04:05.000"))
	stamped := fmt.Sprintf("SELECT *, %s AS %s, CAST(NULL AS %s) AS %s FROM (\n%s\n)", at, validFrom, snapshotColumns[1].typ, validTo, query)
	order := append(append([]string{}, m.OrderBy...), validFrom)
	err = b.all(ctx, d.drop(fresh), d.createTable(fresh, m.OrderBy, query), d.fill(fresh, query),
		d.createTable(next, order, stamped), d.describe(next, m))
	if err != nil {
		return err
	}
	if !old.exists {
		return b.all(ctx, d.fill(next, fmt.Sprintf("SELECT *, %s, NULL FROM %s", at, d.table(fresh))), d.drop(fresh))
	}
	return b.all(ctx, append(d.history(next, m, old, present, at), d.drop(fresh))...)
}

// histories returns the tables that look as snapshots make them, sorted by the
// valid_from that they add, each with the comment of that column.
func (r *Runner) histories(ctx context.Context) (map[string]string, error) {
	rows, _, err := r.engine.Query(ctx, fmt.Sprintf("SELECT table, anyIf(comment, name = '%[2]s') FROM system.columns WHERE database = %[1]s AND (name = '%[2]s' AND type = %[3]s AND is_in_sorting_key OR name = '%[4]s' AND type = %[5]s) GROUP BY table HAVING count() = 2",
		r.dialect.databaseExpr(), validFrom, quoteText(snapshotColumns[0].typ), validTo, quoteText(snapshotColumns[1].typ)))
	if err != nil {
		return nil, fmt.Errorf("list the snapshots: %w", err)
	}
	out := map[string]string{}
	for _, row := range rows {
		out[asText(row[0])] = asText(row[1])
	}
	return out, nil
}

// keepsHistory refuses to put anything but a snapshot in the place of one. A table
// that has such columns of its own goes on returning them, under its own comments.
func (b *build) keepsHistory(j *job) error {
	m := j.model
	comment, ok := b.runner.history[m.Name]
	if !ok || m.Materialisation == Snapshot {
		return nil
	}
	returned := 0
	for _, t := range j.types {
		if t.name == validFrom || t.name == validTo {
			returned++
		}
	}
	if described, _ := m.column(validFrom); returned == 2 && (comment != snapshotComments[0].comment() || comment == described.comment()) {
		return nil
	}
	return &Error{File: m.File, Line: 1, Problem: fmt.Sprintf("the table %s holds the history of a snapshot (%s, %s), and the model is materialisation: %s: building it would drop that history", m.Name, validFrom, validTo, m.Materialisation),
		Hint: "write materialisation: snapshot again, or give the file another name; to let the history go, drop or rename the table " + m.Name + " first"}
}

// history writes the two inserts of a snapshot: what was known, closed where it
// changed or is gone, and the states that are new.
func (d dialect) history(next string, m Model, old serving, present []columnType, at string) []string {
	var columns []string // of the serving table that the SELECT still has
	for _, c := range present {
		if old.has(c.name) {
			columns = append(columns, c.name)
		}
	}
	check := m.Check
	if len(check) == 0 {
		for _, c := range present {
			check = append(check, c.name)
		}
	}
	compared := make([]string, 0, len(check))
	for _, c := range check {
		if old.has(c) {
			compared = append(compared, c)
		}
	}
	state := "toString(tuple(" + quoteNames(append(append([]string{}, m.UniqueKey...), compared...)) + "))"
	key := quoteNames(m.UniqueKey)
	isNow := fmt.Sprintf("%s IN (SELECT %s FROM %s)", state, state, d.table(m.Name+newSuffix))
	all := quoteNames(append(append([]string{}, columns...), validFrom, validTo))
	keep := fmt.Sprintf("INSERT INTO %s (%s) SELECT %s, %s, if(isNull(%s) AND NOT (%s), %s, %s) FROM %s",
		d.table(next), all, quoteNames(columns), validFrom, validTo, isNow, at, validTo, d.table(m.Name))
	fresh := fmt.Sprintf("INSERT INTO %s SELECT *, %s, NULL FROM %s WHERE %s NOT IN (SELECT %s FROM %s WHERE isNull(%s)) OR (%s) NOT IN (SELECT %s FROM %s WHERE isNull(%s))",
		d.table(next), at, d.table(m.Name+newSuffix), state, state, d.table(m.Name), validTo, key, key, d.table(m.Name), validTo)
	return []string{keep, fresh}
}

// all runs statements one after another.
func (b *build) all(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if err := b.runner.engine.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
