package connectors

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"huikuan/extract"
)

var update = flag.Bool("update", false, "rewrite the generated pages and the expected rows")

const docs = "../../docs/connectors/"

func TestReferenceAndSchemaAreWrittenFromTheDeclarations(t *testing.T) {
	schema, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	for page, want := range map[string]string{"reference.md": Reference(), "connector.schema.json": string(schema)} {
		if *update {
			if err := os.WriteFile(docs+page, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(docs + page); err != nil || string(got) != want {
			t.Errorf("%s%s is out of date (%v); run go test ./internal/connectors -update", docs, page, err)
		}
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("connector.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("connector.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON is a YAML file as an editor hands it to a validator.
func asJSON(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func shippedFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../extract/connectors/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheSchemaAcceptsEveryShippedConnector(t *testing.T) {
	s := compiled(t)
	for _, name := range extract.ShippedNames() {
		if err := s.Validate(asJSON(t, shippedFile(t, name))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheSchemaRejectsMistakes(t *testing.T) {
	s := compiled(t)
	good := shippedFile(t, "hubspot")
	for _, c := range []struct{ name, old, new string }{
		{"a key of the file", "timezone: \"{{", "timezon: \"{{"},
		{"a way to sign in", "type: bearer", "type: bearre"},
		{"a key of a section", "max_response: 64MiB", "max_respons: 64MiB"},
		{"a size", "max_response: 64MiB", "max_response: a lot"},
		{"a duration", "timeout: 1m", "timeout: 1 minute"},
		{"a key of a stream", "page_lookups:", "page_lookup:"},
		{"a canonical stream", "to: visits", "to: visit"},
		{"a column", "visit_id: {template: \"meeting-{{id}}\"}", "visitid: {template: \"meeting-{{id}}\"}"},
		{"a key of a column", "{path: properties.hubspot_owner_id, lookup:", "{path: properties.hubspot_owner_id, lokup:"},
		{"a type of a setting", "type: secret", "type: password"},
	} {
		bad := strings.Replace(good, c.old, c.new, 1)
		if bad == good {
			t.Fatalf("%s: %q does not stand in the connector", c.name, c.old)
		}
		if s.Validate(asJSON(t, bad)) == nil {
			t.Errorf("%s: %q is accepted", c.name, c.new)
		}
	}
}
