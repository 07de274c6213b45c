package pipeline

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"huikuan/internal/faults/odoo"
)

// odooStart is when the simulated Odoo begins to write. It is not long ago:
// keys that a pass met expire after some days of the engine's own clock.
var odooStart = time.Now().UTC().Truncate(time.Second).Add(-24 * time.Hour)

// openOdoo starts an app on a simulated Odoo; both have the clock *now.
func openOdoo(t *testing.T, s *odoo.Server, now *time.Time) *App {
	t.Helper()
	return openAt(t, now, fmt.Sprintf("data: data\nreporting_currency: USD\nsync: {max_deleted_share: 1}\nsources:\n  - name: erp\n    connector: odoo\n"+
		"    settings: {url: %q, database: prod, user: admin, password: %q, page_size: 3, keys_page_size: 5, rate: 0}\n", s.URL, odoo.Password))
}

// sameBalances holds every customer's balance by currency against Odoo's residual amounts.
func sameBalances(t *testing.T, a *App, s *odoo.Server, when string) {
	t.Helper()
	if _, err := a.Build(t.Context(), BuildOptions{MetricsOnly: true}); err != nil { // the ledger is what is looked at
		t.Fatal(when, err)
	}
	want := s.Balances()
	got := lines(t, a, "SELECT customer_id, currency, toInt64(100 * sum(net_ar)) AS net FROM ar_snapshots WHERE as_of = (SELECT max(as_of) FROM ar_snapshots) GROUP BY customer_id, currency HAVING net != 0")
	for _, line := range got {
		at := strings.LastIndex(line, " ")
		if account := line[:at]; fmt.Sprint(want[account]) != line[at+1:] {
			t.Errorf("%s: customer %s: %s cents in the warehouse, %d in Odoo", when, account, line[at+1:], want[account])
		}
		delete(want, line[:at])
	}
	for account, cents := range want {
		if cents != 0 {
			t.Errorf("%s: customer %s: nothing in the warehouse, %d cents in Odoo", when, account, cents)
		}
	}
}

func TestOdooBalancesAreItsOwnThroughEveryKindOfEdit(t *testing.T) {
	if testing.Short() {
		t.Skip("five reads and builds on the engine: left out by -short")
	}
	s := odoo.New(odooStart)
	defer s.Close()
	now := odooStart.Add(time.Hour)
	a := openOdoo(t, s, &now)
	pass := func() { s.Pass(2 * time.Hour); now = now.Add(2 * time.Hour) }
	read := func(when string) SyncReport {
		t.Helper()
		r := synced(t, a, SyncOptions{})
		if r.Rejected() > 0 {
			t.Errorf("%s: %d records rejected, such as %+v", when, r.Rejected(), r.Streams)
		}
		sameBalances(t, a, s, when)
		return r
	}
	acme, hua := s.Customer("Acme"), s.Customer("华东机械有限公司")
	var moves, items []int
	for i := range 9 { // a batch: all within one second
		move, item := s.Document("out_invoice", []int{acme, hua}[i%2], []string{"USD", "EUR"}[i/5], "2026-02-10", int64(100000+i*1234))
		moves, items = append(moves, move), append(items, item)
	}
	cash, cashItem := s.Entry(2, acme, "USD", "2026-02-20", -150000)
	partial := s.Reconcile(items[0], cashItem, 100000, 100000, "2026-02-20")
	s.Reconcile(items[2], cashItem, 50000, 50000, "2026-02-20")
	refund, refundItem := s.Document("out_refund", hua, "USD", "2026-02-21", 30000)
	s.Reconcile(items[1], refundItem, 30000, 30000, "2026-02-21")
	s.Entry(3, acme, "USD", "2026-01-01", 12345) // an opening balance
	s.Meeting(hua, "2026-02-25 09:00:00")
	s.SetState(moves[8], "cancel") // keeps its amounts
	read("first read")
	if got := lines(t, a, "SELECT customer_id, rep_id, channel FROM visits"); len(got) != 1 || got[0] != fmt.Sprintf("%d 3 meeting", hua) {
		t.Errorf("visits: %q", got)
	}

	pass()
	s.Release(partial) // the record vanishes; the payment's entry does not move
	_, dollars := s.Entry(2, hua, "USD", "2026-03-01", -1111)
	s.Reconcile(items[5], dollars, 1000, 1111, "2026-03-01") // dollars for an invoice in euro
	read("a reconciliation removed, a payment in another currency")

	pass()
	s.SetState(moves[3], "draft") // taken back, then gone, before anybody read it
	s.Delete(moves[3])
	s.Delete(cash)
	_, late := s.Document("out_invoice", acme, "USD", "2026-03-01", 777)
	_, credit := s.Entry(3, acme, "USD", "2026-03-02", -777) // written off by a journal entry
	s.Reconcile(late, credit, 777, 777, "2026-03-02")
	read("an invoice and a payment deleted, a write-off by journal entry")

	pass()
	s.SetState(refund, "draft")
	hidden, _ := s.Document("out_invoice", acme, "USD", "2026-03-03", 4242)
	s.BackDate(hidden, 10*time.Minute) // a transaction that began before the last read
	long, _ := s.Document("out_invoice", acme, "USD", "2026-03-03", 5151)
	s.BackDate(long, 3*time.Hour) // and one that was longer than the overlap: only its identifier tells
	read("commits that came late")
	pass()
	for _, st := range read("nothing happened").Streams {
		if st.Stream == "invoices" && st.Rows > 4 { // what was written at the same time as the last change
			t.Errorf("a read without news loaded %d documents", st.Rows)
		}
	}
}

func TestOdooErrorsWithStatus200AreErrors(t *testing.T) {
	s := odoo.New(odooStart)
	defer s.Close()
	s.Document("out_invoice", s.Customer("Acme"), "USD", "2026-02-10", 100)
	now := odooStart.Add(time.Hour)
	a := openOdoo(t, s, &now)

	calls := 0
	s.Fault(func(model string, w http.ResponseWriter) bool { // the database is down for one request
		calls++
		if calls != 3 {
			return false
		}
		fmt.Fprint(w, `{"jsonrpc":"2.0","id":1,"error":{"code":200,"message":"Odoo Server Error","data":{"name":"psycopg2.errors.SerializationFailure","message":"could not serialize access"}}}`)
		return true
	})
	synced(t, a, SyncOptions{})
	sameBalances(t, a, s, "after a conflict of transactions")

	s.Fault(func(model string, w http.ResponseWriter) bool {
		if model != "account.move.line" {
			return false
		}
		fmt.Fprint(w, `{"jsonrpc":"2.0","id":1,"error":{"code":200,"message":"Odoo Server Error","data":{"name":"odoo.exceptions.AccessError","message":"You are not allowed to access 'Journal Item'"}}}`)
		return true
	})
	r, err := a.Sync(t.Context(), SyncOptions{Streams: []string{"lines"}, Full: true})
	if err != nil || r.Err() == nil || !strings.Contains(r.Err().Error(), "Journal Item") || !strings.Contains(r.Err().Error(), "accountant") {
		t.Errorf("a right that is missing: %v %v", err, r.Err())
	}
	s.Fault(nil)

	s.Lacks("account.move", "amount_total")
	r, err = a.Sync(t.Context(), SyncOptions{Streams: []string{"invoices"}})
	if err != nil || r.Err() == nil || !strings.Contains(r.Err().Error(), "amount_total") {
		t.Errorf("a field that another version lacks: %v %v", err, r.Err())
	}
}

func TestOdooSaysFalseToAWrongPassword(t *testing.T) {
	s := odoo.New(odooStart)
	defer s.Close()
	a := open(t, fmt.Sprintf("data: data\nsources:\n  - {name: erp, connector: odoo, settings: {url: %q, database: prod, user: admin, password: wrong-key}}\n", s.URL))
	r, err := a.Sync(t.Context(), SyncOptions{Streams: []string{"companies"}})
	if err != nil || r.Err() == nil || !strings.Contains(r.Err().Error(), "does not accept the user or the key") || strings.Contains(r.Err().Error(), "wrong-key") {
		t.Errorf("%v %v", err, r.Err())
	}
}
