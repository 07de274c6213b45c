package dolibarr

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

type object = map[string]any

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.lock()()
	path, ok := strings.CutPrefix(r.URL.Path, "/api/index.php")
	s.asked[path]++
	if s.instead != nil {
		if status, body := s.instead(path); status != 0 {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
			return
		}
	}
	switch parts := strings.Split(strings.Trim(path, "/"), "/"); {
	case !ok || r.Method != http.MethodGet:
		http.NotFound(w, r)
	case r.Header.Get("DOLAPIKEY") != Key:
		refuse(w, 401, "Unauthorized: Access not allowed for this key")
	case path == "/setup/dictionary/payment_terms":
		answer(w, []object{{"id": "1", "code": "RECEP"}, {"id": "2", "code": "30D"}})
	case len(parts) == 1:
		s.list(w, parts[0], r.URL.Query())
	case len(parts) == 3:
		id, _ := strconv.Atoi(parts[1])
		s.children(w, id, parts[0]+"/"+parts[2])
	default:
		fmt.Fprint(w, "API not found (failed to include API file)")
	}
}

func answer(w http.ResponseWriter, v any) { json.NewEncoder(w).Encode(v) }

func refuse(w http.ResponseWriter, status int, message string) {
	w.WriteHeader(status)
	answer(w, object{"error": object{"code": status, "message": message}, "debug": object{"source": "api.class.php:1 at call stage"}})
}

// row is a record with the fields that filters and orders know it by.
type row struct {
	columns map[string]any // int, or time.Time
	record  object
}

// list answers a list: rows of a table that fit the filters, ordered, cut.
func (s *Server) list(w http.ResponseWriter, name string, q url.Values) {
	rows, key, none := s.table(name)
	if key == "" {
		w.WriteHeader(501)
		fmt.Fprint(w, "API not found (failed to include API file)")
		return
	}
	sort := cmp.Or(q.Get("sortfield"), "t."+key)
	if sort != "t."+key {
		refuse(w, 503, "Service Unavailable: Error when retrieve list : Unknown column '"+sort+"' in 'ORDER BY'")
		return
	}
	f := filter{text: q.Get("sqlfilters"), zone: s.Zone, old: s.Version < 17}
	var hits []row
	for _, r := range rows {
		keep, err := f.keeps(r.columns)
		if err != nil {
			refuse(w, 400, "Bad Request: Error when validating parameter sqlfilters -> "+err.Error())
			return
		}
		if keep {
			hits = append(hits, r)
		}
	}
	slices.SortFunc(hits, func(a, b row) int { return a.columns[key].(int) - b.columns[key].(int) })
	limit, err := strconv.Atoi(cmp.Or(q.Get("limit"), "100"))
	if err != nil {
		refuse(w, 400, "Bad Request: Invalid value specified for `limit`")
		return
	}
	page, _ := strconv.Atoi(q.Get("page"))
	if limit > 0 {
		hits = hits[min(len(hits), limit*page):]
		hits = hits[:min(len(hits), limit)]
	}
	if len(hits) == 0 && none != "" {
		refuse(w, 404, "Not Found: "+none)
		return
	}
	out := []object{}
	for _, h := range hits {
		if want := q.Get("properties"); want != "" && s.Version >= 17 { // older ones send everything
			for name := range h.record {
				if !slices.Contains(strings.Split(want, ","), name) {
					delete(h.record, name)
				}
			}
		}
		out = append(out, h.record)
	}
	answer(w, out)
}

// table gives the rows of a table, its key, and how an empty list is refused; empty = it is not.
func (s *Server) table(name string) (rows []row, key, none string) {
	old := func(text string) string {
		if s.Version < 17 {
			return text
		}
		return ""
	}
	switch name {
	case "thirdparties":
		for _, p := range s.parties {
			rows = append(rows, row{object{"rowid": p.id, "tms": p.changed}, s.thirdparty(p)})
		}
		return rows, "rowid", cmp.Or(old("Thirdparties not found"), "No third parties found")
	case "invoices":
		for _, i := range s.invoices {
			rows = append(rows, row{object{"rowid": i.ID, "tms": i.changed, "fk_statut": i.Status, "type": i.Type, "datef": i.Date}, s.document(i)})
		}
		return rows, "rowid", old("No invoice found")
	case "agendaevents":
		for _, e := range s.events {
			rows = append(rows, row{object{"id": e.id, "tms": e.changed, "fk_action": e.kind}, s.agenda(e)})
		}
		return rows, "id", old("No Agenda Event found")
	case "users": // the time of a change is missing
		rows = append(rows, row{object{"rowid": s.First + 1}, object{"id": text(s.First + 1), "firstname": "Li", "lastname": "Wei", "login": "li", "email": "", "job": nil, "statut": "1", "datem": ""}})
		return rows, "rowid", old("No User found")
	}
	return nil, "", ""
}

func (s *Server) thirdparty(p *party) object {
	limit := any(nil)
	if p.limit != "" {
		limit = p.limit + ".00000000"
	}
	return object{"id": text(p.id), "name": p.name, "client": text(p.client), "fournisseur": text(p.supplier), "status": "1", "parent": nil,
		"typent_code": "TE_RETAIL", "country_code": "FR", "cond_reglement_id": "2", "outstanding_limit": limit, "array_options": []int{},
		"code_client": "CU" + text(p.id), "idprof1": "", "tva_intra": "", "date_creation": p.changed.Unix(), "date_modification": p.changed.Unix()}
}

func (s *Server) document(i *Invoice) object {
	net := i.Total * 5 / 6
	o := object{"id": text(i.ID), "entity": "1", "ref": "FA" + text(i.ID), "status": text(i.Status), "statut": text(i.Status), "type": text(i.Type),
		"socid": text(i.Customer), "date": i.Date.Unix(), "date_validation": i.Date.Unix(), "date_lim_reglement": i.Date.AddDate(0, 0, 30).Unix(),
		"date_modification": i.changed.Unix(), "datem": i.changed.Unix(), "total_ht": eight(net), "total_tva": eight(i.Total - net), "total_ttc": eight(i.Total),
		"remaintopay": short(s.left(i)), "totalpaid": json.Number(short(s.paid(i))), "paye": "0", "close_code": nil, "cond_reglement_code": "30D",
		"ref_client": "PO " + text(i.ID), "multicurrency_code": "EUR", "multicurrency_total_ttc": eight(i.Total), "array_options": []int{}}
	if i.Paid {
		o["paye"] = "1"
	}
	if i.CloseCode != "" {
		o["close_code"] = i.CloseCode
	}
	return o
}

func (s *Server) agenda(e *event) object {
	code, kind := "AC_RDV", "system"
	if e.kind == 40 {
		code, kind = "AC_OTH_AUTO", "systemauto"
	}
	return object{"id": text(e.id), "type_id": text(e.kind), "type": kind, "type_code": code, "label": "拜访", "socid": text(e.customer), "userownerid": text(s.First + 1),
		"percentage": text(e.percent), "datep": e.at.Unix(), "datec": e.changed.Unix(), "datem": e.changed.Unix(), "location": nil, "elementtype": nil, "elementid": nil}
}

// children answers what hangs on an invoice or a third party.
func (s *Server) children(w http.ResponseWriter, id int, what string) {
	out := []object{}
	switch what {
	case "invoices/payments":
		if s.invoice(id) == nil {
			refuse(w, 404, "Not Found: Invoice not found")
			return
		}
		out = s.payments(id)
	case "thirdparties/fixedamountdiscounts":
		if s.party(id) == nil {
			refuse(w, 404, "Not Found: Thirdparty not found")
			return
		}
		for _, d := range s.discounts {
			if d.Customer == id {
				out = append(out, object{"rowid": text(d.ID), "ref": "FA" + text(d.Source), "factype": text(s.invoice(d.Source).Type), "fk_facture_source": text(d.Source),
					"amount_ttc": eight(d.Amount), "description": "(CREDIT)", "fk_facture": number(d.Used), "fk_facture_line": number(d.Line)})
			}
		}
	case "thirdparties/representatives":
		if s.Version == 22 || s.party(id) == nil { // 22.0.4 says so of every third party
			refuse(w, 404, "Not Found: Thirdparty not found")
			return
		}
		for _, r := range s.party(id).reps {
			out = append(out, object{"id": text(r), "lastname": "x"})
		}
	default:
		refuse(w, 404, "Not Found")
		return
	}
	answer(w, out)
}

// payments are the shares of payments and the credits of an invoice, in one list.
func (s *Server) payments(invoice int) []object {
	out := []object{}
	add := func(o object, line string) {
		if s.Version >= 17 {
			o["typeline"] = line
		}
		out = append(out, o)
	}
	for _, x := range s.shares {
		if x.invoice == invoice {
			o := object{"amount": eight(x.amount), "type": "VIR", "date": x.at.In(s.Zone).Format(time.DateTime), "num": "W", "ref": x.ref, "ref_ext": ""}
			if s.Version >= 17 {
				o["fk_bank_line"] = "7"
			}
			add(o, "payment")
		}
	}
	for _, d := range s.discounts {
		if d.Used == invoice {
			add(object{"amount": eight(d.Amount), "type": "(CREDIT_NOTE)", "date": s.now().In(s.Zone).Format(time.DateTime), "num": "", "ref": "FA" + text(d.Source)}, "discount")
		}
	}
	return out
}

func text(n int) string { return strconv.Itoa(n) }

func number(n int) any {
	if n == 0 {
		return nil
	}
	return text(n)
}

// eight writes cents with the eight decimals of the database, short without any that are not needed.
func eight(cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d000000", sign, cents/100, cents%100)
}

func short(cents int64) string { return strings.TrimRight(strings.TrimRight(eight(cents), "0"), ".") }
