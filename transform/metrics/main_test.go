package metrics_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain gives the random ledgers the same seed in every run, so that a change
// of the code is judged by the ledgers that judged the last one: sixty for each
// law, where rapid would take a hundred. Look further with -rapid.seed=N, and
// deeper with -rapid.checks=N.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.seed"); f != nil && f.Value.String() == "0" {
		if err := f.Value.Set("20261121"); err != nil {
			panic(err)
		}
	}
	if f := flag.Lookup("rapid.checks"); f != nil && f.Value.String() == f.DefValue {
		checks := "60"
		if testing.Short() {
			checks = "15" // of which rapid takes a fifth
		}
		if err := f.Value.Set(checks); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
