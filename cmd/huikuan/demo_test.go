package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"huikuan/config"
)

func TestASecondDemoKeepsWhatWasAddedToItsConfiguration(t *testing.T) {
	_, servers := small(t, 0)
	dir := t.TempDir()
	for _, c := range []struct{ added, want string }{
		{"", "name: crm"},
		{"models:\n  paths: [mine]\nreporting_currency: EUR\n", "- mine"},
		{"null\n", "name: crm"},
	} {
		path := filepath.Join(dir, config.DefaultFile)
		if c.added != "" {
			if err := os.WriteFile(path, []byte(c.added), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := writeDemoConfig(dir, servers); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{c.want, "reporting_currency: CNY", servers.ERPURL} {
			if !strings.Contains(string(text), want) {
				t.Errorf("after %q: no %q in\n%s", c.added, want, text)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, config.DefaultFile), []byte("sources: ["), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := writeDemoConfig(dir, servers); err == nil || !strings.Contains(err.Error(), config.DefaultFile) {
		t.Errorf("of a file that is no YAML: %v", err)
	}
}
