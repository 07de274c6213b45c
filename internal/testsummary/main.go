// Command testsummary reads the output of `go test -json` and prints what a
// person wants to know: failures with their output, skipped tests with their
// reasons, the packages and tests that took longest, and one closing line of
// counts. Several files are summed up as one: a package may be in each.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

type event struct {
	Action, Package, Test, Output, FailedBuild string
	ImportPath                                 string
	Elapsed                                    float64
}

type outcome struct {
	output []string
	action string
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: testsummary FILE …")
		os.Exit(2)
	}
	var all []io.Reader
	for _, name := range os.Args[1:] {
		f, err := os.Open(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		defer f.Close()
		all = append(all, f)
	}
	if failed := summarise(bufio.NewScanner(io.MultiReader(all...))); failed {
		os.Exit(1)
	}
}

func summarise(in *bufio.Scanner) bool {
	in.Buffer(make([]byte, 1<<20), 1<<26)
	seen := map[string]*outcome{}
	var order, stray []string
	passed, failedTests, skipped := 0, 0, 0
	packages := map[string]bool{} // one may be in several runs, of other tests
	var broken []string
	var slowPackages, slowTests []took
	for in.Scan() {
		var e event
		if json.Unmarshal(in.Bytes(), &e) != nil {
			stray = append(stray, in.Text())
			continue
		}
		key := e.Package + " " + e.Test
		o := seen[key]
		if o == nil {
			o = &outcome{}
			seen[key] = o
			order = append(order, key)
		}
		switch e.Action {
		case "output", "build-output":
			o.output = append(o.output, e.Output)
		case "pass", "fail", "skip":
			if o.action != "fail" {
				o.action = e.Action
			}
			switch t := (took{e.Elapsed, strings.TrimSpace(key)}); {
			case e.Action == "skip":
			case e.Test == "":
				slowPackages = append(slowPackages, t)
			case !strings.Contains(e.Test, "/"):
				slowTests = append(slowTests, t)
			}
			switch {
			case e.Test == "" && e.Action == "skip": // it has no tests
			case e.Test == "":
				packages[e.Package] = true
				if e.Action == "fail" {
					broken = append(broken, e.Package)
				}
			case e.Action == "pass":
				passed++
			case e.Action == "fail":
				failedTests++
			case e.Action == "skip":
				skipped++
			}
		}
	}
	for _, l := range stray {
		fmt.Println(l)
	}
	for _, k := range order {
		o := seen[k]
		if o.action == "fail" || strings.TrimSpace(k) == "" && len(o.output) > 0 {
			fmt.Printf("FAIL %s\n%s", k, strings.Join(tail(o.output, 60), ""))
		}
	}
	for _, k := range order {
		if o := seen[k]; o.action == "skip" && !strings.HasSuffix(k, " ") {
			fmt.Printf("skipped %s: %s\n", k, reason(o.output))
		}
	}
	slices.Sort(broken)
	for _, p := range broken {
		fmt.Println("package failed:", p)
	}
	longest("packages", slowPackages)
	longest("tests", slowTests)
	fmt.Printf("%d packages\n%d passed, %d failed, %d skipped\n", len(packages), passed, failedTests, skipped)
	return failedTests > 0 || len(broken) > 0 || len(stray) > 0 && len(packages) == 0
}

// took is what something took by the clock, in seconds, while another package
// was tested beside it.
type took struct {
	seconds float64
	what    string
}

// longest prints the ten that took longest.
func longest(what string, list []took) {
	slices.SortStableFunc(list, func(a, b took) int { return cmp.Compare(b.seconds, a.seconds) })
	fmt.Printf("the %s that took longest:\n", what)
	for _, t := range list[:min(10, len(list))] {
		fmt.Printf("%8.1f s  %s\n", t.seconds, t.what)
	}
}

func tail(lines []string, n int) []string { return lines[max(0, len(lines)-n):] }

// reason is what a test said when it skipped itself.
func reason(output []string) string {
	for _, l := range output {
		l = strings.TrimSpace(l)
		if l == "" || strings.HasPrefix(l, "===") || strings.HasPrefix(l, "---") {
			continue
		}
		if _, after, ok := strings.Cut(l, ".go:"); ok {
			if _, text, ok := strings.Cut(after, ": "); ok {
				return text
			}
		}
		return l
	}
	return "no reason given"
}
