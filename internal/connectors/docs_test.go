package connectors

import (
	"os"
	"strings"
	"testing"

	"huikuan/config"
)

// Whoever ships a connector tells people of it: a row in the table, a page, and
// in the file itself what it delivers and how that was tested.
func TestEveryShippedConnectorIsDocumented(t *testing.T) {
	readme, err := os.ReadFile(docs + "README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range List(&config.Config{}) {
		if k.Err != nil {
			t.Error(k.Err)
			continue
		}
		if row := "| [`" + k.Name + "`](" + k.Name + ".md) |"; !strings.Contains(string(readme), row) {
			t.Errorf("%sREADME.md has no row %q in its table", docs, row)
		}
		if _, err := os.Stat(docs + k.Name + ".md"); err != nil {
			t.Errorf("%s has no page: %v", k.Name, err)
		}
		if k.About == "" || k.Tested == "" {
			t.Errorf("%s.yaml does not say `about` (what it delivers) and `tested` (how)", k.Name)
		}
	}
}
