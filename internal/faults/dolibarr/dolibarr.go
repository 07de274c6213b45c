// Package dolibarr answers as Dolibarr's REST API does, for tests of its
// connector: lists by filters and offsets, amounts as texts of eight decimals,
// instants counted in the server's zone, payments without numbers, and balances
// that move without a sign. It keeps the books, so that a test can ask what is owed.
package dolibarr

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"sync"
	"time"
)

// Types of invoices.
const (
	Standard   = 0
	CreditNote = 2
	Deposit    = 3
)

// Invoice is an invoice or credit note; amounts are cents, negative on credit notes.
type Invoice struct {
	ID, Customer, Type, Status int // status 0 draft, 1 open, 2 closed, 3 abandoned
	Total                      int64
	Paid                       bool // paye
	CloseCode                  string
	Date                       time.Time // midnight in the server's zone
	changed                    time.Time // tms
}

// share is what a payment pays of an invoice.
type share struct {
	ref     string
	invoice int
	amount  int64
	at      time.Time
}

// Discount is a credit of a customer.
type Discount struct {
	ID, Customer, Source int
	Used, Line           int // invoice that it settles, invoice whose lines it went into
	Amount               int64
}

// party is a third party.
type party struct {
	id, client, supplier int
	name, limit          string
	reps                 []int
	changed              time.Time
}

// event is an event of the agenda.
type event struct {
	id, kind, customer, percent int // kind 5 is a meeting, 40 what Dolibarr writes itself
	at, changed                 time.Time
}

// Server is a Dolibarr. Its version is 22 or 16. Every number it gives is above
// First, so that two of them can fill one warehouse.
type Server struct {
	*httptest.Server
	Zone    *time.Location
	Version int
	First   int

	mu        sync.Mutex
	instead   func(path string) (status int, body string)
	now       func() time.Time
	began     time.Time // invoices are of the days before
	invoices  []*Invoice
	shares    []share
	discounts []*Discount
	parties   []*party
	events    []*event
	last      int
	asked     map[string]int
}

// Key is what requests must carry.
const Key = "the-key-of-a-reader"

// New starts a server whose clock is now.
func New(version, first int, zone *time.Location, now func() time.Time) *Server {
	s := &Server{Version: version, First: first, Zone: zone, now: now, began: now(), last: first, asked: map[string]int{}}
	s.Server = httptest.NewServer(s)
	return s
}

// Asked tells how many requests went to a path, such as /invoices.
func (s *Server) Asked(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[path]
}

// Instead sets what answers in place of the server; status 0 leaves a request to
// it, and nil every request. f runs under the server's lock.
func (s *Server) Instead(f func(path string) (status int, body string)) {
	defer s.lock()()
	s.instead = f
}

func (s *Server) lock() func() { s.mu.Lock(); return s.mu.Unlock }

func (s *Server) number() int { s.last++; return s.last }

// Customer adds a third party.
func (s *Server) Customer(name string, client, supplier int) int {
	defer s.lock()()
	p := &party{id: s.number(), name: name, client: client, supplier: supplier, changed: s.now()}
	s.parties = append(s.parties, p)
	return p.id
}

// Represent names the representatives of a customer, which leaves no trace on it.
func (s *Server) Represent(customer int, reps ...int) {
	defer s.lock()()
	s.party(customer).reps = reps
}

// Limit sets the credit limit of a customer; empty = none.
func (s *Server) Limit(customer int, limit string) {
	defer s.lock()()
	p := s.party(customer)
	p.limit, p.changed = limit, s.now()
}

// DeleteCustomer removes a third party without a trace.
func (s *Server) DeleteCustomer(id int) {
	defer s.lock()()
	s.parties = slices.DeleteFunc(s.parties, func(p *party) bool { return p.id == id })
}

// Draft adds a draft.
func (s *Server) Draft(customer, typ int, total int64) int {
	defer s.lock()()
	id := s.number()
	y, m, d := s.began.In(s.Zone).Date()
	day := time.Date(y, m, d-24+(id-s.First)%20, 0, 0, 0, 0, s.Zone)
	s.invoices = append(s.invoices, &Invoice{ID: id, Customer: customer, Type: typ, Total: total, Date: day, changed: s.now()})
	return id
}

// Add adds a validated invoice.
func (s *Server) Add(customer, typ int, total int64) int {
	id := s.Draft(customer, typ, total)
	s.Set(id, func(i *Invoice) { i.Status = 1 })
	return id
}

// Set changes an invoice.
func (s *Server) Set(id int, change func(*Invoice)) {
	defer s.lock()()
	i := s.invoice(id)
	change(i)
	i.changed = s.now()
}

// Delete removes an invoice without a trace.
func (s *Server) Delete(id int) {
	defer s.lock()()
	s.invoices = slices.DeleteFunc(s.invoices, func(i *Invoice) bool { return i.ID == id })
}

// Pay adds a payment over invoices. What it settles is closed; an invoice that is
// paid in part, or in excess, does not show that it changed.
func (s *Server) Pay(ref string, amounts map[int]int64) {
	defer s.lock()()
	for id, amount := range amounts {
		s.shares = append(s.shares, share{ref, id, amount, s.now()})
		if i := s.invoice(id); s.left(i) == 0 {
			i.Status, i.Paid, i.changed = 2, true, s.now()
		}
	}
}

// Unpay deletes a payment; what it had closed is open again.
func (s *Server) Unpay(ref string) {
	defer s.lock()()
	for _, x := range s.shares {
		if i := s.invoice(x.invoice); x.ref == ref && i.Paid {
			i.Status, i.Paid, i.changed = 1, false, s.now()
		}
	}
	s.shares = slices.DeleteFunc(s.shares, func(x share) bool { return x.ref == ref })
}

// Convert makes credits of a credit note (one for each of two rates of VAT), a
// deposit or money paid in excess. All but deposits are closed by it.
func (s *Server) Convert(id int) []int {
	defer s.lock()()
	i := s.invoice(id)
	var parts []int64
	switch i.Type {
	case CreditNote:
		parts = []int64{-i.Total / 2, -i.Total - -i.Total/2}
	case Deposit:
		parts = []int64{i.Total}
	default:
		parts = []int64{-s.left(i)}
	}
	var made []int
	for _, amount := range parts {
		d := &Discount{ID: s.number(), Customer: i.Customer, Source: id, Amount: amount}
		s.discounts = append(s.discounts, d)
		made = append(made, d.ID)
	}
	if i.Type != Deposit {
		i.Status, i.Paid, i.changed = 2, true, s.now()
	}
	return made
}

// Use settles an invoice by a credit, 0 takes it back: nothing shows that the invoice changed.
func (s *Server) Use(discount, invoice int) { defer s.lock()(); s.discount(discount).Used = invoice }

// UseInLines lowers the total of a draft by a credit.
func (s *Server) UseInLines(discount, invoice int) {
	s.Set(invoice, func(i *Invoice) {
		d := s.discount(discount)
		d.Line = invoice
		i.Total -= d.Amount
	})
}

// Merge gives what one customer has to another.
func (s *Server) Merge(into, gone int) {
	for _, i := range s.invoices {
		if i.Customer == gone {
			s.Set(i.ID, func(i *Invoice) { i.Customer = into })
		}
	}
	for _, d := range s.discounts {
		if d.Customer == gone {
			d.Customer = into
		}
	}
	s.DeleteCustomer(gone)
}

// Event adds an event of the agenda.
func (s *Server) Event(customer, kind, percent int, at time.Time) int {
	defer s.lock()()
	e := &event{id: s.number(), kind: kind, customer: customer, percent: percent, at: at, changed: s.now()}
	s.events = append(s.events, e)
	return e.id
}

// Owed is what Dolibarr says each customer owes, in cents: what is left of open
// invoices, less credits that can be used.
func (s *Server) Owed() map[string]int64 {
	defer s.lock()()
	out := map[string]int64{}
	for _, i := range s.invoices {
		if i.Status == 1 && !i.Paid {
			out[fmt.Sprint(i.Customer)] += s.left(i)
		}
	}
	for _, d := range s.discounts {
		if d.Used == 0 && d.Line == 0 {
			out[fmt.Sprint(d.Customer)] -= d.Amount
		}
	}
	return out
}

// Left is what is left of each invoice that is open, in cents.
func (s *Server) Left() map[string]int64 {
	defer s.lock()()
	out := map[string]int64{}
	for _, i := range s.invoices {
		if i.Status == 1 && i.Type != CreditNote && s.left(i) != 0 {
			out[fmt.Sprint(i.ID)] = s.left(i)
		}
	}
	return out
}

// Received is what each payment brought, in cents, by its reference.
func (s *Server) Received() map[string]int64 {
	defer s.lock()()
	out := map[string]int64{}
	for _, x := range s.shares {
		out[x.ref] += x.amount
	}
	return out
}

func (s *Server) left(i *Invoice) int64 {
	left := i.Total - s.paid(i)
	for _, d := range s.discounts {
		if d.Used == i.ID {
			left -= d.Amount
		}
	}
	return left
}

func (s *Server) paid(i *Invoice) int64 {
	var sum int64
	for _, x := range s.shares {
		if x.invoice == i.ID {
			sum += x.amount
		}
	}
	return sum
}

func (s *Server) invoice(id int) *Invoice {
	for _, i := range s.invoices {
		if i.ID == id {
			return i
		}
	}
	return nil
}

func (s *Server) discount(id int) *Discount {
	for _, d := range s.discounts {
		if d.ID == id {
			return d
		}
	}
	return nil
}

func (s *Server) party(id int) *party {
	for _, p := range s.parties {
		if p.id == id {
			return p
		}
	}
	return nil
}

// Customers counts the third parties that are not suppliers only.
func (s *Server) Customers() (n int) {
	defer s.lock()()
	for _, p := range s.parties {
		if p.client != 0 || p.supplier == 0 {
			n++
		}
	}
	return n
}
