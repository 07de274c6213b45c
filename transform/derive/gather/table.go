package gather

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/bridge"
	"huikuan/transform/derive"
	"huikuan/transform/forecast"
	"huikuan/transform/history"
	"huikuan/transform/schema"
)

// table holds the columns of a table that an input is made of, by batch.
type table struct {
	input schema.Table
	order []string
	only  func(arrow.Record) func(row int) bool // rows of the input; nil = all
	recs  []arrow.Record
}

func newTable(input string, order ...string) table {
	declared := slices.Concat(history.Inputs(), forecast.Inputs(), bridge.Inputs())
	return table{input: declared[slices.IndexFunc(declared, func(t schema.Table) bool { return t.Name == input })], order: order}
}

// from names the columns of the table that a column of the input is made of;
// two are added up.
func from(column string, rec arrow.Record) []string {
	if len(rec.Schema().FieldIndices(column)) == 0 {
		if column == "settled" { // of promises
			return []string{"paid", "reduced"}
		}
	}
	return []string{column}
}

func (t *table) add(rec arrow.Record) error {
	if rec.NumRows() == 0 {
		return nil
	}
	var fields []arrow.Field
	var columns []arrow.Array
	has := map[string]bool{}
	take := func(name string) error {
		at := rec.Schema().FieldIndices(name)
		if len(at) != 1 {
			return fmt.Errorf("there is no column %s", name)
		}
		if !has[name] {
			has[name] = true
			fields, columns = append(fields, rec.Schema().Field(at[0])), append(columns, rec.Column(at[0]))
		}
		return nil
	}
	for _, c := range t.input.Columns {
		for _, name := range from(c.Name, rec) {
			if err := take(name); err != nil {
				return err
			}
		}
	}
	for _, name := range t.order {
		if err := take(name); err != nil {
			return err
		}
	}
	t.recs = append(t.recs, array.NewRecord(arrow.NewSchema(fields, nil), columns, rec.NumRows()))
	return nil
}

func (t *table) release() {
	for _, rec := range t.recs {
		rec.Release()
	}
	t.recs = nil
}

// row is a row of a batch.
type row struct{ rec, at int32 }

// outRows is how many rows are handed over at once.
const outRows = 16_384

// sorted hands the input over in its order.
func (t *table) sorted(yield func(arrow.Record, error) bool) {
	var rows []row
	for n, rec := range t.recs {
		only := func(int) bool { return true }
		if t.only != nil {
			only = t.only(rec)
		}
		for i := range int(rec.NumRows()) {
			if only(i) {
				rows = append(rows, row{int32(n), int32(i)})
			}
		}
	}
	compare, err := t.comparison()
	if err != nil {
		yield(nil, err)
		return
	}
	if !slices.IsSortedFunc(rows, compare) {
		slices.SortFunc(rows, compare)
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, t.input.Arrow())
	defer b.Release()
	for len(rows) > 0 {
		some := rows[:min(len(rows), outRows)]
		rows = rows[len(some):]
		for i, c := range t.input.Columns {
			if err := t.copy(b.Field(i), c.Name, some); err != nil {
				yield(nil, err)
				return
			}
		}
		rec := b.NewRecord()
		more := yield(rec, nil)
		rec.Release()
		if !more {
			return
		}
	}
}

// comparison tells the order of two rows.
func (t *table) comparison() (func(x, y row) int, error) {
	var by []func(x, y row) int
	for _, name := range t.order {
		texts, numbers, days := make([]*array.String, len(t.recs)), make([]*array.Int64, len(t.recs)), make([]*array.Date32, len(t.recs))
		for i, rec := range t.recs {
			switch c := column(rec, name).(type) {
			case *array.String:
				texts[i] = c
			case *array.Int64:
				numbers[i] = c
			case *array.Date32:
				days[i] = c
			default:
				return nil, fmt.Errorf("%s: rows cannot be put in the order of %s", t.input.Name, name)
			}
		}
		switch {
		case len(t.recs) == 0:
		case texts[0] != nil:
			by = append(by, func(x, y row) int { return cmp.Compare(texts[x.rec].Value(int(x.at)), texts[y.rec].Value(int(y.at))) })
		case numbers[0] != nil:
			by = append(by, func(x, y row) int {
				return cmp.Compare(numbers[x.rec].Value(int(x.at)), numbers[y.rec].Value(int(y.at)))
			})
		default:
			by = append(by, func(x, y row) int { return cmp.Compare(days[x.rec].Value(int(x.at)), days[y.rec].Value(int(y.at))) })
		}
	}
	return func(x, y row) int {
		for _, c := range by {
			if order := c(x, y); order != 0 {
				return order
			}
		}
		return 0
	}, nil
}

func column(rec arrow.Record, name string) arrow.Array {
	return rec.Column(rec.Schema().FieldIndices(name)[0])
}

// copy appends a column of some rows.
func (t *table) copy(to array.Builder, name string, rows []row) error {
	columns := make([][]arrow.Array, len(t.recs))
	for i, rec := range t.recs {
		for _, source := range from(name, rec) {
			columns[i] = append(columns[i], column(rec, source))
		}
	}
	to.Reserve(len(rows))
	for _, r := range rows {
		c, i := columns[r.rec][0], int(r.at)
		if c.IsNull(i) {
			to.AppendNull()
			continue
		}
		switch b := to.(type) {
		case *array.StringBuilder:
			b.Append(c.(*array.String).Value(i))
		case *array.Int64Builder:
			b.Append(c.(*array.Int64).Value(i))
		case *array.Date32Builder:
			b.Append(c.(*array.Date32).Value(i))
		case *array.Decimal128Builder:
			n := c.(*array.Decimal128).Value(i)
			for _, more := range columns[r.rec][1:] {
				n = n.Add(more.(*array.Decimal128).Value(i))
			}
			b.Append(n)
		default:
			return fmt.Errorf("%s: column %s is of no type that is gathered", t.input.Name, name)
		}
	}
	return nil
}

var _ derive.Sink = (*Rows)(nil)
