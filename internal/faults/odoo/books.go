package odoo

import (
	"encoding/json"
	"fmt"
	"time"
)

// Pass moves the server's clock on.
func (s *Server) Pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// put makes a record; its write date is the server's clock.
func (s *Server) put(model string, r row) int {
	if s.tables[model] == nil {
		s.tables[model] = map[int]row{}
	}
	s.last[model]++
	if s.fields[model] == nil {
		s.fields[model] = map[string]bool{"id": true, "write_date": true, "create_date": true}
	}
	for f := range r {
		if f[0] != '_' {
			s.fields[model][f] = true
		}
	}
	r["write_date"], r["create_date"] = s.now.Add(123456*time.Microsecond), s.now.Add(123456*time.Microsecond)
	s.tables[model][s.last[model]] = r
	return s.last[model]
}

func (s *Server) touch(model string, id int) {
	s.tables[model][id]["write_date"] = s.now.Add(654321 * time.Microsecond)
}

var company = reference{1, "My Company"}

// journals by number: sales, bank, general.
var journals = map[int]string{1: "sale", 2: "bank", 3: "general"}

func (s *Server) masterData() {
	s.put("res.company", row{"name": company.name, "currency_id": reference{1, "USD"}})
	for id := 1; id <= 3; id++ {
		s.put("account.journal", row{"type": journals[id]})
	}
	for _, name := range []string{"Administrator", "Reader", "Li Wei"} {
		s.put("res.users", row{"name": name, "login": name, "share": false, "active": true, "partner_id": reference{s.last["res.users"] + 1, name}})
	}
	s.put("res.currency.rate", row{"name": "2026-01-01", "currency_id": reference{2, "EUR"}, "company_id": company, "inverse_company_rate": json.Number("1.1111111111111112")})
	s.put("mail.activity.type", row{"category": "phonecall"})
	s.last["res.partner"] = 10
}

// learnFields makes a record of each model and takes it away again: a model has fields before it has records.
func (s *Server) learnFields() {
	customer := s.Customer("nobody")
	_, debit := s.Document("out_invoice", customer, "USD", "2026-01-01", 100)
	_, credit := s.Entry(2, customer, "USD", "2026-01-01", -100)
	s.Reconcile(debit, credit, 100, 100, "2026-01-01")
	s.Meeting(customer, "2026-01-01 08:00:00")
	s.put("mail.message", row{"model": "", "res_id": 0, "date": "", "author_id": reference{}, "mail_activity_type_id": reference{}, "subject": ""})
	for _, model := range []string{"account.move", "account.move.line", "account.partial.reconcile", "calendar.event", "mail.message", "res.partner"} {
		s.tables[model] = map[int]row{}
	}
}

// Customer makes a contact and returns its number.
func (s *Server) Customer(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.last["res.partner"] + 1
	return s.put("res.partner", row{"name": name, "commercial_partner_id": reference{id, name}, "parent_id": reference{}, "industry_id": reference{}, "category_id": []int{},
		"state_id": reference{}, "country_id": reference{7, "China"}, "user_id": reference{3, "Li Wei"}, "property_payment_term_id": reference{4, "30 Days"},
		"active": true, "customer_rank": 1, "supplier_rank": 0, "ref": "", "vat": "", "use_partner_credit_limit": false, "credit_limit": json.Number("0.0"), "company_id": reference{}, "partner_share": true})
}

// Document posts an invoice (out_invoice) or refund (out_refund) of one item and returns the numbers of entry and item.
func (s *Server) Document(kind string, customer int, currency, date string, cents int64) (move, line int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := reference{customer, s.tables["res.partner"][customer]["name"].(string)}
	move = s.put("account.move", row{"name": fmt.Sprintf("%s/%d", kind, s.last["account.move"]+1), "move_type": kind, "state": "posted", "payment_state": "not_paid", "partner_id": who,
		"commercial_partner_id": who, "company_id": company, "currency_id": currencyOf(currency), "invoice_date": date, "date": date, "invoice_date_due": date,
		"amount_total": amount(cents), "amount_untaxed": amount(cents), "amount_tax": amount(0), "invoice_user_id": reference{3, "Li Wei"}, "team_id": reference{},
		"invoice_payment_term_id": reference{}, "reversed_entry_id": reference{}, "ref": "", "invoice_origin": ""})
	sign := int64(1)
	if kind == "out_refund" {
		sign = -1
	}
	return move, s.item(move, kind, who, currency, date, sign*cents, 1, reference{})
}

// Entry posts a receivable item of another journal (2 = bank, 3 = general): money received is negative.
func (s *Server) Entry(journal, customer int, currency, date string, cents int64) (move, line int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := reference{customer, "of the entry"}
	move = s.put("account.move", row{"name": fmt.Sprintf("ENTRY/%d", s.last["account.move"]+1), "move_type": "entry", "state": "posted", "payment_state": "not_paid", "partner_id": who,
		"commercial_partner_id": who, "company_id": company, "currency_id": currencyOf(currency), "date": date, "invoice_date": "", "invoice_date_due": "", "amount_total": amount(cents),
		"amount_untaxed": amount(cents), "amount_tax": amount(0), "invoice_user_id": reference{}, "team_id": reference{}, "invoice_payment_term_id": reference{}, "reversed_entry_id": reference{}, "ref": "", "invoice_origin": ""})
	return move, s.item(move, "entry", who, currency, date, cents, journal, reference{})
}

func (s *Server) item(move int, kind string, who reference, currency, date string, cents int64, journal int, payment reference) int {
	return s.put("account.move.line", row{"move_id": reference{move, "entry"}, "move_type": kind, "parent_state": "posted", "partner_id": who, "company_id": company,
		"currency_id": currencyOf(currency), "amount_currency": amount(cents), "date": date, "date_maturity": date, "journal_id": reference{journal, journals[journal]},
		"payment_id": payment, "reconciled": false, "account_type": "asset_receivable", "_residual": cents})
}

// Reconcile settles a debit item with a credit item. The write date of both items
// moves, and that of invoices; that of a payment's entry does not.
func (s *Server) Reconcile(debit, credit int, inDebit, inCredit int64, date string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle(debit, -inDebit)
	s.settle(credit, inCredit)
	return s.put("account.partial.reconcile", row{"debit_move_id": reference{debit, "debit item"}, "credit_move_id": reference{credit, "credit item"}, "amount": amount(inDebit),
		"debit_amount_currency": amount(inDebit), "credit_amount_currency": amount(inCredit), "max_date": date})
}

// Release removes a reconciliation: the record is gone without a trace.
func (s *Server) Release(partial int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release(partial)
}

func (s *Server) release(partial int) {
	p := s.tables["account.partial.reconcile"][partial]
	s.settle(p["debit_move_id"].(reference).id, centsOf(p["debit_amount_currency"]))
	s.settle(p["credit_move_id"].(reference).id, -centsOf(p["credit_amount_currency"]))
	delete(s.tables["account.partial.reconcile"], partial)
}

func (s *Server) settle(line int, cents int64) {
	l := s.tables["account.move.line"][line]
	l["_residual"] = l["_residual"].(int64) + cents
	s.touch("account.move.line", line)
	if l["move_type"] != "entry" {
		s.touch("account.move", l["move_id"].(reference).id)
	}
}

// releaseAll removes the reconciliations of an entry, as taking it back does.
func (s *Server) releaseAll(move int) {
	for id, p := range s.tables["account.partial.reconcile"] {
		for _, side := range []string{"debit_move_id", "credit_move_id"} {
			if l, ok := s.tables["account.move.line"][p[side].(reference).id]; ok && l["move_id"].(reference).id == move {
				s.release(id)
				break
			}
		}
	}
}

// SetState moves an entry and its items to draft, posted or cancel. A cancelled entry keeps its amounts.
func (s *Server) SetState(move int, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.releaseAll(move)
	s.tables["account.move"][move]["state"] = state
	s.touch("account.move", move)
	for id, l := range s.tables["account.move.line"] {
		if l["move_id"].(reference).id == move {
			l["parent_state"] = state
			s.touch("account.move.line", id)
		}
	}
}

// Delete removes an entry with its items: nothing is left to ask for.
func (s *Server) Delete(move int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.releaseAll(move)
	delete(s.tables["account.move"], move)
	for id, l := range s.tables["account.move.line"] {
		if l["move_id"].(reference).id == move {
			delete(s.tables["account.move.line"], id)
		}
	}
}

// BackDate gives an entry and its items a write date of the past, as a
// transaction does that began long before it was committed.
func (s *Server) BackDate(move int, by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables["account.move"][move]["write_date"] = s.now.Add(-by)
	for _, l := range s.tables["account.move.line"] {
		if l["move_id"].(reference).id == move {
			l["write_date"] = s.now.Add(-by)
		}
	}
}

// Meeting puts a meeting that stands on a customer into the calendar.
func (s *Server) Meeting(customer int, start string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.put("calendar.event", row{"name": "visit", "start": start, "stop": start, "allday": false, "start_date": "", "user_id": reference{3, "Li Wei"},
		"partner_ids": []int{3, customer}, "res_model": "res.partner", "res_id": customer, "location": "", "active": true})
}

// Balances are the open amounts of posted items by customer and currency, in cents.
func (s *Server) Balances() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]int64{}
	for _, l := range s.tables["account.move.line"] {
		if l["parent_state"] == "posted" && l["_residual"].(int64) != 0 {
			out[fmt.Sprintf("%d %s", l["partner_id"].(reference).id, l["currency_id"].(reference).name)] += l["_residual"].(int64)
		}
	}
	return out
}

func currencyOf(name string) reference {
	return reference{map[string]int{"USD": 1, "EUR": 2}[name], name}
}

// amount is written as Odoo writes it: a number that a float holds.
func amount(cents int64) json.Number {
	return json.Number(fmt.Sprint(float64(cents) / 100))
}

func centsOf(v any) int64 {
	f, _ := v.(json.Number).Float64()
	if f < 0 {
		return int64(f*100 - 0.5)
	}
	return int64(f*100 + 0.5)
}
