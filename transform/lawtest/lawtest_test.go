package lawtest

import (
	"flag"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestEveryLawHasLedgersOfItsOwnEachDay(t *testing.T) {
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	seen := map[uint64]bool{}
	for _, at := range []time.Time{day, day.AddDate(0, 0, 1)} {
		for _, law := range []string{"TestA", "TestB"} {
			if seen[Seed(at, law)] {
				t.Errorf("%s of %s has the seed of another", law, at)
			}
			seen[Seed(at, law)] = true
			if Seed(at.Add(23*time.Hour), law) != Seed(at, law) {
				t.Errorf("%s has two seeds on one day", law)
			}
		}
	}
}

func TestASeedRepeatsALaw(t *testing.T) {
	before := flag.Lookup("rapid.seed").Value.String()
	defer set("rapid.seed", before)
	drawn := func(seed string) (list []int) {
		set("rapid.seed", seed)
		Check(t, func(t *rapid.T) { list = append(list, rapid.Int().Draw(t, "n")) })
		return list
	}
	same := func(a, b []int) bool {
		for i := range a {
			if a[i] != b[i] {
				return false
			}
		}
		return len(a) == len(b) && len(a) > 0
	}
	if !same(drawn("7"), drawn("7")) {
		t.Error("a seed draws other numbers the second time")
	}
	if same(drawn("7"), drawn("8")) {
		t.Error("two seeds draw the same numbers")
	}
}
