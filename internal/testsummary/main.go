// Command testsummary reads the output of `go test -json` and prints what a
// person wants to know: failures with their output, skipped tests with their
// reasons, and one closing line of counts.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
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
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: testsummary FILE")
		os.Exit(2)
	}
	f, err := os.Open(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	defer f.Close()
	if failed := summarise(bufio.NewScanner(f)); failed {
		os.Exit(1)
	}
}

func summarise(in *bufio.Scanner) bool {
	in.Buffer(make([]byte, 1<<20), 1<<26)
	seen := map[string]*outcome{}
	var order, stray []string
	passed, failedTests, skipped, packages := 0, 0, 0, 0
	var broken []string
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
			o.action = e.Action
			switch {
			case e.Test == "" && e.Action == "fail":
				broken = append(broken, e.Package)
			case e.Test == "":
				if e.Action == "pass" {
					packages++
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
	fmt.Printf("%d packages\n%d passed, %d failed, %d skipped\n", packages+len(broken), passed, failedTests, skipped)
	return failedTests > 0 || len(broken) > 0 || len(stray) > 0 && packages == 0
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
