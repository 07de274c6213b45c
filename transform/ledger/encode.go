package ledger

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// How a customer's rows are kept
//
// What a replay has read of a customer is written down, table by table and
// column by column, so that a later build can take what the customer gave to
// sums over customers out of them again, by replaying it once more. A table is
// its number of rows; each column of it a mark, whether all rows have the first
// one's value, and the values. Only the columns that the replay reads are kept:
// which ones, [Layout] says.

// Marks of a value.
const (
	markNull  = iota
	markSame  // as the value before it
	markValue // numbers: the difference to the one before; texts: the shared beginning, and the rest
)

// usedColumn is a column that the replay reads.
type usedColumn struct {
	name string
	kind arrow.DataType
	arr  arrow.Array
}

// Layout names the tables and columns that a kept customer consists of, in
// order. Customers kept under another layout cannot be read.
func Layout() (string, error) {
	var b strings.Builder
	for s := range slots {
		used, err := usedColumns(s)
		if err != nil {
			return "", err
		}
		b.WriteString(slotNames[s])
		for _, u := range used {
			fmt.Fprintf(&b, " %s:%s", u.name, u.kind)
		}
		b.WriteString("\n")
	}
	return b.String(), nil
}

// usedColumns lists the columns of a slot that are kept, without rows.
func usedColumns(slot int) ([]usedColumn, error) {
	t, _ := Input(slotNames[slot])
	builder := array.NewRecordBuilder(memory.NewGoAllocator(), t.Arrow())
	defer builder.Release()
	rec := builder.NewRecord()
	defer rec.Release()
	b, err := bind(slot, t, rec, 1)
	if err != nil {
		return nil, err
	}
	defer b.release()
	return b.used, nil
}

// Customer returns the identifier of the i-th customer.
func (c *Chunk) Customer(i int) string { return c.customers[i] }

// FirstDay returns the earliest date of the i-th customer's documents, NoDay
// where there are none.
func (c *Chunk) FirstDay(i int) Day {
	first := NoDay
	for _, s := range c.of(slotDocuments, i) {
		date := c.batches[slotDocuments][s.batch].documents.date
		for row := s.from; row < s.to; row++ {
			if d := date.at(int(row)); d != NoDay && (first == NoDay || d < first) {
				first = d
			}
		}
	}
	return first
}

func (c *Chunk) of(slot, i int) []span {
	return c.spans[slot][c.starts[slot][i]:c.starts[slot][i+1]]
}

// Encode appends what the replay reads of the i-th customer. Equal rows give
// equal bytes.
func (c *Chunk) Encode(buf []byte, i int) []byte {
	for slot := range slots {
		spans, rows := c.of(slot, i), 0
		for _, s := range spans {
			rows += int(s.to - s.from)
		}
		buf = binary.AppendUvarint(buf, uint64(rows))
		if rows == 0 {
			continue
		}
		for column := range c.batches[slot][spans[0].batch].used {
			buf = c.encodeColumn(buf, slot, column, spans)
		}
	}
	return buf
}

func (c *Chunk) encodeColumn(buf []byte, slot, column int, spans []span) []byte {
	first := c.batches[slot][spans[0].batch].used[column].arr
	if text, ok := first.(*array.String); ok {
		e := textEncoder{buf: buf}
		if e.constant = c.sameTexts(slot, column, spans, text, int(spans[0].from)); e.constant {
			spans = []span{{spans[0].batch, spans[0].from, spans[0].from + 1}}
		}
		e.begin()
		for _, s := range spans {
			arr := c.batches[slot][s.batch].used[column].arr.(*array.String)
			for row := int(s.from); row < int(s.to); row++ {
				e.add(arr, row)
			}
		}
		return e.buf
	}
	e := numberEncoder{buf: buf}
	if e.constant = c.sameNumbers(slot, column, spans); e.constant {
		spans = []span{{spans[0].batch, spans[0].from, spans[0].from + 1}}
	}
	e.begin()
	for _, s := range spans {
		arr := c.batches[slot][s.batch].used[column].arr
		for row := int(s.from); row < int(s.to); row++ {
			n, null := numberAt(arr, row)
			e.add(n, null)
		}
	}
	return e.buf
}

func (c *Chunk) sameTexts(slot, column int, spans []span, first *array.String, at int) bool {
	null, want := first.IsNull(at), ""
	if !null {
		want = first.Value(at)
	}
	for _, s := range spans {
		arr := c.batches[slot][s.batch].used[column].arr.(*array.String)
		for row := int(s.from); row < int(s.to); row++ {
			if arr.IsNull(row) != null || !null && arr.Value(row) != want {
				return false
			}
		}
	}
	return true
}

func (c *Chunk) sameNumbers(slot, column int, spans []span) bool {
	want, wantNull := int64(0), false
	for i, s := range spans {
		arr := c.batches[slot][s.batch].used[column].arr
		for row := int(s.from); row < int(s.to); row++ {
			n, null := numberAt(arr, row)
			if i == 0 && row == int(s.from) {
				want, wantNull = n, null
			}
			if n != want || null != wantNull {
				return false
			}
		}
	}
	return true
}

// numberAt reads a day, a whole number, an instant, a decimal or a flag.
func numberAt(arr arrow.Array, row int) (n int64, null bool) {
	if arr.IsNull(row) {
		return 0, true
	}
	switch arr := arr.(type) {
	case *array.Date32:
		return int64(arr.Value(row)), false
	case *array.Int64:
		return arr.Value(row), false
	case *array.Timestamp:
		return int64(arr.Value(row)), false
	case *array.Decimal128:
		if !fitsWord(arr.Value(row)) { // see rateColumn
			return 0, false
		}
		return int64(arr.Value(row).LowBits()), false
	case *array.Boolean:
		if arr.Value(row) {
			return 1, false
		}
		return 0, false
	}
	panic("ledger: no way to keep a column of type " + arr.DataType().String())
}

type textEncoder struct {
	buf      []byte
	constant bool
	before   string
	any      bool
}

func (e *textEncoder) begin() { e.buf = appendFlag(e.buf, e.constant) }

func (e *textEncoder) add(arr *array.String, row int) {
	if arr.IsNull(row) {
		e.buf = append(e.buf, markNull)
		return
	}
	s := arr.Value(row)
	if e.any && s == e.before {
		e.buf = append(e.buf, markSame)
		return
	}
	shared := 0
	for shared < len(s) && shared < len(e.before) && s[shared] == e.before[shared] {
		shared++
	}
	e.buf = append(e.buf, markValue)
	e.buf = binary.AppendUvarint(e.buf, uint64(shared))
	e.buf = binary.AppendUvarint(e.buf, uint64(len(s)-shared))
	e.buf = append(e.buf, s[shared:]...)
	e.before, e.any = s, true
}

type numberEncoder struct {
	buf      []byte
	constant bool
	before   int64
}

func (e *numberEncoder) begin() { e.buf = appendFlag(e.buf, e.constant) }

func (e *numberEncoder) add(n int64, null bool) {
	switch {
	case null:
		e.buf = append(e.buf, markNull)
	case n == e.before:
		e.buf = append(e.buf, markSame)
	default:
		e.buf = binary.AppendVarint(append(e.buf, markValue), n-e.before)
		e.before = n
	}
}

func appendFlag(buf []byte, v bool) []byte {
	if v {
		return append(buf, 1)
	}
	return append(buf, 0)
}
