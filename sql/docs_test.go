package sql_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"huikuan/sql"
)

func TestDocsTellColumnsVariablesTestsAndLineage(t *testing.T) {
	models := ladder(t, "7")
	models = append(models, model(t, "reader", `grain: one thing
owner: finance
columns: [{name: n, description: a | b, unit: count, tests: [not_null]}]
unit_tests: [{name: one thing, given: [{input: ref('top'), rows: [{n: 1}]}], expect: {rows: [{n: 1}]}}]`,
		"SELECT t.n AS n FROM {{ ref('top') }} AS t, {{ source('huikuan', 'invoices') }} WHERE t.n < {{ var('limit') }}"))
	r := runner(t, nil, sql.RunnerOptions{Database: "hk", Vars: map[string]any{"limit": "9"}}, models...)
	docs, err := r.Docs(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(docs) != len(models)+2 {
		t.Errorf("%d files of %d models", len(docs), len(models))
	}
	for file, want := range map[string][]string{
		"reader.md": {"| `n` | a \\| b | count | not_null |", "- unit test: one thing", "| `limit` | `7` | `9` | a whole number |", "invoices[(invoices)] --> reader", "    top --> reader",
			"- models read: [top](top.md)", "- tables read: invoices", "WHERE t.n < 9", "`hk`.`invoices`", "| one row | one thing |"},
		"top.md":    {"- read by: [reader](reader.md)", "    top --> reader"},
		"README.md": {"| [reader](reader.md) | table | one thing | finance |", "    middle --> top", "| `limit` | `7` | `9` |", "metrics.promise_grace_days"},
	} {
		for _, w := range want {
			if !strings.Contains(string(docs[file]), w) {
				t.Errorf("%s lacks %q:\n%s", file, w, docs[file])
			}
		}
	}
}

// The shape that readers of dbt's manifest count on: every node under its own
// identifier with the fields of its kind, and maps that know every node.
func TestTheManifestHasTheShapeOfDbts(t *testing.T) {
	models, err := sql.Models()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	text, err := runner(t, nil, sql.RunnerOptions{Now: func() time.Time { return now }}, models...).Manifest()
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Metadata  map[string]any            `json:"metadata"`
		Nodes     map[string]map[string]any `json:"nodes"`
		Sources   map[string]map[string]any `json:"sources"`
		UnitTests map[string]map[string]any `json:"unit_tests"`
		Parents   map[string][]string       `json:"parent_map"`
		Children  map[string][]string       `json:"child_map"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	if m.Metadata["dbt_schema_version"] != "https://schemas.getdbt.com/dbt/manifest/v12.json" || m.Metadata["generated_at"] != "2026-11-20T00:00:00Z" {
		t.Errorf("metadata %v", m.Metadata)
	}
	top := map[string]any{}
	_ = json.Unmarshal(text, &top)
	for _, key := range []string{"macros", "docs", "exposures", "metrics", "groups", "selectors", "disabled", "group_map", "saved_queries", "semantic_models"} {
		if _, ok := top[key]; !ok {
			t.Errorf("the manifest lacks %s", key)
		}
	}
	fields := map[string][]string{
		"model":     {"name", "database", "schema", "package_name", "path", "original_file_path", "fqn", "alias", "checksum", "config", "tags", "description", "columns", "meta", "raw_code", "compiled_code", "language", "refs", "sources", "depends_on", "relation_name"},
		"test":      {"name", "config", "depends_on", "compiled_code", "attached_node", "test_metadata", "column_name"},
		"source":    {"name", "source_name", "identifier", "relation_name", "columns", "description", "loader"},
		"unit_test": {"name", "model", "given", "expect", "depends_on"},
	}
	kinds := map[string]int{}
	for _, group := range []map[string]map[string]any{m.Nodes, m.Sources, m.UnitTests} {
		for id, node := range group {
			kind, _, _ := strings.Cut(id, ".")
			kinds[kind]++
			if node["unique_id"] != id || node["resource_type"] != kind {
				t.Errorf("%s calls itself %v, a %v", id, node["unique_id"], node["resource_type"])
			}
			for _, f := range fields[kind] {
				if _, ok := node[f]; !ok {
					t.Errorf("%s lacks %s", id, f)
				}
			}
			if m.Parents[id] == nil || m.Children[id] == nil {
				t.Errorf("the maps lack %s", id)
			}
			depends, _ := node["depends_on"].(map[string]any)
			if got := fmt.Sprint(depends["nodes"]); kind != "source" && got != fmt.Sprint(m.Parents[id]) {
				t.Errorf("%s depends on %s, and its parents are %v", id, got, m.Parents[id])
			}
		}
	}
	for _, kind := range []string{"model", "test", "source", "unit_test"} {
		if kinds[kind] < 3 {
			t.Errorf("%d nodes of the kind %s", kinds[kind], kind)
		}
	}
	for id, parents := range m.Parents {
		for _, p := range parents {
			if !slices.Contains(m.Children[p], id) {
				t.Errorf("%s stands on %s, which does not know it", id, p)
			}
		}
	}
	if got := m.Parents["model.huikuan.top_exposures"]; !slices.Contains(got, "model.huikuan.month_end_balances") {
		t.Errorf("top_exposures stands on %v", got)
	}
}
