package extract

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// listing serves ids 1…n by offset or by number.
type listing struct {
	mu      sync.Mutex
	n       int
	limit   int          // most records an answer holds; 0 = what is asked
	hidden  map[int]bool // ids that the user may not see: their places stay empty
	asked   []string
	total   int  // in the answer; 0 = n
	moreOff bool // never says that there is more, though there is
	fail    func(w http.ResponseWriter, page string) bool
}

func (l *listing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := r.URL.Query()
	at := q.Get("offset") + q.Get("page")
	l.asked = append(l.asked, at)
	if l.fail != nil && l.fail(w, at) {
		return
	}
	size, _ := strconv.Atoi(q.Get("size"))
	if l.limit > 0 {
		size = min(size, l.limit)
	}
	offset, _ := strconv.Atoi(q.Get("offset"))
	if page := q.Get("page"); page != "" {
		n, _ := strconv.Atoi(page)
		first, _ := strconv.Atoi(q.Get("first"))
		offset = (n - first) * size
	}
	var rows []string
	for i := offset + 1; i <= min(offset+size, l.n); i++ {
		if !l.hidden[i] {
			rows = append(rows, fmt.Sprintf(`{"id":%d}`, i))
		}
	}
	total := l.n
	if l.total > 0 {
		total = l.total
	}
	fmt.Fprintf(w, `{"data":[%s],"total":%d,"more":%v}`, strings.Join(rows, ","), total, offset+size < l.n && !l.moreOff)
}

// byOffset is a connector whose paging and concurrency a test fills in.
func byOffset(paging, query string) string {
	return `
name: list
settings:
  url: {type: url, required: true, help: address}
http:
  base: "{{ .settings.url }}"
  concurrency: 16
  prefetch: 64MiB
  retry: {attempts: 2, wait: 1s}
streams:
  - name: rows
    request: {path: /rows, query: {size: "{{ .page.size }}", ` + query + `}}
    records: data
    paging: ` + paging + `
    emit: [{to: invoices, fields: {invoice_id: id}}]
`
}

const (
	offsets = `offset: "{{ .page.offset }}"`
	pageNo  = `page: "{{ .page.number }}", first: "1"`
	pageNo0 = `page: "{{ .page.number }}", first: "0"`
)

func TestOffsetPagingEndsWhereTheSourceEndsAndNotBefore(t *testing.T) {
	hidden := map[int]bool{5: true, 6: true, 9: true}
	for _, tc := range []struct {
		name, paging, query string
		l                   *listing
		want                []string
		asked               string
	}{
		{"offsets", `{type: offset, size: 4}`, offsets, &listing{n: 10}, numbers(1, 10), "0 4 8 10"},
		{"the last page is full", `{type: offset, size: 5}`, offsets, &listing{n: 10}, numbers(1, 10), "0 5 10"},
		{"numbers from 1", `{type: offset, size: 4}`, pageNo, &listing{n: 10}, numbers(1, 10), "1 2 3 4"},
		{"numbers from 0", `{type: offset, size: 4, start: 0}`, pageNo0, &listing{n: 10}, numbers(1, 10), "0 1 2 3"},
		{"the source gives fewer than asked", `{type: offset, size: 100}`, offsets, &listing{n: 10, limit: 4}, numbers(1, 10), "0 4 8 10"},
		{"numbers, and fewer than asked", `{type: offset, size: 100}`, pageNo, &listing{n: 10, limit: 4}, numbers(1, 10), "1 2 3 4"},
		{"a short page in the middle", `{type: offset, size: 4}`, pageNo, &listing{n: 20, hidden: hidden}, []string{"1", "2", "3", "4", "7", "8", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20"}, "1 2 3 4 5 6"},
		{"a short page in the middle, by offset", `{type: offset, size: 4}`, offsets, &listing{n: 12, hidden: map[int]bool{6: true}}, []string{"1", "2", "3", "4", "5", "7", "8", "9", "10", "11", "12"}, "0 4 7 11 12"},
		{"a short page ends", `{type: offset, size: 4, short_page_ends: true}`, offsets, &listing{n: 10}, numbers(1, 10), "0 4 8"},
		{"a short first page may be a lower limit", `{type: offset, size: 4, short_page_ends: true}`, offsets, &listing{n: 5, limit: 3}, numbers(1, 5), "0 3"},
		{"more says when", `{type: offset, size: 5, more: more}`, offsets, &listing{n: 10}, numbers(1, 10), "0 5"},
		{"an empty page in the middle, and more", `{type: offset, size: 2, more: more}`, offsets, &listing{n: 6, hidden: map[int]bool{3: true, 4: true}}, []string{"1", "2", "5", "6"}, "0 2 4"},
		{"total says when", `{type: offset, size: 5, total: total}`, offsets, &listing{n: 10}, numbers(1, 10), "0 5"},
		{"a total that counts what is hidden", `{type: offset, size: 5, total: total}`, pageNo, &listing{n: 10, hidden: map[int]bool{2: true}}, []string{"1", "3", "4", "5", "6", "7", "8", "9", "10"}, "1 2 3"},
	} {
		for _, atOnce := range []string{"", ", concurrency: 5"} {
			t.Run(tc.name+atOnce, func(t *testing.T) {
				tc.l.asked = nil
				srv := httptest.NewServer(tc.l)
				defer srv.Close()
				s, _ := openTest(t, byOffset(strings.Replace(tc.paging, "}", atOnce+"}", 1), tc.query), srv.URL, nil)
				ids, _, err := read(s, "rows", nil)
				slices.Sort(tc.want)
				got := slices.Clone(ids)
				slices.Sort(got)
				if err != nil || !slices.Equal(slices.Compact(got), tc.want) {
					t.Errorf("got %v, %v", ids, err)
				}
				if atOnce == "" && strings.Join(tc.l.asked, " ") != tc.asked {
					t.Errorf("asked %v, want %s", tc.l.asked, tc.asked)
				}
			})
		}
	}
}

func TestPagesInFlightComeInOrderAndEachOnce(t *testing.T) {
	for _, query := range []string{offsets, pageNo} {
		l := &listing{n: 997}
		srv := httptest.NewServer(l)
		s, _ := openTest(t, byOffset(`{type: offset, size: 10, concurrency: 8}`, query), srv.URL, nil)
		ids, _, err := read(s, "rows", nil)
		if err != nil || !slices.Equal(ids, numbers(1, 997)) {
			t.Errorf("got %d records, %v", len(ids), err)
		}
		srv.Close()
	}
}

func TestPagesInFlightAreReallyInFlightTogether(t *testing.T) {
	l := &listing{n: 100}
	together := make(chan struct{}, 100)
	open := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("offset") != "0" {
			if together <- struct{}{}; len(together) == 6 {
				close(open)
			}
			<-open // none of the six is answered before all are asked
		}
		l.ServeHTTP(w, r)
	}))
	defer srv.Close()
	s, _ := openTest(t, byOffset(`{type: offset, size: 10, concurrency: 6}`, offsets), srv.URL, nil)
	if ids, _, err := read(s, "rows", nil); err != nil || !slices.Equal(ids, numbers(1, 100)) {
		t.Errorf("got %d records, %v", len(ids), err)
	}
}

func TestAnErrorBehindTheEndIsNoneAndOneBeforeItIs(t *testing.T) {
	l := &listing{n: 25, fail: func(w http.ResponseWriter, at string) bool {
		if n, _ := strconv.Atoi(at); n >= 30 {
			http.Error(w, `{"message":"page past the end"}`, http.StatusBadRequest)
			return true
		}
		return false
	}}
	srv := httptest.NewServer(l)
	defer srv.Close()
	s, _ := openTest(t, byOffset(`{type: offset, size: 10, more: more, concurrency: 8}`, offsets), srv.URL, nil)
	if ids, _, err := read(s, "rows", nil); err != nil || !slices.Equal(ids, numbers(1, 25)) {
		t.Errorf("got %v, %v", ids, err)
	}
	l.n = 40
	ids, _, err := read(s, "rows", nil)
	if err == nil || !strings.Contains(err.Error(), "page 4") || !strings.Contains(err.Error(), "past the end") || len(ids) != 30 {
		t.Errorf("got %d records, %v", len(ids), err)
	}
}

func TestTheCountKeepsPagesInFlightFromPassingTheEnd(t *testing.T) {
	l := &listing{n: 40}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/count" {
			fmt.Fprintf(w, `{"n":%d}`, l.n)
			return
		}
		l.ServeHTTP(w, r)
	}))
	defer srv.Close()
	text := strings.Replace(byOffset(`{type: offset, size: 10, concurrency: 8}`, offsets), "    emit:", "    count: {path: /count, value: n}\n    emit:", 1)
	s, _ := openTest(t, text, srv.URL, nil)
	ids, _, err := read(s, "rows", nil)
	if err != nil || !slices.Equal(ids, numbers(1, 40)) {
		t.Fatalf("got %v, %v", ids, err)
	}
	slices.Sort(l.asked)
	if got := strings.Join(l.asked, " "); got != "0 10 20 30 40" {
		t.Errorf("asked %s", got)
	}
}

func TestALoopThatIsLeftEndsAllThatIsInFlight(t *testing.T) {
	l := &listing{n: 1000}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("offset") > "50" {
			<-r.Context().Done() // hangs until it is given up
			return
		}
		l.ServeHTTP(w, r)
	}))
	defer srv.Close()
	s, _ := openTest(t, byOffset(`{type: offset, size: 10, concurrency: 8}`, offsets), srv.URL, nil)
	for p, err := range s.Pages(context.Background(), "rows", nil) {
		if err != nil || p.Ordinal != 1 {
			t.Fatal(p.Ordinal, err)
		}
		break
	}
}

func TestTotalsThatGrowForEverAreStopped(t *testing.T) {
	n := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n++
		fmt.Fprintf(w, `{"data":[{"id":%d}],"total":%d}`, n, 2*n+5)
	}))
	defer srv.Close()
	s, _ := openTest(t, byOffset(`{type: offset, size: 1, total: total, max_pages: 20}`, offsets), srv.URL, nil)
	ids, _, err := read(s, "rows", nil)
	if err == nil || !strings.Contains(err.Error(), "more than 20 pages") || len(ids) != 20 {
		t.Errorf("got %d, %v", len(ids), err)
	}
}

func TestCursorsAndAddressesComeFromHeadersToo(t *testing.T) {
	for _, tc := range []struct{ name, paging, query string }{
		{"header", `{type: cursor, path: "header:X-Next"}`, `cursor: "{{ .page.cursor }}"`},
		{"link", `{type: next, link: true}`, `x: y`},
		{"relative", `{type: next, path: next}`, `x: y`},
		{"more ends it", `{type: cursor, path: token, more: more}`, `cursor: "{{ .page.cursor }}"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var asked []string
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, r.URL.Path)
				n, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
				next := ""
				if n < 3 {
					next = strconv.Itoa(n + 1)
					w.Header().Set("X-Next", next)
					w.Header().Add("Link", `<https://other.example/rows?cursor=0>; rel="prev first"`)
					w.Header().Add("Link", `<https://other.example/rows?cursor=9>; rel=last, <https://other.example/v2/rows?cursor=`+next+`>; title="a, b"; rel="next"`)
				}
				relative := ""
				if next != "" {
					relative = "rows?cursor=" + next
				}
				fmt.Fprintf(w, `{"data":[{"id":%d}],"next":%q,"token":"%d","more":%v}`, n, relative, n+1, n < 3)
			}))
			defer srv.Close()
			s, _ := openTest(t, byOffset(tc.paging, tc.query), srv.URL, nil)
			ids, _, err := read(s, "rows", nil)
			if err != nil || !slices.Equal(ids, numbers(0, 3)) {
				t.Errorf("got %v, %v, asked %v", ids, err, asked)
			}
			if tc.name == "link" && asked[1] != "/v2/rows" {
				t.Errorf("asked %v", asked)
			}
		})
	}
}

func TestRecordsAreArraysWithDeclaredColumns(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("keys") != "FID,FBillNo,FDate" {
			http.Error(w, r.URL.RawQuery, http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, `[[101,"B-1","2026-02-01T00:00:00"],[102,"B-2","2026-02-03T10:00:00.5"]]`)
	}))
	defer srv.Close()
	text := strings.NewReplacer("records: data", "columns: [FID, FBillNo, FDate]\n    incremental: {field: FDate, start: \"2026-01-01\"}").Replace(
		byOffset(`{type: none}`, `keys: '{{ join "," .columns }}'`))
	s, _ := openTest(t, text, srv.URL, nil)
	for p, err := range s.Pages(context.Background(), "rows", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(p.Columns) != "[FID FBillNo FDate]" || p.Count != 2 || !strings.Contains(string(p.State), "2026-02-03T10:00:00.5") {
			t.Errorf("columns %v, %d records, state %s", p.Columns, p.Count, p.State)
		}
	}
}

func TestAPageThatChangesBetweenTwoAttemptsIsTakenAsTheLastOneGaveIt(t *testing.T) {
	attempts := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch attempts++; attempts {
		case 1: // breaks off in the middle
			w.Header().Set("Content-Length", "400")
			fmt.Fprint(w, `{"data":[{"id":1},{"id":2},`)
		case 2:
			http.Error(w, "busy", http.StatusServiceUnavailable)
		case 3: // in between a record was deleted and another made
			fmt.Fprint(w, `{"data":[{"id":2},{"id":3}]}`)
		default:
			fmt.Fprint(w, `{"data":[]}`)
		}
	}))
	defer srv.Close()
	s, _ := openTest(t, strings.Replace(byOffset(`{type: offset, size: 2}`, offsets), "attempts: 2", "attempts: 5", 1), srv.URL, nil)
	if ids, _, err := read(s, "rows", nil); err != nil || !slices.Equal(ids, numbers(2, 3)) {
		t.Errorf("got %v, %v", ids, err)
	}
}

func TestOneRequestMayFillSeveralDictionariesOfAPage(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/partners" {
			fmt.Fprint(w, `{"found":[{"id":"p1","owner":"anna","team":["north","x"]},{"id":"p2","owner":null}]}`)
			return
		}
		fmt.Fprint(w, `{"data":[{"id":1,"partner":"p1"},{"id":2,"partner":"p2"}]}`)
	}))
	defer srv.Close()
	text := strings.Replace(byOffset(`{type: none}`, `x: y`), "    emit:", `    page_lookups:
      - name: partner
        ids: partner
        request: {path: /partners, query: {ids: '{{ json .ids }}'}}
        records: found
        key: id
        values: {owner: owner, team: team.0}
    emit:`, 1)
	s, _ := openTest(t, text, srv.URL, nil)
	for p, err := range s.Pages(context.Background(), "rows", nil) {
		if err != nil || fmt.Sprint(p.Lookups) != "map[partner.owner:map[p1:anna] partner.team:map[p1:north]]" {
			t.Errorf("got %v, %v", p.Lookups, err)
		}
	}
}
