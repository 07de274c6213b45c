package pipeline

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"huikuan/load"
	"huikuan/transform/bridge"
	"huikuan/transform/derive"
	"huikuan/transform/derive/gather"
	"huikuan/transform/forecast"
	"huikuan/transform/history"
	"huikuan/transform/ledger"
	"huikuan/transform/metrics"
)

// ledgerEditor writes documents into the warehouse as syncs do, and changes
// them: new versions, deletions, rows that move.
type ledgerEditor struct {
	t       *testing.T
	a       *App
	r       *rand.Rand
	version int
	docs    int
	runs    int
	anew    string // sums that the last build computed anew
}

func (e *ledgerEditor) put(table, columns, values string) {
	e.t.Helper()
	e.version++
	sql := fmt.Sprintf("INSERT INTO %s_docs (%s, source, _version, _deleted, _run_id, _loaded_at) VALUES (%s, 's', %d, 0, 'test', '2024-01-01 00:00:00')", table, columns, values, e.version)
	if err := e.a.wh.Exec(e.t.Context(), sql); err != nil {
		e.t.Fatal(err)
	}
}

// again writes the row of a key once more with some columns replaced.
func (e *ledgerEditor) again(table, key, id, replace string) {
	e.t.Helper()
	e.version++
	sql := fmt.Sprintf("INSERT INTO %[1]s_docs SELECT * REPLACE(%[2]s, toUInt64(%[3]d) AS _version) FROM %[1]s_docs FINAL WHERE %[4]s = '%[5]s'", table, replace, e.version, key, id)
	if err := e.a.wh.Exec(e.t.Context(), sql); err != nil {
		e.t.Fatal(err)
	}
}

// late writes the row of a key once more, under a version that is lower by some
// than the last one; deleted rows too.
func (e *ledgerEditor) late(table, key, id, replace string, lower int) {
	e.t.Helper()
	sql := fmt.Sprintf("INSERT INTO %[1]s_docs SELECT * REPLACE(%[2]s, _version - %[3]d AS _version) FROM (SELECT * FROM %[1]s_docs WHERE %[4]s = '%[5]s' ORDER BY _version DESC LIMIT 1)", table, replace, lower, key, id)
	if err := e.a.wh.Exec(e.t.Context(), sql); err != nil {
		e.t.Fatal(err)
	}
}

func (e *ledgerEditor) day() string {
	return (ledger.DayOf(2023, 1, 5) + ledger.Day(e.r.IntN(400))).String()
}

func (e *ledgerEditor) customer() string { return fmt.Sprintf("C%02d", e.r.IntN(12)) }

func (e *ledgerEditor) any() int { return e.r.IntN(e.docs) }

// invoice writes an invoice, and often what pays it.
func (e *ledgerEditor) invoice() {
	n := e.docs
	e.docs++
	customer, date, company, currency := e.customer(), e.day(), []string{"A", "B"}[n%2], []string{"CNY", "CNY", "USD"}[n%3]
	e.put("invoices", "invoice_id, company, customer_id, invoice_date, currency, gross_amount, rep_id", fmt.Sprintf("'I%d', '%s', '%s', '%s', '%s', %d.25, 'R%d'", n, company, customer, date, currency, 100+e.r.IntN(900), n%4))
	if n%5 == 1 {
		e.put("instalments", "invoice_id, seq, due_date, amount", fmt.Sprintf("'I%d', 1, '%s', 50", n, e.day()))
	}
	if n%5 == 2 {
		e.put("invoice_rep_splits", "invoice_id, rep_id, share", fmt.Sprintf("'I%d', 'R9', 0.25", n))
	}
	e.put("payments", "payment_id, company, customer_id, receipt_date, currency, amount", fmt.Sprintf("'P%d', '%s', '%s', '%s', '%s', %d", n, company, customer, e.day(), currency, 50+e.r.IntN(200)))
	e.put("allocations", "allocation_id, payment_id, invoice_id, application_date, amount", fmt.Sprintf("'A%d', 'P%d', 'I%d', '%s', %d", n, n, n, e.day(), 10+e.r.IntN(100)))
}

// edit makes one change of those that sources make.
func (e *ledgerEditor) edit(kind int) {
	i, id := e.any(), fmt.Sprintf("I%d", e.any())
	switch kind {
	case 0:
		e.invoice()
	case 1:
		e.again("invoices", "invoice_id", id, fmt.Sprintf("toDecimal64(%d, 4) AS gross_amount", 10+e.r.IntN(900)))
	case 2:
		e.again("invoices", "invoice_id", id, "'"+e.customer()+"' AS customer_id")
	case 3:
		e.again("invoices", "invoice_id", id, "toUInt8(1) AS _deleted")
	case 4:
		e.again("payments", "payment_id", fmt.Sprintf("P%d", i), "toDate32('"+e.day()+"') AS receipt_date")
	case 5:
		e.again("payments", "payment_id", fmt.Sprintf("P%d", i), "'"+e.customer()+"' AS customer_id")
	case 6:
		e.again("allocations", "allocation_id", fmt.Sprintf("A%d", i), "'"+id+"' AS invoice_id")
	case 7:
		e.again("allocations", "allocation_id", fmt.Sprintf("A%d", i), "toUInt8(1) AS _deleted")
	case 8: // a payment that applies cash to an invoice of another customer, or to none there is
		e.put("allocations", "allocation_id, payment_id, invoice_id, application_date, amount", fmt.Sprintf("'X%d', 'P%d', 'I%d', '%s', 7", e.version, i, e.any()+e.r.IntN(3), e.day()))
	case 9:
		e.put("write_offs", "write_off_id, invoice_id, write_off_date, amount", fmt.Sprintf("'W%d', '%s', '%s', 3", e.r.IntN(9), id, e.day()))
	case 10: // the dispute may stand on another invoice already
		e.put("disputes", "dispute_id, invoice_id, opened_on, disputed_amount", fmt.Sprintf("'D%d', '%s', '%s', 20", e.r.IntN(6), id, e.day()))
	case 11:
		e.put("account_owners", "customer_id, rep_id, valid_from", fmt.Sprintf("'%s', 'R%d', '%s'", e.customer(), e.r.IntN(4), e.day()))
	case 12:
		e.put("customers", "customer_id, segment, terms_code, valid_from", fmt.Sprintf("'%s', 'S%d', 'NET30', '1970-01-01'", e.customer(), e.r.IntN(3)))
	case 13:
		e.put("visits", "visit_id, customer_id, rep_id, happened_at", fmt.Sprintf("'V%d', '%s', 'R1', '%s 10:00:00'", e.r.IntN(7), e.customer(), e.day()))
	case 14:
		e.put("promises", "promise_id, visit_id, customer_id, amount, currency, made_on, due_date", fmt.Sprintf("'PR%d', 'V%d', '%s', 30, 'CNY', '%s', '%s'", e.r.IntN(7), e.r.IntN(7), e.customer(), e.day(), e.day()))
	case 15:
		e.put("credit_notes", "credit_note_id, company, customer_id, credit_date, currency, amount", fmt.Sprintf("'N%d', 'A', '%s', '%s', 'CNY', 40", e.r.IntN(8), e.customer(), e.day()))
		e.put("credit_allocations", "credit_allocation_id, credit_note_id, invoice_id, application_date, amount", fmt.Sprintf("'NA%d', 'N%d', '%s', '%s', 9", e.r.IntN(8), e.r.IntN(8), id, e.day()))
	case 17: // an old page is read again: its rows come late and do not count, but for those that nothing newer stands against
		e.late("invoices", "invoice_id", id, fmt.Sprintf("toDecimal64(%d, 4) AS gross_amount, '%s' AS customer_id", 10+e.r.IntN(900), e.customer()), 1)
		e.late("payments", "payment_id", fmt.Sprintf("P%d", i), "'"+e.customer()+"' AS customer_id", 1)
		e.late("allocations", "allocation_id", fmt.Sprintf("A%d", i), "'"+id+"' AS invoice_id, toUInt8(1) AS _deleted", 1)
	case 18: // the same version once more, with other contents: the later row counts
		e.late("invoices", "invoice_id", id, fmt.Sprintf("toDecimal64(%d, 4) AS gross_amount", 10+e.r.IntN(900)), 0)
		e.late("allocations", "allocation_id", fmt.Sprintf("A%d", i), fmt.Sprintf("toDecimal64(%d, 4) AS amount", 1+e.r.IntN(90)), 0)
		e.late("instalments", "invoice_id", id, "toDecimal64(60, 4) AS amount", 0)
	case 19: // an invoice and all that hangs on it, its payment too, go and come back one after the other
		for _, row := range [][2]string{{"invoices", "I"}, {"payments", "P"}, {"allocations", "A"}} {
			key := strings.TrimSuffix(row[0], "s") + "_id"
			e.again(row[0], key, fmt.Sprintf("%s%d", row[1], i), fmt.Sprintf("toUInt8(%d) AS _deleted", e.r.IntN(2)))
		}
	case 20: // rows that hang on invoices, also on ones that are not there
		e.put("instalments", "invoice_id, seq, due_date, amount", fmt.Sprintf("'I%d', %d, '%s', %d", e.any()+e.r.IntN(3), 1+e.r.IntN(2), e.day(), 10+e.r.IntN(50)))
		e.put("invoice_rep_splits", "invoice_id, rep_id, share", fmt.Sprintf("'%s', 'R%d', 0.5", id, e.r.IntN(3)))
		e.put("disputes", "dispute_id, invoice_id, opened_on, disputed_amount", fmt.Sprintf("'D%d', 'I%d', '%s', 15", e.r.IntN(6), e.any()+e.r.IntN(3), e.day()))
	case 16: // the parts are put together: older versions are gone for good
		for _, table := range []string{"invoices", "payments", "allocations", "disputes", "promises"} {
			if err := e.a.wh.Exec(e.t.Context(), "OPTIMIZE TABLE "+table+"_docs FINAL"); err != nil {
				e.t.Fatal(err)
			}
		}
	}
}

// another lets another process go on, which has no rows of the last build at hand.
func (e *ledgerEditor) another() {
	e.t.Helper()
	srv := e.a.engine
	user, password := srv.Credentials()
	wh, err := load.Open(e.t.Context(), load.Options{URL: fmt.Sprintf("http://%s/%s", srv.Addr(), e.a.wh.Database()), Dial: srv.Dial, User: user, Password: password})
	if err != nil {
		e.t.Fatal(err)
	}
	if err := e.a.wh.Close(); err != nil {
		e.t.Error(err)
	}
	e.a.wh = wh
}

// build replays and publishes, and returns why it was full and what it found.
func (e *ledgerEditor) build(full bool) replayResult {
	e.t.Helper()
	e.runs++
	stage, result, err := e.a.replay(e.t.Context(), fmt.Sprintf("run-%d", e.runs), full, metrics.Options{AsOf: ledger.DayOf(2024, 3, 3), ReportingCurrency: "CNY", DailyDays: 5})
	if err != nil {
		e.t.Fatal(err)
	}
	if result.why == "" {
		e.gathered("as they were", result.was, e.a.wh.Derived(func(table string) string { return table }).Of(result.changed))
	}
	if result.why == "" && e.runs%2 == 0 { // in the other builds what is derived comes before the tables have the rows
		if err := stage.Flush(e.t.Context()); err != nil {
			e.t.Fatal(err)
		}
		e.gathered("as they are", result.is, e.a.wh.Derived(stagedName(stage.Name)).Of(result.changed), bridge.InDSO)
	}
	anew, err := e.a.deriveMetrics(e.t.Context(), stage, result)
	if err != nil {
		e.t.Fatal(err)
	}
	e.anew = anew
	if err := stage.Publish(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	if anew := lines(e.t, e.a, "SELECT DISTINCT table FROM system.mutations WHERE database = currentDatabase() AND command LIKE '%_row_exists%' ORDER BY table"); len(anew) > 0 {
		e.t.Errorf("parts were written anew to hide the changed customers' rows: %s", anew)
	}
	return result
}

// gathered compares the rows that a replay has handed on with those of the tables.
func (e *ledgerEditor) gathered(what string, rows *gather.Rows, tables derive.Source, more ...string) {
	e.t.Helper()
	text := func(src derive.Source, input string) string {
		var out strings.Builder
		for rec, err := range src.Rows(e.t.Context(), input) {
			if err != nil {
				e.t.Fatal(err)
			}
			for i := range int(rec.NumRows()) {
				for _, c := range rec.Columns() {
					out.WriteString(c.ValueStr(i) + "\t")
				}
				out.WriteString("\n")
			}
		}
		return out.String()
	}
	for _, input := range append(more, history.Items, history.Settlements, forecast.InUnapplied, forecast.InPromises, bridge.InCustomers) {
		if got, want := text(rows.Over(nil), input), text(tables, input); got != want {
			e.t.Errorf("%s %s\n%s", input, what, difference(got, want))
		}
	}
}

// tables hashes every table of a build, all columns in order.
func (e *ledgerEditor) tables() map[string]string {
	e.t.Helper()
	out := map[string]string{}
	for _, table := range stagedTables() {
		where := ""
		if table.Name == metrics.State {
			where = " WHERE part != 'meta'"
		}
		rows := lines(e.t, e.a, "SELECT * FROM "+table.Name+where+" ORDER BY ALL")
		out[table.Name] = strings.Join(rows, "\n")
	}
	return out
}

func TestBuildsOfChangedCustomersEqualFullBuilds(t *testing.T) {
	a := open(t, "data: data\nreporting_currency: CNY\n")
	e := &ledgerEditor{t: t, a: a, r: rand.New(rand.NewPCG(4, 2))}
	for i := range 25 {
		e.put("customers", "customer_id, segment, valid_from", fmt.Sprintf("'C%02d', 'S1', '1970-01-01'", i%12))
		e.invoice()
	}
	e.put("invoices", "invoice_id, company, customer_id, invoice_date, currency, gross_amount", "'I-first', 'A', 'C00', '2023-01-03', 'CNY', 1")
	if r := e.build(false); r.why == "" {
		t.Fatal("the first build continued something")
	}
	updates, anew, order := 0, 0, e.r.Perm(21)
	for round := range 6 {
		for n := range 4 {
			e.edit(order[(round*4+n)%len(order)])
		}
		if round == 4 { // the table that builds were carried over from is gone: the one that serves takes its place
			if err := a.wh.Exec(t.Context(), "DROP TABLE ar_snapshots__base SYNC"); err != nil {
				t.Fatal(err)
			}
		}
		if round == 2 {
			e.another()
		}
		r := e.build(false)
		if r.why != "" {
			t.Logf("round %d: %s", round, r.why)
		} else {
			if updates++; e.anew != "" {
				t.Logf("round %d: %s", round, e.anew)
				anew++
			}
		}
		if round%3 != 2 {
			continue
		}
		got := e.tables()
		want := e.build(true)
		for name, rows := range e.tables() {
			if got[name] != rows {
				t.Errorf("round %d: %s\n%s", round, name, difference(got[name], rows))
			}
		}
		if fmt.Sprint(r.summary.Checks) != fmt.Sprint(want.summary.Checks) || r.summary.Events != want.summary.Events {
			t.Errorf("round %d: %+v\nin full %+v", round, r.summary, want.summary)
		}
	}
	if updates < 5 {
		t.Errorf("only %d builds replayed changed customers alone", updates)
	}
	if anew > updates/2 {
		t.Errorf("%d of %d builds computed sums over customers anew", anew, updates)
	}
}

// difference shows the first lines that only one of two texts has.
func difference(got, want string) string {
	has := func(text string) map[string]bool {
		m := map[string]bool{}
		for _, line := range strings.Split(text, "\n") {
			m[line] = true
		}
		return m
	}
	a, b := has(got), has(want)
	var out []string
	for line := range a {
		if !b[line] && len(out) < 3 {
			out = append(out, "- "+line[:min(len(line), 300)])
		}
	}
	for line := range b {
		if !a[line] && len(out) < 6 {
			out = append(out, "+ "+line[:min(len(line), 300)])
		}
	}
	return strings.Join(out, "\n")
}

func TestABuildSaysWhyItIsFull(t *testing.T) {
	a := open(t, "data: data\nreporting_currency: CNY\n")
	e := &ledgerEditor{t: t, a: a, r: rand.New(rand.NewPCG(1, 1))}
	for range 6 {
		e.invoice()
	}
	exec := func(sql string) {
		t.Helper()
		if err := a.wh.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		why    string
		change func()
	}{
		{"no build to continue", func() {}},
		{"", func() {}},
		{"companies, reps, targets", func() { e.put("reps", "rep_id, name", "'R1', 'Rosa'") }},
		{"", func() { e.put("reps", "rep_id, name", "'R1', 'Rosa'") }},
		{"the settings of payment behaviour have changed", func() { a.cfg.Metrics.Behaviour.RecentDays = 30 }},
		{"", func() {}},
		{"the settings of payment behaviour have changed", func() { a.cfg.Metrics.Behaviour.FirstLateDays = 45 }},
		{"", func() {}},
		{"history begins", func() {
			e.put("invoices", "invoice_id, company, customer_id, invoice_date, currency, gross_amount", "'I-old', 'A', 'C00', '2021-01-03', 'CNY', 1")
		}},
		{"changed in place", func() {
			exec("ALTER TABLE write_offs_docs DELETE WHERE 1 SETTINGS mutations_sync = 2")
			e.put("write_offs", "write_off_id, invoice_id, write_off_date, amount", "'W1', 'I1', '2023-05-05', 1")
			exec("ALTER TABLE write_offs_docs UPDATE amount = 2 WHERE 1 SETTINGS mutations_sync = 2")
		}},
		{"is not that of the last build", func() { exec("DROP TABLE ar_snapshots") }},
	} {
		c.change()
		if r := e.build(false); (c.why == "") != (r.why == "") || !strings.Contains(r.why, c.why) {
			t.Errorf("%q expected, got %q", c.why, r.why)
		}
	}
}

// Identifiers of a kilobyte each stand for many: lists of them are longer than
// the engine parses unasked.
func TestAChangeOfManyLongIdentifiersIsNotBuiltInFull(t *testing.T) {
	a := open(t, "data: data\nreporting_currency: CNY\n")
	e := &ledgerEditor{t: t, a: a, r: rand.New(rand.NewPCG(1, 1))}
	write := func(amount int) {
		e.version++
		for _, sql := range []string{
			"INSERT INTO invoices_docs (source, company, invoice_id, customer_id, invoice_date, currency, gross_amount, _version) SELECT 's', 'A', concat('I', toString(number), repeat('i', 4000)), concat('C{it}', toString(number), repeat('c', 4000)), '2023-02-03', 'CNY', %d, %d FROM numbers(90)",
			"INSERT INTO payments_docs (source, company, payment_id, customer_id, receipt_date, currency, amount, _version) SELECT 's', 'A', concat('P', toString(number), repeat('p', 4000)), concat('C{it}', toString(number), repeat('c', 4000)), '2023-03-03', 'CNY', %d, %d FROM numbers(90)",
			"INSERT INTO allocations_docs (source, allocation_id, invoice_id, payment_id, application_date, amount, _version) SELECT 's', concat('A', toString(number), repeat('a', 4000)), concat('I', toString(number), repeat('i', 4000)), concat('P', toString(number), repeat('p', 4000)), '2023-03-04', %d, %d FROM numbers(90)",
		} {
			if err := a.wh.Exec(t.Context(), fmt.Sprintf(sql, amount, e.version)); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(10)
	e.build(false)
	write(20)
	for range 2 { // the second carries tables over from a base, and fetches those changed since
		if r := e.build(false); r.why != "" {
			t.Errorf("built in full: %s", r.why)
		}
		e.invoice()
	}
	if got := lines(t, a, "SELECT sum(amount) FROM ar_items WHERE amount = 20"); len(got) != 1 || got[0] != "1800" {
		t.Errorf("invoices add up to %v, want 1800", got)
	}
}
