// Package odoo answers as an Odoo 18 does over JSON-RPC, traps included, for
// tests of the connector: instants cut to the second, errors with status 200,
// false for what is empty, reconciliations that vanish, items whose write date
// moves while that of their entry does not.
//
// In: what a test books (books.go). Out: answers of /jsonrpc. Never here: a
// ledger beyond what the connector asks for.
package odoo

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"
)

// Password is the key that the server takes for the user admin.
const Password = "key-of-the-reader"

// uid is the number of that user.
const uid = 2

// row is one record. A many2one is a reference, an amount a json.Number.
type row map[string]any

// reference is a many2one: number of the record and its display name.
type reference struct {
	id   int
	name string
}

func (r reference) MarshalJSON() ([]byte, error) {
	if r.id == 0 {
		return []byte("false"), nil
	}
	return json.Marshal([]any{r.id, r.name})
}

// Server is the simulated Odoo. Its methods may be called from several goroutines.
type Server struct {
	// URL is its address.
	URL string

	mu      sync.Mutex
	now     time.Time
	tables  map[string]map[int]row
	last    map[string]int
	fields  map[string]map[string]bool // known of each model
	fault   func(model string, w http.ResponseWriter) bool
	refuses map[string]string
	server  *httptest.Server
}

// New starts a server whose clock stands at an instant.
func New(now time.Time) *Server {
	s := &Server{now: now.UTC(), tables: map[string]map[int]row{}, last: map[string]int{}, fields: map[string]map[string]bool{}, refuses: map[string]string{}}
	s.masterData()
	s.learnFields()
	s.server = httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = s.server.URL
	return s
}

// Close stops it.
func (s *Server) Close() { s.server.Close() }

// Fault sets what happens before an answer: a function that returns true has answered.
func (s *Server) Fault(f func(model string, w http.ResponseWriter) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Lacks takes a field away from a model, as another version would.
func (s *Server) Lacks(model, field string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuses[model+"."+field] = field
}

// call is a JSON-RPC request.
type call struct {
	ID     any `json:"id"`
	Params struct {
		Service string            `json:"service"`
		Method  string            `json:"method"`
		Args    []json.RawMessage `json:"args"`
	} `json:"params"`
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	var c call
	d := json.NewDecoder(r.Body)
	if r.URL.Path != "/jsonrpc" || d.Decode(&c) != nil {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadRequest)
		w.Write([]byte("<html><title>400 Bad Request</title></html>"))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := map[string]any{"jsonrpc": "2.0", "id": c.ID}
	if c.Params.Service == "common" {
		answer["result"] = any(false) // a wrong password is no error
		if len(c.Params.Args) > 2 && string(c.Params.Args[2]) == `"`+Password+`"` {
			answer["result"] = uid
		}
		s.write(w, answer)
		return
	}
	var model, method, password string
	for i, to := range []any{nil, nil, &password, &model, &method} {
		if to != nil && i < len(c.Params.Args) {
			json.Unmarshal(c.Params.Args[i], to)
		}
	}
	if s.fault != nil && s.fault(model, w) {
		return
	}
	if password != Password {
		s.write(w, failed(answer, "odoo.exceptions.AccessDenied", "Access Denied"))
		return
	}
	var positional []json.RawMessage
	json.Unmarshal(c.Params.Args[5], &positional)
	options := struct {
		Fields []string `json:"fields"`
		Limit  int      `json:"limit"`
	}{}
	if len(c.Params.Args) > 6 {
		json.Unmarshal(c.Params.Args[6], &options)
	}
	s.write(w, s.execute(answer, model, method, positional, options.Fields, options.Limit))
}

func (s *Server) write(w http.ResponseWriter, answer map[string]any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Date", s.now.Format(http.TimeFormat))
	json.NewEncoder(w).Encode(answer)
}

// failed is an error as Odoo gives it, with status 200.
func failed(answer map[string]any, name, message string) map[string]any {
	answer["error"] = map[string]any{"code": 200, "message": "Odoo Server Error", "data": map[string]any{"name": name, "message": message, "debug": "Traceback"}}
	return answer
}

func (s *Server) execute(answer map[string]any, model, method string, positional []json.RawMessage, fields []string, limit int) map[string]any {
	table, ok := s.tables[model]
	if !ok {
		return failed(answer, "builtins.KeyError", "Object "+model+" doesn't exist")
	}
	switch method {
	case "fields_get":
		out := map[string]any{}
		for f := range s.fields[model] {
			if s.refuses[model+"."+f] == "" {
				out[f] = map[string]string{"type": "char"}
			}
		}
		answer["result"] = out
	case "search_read", "search_count":
		var domain []any
		if len(positional) > 0 {
			json.Unmarshal(positional[0], &domain)
		}
		for _, f := range fields {
			if s.refuses[model+"."+f] != "" {
				return failed(answer, "builtins.ValueError", "Invalid field '"+f+"' on model '"+model+"'")
			}
		}
		ids := s.search(model, domain)
		if method == "search_count" {
			answer["result"] = len(ids)
			return answer
		}
		if limit > 0 && len(ids) > limit {
			ids = ids[:limit]
		}
		out := make([]any, len(ids))
		for i, id := range ids {
			out[i] = pick(id, table[id], fields)
		}
		answer["result"] = out
	default:
		return failed(answer, "builtins.AttributeError", "no method "+method)
	}
	return answer
}

// pick shows a record: empty texts and references are false, instants have no fraction.
func pick(id int, r row, fields []string) map[string]any {
	out := map[string]any{"id": id}
	for _, f := range fields {
		v, ok := r[f]
		switch v := v.(type) {
		case time.Time:
			out[f] = v.Format("2006-01-02 15:04:05")
		case string:
			if out[f] = v; v == "" {
				out[f] = false
			}
		default:
			if ok {
				out[f] = v
			}
		}
	}
	if slices.Contains(fields, "id") {
		out["id"] = id
	}
	return out
}
