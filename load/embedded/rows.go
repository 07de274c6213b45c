package embedded

import (
	"fmt"
	"slices"
	"strings"
)

// RowFilters say which rows a reader sees. The engine has no row policies where
// it runs in a process; what it has is the setting additional_table_filters,
// which adds a condition to each read of a table, also within views, subqueries
// and joins, and which a session under readonly = 1 cannot change. Around it:
//
//   - a table that is not named shows nothing, so that a new one is closed;
//   - system tables show nothing but names of tables, columns and functions;
//   - functions that read tables past the setting are refused (merge, dictGet…),
//     and so is EXPLAIN, which tells how many rows there are;
//   - caches that sessions share are off.
type RowFilters struct {
	// Database holds the tables.
	Database string
	// Tables are conditions by table, "1" for all rows. Views need none: what
	// they show is what their tables show.
	Tables map[string]string
}

// plainSystemTables hold nothing about anybody's data.
var plainSystemTables = []string{
	"tables", "columns", "databases", "functions", "table_functions", "formats", "data_type_families", "keywords",
	"settings", "one", "numbers", "numbers_mt", "zeros", "zeros_mt", "time_zones", "completions", "build_options",
}

// filteredTables are the table functions left to a reader with filters.
var filteredTables = []string{
	"numbers", "numbers_mt", "zeros", "zeros_mt", "primes", "generateSeries", "generate_series", "generateRandom",
	"values", "SQLStandardValues", "view", "null", "format",
}

// pastFilters are beginnings of the names of scalar functions that read tables.
var pastFilters = []string{"dictGet", "dictHas", "dictIsIn", "joinGet"}

// allow refuses what filters cannot hold.
func (f *RowFilters) allow(req *request) error {
	if req.keyword == "EXPLAIN" {
		return newException(codeAccessDenied, "Not enough privileges: EXPLAIN is not for users who see a part of the rows")
	}
	if len(req.external) > 0 {
		return newException(codeAccessDenied, "Not enough privileges: external tables are not for users who see a part of the rows")
	}
	req.settings = replaceSetting(req.settings, "use_query_cache", "0")
	return nil
}

func (e *engine) readsPastFilters(name string) bool {
	if slices.ContainsFunc(pastFilters, func(begin string) bool {
		return len(name) >= len(begin) && strings.EqualFold(name[:len(begin)], begin)
	}) {
		return true
	}
	return e.tableFunctions[strings.ToLower(name)] && !slices.ContainsFunc(filteredTables, func(other string) bool { return strings.EqualFold(name, other) })
}

// filterRows sets the conditions of all tables there are.
func (s *session) filterRows(f *RowFilters) error {
	r, err := s.query("SELECT database, name FROM system.tables WHERE engine != 'View'", "TabSeparated", nil)
	if err != nil {
		return err
	}
	defer r.release()
	var b strings.Builder
	for line := range strings.Lines(string(r.data())) {
		database, table, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		database, table = unescapeTSV(database), unescapeTSV(table)
		condition := "0"
		switch {
		case database == "system" && slices.Contains(plainSystemTables, table), strings.EqualFold(database, "information_schema"):
			continue
		case database == f.Database && f.Tables[table] != "":
			condition = f.Tables[table]
		}
		if condition == "1" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s:%s", quoteString(database+"."+table), quoteString(condition))
	}
	return s.apply([]setting{
		{"additional_table_filters", "{" + b.String() + "}"},
		{"use_query_condition_cache", "0"},
	})
}
