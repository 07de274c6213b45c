package mapping

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/canonical"
)

// mapReps maps records of reps by a mapping with the given additions and
// returns the rows as text.
func mapReps(t *testing.T, emit, records string, lookups map[string]map[string]string) string {
	t.Helper()
	return mapText(t, compile(t, "reps", emit, Options{Source: "s"}), Input{Body: []byte(records), Lookups: lookups})
}

func TestConditionsChooseRows(t *testing.T) {
	lookups := map[string]map[string]string{"kind": {"J1": "Write Off", "J2": "Bank"}, "open": {"J1": "1", "J2": ""}}
	for _, c := range []struct{ when, record, want string }{
		{`{a: 1}`, `"a":1`, "yes"}, {`{a: 1}`, `"a":1.0`, "yes"}, {`{a: 1}`, `"a":"1"`, "yes"}, {`{a: 1}`, `"a":true`, "no"}, {`{a: 1}`, `"b":1`, "no"},
		{`{a: [0, null]}`, `"a":0`, "yes"}, {`{a: [0, null]}`, `"a":null`, "yes"}, {`{a: [0, null]}`, `"a":" "`, "yes"}, {`{a: [0, null]}`, ``, "yes"},
		{`{a: [0, null]}`, `"a":1`, "no"}, {`{a: []}`, ``, "no"}, {`{a: []}`, `"a":1`, "no"},
		{`{a: true}`, `"a":true`, "yes"}, {`{a: true}`, `"a":"Yes"`, "yes"}, {`{a: true}`, `"a":1`, "yes"}, {`{a: true}`, `"a":false`, "no"}, {`{a: true}`, `"a":"x"`, "no"},
		{`{a: x, b: y}`, `"a":"x","b":"y"`, "yes"}, {`{a: x, b: y}`, `"a":"x","b":"z"`, "no"},
		{`{not: {a: x, b: y}}`, `"a":"x","b":"z"`, "yes"}, {`{not: {a: x}}`, `"a":"x"`, "no"},
		{`{a: {not: [x, null]}}`, `"a":"y"`, "yes"}, {`{a: {not: [x, null]}}`, ``, "no"},
		{`{any: [{a: x}, {b: y}]}`, `"b":"y"`, "yes"}, {`{any: [{a: x}, {b: y}]}`, `"b":"x"`, "no"},
		{`{a: {not_empty: true}}`, `"a":0`, "yes"}, {`{a: {not_empty: true}}`, `"a":""`, "no"}, {`{a: {empty: true}}`, ``, "yes"}, {`{a: {empty: false}}`, ``, "no"},
		{`{a: {gt: 0}}`, `"a":"0.01"`, "yes"}, {`{a: {gt: 0}}`, `"a":0`, "no"}, {`{a: {gt: 0}}`, `"a":"x"`, "no"}, {`{a: {gt: 0}}`, ``, "no"},
		{`{a: {gte: 1, lt: 2}}`, `"a":1`, "yes"}, {`{a: {gte: 1, lt: 2}}`, `"a":2`, "no"}, {`{a: {lte: -1}}`, `"a":-1.5`, "yes"},
		{`{a: {same_as: b}}`, `"a":"x","b":"x"`, "yes"}, {`{a: {differs_from: b}}`, `"a":"x","b":"x"`, "no"}, {`{a: {differs_from: b}}`, `"a":"x"`, "yes"},
		{`{a: {lookup: [kind], in: [Write Off]}}`, `"a":"J1"`, "yes"}, {`{a: {lookup: [kind], in: [Write Off]}}`, `"a":"J2"`, "no"},
		{`{a: {in: [Write Off], lookup: [kind]}}`, `"a":"J1"`, "yes"},
		{`{a: {lookup: [kind], in: [Write Off]}}`, `"a":"J3"`, "no"}, {`{a: {lookup: [kind]}}`, `"a":"J2"`, "yes"}, {`{a: {lookup: [kind]}}`, `"a":"J3"`, "no"},
		{`{a: {lookup: [kind, open], all: true}}`, `"a":"J1"`, "yes"}, {`{a: {lookup: [kind, open], all: true}}`, `"a":"J2"`, "no"},
		{`{a: {in_dictionary: kind}}`, `"a":"J1"`, "yes"}, {`{a: {in_dictionary: kind}}`, ``, "no"},
		{`{a: {in: [x, y]}}`, `"a":"y"`, "yes"}, {`{a.b.1: x}`, `"a":{"b":[0,"x"]}`, "yes"}, {`{}`, ``, "yes"},
	} {
		records := `[{"id":"r"}]`
		if c.record != "" {
			records = `[{"id":"r",` + c.record + `}]`
		}
		got := "no"
		if strings.Contains(mapReps(t, "- to: reps\n  when: "+c.when+"\n  fields: {rep_id: id}", records, lookups), "mapped 1") {
			got = "yes"
		}
		if got != c.want {
			t.Errorf("when %s, record %s: got %s, want %s", c.when, records, got, c.want)
		}
	}
}

func TestFieldsTakeTheirValues(t *testing.T) {
	lookups := map[string]map[string]string{"d1": {"a": "b", "e": ""}, "d2": {"b": "c"}}
	for _, c := range []struct{ field, record, want string }{
		{`x`, `"x":" a  "`, "a"}, {`x`, `"x":""`, "-"}, {`x`, `"x":null`, "-"}, {`x`, ``, "-"}, {`x`, `"x":007.5`, "error"}, {`x`, `"x":7.50`, "7.50"},
		{`x.y`, `"x":null`, "-"}, {`x.y`, `"x":"text"`, "-"}, {`x.y`, `"x":[1]`, "-"}, {`x.1`, `"x":[0,"b"]`, "b"}, {`x.1`, `"x":{"1":"b"}`, "b"},
		{`[x, y]`, `"x":"","y":"b"`, "b"}, {`{path: [x, y], skip_zero: true}`, `"x":0.0,"y":"b"`, "b"}, {`{path: [x, y]}`, `"x":0,"y":"b"`, "0"},
		{`{const: k}`, ``, "k"}, {`{const: null}`, ``, "-"}, {`{path: x, default: d}`, `"x":" "`, "d"}, {`{path: x, if_empty: d}`, ``, "d"},
		{`{path: x, empty: ["-", 0]}`, `"x":"-"`, "-"}, {`{path: x, empty: ["-", 0]}`, `"x":0.00`, "-"}, {`{path: x, zero: "null"}`, `"x":0.00`, "-"},
		{`{template: "{{x}}|{{y}}"}`, `"x":1,"y":"b"`, "1|b"}, {`{template: "{{x}}|{{y}}"}`, `"y":"b"`, "|b"}, {`{template: "{{x}}|{{y}}"}`, `"x":""`, "-"},
		{`{path: x, map: {a: A, b: null}}`, `"x":"a"`, "A"}, {`{path: x, map: {a: A, b: null}}`, `"x":"b"`, "-"}, {`{path: x, map: {a: A}}`, `"x":"c"`, "reject"},
		{`{path: x, map: {a: A}, otherwise: keep}`, `"x":"c"`, "c"}, {`{path: x, map: {a: A}, otherwise: "null"}`, `"x":"c"`, "-"},
		{`{path: x, map: {a: A}, otherwise: Z}`, `"x":"c"`, "Z"}, {`{path: x, map: {a: A}, default: D}`, `"x":"c"`, "D"}, {`{path: x, map: {a: A}, if_empty: D}`, `"x":"c"`, "reject"},
		{`{path: x, map: {"1": one, "true": yes}}`, `"x":1`, "one"}, {`{path: x, map: {"1": one, "true": wahr}}`, `"x":true`, "wahr"},
		{`{path: x, lookup: d1}`, `"x":"a"`, "b"}, {`{path: x, lookup: [d1, d2]}`, `"x":"a"`, "c"}, {`{path: x, lookup: [d1, d2]}`, `"x":"z"`, "reject"},
		{`{path: x, lookup: d1}`, `"x":"e"`, "reject"}, {`{path: x, lookup: nowhere, otherwise: keep}`, `"x":"z"`, "z"}, {`{path: x, lookup: d1, otherwise: "null"}`, `"x":"z"`, "-"},
		{`{path: x, lookup: d1}`, `"x":null`, "-"}, {`{path: x, lookup: d1, map: {b: B}}`, `"x":"a"`, "B"}, {`x`, `"x":{"a":1}`, "reject"}, {`x`, `"x":[]`, "reject"},
		{`x`, `"x":12345678901234567890`, "12345678901234567890"}, {`x`, `"x":"\u4e2d\ud83d\ude00\n"`, "中😀"}, {`x`, `"x":"\ud83d"`, "\ufffd"},
		{`x`, `"x":"a\"b\\c\/d"`, `a"b\c/d`}, {`a\.b`, `"a.b":"q"`, "q"}, {`x`, `"x":"1","x":"2"`, "2"}, {`x`, `"x":"1","x":null`, "-"},
	} {
		records := strings.Replace(`[{"id":"r",`+c.record+`}]`, ",}", "}", 1)
		out := mapReps(t, "- to: reps\n  fields: {rep_id: id, name: "+c.field+"}", records, lookups)
		got := "-"
		if _, after, found := strings.Cut(out, "name="); found {
			got = strings.TrimSuffix(after, "\n")
		}
		switch {
		case strings.HasPrefix(out, "error"):
			got = "error"
		case strings.Contains(out, "rejected 1"):
			got = "reject"
		}
		if got != c.want {
			t.Errorf("%s of %s: got %q, want %q\n%s", c.field, records, got, c.want, out)
		}
	}
}

func TestAmountsTakeSignScaleAndRounding(t *testing.T) {
	for _, c := range []struct{ options, amount, want string }{
		{`negate: true`, `-5.25`, "5.25"}, {`abs: true`, `-5.25`, "5.25"}, {`scale: "0.01"`, `12345`, "123.45"}, {`scale: 1000`, `"1.2345678"`, "1234.5678"},
		{`round: 2`, `0.30000000000000004`, "0.3"}, {`round: 2`, `1.005`, "1.01"}, {`round: 0`, `-2.5`, "-3"}, {`round: 2`, `33.3349999`, "33.33"},
		{`decimal: ","`, `"1,5"`, "1.5"}, {`decimal: ","`, `1.5`, "1.5"}, {`number: loose`, `"€ 1,234.5"`, "1234.5"}, {`number: strict`, `"1,234.5"`, "reject"},
		{`zero: "null"`, `0`, "reject"}, {`default: 3`, `null`, "3"}, {`default: 3`, `"x"`, "reject"}, {`default: 3`, `true`, "reject"},
	} {
		m := compile(t, "recoveries", "- to: recoveries\n  fields: {recovery_id: id, write_off_id: id, recovery_date: {const: 2026-01-01}, amount: {path: x, "+c.options+"}}", Options{})
		out := mapText(t, m, Input{Body: []byte(`[{"id":1,"x":` + c.amount + `}]`)})
		_, got, ok := strings.Cut(strings.TrimSpace(out), "amount=")
		if !ok {
			got = "reject"
		}
		if got != c.want {
			t.Errorf("%s of %s: got %q, want %q\n%s", c.options, c.amount, got, c.want, out)
		}
	}
}

func TestBrokenUTF8IsReplacedInNamesAndRefusedInIdentifiers(t *testing.T) {
	m := compile(t, "reps", "- to: reps\n  fields: {rep_id: id, name: name}\n  custom: [note]", Options{})
	out := mapText(t, m, Input{Body: []byte("[{\"id\":\"1\",\"name\":\"M\xfcller\",\"note\":\"\xff\"},{\"id\":\"\xd6\",\"name\":\"x\"}]")})
	if !strings.Contains(out, "rep_id=1 name=M\ufffdller custom=note:\ufffd") || !strings.Contains(out, "rep_id is not valid UTF-8") {
		t.Error(out)
	}
}

func TestARejectedRecordLeavesNoRowInAnyTable(t *testing.T) {
	m := compile(t, "reps", `
- {to: reps, fields: {rep_id: id}}
- {to: targets, fields: {rep_id: id, month: month, amount: amount, currency: {const: EUR}}}`, Options{})
	out := mapText(t, m, Input{Body: []byte(`[{"id":1,"month":"2026-01-01","amount":1},{"id":2,"month":"2026-01-01","amount":"?"},{"id":3,"month":"2026-01-01","amount":3}]`), First: 40})
	if strings.Contains(out, "rep_id=2") || !strings.Contains(out, "read 3, mapped 2, filtered 0, rejected 1") || !strings.Contains(out, "reject 41 targets key=2/2026-01-01") {
		t.Error(out)
	}
}

func TestABrokenPageGivesNothingAndTheNextPageIsWhole(t *testing.T) {
	m := compile(t, "reps", "- {to: reps, fields: {rep_id: id}}", Options{Source: "crm"})
	for _, body := range []string{`[{"id":1},{"id":2]`, `[{"id":1}`, `[{"id":1}] tail`, ``, `{"id":`, `"text"`, `7`, `[{"id":"\x"}]`} {
		_, err := m.Map(Input{Body: []byte(body)})
		if err == nil || !strings.HasPrefix(err.Error(), "map crm/reps: ") {
			t.Errorf("%s: error %v", body, err)
		}
		if out := mapText(t, m, Input{Body: []byte(`[{"id":9}]`)}); !strings.Contains(out, "mapped 1,") || strings.Contains(out, "rep_id=1") {
			t.Errorf("after %s: %s", body, out)
		}
	}
}

func TestRecordsAreFoundAtTheirPath(t *testing.T) {
	m := compile(t, "reps", "- {to: reps, fields: {rep_id: id}}", Options{})
	for _, c := range []struct{ path, body, want string }{
		{"", `[{"id":1}]`, "mapped 1"}, {"", "\xef\xbb\xbf [ ] ", "read 0"}, {"d.results", `{"x":[1],"d":{"results":[{"id":1}],"n":2}}`, "mapped 1"},
		{"data", `{"data":{"id":1}}`, "mapped 1"}, {"data", `{"data":null}`, "read 0"}, {"data", `{"data":7}`, "error"}, {"data", `{"data":[],"data":[{"id":1}]}`, "error"},
		{"1.rows", `[{}, {"rows":[{"id":1}]}]`, "mapped 1"}, {"data", `[]`, "error"}, {"data", `null`, "error"},
	} {
		if out := mapText(t, m, Input{Body: []byte(c.body), Records: c.path}); !strings.Contains(out, c.want) {
			t.Errorf("%s at %q: %s", c.body, c.path, out)
		}
	}
}

func TestBatchesHaveTheSchemaAndSystemColumnsOfTheirTable(t *testing.T) {
	m := compile(t, "sales_persons", "- {to: reps, delete_when: {gone: true}, fields: {rep_id: id}}", Options{Source: "erp"})
	loaded := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	out, err := m.Map(Input{Body: []byte(`[{"id":1},{"id":2,"gone":true}]`), Version: 42, RunID: "run-1", LoadedAt: loaded})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Release()
	rec := out.Batches[0].Record
	table, _ := canonical.Lookup("reps")
	if !rec.Schema().Equal(table.Arrow()) {
		t.Errorf("schema %v", rec.Schema())
	}
	column := func(name string) int { return rec.Schema().FieldIndices(name)[0] }
	for i := range 2 {
		got := fmt.Sprint(rec.Column(column("source")).ValueStr(i), rec.Column(column("_stream")).ValueStr(i), rec.Column(column("_run_id")).ValueStr(i), rec.Column(column("_version")).(*array.Uint64).Value(i),
			rec.Column(column("_deleted")).(*array.Uint8).Value(i), int64(rec.Column(column("_loaded_at")).(*array.Timestamp).Value(i)) == loaded.UnixMicro())
		if want := fmt.Sprintf("erpsales_personsrun-142 %d true", i); got != want {
			t.Errorf("row %d: %s, want %s", i, got, want)
		}
	}
}

func TestTombstonesNeedTheKeyOnly(t *testing.T) {
	m := compile(t, "visits", "- {to: visits, delete: true, fields: {visit_id: {template: \"m-{{id}}\"}, happened_at: at}}", Options{})
	out := mapText(t, m, Input{Body: []byte(`[{"id":1,"at":"never"},{"at":"2026-01-01"}]`)})
	if !strings.Contains(out, "- visit_id=m-1\n") || !strings.Contains(out, "rejected 1") {
		t.Error(out)
	}
}

func TestPagesAreMappedConcurrently(t *testing.T) {
	m := compile(t, "invoices", erpnextInvoices, Options{})
	body := erpnextPage(200)
	want := mapText(t, m, Input{Body: body, Records: "data"})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				if got := mapText(t, m, Input{Body: body, Records: "data"}); got != want {
					t.Error("a page came out differently")
				}
			}
		})
	}
	wg.Wait()
}

// TestRowsCostNextToNoAllocations guards the design: buffers are reused, so
// memory is asked for by the page, not by the row.
func TestRowsCostNextToNoAllocations(t *testing.T) {
	const records = 2000
	body := erpnextPage(records)
	m, err := Compile("invoices", parseYAML(t, erpnextInvoices), Options{Allocator: memory.NewGoAllocator()})
	if err != nil {
		t.Fatal(err)
	}
	allocations := testing.AllocsPerRun(5, func() {
		out, err := m.Map(Input{Body: body, Records: "data"})
		if err != nil || out.Mapped != records {
			t.Fatal(err, out.Mapped)
		}
		out.Release()
	})
	if perRow := allocations / records; perRow > 0.5 {
		t.Errorf("%.2f allocations a row", perRow)
	}
}

const fuzzMapping = `
- skip_when: {skip: true}
- empty: ["0001-01-01", false]
- consts: {vat: "0.19"}
- to: invoices
  when: {kind: [a, null, 0]}
  delete_when: {gone: {not_empty: true}}
  fields: {invoice_id: id, customer_id: c.0.id, invoice_date: d, currency: cur, gross_amount: {path: amt, number: loose}, due_date: c, net_amount: {path: n, round: 2}}
  custom: "*"
- each: lines
  reverse: true
  to: instalments
  fields: {invoice_id: ^.id, seq: "#", due_date: d, amount: amt}
- each: tags
  to: reps
  when: {".": {not: x}}
  fields: {rep_id: ".", name: a.b}
- each: [{path: lines, where: {expr: 'd != nil or amt > 1'}}, links.0]
  to: recoveries
  fields: {recovery_id: "@key", write_off_id: {template: "{{^^.id}}-{{^.#}}-{{#}}"}, recovery_date: {expr: 'add_days(field("^.d"), len(text(x)))'}, amount: {expr: 'sum("sub.*.a") ?? (x * $vat)'}}
- to: targets
  when: {expr: 'kind matches "^b" and not flag(gone)'}
  fields: {rep_id: {expr: 'upper(split(id, "-", 1)) ?? "x"'}, month: {expr: start_of_month(d)}, amount: {expr: 'round(div(amt, n, 3), 2)'}, currency: cur}
`

func FuzzMap(f *testing.F) {
	for _, seed := range []string{
		`{"r":[{"id":1,"c":[{"id":2}],"d":"2026-01-01","cur":"EUR","amt":"1,000.5","lines":[{"d":"2026-01-02","amt":1}],"tags":[1,{"a":{"b":2}},[3],"x",null]}]}`,
		`{"r":[{"id":1,"id":[],"c":{"0":{"id":"\ud800"}},"c":5,"kind":"b"},[],{"skip":"true"},{"gone":1,"id":"k","lines":{}}]}`,
		`{"r":[["1","2"]],"x":[[[[]]]]}`,
		`{"r":[{"id":"q-1","kind":"b","d":{"__class__":"date","year":2026,"month":2,"day":3},"cur":"EUR","amt":{"__class__":"Decimal","decimal":"10"},"n":4,"c":"[{\"id\":3}]","lines":{"k":{"d":"2026-01-01","amt":2,"links":[{"z":{"x":"3","sub":[{"a":1}]}},4]}}}]}`,
		`{"r":[{"id":"a","amt":1.5,"z":null},{"id":"b","amt":-0.25e2,"z":true}, {"amt":01},{"id" : "c\\n","k\\u0041":{"a":[1]},"amt":0}, {} ]}`,
		`{"r":[{"id":"a","amt":1.5,"cur":"EUR"},{"id":"b","amt":2.,"cur":"EUR"}]}`, `{"r":[{"id":"a"},{"id":"b"},]}`, `{"r":[{"id":"a",}]}`, `{"r":[{"id":tru}]}`,
		`{"r":{"id":"\u0000","zz":{"a":[1,2]}}}`, `{"r":null}`, `[`, "{\"r\":[{\"id\":\"\xff\"}]}",
	} {
		f.Add([]byte(seed), false)
	}
	f.Add([]byte(`{"r":[["1","2"],["1"],[1,2,3],[null,{"id":[]}],7]}`), true)
	m, err := Compile("invoices", parseYAML(f, fuzzMapping), checked(f, Options{}))
	if err != nil {
		f.Fatal(err)
	}
	csv, err := Compile("reps", parseYAML(f, "- to: reps\n  fields: {rep_id: id}\n  custom: \"*\""), checked(f, Options{}))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, columns bool) {
		mapper, in := m, Input{Body: body, Records: "r"}
		if columns {
			mapper, in.Columns = csv, []string{"id", "name"}
		}
		out, err := mapper.Map(in)
		if list, ok := bytes.CutSuffix(body, []byte("}")); ok && bytes.HasSuffix(list, []byte("]")) && !columns {
			// Something behind the list keeps the fast reader away, and nothing else may change.
			in.Body = append(bytes.Clone(list), `,"behind":0}`...)
			slow, slowErr := mapper.Map(in)
			if (err == nil) != (slowErr == nil) {
				t.Fatalf("the fast reader says %v, the decoder %v", err, slowErr)
			}
			if a, b := fmt.Sprint(render(out)), fmt.Sprint(render(slow)); err == nil && a != b {
				t.Fatalf("the fast reader gives\n%s\nthe decoder\n%s", a, b)
			}
			slow.Release()
		}
		if err != nil {
			if len(out.Batches) > 0 {
				t.Fatal("batches beside an error")
			}
			return
		}
		defer out.Release()
		if out.Read != out.Mapped+out.Filtered+len(out.Rejected) {
			t.Fatalf("read %d, mapped %d, filtered %d, rejected %d", out.Read, out.Mapped, out.Filtered, len(out.Rejected))
		}
		for _, b := range out.Batches {
			if b.Record.NumRows() == 0 {
				t.Fatal("an empty batch of", b.Table)
			}
		}
		for _, r := range out.Rejected {
			if len(r.Raw) == 0 || r.Reason == "" || r.Hint == "" || r.Expected == "" {
				t.Fatalf("a reject without its reason: %+v", r)
			}
		}
		render(out)
	})
}
