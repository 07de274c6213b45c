package embedded

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go/compress"
)

func TestTheDataOfAnInsertIsFound(t *testing.T) {
	for sql, want := range map[string]statement{
		"INSERT INTO t VALUES (1)":                             {head: "INSERT INTO t ", data: " (1)", format: "Values", insert: true},
		"insert into t format CSV\n1":                          {head: "insert into t ", data: "1", format: "CSV", insert: true},
		"INSERT INTO t FORMAT CSV\n\n1":                        {head: "INSERT INTO t ", data: "\n1", format: "CSV", insert: true},
		"INSERT INTO t (a, values, format) FORMAT Native":      {head: "INSERT INTO t (a, values, format) ", format: "Native", insert: true},
		"INSERT INTO t":                                        {head: "INSERT INTO t", insert: true},
		"INSERT INTO FUNCTION file('x', CSV) VALUES (1)":       {head: "INSERT INTO FUNCTION file('x', CSV) ", data: " (1)", format: "Values", insert: true},
		"INSERT INTO t SELECT * FROM u FORMAT Null":            {head: "INSERT INTO t SELECT * FROM u FORMAT Null"},
		"INSERT INTO t SELECT 'VALUES (1)'":                    {head: "INSERT INTO t SELECT 'VALUES (1)'"},
		"INSERT INTO `a`.\"VALUES\" VALUES ('SELECT')":         {head: "INSERT INTO `a`.\"VALUES\" ", data: " ('SELECT')", format: "Values", insert: true},
		"INSERT INTO t /* VALUES */ -- FORMAT\nVALUES (1)":     {head: "INSERT INTO t /* VALUES */ -- FORMAT\n", data: " (1)", format: "Values", insert: true},
		"INSERT INTO t SETTINGS async_insert=0 FORMAT TSV 1":   {head: "INSERT INTO t SETTINGS async_insert=0 ", data: "1", format: "TSV", insert: true},
		"INSERT INTO values FORMAT CSV\n1":                     {head: "INSERT INTO values ", data: "1", format: "CSV", insert: true},
		"INSERT INTO t WITH 1 AS x SELECT x":                   {head: "INSERT INTO t WITH 1 AS x SELECT x"},
		"INSERT INTO t SELECT a FROM input('a Int8') FORMAT X": {head: "INSERT INTO t SELECT a FROM input('a Int8') ", format: "X", insert: true, selects: true},
	} {
		want.keyword = "INSERT"
		if got := parseStatement(sql); got != want {
			t.Errorf("%q:\n got %+v\nwant %+v", sql, got, want)
		}
	}
}

func TestTheFormatOfAResultIsFound(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT 1 FORMAT JSON":                       "JSON",
		"SELECT 1 FORMAT JSON;":                      "JSON",
		"SELECT 1 format\n CSV -- FORMAT TSV":        "CSV",
		"SELECT 1 FORMAT CSV SETTINGS max_threads=1": "CSV",
		"SELECT 'FORMAT JSON'":                       "",
		"SELECT * FROM (SELECT 1 FORMAT JSON)":       "",
		"SELECT 1 AS format":                         "",
		"SELECT $a$ FORMAT JSON $a$":                 "",
		"SELECT \"a\"\" FORMAT JSON\"":               "",
	} {
		st := parseStatement(sql)
		if st.format != want {
			t.Errorf("%q: format %q, want %q", sql, st.format, want)
		}
		if rest := withoutFormat(strings.TrimRight(sql, ";")); want != "" && parseStatement(rest).format != "" {
			t.Errorf("%q keeps its format as %q", sql, rest)
		}
	}
}

func FuzzStatementsNeverBreakTheLexer(f *testing.F) {
	for _, s := range []string{"INSERT INTO t VALUES (1)", "SELECT 'a\\", "/* ", "$a$", "“", "INSERT INTO t.", "`", "INSERT INTO FUNCTION"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		st := parseStatement(sql)
		if !strings.HasPrefix(sql, st.head) || !strings.HasSuffix(sql, st.data) {
			t.Fatalf("%q was cut into %q and %q", sql, st.head, st.data)
		}
		withoutFormat(sql)
	})
}

func TestAPanicOfOneRequestBecomesItsError(t *testing.T) {
	s := &Server{log: slog.New(slog.DiscardHandler), closing: context.Background(), gate: newGate(1, 1)} // no engine: using it panics
	server := httptest.NewServer(&door{server: s, gate: s.gate, users: []user{{credentials: newCredentials("u", "p")}}})
	defer server.Close()
	for range 2 { // the slot of the gate must come back, too
		req, _ := http.NewRequest("POST", server.URL, strings.NewReader("SELECT 1"))
		req.SetBasicAuth("u", "p")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != 500 || !strings.Contains(string(b), "Code: 49. DB::Exception: Internal error") {
			t.Errorf("got %d %s", res.StatusCode, b)
		}
	}
}

func TestTheGateBoundsWhatRunsAndWhatWaits(t *testing.T) {
	g := newGate(1, 1)
	leave, err := g.enter(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	waiting, cancel := context.WithCancel(context.Background())
	result := make(chan error)
	go func() { _, err := g.enter(waiting); result <- err }()
	for queued := 0; queued == 0; {
		g.mu.Lock()
		queued = g.waiting
		g.mu.Unlock()
	}
	if _, err := g.enter(context.Background()); asException(err).code != codeTooMany {
		t.Errorf("with a full queue: %v", err)
	}
	cancel()
	if err := <-result; asException(err).code != codeCancelled {
		t.Errorf("after its client left, a waiting request got %v", err)
	}
	leave()
	if leave, err = g.enter(context.Background()); err != nil {
		t.Fatalf("the slot did not come back: %v", err)
	}
	leave()
	g.close()
	if _, err := g.enter(context.Background()); err == nil {
		t.Error("a closed gate let a request in")
	}
}

func TestATruncatedCompressedBlockIsAnError(t *testing.T) {
	w := compress.NewWriter(0, compress.LZ4)
	if err := w.Compress(bytes.Repeat([]byte("row"), 1000)); err != nil {
		t.Fatal(err)
	}
	for _, cut := range []int{1, 24, 25, 26, len(w.Data) - 1} {
		_, err := io.ReadAll(blockReader{compress.NewReader(bytes.NewReader(w.Data[:cut]))})
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut at %d of %d bytes: %v", cut, len(w.Data), err)
		}
	}
	b, err := io.ReadAll(blockReader{compress.NewReader(bytes.NewReader(w.Data))})
	if err != nil || len(b) != 3000 {
		t.Errorf("a whole block: %d bytes, %v", len(b), err)
	}
}

func TestTheLibraryIsLookedForInTheUsualPlaces(t *testing.T) {
	t.Setenv("HUIKUAN_LIBCHDB", "/no/such/file")
	if _, err := findLibrary(""); !errors.Is(err, ErrLibraryMissing) {
		t.Errorf("with a wrong $HUIKUAN_LIBCHDB: %v", err)
	}
	t.Setenv("HUIKUAN_LIBCHDB", "")
	places := strings.Join(libraryPlaces(), "\n")
	for _, want := range []string{"node_modules/@chdb/" + platformPackage() + "/libchdb.so", "/usr/local/lib/libchdb.so", "/usr/lib/libchdb.so"} {
		if !strings.Contains(places, want) {
			t.Errorf("%s is not looked at", want)
		}
	}
}

func TestSpooledResultsComeBackWhole(t *testing.T) {
	var p spool
	defer p.close()
	chunk := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	for range 40 {
		if _, err := p.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := p.copyTo(&out); err != nil {
		t.Fatal(err)
	}
	if p.file == nil || out.Len() != 40*len(chunk) || !bytes.Equal(out.Bytes()[39*len(chunk):], chunk) {
		t.Errorf("%d bytes came back, want %d", out.Len(), 40*len(chunk))
	}
}
