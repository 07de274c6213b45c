package extract

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"huikuan/internal/dbtest"
)

func TestPostgreSQL(t *testing.T) {
	s := dbtest.Postgres(t)
	for name, test := range sqlTests {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
	t.Run("every type comes out exactly", func(t *testing.T) { postgresTypes(t, s) })
}

func TestMariaDB(t *testing.T) {
	s := dbtest.MariaDB(t)
	for name, test := range sqlTests {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
	t.Run("every type comes out exactly", func(t *testing.T) { mariadbTypes(t, s) })
}

// sqlTests hold for every database.
var sqlTests = map[string]func(*testing.T, *dbtest.Server){
	"edits, late commits, equal times over page borders": storyOfEdits,
	"lost connections cost no row and double none":       lostConnections,
	"a stream is read as of one instant":                 oneInstant,
	"keys that are none":                                 keysThatAreNone,
	"errors in one sentence with a remedy":               plainErrors,
	"nothing is ever written":                            nothingIsWritten,
	"check tells what there is":                          checkTells,
	"passes find deletions":                              passesFindDeletions,
	"pages of wide rows end by their bytes":              widePages,
}

// openSQL opens a source of the shipped connector with streams as YAML.
func openSQL(t *testing.T, settings map[string]any, streams string) (*Source, error) {
	t.Helper()
	c, err := Shipped("sql")
	if err != nil {
		t.Fatal(err)
	}
	if c, err = c.WithStreams(yamlNode(t, streams)); err != nil {
		return nil, err
	}
	s, err := Open(context.Background(), "erp", c, settings, Options{Sleep: func(context.Context, time.Duration) error { return nil }})
	if err == nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, err
}

func yamlNode(t *testing.T, text string) *yaml.Node {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return n.Content[0]
}

func mustOpenSQL(t *testing.T, settings map[string]any, streams string) *Source {
	t.Helper()
	s, err := openSQL(t, settings, streams)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sqlRows reads a stream: rows as texts joined by bars, and the state to save after the last page.
func sqlRows(s *Source, stream string, state []byte) (rows []string, last []byte, err error) {
	last = state
	for p, err := range s.Pages(context.Background(), stream, state) {
		if err != nil {
			return rows, last, err
		}
		var values [][]any
		if err := json.Unmarshal(p.Body, &values); err != nil {
			return rows, last, err
		}
		if len(values) != p.Count || p.First != int64(len(rows)+1) {
			return rows, last, fmt.Errorf("%d rows from %d on, page says %d, had %d", len(values), p.First, p.Count, len(rows))
		}
		for _, v := range values {
			if len(v) != len(p.Columns) {
				return rows, last, fmt.Errorf("%d values in %d columns", len(v), len(p.Columns))
			}
			var texts []string
			for _, e := range v {
				texts = append(texts, fmt.Sprint(e))
			}
			rows = append(rows, strings.Join(texts, "|"))
		}
		if p.State != nil {
			last = p.State
		}
	}
	return rows, last, nil
}

// with returns settings with some changed.
func with(settings map[string]any, more ...any) map[string]any {
	out := map[string]any{}
	for k, v := range settings {
		out[k] = v
	}
	for i := 0; i < len(more); i += 2 {
		out[more[i].(string)] = more[i+1]
	}
	return out
}

// storyOfEdits keeps a copy of a table by incremental reads, while the table
// changes as an ERP's does, and compares after each.
func storyOfEdits(t *testing.T, s *dbtest.Server) {
	stamp := map[string]string{"postgres": "timestamptz", "mysql": "datetime(6)"}[s.Driver]
	now := map[string]string{"postgres": "now()", "mysql": "utc_timestamp(6)"}[s.Driver]
	ago := func(minutes int) string {
		if s.Driver == "postgres" {
			return fmt.Sprintf("now() - interval '%d minutes'", minutes)
		}
		return fmt.Sprintf("utc_timestamp(6) - interval %d minute", minutes)
	}
	s.Exec(t, "CREATE TABLE docs (company varchar(10), id int, amount decimal(12,2), created_at "+stamp+" NULL, updated_at "+stamp+" NULL, PRIMARY KEY (company, id))")
	t.Cleanup(func() { s.Exec(t, "DROP TABLE docs") })
	var values []string
	for i := range 40 { // all of one instant, in two companies: many more than a page holds
		values = append(values, fmt.Sprintf("('c%d', %d, %d.10, %s, NULL)", i%2, i, i, ago(60)))
	}
	s.Exec(t, "INSERT INTO docs VALUES "+strings.Join(values, ", "), "UPDATE docs SET created_at = (SELECT m FROM (SELECT min(created_at) AS m FROM docs) x)",
		"INSERT INTO docs VALUES ('c1', 100, 1, NULL, NULL), ('c1', 101, 1, NULL, NULL), ('c0', 101, 1, NULL, NULL), ('c2', 102, 1, NULL, NULL)", // imported without any date
		"INSERT INTO docs VALUES ('c1', 103, 1, "+ago(-60*24*365)+", NULL)")                                                                      // dated in the future
	src := mustOpenSQL(t, with(s.Settings(), "fetch_size", 3, "page_rows", 2), `
- name: docs
  query: |
    SELECT company, id, amount, updated_at, created_at FROM docs WHERE amount >= 0; -- all of them
  key: [company, id]
  incremental: {fields: [updated_at, created_at], overlap: 15m}
  emit: [{to: invoices, fields: {invoice_id: id, gross_amount: amount}}]
`)
	have := map[string]string{}
	var state []byte
	sync := func(step string, atMost int) {
		t.Helper()
		rows, next, err := sqlRows(src, "docs", state)
		if err != nil {
			t.Fatalf("%s: %v", step, err)
		}
		if len(rows) > atMost {
			t.Errorf("%s: read %d rows, expected at most %d", step, len(rows), atMost)
		}
		seen := map[string]bool{}
		for _, r := range rows {
			f := strings.Split(r, "|")
			if seen[f[0]+f[1]] {
				t.Errorf("%s: %s came twice", step, r)
			}
			seen[f[0]+f[1]] = true
			have[f[0]+"/"+f[1]] = f[2]
		}
		want := map[string]string{}
		list, err := s.DB.Query("SELECT company, id, amount FROM docs")
		if err != nil {
			t.Fatal(err)
		}
		defer list.Close()
		for list.Next() {
			var c, id, amount string
			if err := list.Scan(&c, &id, &amount); err != nil {
				t.Fatal(err)
			}
			want[c+"/"+id] = amount
		}
		for k, v := range want {
			if have[k] != v {
				t.Errorf("%s: %s is %q, expected %s", step, k, have[k], v)
			}
		}
		for k := range have {
			if want[k] == "" {
				t.Errorf("%s: %s is there and should not be", step, k)
			}
		}
		state = next
	}
	sync("first", 45)
	sync("nothing new", 6) // those without a date, and the one in the future

	s.Exec(t, "UPDATE docs SET amount = 5, updated_at = "+now+" WHERE id < 10", "INSERT INTO docs VALUES ('c0', 200, 3.50, "+now+", NULL)")
	// A transaction that began before and stamps its rows with its begin commits after the sync.
	late, err := s.DB.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := late.Exec("INSERT INTO docs VALUES ('c0', 300, 7, " + ago(5) + ", NULL)"); err != nil {
		t.Fatal(err)
	}
	sync("edits", 6+11)
	if err := late.Commit(); err != nil {
		t.Fatal(err)
	}
	sync("late commit", 6+12)
	s.Exec(t, "UPDATE docs SET amount = 9, updated_at = "+now+" WHERE amount = 1")
	sync("the undated get a date", 6+12+5)
}
