package load

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// How rows of earlier builds stay at hand
//
// What a build of changed customers has written into a carried table, beside what
// the table shares with its base, is what the next build has to fetch from it. A
// process that makes both keeps these rows, by the UUID of the table: a few
// megabytes, as long as the table serves. Another process fetches them.

// atHandBytes bounds the rows that are kept, with the room of their buffers.
const atHandBytes = 64 << 20

// atHand are rows by UUID of the table that holds them; a table without any is
// among them too.
type atHand map[string][]arrow.Record

func (h atHand) release() {
	for _, recs := range h {
		for _, rec := range recs {
			rec.Release()
		}
	}
}

// handOver makes the rows that a published stage has sent those at hand. The old
// tables are gone, and so are their rows.
func (s *Stage) handOver(tables map[string]string) {
	now, bytes := atHand{}, 0
	for name, t := range s.tables {
		if s.remembers && s.bases[name] != "" && t.later == nil {
			now[tables[name]] = t.sent
			for _, rec := range t.sent {
				bytes += held(rec)
			}
			t.sent = nil
		}
		t.drop()
	}
	if bytes > atHandBytes {
		now.release()
		now = nil
	}
	s.w.keepAtHand(now)
}

func (w *Warehouse) keepAtHand(rows atHand) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.atHand.release()
	w.atHand = rows
}

// rowsAtHand are the rows that a table has beside those of its base, of the
// customers asked for; known is false where they have to be fetched. The caller
// releases the record, which is nil without rows.
func (w *Warehouse) rowsAtHand(id string, c CarriedTable, customers map[string]bool) (rows arrow.Record, known bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	recs, known := w.atHand[id]
	if !known || len(recs) == 0 {
		return nil, known, nil
	}
	var runs []arrow.Record
	defer func() {
		for _, run := range runs {
			run.Release()
		}
	}()
	for _, rec := range recs {
		read := &columns{rec: rec}
		owner, only := read.text(c.Column), read.text(c.Only)
		if read.err != nil {
			return nil, true, read.err
		}
		wanted := func(i int) bool {
			return customers[owner.at(i)] && (c.Only == "" || only.at(i) == c.Has)
		}
		for from, n := 0, read.rows(); from < n; {
			to := from
			for to < n && wanted(to) {
				to++
			}
			if to > from {
				runs = append(runs, rec.NewSlice(int64(from), int64(to)))
			}
			from = to + 1
		}
	}
	if len(runs) == 0 {
		return nil, true, nil
	}
	rows, err = w.joined(runs)
	return rows, true, err
}

// joined is one record of several, with buffers of its own.
func (w *Warehouse) joined(recs []arrow.Record) (arrow.Record, error) {
	var columns []arrow.Array
	defer func() {
		for _, c := range columns {
			c.Release()
		}
	}()
	rows := int64(0)
	for _, rec := range recs {
		rows += rec.NumRows()
	}
	for i := range recs[0].NumCols() {
		parts := make([]arrow.Array, len(recs))
		for n, rec := range recs {
			parts[n] = rec.Column(int(i))
		}
		column, err := array.Concatenate(parts, w.alloc)
		if err != nil {
			return nil, err
		}
		columns = append(columns, column)
	}
	return array.NewRecord(recs[0].Schema(), columns, rows), nil
}

// held is the memory that a record keeps from being used for others.
func held(rec arrow.Record) (bytes int) {
	var count func(arrow.ArrayData)
	count = func(d arrow.ArrayData) {
		for _, b := range d.Buffers() {
			if b != nil {
				bytes += b.Cap()
			}
		}
		for _, c := range d.Children() {
			count(c)
		}
	}
	for _, c := range rec.Columns() {
		count(c.Data())
	}
	return bytes
}
