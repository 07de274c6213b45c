package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// migration is one file NNNN_name.sql.
type migration struct {
	number     int64
	name       string
	checksum   string // SHA-256 of the file, line ends made equal
	statements []string
}

var migrationName = regexp.MustCompile(`^(\d{4})_[a-z0-9_]+\.sql$`)

// readMigrations reads the files of a folder in the order of their numbers.
func readMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var out []migration
	for _, name := range names {
		m := migrationName.FindStringSubmatch(path.Base(name))
		if m == nil {
			return nil, migrationError(name, "its name is not NNNN_name.sql in small letters", "rename it, like 0003_add_region.sql")
		}
		number, _ := strconv.ParseInt(m[1], 10, 64)
		if n := len(out); n > 0 && out[n-1].number == number {
			return nil, migrationError(name, "its number is that of "+out[n-1].name, "give it the next free number")
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", name, err)
		}
		clean := strings.ReplaceAll(string(text), "\r\n", "\n")
		sum := sha256.Sum256([]byte(clean))
		out = append(out, migration{number: number, name: name, checksum: hex.EncodeToString(sum[:]), statements: splitStatements(clean)})
	}
	return out, nil
}

func migrationError(file, cause, remedy string) error {
	return &Error{Kind: ErrMigration, Doing: "migration " + file, Cause: cause, Remedy: remedy}
}

// runMigrations runs the files that ops_migrations does not know.
func (w *Warehouse) runMigrations(ctx context.Context, files fs.FS, report *MigrationReport) error {
	todo, err := readMigrations(files)
	if err != nil {
		return err
	}
	applied := map[int64][2]string{}
	err = w.each(ctx, "SELECT number, name, checksum FROM "+w.qualified(migrationsTable), func(row []any) error {
		applied[row[0].(int64)] = [2]string{row[1].(string), row[2].(string)}
		return nil
	})
	if err != nil {
		return w.explain("read applied migrations", err)
	}
	for _, m := range todo {
		if before, ok := applied[m.number]; ok {
			if before[1] != m.checksum {
				return migrationError(m.name, "it was changed after it had been applied (as "+before[0]+")", "restore the file and put the change into a new one with the next number")
			}
			continue
		}
		if err := w.runMigration(ctx, m); err != nil {
			return err
		}
		report.Applied = append(report.Applied, m.name)
	}
	return nil
}

// runMigration runs a file with the warehouse's database as the current one and
// the parameter-free text as written.
func (w *Warehouse) runMigration(ctx context.Context, m migration) error {
	w.log.Info("applying migration", "file", m.name)
	raw := clickhouse.Context(ctx)
	for i, sql := range m.statements {
		if err := w.conn.Exec(raw, sql); err != nil {
			return w.explain(fmt.Sprintf("migration %s, statement %d", m.name, i+1), err)
		}
	}
	row := []any{m.number, m.name, m.checksum, int64(len(m.statements)), w.opts.Now(), w.version(), uint8(0)}
	return w.writeOps(ctx, migrationsTable, "migration/"+m.name, [][]any{row})
}

// qualified is a table's name with the database before it.
func (w *Warehouse) qualified(table string) string { return w.render().name(table) }

// splitStatements cuts a file at its semicolons, outside quotes and comments.
func splitStatements(text string) []string {
	var out []string
	from, content := 0, false
	flush := func(to int) {
		if content {
			out = append(out, strings.TrimSpace(text[from:to]))
		}
		from, content = to+1, false
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == ';':
			flush(i)
		case c == '\'' || c == '"' || c == '`':
			content = true
			i = endOfQuote(text, i)
		case strings.HasPrefix(text[i:], "--"):
			i = endOf(text, i, "\n") - 1
		case strings.HasPrefix(text[i:], "/*"):
			i = endOf(text, i+2, "*/") - 1
		case c != ' ' && c != '\t' && c != '\n':
			content = true
		}
	}
	flush(len(text))
	return out
}

// endOfQuote is the position of the quote that closes the one at i.
func endOfQuote(text string, i int) int {
	quote := text[i]
	for i++; i < len(text) && text[i] != quote; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i
}

// endOf is the position after the next mark, or the end of the text.
func endOf(text string, i int, mark string) int {
	if at := strings.Index(text[i:], mark); at >= 0 {
		return i + at + len(mark)
	}
	return len(text)
}
