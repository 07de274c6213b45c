package extract

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

const ledgerStreams = `
- name: ledger
  emit:
    - to: invoices
      fields: {invoice_id: number, gross_amount: amount, customer_id: {path: [customer, client]}}
`

func openFiles(t *testing.T, dir string, settings map[string]any, streams string) (*Source, error) {
	t.Helper()
	c, err := Shipped("files")
	if err != nil {
		t.Fatal(err)
	}
	if streams != "" {
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(streams), &n); err != nil {
			t.Fatal(err)
		}
		if c, err = c.WithStreams(n.Content[0]); err != nil {
			return nil, err
		}
	}
	return Open(context.Background(), "books", c, settings, Options{BaseDir: dir})
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// rowsOf reads a stream of files: its rows as lines of text, the broken ones, the last state.
func rowsOf(s *Source, stream string, state []byte) (rows []string, broken []BrokenRow, last []byte, err error) {
	last = state
	for p, err := range s.Pages(context.Background(), stream, state) {
		if err != nil {
			return rows, broken, last, err
		}
		var values [][]string
		if err := json.Unmarshal(p.Body, &values); err != nil {
			return rows, broken, last, err
		}
		if len(values) != p.Count {
			return rows, broken, last, fmt.Errorf("%d rows, page says %d", len(values), p.Count)
		}
		for i, v := range values {
			if len(v) != len(p.Columns) {
				return rows, broken, last, fmt.Errorf("%d values in %d columns", len(v), len(p.Columns))
			}
			rows = append(rows, fmt.Sprintf("%d:%s", p.Line(i), strings.Join(v, "|")))
		}
		broken, last = append(broken, p.Broken...), p.State
	}
	return rows, broken, last, nil
}

func TestABrokenRowCostsNoOther(t *testing.T) {
	dir := t.TempDir()
	text := "number,amount,customer\n" + // 1
		"1,10.50,\"Smith, \"\"J\"\"\"\n" + // 2
		"2,20.00\n" + // 3: too few
		"3,30,C,extra\n" + // 4: too many
		"4,4\"0,C\n" + // 5: bare quote
		"5,\"50,C\n" + // 6: opened, never closed
		"6,60,\"two\nlines\"\n" + // 7-8
		"\n" + // 9: blank
		",,\n" + // 10: only delimiters
		"7,70,\"C\"x\n" + // 11: text behind a quote
		"8,80,C\xff\n" + // 12: not UTF-8
		"9,90,C,\n" + // 13: an empty field too many is harmless
		"10,100,\"D\"" // 14: no line end
	write(t, filepath.Join(dir, "l.csv"), []byte(text))
	s, err := openFiles(t, dir, map[string]any{"path": "l.csv"}, ledgerStreams)
	if err != nil {
		t.Fatal(err)
	}
	rows, broken, _, err := rowsOf(s, "ledger", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`2:1|10.50|Smith, "J"`, "7:6|60|two\nlines", "13:9|90|C", "14:10|100|D"}
	if fmt.Sprint(rows) != fmt.Sprint(want) {
		t.Errorf("rows\n%q\nwant\n%q", rows, want)
	}
	wantBroken := []struct {
		line        int64
		reason, raw string
	}{
		{3, "2 fields, the header has 3", "2,20.00"}, {4, "4 fields", "3,30,C,extra"}, {5, "a quote stands inside", `4,4"0,C`},
		{6, "behind a closing quote", `5,"50,C`}, {11, "behind a closing quote", `7,70,"C"x`}, {12, "not UTF-8", "8,80,C\xff"},
	}
	if len(broken) != len(wantBroken) {
		t.Fatalf("broken %+v", broken)
	}
	for i, w := range wantBroken {
		if b := broken[i]; b.Line != w.line || !strings.Contains(b.Reason, w.reason) || string(b.Raw) != w.raw {
			t.Errorf("broken row %d: %d %q %q, want %+v", i, b.Line, b.Reason, b.Raw, w)
		}
	}
}

func TestRowsWithoutAnIdentifierMayTakeTheirLine(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "twins.csv"), []byte("number,amount\n,\"1\n0\"\nA,2\nA,2\n\nA,2\n"))
	s, err := openFiles(t, dir, map[string]any{"path": "twins.csv"}, "- name: ledger\n  emit: [{to: invoices, fields: {invoice_id: {template: \"L{{_line}}\"}, gross_amount: amount}}]\n")
	if err != nil {
		t.Fatal(err)
	}
	rows, _, _, err := rowsOf(s, "ledger", nil)
	if want := []string{"2:|1\n0|2", "4:A|2|4", "5:A|2|5", "7:A|2|7"}; err != nil || fmt.Sprint(rows) != fmt.Sprint(want) {
		t.Errorf("%q (%v), want %q", rows, err, want)
	}
	if s, err = openFiles(t, dir, map[string]any{"path": "twins.csv"}, ledgerStreams); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err = rowsOf(s, "ledger", nil); err == nil || strings.Contains(err.Error(), "_line") {
		t.Errorf("a column that is missing: %v", err)
	}
}

func TestAQuoteThatIsNeverClosedCostsOneLine(t *testing.T) {
	var b strings.Builder
	b.WriteString("number,amount,customer\n1,\"1,C\n")
	for i := 2; i < 60000; i++ {
		fmt.Fprintf(&b, "%d,%d.00,Customer without quotes\n", i, i)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "l.csv"), []byte(b.String()))
	s, err := openFiles(t, dir, map[string]any{"path": "l.csv"}, ledgerStreams)
	if err != nil {
		t.Fatal(err)
	}
	rows, broken, _, err := rowsOf(s, "ledger", nil)
	if err != nil || len(rows) != 59998 || len(broken) != 1 || broken[0].Reason != "a quote is opened and never closed" {
		t.Errorf("%d rows, %+v, %v", len(rows), broken, err)
	}
	if n, ok, err := s.Count(context.Background(), "ledger", nil); n != 59999 || !ok || err != nil {
		t.Errorf("count %d, %v, %v", n, ok, err)
	}
}

func TestTextInAnyEncodingAndDelimiter(t *testing.T) {
	const plain = "number;amount;customer\n1;1.234,50;北京建设 Müller\n"
	encode := func(e interface {
		Bytes([]byte) ([]byte, error)
	}, s string) []byte {
		b, err := e.Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(plain))
	z.Close()
	for _, tc := range []struct {
		name, file string
		content    []byte
		settings   map[string]any
	}{
		{"utf-8", "l.csv", []byte(plain), nil},
		{"utf-8 with a mark", "l.csv", []byte("\ufeff" + plain), nil},
		{"windows line ends", "l.csv", []byte(strings.ReplaceAll(plain, "\n", "\r\n")), nil},
		{"tab", "l.tsv", []byte(strings.ReplaceAll(plain, ";", "\t")), nil},
		{"set delimiter", "l.csv", []byte(strings.ReplaceAll(plain, ";", "^")), map[string]any{"delimiter": "^"}},
		{"gb18030", "l.csv", encode(simplifiedchinese.GB18030.NewEncoder(), plain), map[string]any{"encoding": "gb18030"}},
		{"utf-16 found by its mark", "l.csv", encode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder(), plain), nil},
		{"utf-16 big endian", "l.csv", encode(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder(), plain), map[string]any{"encoding": "utf-16be"}},
		{"gzip", "l.csv.gz", packed.Bytes(), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, tc.file), tc.content)
			settings := map[string]any{"path": filepath.Join(dir, tc.file)}
			for k, v := range tc.settings {
				settings[k] = v
			}
			s, err := openFiles(t, "", settings, ledgerStreams)
			if err != nil {
				t.Fatal(err)
			}
			rows, broken, _, err := rowsOf(s, "ledger", nil)
			if err != nil || len(broken) > 0 || fmt.Sprint(rows) != "[2:1|1.234,50|北京建设 Müller]" {
				t.Errorf("got %q, %v, %v", rows, broken, err)
			}
		})
	}
}

func TestMistakesWithFilesAreOneClearSentence(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "twice.csv"), []byte("number,amount,number\n"))
	write(t, filepath.Join(dir, "other.csv"), []byte("numbr,amount,client\n1,2,3\n"))
	write(t, filepath.Join(dir, "cut.json"), []byte(`[{"number":1},{"numb`))
	write(t, filepath.Join(dir, "bad.parquet"), []byte("PAR0"))
	write(t, filepath.Join(dir, "x.xlsx"), []byte("PK"))
	gb, _ := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte("编号,金额\n1,2\n"))
	write(t, filepath.Join(dir, "gb.csv"), gb)
	for _, tc := range []struct{ path, want string }{
		{"none.csv", "there is no file or folder"},
		{"*.tsv", "no file fits the pattern"},
		{"twice.csv", `the column "number" stands twice`},
		{"other.csv", "needs the column number, which the file does not have: found the columns numbr, amount, client. Did you mean numbr?"},
		{"gb.csv", "it is not UTF-8 text. Set encoding"},
		{"cut.json", "record 2 is not valid JSON"},
		{"bad.parquet", "not readable as Parquet"},
		{"x.xlsx", "the extension .xlsx, expected csv, json, jsonl or parquet"},
	} {
		s, err := openFiles(t, dir, map[string]any{"path": tc.path}, ledgerStreams)
		if err != nil {
			t.Fatal(err)
		}
		_, _, _, err = rowsOf(s, "ledger", nil)
		if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "extract books/ledger: ") {
			t.Errorf("%s: got %v, want %q", tc.path, err, tc.want)
		}
		if c := s.Check(context.Background())[0]; c.Err == nil {
			t.Errorf("%s: check sees nothing wrong", tc.path)
		}
	}
	if _, err := openFiles(t, dir, map[string]any{"path": "."}, "- {name: a, fil: b.csv}"); err == nil || !strings.Contains(err.Error(), `line 1: stream a has no key "fil"; did you mean file?`) {
		t.Errorf("got %v", err)
	}
}

func TestAFileIsReadAgainOnlyWhenItOrItsMappingChanged(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "1.csv"), filepath.Join(dir, "2.csv")
	write(t, one, []byte("number,amount,customer\n1,1,A\n"))
	write(t, two, []byte("customer,number,amount\nB,2,2\n"))
	settings := map[string]any{"path": "*.csv", "page_rows": 1}
	open := func(streams string) *Source {
		s, err := openFiles(t, dir, settings, streams)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open(ledgerStreams)
	rows, _, state, err := rowsOf(s, "ledger", nil)
	if err != nil || fmt.Sprint(rows) != "[2:1|1|A 2:B|2|2]" {
		t.Fatalf("first run %v, %v", rows, err)
	}
	if rows, _, _, err = rowsOf(s, "ledger", state); len(rows) > 0 || err != nil {
		t.Errorf("an unchanged file is read again: %v, %v", rows, err)
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(one, later, later); err != nil {
		t.Fatal(err)
	}
	if rows, _, _, err = rowsOf(s, "ledger", state); len(rows) > 0 || err != nil {
		t.Errorf("a file that was only touched is read again: %v, %v", rows, err)
	}
	write(t, two, []byte("customer,number,amount\nB,2,2\nB,3,3\n"))
	rows, _, next, err := rowsOf(s, "ledger", state)
	if err != nil || fmt.Sprint(rows) != "[2:B|2|2 3:B|3|3]" {
		t.Errorf("a changed file is read whole: %v, %v", rows, err)
	}
	if rows, _, _, err = rowsOf(s, "ledger", next); len(rows) > 0 || err != nil {
		t.Errorf("after that it is not read again: %v, %v", rows, err)
	}
	if rows, _, _, err = rowsOf(open(strings.Replace(ledgerStreams, "gross_amount", "net_amount", 1)), "ledger", next); len(rows) != 3 || err != nil {
		t.Errorf("with another mapping all is read again: %v, %v", rows, err)
	}
	// In the middle of a file the cursor does not name it yet.
	for p, err := range s.Pages(context.Background(), "ledger", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if done := strings.Contains(string(p.State), filepath.Base(p.File)); done != (p.File == one || p.First == 3) {
			t.Errorf("page with line %d of %s: %s", p.First, p.File, p.State)
		}
	}
}

func TestAFolderOfCanonicalFilesNeedsNoMapping(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "invoices.csv"), []byte("invoice_id,gross_amount\n0001,10.00\n"))
	write(t, filepath.Join(dir, "payments.jsonl"), []byte("{\"payment_id\":\"P\",\"amount\":1.10}\nnonsense\n\n{\"payment_id\":\"Q\"}\n"))
	write(t, filepath.Join(dir, "README.md"), []byte("not data"))
	s, err := openFiles(t, dir, map[string]any{"path": dir}, "")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, st := range s.Streams() {
		names = append(names, st.Name+" "+st.Mapping.Value)
	}
	if fmt.Sprint(names) != "[invoices canonical payments canonical]" {
		t.Errorf("streams %v", names)
	}
	if rows, _, _, err := rowsOf(s, "invoices", nil); err != nil || fmt.Sprint(rows) != "[2:0001|10.00]" {
		t.Errorf("%v, %v", rows, err)
	}
	for p, err := range s.Pages(context.Background(), "payments", nil) {
		if err != nil || string(p.Body) != `[{"payment_id":"P","amount":1.10},{"payment_id":"Q"}]` || len(p.Broken) != 1 || p.Broken[0].Line != 2 || p.Line(1) != 4 {
			t.Errorf("%s, %+v, %v", p.Body, p, err)
		}
	}
	for path, want := range map[string]string{"nowhere": "there is no file or folder", "invoices.csv": "expected a folder of canonical files"} {
		if _, err := openFiles(t, dir, map[string]any{"path": path}, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestJSONFilesAreReadWhereTheirRecordsStand(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "l.json"), []byte(`{"meta":{"n":[1]},"data":{"rows":[{"number":"1","amount":0.10},{"number":"2"},{"number":"3"}]},"x":1}`))
	streams := strings.Replace(ledgerStreams, "  emit:", "  records: data.rows\n  emit:", 1)
	s, err := openFiles(t, dir, map[string]any{"path": "l.json", "page_rows": 2}, streams)
	if err != nil {
		t.Fatal(err)
	}
	var bodies []string
	for p, err := range s.Pages(context.Background(), "ledger", nil) {
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, fmt.Sprint(p.First, string(p.Body)))
	}
	if want := `[1[{"number":"1","amount":0.10},{"number":"2"}] 3[{"number":"3"}]]`; fmt.Sprint(bodies) != want {
		t.Errorf("got %v", bodies)
	}
}

func TestParquetDecimalsAndDatesAreExact(t *testing.T) {
	type record struct {
		Number string   `parquet:"number"`
		Amount int64    `parquet:"amount,decimal(4:18)"`
		Small  int32    `parquet:"small,decimal(2:9)"`
		Day    int32    `parquet:"day,date"`
		At     int64    `parquet:"at,timestamp(microsecond)"`
		Rate   float64  `parquet:"rate"`
		Client *string  `parquet:"client,optional"`
		Tags   []string `parquet:"tags"`
		Open   bool     `parquet:"open"`
	}
	name := "Müller"
	var b bytes.Buffer
	w := parquet.NewGenericWriter[record](&b, parquet.MaxRowsPerRowGroup(2))
	if _, err := w.Write([]record{
		{"001", 1234567, -5, 20454, 1767225600000001, 0.1, &name, []string{"a", "b"}, true},
		{"002", -12, 100, -1, -1, 1e21, nil, nil, false},
		{"003", 0, 0, 0, 0, 0, nil, []string{"c"}, false},
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "l.parquet"), b.Bytes())
	s, err := openFiles(t, dir, map[string]any{"path": "l.parquet"}, ledgerStreams)
	if err != nil {
		t.Fatal(err)
	}
	rows, _, _, err := rowsOf(s, "ledger", nil)
	want := []string{
		"1:001|123.4567|-0.05|2026-01-01|2026-01-01T00:00:00.000001Z|0.1|Müller|true",
		"2:002|-0.0012|1.00|1969-12-31|1969-12-31T23:59:59.999999Z|1000000000000000000000||false",
		"3:003|0.0000|0.00|1970-01-01|1970-01-01T00:00:00Z|0||false",
	}
	if err != nil || fmt.Sprint(rows) != fmt.Sprint(want) {
		t.Errorf("got\n%s\nwant\n%s\n%v", strings.Join(rows, "\n"), strings.Join(want, "\n"), err)
	}
	if n, ok, err := s.Count(context.Background(), "ledger", nil); n != 3 || !ok || err != nil {
		t.Errorf("count %d, %v, %v", n, ok, err)
	}
}
