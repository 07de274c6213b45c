package connectors

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The golden folders of shipped connectors: recorded or written exchanges, and
// the rows that must come of them.
func TestShippedConnectorsDoWhatTheirRecordedExchangesExpect(t *testing.T) {
	dirs, err := filepath.Glob("../../extract/testdata/golden/*")
	if err != nil || len(dirs) < 2 {
		t.Fatalf("golden folders: %v, %v", dirs, err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			for _, r := range runTest(t, dir, *update) {
				for _, err := range r.Failed {
					t.Errorf("%s: %v", r.Name, err)
				}
				for _, u := range r.Unmatched {
					t.Errorf("%s: %s", r.Name, u)
				}
				for _, u := range r.Unused {
					t.Errorf("%s: recorded, but nobody asked for it: %s", r.Name, u)
				}
				for _, d := range r.Differences {
					t.Errorf("%s: %s, %s, %s: expected %q, got %q", r.Name, d.Table, d.Row, d.Column, d.Want, d.Got)
				}
			}
		})
	}
}

func runTest(t *testing.T, dir string, update bool) []RunReport {
	t.Helper()
	test, err := OpenTest(dir)
	if err != nil {
		t.Fatal(err)
	}
	reports, err := test.Run(context.Background(), slog.New(slog.DiscardHandler), update)
	if err != nil {
		t.Fatal(err)
	}
	return reports
}

// A test of an own connector, small enough to be seen through: a list that is
// paged, children that replace those of their parent, a pass for keys.
var ownTest = map[string]string{
	"test.yaml": "settings: {url: https://erp.example}\nnow: 2026-01-31T12:00:00Z\n",
	"connector.yaml": `
name: own
settings:
  url: {type: url, required: true, help: address}
http: {base: "{{ .settings.url }}"}
streams:
  - name: customers
    request: {path: /customers, query: {since: "{{ .key.value }}", page: "{{ .page.number }}"}}
    records: data
    paging: {type: offset, size: 2, short_page_ends: true}
    incremental: {field: changed, start: "2026-01-01T00:00:00Z"}
    emit:
      - to: customers
        fields: {customer_id: id, name: name}
`,
	"exchanges/1.http.yaml": `
request: {path: /customers, query: {since: "2026-01-01T00:00:00Z", page: "1"}}
response: {json: {data: [{id: "1", name: Ada, changed: "2026-01-02T00:00:00Z"}, {id: "2", name: Bob, changed: "2026-01-03T00:00:00Z"}]}}
---
request: {path: /customers, query: {since: "2026-01-01T00:00:00Z", page: "2"}}
response: {json: {data: [{name: Nobody, changed: "2026-01-04T00:00:00Z"}]}}
`,
	"expected/customers.csv": "customer_id,name\n1,Ada\n2,Bob\n",
	"expected/rejects.csv":   "stream,record,key,table,field,found,expected,reason\ncustomers,3,,customers,id,nothing,a value,the field is required\n",
}

// write makes a folder of files, some of them changed.
func write(t *testing.T, files map[string]string, changed ...string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		for i := 0; i+2 < len(changed); i += 3 {
			if changed[i] == name {
				if !strings.Contains(text, changed[i+1]) {
					t.Fatalf("%s does not hold %q", name, changed[i+1])
				}
				text = strings.Replace(text, changed[i+1], changed[i+2], 1)
			}
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestATestTellsWhatIsNotAsExpected(t *testing.T) {
	good := write(t, ownTest)
	runTest(t, good, true)
	files := map[string]string{}
	for name, text := range ownTest {
		files[name] = text
	}
	for _, name := range []string{"expected/customers.csv", "expected/rejects.csv"} {
		text, err := os.ReadFile(filepath.Join(good, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	for _, c := range []struct {
		name, file, old, new string
		want                 string
	}{
		{name: "all as expected"},
		{"a value", "expected/customers.csv", "2,Bob", "2,Bert", "customers|customer_id=2 valid_from=1970-01-01|name|Bert|Bob"},
		{"a row that does not come", "expected/customers.csv", "2,Bob,1970-01-01\n", "2,Bob,1970-01-01\n3,Cem,1970-01-01\n", "customers|customer_id=3 valid_from=1970-01-01||a row|none"},
		{"a row too many", "expected/customers.csv", "2,Bob,1970-01-01\n", "", "customers|customer_id=2 valid_from=1970-01-01||none|a row: name=Bob"},
		{"a request that differs", "exchanges/1.http.yaml", `page: "2"`, `page: "3"`, "GET /customers?since=2026-01-01T00%3A00%3A00Z&page=2: not recorded; the nearest, in 1.http.yaml, differs in\n    query page: recorded 3, asked 2"},
		{"an exchange nobody asks for", "exchanges/1.http.yaml", "---", "---\nrequest: {path: /never}\nresponse: {json: []}\n---", "unused 1.http.yaml: GET /never"},
		{"another reason to reject", "expected/rejects.csv", "id", "identity", "rejects|"},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := []string{c.file, c.old, c.new}
			if c.file == "" {
				changed = nil
			}
			r := runTest(t, write(t, files, changed...), false)[0]
			var all []string
			for _, d := range r.Differences {
				all = append(all, strings.Join([]string{d.Table, d.Row, d.Column, d.Want, d.Got}, "|"))
			}
			for _, u := range r.Unmatched {
				all = append(all, u.String())
			}
			for _, u := range r.Unused {
				all = append(all, "unused "+u)
			}
			if got := strings.Join(all, "\n"); !strings.Contains(got, c.want) || r.OK() != (c.want == "") {
				t.Errorf("found %q (ok: %v), want %q", got, r.OK(), c.want)
			}
		})
	}
}

func TestAFolderThatIsNoTestIsAMistakeOfTheCaller(t *testing.T) {
	for _, c := range []struct{ name, file, old, new, want string }{
		{"a key of test.yaml", "test.yaml", "settings", "setings", "field setings not found"},
		{"a setting", "test.yaml", "url:", "uri:", `no setting "uri"; did you mean url?`},
		{"a connector that is not there", "test.yaml", "settings", "connector: owm.yaml\nsettings", "owm.yaml: no such file"},
		{"a mistake in the connector", "connector.yaml", "paging", "pagin", `no key "pagin"; did you mean paging?`},
		{"a mistake in an exchange", "exchanges/1.http.yaml", "path:", "pth:", "field pth not found"},
		{"expected rows of nothing", "test.yaml", "settings", "only: [customer]\nsettings", `there is no stream "customer"; did you mean customers?`},
	} {
		t.Run(c.name, func(t *testing.T) {
			test, err := OpenTest(write(t, ownTest, c.file, c.old, c.new))
			if err == nil {
				_, err = test.Run(context.Background(), slog.New(slog.DiscardHandler), false)
			}
			if _, ok := err.(*UsageError); !ok || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %T %v, want %q", err, err, c.want)
			}
		})
	}
	if _, err := OpenTest(t.TempDir()); err == nil || !strings.Contains(err.Error(), "connectors record") {
		t.Errorf("an empty folder: %v", err)
	}
}
