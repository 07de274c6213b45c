package connectors

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// ledgerly is the ERP of docs/connectors/writing.md: it answers as the table of
// the page's first step says.
type ledgerly struct {
	t    *testing.T
	zone *time.Location

	mu       sync.Mutex
	now      time.Time
	lists    map[string][]*entry // customers, invoices, payments
	applied  map[string][]map[string]any
	sessions int
	left     int // requests until the session ends; < 0 = it does not
	busy     int // requests that are answered BUSY
	asked    []string
}

// entry is a record with its instant of change.
type entry struct {
	id      string // as it stands in the record
	key     string // name of the identifier
	changed time.Time
	record  map[string]any
}

func newLedgerly(t *testing.T) *ledgerly {
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	return &ledgerly{t: t, zone: zone, now: time.Now().UTC().Truncate(time.Second).Add(-48 * time.Hour), lists: map[string][]*entry{}, applied: map[string][]map[string]any{}, left: -1}
}

// put adds a record, or changes fields of one; its instant of change is now.
func (l *ledgerly) put(list, key, id string, fields map[string]any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = l.now.Add(time.Minute)
	i := slices.IndexFunc(l.lists[list], func(e *entry) bool { return e.id == id })
	if i < 0 {
		l.lists[list] = append(l.lists[list], &entry{id: id, key: key, record: map[string]any{}})
		i = len(l.lists[list]) - 1
	}
	e := l.lists[list][i]
	maps.Copy(e.record, fields)
	if n, err := strconv.Atoi(id); err == nil && id[0] != '0' {
		e.record[key] = n
	} else {
		e.record[key] = id
	}
	e.changed = l.now
}

// remove deletes a record without a trace.
func (l *ledgerly) remove(list, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lists[list] = slices.DeleteFunc(l.lists[list], func(e *entry) bool { return e.id == id })
}

// settle books a payment against an invoice: the balance moves, the date of change does not.
func (l *ledgerly) settle(invoice, id, payment, amount string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.applied[invoice] = append(l.applied[invoice], map[string]any{"id": id, "payment": payment, "applied_on": l.now.In(l.zone).Format(time.DateOnly), "amount": amount, "discount": nil})
}

func (l *ledgerly) unsettle(invoice, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.applied[invoice] = slices.DeleteFunc(l.applied[invoice], func(a map[string]any) bool { return a["id"] == id })
}

func (l *ledgerly) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	l.asked = append(l.asked, r.URL.RequestURI())
	path := strings.TrimPrefix(r.URL.Path, "/v2/")
	fail := func(code, message string) {
		fmt.Fprintf(w, `{"ok": false, "code": %q, "message": %q}`, code, message)
	}
	if path == "session" {
		l.signIn(w, r, fail)
		return
	}
	if l.left == 0 {
		l.left = -1
		l.sessions++ // the old token is worth nothing any more
	}
	if r.Header.Get("X-Ledgerly-Token") != l.token() { // a late request of the old session does not end the new one
		fail("SESSION_ENDED", "sign in again")
		return
	}
	l.left--
	if l.busy > 0 {
		l.busy--
		fail("BUSY", "a report is running")
		return
	}
	list, rest, _ := strings.Cut(path, "/")
	switch {
	case rest == "":
		l.list(w, r, l.lists[list], fail)
	case rest == "ids":
		var ids []any
		for _, e := range l.lists[list] {
			ids = append(ids, map[string]any{e.key: e.record[e.key]})
		}
		page(w, r, ids)
	case strings.HasSuffix(rest, "/payments"):
		id := strings.TrimSuffix(rest, "/payments")
		if !slices.ContainsFunc(l.lists["invoices"], func(e *entry) bool { return e.id == id }) {
			w.WriteHeader(http.StatusNotFound)
			fail("NOT_FOUND", "no such invoice")
			return
		}
		items := []any{}
		for _, a := range l.applied[id] {
			items = append(items, a)
		}
		page(w, r, items)
	default:
		w.WriteHeader(http.StatusNotFound)
		fail("NOT_FOUND", "no such list")
	}
}

func (l *ledgerly) token() string { return fmt.Sprintf("T-%d-secret", l.sessions) }

func (l *ledgerly) signIn(w http.ResponseWriter, r *http.Request, fail func(code, message string)) {
	var in struct{ Key, Secret string }
	if json.NewDecoder(r.Body).Decode(&in) != nil || r.Method != http.MethodPost || in.Key != "k" || in.Secret != "s3cret" {
		fail("NO_USER", "unknown key")
		return
	}
	l.sessions++
	fmt.Fprintf(w, `{"ok": true, "data": {"token": %q, "expires_in": 900}}`, l.token())
}

// list answers a list: what changed at or after changed_since, in its order.
func (l *ledgerly) list(w http.ResponseWriter, r *http.Request, list []*entry, fail func(code, message string)) {
	since := time.Time{}
	if text := r.URL.Query().Get("changed_since"); text != "" {
		var err error
		if since, err = time.ParseInLocation(time.DateTime, text, l.zone); err != nil {
			fail("BAD_REQUEST", "changed_since: "+text)
			return
		}
	}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b *entry) int { return a.changed.Compare(b.changed) })
	var items []any
	for _, e := range sorted {
		if status := r.URL.Query().Get("status"); e.changed.Before(since) || status != "" && e.record["status"] != status {
			continue
		}
		record := maps.Clone(e.record)
		record["changed_at"] = e.changed.In(l.zone).Format("2006-01-02T15:04:05-0700")
		items = append(items, record)
	}
	page(w, r, items)
}

// page answers a part of a list; the token for the next is only good for that.
func page(w http.ResponseWriter, r *http.Request, items []any) {
	q := r.URL.Query()
	size, err := strconv.Atoi(q.Get("size"))
	from := 0
	if after := q.Get("after"); after != "" {
		_, err = fmt.Sscanf(after, "tok-%d", &from)
	}
	if err != nil || size < 1 || from > len(items) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	to := min(from+size, len(items))
	data := map[string]any{"items": append([]any{}, items[from:to]...)}
	if to < len(items) {
		data["next"] = fmt.Sprintf("tok-%d", to)
	}
	json.NewEncoder(w).Encode(map[string]any{"ok": true, "data": data})
}
