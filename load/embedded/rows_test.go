package embedded_test

import (
	"net/url"
	"strings"
	"testing"

	"huikuan/load/embedded"
	"huikuan/load/embedded/embeddedtest"
)

// A reader with filters sees their rows by whatever way they ask, and nothing of
// what was not thought of.
func TestAReaderSeesTheRowsTheyMaySee(t *testing.T) {
	db := embeddedtest.Database(t)
	in := url.Values{"database": {db}}
	for _, sql := range []string{
		"CREATE TABLE owners (customer_id String, rep String) ENGINE = MergeTree ORDER BY customer_id",
		"INSERT INTO owners VALUES ('A', 'R1'), ('B', 'R2')",
		"CREATE TABLE items_docs (customer_id String, amount Int64) ENGINE = ReplacingMergeTree ORDER BY customer_id",
		"INSERT INTO items_docs VALUES ('A', 1), ('B', 2)",
		"CREATE VIEW items AS SELECT customer_id, amount FROM items_docs FINAL",
		"CREATE VIEW totals AS SELECT sum(amount) AS total FROM items",
		"CREATE TABLE rates (currency String) ENGINE = MergeTree ORDER BY currency", "INSERT INTO rates VALUES ('CNY')",
		"CREATE TABLE forgotten (secret String) ENGINE = MergeTree ORDER BY secret", "INSERT INTO forgotten VALUES ('x')",
		"CREATE TABLE merged (amount Int64) ENGINE = Merge(currentDatabase(), '^items_docs$')",
		"CREATE DICTIONARY held (customer_id String, amount Int64) PRIMARY KEY customer_id SOURCE(CLICKHOUSE(TABLE 'items_docs' DB '" + db + "')) LAYOUT(COMPLEX_KEY_HASHED()) LIFETIME(0)",
	} {
		if status, _, text := asWriter(t, in, sql); status != 200 {
			t.Fatal(sql, text)
		}
	}
	f := offer(t, func(o *embedded.Offer) {
		o.Readers[0].Rows = &embedded.RowFilters{Database: db, Tables: map[string]string{
			"owners": "rep = 'R1'", "items_docs": "customer_id IN (SELECT customer_id FROM " + db + ".owners WHERE rep = 'R1')", "rates": "1",
		}}
		o.Readers = append(o.Readers, embedded.Reader{Name: "cfo", Password: "secret"})
	})
	for sql, want := range map[string]string{
		"SELECT customer_id, amount FROM items":    "A\t1",
		"SELECT total FROM totals":                 "1",
		"SELECT sum(amount) FROM items_docs":       "1",
		"SELECT count() FROM items_docs":           "1",
		"SELECT max(amount) FROM items_docs FINAL": "1",
		"SELECT sum(a.amount) FROM items AS a JOIN items_docs AS b ON a.customer_id = b.customer_id": "1",
		"WITH x AS (SELECT amount FROM items) SELECT sum(amount) FROM x":                             "1",
		"SELECT (SELECT max(amount) FROM items)":                                                     "1",
		"SELECT 'B' IN (SELECT customer_id FROM items)":                                              "0",
		"SELECT 'B' IN items_docs.customer_id FROM items_docs":                                       "",
		"SELECT sum(amount) FROM view(SELECT amount FROM " + db + ".items_docs)":                     "1",
		"SELECT sum(amount) FROM (SELECT amount FROM items UNION ALL SELECT amount FROM items_docs)": "2",
		"SELECT sum(amount) FROM items_docs PREWHERE amount > 0":                                     "1",
		"SELECT count() FROM items WHERE customer_id = 'B'":                                          "0",
		"SELECT count() FROM owners":                                                                 "1",
		"SELECT count() FROM rates":                                                                  "1",
		"SELECT count() FROM forgotten":                                                              "0",
		"SELECT count() FROM merged":                                                                 "0",
		"SELECT count() FROM held":                                                                   "0",
		"SELECT count() FROM system.processes":                                                       "0",
		"SELECT sum(rows) FROM system.parts":                                                         "0",
		"SELECT count() > 3 FROM system.tables WHERE database = currentDatabase()":                   "1",
		"SHOW TABLES LIKE 'rates'":                                                                   "rates",
	} {
		status, _, text := ask(t, f, in, sql)
		if want == "" {
			continue // not valid in every engine
		}
		if status != 200 || strings.TrimSpace(text) != want {
			t.Errorf("%s gave %d %.200s, want %s", sql, status, text, want)
		}
	}
	for _, sql := range []string{
		"SELECT sum(amount) FROM merge('" + db + "', '^items_docs$')", "SELECT dictGet('" + db + ".held', 'amount', tuple('B'))", "SELECT dictHas('held', tuple('B'))",
		"SELECT * FROM mergeTreeIndex('" + db + "', 'items_docs')", "SELECT * FROM loop(items_docs) LIMIT 1", "SELECT * FROM dictionary('held')",
		"EXPLAIN ESTIMATE SELECT amount FROM items_docs", "SELECT * FROM viewExplain('EXPLAIN', '', (SELECT 1))",
		"SELECT sum(amount) FROM items SETTINGS additional_table_filters = {}", "SET additional_table_filters = {}", "SELECT * FROM cluster('default', " + db + ".items_docs)",
	} {
		askAs(t, f, "cfo", "secret", in, sql) // what was found harmless for others is examined anew
		for range 2 {
			if status, _, text := ask(t, f, in, sql); status == 200 {
				t.Errorf("%s went through: %s", sql, text)
			}
		}
	}
	if status, _, text := ask(t, f, url.Values{"database": {db}, "additional_table_filters": {"{}"}}, "SELECT sum(amount) FROM items"); status == 200 {
		t.Errorf("the filters were lifted by the URL: %s", text)
	}
	cached := url.Values{"database": {db}, "use_query_cache": {"1"}}
	if _, _, text := askAs(t, f, "cfo", "secret", cached, "SELECT sum(amount) FROM items"); strings.TrimSpace(text) != "3" {
		t.Errorf("a reader without filters sees %s", text)
	}
	if _, _, text := ask(t, f, cached, "SELECT sum(amount) FROM items"); strings.TrimSpace(text) != "1" {
		t.Errorf("from another reader's cache came %s", text)
	}
	asWriter(t, in, "CREATE TABLE later (secret String) ENGINE = MergeTree ORDER BY secret")
	asWriter(t, in, "INSERT INTO later VALUES ('x')")
	if _, _, text := ask(t, f, in, "SELECT count() FROM later"); strings.TrimSpace(text) != "0" {
		t.Errorf("a table made after the start shows %s rows", text)
	}
}
