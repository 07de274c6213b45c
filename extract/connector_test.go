package extract

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestShippedConnectorsAreValid(t *testing.T) {
	names := ShippedNames()
	if len(names) < 3 {
		t.Fatalf("shipped connectors: %v", names)
	}
	for _, name := range names {
		c, err := Shipped(name)
		if err != nil {
			t.Fatal(err)
		}
		if c.Name() != name || c.Title() == "" {
			t.Errorf("connector %s is called %q, %q", name, c.Name(), c.Title())
		}
		for _, s := range c.Settings() {
			if s.Help == "" {
				t.Errorf("%s: setting %s has no help", name, s.Name)
			}
		}
	}
	if _, err := Shipped("hubspott"); err == nil || !strings.Contains(err.Error(), "did you mean hubspot?") {
		t.Errorf("a misspelt connector: %v", err)
	}
}

// Each folder of testdata/parse holds a connector with mistakes and the message that names them.
func TestMistakesInAConnectorAreNamedWithTheirLine(t *testing.T) {
	files, err := filepath.Glob("testdata/parse/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = ParseConnector("test", text)
			got := "ok"
			if err != nil {
				got = err.Error()
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(golden, []byte(got+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != strings.TrimSpace(string(want)) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestSettingsOfASourceAreChecked(t *testing.T) {
	c, err := Shipped("erpnext")
	if err != nil {
		t.Fatal(err)
	}
	good := map[string]any{"url": "https://erp.example.com/", "api_key": "k", "api_secret": "very-secret"}
	with := func(k string, v any) map[string]any {
		m := map[string]any{}
		for key, value := range good {
			m[key] = value
		}
		if m[k] = v; v == nil {
			delete(m, k)
		}
		return m
	}
	for _, tc := range []struct {
		name     string
		settings map[string]any
		want     string
	}{
		{"unknown", with("api_secrt", "x"), `no setting "api_secrt"; did you mean api_secret?`},
		{"missing", with("url", nil), "setting url is missing (Address of the site"},
		{"not an address", with("url", "erp.example.com"), "setting url is not an address"},
		{"password in the address", with("url", "https://a:very-secret@erp.example.com"), "must not contain a user"},
		{"zone", with("timezone", "Mars/Base"), `setting timezone is "Mars/Base"`},
		{"boolean", with("ledger_detail", "perhaps"), "allowed are true, false"},
		{"list", with("invoice_fields", map[string]any{}), "must be a list"},
		{"map", with("segments", "RETAIL"), "must be a mapping"},
		{"start", with("start", "yesterday"), "yesterday"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Open(context.Background(), "erp", c, tc.settings, Options{})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), "very-secret") {
				t.Errorf("the message shows a secret: %v", err)
			}
		})
	}
	if _, err := Open(context.Background(), "erp", c, good, Options{}); err != nil {
		t.Errorf("good settings: %v", err)
	}
}

func TestSettingsShapeTheMapping(t *testing.T) {
	c, err := Shipped("erpnext")
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]any{"url": "https://erp.example.com", "api_key": "k", "api_secret": "s",
		"segments": map[string]any{"Kette": "RETAIL"}, "invoice_fields": []any{"cost_center"}}
	s, err := Open(context.Background(), "erp", c, settings, Options{})
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]Stream{}
	for _, st := range s.Streams() {
		byName[st.Name] = st
	}
	text := func(name string) string {
		b, err := yaml.Marshal(byName[name].Mapping)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	customers := text("customers")
	for _, want := range []string{"Kette: RETAIL", "region: territory", "- tax_id"} {
		if !strings.Contains(customers, want) {
			t.Errorf("customers lacks %q:\n%s", want, customers)
		}
	}
	if strings.Contains(customers, "parent_id") {
		t.Error("an empty setting leaves its field behind")
	}
	if strings.Contains(text("companies"), "reporting_currency") {
		t.Error("an empty constant leaves its field behind")
	}
	if ledger := text("allocations"); strings.Contains(ledger, "<<") || strings.Count(ledger, "application_date: posting_date") != 4 {
		t.Errorf("merge keys are not resolved:\n%s", ledger)
	}
	if deductions := text("deductions"); !strings.Contains(deductions, "account: []") {
		t.Errorf("an empty list must stay, it never matches:\n%s", deductions)
	}
	if _, ok := byName["disputes"]; ok {
		t.Error("disputes are read though no doctype is set")
	}
	if !byName["customer_owner"].Dictionary || byName["customer_owner"].Incremental || !byName["invoices"].Incremental {
		t.Error("dictionaries are read whole, documents from a cursor")
	}
	settings["dispute_doctype"] = "Issue"
	if s, err = Open(context.Background(), "erp", c, settings, Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.stream("disputes"); err != nil {
		t.Error(err)
	}
}
