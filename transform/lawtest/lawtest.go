// Package lawtest tries laws on random ledgers: other ones every day.
//
// In: a law that draws what it needs from rapid. Out: a failed test with the
// command that repeats it. Never here: ledgers, or anything that product code uses.
package lawtest

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Main runs the tests of a package with this many checks of each law, unless
// -rapid.checks says otherwise; in short runs with three.
func Main(m *testing.M, checks int) {
	flag.Parse()
	_, given := os.LookupEnv("RAPID_CHECKS")
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		if testing.Short() {
			checks = 15 // of which rapid takes a fifth
		}
		set("rapid.checks", strconv.Itoa(checks))
	}
	os.Exit(m.Run())
}

// Check tries a law. Each law has a seed of its own, so that no two are tried on
// the same ledgers, and another one each day (UTC): in a month the laws meet
// thirty times the ledgers of one run. So a law may fail beside a change that
// has nothing to do with it. What it found is a defect all the same, which the
// days before did not meet: repeat it with the command that is printed, mend it,
// and keep what was found as a test that tells its story.
//
// With -rapid.seed=N, which that command has, N is the seed.
func Check(t *testing.T, law func(*rapid.T)) {
	t.Helper()
	if given := flag.Lookup("rapid.seed").Value.String(); given == "0" {
		set("rapid.seed", strconv.FormatUint(Seed(time.Now(), t.Name()), 10))
		defer set("rapid.seed", given)
	}
	command := fmt.Sprintf("go test %s -run '^%s$' -rapid.seed=%s -rapid.checks=%s", folder(), strings.ReplaceAll(t.Name(), "/", "$/^"),
		flag.Lookup("rapid.seed").Value, flag.Lookup("rapid.checks").Value)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the same ledgers again: %s", command)
		}
	})
	rapid.Check(t, law)
}

// Rand is a source of random numbers for a law that is tried once, on something
// large; it has another seed each day, as in Check.
func Rand(t *testing.T) *rand.Rand {
	t.Helper()
	seed, err := strconv.ParseUint(flag.Lookup("rapid.seed").Value.String(), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if seed == 0 {
		seed = Seed(time.Now(), t.Name())
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the same once more: go test %s -run '^%s$' -rapid.seed=%d", folder(), t.Name(), seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 0))
}

// Seed is the seed of a law on a day.
func Seed(now time.Time, law string) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, now.UTC().Format(time.DateOnly), " ", law)
	return max(1, h.Sum64()) // 0 stands for one by chance
}

// folder is that of the package under test, from the top of the module.
func folder() string {
	here, err := os.Getwd()
	if err != nil {
		return "."
	}
	for top := here; ; top = filepath.Dir(top) {
		if _, err := os.Stat(filepath.Join(top, "go.mod")); err == nil {
			return "." + filepath.ToSlash(strings.TrimPrefix(here, top))
		}
		if top == filepath.Dir(top) {
			return "."
		}
	}
}

func set(name, value string) {
	if err := flag.Set(name, value); err != nil {
		panic(err)
	}
}
