package metrics

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"pgregory.net/rapid"

	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
)

// someCustomers serves the rows of some customers alone.
type someCustomers struct {
	ledger.Source
	only map[string]bool
}

func (s someCustomers) Rows(ctx context.Context, table string) iter.Seq2[arrow.Record, error] {
	t, _ := ledger.Input(table)
	switch {
	case table == ledger.InHistory:
		return func(func(arrow.Record, error) bool) {}
	case t.Columns[0].Name != "customer_id":
		return s.Source.Rows(ctx, table)
	}
	return func(yield func(arrow.Record, error) bool) {
		for rec, err := range s.Source.Rows(ctx, table) {
			if err != nil {
				yield(nil, err)
				return
			}
			ids := rec.Column(0).(*array.String)
			for i := range ids.Len() {
				if !s.only[ids.Value(i)] {
					continue
				}
				if row := rec.NewSlice(int64(i), int64(i+1)); !yield(row, nil) {
					return
				}
			}
		}
	}
}

// warehouse is a sink that replaces rows as the loading side does.
type warehouse struct {
	rows  map[string][]string // whole rows as text, by table
	state map[string]stateRow // by part and id
}

type stateRow struct {
	first               ledger.Day
	keys, data          []byte
	faults, part, ident string
}

func newWarehouse() *warehouse {
	return &warehouse{map[string][]string{}, map[string]stateRow{}}
}

func (w *warehouse) Write(_ context.Context, table string, rec arrow.Record) error {
	for i := range int(rec.NumRows()) {
		var line strings.Builder
		for _, c := range rec.Columns() {
			fmt.Fprintf(&line, "%s|", cell(c, i))
		}
		w.rows[table] = append(w.rows[table], line.String())
		if table == State {
			r := stateRow{part: cell(rec.Column(0), i), ident: cell(rec.Column(1), i), first: ledger.NoDay,
				keys: slices.Clone(rec.Column(3).(*array.Binary).Value(i)), faults: cell(rec.Column(4), i), data: slices.Clone(rec.Column(5).(*array.Binary).Value(i))}
			if d := rec.Column(2).(*array.Date32); !d.IsNull(i) {
				r.first = ledger.Day(d.Value(i))
			}
			w.state[r.part+r.ident] = r
		}
	}
	return nil
}

// without copies the warehouse but for what an update of customers writes anew.
func (w *warehouse) without(changed map[string]bool) *warehouse {
	out := newWarehouse()
	for _, t := range append(Replayed(), StateTable()) {
		if slices.Contains(Standing(), t.Name) {
			out.rows[t.Name] = w.rows[t.Name]
		}
		g := GrainOf(t.Name)
		if g.Column == "" {
			continue
		}
		at, only := slices.Index(t.Names(), g.Column), slices.Index(t.Names(), g.Only)
		for _, line := range w.rows[t.Name] {
			cells := strings.Split(line, "|")
			if !changed[cells[at]] && (only < 0 || cells[only] == g.Has) {
				out.rows[t.Name] = append(out.rows[t.Name], line)
			}
		}
	}
	for key, r := range w.state {
		if r.part == PartCustomer && !changed[r.ident] {
			out.state[key] = r
		}
	}
	return out
}

func (w *warehouse) prior(changed map[string]bool) Prior {
	p := Prior{First: ledger.NoDay, Totals: w.state[PartTotals].data}
	for _, key := range slices.Sorted(maps.Keys(w.state)) {
		r := w.state[key]
		switch {
		case r.part != PartCustomer:
		case changed[r.ident]:
			p.Changed = append(p.Changed, ledger.KeptCustomer{ID: r.ident, Data: r.data})
		default:
			if r.faults != "" {
				p.Faults = append(p.Faults, CustomerFaults{r.ident, r.faults})
			}
			if r.first != ledger.NoDay && (p.First == ledger.NoDay || r.first < p.First) {
				p.First = r.first
			}
		}
	}
	return p
}

// changes lists the customers of which two builds have read something else.
func changes(a, b *warehouse) map[string]bool {
	out := map[string]bool{}
	for key, r := range a.state {
		if other, ok := b.state[key]; r.part == PartCustomer && (!ok || string(other.data) != string(r.data)) {
			out[r.ident] = true
		}
	}
	for key, r := range b.state {
		if _, ok := a.state[key]; r.part == PartCustomer && !ok {
			out[r.ident] = true
		}
	}
	return out
}

// edit makes one change that a source may make.
func edit(t *rapid.T, b *ledgertest.Books, n int) {
	inv := func() int { return rapid.IntRange(0, len(b.Invoices)-1).Draw(t, "edited invoice") }
	switch rapid.IntRange(0, 9).Draw(t, "edit") {
	case 0: // a new invoice, often backdated
		v := b.Invoices[inv()]
		v.ID, v.Date, v.Due, v.Amount = fmt.Sprintf("N%d", n), drawDay(t, "new date"), none, drawAmount(t, "new amount")
		b.Invoices = append(b.Invoices, v)
	case 1:
		b.Invoices[inv()].Amount = drawAmount(t, "corrected")
	case 2:
		b.Invoices[inv()].Date = drawDay(t, "redated")
	case 3: // moved to another customer
		b.Invoices[inv()].Customer = pick(t, "moved to", "K0", "K1", "K2", "K9")
	case 4: // deleted: what is applied to it becomes an orphan
		if i := inv(); len(b.Invoices) > 1 {
			b.Invoices = slices.Delete(b.Invoices, i, i+1)
		}
	case 5:
		if len(b.Payments) > 0 {
			p := &b.Payments[rapid.IntRange(0, len(b.Payments)-1).Draw(t, "edited payment")]
			p.Date, p.Reversed = drawDay(t, "received"), none
		}
	case 6: // a new payment of another customer
		v := b.Invoices[inv()]
		p := ledgertest.Payment{ID: fmt.Sprintf("NP%d", n), Company: v.Company, Customer: pick(t, "payer", "K0", "K1", "K2"), Currency: v.Currency, Date: drawDay(t, "receipt"), Reversed: none, Amount: v.Amount}
		b.Payments = append(b.Payments, p)
		b.Allocations = append(b.Allocations, ledgertest.Allocation{ID: fmt.Sprintf("NA%d", n), Payment: p.ID, Invoice: v.ID, Date: p.Date, Amount: v.Amount / 2})
	case 7:
		if len(b.Allocations) > 0 {
			i := rapid.IntRange(0, len(b.Allocations)-1).Draw(t, "dropped allocation")
			b.Allocations = slices.Delete(b.Allocations, i, i+1)
		}
	case 8:
		b.Owners = append(b.Owners, ledgertest.Owner{Customer: pick(t, "handed over", "K0", "K1", "K2"), Rep: pick(t, "new owner", "R1", "R4"), From: drawDay(t, "since"), To: none})
	case 9:
		v := b.Invoices[inv()]
		b.Disputes = append(b.Disputes, ledgertest.Dispute{ID: fmt.Sprintf("ND%d", n), Invoice: v.ID, Opened: drawDay(t, "disputed"), Closed: none, Amount: v.Amount / 3})
	}
}

// copyOf makes edits of one not show in the other.
func copyOf(b *ledgertest.Books) *ledgertest.Books {
	c := *b
	c.Invoices, c.Payments, c.Allocations = slices.Clone(b.Invoices), slices.Clone(b.Payments), slices.Clone(b.Allocations)
	c.Owners, c.Disputes = slices.Clone(b.Owners), slices.Clone(b.Disputes)
	return &c
}

// Whatever is edited, round after round: an update of the customers that the
// edits touch leaves the same rows as a full build, in every table and column,
// and the same state for the next round.
func TestAnUpdateEqualsAFullBuildByteForByte(t *testing.T) {
	updated, refused := 0, 0
	lawtest.Check(t, func(t *rapid.T) {
		o := Options{AsOf: genAsOf, ReportingCurrency: groupCurrency, Workers: 2, ChunkRows: 5, BatchRows: 50, DailyDays: dailyDays, Keep: true}
		books := randomBooks(t)
		randomPromises(t, books)
		randomVisits(t, books)
		now := newWarehouse()
		if _, err := Build(context.Background(), books.Source(), now, o); err != nil {
			t.Fatal(err)
		}
		for round := range 3 {
			books = copyOf(books)
			for n := range rapid.IntRange(1, 2).Draw(t, "edits") {
				edit(t, books, round*10+n)
			}
			full := newWarehouse()
			want, err := Build(context.Background(), books.Source(), full, o)
			if err != nil {
				t.Fatal(err)
			}
			changed := changes(now, full)
			if len(changed) == 0 {
				continue
			}
			next := now.without(changed)
			got, err := Update(context.Background(), someCustomers{books.Source(), changed}, now.prior(changed), next, o)
			if errors.Is(err, ErrRebuild) {
				refused++
				if full.rows[State] == nil {
					return // no documents are left
				}
				now = full
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			updated++
			compareWarehouses(t, next, full)
			if got.Customers != want.Customers || got.Items != want.Items || got.Events != want.Events || !reflect.DeepEqual(got.Checks, want.Checks) {
				t.Fatalf("summary %+v\nwant %+v", got, want)
			}
			now = next
		}
	})
	if updated < refused {
		t.Errorf("only %d updates, %d refused: the test shows little", updated, refused)
	}
}

func compareWarehouses(t *rapid.T, got, want *warehouse) {
	for _, table := range append(Replayed(), StateTable()) {
		a, b := slices.Sorted(slices.Values(got.rows[table.Name])), slices.Sorted(slices.Values(want.rows[table.Name]))
		if slices.Equal(a, b) {
			continue
		}
		for i := range max(len(a), len(b)) {
			if i >= len(a) || i >= len(b) || a[i] != b[i] {
				t.Fatalf("%s: %d rows, a full build has %d; row %d\n%v\n%v", table.Name, len(a), len(b), i, a[min(i, len(a)):min(i+1, len(a))], b[min(i, len(b)):min(i+1, len(b))])
			}
		}
	}
}

func TestAnUpdateSaysWhyOnlyAFullBuildWillDo(t *testing.T) {
	books := &ledgertest.Books{Companies: []ledger.Company{{ID: "A", Base: "CNY", Reporting: "CNY"}},
		Invoices: []ledgertest.Invoice{{ID: "I1", Company: "A", Customer: "K0", Currency: "CNY", Date: genFirst, Due: none, Amount: 100}, {ID: "I2", Company: "A", Customer: "K1", Currency: "CNY", Date: genFirst + 40, Due: none, Amount: 100}}}
	o := Options{AsOf: genAsOf, Keep: true}
	base := newWarehouse()
	if _, err := Build(t.Context(), books.Source(), base, o); err != nil {
		t.Fatal(err)
	}
	changed := map[string]bool{"K1": true}
	for _, c := range []struct {
		why    string
		change func(*ledgertest.Books, *Options)
	}{
		{"the last build was as of", func(_ *ledgertest.Books, o *Options) { o.AsOf++ }},
		{"the settings", func(_ *ledgertest.Books, o *Options) { o.Edges = []int{10} }},
		{"the settings", func(_ *ledgertest.Books, o *Options) { o.VisitWindows = []int{5, 10, 20} }},
		{"exchange rates", func(b *ledgertest.Books, _ *Options) {
			b.Quotes = append(b.Quotes, ledger.Quote{Day: genFirst, From: "EUR", To: "CNY", Rate: 5})
		}},
		{"the reporting currency was", func(_ *ledgertest.Books, o *Options) { o.ReportingCurrency = "USD" }},
		{"begins on another day", func(b *ledgertest.Books, _ *Options) { b.Invoices[1].Date = genFirst - 70 }},
		{"", func(b *ledgertest.Books, _ *Options) { b.Invoices[1].Amount = 7 }},
	} {
		b, with := copyOf(books), o
		c.change(b, &with)
		next := base.without(changed)
		rows := len(next.rows[Events])
		_, err := Update(t.Context(), someCustomers{b.Source(), changed}, base.prior(changed), next, with)
		if c.why == "" {
			if err != nil {
				t.Errorf("a changed amount: %v", err)
			}
			continue
		}
		if !errors.Is(err, ErrRebuild) || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%q expected, got %v", c.why, err)
		}
		if len(next.rows[Events]) != rows {
			t.Errorf("%s: rows were written all the same", c.why)
		}
	}
	torn := base.prior(changed)
	torn.Totals = torn.Totals[:len(torn.Totals)-3]
	if _, err := Update(t.Context(), someCustomers{books.Source(), changed}, torn, newWarehouse(), o); !errors.Is(err, ErrRebuild) {
		t.Errorf("torn sums: %v", err)
	}
	torn = base.prior(changed)
	torn.Changed[0].Data = torn.Changed[0].Data[:20]
	if _, err := Update(t.Context(), someCustomers{books.Source(), changed}, torn, newWarehouse(), o); !errors.Is(err, ErrRebuild) {
		t.Errorf("a torn customer: %v", err)
	}
}

func TestAMonthOfARepCanBeTakenOutAgain(t *testing.T) {
	typ := reflect.TypeFor[repMonth]()
	size := uintptr(0)
	for i := range typ.NumField() {
		size += typ.Field(i).Type.Size()
		if k := typ.Field(i).Type.Kind(); k != reflect.Int64 && k != reflect.Struct {
			t.Errorf("%s is no 64-bit integer", typ.Field(i).Name)
		}
	}
	if size != typ.Size() {
		t.Errorf("a month has gaps: %d of %d bytes", size, typ.Size())
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var a, b repMonth
		for i := range a.words() {
			a.words()[i], b.words()[i] = r.Int64N(1<<40)-1<<39, r.Int64N(1<<40)-1<<39
		}
		sum := a
		sum.merge(&b, 1)
		if sum.merge(&b, -1); sum != a {
			t.Fatalf("%+v\nafter adding and taking out again\n%+v", a, sum)
		}
		if sum.merge(&a, -1); sum != (repMonth{}) {
			t.Fatalf("left over: %+v", sum)
		}
	}
}

// A build finds the customers that depend on a row by its key.
func TestTheKeysOfACustomerNameWhatItsReplayDependsOn(t *testing.T) {
	b := &ledgertest.Books{
		Invoices:    []ledgertest.Invoice{{ID: "I1", Company: "A", Customer: "K0", Currency: "CNY", Date: genFirst, Due: none, Amount: 100}},
		Payments:    []ledgertest.Payment{{ID: "P1", Company: "A", Customer: "K1", Currency: "CNY", Date: genFirst, Reversed: none, Amount: 100}},
		Allocations: []ledgertest.Allocation{{ID: "X1", Payment: "P1", Invoice: "I1", Date: genFirst, Amount: 50}},
		Disputes:    []ledgertest.Dispute{{ID: "D1", Invoice: "I1", Opened: genFirst, Closed: none}},
		Visits:      []ledgertest.Visit{{ID: "V1", Customer: "K1", Rep: "R", Day: genFirst}},
	}
	w := newWarehouse()
	if _, err := Build(t.Context(), b.Source(), w, Options{AsOf: genAsOf, ReportingCurrency: "CNY", Keep: true}); err != nil {
		t.Fatal(err)
	}
	has := func(customer, kind, id string) bool {
		keys := w.state[PartCustomer+customer].keys
		for i := 0; i < len(keys); i += 4 {
			if binary.LittleEndian.Uint32(keys[i:]) == ledger.KeyOf(kind, "test", id) {
				return true
			}
		}
		return false
	}
	for _, k := range []struct{ customer, kind, id string }{
		{"K0", ledger.SideInvoice, "I1"}, {"K0", ledger.SidePayment, "P1"}, {"K0", ledger.KindAlloc, "X1"}, {"K0", ledger.KeyDispute, "D1"},
		{"K1", ledger.SidePayment, "P1"}, {"K1", ledger.SideInvoice, "I1"}, {"K1", ledger.KindAlloc, "X1"}, {"K1", ledger.KeyVisit, "V1"},
	} {
		if !has(k.customer, k.kind, k.id) {
			t.Errorf("%s lacks %s %s", k.customer, k.kind, k.id)
		}
	}
	if has("K0", ledger.KeyVisit, "V1") {
		t.Error("K0 has a visit of K1")
	}
}

func TestAKeptCustomerIsRestoredAsItWas(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomBooks(t)
		encode := func(src ledger.Source) (kept []ledger.KeptCustomer) {
			for chunk, err := range ledger.Chunks(context.Background(), src, 20) {
				if err != nil {
					t.Fatal(err)
				}
				for i := range chunk.Len() {
					kept = append(kept, ledger.KeptCustomer{ID: chunk.Customer(i), Data: chunk.Encode(nil, i)})
				}
				chunk.Release()
			}
			return kept
		}
		kept := encode(b.Source())
		restored, err := ledger.Restore(kept, b.Source(), memory.NewGoAllocator())
		if err != nil {
			t.Fatal(err)
		}
		defer restored.Release()
		if again := encode(restored); !reflect.DeepEqual(again, kept) {
			t.Fatalf("%d customers, restored %d, or other bytes", len(kept), len(again))
		}
	})
}
