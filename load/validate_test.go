package load

import (
	"context"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"

	"huikuan/transform/schema"
)

// change returns payments with one column replaced, or dropped where kind is nil.
func change(name string, to *schema.Column) schema.Table {
	t := payments
	t.Columns = nil
	for _, c := range payments.Columns {
		if c.Name != name {
			t.Columns = append(t.Columns, c)
		} else if to != nil {
			t.Columns = append(t.Columns, *to)
		}
	}
	return t
}

func with(kind schema.Kind, name string) *schema.Column {
	return &schema.Column{Name: name, Kind: kind, Nullable: true}
}

func TestABatchThatDoesNotFitIsRefusedBeforeItIsSent(t *testing.T) {
	long := must("amount", schema.Money, "")
	tests := []struct {
		name  string
		table schema.Table
		set   func(row []any)
		words []string
	}{
		{"unknown column", change("days", with(schema.Float, "dayz")), nil, []string{"column dayz", "no such column", "days"}},
		{"wrong case", change("days", with(schema.Float, "Days")), nil, []string{"column Days"}},
		{"missing column", change("amount", nil), nil, []string{"column amount", "without the column", "Decimal(18, 4)"}},
		{"other type", change("received_on", with(schema.Text, "received_on")), func(r []any) { r[3] = "2024-01-31" }, []string{"column received_on", "utf8", "Nullable(Date32)"}},
		{"other scale", change("amount", with(schema.Rate, "amount")), nil, []string{"column amount", "decimal(38, 10)", "Decimal(18, 4)"}},
		{"null", change("amount", with(schema.Money, "amount")), func(r []any) { r[2] = nil }, []string{"column amount", "NULL in row 1"}},
		{"too many digits", change("amount", &long), func(r []any) { r[2] = decimal128.FromU64(1_000_000_000_000_000_000) },
			[]string{"column amount", "100000000000000.0000 in row 1", "at most 14 digits"}},
		{"date before 1900", payments, func(r []any) { r[3] = arrow.Date32(-25568) }, []string{"column received_on", "1899-12-31 in row 1", "1900-01-01 to 2299-12-31"}},
		{"date after 2299", payments, func(r []any) { r[3] = arrow.Date32(120530) }, []string{"2300-01-01 in row 1"}},
	}
	o, inserts := flaky(t, optionsFor(t), func(int64) bool { return false })
	w := migrated(t, o, payments)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows := paid(1, 2)
			if len(tt.table.Columns) < len(payments.Columns) { // amount dropped
				for i := range rows {
					rows[i] = append(rows[i][:2:2], rows[i][3:]...)
				}
			}
			if tt.set != nil {
				if tt.name == "other type" {
					tt.set(rows[0])
				}
				tt.set(rows[1])
			}
			before := inserts.Load()
			_, err := w.Insert(context.Background(), "paid", "t", record(t, w, tt.table, rows))
			wantError(t, err, ErrSchema, append(tt.words, "check a batch for paid", "nothing was sent")...)
			if inserts.Load() != before {
				t.Error("bytes were sent")
			}
		})
	}
}

func TestTheLastAndFirstDaysAndTheLargestAmountAreLoaded(t *testing.T) {
	w := migrated(t, optionsFor(t), payments)
	rows := paid(1, 2)
	rows[0][3], rows[1][3] = arrow.Date32(firstDay), arrow.Date32(lastDay)
	rows[0][2] = decimal128.FromI64(999_999_999_999_999_999)
	if _, err := w.Insert(context.Background(), "paid", "t", record(t, w, payments, rows)); err != nil {
		t.Fatal(err)
	}
	got := ask(t, w, "SELECT received_on, amount FROM paid ORDER BY payment_id")
	if got[0][0] != "1900-01-01" || got[1][0] != "2299-12-31" || got[0][1] != "99999999999999.9999" {
		t.Errorf("got %v", got)
	}
}

func TestAColumnWithADefaultOfItsOwnMayBeLeftOut(t *testing.T) {
	w := migrated(t, optionsFor(t), payments)
	if err := w.Exec(context.Background(), "ALTER TABLE paid ADD COLUMN year UInt16 MATERIALIZED toYear(received_on)"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Insert(context.Background(), "paid", "t", record(t, w, payments, paid(1, 3))); err != nil {
		t.Error(err)
	}
}

func TestATableThatIsNotThereIsNamed(t *testing.T) {
	w := migrated(t, optionsFor(t), payments)
	_, err := w.Insert(context.Background(), "invoises", "t", record(t, w, payments, paid(1, 1)))
	wantError(t, err, ErrMissing, "invoises", "run the migration")
}
