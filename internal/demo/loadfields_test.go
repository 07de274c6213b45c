package demo

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The system that the benchmarks read answers only for the fields it has: the
// shipped connector must ask for no other.
func TestTheLoadAnswersTheFieldsThatTheShippedConnectorAsksFor(t *testing.T) {
	b, err := os.ReadFile("../../extract/connectors/erpnext.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Streams []struct {
			Name string
			Vars struct{ Fields []string }
		}
	}
	if err := yaml.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, s := range c.Streams {
		if s.Name != "invoices" {
			continue
		}
		for _, f := range s.Vars.Fields {
			if strings.Contains(f, "{{") {
				continue
			}
			asked++
			if _, ok := invoiceFields[f]; !ok {
				t.Errorf("the connector asks for %s, which the load has not", f)
			}
		}
	}
	if asked == 0 {
		t.Error("no fields of invoices found in the connector")
	}
}
