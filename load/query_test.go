package load

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
)

func TestQueryShowsEveryTypeExactly(t *testing.T) {
	w := open(t, optionsFor(t))
	tests := []struct {
		sql, chType string
		want        any
	}{
		{"CAST('12345678901234.5678', 'Decimal(18, 4)')", "Decimal(18, 4)", "12345678901234.5678"},
		{"CAST('-0.0001', 'Decimal(38, 10)')", "Decimal(38, 10)", "-0.0001"},
		{"CAST('147703.1800', 'Decimal(18, 4)')", "Decimal(18, 4)", "147703.18"},
		{"CAST(NULL, 'Nullable(Decimal(18, 4))')", "Nullable(Decimal(18, 4))", nil},
		{"CAST('1.50', 'Nullable(Decimal(18, 4))')", "Nullable(Decimal(18, 4))", "1.5"},
		{"toDate32('1900-01-01')", "Date32", "1900-01-01"},
		{"CAST('2024-02-29', 'Nullable(Date32)')", "Nullable(Date32)", "2024-02-29"},
		{"toDate('2024-02-29')", "Date", "2024-02-29"},
		{"toDateTime64('2024-02-29 13:14:15.000001', 6, 'UTC')", "DateTime64(6, 'UTC')", "2024-02-29 13:14:15.000001"},
		{"toDateTime('2024-02-29 13:14:15', 'UTC')", "DateTime", "2024-02-29 13:14:15"},
		{"toInt64(-5)", "Int64", int64(-5)},
		{"toUInt64(18446744073709551615)", "UInt64", uint64(18446744073709551615)},
		{"toUInt8(1)", "UInt8", uint64(1)},
		{"true", "Bool", true},
		{"0.5", "Float64", 0.5},
		{"'回款'", "String", "回款"},
		{"CAST('EUR', 'LowCardinality(Nullable(String))')", "LowCardinality(Nullable(String))", "EUR"},
		{"CAST(NULL, 'LowCardinality(Nullable(String))')", "LowCardinality(Nullable(String))", nil},
		{"[toDate32('2024-01-31'), NULL]", "Array(Nullable(Date32))", []any{"2024-01-31", nil}},
		{"[1, 2]::Array(UInt8)", "Array(UInt8)", []any{uint64(1), uint64(2)}},
		{"map('a', CAST('1.10', 'Decimal(18, 4)'))", "Map(String, Decimal(18, 4))", map[string]any{"a": "1.1"}},
		{"(toDate('2024-01-31'), 7::Int64)", "Tuple(Date, Int64)", []any{"2024-01-31", int64(7)}},
		{"toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')", "UUID", "61f0c404-5cb3-11e7-907b-a6006ad3dba0"},
		{"CAST('123456789012345678901234567890', 'UInt128')", "UInt128", "123456789012345678901234567890"},
	}
	for _, tt := range tests {
		t.Run(tt.sql, func(t *testing.T) {
			res, err := w.Query(context.Background(), "SELECT "+tt.sql+" AS value")
			if err != nil {
				t.Fatal(err)
			}
			defer res.Close()
			if c := res.Columns(); len(c) != 1 || c[0] != (ResultColumn{"value", tt.chType}) {
				t.Errorf("columns %v, want value %s", c, tt.chType)
			}
			if !res.Next() {
				t.Fatalf("no row: %v", res.Err())
			}
			if got := res.Row()[0]; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %#v, want %#v", got, tt.want)
			}
			if res.Next() || res.Err() != nil {
				t.Errorf("more than a row, or %v", res.Err())
			}
		})
	}
}

func TestAnEmptyResultHasItsColumns(t *testing.T) {
	w := open(t, optionsFor(t))
	res, err := w.Query(context.Background(), "SELECT number AS n, toString(number) AS s FROM numbers(10) WHERE n > 99")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	if res.Next() || res.Err() != nil {
		t.Errorf("a row, or %v", res.Err())
	}
	if got := fmt.Sprint(res.Columns()); got != "[{n UInt64} {s String}]" {
		t.Errorf("columns %s", got)
	}
}

func TestAQueryThatFailsLateSaysSo(t *testing.T) {
	w := open(t, optionsFor(t))
	res, err := w.Query(context.Background(), "SELECT throwIf(number = 3000000, 'too far') FROM numbers(4000000)")
	if err == nil {
		defer res.Close()
		for res.Next() {
		}
		err = res.Err()
	}
	wantError(t, err, ErrQuery, "too far")

	for _, err = range w.QueryArrow(context.Background(), "SELECT throwIf(number = 3000000, 'too far') FROM numbers(4000000)") {
	}
	wantError(t, err, ErrQuery, "too far")
}

func TestAMistakeInTheSQLIsShownAsTheEngineSaysIt(t *testing.T) {
	w := open(t, optionsFor(t))
	_, err := w.Query(context.Background(), "SELECT amonut FROM (SELECT 1 AS amount)")
	wantError(t, err, ErrQuery, "amonut")
	if got := askOne(t, w, "SELECT 2; -- ends here"); got != uint64(2) {
		t.Errorf("got %v", got)
	}
	_, err = w.Query(context.Background(), "SELECT 1 FORMAT JSON;")
	wantError(t, err, ErrQuery, "FORMAT JSON", "--format")
	_, err = w.Query(context.Background(), "SELECT * FROM invoyces")
	wantError(t, err, ErrMissing, "invoyces", "run huikuan sync")
}

func TestArrowBatchesStreamAndAreReleased(t *testing.T) {
	w := open(t, optionsFor(t))
	rows, batches := int64(0), 0
	for rec, err := range w.QueryArrow(context.Background(), "SELECT number, toString(number) AS s FROM numbers({n:UInt64})", named("n", 300_000)) {
		if err != nil {
			t.Fatal(err)
		}
		rows, batches = rows+rec.NumRows(), batches+1
	}
	if rows != 300_000 || batches < 2 {
		t.Errorf("%d rows in %d batches, want 300000 in several", rows, batches)
	}
	for range w.QueryArrow(context.Background(), "SELECT number, toString(number) FROM numbers(100000000)") {
		break // the checked allocator sees whether leaving early releases the batch
	}
}

func TestACancelledReadEnds(t *testing.T) {
	w := open(t, optionsFor(t))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var last error
	for _, err := range w.QueryArrow(ctx, "SELECT number FROM numbers(100000000000)") {
		last = err
		cancel()
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("the sequence ended with %v, want context.Canceled", last)
	}
	ctx, cancel = context.WithCancel(context.Background())
	defer cancel()
	res, err := w.Query(ctx, "SELECT number FROM numbers(100000000000)")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	res.Next()
	cancel()
	for res.Next() {
	}
	if !errors.Is(res.Err(), context.Canceled) {
		t.Errorf("the rows ended with %v, want context.Canceled", res.Err())
	}
}
