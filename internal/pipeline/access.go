package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"huikuan/config"
	"huikuan/load"
	"huikuan/load/access"
	"huikuan/load/embedded"
	"huikuan/sql"
	"huikuan/transform/canonical"
	"huikuan/transform/schema"
)

// AccessDefinition is who may read the warehouse of a configuration: its users,
// and every table, view and model with its declared columns.
func AccessDefinition(cfg *config.Config) (access.Definition, error) {
	relations, err := relations(cfg)
	if err != nil {
		return access.Definition{}, err
	}
	a, s := cfg.Access, cfg.Serve
	d := access.Definition{
		Database: cfg.Warehouse.Database, Relations: relations,
		Limits: access.Limits{Memory: int64(s.MaxMemory), ResultRows: int64(s.MaxResultRows), Time: time.Duration(s.MaxSeconds) * time.Second},
		Quota:  access.Quota{Queries: int64(a.QueriesPerHour), Seconds: int64(a.SecondsPerHour), ReadRows: int64(a.ReadRowsPerHour)},
	}
	for _, u := range a.Users {
		d.Users = append(d.Users, access.User(u))
	}
	return d, nil
}

// AccessStatements are the statements of the definition as they may be shown:
// without passwords.
func AccessStatements(cfg *config.Config) ([]string, error) {
	d, err := AccessDefinition(cfg)
	if err != nil {
		return nil, err
	}
	statements, err := access.Statements(d)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(statements))
	for i, s := range statements {
		out[i] = s.Text
	}
	return out, nil
}

// RowFilters are what a user sees of the embedded warehouse; nil = everything.
func RowFilters(cfg *config.Config, u config.User) (*embedded.RowFilters, error) {
	d, err := AccessDefinition(cfg)
	if err != nil || !access.User(u).Restricted() {
		return nil, err
	}
	return rowFilters(d, access.User(u)), nil
}

// relations lists what readers can name.
func relations(cfg *config.Config) ([]access.Relation, error) {
	var out []access.Relation
	for _, t := range slices.Concat(Tables(), canonical.Histories(), load.OpsTables()) {
		r := access.Relation{Name: t.Name, Columns: t.Names()}
		if t.Class == schema.Document {
			r.Base = load.StorageName(t)
		}
		out = append(out, r)
	}
	out = append(out, migratedViews()...)
	out = append(out, access.Relation{Name: "build_state"})
	models, err := sql.Models(cfg.Models.Paths...)
	if err != nil {
		return nil, err
	}
	for _, m := range models {
		r := access.Relation{Name: m.Name, View: m.Materialisation == sql.View}
		for _, c := range m.Columns {
			r.Columns = append(r.Columns, c.Name)
		}
		out = append(out, r)
	}
	return out, nil
}

// migratedViews are the views that sql/migrations makes.
func migratedViews() []access.Relation {
	return []access.Relation{
		{Name: "customers_current", Columns: []string{"customer_id"}, View: true},
		{Name: "reps_current", Columns: []string{"rep_id", "team", "company"}, View: true},
	}
}

// readers are the users of a served embedded warehouse, with what they see.
func (a *App) readers(limits embedded.Limits) ([]embedded.Reader, error) {
	d, err := AccessDefinition(a.cfg)
	if err != nil {
		return nil, err
	}
	var out []embedded.Reader
	for _, u := range d.Users {
		if u.Name == a.cfg.Serve.User {
			return nil, fmt.Errorf("access.users: %s is the name of serve.user already; give one of them another name", u.Name)
		}
		r := embedded.Reader{Name: u.Name, Password: u.Password, Limits: limits}
		if u.Restricted() {
			r.Rows = rowFilters(d, u)
		}
		out = append(out, r)
	}
	return out, nil
}

func rowFilters(d access.Definition, u access.User) *embedded.RowFilters {
	f := &embedded.RowFilters{Database: d.Database, Tables: map[string]string{}}
	for _, r := range d.Relations {
		switch {
		case r.View:
		case r.Base != "":
			f.Tables[r.Base] = u.Filter(d.Database, r)
		default:
			f.Tables[r.Name] = u.Filter(d.Database, r)
		}
	}
	return f
}

// ApplyAccess makes the users of the configuration on the server, and drops those
// that an earlier one made. It reports how many statements ran, and who went.
func (a *App) ApplyAccess(ctx context.Context) (applied int, dropped []string, err error) {
	d, err := AccessDefinition(a.cfg)
	if err != nil {
		return 0, nil, err
	}
	d.Database = a.wh.Database()
	statements, err := access.Statements(d)
	if err != nil {
		return 0, nil, err
	}
	for _, s := range statements {
		if err := a.wh.Exec(ctx, s.SQL); err != nil {
			return applied, nil, fmt.Errorf("%s: %w; the user of the warehouse needs the right ACCESS MANAGEMENT, and GRANT OPTION on the database", s.Text, withoutStatement(err, s))
		}
		applied++
	}
	left, err := a.wh.Query(ctx, access.Leftovers(d))
	if err != nil {
		return applied, nil, fmt.Errorf("look for users that are defined no longer: %w", err)
	}
	defer func() { err = errors.Join(err, left.Close()) }()
	var removals []string
	for left.Next() {
		removals = append(removals, fmt.Sprint(left.Row()[0]))
	}
	if err := left.Err(); err != nil {
		return applied, nil, err
	}
	for _, statement := range removals {
		if err := a.wh.Exec(ctx, statement); err != nil {
			return applied, dropped, fmt.Errorf("%s: %w", statement, err)
		}
		applied++
		if name, ok := strings.CutPrefix(statement, "DROP USER IF EXISTS "); ok {
			dropped = append(dropped, strings.Trim(name, "`"))
		}
	}
	return applied, dropped, nil
}

// withoutStatement keeps the hash of a password out of an error that repeats the
// statement.
func withoutStatement(err error, s access.Statement) error {
	if s.SQL == s.Text {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), s.SQL, s.Text))
}
