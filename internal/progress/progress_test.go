package progress

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestOffATerminalATaskEndsInOneLineWithCounts(t *testing.T) {
	var out bytes.Buffer
	r := New(&out, slog.New(slog.NewTextHandler(&out, nil)))
	task := r.Task("erp/invoices", "records")
	task.Total(10)
	task.Add(7)
	task.Add(3)
	task.Done("10 loaded")
	task.Done("twice is once")
	r.Wait()
	got := out.String()
	for _, want := range []string{"task=erp/invoices", "records=10", "of=10", `result="10 loaded"`} {
		if !strings.Contains(got, want) {
			t.Errorf("log lacks %s: %s", want, got)
		}
	}
	if n := strings.Count(got, "\n"); n != 1 {
		t.Errorf("%d lines, want 1: %s", n, got)
	}
}

func TestANilReporterIsSilent(t *testing.T) {
	var r *Reporter
	task := r.Task("x", "y")
	task.Add(1)
	task.Fail("nothing to see")
	r.Wait()
}

func TestCountsAreGroupedByThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "−1,234,567", 100000: "100,000"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %s, want %s", n, got, want)
		}
	}
}
