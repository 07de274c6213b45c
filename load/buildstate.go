package load

import (
	"context"
	"maps"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/transform/ledger"
)

// The state that a build keeps for the next one is a table of the columns part,
// id, first_day, keys, faults and data; the parts "customer" and "totals" are
// written by the replay, the part "meta" by [Stage.KeepMeta].
const (
	partCustomer = "customer"
	partTotals   = "totals"
	partMeta     = "meta"
	partDerived  = "derived" // id = the metric; written by [Stage.KeepSums]
)

// KeepMeta writes a text beside the state that a replay has staged.
func (s *Stage) KeepMeta(ctx context.Context, table string, text []byte) error {
	return s.keepPart(ctx, table, partMeta, "", text)
}

// KeepSums writes sums of a derived metric beside that state.
func (s *Stage) KeepSums(ctx context.Context, table, metric string, sums []byte) error {
	return s.keepPart(ctx, table, partDerived, metric, sums)
}

func (s *Stage) keepPart(ctx context.Context, table, part, id string, text []byte) error {
	s.mu.Lock()
	t, err := s.open(table)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	rec, err := newRecord(s.w.alloc, t.table, [][]any{{part, id, nil, []byte{}, "", text}})
	if err != nil {
		return err
	}
	defer rec.Release()
	return s.Write(ctx, table, rec)
}

// KeptMeta reads that text; nil where there is none.
func (w *Warehouse) KeptMeta(ctx context.Context, table string) (text []byte, err error) {
	known, err := w.describe(ctx, table)
	if err != nil || known[table] == nil {
		return nil, w.explain("look for the state of the last build", err)
	}
	sql := "SELECT data FROM " + w.qualified(table) + " WHERE part = " + literal(partMeta)
	err = w.each(ctx, sql, func(row []any) error {
		text = []byte(row[0].(string))
		return nil
	})
	return text, w.explain("read the state of the last build", err)
}

// TableIDs returns the UUIDs of tables, by name.
func (w *Warehouse) TableIDs(ctx context.Context, names ...string) (map[string]string, error) {
	ids, err := w.uuids(ctx)
	out := map[string]string{}
	for _, name := range names {
		out[name] = ids[w.storage(name)]
	}
	return out, err
}

// KeptCustomers is what the state tells of all customers.
type KeptCustomers struct {
	Number int
	faults map[string]string  // by customer, of those that have any
	firsts map[ledger.Day]int // how many have their first document on a day
}

// KeptCustomers adds to customers those whose kept keys are among keys, and
// tells what the state says of all.
func (w *Warehouse) KeptCustomers(ctx context.Context, table string, keys map[uint32]bool, customers map[string]bool) (KeptCustomers, error) {
	all := KeptCustomers{faults: map[string]string{}, firsts: map[ledger.Day]int{}}
	var sieve [1 << 13]uint64 // most keys are none of those looked for
	for k := range keys {
		sieve[k>>6&(1<<13-1)] |= 1 << (k & 63)
	}
	sql := "SELECT id, keys, first_day, faults FROM " + w.qualified(table) + " WHERE part = " + literal(partCustomer)
	err := w.readAll(ctx, []string{sql}, func(_ int, rec arrow.Record) error {
		c := &columns{rec: rec}
		id, list, first, faults := c.text("id"), c.text("keys"), c.day("first_day"), c.text("faults")
		for i := 0; c.err == nil && i < c.rows(); i++ {
			text := list.a.Value(i)
			for at := 0; at+4 <= len(text); at += 4 {
				k := uint32(text[at]) | uint32(text[at+1])<<8 | uint32(text[at+2])<<16 | uint32(text[at+3])<<24
				if sieve[k>>6&(1<<13-1)]>>(k&63)&1 == 1 && keys[k] {
					customers[strings.Clone(id.at(i))] = true
					break
				}
			}
			all.firsts[ledger.Day(first.at(i))]++
			if text := faults.at(i); text != "" {
				all.faults[strings.Clone(id.at(i))] = strings.Clone(text)
			}
		}
		all.Number += c.rows()
		return c.err
	})
	return all, w.explain("look for customers whose documents have changed", err)
}

// Kept is the state of the last build.
type Kept struct {
	Totals  []byte
	Sums    map[string][]byte     // by metric: see [Stage.KeepSums]
	Changed []ledger.KeptCustomer // those asked for
	Faults  map[string]string     // of all others that have any
	First   ledger.Day            // earliest first_day of all others
}

// ReadKept reads the state; changed names the customers that are read whole, all
// is what [Warehouse.KeptCustomers] told.
func (w *Warehouse) ReadKept(ctx context.Context, table string, changed map[string]bool, all KeptCustomers) (Kept, error) {
	k := Kept{Faults: maps.Clone(all.faults), Sums: map[string][]byte{}, First: ledger.NoDay}
	maps.DeleteFunc(k.Faults, func(id string, _ string) bool { return changed[id] })
	firsts := maps.Clone(all.firsts)
	from := " FROM " + w.qualified(table)
	queries := []string{
		"SELECT part, id, data" + from + " WHERE part IN (" + literals([]string{partTotals, partDerived}) + ")",
		"SELECT id, data, first_day" + from + " WHERE part = " + literal(partCustomer) + " AND " + amongSQL("id", changed),
	}
	err := w.readAll(ctx, queries, func(n int, rec arrow.Record) error {
		c := &columns{rec: rec}
		id, data := c.text("id"), c.text("data")
		if n == 0 {
			part := c.text("part")
			for i := 0; c.err == nil && i < c.rows(); i++ {
				if part.at(i) == partTotals {
					k.Totals = []byte(data.at(i))
				} else {
					k.Sums[strings.Clone(id.at(i))] = []byte(data.at(i))
				}
			}
			return c.err
		}
		first := c.day("first_day")
		for i := 0; c.err == nil && i < c.rows(); i++ {
			k.Changed = append(k.Changed, ledger.KeptCustomer{ID: strings.Clone(id.at(i)), Data: []byte(data.at(i))})
			firsts[ledger.Day(first.at(i))]--
		}
		return c.err
	})
	for day, n := range firsts {
		if n > 0 && day != ledger.NoDay && (k.First == ledger.NoDay || day < k.First) {
			k.First = day
		}
	}
	return k, w.explain("read the state of the last build", err)
}
