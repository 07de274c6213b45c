package sql

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"huikuan/transform/canonical"
	"huikuan/transform/metrics"
	"huikuan/transform/schema"
)

var createdView = regexp.MustCompile(`(?i)CREATE\s+(?:OR\s+REPLACE\s+)?VIEW\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)`)

// warehouseTables lists what a model may read with source(): the canonical
// streams, the history of documents, the metric tables and the views that the migrations make.
func warehouseTables() []string {
	out := canonical.Names()
	for _, t := range slices.Concat(canonical.Histories(), metrics.Tables(), metrics.Kept()) {
		out = append(out, t.Name)
	}
	files, err := fs.Glob(shippedMigrations, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is constant
	}
	for _, file := range files {
		text, err := shippedMigrations.ReadFile(file)
		if err != nil {
			panic(err) // embedded at compile time
		}
		for _, m := range createdView.FindAllStringSubmatch(string(text), -1) {
			out = append(out, strings.ToLower(m[1]))
		}
	}
	return out
}

// internal tells whether the warehouse keeps a table of this name for itself, so
// that no model may be called so: rows behind the views of streams, pages as
// received, state and logs. Their names follow rules; a test holds these against
// the statements that make the tables.
func internal(name string) bool {
	for _, prefix := range []string{"ops_", "raw_", "build_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return strings.HasSuffix(name, "_docs") || slices.Contains([]string{"rejected_rows", "document_first_seen", "document_versions_log"}, name)
}

// declaredTables are the tables whose columns the program declares.
func declaredTables() []schema.Table {
	return slices.Concat(canonical.Streams(), canonical.Histories(), metrics.Tables(), metrics.Kept())
}

func isMetric(table string) bool {
	for _, t := range metrics.Tables() {
		if t.Name == table {
			return true
		}
	}
	return false
}
