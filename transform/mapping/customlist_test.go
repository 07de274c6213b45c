package mapping

import (
	"strings"
	"testing"
)

func TestAListOfCustomFieldsMayNameSomeOtherwise(t *testing.T) {
	m := compile(t, "reps", "- to: reps\n  fields: {rep_id: id}\n  custom: [{number: ref}, city.name, {size: {path: kind, map: {\"1\": small}}}]", Options{})
	out := mapText(t, m, Input{Body: []byte(`[{"id": 1, "ref": "R-1", "city": {"name": "Lyon"}, "kind": 1}]`)})
	for _, want := range []string{"number:R-1", "name:Lyon", "size:small"} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is missing in %s", want, out)
		}
	}
}
