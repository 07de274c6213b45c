package canonical

import (
	"flag"
	"os"
	"slices"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/canonical.md")

func TestThePageOfTheStreamsIsWrittenFromTheirDeclarations(t *testing.T) {
	const page = "../../docs/canonical.md"
	if *update {
		if err := os.WriteFile(page, []byte(Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != Markdown() {
		t.Errorf("%s is out of date (%v); run go test ./transform/canonical -update", page, err)
	}
}

func TestEveryKeyIsAColumnThatIsNeverNull(t *testing.T) {
	if !slices.IsSorted(Names()) {
		t.Error("streams are not sorted by name")
	}
	for _, s := range Streams() {
		for _, k := range s.Key {
			c, ok := s.Column(k)
			if !ok || c.Nullable {
				t.Errorf("%s: the key column %s is missing or nullable", s.Name, k)
			}
		}
		for _, c := range s.Columns {
			if c.Comment == "" {
				t.Errorf("%s.%s has no comment", s.Name, c.Name)
			}
			if c.Required && c.Nullable {
				t.Errorf("%s.%s is required and nullable", s.Name, c.Name)
			}
		}
	}
}
