package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"golang.org/x/sync/errgroup"

	"huikuan/transform/ledger"
)

// Ledger reads the documents of one replay and returns its inputs. It equals
// [Warehouse.Rows] row for row, but joins and sorts in this process: documents
// are read once, each in the order of its table, and what hangs on them finds
// them in a hash table. An engine that joins and sorts rows this wide takes
// five times as long.
//
// The documents stay in memory while the source is used, some 110 bytes a row.
// Where they would need more than half of Options.MaxMemory (of
// DefaultLedgerMemory where that is 0), the source is the warehouse itself,
// whose joins and sorts go to disk.
func (w *Warehouse) Ledger(ctx context.Context) (ledger.Source, error) {
	m := newMemoryLedger(w)
	err := m.load(ctx)
	if errors.Is(err, errNotInMemory) {
		w.log.Info("the ledger is sorted by the engine", "reason", err)
		return w, nil
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

func newMemoryLedger(w *Warehouse) *memoryLedger {
	m := &memoryLedger{w: w, labels: newLabels(), seen: map[string]firstSeen{}, names: newNames(), customers: newNames(), bytes: DefaultLedgerMemory}
	if w.opts.MaxMemory > 0 {
		m.bytes = w.opts.MaxMemory / 2
	}
	return m
}

// DefaultLedgerMemory is how many bytes of documents [Warehouse.Ledger] keeps
// in memory, where Options.MaxMemory does not say: some nine million rows.
const DefaultLedgerMemory = 1 << 30

// ledgerRowBytes is what a document or an application takes in memory, with
// its identifiers and its places in the index and the order.
const ledgerRowBytes = 110

// errNotInMemory: the documents are too many, or not of a shape that is kept.
var errNotInMemory = errors.New("not kept in memory")

// memoryLedger is a [ledger.Source] whose documents are in memory. Different
// inputs may be read at the same time, one input only by one reader.
type memoryLedger struct {
	w     *Warehouse
	bytes int64 // how much may be kept

	texts     textStore // identifiers of documents
	refTexts  textStore // identifiers of what refers to documents
	labels    *labels   // what many documents have in common
	names     *names    // sources, and small sets of texts
	customers *names

	documents []document // by customer, source, side and identifier
	index     [sides]index
	terms     map[uint32][]termsVersion // by customer

	applications []application
	instalments  []instalment
	splits       []split
	disputes     []dispute
	seen         map[string]firstSeen // by table
	orphans      []orphan

	found map[string]bool  // companies that documents or the table of companies name
	some  *some            // nil = all customers
	kept  *ledger.Restored // the state that some were read from; nil where the tables were searched
	buf   []byte
	// creditSplits: splits name credit notes rather than invoices.
	creditSplits bool
}

var _ ledger.Source = (*memoryLedger)(nil)

func (m *memoryLedger) load(ctx context.Context) error {
	rows, err := m.count(ctx)
	if err != nil {
		return err
	}
	if need := int64(rows.all()) * ledgerRowBytes; need > m.bytes {
		return fmt.Errorf("%w: %d rows would take %d MB, allowed are %d MB", errNotInMemory, rows.all(), need>>20, m.bytes>>20)
	}
	for _, step := range []func(context.Context, *rowCounts) error{m.readFirstSeen, m.readDocuments, m.readTerms, m.readCompanies, m.readReferring} {
		if err := step(ctx, rows); err != nil {
			return err
		}
	}
	return m.sort()
}

// sort puts the documents, and then what refers to them, into order. Rows meet
// their documents before that: both stand by identifier then, and neighbours
// tend to refer to neighbours.
func (m *memoryLedger) sort() error {
	m.index = [sides]index{}
	place, err := m.sortDocuments()
	if err != nil {
		return err
	}
	for i := range m.applications {
		a := &m.applications[i]
		a.invoice, a.other = moved(place, a.invoice), moved(place, a.other)
	}
	for i := range m.instalments {
		m.instalments[i].of = place[m.instalments[i].of]
	}
	for i := range m.splits {
		m.splits[i].of = place[m.splits[i].of]
	}
	for i := range m.disputes {
		m.disputes[i].of = place[m.disputes[i].of]
	}
	m.sortApplications()
	return nil
}

func moved(place []documentRef, ref documentRef) documentRef {
	if ref == noDocument {
		return ref
	}
	return place[ref]
}

// Rows implements [ledger.Source]. What needs no join is left to the engine.
func (m *memoryLedger) Rows(ctx context.Context, inputTable string) iter.Seq2[arrow.Record, error] {
	write := map[string]func(*rowWriter){
		ledger.InDocuments: m.writeDocuments, ledger.InApplications: m.writeApplications, ledger.InInstalments: m.writeInstalments,
		ledger.InSplits: m.writeSplits, ledger.InDisputes: m.writeDisputes, ledger.InOrphans: m.writeOrphans, ledger.InHistory: m.writeHistory,
	}[inputTable]
	if m.fromState(inputTable) {
		return m.kept.Rows(ctx, inputTable)
	}
	if write == nil {
		return m.w.rows(ctx, inputTable, m.some.where(inputTable))
	}
	t, _ := ledger.Input(inputTable)
	if m.some != nil && inputTable == ledger.InOrphans {
		write = m.writeAllOrphans
	}
	return func(yield func(arrow.Record, error) bool) {
		b := array.NewRecordBuilder(m.w.alloc, t.Arrow())
		defer b.Release()
		out := newRowWriter(ctx, b, yield)
		write(out)
		out.flush()
	}
}

// rowCounts is how many rows the tables have, replaced versions included.
type rowCounts struct{ documents, referring []int }

func (c *rowCounts) all() int {
	sum := 0
	for _, n := range append(c.documents[:sides:sides], c.referring...) {
		sum += n
	}
	return sum
}

func (m *memoryLedger) count(ctx context.Context) (*rowCounts, error) {
	sql := "SELECT "
	for _, q := range append(documentQueries[:sides:sides], referringQueries...) {
		sql += "(SELECT count() FROM " + q.table + docsSuffix + "), "
	}
	var all []int
	err := m.w.readAll(ctx, []string{sql[:len(sql)-2]}, func(_ int, rec arrow.Record) error {
		for i := range int(rec.NumCols()) {
			n, ok := rec.Column(i).(*array.Uint64)
			if !ok || n.Len() == 0 {
				return fmt.Errorf("count the documents: column %d is %s", i, rec.Column(i).DataType())
			}
			all = append(all, int(n.Value(0)))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(all) != int(sides)+len(referringQueries) {
		return nil, fmt.Errorf("count the documents: %d numbers came, want %d", len(all), int(sides)+len(referringQueries))
	}
	return &rowCounts{all[:sides], all[sides:]}, nil
}

// query reads one table for the ledger in memory.
type query struct{ table, sql string }

// readAll runs queries at the same time and hands their batches to one consumer,
// with the number of the query. Empty queries are passed over. Some batches
// wait for the consumer, so that the engine works on meanwhile.
func (w *Warehouse) readAll(ctx context.Context, queries []string, consume func(i int, rec arrow.Record) error) error {
	type numbered struct {
		i   int
		rec arrow.Record
	}
	batches := make(chan numbered, 4)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	for i, sql := range queries {
		if sql == "" {
			continue
		}
		group.Go(func() error {
			for rec, err := range w.QueryArrow(ctx, sql) {
				if err != nil {
					return fmt.Errorf("read ledger: %w", err)
				}
				rec.Retain()
				select {
				case batches <- numbered{i, rec}:
				case <-ctx.Done():
					rec.Release()
					return ctx.Err()
				}
			}
			return ctx.Err()
		})
	}
	failed := make(chan error, 1)
	go func() { failed <- group.Wait(); close(batches) }()
	var err error
	for b := range batches {
		if err == nil {
			if err = consume(b.i, b.rec); err != nil {
				stop() // ends the other queries
			}
		}
		b.rec.Release()
	}
	return cmp.Or(err, <-failed)
}

// textStore keeps identifiers one behind the other, in pieces of a megabyte, so
// that it need not move them to grow.
type textStore struct{ pieces [][]byte }

const pieceBits = 20

// text is a place in a textStore.
type text struct{ from, size uint32 }

var noText = text{size: math.MaxUint32}

func add[T string | []byte](t *textStore, s T) (text, error) {
	last := len(t.pieces) - 1
	if last < 0 || len(t.pieces[last])+len(s) > 1<<pieceBits {
		if last++; last == 1<<(32-pieceBits) || len(s) > 1<<pieceBits {
			return noText, fmt.Errorf("%w: identifiers take more than 4 GB, or one more than 1 MB", errNotInMemory)
		}
		t.pieces = append(t.pieces, make([]byte, 0, 1<<pieceBits))
	}
	at := text{uint32(last<<pieceBits | len(t.pieces[last])), uint32(len(s))}
	t.pieces[last] = append(t.pieces[last], s...)
	return at, nil
}

func (t *textStore) at(x text) []byte {
	from := x.from & (1<<pieceBits - 1)
	return t.pieces[x.from>>pieceBits][from : from+x.size]
}

// names numbers texts of which there are few.
type names struct {
	numbers map[string]uint32
	list    []string
	last    uint32 // the number given last: the next text is often the same
}

// noName stands for NULL.
const noName = math.MaxUint32

func newNames() *names { return &names{numbers: map[string]uint32{}} }

func (n *names) number(s string) uint32 {
	if len(n.list) > 0 && n.list[n.last] == s {
		return n.last
	}
	x, ok := n.numbers[s]
	if !ok {
		x, s = uint32(len(n.list)), strings.Clone(s) // it lies in a batch
		n.numbers[s] = x
		n.list = append(n.list, s)
	}
	n.last = x
	return x
}
