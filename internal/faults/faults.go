// Package faults is a source that misbehaves when it is told to: an HTTP server
// over tables in memory that tests change while they are read. It is made for
// tests that compare a warehouse with the source's own list.
//
// In: records put, changed and deleted by a test, and faults to inject. Out:
// answers as a REST API gives them. Never here: anything but tests of other
// packages needs.
//
// # The API
//
//	POST /token                                     a bearer token; the older ones end
//	GET  /api/{list}?op=&value=&after=&size=        records by (modified, id): op is >=, > or = on modified;
//	                                                with = and after, ids above after
//	GET  /api/{list}?offset=&size=                  records by id
//	GET  /api/{list}?ids=1&after=&size=             identifiers alone, by id
//	GET  /api/{list}/{id}/{child}                   records of the list child whose field parent is the id; 404 if there is no such id
//
// An answer is {"data": [record, …], "total": n}; a record has id and modified
// beside its own fields.
package faults

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Layout is how the source writes instants, to the second, in UTC.
const Layout = "2006-01-02 15:04:05"

// Record is one record of a list.
type Record struct {
	ID       string
	Modified time.Time
	Fields   map[string]any // as JSON has them; amounts are best given as json.Number
}

// Server is the source. Its methods may be called from several goroutines.
type Server struct {
	// URL is its address.
	URL string

	mu       sync.Mutex
	lists    map[string]map[string]Record
	now      func() time.Time
	fault    func(n int, r *http.Request) Fault
	requests []string
	given    int  // faults
	tokens   int  // given out
	signIn   bool // requests need the token
	server   *httptest.Server
}

// New starts a server. now is its clock; nil = time.Now.
func New(now func() time.Time) *Server {
	s := &Server{lists: map[string]map[string]Record{}, now: now}
	if now == nil {
		s.now = time.Now
	}
	s.server = httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = s.server.URL
	return s
}

// Close stops it, requests under way included.
func (s *Server) Close() {
	s.server.CloseClientConnections()
	s.server.Close()
}

// Put adds a record or replaces it, modified now by the server's clock.
func (s *Server) Put(list, id string, fields map[string]any) { s.PutAt(list, id, s.now(), fields) }

// PutAt is Put with an instant of one's own, such as one long ago: a change that
// no cursor notices.
func (s *Server) PutAt(list, id string, modified time.Time, fields map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lists[list] == nil {
		s.lists[list] = map[string]Record{}
	}
	s.lists[list][id] = Record{ID: id, Modified: modified.UTC().Truncate(time.Second), Fields: maps.Clone(fields)}
}

// Delete removes a record.
func (s *Server) Delete(list, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.lists[list], id)
}

// List returns the records of a list by id: the truth to compare with.
func (s *Server) List(list string) []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sorted(list, func(a, b Record) int { return strings.Compare(a.ID, b.ID) })
}

// Requests returns what was asked so far: method, path and query.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Given is the number of requests that were answered by a fault so far.
func (s *Server) Given() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.given
}

// SignIn makes every request need the token that was given out last.
func (s *Server) SignIn() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.signIn = true
}

// ExpireToken ends the token given out last.
func (s *Server) ExpireToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens++
}

// Inject chooses a fault for each request for records, n counting them from 1
// since Inject; nil answers rightly. A nil choose ends all faults.
func (s *Server) Inject(choose func(n int, r *http.Request) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	s.fault = nil
	if choose != nil {
		s.fault = func(_ int, r *http.Request) Fault { n++; return choose(n, r) }
	}
}

func (s *Server) sorted(list string, by func(a, b Record) int) []Record {
	return slices.SortedFunc(maps.Values(s.lists[list]), by)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.RequestURI())
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	if r.URL.Path == "/token" {
		s.tokens++
		text := fmt.Sprintf(`{"access_token": "t%d", "expires_in": 3600}`, s.tokens)
		s.mu.Unlock()
		answer(w, 200, []byte(text))
		return
	}
	expired := s.signIn && r.Header.Get("Authorization") != fmt.Sprintf("Bearer t%d", s.tokens)
	var fault Fault
	if s.fault != nil && !expired {
		if fault = s.fault(0, r); fault != nil {
			s.given++
		}
	}
	s.mu.Unlock()
	switch {
	case expired:
		answer(w, 401, []byte(`{"error": "the token has expired"}`))
	case fault != nil:
		fault(w, r, s.answer)
	default:
		status, body := s.answer(r)
		answer(w, status, body)
	}
}

func answer(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// answer is the right answer at this moment.
func (s *Server) answer(r *http.Request) (status int, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if parts[0] != "api" || len(parts) != 2 && len(parts) != 4 {
		return 404, []byte(`{"error": "no such path"}`)
	}
	var hits []Record
	q := r.URL.Query()
	size, err := strconv.Atoi(q.Get("size"))
	if err != nil || size < 1 {
		size = 1 << 30
	}
	byID := func(a, b Record) int { return strings.Compare(a.ID, b.ID) }
	keep := func(Record) bool { return true }
	switch {
	case len(parts) == 4:
		if _, ok := s.lists[parts[1]][parts[2]]; !ok {
			return 404, []byte(`{"error": "no such record"}`)
		}
		hits = slices.DeleteFunc(s.sorted(parts[3], byID), func(x Record) bool { return fmt.Sprint(x.Fields["parent"]) != parts[2] })
	case q.Get("ids") != "":
		keep = func(x Record) bool { return x.ID > q.Get("after") }
		hits = s.sorted(parts[1], byID)
	case q.Get("op") != "":
		keep = func(x Record) bool { return matches(x, q.Get("op"), q.Get("value"), q.Get("after")) }
		hits = s.sorted(parts[1], func(a, b Record) int {
			if c := a.Modified.Compare(b.Modified); c != 0 {
				return c
			}
			return byID(a, b)
		})
	default:
		hits = s.sorted(parts[1], byID)
	}
	hits = slices.DeleteFunc(hits, func(x Record) bool { return !keep(x) })
	total := len(hits)
	offset, _ := strconv.Atoi(q.Get("offset"))
	hits = hits[min(offset, total):]
	return 200, encode(hits[:min(size, len(hits))], total, q.Get("ids") != "")
}

// matches compares as a source does that keeps seconds.
func matches(x Record, op, value, after string) bool {
	at := x.Modified.Format(Layout)
	switch op {
	case ">=":
		return at >= value
	case ">":
		return at > value
	case "=":
		return at == value && x.ID > after
	}
	return false
}

func encode(records []Record, total int, idsOnly bool) []byte {
	list := make([]map[string]any, len(records))
	for i, x := range records {
		list[i] = map[string]any{"id": x.ID}
		if !idsOnly {
			maps.Copy(list[i], x.Fields)
			list[i]["modified"] = x.Modified.Format(Layout)
		}
	}
	text, err := json.Marshal(map[string]any{"data": list, "total": total})
	if err != nil {
		panic(err) // a test put what JSON cannot hold
	}
	return text
}
