package demo

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/go-faster/jx"
)

// SiteTimezone is the zone of the ERP's naive instants.
const SiteTimezone = "Asia/Shanghai"

// erp answers as an ERPNext site does.
type erp struct {
	key, secret string
	user        string
	site        atomic.Pointer[site]
}

// site is the content of the ERP.
type site struct{ doctypes map[string]*doctype }

func (e *erp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	switch {
	case strings.HasPrefix(path, "/api/resource/"), strings.HasPrefix(path, "/api/method/"):
	default:
		notFoundPage(w)
		return
	}
	switch e.authenticate(r) {
	case http.StatusUnauthorized:
		e.fail(w, &badQuery{http.StatusUnauthorized, "AuthenticationError", "Invalid Authentication"})
		return
	case http.StatusForbidden:
		e.fail(w, &badQuery{http.StatusForbidden, "PermissionError", "User <strong>Guest</strong> does not have access"})
		return
	}
	if r.Method != http.MethodGet && !(r.Method == http.MethodPost && strings.HasPrefix(path, "/api/method/")) {
		e.fail(w, &badQuery{http.StatusForbidden, "PermissionError", "User " + e.user + " may only read"})
		return
	}
	if method, ok := strings.CutPrefix(path, "/api/method/"); ok {
		e.method(w, r, method)
		return
	}
	parts := strings.SplitN(strings.TrimPrefix(path, "/api/resource/"), "/", 2)
	name, err := url.PathUnescape(parts[0])
	d := e.site.Load().doctypes[name]
	if err != nil || d == nil {
		e.fail(w, &badQuery{http.StatusNotFound, "DoesNotExistError", "DocType " + name + " not found"})
		return
	}
	if len(parts) == 2 && parts[1] != "" {
		document, _ := url.PathUnescape(parts[1])
		e.document(w, d, document)
		return
	}
	e.list(w, r, d)
}

// authenticate accepts "token key:secret" and the same as Basic; without any
// the caller is Guest, who may read nothing.
func (e *erp) authenticate(r *http.Request) int {
	header := r.Header.Get("Authorization")
	scheme, credentials, _ := strings.Cut(header, " ")
	if strings.EqualFold(scheme, "basic") {
		decoded, err := base64.StdEncoding.DecodeString(credentials)
		if err != nil {
			return http.StatusUnauthorized
		}
		credentials = string(decoded)
	}
	switch {
	case header == "":
		return http.StatusForbidden
	case credentials == e.key+":"+e.secret:
		return http.StatusOK
	}
	return http.StatusUnauthorized
}

func (e *erp) list(w http.ResponseWriter, r *http.Request, d *doctype) {
	q, err := e.parse(r.URL.Query(), d)
	if err != nil {
		e.fail(w, err)
		return
	}
	rows := q.rows()
	read := make([]func(int) value, len(q.fields))
	for i, name := range q.fields {
		read[i] = d.fields[name]
	}
	out := jx.GetWriter()
	defer jx.PutWriter(out)
	scratch := make([]byte, 0, 64)
	out.RawStr(`{"data":[`)
	for n, i := range rows {
		if n > 0 {
			out.RawStr(",")
		}
		out.RawStr("{")
		for f, name := range q.fields {
			if f > 0 {
				out.RawStr(",")
			}
			out.Str(name)
			out.RawStr(":")
			scratch = read[f](i).encode(out, scratch)
		}
		out.RawStr("}")
	}
	out.RawStr("]}")
	sendJSON(w, http.StatusOK, out.Buf)
}

// parse reads the parameters of a list. Without fields only the name is
// given, without a limit twenty documents.
func (e *erp) parse(p url.Values, d *doctype) (*query, error) {
	if d.child && p.Get("parent") == "" {
		return nil, &badQuery{http.StatusForbidden, "PermissionError", "Insufficient Permission for " + d.name}
	}
	q := &query{doctype: d, limit: 20}
	var err error
	if q.fields, err = d.parseFields(p.Get("fields")); err != nil {
		return nil, err
	}
	if q.all, err = d.parseFilters(p.Get("filters")); err != nil {
		return nil, err
	}
	if q.any, err = d.parseFilters(p.Get("or_filters")); err != nil {
		return nil, err
	}
	if q.order, err = d.parseOrder(p.Get("order_by")); err != nil {
		return nil, err
	}
	if len(q.order) == 0 {
		q.order = []ordering{{field: "modified", down: true}}
	}
	for _, name := range []string{"limit_page_length", "limit"} {
		if text := p.Get(name); text != "" {
			if q.limit, err = strconv.Atoi(text); err != nil || q.limit < 0 {
				return nil, &badQuery{417, "ValidationError", name + " must be a number"}
			}
			break
		}
	}
	if text := p.Get("limit_start"); text != "" {
		if q.start, err = strconv.Atoi(text); err != nil || q.start < 0 {
			return nil, &badQuery{417, "ValidationError", "limit_start must be a number"}
		}
	}
	return q, nil
}

func (d *doctype) parseFields(text string) ([]string, error) {
	if text == "" {
		return []string{"name"}, nil
	}
	var names []string
	if err := json.Unmarshal([]byte(text), &names); err != nil {
		return nil, &badQuery{417, "ValidationError", "Fields must be a JSON list"}
	}
	var list []string
	for _, name := range names {
		name = strings.Trim(name[strings.LastIndex(name, ".")+1:], "`")
		switch {
		case name == "*":
			list = append(list, d.order...)
		case d.fields[name] == nil:
			return nil, dataError("Field not permitted in query: %s", name)
		default:
			list = append(list, name)
		}
	}
	return list, nil
}

// document is one document in full, with the rows of its tables.
func (e *erp) document(w http.ResponseWriter, d *doctype, name string) {
	d.index()
	i, ok := d.byName[name]
	if !ok {
		e.fail(w, &badQuery{http.StatusNotFound, "DoesNotExistError", d.name + " " + name + " not found"})
		return
	}
	out := jx.GetWriter()
	defer jx.PutWriter(out)
	out.RawStr(`{"data":`)
	d.encode(out, i)
	out.Buf = out.Buf[:len(out.Buf)-1]
	for table, child := range d.children {
		rows := e.site.Load().doctypes[child]
		rows.index()
		out.RawStr(",")
		out.Str(table)
		out.RawStr(":[")
		n := 0
		for _, k := range rows.byParent[name] {
			if rows.fields["parenttype"](k).s != d.name {
				continue
			}
			if n++; n > 1 {
				out.RawStr(",")
			}
			rows.encode(out, k)
		}
		out.RawStr("]")
	}
	out.RawStr("}}")
	sendJSON(w, http.StatusOK, out.Buf)
}

func (d *doctype) encode(out *jx.Writer, i int) {
	out.RawStr(`{"doctype":`)
	out.Str(d.name)
	for _, name := range d.order {
		out.RawStr(",")
		out.Str(name)
		out.RawStr(":")
		d.fields[name](i).encode(out, nil)
	}
	out.RawStr("}")
}

// method answers the few remote calls that a reader needs.
func (e *erp) method(w http.ResponseWriter, r *http.Request, name string) {
	_ = r.ParseForm()
	message := func(v any) {
		body, _ := json.Marshal(map[string]any{"message": v})
		sendJSON(w, http.StatusOK, body)
	}
	switch name {
	case "frappe.auth.get_logged_user":
		message(e.user)
	case "frappe.ping", "ping":
		message("pong")
	case "frappe.client.get_time_zone":
		message(map[string]string{"time_zone": SiteTimezone})
	case "frappe.client.get_count":
		d := e.site.Load().doctypes[r.Form.Get("doctype")]
		if d == nil {
			e.fail(w, &badQuery{http.StatusNotFound, "DoesNotExistError", "DocType " + r.Form.Get("doctype") + " not found"})
			return
		}
		filters, err := d.parseFilters(r.Form.Get("filters"))
		if err != nil {
			e.fail(w, err)
			return
		}
		message(len((&query{doctype: d, all: filters}).rows()))
	default:
		e.fail(w, &badQuery{417, "ValidationError", "Failed to get method for command " + name})
	}
}

// fail answers in Frappe's way: the type of the exception, its text, and the
// messages once more as JSON within JSON within JSON.
func (e *erp) fail(w http.ResponseWriter, err error) {
	var bad *badQuery
	if !errors.As(err, &bad) {
		bad = &badQuery{http.StatusInternalServerError, "Exception", err.Error()}
	}
	inner, _ := json.Marshal(map[string]any{"message": bad.message, "title": "Message", "indicator": "red", "raise_exception": 1})
	messages, _ := json.Marshal([]string{string(inner)})
	module := "frappe.exceptions."
	if bad.kind == "OperationalError" {
		module = "pymysql.err."
	}
	body, _ := json.Marshal(map[string]any{"exception": fmt.Sprintf("%s%s: %s", module, bad.kind, bad.message), "exc_type": bad.kind, "_server_messages": string(messages)})
	sendJSON(w, bad.status, body)
}

func sendJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func notFoundPage(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte("<!DOCTYPE html>\n<html><head><title>Not Found</title></head><body><h1>Page not found</h1><p>The page you are looking for has gone missing.</p></body></html>\n"))
}
