package extract_test

import (
	"strings"
	"testing"

	"huikuan/extract"
	"huikuan/internal/keys"
)

// Whoever adds a key says what it holds and what it is for: the schema, the
// reference and `connectors show` have nothing else to go by.
func TestEveryKeyOfAConnectorIsDescribed(t *testing.T) {
	l := extract.NewLanguage()
	sections := map[string][]keys.Key{"": l.Keys}
	for _, s := range l.Streams {
		sections["stream of kind "+s.Kind] = s.Keys
	}
	count := 0
	for root, list := range sections {
		keys.Walk(root, list, func(path string, k keys.Key) {
			count++
			switch {
			case k.Type == "":
				t.Errorf("%s says not what it holds: give it `to`, `sub` or `typ`", path)
			case k.Help == "" || strings.HasSuffix(k.Help, "."):
				t.Errorf("%s needs help of a few words without a full stop, has %q", path, k.Help)
			case (k.Type == keys.Section || k.Type == keys.Sections || k.Type == keys.Named) && len(k.Keys) == 0:
				t.Errorf("%s is a section without keys: give it `sub`", path)
			}
		})
	}
	if count < 80 {
		t.Errorf("only %d keys were walked", count)
	}
}
