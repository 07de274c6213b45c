package extract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/go-faster/jx"
	"pgregory.net/rapid"
)

// recordsByTheBook lists the elements of the lists under a top-level key the
// slow way, each without white space around it.
func recordsByTheBook(t *testing.T, body []byte, key string) (records []string, found bool) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	read := func(v any) {
		if err := d.Decode(v); err != nil {
			t.Fatalf("%q: %v", body, err)
		}
	}
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return nil, false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		var value json.RawMessage
		read(&value)
		if name != key {
			continue
		}
		var list []json.RawMessage
		if json.Unmarshal(value, &list) == nil { // a list, or null
			found = true
		}
		for _, raw := range list {
			records = append(records, string(raw))
		}
	}
	return records, found
}

func checkScan(t *testing.T, body []byte) {
	t.Helper()
	s, err := scanBody(body, "data", nil)
	if !json.Valid(body) {
		if err == nil || !strings.Contains(err.Error(), "not valid JSON") {
			t.Fatalf("%q is not valid JSON, got %v", body, err)
		}
		return
	}
	want, found := recordsByTheBook(t, body, "data")
	if found != (err == nil) {
		t.Fatalf("%q is valid JSON, its list is there: %v; got %v", body, found, err)
	}
	var got []string
	for _, raw := range s.records {
		got = append(got, string(raw))
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%q: got records %q, want %q", body, got, want)
	}
	if bytes.Count(body, []byte("data"))+bytes.Count(body, []byte(`\u`)) > 1 {
		return // it may have two lists: no source pages like that
	}
	for n := 1; n < len(got); n++ {
		copied, left := bytes.Clone(body), []string{}
		again, _ := scanBody(copied, "data", nil)
		err := eachRecord(again.without(copied, n), "data", func(raw jx.Raw) error { left = append(left, string(raw)); return nil })
		if err != nil || !reflect.DeepEqual(left, want[n:]) {
			t.Fatalf("%q without %d: got %q (%v), want %q", body, n, left, err, want[n:])
		}
	}
}

// FuzzScan holds the scanner against encoding/json: what is valid has the same
// records, what is not is refused.
func FuzzScan(f *testing.F) {
	for _, text := range []string{
		`{"data":[{"a":1},{"b":"x\"]}"},[],null]}`, `{"d\u0061ta": [ 1 , -0.5e+3 , "\ud83d\ude00" ] , "n":null}`, `{"data":null}`, `{"data":{}}`, `{}`, `[]`, ``,
		`{"data":[{"a":01}]}`, `{"data":[1.]}`, `{"data":[-]}`, `{"data":[tru]}`, `{"data":["` + "\t" + `"]}`, `{"data":["\x"]}`, `{"data":["\u12g4"]}`,
		`{"data":[1,]}`, `{"data":[{"a":1,}]}`, `{"data":[1]}}`, `{"data":[1}]`, `{"data":[{"a" 1}]}`, `{"data":[{a:1}]}`, `{"data":["12345678\u00e4123456789"]}`,
		`{"data":[1],"data":[2]}`, `{"data":[nullx]}`, "{\"data\":[\"\xff\x80\"]}", ` {"x":{"data":[1]},"data":[ ]} `, `{"data":[1e]}`, `{"data":[.5]}`, `{"data":[+1]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(checkScan)
}

func TestAnAnswerCutAnywhereIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyValue(4).Draw(t, "value")
		body, err := json.Marshal(map[string]any{"data": []any{v}, "next": "x"})
		if err != nil {
			t.Fatal(err)
		}
		for cut := range body {
			if _, err := scanBody(body[:cut], "data", nil); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("breaks off after %d bytes", cut)) {
				t.Fatalf("%q: got %v", body[:cut], err)
			}
		}
	})
}

// anyValue draws what encoding/json can write.
func anyValue(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		kinds := 7
		if depth == 0 {
			kinds = 5
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			return nil
		case 1:
			return rapid.Bool().Draw(t, "bool")
		case 2:
			return rapid.Float64Range(-1e30, 1e30).Draw(t, "number")
		case 3, 4:
			return rapid.String().Draw(t, "text")
		case 5:
			return rapid.SliceOfN(anyValue(depth-1), 0, 4).Draw(t, "list")
		}
		return rapid.MapOfN(rapid.String(), anyValue(depth-1), 0, 4).Draw(t, "object")
	})
}

func TestBrokenAnswersSayWhere(t *testing.T) {
	deep := func(n int) string { return `{"data":[` + strings.Repeat("[", n) + strings.Repeat("]", n) + `]}` }
	for _, c := range []struct{ body, says string }{
		{`{"data":[{"a":1} {"a":2}]}`, `found "{\"a\":2}]}" at byte 18`},
		{`{"data":[{"a":1}`, "breaks off after 16 bytes"},
		{`{"data":[{"a":1}]} {}`, "more after its end"},
		{deep(maxDepth - 1), "at byte " + strconv.Itoa(9+maxDepth)},
		{`{"items":[]}`, `no list of records where the connector expects it ("data")`},
		{`[]`, `no list of records`},
	} {
		if _, err := scanBody([]byte(c.body), "data", nil); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.40s: got %v, want %q", c.body, err, c.says)
		}
	}
	if _, err := scanBody([]byte(deep(maxDepth-2)), "data", nil); err != nil {
		t.Errorf("as deep as encoding/json goes: %v", err)
	}
}

// TestValuesBesideTheRecords reads what a pager needs without going through the
// records, and through them where the path leads there.
func TestValuesBesideTheRecords(t *testing.T) {
	body := []byte(`{"meta":{"next":"t\u00f6ken","total":12.50},"result":{"data":[{"id":7},{"id":8}],"more":true},"tail":[1,{"x":null}]}`)
	s, err := scanBody(body, "result.data", nil)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"meta.next": "töken", "meta.total": "12.50", "result.more": "true", "result.data.1.id": "8", "tail.0": "1", "tail.1.x": "", "none.there": "",
		"meta": `{"next":"t\u00f6ken","total":12.50}`,
	} {
		if got := s.value(body, path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	if got := s.values(body, "result.data.*.id"); !reflect.DeepEqual(got, []string{"7", "8"}) {
		t.Errorf("got %q", got)
	}
	if hasField(body, []string{"result", "less"}) || !hasField(body, []string{"result", "more"}) {
		t.Error("hasField")
	}
}
