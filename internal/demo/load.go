package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// LoadOptions size the load generator.
type LoadOptions struct {
	Invoices int    // how many Sales Invoices there are
	PageSize int    // rows of a page where the request names no limit; 0 = ERPNext's 20
	Entries  bool   // also serve 1.2 Payment Ledger Entries an invoice
	Address  string // host:port; empty = a free loopback port
	// Latency is how long each answer is held back, as on the way to a distant server.
	Latency time.Duration
}

// LoadServer is an ERP of nothing but invoices, made to measure its client: it
// keeps no documents, so a page costs a few copies.
type LoadServer struct {
	URL, Key, Secret string
	server           *http.Server
	stop             func() bool
}

// Credentials of the load generator.
const (
	LoadKey    = "load-key"
	LoadSecret = "load-secret"
)

// ServeInvoices starts the load generator. It answers lists of Sales Invoice
// and, if asked to, Payment Ledger Entry with filters on modified, names and
// limit_start, in order of modified; every other DocType is empty. The i-th
// invoice is always the same document.
func ServeInvoices(ctx context.Context, o LoadOptions) (*LoadServer, error) {
	if o.PageSize <= 0 {
		o.PageSize = 20
	}
	if o.Address == "" {
		o.Address = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("demo: start the load generator: %w", err)
	}
	s := &LoadServer{URL: "http://" + l.Addr().String(), Key: LoadKey, Secret: LoadSecret}
	s.server = &http.Server{Handler: &loadHandler{options: o}, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(l) }()
	s.stop = context.AfterFunc(ctx, func() { _ = s.server.Close() })
	return s, nil
}

// Close stops the server at once.
func (s *LoadServer) Close() error {
	s.stop()
	return s.server.Close()
}

type loadHandler struct{ options LoadOptions }

func (h *loadHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "token "+LoadKey+":"+LoadSecret {
		(&erp{}).fail(w, &badQuery{http.StatusUnauthorized, "AuthenticationError", "Invalid Authentication"})
		return
	}
	if err := h.hold(r.Context()); err != nil {
		return
	}
	name, ok := strings.CutPrefix(r.URL.Path, "/api/resource/")
	q := r.URL.Query()
	var table loadTable
	switch {
	case r.URL.Path == "/api/method/frappe.auth.get_logged_user":
		sendJSON(w, http.StatusOK, []byte(`{"message":"load@haiyue.example"}`))
		return
	case r.URL.Path == "/api/method/frappe.client.get_count":
		name, ok = q.Get("doctype"), true
	case !ok:
		notFoundPage(w)
		return
	}
	switch {
	case name == "Sales Invoice":
		table = loadTable{h.options.Invoices, invoiceFields}
	case name == "Payment Ledger Entry" && h.options.Entries:
		table = loadTable{h.options.Invoices / 10 * 12, entryFields}
	}
	from, to, limit, err := h.window(q, table)
	if err != nil {
		(&erp{}).fail(w, err)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/api/method/") {
		sendJSON(w, http.StatusOK, fmt.Appendf(nil, `{"message":%d}`, to-from))
		return
	}
	var fields []string
	if err := json.Unmarshal([]byte(q.Get("fields")), &fields); err != nil {
		fields = []string{"name"}
	}
	if limit > 0 {
		to = min(to, from+limit)
	}
	body, err := table.page(fields, from, to)
	if err != nil {
		(&erp{}).fail(w, err)
		return
	}
	sendJSON(w, http.StatusOK, body)
}

// hold waits as long as answers take.
func (h *loadHandler) hold(ctx context.Context) error {
	if h.options.Latency <= 0 {
		return nil
	}
	t := time.NewTimer(h.options.Latency)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// window finds the rows that the filters and limit_start leave, and the limit.
// Only filters that can narrow a keyset are looked at: on modified and name.
func (h *loadHandler) window(q url.Values, t loadTable) (from, to, limit int, err error) {
	var filters [][]any
	if text := q.Get("filters"); text != "" {
		if err := json.Unmarshal([]byte(text), &filters); err != nil {
			return 0, 0, 0, &badQuery{417, "ValidationError", "Filters must be JSON: " + err.Error()}
		}
	}
	to = t.rows
	for _, f := range filters {
		if len(f) < 3 {
			continue
		}
		f = f[len(f)-3:]
		var i int // the first row that is not before the value
		var exact bool
		switch f[0] {
		case "modified":
			at, ok := parseStamp(fmt.Sprint(f[2]))
			if !ok {
				return 0, 0, 0, dataError("Invalid date: %v", f[2])
			}
			i = min(max(int((at-loadBegin+loadStep-1)/loadStep), 0), t.rows)
			exact = at >= loadBegin && (at-loadBegin)%loadStep == 0 && i < t.rows
		case "name":
			digits := fmt.Sprint(f[2])
			i, _ = strconv.Atoi(digits[strings.LastIndexByte(digits, '-')+1:])
			exact = true
		default:
			continue
		}
		next := i
		if exact {
			next++
		}
		switch f[1] {
		case ">=":
			from = max(from, i)
		case ">":
			from = max(from, next)
		case "=":
			from, to = max(from, i), min(to, next)
		case "<":
			to = min(to, i)
		case "<=":
			to = min(to, next)
		}
	}
	start, _ := strconv.Atoi(q.Get("limit_start"))
	limit = h.options.PageSize
	if text := q.Get("limit_page_length"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil {
			return 0, 0, 0, &badQuery{417, "ValidationError", "limit_page_length must be a number"}
		}
	}
	from = min(from+start, t.rows)
	return from, max(from, to), limit, nil
}

// A row's values are digits patched into a template, so that a page is made
// at the speed of copying.
var (
	loadBegin = at(ymd(2023, time.January, 1), 0)
	loadStep  = 47 * second // a million invoices take about a year and a half
)

type loadTable struct {
	rows   int
	fields map[string]loadField
}

// loadField is a field of the load generator: the JSON text of row 0, and how
// to write row i over it. The text has the same length in every row.
type loadField struct {
	sample string
	write  func(at []byte, i int)
}

func constant(json string) loadField { return loadField{sample: json} }

// digits overwrites b with the decimal digits of n.
func digits(b []byte, n int) {
	for k := len(b) - 1; k >= 0; k-- {
		b[k] = byte('0' + n%10)
		n /= 10
	}
}

// writeDay overwrites b with a day as 2006-01-02, by the arithmetic of the
// Gregorian calendar counted from March, which is faster than package time.
func writeDay(b []byte, d Date) {
	z := int(d) + 719468 // days since 0000-03-01
	era := z / 146097
	inEra := z % 146097
	year := (inEra - inEra/1460 + inEra/36524 - inEra/146096) / 365
	inYear := inEra - (365*year + year/4 - year/100)
	month := (5*inYear + 2) / 153
	digits(b[8:10], inYear-(153*month+2)/5+1)
	year += era * 400
	if month += 3; month > 12 {
		month -= 12
		year++
	}
	digits(b[:4], year)
	digits(b[5:7], month)
}

// dated writes the day of row i, plus some days.
func dated(plus Date) loadField {
	return loadField{`"2023-01-01"`, func(b []byte, i int) { writeDay(b[1:11], (loadBegin+stamp(i)*loadStep).date()+plus) }}
}

func numbered(sample string, first, width int, number func(i int) int) loadField {
	return loadField{sample, func(b []byte, i int) { digits(b[first:first+width], number(i)) }}
}

func same(i int) int { return i }

// loadAmount is the net amount of invoice i in whole units: five digits, even.
func loadAmount(i int) int { return 20_000 + i%40_000*7919%40_000*2 }

var loadModified = loadField{`"2023-01-01 00:00:00.000000"`, func(b []byte, i int) {
	s := loadBegin + stamp(i)*loadStep
	writeDay(b[1:11], s.date())
	seconds := int(s % day / second)
	digits(b[12:14], seconds/3600)
	digits(b[15:17], seconds/60%60)
	digits(b[18:20], seconds%60)
}}

var invoiceFields = map[string]loadField{
	"name":         numbered(`"ACC-SINV-2023-00000000"`, 15, 8, same),
	"customer":     numbered(`"CUST-00000"`, 6, 5, func(i int) int { return i * 31 % 5000 }),
	"company":      constant(`"Haiyue Machinery (Shanghai) Co., Ltd."`),
	"posting_date": dated(0), "due_date": dated(30),
	"currency": constant(`"CNY"`), "party_account_currency": constant(`"CNY"`), "conversion_rate": constant("1.0"),
	"grand_total": numbered("00000.13", 0, 5, loadAmount), "base_grand_total": numbered("00000.13", 0, 5, loadAmount),
	"net_total": numbered("00000.0", 0, 5, loadAmount), "total_taxes_and_charges": constant("0.13"),
	"rounded_total": constant("0.0"), "outstanding_amount": constant("0.0"), "write_off_amount": constant("0.0"),
	"is_return": constant("0"), "is_debit_note": constant("0"), "is_pos": constant("0"), "docstatus": constant("1"),
	"return_against": constant("null"), "payment_terms_template": constant(`"Net 30"`), "status": constant(`"Paid"`),
	"po_no": constant("null"), "territory": constant(`"East China"`), "project": constant("null"), "modified": loadModified, "modified_by": constant(`"Administrator"`), "creation": loadModified,
}

// entryInvoice is the invoice that ledger entry k pays: of ten invoices eight
// are paid at once and two in two parts.
func entryInvoice(k int) int {
	in := k % 12
	if in >= 8 {
		in = 8 + (in-8)/2
	}
	return k/12*10 + in
}

var entryFields = map[string]loadField{
	"name":         numbered(`"ple0000000000"`, 4, 10, same),
	"voucher_type": constant(`"Payment Entry"`), "voucher_no": numbered(`"ACC-PAY-2023-00000000"`, 14, 8, same),
	"voucher_detail_no":    numbered(`"per0000000000"`, 4, 10, same),
	"against_voucher_type": constant(`"Sales Invoice"`), "against_voucher_no": numbered(`"ACC-SINV-2023-00000000"`, 15, 8, entryInvoice),
	"posting_date": dated(28), "company": constant(`"Haiyue Machinery (Shanghai) Co., Ltd."`),
	"party": numbered(`"CUST-00000"`, 6, 5, func(k int) int { return entryInvoice(k) * 31 % 5000 }), "party_type": constant(`"Customer"`),
	"account_currency": constant(`"CNY"`), "delinked": constant("0"), "docstatus": constant("1"), "modified": loadModified,
	"amount_in_account_currency": {"-00000.13", func(b []byte, k int) {
		amount, cents := loadAmount(entryInvoice(k)), 13
		if k%12 >= 8 { // one of two halves; the cents come with the first
			amount /= 2
			cents *= 1 - k%2
		}
		digits(b[1:6], amount)
		digits(b[7:9], cents)
	}},
}

// page writes rows from … to-1 with the fields asked for.
func (t loadTable) page(fields []string, from, to int) ([]byte, error) {
	type patch struct {
		at    int
		width int
		write func([]byte, int)
	}
	row := []byte("{")
	var patches []patch
	for k, name := range fields {
		if to <= from {
			break
		}
		f, ok := t.fields[name]
		if !ok {
			return nil, dataError("Field not permitted in query: %s", name)
		}
		if k > 0 {
			row = append(row, ',')
		}
		row = append(strconv.AppendQuote(row, name), ':')
		if f.write != nil {
			patches = append(patches, patch{len(row), len(f.sample), f.write})
		}
		row = append(row, f.sample...)
	}
	row = append(row, "},"...)
	var out bytes.Buffer
	out.Grow(len(row)*(to-from) + 32)
	out.WriteString(`{"data":[`)
	for i := from; i < to; i++ {
		for _, p := range patches {
			p.write(row[p.at:p.at+p.width], i)
		}
		out.Write(row)
	}
	body := out.Bytes()
	if to > from {
		body = body[:len(body)-1]
	}
	return append(body, "]}"...), nil
}
