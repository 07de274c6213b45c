package extract

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
)

func TestALineSepNamesTheDelimiterAndIsNoHeader(t *testing.T) {
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("sep=;\r\nnumber;amount;customer\r\n1;2,5,0;A\r\n2;3;B")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, text, delimiter, want string
	}{
		{"semicolon", "sep=;\r\nnumber;amount;customer\r\n1;2,5,0;A\r\n2;3;B\r\n", "", "[3:1|2,5,0|A 4:2|3|B]"},
		{"with a mark", "\ufeffsep=;\nnumber;amount;customer\n1;2,5,0;A\n2;3;B\n", "", "[3:1|2,5,0|A 4:2|3|B]"},
		{"utf-16", utf16, "", "[3:1|2,5,0|A 4:2|3|B]"},
		{"a delimiter that is not guessed", "sep=^\nnumber^amount^customer\n1^2^A\n2^3^B\n", "", "[3:1|2|A 4:2|3|B]"},
		{"tab, in quotes", "\"sep=\t\"\nnumber\tamount\tcustomer\n1\t2\tA\n2\t3\tB\n", "", "[3:1|2|A 4:2|3|B]"},
		{"the file knows better than the setting", "sep=;\nnumber;amount;customer\n1;2;A\n2;3;B\n", ",", "[3:1|2|A 4:2|3|B]"},
		{"a header that only looks like it", "sep=x;number;amount;customer\n0;1;2;A\n0;2;3;B\n", "", "[2:0|1|2|A 3:0|2|3|B]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "l.csv"), []byte(tc.text))
			settings := map[string]any{"path": "l.csv"}
			if tc.delimiter != "" {
				settings["delimiter"] = tc.delimiter
			}
			s, err := openFiles(t, dir, settings, ledgerStreams)
			if err != nil {
				t.Fatal(err)
			}
			rows, broken, _, err := rowsOf(s, "ledger", nil)
			if err != nil || len(broken) > 0 || fmt.Sprint(rows) != tc.want {
				t.Errorf("got %q, %v, %v", rows, broken, err)
			}
			if n, ok, err := s.Count(context.Background(), "ledger", nil); n != 2 || !ok || err != nil {
				t.Errorf("count %d, %v, %v", n, ok, err)
			}
		})
	}
}

func TestAnEmptyFileIsAFailedExportAndNotAnEmptyLedger(t *testing.T) {
	var packed bytes.Buffer
	if err := gzip.NewWriter(&packed).Close(); err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string]string{
		"b.csv": "", "mark.csv": "\ufeff", "lines.csv": "\r\n\r\n", "sep.csv": "sep=;\n", "b.json": "", "b.jsonl": "", "b.parquet": "", "b.csv.gz": packed.String(),
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, file), []byte(content))
		s, err := openFiles(t, dir, map[string]any{"path": file}, ledgerStreams)
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("extract books/ledger: the file %s is empty: the export failed or is still being written. Remove it or export again", filepath.Join(dir, file))
		if _, _, _, err := rowsOf(s, "ledger", nil); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", file, err, want)
		}
		if c := s.Check(context.Background())[0]; c.Err == nil || c.Err.Error() != want || c.Rows != -1 || !c.Reachable || !c.Authorised {
			t.Errorf("check of %s: %+v", file, c)
		}
	}
	// Any of several files, not only the first.
	dir := t.TempDir()
	write(t, filepath.Join(dir, "1.csv"), []byte("number,amount,customer\n1,1,A\n"))
	write(t, filepath.Join(dir, "2.csv"), nil)
	s, err := openFiles(t, dir, map[string]any{"path": "*.csv"}, ledgerStreams)
	if err != nil {
		t.Fatal(err)
	}
	if rows, _, _, err := rowsOf(s, "ledger", nil); len(rows) != 1 || err == nil || !strings.Contains(err.Error(), "2.csv is empty") {
		t.Errorf("%v, %v", rows, err)
	}
	if c := s.Check(context.Background())[0]; c.Err == nil || !strings.Contains(c.Err.Error(), "2.csv is empty") {
		t.Errorf("check: %+v", c)
	}
}

func TestAFileOfNothingButAHeaderIsReadAndSaid(t *testing.T) {
	for file, content := range map[string]string{"a.csv": "number,amount,customer\n", "b.csv": "number,amount,customer", "c.json": "[]", "d.jsonl": "\n"} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, file), []byte(content))
		s, err := openFiles(t, dir, map[string]any{"path": file}, ledgerStreams)
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		s.opts.Logger = slog.New(slog.NewTextHandler(&log, nil))
		if rows, broken, _, err := rowsOf(s, "ledger", nil); len(rows)+len(broken) > 0 || err != nil {
			t.Errorf("%s: %v, %v, %v", file, rows, broken, err)
		}
		if text := log.String(); strings.Count(text, "level=WARN") != 1 || !strings.Contains(text, "the file holds no records") || !strings.Contains(text, file) {
			t.Errorf("%s: logged %q", file, text)
		}
		if c := s.Check(context.Background())[0]; c.Err != nil {
			t.Errorf("check of %s: %v", file, c.Err)
		}
	}
}

func TestCheckSaysHowManyRowsOrThatItDoesNotKnow(t *testing.T) {
	const text = "number,amount,customer\n1,1,Ċ\n2,2,B\n" // Ċ is U+010A, half of it a line feed in UTF-16
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		file, content string
		rows          int64
		detail, err   string
	}{
		{"l.csv", text, 2, "File l.csv, columns number, amount, customer", ""},
		{"l.csv", utf16, 2, "File l.csv, columns number, amount, customer", ""},
		{"l.csv", "number,amount,customer", 0, "File l.csv", ""},
		{"l.csv.gz", packed.String(), -1, "File l.csv.gz, columns number, amount, customer", ""},
		{"l.json", `[{"number":"1"}]`, -1, "File l.json", ""},
		{"l.csv", "", -1, "", "is empty"},
		{"nowhere/l.csv", "", -1, "", "l.csv. Check path; it is relative to the folder of the configuration file"},
		{"nowhere/*.csv", "", -1, "", "there is no file or folder "},
	} {
		dir := t.TempDir()
		if !strings.Contains(tc.file, "/") {
			write(t, filepath.Join(dir, tc.file), []byte(tc.content))
		}
		s, err := openFiles(t, dir, map[string]any{"path": tc.file}, ledgerStreams)
		if err != nil {
			t.Fatal(err)
		}
		c := s.Check(context.Background())[0]
		if c.Rows != tc.rows || c.Detail != tc.detail || (c.Err == nil) != (tc.err == "") || c.Err != nil && !strings.Contains(c.Err.Error(), tc.err) {
			t.Errorf("%s: %+v, want %+v", tc.file, c, tc)
		}
	}
}

func TestSeveralMissingColumnsAreColumns(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "l.csv"), []byte("id,value,customer\n1,1,A\n"))
	s, err := openFiles(t, dir, map[string]any{"path": "l.csv"}, ledgerStreams)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := rowsOf(s, "ledger", nil); err == nil || !strings.Contains(err.Error(), "the mapping needs the columns number, amount, which the file does not have") {
		t.Errorf("got %v", err)
	}
}
