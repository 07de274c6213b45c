package load

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"huikuan/transform/bridge"
	"huikuan/transform/canonical"
	"huikuan/transform/derive"
	"huikuan/transform/forecast"
	"huikuan/transform/history"
	"huikuan/transform/metrics"
	"huikuan/transform/schema"
)

func TestInputsOfDerivedMetrics(t *testing.T) {
	w := migrated(t, optionsFor(t), slices.Concat(canonical.Streams(), metrics.Tables(), []schema.Table{derive.Kept(), forecast.Seen()})...)
	for _, sql := range []string{
		"INSERT INTO ar_as_of (as_of) VALUES ('2026-03-20')",
		`INSERT INTO ar_items (company, customer_id, source, invoice_id, instalment_seq, invoice_date, due_date, currency, amount, amount_rc) VALUES
			('main', 'C1', 'erp', 'I2', 1, '2026-02-10', '2026-03-12', 'EUR', 200, 220), ('main', 'C1', 'erp', 'I1', 1, '2025-12-31', '2026-01-30', 'EUR', 100, NULL)`,
		`INSERT INTO ar_settlements (company, customer_id, source, invoice_id, instalment_seq, application_id, kind, event_date, receipt_date, currency, amount, amount_rc, payment_id) VALUES
			('main', 'C1', 'erp', 'I1', 1, 'A1', 'cash', '2026-02-03', '2026-02-01', 'EUR', 60, 66, 'P1'), ('main', 'C1', 'erp', 'I1', 1, 'W1', 'write_off', '2026-03-02', '2026-03-02', 'EUR', 40, 44, NULL)`,
		`INSERT INTO ar_events (company, customer_id, item_id, event_date, kind, currency, amount) VALUES ('main', 'C1', 'N1', '2026-01-15', 'CREDIT', 'EUR', -30), ('main', 'C1', 'I2', '2026-02-10', 'INVOICE', 'EUR', 200)`,
		`INSERT INTO ar_snapshots (as_of, company, customer_id, owner_id, currency, net_ar, disputed, unapplied, unapplied_rc) VALUES
			('2026-02-28', 'main', 'C1', 'R1', 'EUR', 210, 10, -5, -6), ('2026-03-19', 'main', 'C1', 'R1', 'EUR', 999, 0, -5, -6), ('2026-03-20', 'main', 'C1', 'R1', 'EUR', 170, 0, 0, 0)`,
		"INSERT INTO fx_as_of (as_of, currency, rate_constant) VALUES ('2026-02-28', 'EUR', 1.1), ('2026-03-20', 'EUR', 1.1)",
		"INSERT INTO dso (as_of, scope, scope_id, ar_rc, sales_90_rc, dso_90) VALUES ('2026-02-28', 'group', '', 231, 297, 70), ('2026-03-19', 'group', '', 1, 1, 1), ('2026-03-20', 'customer', 'C1', 1, 1, 1)",
		"INSERT INTO promise_states (promise_id, customer_id, currency, amount, paid, reduced, made_on, due_date, limit_date, first_day, last_day, status) VALUES ('X', 'C1', 'EUR', 50, 20, 5, '2026-02-20', '2026-03-25', '2026-03-27', '2026-02-28', '2026-03-20', 'open')",
	} {
		if err := w.Exec(context.Background(), sql); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
	}
	want := map[string]string{
		history.Items: `main C1 I1 1 erp 2025-12-31 2026-01-30 EUR 100 NULL
main C1 I2 1 erp 2026-02-10 2026-03-12 EUR 200 220`,
		history.Settlements: `main C1 I1 1 erp cash 2026-02-03 2026-02-01 60 66 P1
main C1 I1 1 erp write_off 2026-03-02 2026-03-02 40 44 NULL`,
		derive.InSegments:    "",
		forecast.InUnapplied: "main C1 EUR 2026-02-28 5 6",
		forecast.InDisputes:  "",
		forecast.InPromises:  "C1 NULL  NULL EUR 50 25 2026-03-25 2026-02-28 2026-03-20 open",
		bridge.InRates:       "EUR 1.1",
		bridge.InDSO:         "group  2026-02-28 231 297 70 NULL",
		// 31 December is 89 days before 31 March, so among the sales of 28 February and 20 March
		bridge.InCustomers: `main C1 EUR 2025-12-31 0 0 100 3000 100 0
main C1 EUR 2026-01-31 0 0 70 3000 100 0
main C1 EUR 2026-02-28 210 10 270 9000 300 0
main C1 EUR 2026-03-20 170 0 270 9000 300 40`,
	}
	d := w.Derived(func(table string) string { return table })
	for input, rows := range want {
		var got []string
		for rec, err := range d.Rows(context.Background(), input) {
			if err != nil {
				t.Fatal(err)
			}
			for i := range int(rec.NumRows()) {
				var row []string
				for _, c := range rec.Columns() {
					text := strings.TrimSuffix(schema.Rate.Text(c, i), ".00")
					if c.IsNull(i) {
						text = "NULL"
					}
					row = append(row, text)
				}
				got = append(got, strings.Join(row, " "))
			}
		}
		if s := strings.Join(got, "\n"); s != rows {
			t.Errorf("%s:\n%s\nwant\n%s", input, s, rows)
		}
	}
	for _, err := range d.Rows(context.Background(), "nonsense") {
		if err == nil || !strings.Contains(fmt.Sprint(err), "nonsense") {
			t.Errorf("an unknown input gives %v", err)
		}
	}
}

func TestCopiesOfDocumentsGoOnServingWhileNoneHasChanged(t *testing.T) {
	read := func(customers, disputes int64) Mark {
		return Mark{"customers": {UUID: "c", Last: customers}, "disputes": {UUID: "d", Last: disputes}}
	}
	for _, c := range []struct {
		now  Mark
		want []string
	}{
		{read(3, 5), []string{forecast.Disputed, derive.Segmented}},
		{read(4, 5), []string{forecast.Disputed}},
		{read(3, 6), []string{derive.Segmented}},
		{Mark{"customers": {UUID: "another", Last: 3}, "disputes": {UUID: "d", Last: 6}}, nil},
	} {
		if got := SeenUnchanged(read(3, 5), c.now); !slices.Equal(got, c.want) {
			t.Errorf("up to %v: %v go on serving, want %v", c.now, got, c.want)
		}
	}
}

func TestPartsWithoutRowsOfTheCustomersAreLeftOut(t *testing.T) {
	d := (&Derived{name: func(table string) string { return table + "__next" }}).Of(map[string]bool{"C{ar_items}": true}).Without(map[string][]string{"ar_items": {"all_1_1_0"}})
	for sql, want := range map[string]string{
		"FROM {ar_items} WHERE {some ar_items}":             "FROM ar_items__next WHERE (customer_id IN ('C{ar_items}') AND _part NOT IN ('all_1_1_0'))",
		"FROM {ar_settlements} WHERE {some ar_settlements}": "FROM ar_settlements__next WHERE customer_id IN ('C{ar_items}')",
	} {
		if got := d.named(sql); got != want {
			t.Errorf("%s became\n%s, want\n%s", sql, got, want)
		}
	}
}
