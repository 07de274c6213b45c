package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rooms maps a top folder to the rooms of this module that it may import. A
// room always may import itself.
var rooms = map[string][]string{
	"cmd":                  {"config", "dashboards", "internal/pipeline", "internal/connectors", "internal/demo", "internal/progress", "internal/report"},
	"config":               {},
	"extract":              {"internal/keys"},
	"transform":            {"internal/keys"},
	"load":                 {"transform"},
	"sql":                  {"transform"},
	"dashboards":           {},
	"deploy":               {}, // holds a test of its files only
	"internal/arch":        {},
	"internal/connectors":  {"config", "extract", "transform", "internal/keys", "internal/pipeline"},
	"internal/dbtest":      {},
	"internal/demo":        {},
	"internal/faults":      {},
	"internal/keys":        {},
	"internal/progress":    {},
	"internal/systems":     {"config", "internal/pipeline", "transform"},
	"internal/testsummary": {},
	"internal/bench":       {"extract", "transform", "load", "sql", "config", "dashboards", "internal/pipeline", "internal/demo"}, // dashboards: it times their queries
	"internal/pipeline":    {"config", "extract", "transform", "load", "sql", "dashboards", "internal/progress"},
}

// only lists the rooms that may import a module outside.
var only = map[string][]string{
	"github.com/apache/arrow/go/v17":        {"transform", "load", "internal/connectors", "internal/pipeline", "internal/bench"},
	"github.com/ClickHouse/clickhouse-go":   {"load"},
	"github.com/hashicorp/go-retryablehttp": {"extract"},
	"github.com/ebitengine/purego":          {"load"},
	"github.com/spf13/viper":                {"config"},
	"github.com/spf13/cobra":                {"cmd"},
}

type pkg struct {
	ImportPath  string
	Imports     []string
	TestImports []string
}

func TestEveryRoomImportsOnlyWhatItMay(t *testing.T) {
	for _, p := range list(t) {
		room := roomOf(p.ImportPath)
		if room == "" {
			t.Errorf("%s stands in no room of the architecture", p.ImportPath)
			continue
		}
		for _, imp := range p.Imports {
			if other := roomOf(imp); other != "" && other != room && !slices.Contains(rooms[room], other) {
				t.Errorf("%s imports %s: %s may import %v", p.ImportPath, imp, room, rooms[room])
			}
			for module, allowed := range only {
				if strings.HasPrefix(imp, module) && !slices.Contains(allowed, room) {
					t.Errorf("%s imports %s: only %v may", p.ImportPath, imp, allowed)
				}
			}
		}
	}
}

func roomOf(path string) string {
	path, ok := strings.CutPrefix(path, "huikuan/")
	if !ok {
		return ""
	}
	parts := strings.Split(path, "/")
	if parts[0] == "internal" && len(parts) > 1 {
		parts = []string{parts[0] + "/" + parts[1]}
	}
	if _, known := rooms[parts[0]]; known {
		return parts[0]
	}
	return ""
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports", "huikuan/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var pkgs []pkg
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	if len(pkgs) < 8 {
		t.Fatalf("only %d packages found", len(pkgs))
	}
	return pkgs
}
