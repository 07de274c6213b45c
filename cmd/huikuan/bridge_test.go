package main

import (
	"fmt"
	"testing"

	"huikuan/internal/pipeline"
)

// What a reader adds up by hand is the closing days that stand below.
func TestTheShownEffectsOfABridgeAddUp(t *testing.T) {
	effects := func(days ...string) (out []pipeline.BridgeEffect) {
		for _, d := range days {
			out = append(out, pipeline.BridgeEffect{Days: d})
		}
		return out
	}
	for _, c := range []struct {
		from    string
		effects []pipeline.BridgeEffect
		want    string // 49.19 + these is what the exact sum rounds to
	}{
		{"49.194", effects("0.404", "0.404", "0.804", "-0.004"), "[+0.41 +0.40 +0.81 -0.01]"}, // 50.802
		{"10.000", effects("0.005", "-0.005", "0", "1.000000001"), "[+0.01 -0.01 +0.00 +1.00]"},
		{"1.000", effects("-0.004", "-0.004", "-0.004"), "[+0.00 -0.01 +0.00]"}, // 0.988
	} {
		if got := fmt.Sprint(addingUp(c.from, c.effects)); got != c.want {
			t.Errorf("from %s: %s, want %s", c.from, got, c.want)
		}
	}
	if got := addingUp("", nil); got != nil {
		t.Errorf("without effects: %v", got)
	}
}
