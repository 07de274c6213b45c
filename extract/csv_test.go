package extract

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// all reads every row of a text: the good ones, and the number of broken ones.
func all(r io.Reader) (rows [][]string, broken int, err error) {
	c := newCSVReader(r, ',')
	for {
		row, err := c.next()
		if errors.Is(err, io.EOF) {
			return rows, broken, nil
		}
		if err != nil {
			return rows, broken, err
		}
		if row.reason != "" {
			broken++
			continue
		}
		var fields []string
		for _, f := range row.fields {
			fields = append(fields, string(f))
		}
		rows = append(rows, fields)
	}
}

// FuzzCSV: what Go's own strict reader takes, ours takes the same way (but for
// carriage returns, which Go drops inside quotes); what it does not take
// neither crashes nor hangs, however the text arrives.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\"a\"\"b\",c", "a,\"b\nc\"\r\nd,e\r\n", "\"a", "a\"b,c\nd,e", ",\n\n,,\n", "\"a\"x,b\n1,2", "\r\n\r", "a,\r,b", "\"\"", "a,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows, broken, err := all(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		slow, slowBroken, err := all(iotest.OneByteReader(strings.NewReader(text)))
		if err != nil || slowBroken != broken || fmt.Sprintf("%q", slow) != fmt.Sprintf("%q", rows) {
			t.Errorf("%q byte by byte: %q, %d broken, %v; at once: %q, %d broken", text, slow, slowBroken, err, rows, broken)
		}
		if strings.Contains(text, "\r") {
			return
		}
		std := csv.NewReader(strings.NewReader(text))
		std.FieldsPerRecord = -1
		want, err := std.ReadAll()
		if err != nil {
			return
		}
		if broken != 0 || fmt.Sprintf("%q", rows) != fmt.Sprintf("%q", want) {
			t.Errorf("%q: got %q with %d broken, want %q", text, rows, broken, want)
		}
	})
}
