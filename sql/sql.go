// Package sql holds the SQL models that stand on the ledger's tables, and runs
// them: what is set-shaped (rankings, exposures, overdue lists) is SQL, what
// needs order or state is computed in Go before a model ever sees it.
//
// In: model files (a YAML header and one SELECT) and an [Engine] to run them
// on. Out: tables and views under the models' own names, and a [Report].
// Never here: Go that computes a metric, a connection, a source format.
//
// A build goes like this:
//
//  1. [Models] reads the shipped files and the users' folders and checks each
//     file by itself; a mistake is an [Error] with file and line.
//  2. [NewRunner] checks the models against one another: unknown references,
//     cycles, unknown tables, variables without a value.
//  3. [Runner.Build] builds each selected model beside the serving table, as
//     <model>__next, in the order of the graph, and runs its tests there.
//  4. [Runner.Publish] exchanges the tables whose blocking tests passed. A model
//     that failed keeps its old table serving, and what stands on it is skipped.
//
// Readers never see half a build, and a build that was killed leaves nothing
// behind that the next one does not remove.
package sql

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// Engine is the warehouse as the runner needs it.
type Engine interface {
	// Exec runs one statement that returns no rows.
	Exec(ctx context.Context, sql string) error
	// Query runs one SELECT or DESCRIBE and returns all its rows; the runner asks
	// for few. Values may be of any Go type; amounts are best given as exact text.
	Query(ctx context.Context, sql string) (rows [][]any, columns []string, err error)
}

//go:embed models/*.sql
var shippedModels embed.FS

//go:embed migrations/*.sql
var shippedMigrations embed.FS

// Migrations returns the numbered migration files (0001_name.sql, …), each one
// statement that may run again without harm.
func Migrations() fs.FS {
	sub, err := fs.Sub(shippedMigrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded at compile time
	}
	return sub
}

// Models returns the shipped models and those of the users' folders (searched
// recursively for .sql files), sorted by name. A user's model replaces the
// shipped one of the same name; two of one name in the users' folders are an
// error. All mistakes are returned together, each an [*Error].
func Models(dirs ...string) ([]Model, error) {
	byName := map[string]Model{}
	var problems []error
	add := func(m Model, err error) {
		if err != nil {
			problems = append(problems, err)
			return
		}
		if old, ok := byName[m.Name]; ok && !old.Shipped {
			problems = append(problems, &Error{File: m.File, Line: 1, Problem: fmt.Sprintf("the model %s stands in %s already", m.Name, old.File),
				Hint: "rename one of the two files"})
			return
		}
		m.Replaces = byName[m.Name].Shipped
		byName[m.Name] = m
	}
	names, err := fs.Glob(shippedModels, "models/*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := shippedModels.ReadFile(name)
		if err != nil {
			return nil, err
		}
		m, err := Parse("sql/"+name, text)
		m.Shipped = true
		add(m, err)
	}
	for _, dir := range dirs {
		if err := readFolder(dir, add); err != nil {
			problems = append(problems, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	out := make([]Model, 0, len(byName))
	for _, m := range byName {
		out = append(out, m)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

func readFolder(dir string, add func(Model, error)) error {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() || !strings.EqualFold(filepath.Ext(path), ".sql") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		add(Parse(path, text))
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the models of %s: %w; check models.paths in the configuration", dir, err)
	}
	return nil
}
