package demo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/go-faster/jx"
)

// crm answers as HubSpot does.
type crm struct {
	token  string
	portal atomic.Pointer[portal]
}

// Limits of HubSpot.
const (
	searchPage    = 200
	searchTotal   = 10_000
	listPage      = 100
	historyPage   = 50
	ownersPage    = 500
	batchReadSize = 1000
)

func (h *crm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+h.token {
		crmError(w, http.StatusUnauthorized, "INVALID_AUTHENTICATION", "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at the developers' site", "")
		return
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	route := r.Method + " " + strings.Join(parts, "/")
	p := h.portal.Load()
	switch {
	case route == "GET crm/v3/owners":
		h.owners(w, r, p)
	case len(parts) == 7 && r.Method == http.MethodPost && parts[1] == "v4" && parts[2] == "associations" && parts[5] == "batch" && parts[6] == "read":
		h.associations(w, r, p, parts[3], parts[4])
	case len(parts) >= 4 && parts[0] == "crm" && parts[1] == "v3" && parts[2] == "objects":
		o := p.objects[parts[3]]
		switch {
		case o == nil:
			crmError(w, http.StatusBadRequest, "VALIDATION_ERROR", "Unable to infer object type from: "+parts[3], "")
		case len(parts) == 4 && r.Method == http.MethodGet:
			h.list(w, r, p, o)
		case len(parts) == 5 && parts[4] == "search" && r.Method == http.MethodPost:
			h.search(w, r, o)
		case len(parts) == 5 && r.Method == http.MethodGet:
			h.one(w, r, o, parts[4])
		default:
			crmError(w, http.StatusMethodNotAllowed, "VALIDATION_ERROR", "Method not allowed", "")
		}
	default:
		w.Header().Set("Content-Type", "text/html;charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("<html><head><title>Error 404 Not Found</title></head><body><h2>HTTP ERROR 404</h2></body></html>"))
	}
}

// crmError is HubSpot's error; more is further JSON members, with their comma.
func crmError(w http.ResponseWriter, status int, category, message, more string) {
	quoted, _ := json.Marshal(message)
	sendJSON(w, status, fmt.Appendf(nil, `{"status":"error","message":%s,"correlationId":"0c7e5a38-6f0d-4a52-9d8e-2f8f3b1f7c11","category":%q%s}`, quoted, category, more))
}

// record writes one record with the properties asked for; those that are not
// set are null. All values are strings.
func (o *objects) record(out *jx.Writer, i int, properties, histories []string) {
	out.RawStr(`{"id":`)
	out.Str(text64(o.id(i)))
	out.RawStr(`,"properties":{`)
	for n, name := range properties {
		if n > 0 {
			out.RawStr(",")
		}
		out.Str(name)
		out.RawStr(":")
		if read := o.properties[name]; read == nil {
			out.Null()
		} else if s := read(i); s == "" {
			out.Null()
		} else {
			out.Str(s)
		}
	}
	out.RawStr("}")
	if len(histories) > 0 {
		out.RawStr(`,"propertiesWithHistory":{`)
		for n, name := range histories {
			if n > 0 {
				out.RawStr(",")
			}
			out.Str(name)
			out.RawStr(":[")
			for k, x := range o.changes(name, i) {
				if k > 0 {
					out.RawStr(",")
				}
				out.RawStr(`{"value":`)
				out.Str(x.value)
				out.RawStr(`,"timestamp":`)
				out.Str(iso(x.at))
				out.RawStr(`,"sourceType":"CRM_UI","sourceId":"userId:4711001"}`)
			}
			out.RawStr("]")
		}
		out.RawStr("}")
	}
	t := o.touched(i)
	out.RawStr(`,"createdAt":`)
	out.Str(iso(t.created))
	out.RawStr(`,"updatedAt":`)
	out.Str(iso(t.modified))
	if at := o.archived(i); at != 0 {
		out.RawStr(`,"archived":true,"archivedAt":`)
		out.Str(iso(at))
	} else {
		out.RawStr(`,"archived":false`)
	}
	out.RawStr("}")
}

// changes is the history of a property; one without a kept history has had its
// value since the record was made.
func (o *objects) changes(name string, i int) []change {
	if read := o.history[name]; read != nil {
		return read(i)
	}
	if read := o.properties[name]; read != nil && read(i) != "" {
		return []change{{read(i), o.touched(i).created}}
	}
	return nil
}

// names completes the properties asked for with those that HubSpot always gives.
func (o *objects) names(asked []string) []string {
	list := []string{o.createdAt, o.modifiedAt, "hs_object_id"}
	for _, name := range asked {
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

func commaList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
}

// list gives the records in order of their ids, a page after the id named by after,
// with the records of one other kind that they belong to if associations names it.
func (h *crm) list(w http.ResponseWriter, r *http.Request, p *portal, o *objects) {
	q := r.URL.Query()
	histories := commaList(q.Get("propertiesWithHistory"))
	limit, most := 10, listPage
	if len(histories) > 0 {
		most = historyPage
	}
	if text := q.Get("limit"); text != "" {
		var err error
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > most {
			crmError(w, http.StatusBadRequest, "VALIDATION_ERROR", fmt.Sprintf("Invalid input JSON on line 1: limit must be between 1 and %d", most), "")
			return
		}
	}
	after, _ := strconv.ParseInt(q.Get("after"), 10, 64)
	archived := q.Get("archived") == "true"
	names := o.names(commaList(q.Get("properties")))
	to := q.Get("associations")
	links := p.links(o.kind, to)
	out := jx.GetWriter()
	defer jx.PutWriter(out)
	out.RawStr(`{"results":[`)
	given := 0
	var last, next int64
	for i := range o.n {
		if o.id(i) <= after || (o.archived(i) != 0) != archived {
			continue
		}
		if given == limit {
			next = last
			break
		}
		if given > 0 {
			out.RawStr(",")
		}
		o.record(out, i, names, histories)
		if target, ok := links[text64(o.id(i))]; ok {
			out.Buf = out.Buf[:len(out.Buf)-1] // inside the record
			fmt.Fprintf(out, `,"associations":{%q:{"results":[{"id":"%d","type":"%s_to_%s"}]}}}`, to, target, o.kind, to)
		}
		given++
		last = o.id(i)
	}
	out.RawStr("]")
	if next != 0 {
		fmt.Fprintf(out, `,"paging":{"next":{"after":"%d","link":"https://api.hubapi.com%s?after=%d"}}`, next, r.URL.Path, next)
	}
	out.RawStr("}")
	sendJSON(w, http.StatusOK, out.Buf)
}

func (h *crm) one(w http.ResponseWriter, r *http.Request, o *objects, id string) {
	for i := range o.n {
		if text64(o.id(i)) == id {
			out := jx.GetWriter()
			defer jx.PutWriter(out)
			o.record(out, i, o.names(commaList(r.URL.Query().Get("properties"))), commaList(r.URL.Query().Get("propertiesWithHistory")))
			sendJSON(w, http.StatusOK, out.Buf)
			return
		}
	}
	crmError(w, http.StatusNotFound, "OBJECT_NOT_FOUND", "Object not found. objectId are usually numeric.", "")
}

// owners gives the active owners, or with archived=true those who left.
func (h *crm) owners(w http.ResponseWriter, r *http.Request, p *portal) {
	q := r.URL.Query()
	limit := 100
	if text := q.Get("limit"); text != "" {
		var err error
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > ownersPage {
			crmError(w, http.StatusBadRequest, "VALIDATION_ERROR", fmt.Sprintf("limit must be between 1 and %d", ownersPage), "")
			return
		}
	}
	after, _ := strconv.ParseInt(q.Get("after"), 10, 64)
	results := []map[string]any{}
	var next string
	for _, x := range p.company.reps {
		archived := x.left != 0
		if ownerID(x) <= after || archived != (q.Get("archived") == "true") || q.Get("email") != "" && q.Get("email") != x.email {
			continue
		}
		if len(results) == limit {
			next = results[limit-1]["id"].(string)
			break
		}
		results = append(results, map[string]any{"id": text64(ownerID(x)), "email": x.email, "type": "PERSON", "firstName": x.given, "lastName": x.family,
			"userId": ownerID(x) + 5, "createdAt": iso(x.created), "updatedAt": iso(x.modified), "archived": archived,
			"teams": []map[string]any{{"id": teamID(x.team), "name": x.team, "primary": true}}})
	}
	answer := map[string]any{"results": results}
	if next != "" {
		answer["paging"] = map[string]any{"next": map[string]string{"after": next, "link": "https://api.hubapi.com/crm/v3/owners?after=" + next}}
	}
	body, _ := json.Marshal(answer)
	sendJSON(w, http.StatusOK, body)
}

func teamID(name string) string {
	for i, t := range teams {
		if t.name == name {
			return text64(880_100 + int64(i)*7)
		}
	}
	return ""
}

// associations tells, for a batch of records of one kind, the records of
// another kind that belong to them.
func (h *crm) associations(w http.ResponseWriter, r *http.Request, p *portal, from, to string) {
	var ask struct {
		Inputs []struct {
			ID json.RawMessage `json:"id"`
		} `json:"inputs"`
	}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		crmError(w, http.StatusBadRequest, "VALIDATION_ERROR", "Invalid input JSON: "+err.Error(), "")
		return
	}
	if len(ask.Inputs) > batchReadSize {
		crmError(w, http.StatusBadRequest, "VALIDATION_ERROR", fmt.Sprintf("The maximum batch size is %d", batchReadSize), "")
		return
	}
	links := p.links(from, to)
	if links == nil {
		crmError(w, http.StatusBadRequest, "VALIDATION_ERROR", "No association types exist between "+from+" and "+to, "")
		return
	}
	var results []map[string]any
	var missing []map[string]any
	for _, input := range ask.Inputs {
		id := strings.Trim(string(input.ID), `"`)
		target, ok := links[id]
		if !ok {
			missing = append(missing, map[string]any{"status": "error", "category": "OBJECT_NOT_FOUND", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
				"message": "No " + to + " is associated with " + from + " " + id + ".", "context": map[string]any{"fromObjectId": []string{id}}})
			continue
		}
		results = append(results, map[string]any{"from": map[string]string{"id": id}, "to": []map[string]any{{"toObjectId": target,
			"associationTypes": []map[string]any{{"category": "HUBSPOT_DEFINED", "typeId": 188, "label": nil}}}}})
	}
	answer := map[string]any{"status": "COMPLETE", "results": results, "startedAt": iso(at(p.company.end, 12*hour)), "completedAt": iso(at(p.company.end, 12*hour+50_000))}
	status := http.StatusOK
	if missing != nil {
		answer["numErrors"], answer["errors"] = len(missing), missing
		status = http.StatusMultiStatus
	}
	body, _ := json.Marshal(answer)
	sendJSON(w, status, body)
}

// links maps the ids of one kind to the id of the other that they belong to.
func (p *portal) links(from, to string) map[string]int64 {
	key := from + "→" + to
	if m, ok := p.linked.Load(key); ok {
		return m.(map[string]int64)
	}
	var m map[string]int64
	c := p.company
	switch key {
	case "meetings→companies", "calls→companies":
		m = map[string]int64{}
		for _, x := range c.visits {
			if x.call == (from == "calls") {
				m[text64(visitID(x))] = companyID(x.customer)
			}
		}
	case "meetings→contacts", "calls→contacts":
		m = map[string]int64{}
		for _, x := range c.visits {
			if x.call == (from == "calls") {
				m[text64(visitID(x))] = 5_150_000_000 + int64(x.customer.id)*17
			}
		}
	case "contacts→companies":
		m = map[string]int64{}
		for _, x := range c.people {
			m[text64(personID(x))] = companyID(x.customer)
		}
	}
	p.linked.Store(key, m)
	return m
}
