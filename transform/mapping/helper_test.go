package mapping

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"go.yaml.in/yaml/v3"
)

// checked returns options whose memory must all be given back by the end of the test.
func checked(t testing.TB, o Options) Options {
	t.Helper()
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	t.Cleanup(func() { alloc.AssertSize(t, 0) })
	o.Allocator = alloc
	return o
}

// compile compiles a mapping written as YAML.
func compile(t testing.TB, stream, emit string, o Options) *Mapper {
	t.Helper()
	m, err := Compile(stream, parseYAML(t, emit), checked(t, o))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func parseYAML(t testing.TB, text string) *yaml.Node {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return &n
}

// mapText maps a page and renders what came out.
func mapText(t testing.TB, m *Mapper, in Input) string {
	t.Helper()
	in.LoadedAt = time.Unix(1_790_000_000, 0)
	in.RunID, in.Version = "run", 7
	out, err := m.Map(in)
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	defer out.Release()
	return render(out)
}

// render writes the rows as text, one a line: the columns with a value, the
// deletion marker as a minus in front.
func render(out Output) string {
	var b strings.Builder
	fmt.Fprintf(&b, "read %d, mapped %d, filtered %d, rejected %d\n", out.Read, out.Mapped, out.Filtered, len(out.Rejected))
	for _, batch := range out.Batches {
		fmt.Fprintf(&b, "%s\n", batch.Table)
		for i := range int(batch.Record.NumRows()) {
			b.WriteString(renderRow(batch.Record, i) + "\n")
		}
	}
	for _, r := range out.Rejected {
		fmt.Fprintf(&b, "reject %d %s key=%s field=%s: %s; found %s; expected %s; hint: %s\n  raw %s\n",
			r.Record, r.Table, r.Key, r.Field, r.Reason, r.Found, r.Expected, r.Hint, r.Raw)
	}
	return b.String()
}

var quietColumns = []string{"source", "_stream", "_version", "_run_id", "_loaded_at", "_deleted"}

func renderRow(rec arrow.Record, i int) string {
	line := "  +"
	for c, f := range rec.Schema().Fields() {
		column := rec.Column(c)
		if f.Name == "_deleted" && column.(*array.Uint8).Value(i) == 1 {
			line = "  -" + line[3:]
		}
		if slices.Contains(quietColumns, f.Name) || column.IsNull(i) {
			continue
		}
		if text := cellText(column, i); text != "" {
			line += " " + f.Name + "=" + text
		}
	}
	return line
}

func cellText(column arrow.Array, i int) string {
	switch a := column.(type) {
	case *array.String:
		return a.Value(i)
	case *array.Decimal128:
		return a.ValueStr(i)
	case *array.Map:
		from, to := a.ValueOffsets(i)
		keys, values := a.Keys().(*array.String), a.Items().(*array.String)
		var parts []string
		for k := from; k < to; k++ {
			parts = append(parts, keys.Value(int(k))+":"+values.Value(int(k)))
		}
		return strings.Join(parts, "|")
	}
	return column.ValueStr(i)
}

func mustDecimal(t testing.TB, text string) decimal {
	t.Helper()
	d, fault := parseDecimal([]byte(text), '.')
	if fault != numberOK {
		t.Fatalf("parseDecimal(%q): fault %d", text, fault)
	}
	return d
}

func mustZone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
