package systems

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"huikuan/config"
	"huikuan/internal/pipeline"
	"huikuan/transform/money"
)

// TestBalancesEqualThoseOfARunningTryton books a company's receivables in a real
// Tryton, in rounds, syncs after each round, and compares with what Tryton says of
// itself.
func TestBalancesEqualThoseOfARunningTryton(t *testing.T) {
	server := startTryton(t)
	server.seed(0)
	var ahead time.Duration
	a := openTryton(t, server, func() time.Time { return time.Now().Add(ahead) })

	server.seed(1)
	syncTryton(t, a, ledgerOnly)
	agreesWithTryton(t, a, server)
	untouched := loads(t, a, "B1", "C1") // booked early: not in the overlap of the next sync

	t.Run("a sync without changes reads what the overlap holds and changes nothing", func(t *testing.T) {
		if read := syncTryton(t, a, ledgerOnly); read["invoices"] > 6 || read["receivable_lines"] > 6 {
			t.Errorf("read %v", read)
		}
		agreesWithTryton(t, a, server)
	})
	for _, round := range []int{2, 3} {
		t.Run(fmt.Sprintf("round %d", round), func(t *testing.T) {
			server.seed(round)
			syncTryton(t, a, ledgerOnly)
			agreesWithTryton(t, a, server)
			if now := loads(t, a, "B1", "C1"); now != untouched {
				t.Errorf("invoices that nobody touched were loaded again: %s, before %s", now, untouched)
			}
		})
	}
	t.Run("what no timestamp tells is found when keys are compared and everything is read again", func(t *testing.T) {
		server.seed(4)
		ahead = 8 * 24 * time.Hour
		syncTryton(t, a, pipeline.BuildOptions{}) // all models, with their tests, on all there is
		agreesWithTryton(t, a, server)
	})
}

// openTryton opens a warehouse whose only source is the server. The pages are
// small, so that each stream has several; the overlap is short, because all that
// happens in this test happens within minutes.
func openTryton(t *testing.T, server *tryton, now func() time.Time) *pipeline.App {
	t.Helper()
	path := filepath.Join(t.TempDir(), "huikuan.yaml")
	text := fmt.Sprintf(`
data: data
reporting_currency: EUR
sources:
  - name: erp
    connector: tryton
    settings: {url: %q, database: tryton, user: admin, password: %q, page_size: 7, rate: 0, overlap: 1s, credit_limits: true}
`, strings.TrimSuffix(server.url, "/tryton/"), trytonPassword)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(config.Options{Path: path, Env: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	a, err := pipeline.Open(t.Context(), cfg, pipeline.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// ledgerOnly builds the ledger, which is what is compared.
var ledgerOnly = pipeline.BuildOptions{MetricsOnly: true}

// syncTryton syncs and builds, and returns the number of records read by stream.
func syncTryton(t *testing.T, a *pipeline.App, build pipeline.BuildOptions) map[string]int64 {
	t.Helper()
	synced, err := a.Sync(t.Context(), pipeline.SyncOptions{})
	if err != nil || synced.Err() != nil {
		t.Fatal(err, synced.Err())
	}
	read := map[string]int64{}
	for _, s := range synced.Streams {
		read[s.Stream] = s.Read
		if s.Rejected > 0 {
			t.Errorf("%s: %d records rejected: %s", s.Stream, s.Rejected, s.FirstReject)
		}
	}
	build.AsOf = time.Now()
	built, err := a.Build(t.Context(), build)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range built.FailedChecks() {
		t.Error(f)
	}
	return read
}

// loads tells when the invoices of these references were last loaded.
func loads(t *testing.T, a *pipeline.App, references ...string) string {
	t.Helper()
	rows, err := a.All(t.Context(), fmt.Sprintf(`SELECT custom['reference'] AS reference, toString(_loaded_at) FROM invoices
		WHERE reference IN ('%s') ORDER BY reference`, strings.Join(references, "', '")))
	if err != nil || len(rows) != len(references) {
		t.Fatal(rows, err)
	}
	return fmt.Sprint(rows)
}

// agreesWithTryton compares every balance, in three ways in which Tryton gives it.
func agreesWithTryton(t *testing.T, a *pipeline.App, server *tryton) {
	t.Helper()
	amounts := func(query string) map[account]money.Amount {
		rows, err := a.All(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		out := map[account]money.Amount{}
		for _, r := range rows {
			out[account{r[0].(string), r[1].(string)}] = money.MustParse(r[2].(string))
		}
		return out
	}
	owed := amounts(`SELECT customer_id, currency, toString(sum(open_amount) + sum(unapplied) + sum(open_credits))
		FROM ar_snapshots WHERE as_of = (SELECT max(as_of) FROM ar_snapshots) GROUP BY customer_id, currency`)
	lines := server.lines()
	same(t, "the sum of unreconciled lines of party", owed, lines)

	// `receivable` is in the currency of the books, so it can be compared where nothing is open in another.
	euros := map[account]money.Amount{}
	inOthers := map[string]bool{}
	for k := range lines {
		inOthers[k.party] = inOthers[k.party] || k.currency != "EUR"
	}
	for k, v := range owed {
		if k.currency == "EUR" {
			euros[k] = v
		}
	}
	receivable := map[account]money.Amount{}
	for party, v := range server.receivables() {
		if k := (account{party, "EUR"}); !inOthers[party] {
			receivable[k] = v
		} else {
			delete(euros, k)
		}
	}
	if len(receivable) < 7 {
		t.Errorf("only %d receivables were compared", len(receivable))
	}
	same(t, "the receivable of party", euros, receivable)

	open := amounts(`SELECT invoice_id, currency, toString(sum(open_amount)) FROM ar_open_items WHERE NOT startsWith(invoice_id, 'line-') GROUP BY invoice_id, currency`)
	toPay := server.toPay()
	if len(toPay) < 5 {
		t.Errorf("only %d open invoices were compared", len(toPay))
	}
	same(t, "what is to pay of invoice", open, toPay)
}

// same compares amounts; one that is missing is 0.
func same(t *testing.T, what string, got, want map[account]money.Amount) {
	t.Helper()
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s %s: %s %s in the warehouse, %s in Tryton", what, k.party, got[k], k.currency, v)
		}
	}
	for k, v := range got {
		if _, ok := want[k]; !ok && v != 0 {
			t.Errorf("%s %s: %s %s in the warehouse, nothing in Tryton", what, k.party, v, k.currency)
		}
	}
}
