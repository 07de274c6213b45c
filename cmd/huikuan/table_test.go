package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"huikuan/internal/pipeline"
)

// reps is a table of 84 columns that wraps to 58 and no further.
func reps(out *bytes.Buffer, width int) *grid {
	g := newTable(out, "rep", "remark on the rep", "collected in CNY", "promises kept")
	g.width = width
	g.alignRight(3, 4)
	g.AppendRow(table.Row{"张艳", "sees each customer once a month", "3,429,439.95", "6 of 10"})
	g.AppendSeparator()
	g.AppendRow(table.Row{"Lars Köhler", "", "12.00"})
	return g
}

func TestATableFitsItsTerminalAndLosesNoFigure(t *testing.T) {
	for _, width := range []int{0, 200, 70, 60, 58} {
		var out bytes.Buffer
		reps(&out, width).Render()
		for _, want := range []string{"3,429,439.95", "6 of 10", "12.00", "Köhler"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%d columns: %q is missing in\n%s", width, want, &out)
			}
		}
		if n := text.LongestLineLen(out.String()); width > 0 && n > width {
			t.Errorf("%d columns: %d wide:\n%s", width, n, &out)
		}
	}
}

func TestATableTooWideForItsTerminalNamesWhatItLeavesOut(t *testing.T) {
	var out bytes.Buffer
	reps(&out, 50).Render()
	if !strings.Contains(out.String(), "3,429,439.95") || !strings.Contains(out.String(), "A wider terminal also shows: promises kept.") {
		t.Errorf("got\n%s", &out)
	}
}

func TestAResultTooWideForItsTerminalIsShownRowByRow(t *testing.T) {
	var out bytes.Buffer
	g := newTable(&out, "as_of", "open_amount", "collected")
	g.width, g.tall = 20, true
	g.AppendRow(table.Row{"2026-01-31", "1,234.50", "–"})
	g.Render()
	want := "── row 1 of 1 ──────\nas_of        2026-01-31\nopen_amount  1,234.50\ncollected    –\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", &out, want)
	}
}

func TestAmountsOfAColumnStandPointUnderPoint(t *testing.T) {
	rows := []table.Row{{"1234.5"}, {"-7"}, {none}, {"0.1250"}}
	alignDecimals(rows, 0)
	for i, want := range []string{"1,234.5000", "-7.0000", none, "0.1250"} {
		if rows[i][0] != want {
			t.Errorf("row %d is %v, want %s", i, rows[i][0], want)
		}
	}
	whole := []table.Row{{"12000"}, {"0"}}
	if alignDecimals(whole, 0); whole[0][0] != "12,000" {
		t.Errorf("got %v", whole[0][0])
	}
}

func TestWhatManyStreamsRanIntoIsSaidOnce(t *testing.T) {
	down := errors.New("nothing answers at http://127.0.0.1:9")
	var errs []error
	for _, s := range []string{"companies", "customers", "customers", "invoices", "payments", "disputes"} {
		errs = append(errs, &pipeline.StreamError{Source: "erp", Stream: s, Page: 1, Err: down, Hint: "Check the address."})
	}
	errs = append(errs, errors.New("the warehouse is full"))
	want := "extract erp/companies, erp/customers, erp/invoices, 2 more: nothing answers at http://127.0.0.1:9. Check the address\nhuikuan: the warehouse is full"
	if got := explain(errors.Join(errs...)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAStreamsStateReadsAsWhereItContinues(t *testing.T) {
	for state, want := range map[string]string{
		"":                             "",
		`{"version":1795302902728715}`: "",
		`{"cursor":{"cursors":{"":"2026-10-30"}},"version":1}`:                     "2026-10-30",
		`{"cursor":{"cursors":{"b":"2026-10-30","a":"2026-10-01"}}}`:               "2026-10-01 and 1 later",
		`{"cursor":{"files":{"a.csv":{"size":1}}}}`:                                "1 file",
		`{"cursor":{"files":{"a.csv":{"size":1},"b.csv":{"size":2}}},"version":2}`: "2 files",
	} {
		if got := cursorText(state); got != want {
			t.Errorf("%s reads as %q, want %q", state, got, want)
		}
	}
}
