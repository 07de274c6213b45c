package config

import (
	"reflect"
	"strings"
	"testing"
)

func TestUsersAndWhatTheySeeAreRead(t *testing.T) {
	env := func(name string) (string, bool) { return "s3cret", name == "WANG" }
	cfg, err := parse([]byte("access:\n  queries_per_hour: 100\n  users:\n    - {name: grafana, password: '${env:WANG}'}\n    - {name: wang, password: x, reps: [R1, '007'], companies: [CN01]}\n"), Options{Path: "huikuan.yaml", Env: env})
	if err != nil {
		t.Fatal(err)
	}
	want := []User{{Name: "grafana", Password: "s3cret"}, {Name: "wang", Password: "x", Reps: []string{"R1", "007"}, Companies: []string{"CN01"}}}
	if !reflect.DeepEqual(cfg.Access.Users, want) || cfg.Access.QueriesPerHour != 100 || cfg.Access.SecondsPerHour != 3600 {
		t.Errorf("got %+v", cfg.Access)
	}
}

// What would open more than was meant is refused.
func TestWrongUsersAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"users: wang":           "expected a list, each entry beginning",
		"users: [wang]":         "expected `name:` and `password:`",
		"users: [{name: wang}]": "has no password",
		"users: [{name: 'wang; DROP', password: x}]":              "expected letters, digits and underscores",
		"users: [{name: a, password: x, reps: []}]":               "expected a list of at least one, such as [R1]",
		"users: [{name: a, password: x, reps: }]":                 "expected a list of at least one",
		"users: [{name: a, password: x, teams: North}]":           "expected a list of at least one, such as [North]",
		"users: [{name: a, password: x, reps: [' ']}]":            "has an empty name",
		"users: [{name: a, password: x, rep: [R1]}]":              `unknown setting, did you mean "reps"?`,
		"users: [{name: a, password: x}, {name: a, password: y}]": "stands on line 2 already",
	} {
		_, err := parse([]byte("access:\n  "+text+"\n"), Options{Path: "huikuan.yaml", Env: func(string) (string, bool) { return "", false }})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
