package sql

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed reports/*.sql
var reports embed.FS

// ReportQuery returns the text of a shipped report: a query for people in a
// terminal, on published tables. Its result columns are named in the file.
func ReportQuery(name string) (string, error) {
	b, err := reports.ReadFile("reports/" + name + ".sql")
	if err != nil {
		return "", fmt.Errorf("there is no report %q: %w", name, err)
	}
	return strings.TrimRight(strings.TrimSpace(string(b)), ";"), nil
}
