package pipeline

import (
	"context"
	"fmt"
	"strings"

	"huikuan/load"
	"huikuan/sql"
)

// StreamStatus is what the warehouse remembers of a stream.
type StreamStatus = load.StreamStatus

// Status returns what the warehouse remembers of every stream that was read.
func (a *App) Status(ctx context.Context) ([]StreamStatus, error) { return a.wh.Status(ctx) }

// sample is the first failing row of a test, for people.
func sample(t sql.TestReport) string {
	if len(t.Sample) == 0 {
		return t.Query
	}
	var parts []string
	for i, v := range t.Sample[0] {
		name := ""
		if i < len(t.Columns) {
			name = t.Columns[i] + "="
		}
		parts = append(parts, name+fmt.Sprint(v))
	}
	return strings.Join(parts, ", ")
}

// modelFailures lists models and tests that did not pass, for people.
func modelFailures(r sql.Report) []string {
	var out []string
	for _, m := range r.Models {
		if m.Reason != "" {
			out = append(out, fmt.Sprintf("model %s: %s", m.Name, brief(m.Reason)))
			continue
		}
		for _, t := range m.Tests {
			if !t.Passed() {
				out = append(out, fmt.Sprintf("model %s, test %s (%s): %d rows, such as %s", m.Name, t.Name, t.Severity, t.Failed, sample(t)))
			}
		}
	}
	return out
}

// brief cuts the engine's copy of the whole statement out of an error.
func brief(reason string) string {
	head, rest, found := strings.Cut(reason, " in scope ")
	if !found {
		return reason
	}
	if i := strings.Index(rest, "Maybe you meant"); i >= 0 {
		head += ". " + rest[i:]
	}
	return head
}
