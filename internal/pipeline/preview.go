package pipeline

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"huikuan/config"
	"huikuan/extract"
	"huikuan/transform/canonical"
	"huikuan/transform/mapping"
)

// Preview is what the first records of a stream become; nothing is written.
type Preview struct {
	Source, Stream         string
	Tables                 []PreviewTable
	Rejects                []Reject
	Pages                  int
	Read, Mapped, Filtered int64
	Rejected               int64
}

// PreviewTable is the first rows that go to one table; columns that are empty in
// all of them are left out.
type PreviewTable struct {
	Table   string
	Rows    int64 // all that the pages read so far give
	Columns []string
	Cells   [][]any // nil = unknown, else text
}

// previewPages is how many pages a preview reads at most, lest a table that gets
// hardly any rows make it read everything.
const previewPages = 5

// PreviewStream reads the first pages of a stream from the beginning and maps
// them, until each of its tables has that many rows. It needs no warehouse.
func PreviewStream(ctx context.Context, cfg *config.Config, log *slog.Logger, source, name string, rows int) (Preview, error) {
	a := &App{cfg: cfg, log: log, now: time.Now}
	out := Preview{Source: source, Stream: name}
	chosen, err := a.chosen([]string{source})
	if err != nil {
		return out, err
	}
	src, err := a.openSource(ctx, chosen[0])
	if err != nil {
		return out, err
	}
	defer src.Close()
	if err := checkAsked([]string{name}, []*extract.Source{src}); err != nil {
		return out, err
	}
	streams, err := a.streams(chosen[0], src, []string{name})
	if err != nil {
		return out, err
	}
	p := previewer{st: streams[0], rows: rows, out: &out}
	for _, t := range p.st.mapper.Tables() {
		out.Tables = append(out.Tables, PreviewTable{Table: t, Columns: previewColumns(t)})
	}
	for page, err := range src.Pages(ctx, name, nil) {
		if err == nil {
			err = p.add(page)
		}
		if err != nil {
			return out, err
		}
		if out.Pages >= previewPages || p.enough() {
			break
		}
	}
	for i := range out.Tables {
		out.Tables[i].dropEmpty()
	}
	return out, nil
}

// previewColumns are the columns of a table that a mapping fills, and custom.
func previewColumns(table string) []string {
	t, _ := canonical.Lookup(table)
	var out []string
	for _, c := range t.Columns {
		if out = append(out, c.Name); c.Name == "custom" {
			break // the system columns follow
		}
	}
	return append(out, "_deleted")
}

type previewer struct {
	st   stream
	rows int
	out  *Preview
}

func (p previewer) enough() bool {
	return !slices.ContainsFunc(p.out.Tables, func(t PreviewTable) bool { return len(t.Cells) < p.rows })
}

func (p previewer) add(page extract.Page) error {
	if page.Keys || page.Count == 0 && len(page.Broken) == 0 {
		return nil
	}
	p.out.Pages++
	out, err := p.st.mapper.Map(mapping.Input{Body: page.Body, Records: page.Records, Columns: page.Columns, Lookups: page.Lookups, First: page.First,
		Version: 1, RunID: "preview", LoadedAt: page.FetchedAt.UTC()})
	if err != nil {
		return err
	}
	defer out.Release()
	for _, b := range out.Batches {
		for i := range p.out.Tables {
			if t := &p.out.Tables[i]; t.Table == b.Table {
				t.add(b.Record, p.rows)
			}
		}
	}
	p.out.Read += int64(out.Read + len(page.Broken))
	p.out.Mapped += int64(out.Mapped)
	p.out.Filtered += int64(out.Filtered)
	p.out.Rejected += int64(len(out.Rejected) + len(page.Broken))
	for _, r := range out.Rejected {
		if len(p.out.Rejects) < p.rows {
			p.out.Rejects = append(p.out.Rejects, Reject{Rejected: rejected(r, page.Line(int(r.Record-page.First)))})
		}
	}
	for _, b := range page.Broken {
		if len(p.out.Rejects) < p.rows {
			stored := Reject{}
			stored.Record, stored.Reason, stored.Raw = b.Line, b.Reason, b.Raw
			p.out.Rejects = append(p.out.Rejects, stored)
		}
	}
	return nil
}

// add takes the first rows of a batch, up to limit in all.
func (t *PreviewTable) add(rec arrow.Record, limit int) {
	t.Rows += rec.NumRows()
	for row := 0; row < int(rec.NumRows()) && len(t.Cells) < limit; row++ {
		cells := make([]any, len(t.Columns))
		for i, name := range t.Columns {
			if at := rec.Schema().FieldIndices(name); len(at) > 0 {
				cells[i] = cellText(rec.Column(at[0]), row)
			}
		}
		t.Cells = append(t.Cells, cells)
	}
}

// cellText is a value as people read it; nil = unknown, empty or none.
func cellText(column arrow.Array, row int) any {
	if column.IsNull(row) {
		return nil
	}
	switch c := column.(type) {
	case *array.Map:
		from, to := c.ValueOffsets(row)
		var parts []string
		for i := from; i < to; i++ {
			parts = append(parts, c.Keys().ValueStr(int(i))+": "+c.Items().ValueStr(int(i)))
		}
		if len(parts) == 0 {
			return nil
		}
		return strings.Join(parts, ", ")
	case *array.Uint8: // the marker of deletion
		if c.Value(row) == 0 {
			return nil
		}
		return "yes"
	case *array.Timestamp:
		return c.Value(row).ToTime(arrow.Microsecond).UTC().Format("2006-01-02 15:04:05")
	case *array.Decimal128:
		text := c.ValueStr(row)
		if strings.Contains(text, ".") {
			text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
		}
		return text
	}
	if text := column.ValueStr(row); text != "" {
		return text
	}
	return nil
}

// dropEmpty leaves out columns without any value.
func (t *PreviewTable) dropEmpty() {
	for i := len(t.Columns) - 1; i >= 0; i-- {
		if slices.ContainsFunc(t.Cells, func(row []any) bool { return row[i] != nil }) {
			continue
		}
		t.Columns = slices.Delete(t.Columns, i, i+1)
		for row := range t.Cells {
			t.Cells[row] = slices.Delete(t.Cells[row], i, i+1)
		}
	}
}
