package mapping

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"pgregory.net/rapid"
)

// jsonText draws JSON with few keys, so that shapes change from record to
// record and keys come twice.
func jsonText(t *rapid.T, depth int) string {
	kind := rapid.IntRange(0, 7).Draw(t, "kind")
	if depth == 0 {
		kind %= 5
	}
	switch kind {
	case 0:
		return "null"
	case 1:
		return rapid.SampledFrom([]string{"0", "-1.50", "1e3", "12345678901234567890"}).Draw(t, "number")
	case 2:
		return strconv.FormatBool(rapid.Bool().Draw(t, "bool"))
	case 3, 4:
		return rapid.SampledFrom([]string{`""`, `"x"`, `"中\u4e2d"`, `"a\"b"`, `" "`}).Draw(t, "text")
	case 5:
		items := rapid.SliceOfN(rapid.Just(0), 0, 3).Draw(t, "items")
		parts := make([]string, len(items))
		for i := range parts {
			parts[i] = jsonText(t, depth-1)
		}
		return "[" + strings.Join(parts, " , ") + "]"
	}
	return objectText(t, depth-1)
}

func objectText(t *rapid.T, depth int) string {
	var parts []string
	for range rapid.IntRange(0, 4).Draw(t, "fields") {
		key := rapid.SampledFrom([]string{"a", "b", "0", "1", "z", `\u0061`}).Draw(t, "key")
		parts = append(parts, `"`+key+`" : `+jsonText(t, depth))
	}
	return "{" + strings.Join(parts, ",\n") + "}"
}

// walk follows a path the slow way.
func walk(v any, path string) any {
	for _, key := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[key]
		case []any:
			v = nil
			if i, err := strconv.Atoi(key); err == nil && i < len(at) {
				v = at[i]
			}
		default:
			return nil
		}
	}
	return v
}

func decode(t *rapid.T, text string) any {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// TestPathsLeadWhereAPlainDecoderFindsThem reads records of changing shape and
// compares every path with a walk through the decoded record.
func TestPathsLeadWhereAPlainDecoderFindsThem(t *testing.T) {
	paths := []string{"a", "b", "a.a", "a.0", "a.1.b", "b.b.a", "b.0.0", "1", "1.1"}
	m := compile(t, "reps", "- to: reps\n  fields: {rep_id: {const: r}}\n  custom: {"+customOf(paths)+"}", Options{})
	rapid.Check(t, func(t *rapid.T) {
		var records []string
		for range rapid.IntRange(1, 4).Draw(t, "records") {
			records = append(records, objectText(t, 3))
		}
		out, err := m.Map(Input{Body: []byte("[" + strings.Join(records, ",") + "]")})
		if err != nil {
			t.Fatal(err)
		}
		defer out.Release()
		custom := out.Batches[0].Record.Column(out.Batches[0].Record.Schema().FieldIndices("custom")[0]).(*array.Map)
		for i, text := range records {
			want := decode(t, text)
			got := customOfRow(custom, i)
			for _, path := range paths {
				checkPath(t, path, got, walk(want, path))
			}
		}
	})
}

func checkPath(t *rapid.T, path string, got map[string]string, want any) {
	text, ok := got[path]
	switch want := want.(type) {
	case nil:
		if ok {
			t.Fatalf("%s: got %q, want nothing", path, text)
		}
	case string:
		if text != strings.TrimSpace(want) {
			t.Fatalf("%s: got %q, want %q", path, text, want)
		}
	default:
		if !ok || !reflect.DeepEqual(decode(t, text), want) {
			t.Fatalf("%s: got %q, want %v", path, text, want)
		}
	}
}

func customOf(paths []string) string {
	var parts []string
	for _, p := range paths {
		parts = append(parts, `"`+p+`": "`+p+`"`)
	}
	return strings.Join(parts, ", ")
}

func customOfRow(m *array.Map, i int) map[string]string {
	out := map[string]string{}
	from, to := m.ValueOffsets(i)
	keys, values := m.Keys().(*array.String), m.Items().(*array.String)
	for k := from; k < to; k++ {
		out[keys.Value(int(k))] = values.Value(int(k))
	}
	return out
}
