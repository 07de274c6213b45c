package extract

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestTheReferenceListsEveryFunctionOfTemplates(t *testing.T) {
	var listed []string
	for _, f := range Functions() {
		name, _, _ := strings.Cut(f.Name, " ")
		listed = append(listed, name)
	}
	slices.Sort(listed)
	if there := slices.Sorted(maps.Keys(templateFuncs)); !slices.Equal(listed, there) {
		t.Errorf("Functions lists %v, templates know %v", listed, there)
	}
}
