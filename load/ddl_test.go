package load

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"huikuan/transform/canonical"
	"huikuan/transform/metrics"
	"huikuan/transform/schema"
)

var update = flag.Bool("update", false, "write the golden files anew")

// allTables are all tables that huikuan declares.
func allTables() []schema.Table {
	return slices.Concat(canonical.Streams(), metrics.Tables(), metrics.Kept(), OpsTables())
}

var goldenProfiles = []struct {
	profile           Profile
	database, cluster string
}{{Embedded, "huikuan", ""}, {Server, "huikuan", ""}, {Cluster, "huikuan", "finance"}}

func TestTablesAreRenderedAsInTheGoldenFiles(t *testing.T) {
	for _, g := range goldenProfiles {
		t.Run(g.profile.String(), func(t *testing.T) {
			var b strings.Builder
			b.WriteString("-- Rendered by go test ./load -run Golden -update; do not edit.\n\n" + createDatabaseSQL(g.profile, g.database, g.cluster) + ";\n")
			for _, table := range allTables() {
				for _, sql := range DDL(table, g.profile, g.database, g.cluster) {
					b.WriteString("\n" + sql + ";\n")
				}
			}
			for _, sql := range HistoryDDL(g.profile, g.database, g.cluster) {
				b.WriteString("\n" + sql + ";\n")
			}
			path := filepath.Join("testdata", "ddl", g.profile.String()+".sql")
			if *update {
				if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := b.String(); got != string(want) {
				t.Errorf("%s differs from line %d on; if that is meant, run go test ./load -run Golden -update", path, firstDifference(got, string(want)))
			}
		})
	}
}

func firstDifference(a, b string) int {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return i + 1
		}
	}
	return min(len(x), len(y)) + 1
}

func TestTheEngineParsesEveryStatementOfEveryProfile(t *testing.T) {
	w := open(t, optionsFor(t))
	for _, g := range goldenProfiles {
		statements := append(HistoryDDL(g.profile, g.database, g.cluster), createDatabaseSQL(g.profile, g.database, g.cluster))
		for _, table := range allTables() {
			statements = append(statements, DDL(table, g.profile, g.database, g.cluster)...)
		}
		for _, sql := range statements {
			if ast := ask(t, w, "EXPLAIN AST "+sql); len(ast) == 0 {
				t.Errorf("%s: no syntax tree of\n%s", g.profile, sql)
			}
		}
	}
}

func TestTheServersTablesWorkAndAreDocumented(t *testing.T) {
	for _, p := range []Profile{Embedded, Server} {
		t.Run(p.String(), func(t *testing.T) {
			o := optionsFor(t)
			o.Profile = p
			w := open(t, o)
			for _, table := range allTables() {
				for _, sql := range DDL(table, p, w.Database(), "") {
					if err := w.Exec(context.Background(), sql); err != nil {
						t.Fatalf("%v\n%s", err, sql)
					}
				}
			}
			here := " AND database = " + literal(w.Database())
			if bare := ask(t, w, "SELECT table, name FROM system.columns WHERE comment = '' AND name NOT LIKE '\\_%'"+here); len(bare) != 0 {
				t.Errorf("columns without a comment: %v", bare)
			}
			if bare := ask(t, w, "SELECT name FROM system.tables WHERE comment = ''"+here); len(bare) != 0 {
				t.Errorf("tables without a comment: %v", bare)
			}
			if bare := ask(t, w, "SELECT table, name, type FROM system.columns WHERE compression_codec = '' AND (type LIKE '%Decimal%' OR type LIKE '%Date%') AND table NOT IN (SELECT name FROM system.tables WHERE engine = 'View'"+here+")"+here); len(bare) != 0 {
				t.Errorf("amounts and dates without a codec: %v", bare)
			}
		})
	}
}

// T64 would corrupt or refuse decimals of more than 18 digits.
func TestOnlyShortDecimalsUseT64(t *testing.T) {
	w := open(t, optionsFor(t))
	create := func(name, codec string) error {
		return w.Exec(context.Background(), "CREATE TABLE "+name+" (a "+codec+") ENGINE = MergeTree ORDER BY tuple()")
	}
	if err := create("short", "Decimal(18, 4) CODEC(T64, ZSTD(1))"); err != nil {
		t.Error(err)
	}
	if err := create("long", "Decimal(38, 10) CODEC(T64, ZSTD(1))"); err == nil {
		t.Error("the engine takes T64 for Decimal(38, 10) now: use it for rates too")
	}
	if sql := codecSQL(schema.Column{Kind: schema.Rate}); strings.Contains(sql, "T64") {
		t.Errorf("rates use %s", sql)
	}
}

func TestADocumentOfACompanySpreadOverACluster(t *testing.T) {
	invoices, _ := canonical.Lookup("invoices")
	allocations, _ := canonical.Lookup("allocations")
	tests := []struct {
		table schema.Table
		want  []string
	}{
		{invoices, []string{"invoices_docs_local ON CLUSTER finance", "ReplicatedReplacingMergeTree", "cityHash64(customer_id)", "CREATE OR REPLACE VIEW huikuan.invoices ON CLUSTER finance"}},
		{allocations, []string{"cityHash64(allocation_id)"}},
		{metrics.Tables()[0], []string{"ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}'", "Distributed('finance', 'huikuan', 'ar_events_local'"}},
	}
	for _, tt := range tests {
		sql := strings.Join(DDL(tt.table, Cluster, "huikuan", "finance"), "\n")
		for _, want := range tt.want {
			if !strings.Contains(sql, want) {
				t.Errorf("%s on a cluster lacks %q:\n%s", tt.table.Name, want, sql)
			}
		}
	}
}

func TestNamesAndTextsAreQuoted(t *testing.T) {
	for name, want := range map[string]string{"amount": "amount", "_version": "_version", "Amount": "`Amount`", "to": "`to`", "a`b": "`a\\`b`"} {
		if got := ident(name); got != want {
			t.Errorf("ident(%s) = %s, want %s", name, got, want)
		}
	}
	w := open(t, optionsFor(t))
	for _, text := range []string{"it's", `back\slash`, "回款\nnew line", "'; DROP TABLE x; --"} {
		if got := askOne(t, w, "SELECT "+literal(text)); got != text {
			t.Errorf("literal(%q) came back as %q", text, got)
		}
	}
}
