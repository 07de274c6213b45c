package ledger

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/transform/schema"
)

// Chunk is a run of whole customers, small enough to be worked on in memory,
// always cut at the same places whatever the number of workers.
type Chunk struct {
	Sequence int // 0, 1, …
	Rows     int // input rows of all tables

	customers []string // identifiers, bytewise ascending
	batches   [slots][]*batch
	spans     [slots][]span
	starts    [slots][]int32 // per customer: its first span; one more at the end
}

// span is a run of rows of one batch.
type span struct{ batch, from, to int32 }

// Len returns the number of customers.
func (c *Chunk) Len() int { return len(c.customers) }

// Release gives the batches back. Texts of customers parsed from the chunk are
// not valid afterwards.
func (c *Chunk) Release() {
	for s := range c.batches {
		for _, b := range c.batches[s] {
			b.release()
		}
		c.batches[s] = nil
	}
}

// Chunks merges the tables by customer into chunks of at least rows input rows
// (the last one may have fewer). A fault of the source, a column of another
// type, or rows out of order end the stream with an error. The consumer
// releases each chunk.
func Chunks(ctx context.Context, src Source, rows int) iter.Seq2[*Chunk, error] {
	return func(yield func(*Chunk, error) bool) {
		m, err := newMerger(ctx, src)
		defer m.close()
		if err != nil {
			yield(nil, err)
			return
		}
		for seq := 0; ; seq++ {
			chunk, err := m.chunk(rows)
			if err != nil {
				yield(nil, err)
				return
			}
			if chunk == nil {
				return
			}
			chunk.Sequence = seq
			if !yield(chunk, nil) {
				return
			}
		}
	}
}

// merger holds one cursor per table.
type merger struct {
	ctx     context.Context
	cursors [slots]*cursor
	last    string
	any     bool
}

// cursor walks the rows of one table.
type cursor struct {
	slot  int
	table schema.Table
	next  func() (arrow.Record, error, bool)
	stop  func()
	cur   *batch
	at    int   // next row within cur
	seen  int64 // rows of batches before cur
}

func newMerger(ctx context.Context, src Source) (*merger, error) {
	m := &merger{ctx: ctx}
	for s := range slots {
		t, _ := Input(slotNames[s])
		c := &cursor{slot: s, table: t}
		c.next, c.stop = iter.Pull2(src.Rows(ctx, t.Name))
		m.cursors[s] = c
	}
	for _, c := range m.cursors {
		if err := c.fill(); err != nil {
			return m, err
		}
	}
	return m, nil
}

func (m *merger) close() {
	for _, c := range m.cursors {
		if c == nil {
			continue
		}
		if c.cur != nil {
			c.cur.release()
			c.cur = nil
		}
		c.stop()
	}
}

// fill makes sure that cur has a row left, or is nil at the end.
func (c *cursor) fill() error {
	for c.cur == nil || c.at >= int(c.cur.rec.NumRows()) {
		if c.cur != nil {
			c.seen += c.cur.rec.NumRows()
			c.cur.release()
			c.cur = nil
		}
		rec, err, ok := c.next()
		if !ok {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", c.table.Name, err)
		}
		b, err := bind(c.slot, c.table, rec, c.seen+1)
		if err != nil {
			return err
		}
		c.cur, c.at = b, 0
	}
	return nil
}

// chunk collects the next customers; nil at the end.
func (m *merger) chunk(rows int) (*Chunk, error) {
	out := &Chunk{}
	for out.Rows < rows {
		if err := m.ctx.Err(); err != nil {
			out.Release()
			return nil, err
		}
		id, ok := m.smallest()
		if !ok {
			break
		}
		if m.any && id <= m.last {
			defer out.Release()
			return nil, m.disorder(id)
		}
		m.last, m.any = strings.Clone(id), true
		out.customers = append(out.customers, m.last)
		for s, c := range m.cursors {
			out.starts[s] = append(out.starts[s], int32(len(out.spans[s])))
			n, err := c.take(m.last, out)
			if err != nil {
				out.Release()
				return nil, err
			}
			out.Rows += n
		}
	}
	if len(out.customers) == 0 {
		return nil, nil
	}
	for s := range out.starts {
		out.starts[s] = append(out.starts[s], int32(len(out.spans[s])))
	}
	return out, nil
}

func (m *merger) smallest() (string, bool) {
	id, found := "", false
	for _, c := range m.cursors {
		if c.cur == nil {
			continue
		}
		if next := c.cur.customer.at(c.at); !found || next < id {
			id, found = next, true
		}
	}
	return id, found
}

func (m *merger) disorder(id string) error {
	for _, c := range m.cursors {
		if c.cur != nil && c.cur.customer.at(c.at) == id {
			return fmt.Errorf("%s row %d: customer_id %q comes after %q, expected ascending order by bytes", c.table.Name, c.seen+int64(c.at)+1, id, m.last)
		}
	}
	return fmt.Errorf("customer_id %q comes after %q, expected ascending order by bytes", id, m.last)
}

// take moves the rows of one customer into the chunk.
func (c *cursor) take(id string, out *Chunk) (int, error) {
	n := 0
	for c.cur != nil && c.cur.customer.at(c.at) == id {
		from, end := c.at, int(c.cur.rec.NumRows())
		col := c.cur.customer.a
		for c.at++; c.at < end && col.Value(c.at) == id; {
			c.at++
		}
		list := out.batches[c.slot]
		if len(list) == 0 || list[len(list)-1] != c.cur {
			c.cur.refs.Add(1)
			list = append(list, c.cur)
			out.batches[c.slot] = list
		}
		out.spans[c.slot] = append(out.spans[c.slot], span{int32(len(list) - 1), int32(from), int32(c.at)})
		n += c.at - from
		if err := c.fill(); err != nil {
			return n, err
		}
	}
	return n, nil
}
