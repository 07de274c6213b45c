package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"huikuan/internal/demo"
)

// TestMain lets the test binary be the command itself: scripts and the kill test
// run it as a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"huikuan": func() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) },
		buildAFew: func() { os.Exit(aFewModels(os.Args[1], os.Args[2])) },
	})
}

// library is libchdb as `make setup` installs it.
func library(t testing.TB) string {
	t.Helper()
	found, err := filepath.Glob("../../node_modules/@chdb/*/libchdb.*")
	if err != nil || len(found) == 0 {
		t.Fatal("libchdb is not installed: run `npm ci` in the project's folder")
	}
	abs, err := filepath.Abs(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// small is a business that is quick to sync.
func small(t testing.TB, day int) (*demo.Company, *demo.Servers) {
	t.Helper()
	c := demo.NewCompany(demo.Options{Seed: 7, Invoices: 400, Day: day})
	s, err := demo.Serve(context.Background(), c, demo.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return c, s
}

func TestCommandLine(t *testing.T) {
	_, servers := small(t, 0)
	lib := library(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HUIKUAN_LIBCHDB", lib)
			e.Setenv("ERP_URL", servers.ERPURL)
			e.Setenv("ERP_KEY", servers.ERPKey)
			e.Setenv("ERP_SECRET", servers.ERPSecret)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": code, "lines": lines},
	})
}

// code N huikuan …: the command ends with that exit code.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command …")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("%s ended with %s, want exit code %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// lines FILE N: the file (or stdout, stderr) has N lines.
func lines(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: lines FILE N")
	}
	n := strings.Count(ts.ReadFile(args[0]), "\n")
	if want := args[1]; (want == strconv.Itoa(n)) == neg {
		ts.Fatalf("%s has %d lines, want %s", args[0], n, want)
	}
}
