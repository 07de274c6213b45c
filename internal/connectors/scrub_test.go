package connectors

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestKeysOfASessionAreScrubbedAlsoWhereTheAnswerGivesThemNoName(t *testing.T) {
	const key = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	s := newScrubber()
	var answer any
	if err := json.Unmarshal([]byte(`{"id": 1, "result": [1, "`+key+`"], "number": "INV/2026/00001", "guid": "3f2504e0-4f89-11d3-9a0c-0305e82c3301"}`), &answer); err != nil {
		t.Fatal(err)
	}
	s.learn(answer)
	text, err := json.Marshal(s.cleanJSON(answer))
	if err != nil || strings.Contains(string(text), key) {
		t.Errorf("the key is in %s (%v)", text, err)
	}
	for _, kept := range []string{"INV/2026/00001", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"} {
		if !strings.Contains(string(text), kept) {
			t.Errorf("%s is not in %s", kept, text)
		}
	}
}
