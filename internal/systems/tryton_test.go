package systems

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"huikuan/transform/money"
)

const (
	trytonScript   = "../../deploy/ci/tryton.sh"
	trytonPassword = "a password for tests"
)

// tryton is a running Tryton with a database of its own.
type tryton struct {
	t    *testing.T
	url  string // of the database
	auth string // header of a signed-in user
	user int
}

// startTryton makes a database, serves it and signs in. A machine without Tryton
// skips the test, unless HUIKUAN_TRYTON says that it was installed for it.
func startTryton(t *testing.T) *tryton {
	t.Helper()
	if testing.Short() {
		t.Skip("a database of Tryton takes half a minute to make")
	}
	if _, err := exec.LookPath("trytond"); err != nil && os.Getenv("HUIKUAN_TRYTON") == "" {
		t.Skip("Tryton is not installed; deploy/ci/tryton.sh install does so on Debian")
	}
	dir := t.TempDir()
	create := exec.CommandContext(t.Context(), "bash", trytonScript, "create", dir)
	create.Env = append(os.Environ(), "TRYTON_PASSWORD="+trytonPassword)
	if out, err := create.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	serve := exec.Command("bash", trytonScript, "serve", dir)
	out, err := serve.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		serve.Process.Kill()
		serve.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "trytond.log"))
			t.Logf("the end of trytond's log:\n%s", log[max(0, len(log)-4000):])
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	s := &tryton{t: t, url: strings.TrimSpace(line)}
	s.signIn(time.Now().Add(time.Minute))
	return s
}

// signIn asks until trytond listens, which has no other sign.
func (s *tryton) signIn(until time.Time) {
	s.t.Helper()
	body := fmt.Sprintf(`{"id":1,"method":"common.db.login","params":["admin",{"password":%q},"en"]}`, trytonPassword)
	for {
		r, err := http.Post(s.url, "application/json", strings.NewReader(body))
		if err != nil {
			if time.Now().After(until) {
				s.t.Fatalf("trytond does not listen: %v", err)
			}
			time.Sleep(100 * time.Millisecond)
			continue
		}
		defer r.Body.Close()
		var answer struct{ Result []any }
		if err := json.NewDecoder(r.Body).Decode(&answer); err != nil || len(answer.Result) != 2 {
			s.t.Fatalf("signing in gives %v (%v)", answer, err)
		}
		s.user = int(answer.Result[0].(float64))
		s.auth = "Session " + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "admin:%v:%v", answer.Result[0], answer.Result[1]))
		return
	}
}

// ask calls a method of Tryton and decodes its result.
func (s *tryton) ask(into any, method string, params ...any) {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"id": 1, "method": method, "params": params})
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", s.auth)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	out := struct {
		Result any
		Error  json.RawMessage
	}{Result: into}
	if err := json.Unmarshal(text, &out); err != nil || out.Error != nil {
		s.t.Fatalf("%s gives %s (%v)", method, text, err)
	}
}

// seed books a round of the company's life through Tryton's own API.
func (s *tryton) seed(round int) {
	s.t.Helper()
	// The interpreter of the system, for which Debian's packages are made.
	seed := exec.CommandContext(s.t.Context(), "/usr/bin/python3", "testdata/tryton/seed.py", s.url, fmt.Sprint(round))
	seed.Env = append(os.Environ(), "TRYTON_PASSWORD="+trytonPassword, "PYTHONDONTWRITEBYTECODE=1")
	if out, err := seed.CombinedOutput(); err != nil {
		s.t.Fatalf("round %d: %v: %s", round, err, out[max(0, len(out)-2000):])
	}
}

// decimal is how Tryton writes an amount.
type decimal struct{ Decimal string }

func (d decimal) amount(t *testing.T) money.Amount {
	t.Helper()
	if d.Decimal == "" {
		return 0
	}
	a, err := money.Parse(d.Decimal)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

var trytonContext = map[string]any{"company": 1, "active_test": false}

// account is a party, or an invoice, in a currency.
type account struct{ party, currency string }

// lines returns what no reconciliation holds on receivable accounts, by party and currency.
func (s *tryton) lines() map[account]money.Amount {
	s.t.Helper()
	var lines []struct {
		Party    int
		Amount   decimal
		Currency struct{ Code string } `json:"amount_currency."`
	}
	s.ask(&lines, "model.account.move.line.search_read", []any{[]any{"account.type.receivable", "=", true}, []any{"reconciliation", "=", nil}},
		0, nil, nil, []string{"party", "amount", "amount_currency.code"}, trytonContext)
	out := map[account]money.Amount{}
	for _, l := range lines {
		out[account{fmt.Sprint(l.Party), l.Currency.Code}] += l.Amount.amount(s.t)
	}
	return out
}

// receivables returns Tryton's own field `receivable` of each party, in the currency of the books.
func (s *tryton) receivables() map[string]money.Amount {
	s.t.Helper()
	var parties []struct {
		ID         int
		Receivable decimal
	}
	s.ask(&parties, "model.party.party.search_read", []any{}, 0, nil, nil, []string{"receivable"}, trytonContext)
	out := map[string]money.Amount{}
	for _, p := range parties {
		out[fmt.Sprint(p.ID)] = p.Receivable.amount(s.t)
	}
	return out
}

// toPay returns Tryton's own field `amount_to_pay` of each invoice that is owed, by
// invoice and currency.
func (s *tryton) toPay() map[account]money.Amount {
	s.t.Helper()
	var invoices []struct {
		ID       int
		ToPay    decimal               `json:"amount_to_pay"`
		Currency struct{ Code string } `json:"currency."`
	}
	s.ask(&invoices, "model.account.invoice.search_read", []any{[]any{"type", "=", "out"}, []any{"state", "=", "posted"}},
		0, nil, nil, []string{"amount_to_pay", "currency.code"}, trytonContext)
	out := map[account]money.Amount{}
	for _, i := range invoices {
		if a := i.ToPay.amount(s.t); a > 0 {
			out[account{fmt.Sprint(i.ID), i.Currency.Code}] = a
		}
	}
	return out
}
