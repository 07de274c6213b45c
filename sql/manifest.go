package sql

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strings"
	"time"
)

// The names of this project in a manifest.
const (
	manifestProject = "huikuan"
	manifestSchema  = "https://schemas.getdbt.com/dbt/manifest/v12.json"
)

type object map[string]any

var notInID = regexp.MustCompile(`[^A-Za-z0-9]+`)

// Manifest describes the models in the shape of dbt's manifest.json (schema
// v12), for the catalogues and lineage tools that read it. What dbt knows and
// this runner does not is there and empty.
func (r *Runner) Manifest() ([]byte, error) {
	nodes, sources, units := object{}, object{}, object{}
	parents, children := map[string][]string{}, map[string][]string{}
	edge := func(from, to string) {
		parents[to], children[from] = append(parents[to], from), append(children[from], to)
	}
	know := func(id string) {
		if parents[id] == nil {
			parents[id] = []string{}
		}
		if children[id] == nil {
			children[id] = []string{}
		}
	}
	for i, m := range r.graph.models {
		id := modelID(m.Name)
		know(id)
		reads := []string{}
		for _, s := range m.Sources() {
			sources[sourceID(s)] = r.sourceNode(s)
			know(sourceID(s))
			reads = append(reads, sourceID(s))
		}
		for _, j := range r.graph.reads[i] {
			reads = append(reads, modelID(r.graph.models[j].Name))
		}
		for _, from := range reads {
			edge(from, id)
		}
		nodes[id] = r.modelNode(m, reads)
		for _, t := range m.Tests {
			node := r.testNode(m, t)
			test := node["unique_id"].(string)
			nodes[test] = node
			know(test)
			edge(id, test)
		}
		for _, t := range m.UnitTests {
			unit := "unit_test." + manifestProject + "." + m.Name + "." + idOf(t.Name)
			units[unit] = object{"unique_id": unit, "name": t.Name, "model": m.Name, "resource_type": "unit_test", "package_name": manifestProject,
				"path": m.File, "original_file_path": m.File, "fqn": []string{manifestProject, m.Name, t.Name},
				"depends_on": dependsOn([]string{id}), "given": unitGiven(t), "expect": object{"rows": unitRowsJSON(t.Expect), "format": "dict"}}
			know(unit)
			edge(id, unit)
		}
	}
	return json.MarshalIndent(object{
		"metadata": object{"dbt_schema_version": manifestSchema, "dbt_version": "1.8.0", "generated_at": r.options.Now().UTC().Format(time.RFC3339Nano),
			"invocation_id": nil, "env": object{"generated_by": manifestProject}, "project_name": manifestProject, "project_id": nil, "user_id": nil,
			"send_anonymous_usage_stats": false, "adapter_type": "clickhouse"},
		"nodes": nodes, "sources": sources, "unit_tests": units, "parent_map": parents, "child_map": children,
		"macros": object{}, "docs": object{}, "exposures": object{}, "metrics": object{}, "groups": object{}, "selectors": object{}, "disabled": object{},
		"group_map": object{}, "saved_queries": object{}, "semantic_models": object{},
	}, "", "  ")
}

func modelID(name string) string { return "model." + manifestProject + "." + name }
func sourceID(name string) string {
	return "source." + manifestProject + "." + manifestProject + "." + name
}
func idOf(s string) string {
	return strings.ToLower(strings.Trim(notInID.ReplaceAllString(s, "_"), "_"))
}

func dependsOn(nodes []string) object { return object{"macros": []string{}, "nodes": nodes} }

func (r *Runner) modelNode(m Model, reads []string) object {
	columns := object{}
	for _, c := range m.Columns {
		columns[c.Name] = object{"name": c.Name, "description": c.Description, "meta": object{"unit": c.Unit}, "data_type": nil, "constraints": []string{}, "quote": nil, "tags": []string{}}
	}
	refs, sources := []object{}, [][]string{}
	for _, ref := range m.Refs() {
		refs = append(refs, object{"name": ref, "package": nil, "version": nil})
	}
	for _, s := range m.Sources() {
		sources = append(sources, []string{manifestProject, s})
	}
	tags := append([]string{}, m.Tags...)
	meta := object{"grain": m.Grain, "owner": m.Owner}
	sum := sha256.Sum256([]byte(m.text))
	return object{
		"unique_id": modelID(m.Name), "name": m.Name, "alias": m.Name, "resource_type": "model", "package_name": manifestProject,
		"path": m.Name + ".sql", "original_file_path": m.File, "fqn": []string{manifestProject, m.Name}, "database": "", "schema": r.options.Database,
		"relation_name": r.dialect.table(m.Name), "language": "sql", "raw_code": m.text, "compiled_code": r.Compiled(m.Name), "compiled": true,
		"checksum": object{"name": "sha256", "checksum": hex.EncodeToString(sum[:])}, "description": m.Description, "columns": columns, "meta": meta, "tags": tags,
		"config":     object{"enabled": true, "materialized": string(m.Materialisation), "tags": tags, "meta": meta, "unique_key": m.UniqueKey, "order_by": m.OrderBy},
		"depends_on": dependsOn(reads), "refs": refs, "sources": sources, "metrics": []string{}, "docs": object{"show": true, "node_color": nil}, "patch_path": nil,
		"build_path": nil, "unrendered_config": object{}, "created_at": 0, "access": "protected", "constraints": []string{}, "version": nil, "latest_version": nil,
		"deprecation_date": nil, "group": nil, "contract": object{"enforced": false, "alias_types": true, "checksum": nil},
	}
}

func (r *Runner) testNode(m Model, t Test) object {
	name := idOf(m.Name + "_" + t.Name)
	sum := sha256.Sum256([]byte(name))
	id := "test." + manifestProject + "." + name + "." + hex.EncodeToString(sum[:5])
	var column any
	if len(t.Columns) == 1 {
		column = t.Columns[0]
	}
	code := t.failingRows(r.dialect.table(m.Name), r.names(m.Name, nil, false))
	return object{
		"unique_id": id, "name": name, "alias": name, "resource_type": "test", "package_name": manifestProject, "path": name + ".sql", "original_file_path": m.File,
		"fqn": []string{manifestProject, name}, "database": "", "schema": r.options.Database, "relation_name": nil, "language": "sql", "raw_code": code, "compiled_code": code,
		"compiled": true, "checksum": object{"name": "none", "checksum": ""}, "description": t.Name, "columns": object{}, "meta": object{}, "tags": []string{},
		"config":     object{"enabled": true, "materialized": "test", "severity": string(t.Severity), "tags": []string{}, "meta": object{}},
		"depends_on": dependsOn([]string{modelID(m.Name)}), "refs": []object{{"name": m.Name, "package": nil, "version": nil}}, "sources": [][]string{}, "metrics": []string{},
		"column_name": column, "attached_node": modelID(m.Name), "test_metadata": object{"name": string(t.Kind), "kwargs": object{"column_name": column}, "namespace": nil},
		"docs": object{"show": true, "node_color": nil}, "unrendered_config": object{}, "created_at": 0, "contract": object{"enforced": false, "alias_types": true, "checksum": nil},
	}
}

func (r *Runner) sourceNode(table string) object {
	about, columns := "", object{}
	for _, t := range declaredTables() {
		if t.Name != table {
			continue
		}
		about = t.Comment
		for _, c := range t.Columns {
			columns[c.Name] = object{"name": c.Name, "description": c.Comment, "meta": object{}, "data_type": c.Kind.ClickHouse(c.Nullable), "tags": []string{}}
		}
	}
	return object{
		"unique_id": sourceID(table), "name": table, "source_name": manifestProject, "source_description": "tables of the warehouse", "loader": manifestProject,
		"identifier": table, "resource_type": "source", "package_name": manifestProject, "path": table, "original_file_path": table, "fqn": []string{manifestProject, manifestProject, table},
		"database": "", "schema": r.options.Database, "relation_name": r.dialect.table(table), "description": about, "columns": columns, "meta": object{}, "source_meta": object{}, "tags": []string{},
		"config": object{"enabled": true}, "quoting": object{}, "freshness": nil, "loaded_at_field": nil, "external": nil, "patch_path": nil, "unrendered_config": object{}, "created_at": 0,
	}
}

func unitGiven(t UnitTest) []object {
	out := []object{}
	for _, g := range t.Given {
		out = append(out, object{"input": g.Input, "rows": unitRowsJSON(g.Rows), "format": "dict", "fixture": nil})
	}
	return out
}

func unitRowsJSON(rows []UnitRow) []object {
	out := []object{}
	for _, row := range rows {
		o := object{}
		for c, cell := range row.Cells {
			if o[c] = any(cell.Text); cell.Null {
				o[c] = nil
			}
		}
		out = append(out, o)
	}
	return out
}
