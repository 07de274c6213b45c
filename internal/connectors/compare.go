package connectors

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"huikuan/extract"
	"huikuan/transform/canonical"
)

// Difference is one place where what came is not what was expected.
type Difference struct {
	Table  string
	Row    string // key columns and their values
	Column string // empty: the row as a whole
	Want   string
	Got    string
}

const rejectsName = "rejects"

// compare holds the tables and rejects against the files of a folder.
func compare(dir string, kept *tables, rejects [][]string) ([]Difference, error) {
	var out []Difference
	tables := map[string]bool{rejectsName: len(rejects) > 1}
	for table := range kept.rows {
		tables[table] = true
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	if err != nil {
		return nil, fmt.Errorf("list what is expected: %w", err)
	}
	for _, path := range files {
		table := strings.TrimSuffix(filepath.Base(path), ".csv")
		if _, ok := canonical.Lookup(table); !ok && table != rejectsName {
			return nil, &UsageError{fmt.Errorf("%s is named as no canonical stream: %w", path, extract.UnknownName("stream", table, canonical.Names()))}
		}
		tables[table] = true
	}
	for _, table := range sorted(tables) {
		want, err := readCSV(filepath.Join(dir, table+".csv"))
		if err != nil {
			return nil, err
		}
		got := rejects
		if table != rejectsName {
			got = kept.csv(table)
		}
		out = append(out, compareTable(table, want, got)...)
	}
	return out, nil
}

func sorted(m map[string]bool) []string {
	var out []string
	for k, v := range m {
		if v {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// readCSV reads a file; one that is not there has no rows.
func readCSV(path string) ([][]string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what is expected: %w", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, &UsageError{fmt.Errorf("%s: %w", path, err)}
	}
	return rows, nil
}

// compareTable compares row by row, by key, and column by column, by name; a
// column that one side lacks is empty there.
func compareTable(table string, want, got [][]string) []Difference {
	key := []string{"stream", "record", "table"}
	if s, ok := canonical.Lookup(table); ok {
		key = s.Key
	}
	wanted, came := byKey(want, key), byKey(got, key)
	var out []Difference
	for _, k := range slices.Compact(slices.Sorted(slices.Values(append(keysOf(wanted), keysOf(came)...)))) {
		w, expected := wanted[k]
		g, there := came[k]
		switch {
		case !there:
			out = append(out, Difference{Table: table, Row: k, Want: "a row", Got: "none"})
		case !expected:
			out = append(out, Difference{Table: table, Row: k, Want: "none", Got: "a row" + inShort(g, key)})
		default:
			for _, column := range names(w, g) {
				if w[column] != g[column] {
					out = append(out, Difference{table, k, column, w[column], g[column]})
				}
			}
		}
	}
	return out
}

func keysOf(rows map[string]map[string]string) []string {
	var out []string
	for k := range rows {
		out = append(out, k)
	}
	return out
}

// byKey makes maps of rows, by "column=value" of their key.
func byKey(rows [][]string, key []string) map[string]map[string]string {
	out := map[string]map[string]string{}
	if len(rows) == 0 {
		return out
	}
	for _, r := range rows[1:] {
		row := map[string]string{}
		for i, name := range rows[0] {
			if i < len(r) {
				row[name] = r[i]
			}
		}
		var parts []string
		for _, name := range key {
			parts = append(parts, name+"="+row[name])
		}
		out[strings.Join(parts, " ")] = row
	}
	return out
}

// inShort is a row that was not expected, without its key.
func inShort(row map[string]string, key []string) string {
	var parts []string
	for _, name := range names(row) {
		if row[name] != "" && !slices.Contains(key, name) {
			parts = append(parts, name+"="+row[name])
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, " ")
}

// writeExpected writes what came as what is expected from now on.
func writeExpected(dir string, kept *tables, rejects [][]string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write what is expected: %w", err)
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	if err != nil {
		return fmt.Errorf("list what is expected: %w", err)
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("write what is expected: %w", err)
		}
	}
	files := map[string][][]string{}
	if len(rejects) > 1 {
		files[rejectsName] = rejects
	}
	for table := range kept.rows {
		files[table] = kept.csv(table)
	}
	for table, rows := range files {
		if err := writeCSV(filepath.Join(dir, table+".csv"), rows); err != nil {
			return err
		}
	}
	return nil
}

func writeCSV(path string, rows [][]string) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write what is expected: %w", err)
	}
	w := csv.NewWriter(f)
	err = w.WriteAll(rows)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
