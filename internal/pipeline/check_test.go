package pipeline

import (
	"errors"
	"strings"
	"testing"
	"time"

	"huikuan/extract"
)

func TestACheckSaysWhatToDoAboutEachThing(t *testing.T) {
	late := 7 * time.Minute
	c := SourceCheck{Source: "erp", Streams: []extract.StreamCheck{
		{Stream: "good", Reachable: true, Authorised: true, Rows: 5, Skew: 3 * time.Second},
		{Stream: "hidden", Reachable: true, Authorised: true, Rows: 0},
		{Stream: "unknown", Reachable: true, Authorised: true, Rows: -1},
		{Stream: "narrow", Reachable: true, Authorised: true, Rows: 5, Missing: []string{"ref", "memo"}, Skew: -late},
		{Stream: "again", Reachable: true, Authorised: true, Rows: 5, Skew: -late, Note: "The last record could not be found"},
		{Stream: "broken", Rows: -1, Err: errors.New("refused. Do this")},
	}}
	got := c.Remedies()
	want := []string{"erp/narrow: the source does not show ref, memo. Give",
		"erp: the source's clock is 7m0s behind ours. Set", "erp/again: The last record", "erp: no record is visible in hidden. Give"}
	if len(got) != len(want) {
		t.Fatalf("%d remedies:\n%s", len(got), strings.Join(got, "\n"))
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("remedy %d is %q, want it to begin with %q", i, got[i], want[i])
		}
	}
}
