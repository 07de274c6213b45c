// Package mapping turns pages of a source's JSON into Arrow batches of the
// canonical streams.
//
// In: a page body, and the `emit` section of a connector, compiled once. Out:
// one batch a table, plus one [Reject] for every record that could not be
// mapped: a record is loaded or rejected, never lost, never half loaded. Never
// here: HTTP, SQL, files, and floats where money is meant.
//
// A record takes three steps:
//
//  1. read: one pass over its tokens fills a slot for each path that some emit
//     names; every other field is skipped without being decoded.
//  2. convert: each emit whose `when` holds turns its slots into typed cells.
//  3. commit: only if all emits of the record succeeded are cells appended to
//     the Arrow builders.
//
// # The emit language
//
//	emit:
//	  - skip_when: {docstatus: 0}          # such records are filtered
//	  - to: invoices                       # canonical stream
//	    when: {is_return: [0, null]}       # else this emit gives no row
//	    delete_when: {docstatus: 2}        # the row is a tombstone
//	    fields:
//	      invoice_id: name                 # a path
//	      gross_amount: {path: grand_total, negate: true}
//	    custom: [po_no]                    # kept as text in the map column
//	  - each: payment_schedule             # one row an element
//	    to: instalments
//	    fields: {invoice_id: ^.name, seq: "#", due_date: due_date, amount: payment_amount}
//
// Paths are keys and array indices joined by dots; `\.` is a dot inside a key;
// inside `each` they start at the element, each `^` in front goes one level up,
// `.` is the element itself, `#` its number from 1 and `@key` its key in an
// object. A path goes on inside a text that holds JSON. Fields, conditions and
// date formats are described at [Compile], all of it with examples in
// docs/connectors/mapping.md.
//
// # Expressions
//
// `expr` is parsed by github.com/expr-lang/expr and calculated here, over exact
// decimals: names become slots when the mapping is compiled, so that the reader
// still makes one pass and fills only what some emit names.
package mapping

import (
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Options are what a mapping needs to know beside its emits.
type Options struct {
	// Source is the name of the configured source; it fills the column source.
	Source string
	// Location is the zone of instants written without one, and the zone in
	// which an instant falls on a calendar day. Nil means UTC.
	Location *time.Location
	// DefaultCompany fills the company of documents that name none.
	DefaultCompany string
	// DateFormats are tried for every date and instant without a `date` of its
	// own, before ISO forms.
	DateFormats []string
	// Decimal is the decimal mark of numbers without a `decimal` of their own,
	// "." or ",". Empty means ".".
	Decimal string
	// KeysOnly makes every row one that needs its key only, as `delete: true` does:
	// for reads that only tell which records there are.
	KeysOnly bool
	// Allocator owns the memory of batches. Nil means Go's.
	Allocator memory.Allocator
}

// Input is one page.
type Input struct {
	// Body is the JSON text. It is not kept.
	Body []byte
	// Records is the dotted path to the records inside Body: an array, or an
	// object that is the only record. Empty means that Body is the array.
	Records string
	// Columns, if not nil, says that each record is an array of these columns.
	Columns []string
	// Lookups are the dictionaries that `lookup` and `in_dictionary` ask.
	Lookups map[string]map[string]string
	// First is the number of the first record, for messages.
	First int64
	// Version, RunID and LoadedAt fill the system columns.
	Version  uint64
	RunID    string
	LoadedAt time.Time
}

// Output is what became of a page: Read = Mapped + Filtered + len(Rejected).
type Output struct {
	// Batches hold the rows, at most one batch a table, none without rows. The
	// caller releases them.
	Batches []Batch
	// Rejected holds one entry for each record that failed, in page order.
	Rejected []Reject
	// Read counts records, Mapped those that gave at least one row, Filtered
	// those that `skip_when`, `when` or an empty `each` left without rows.
	Read, Mapped, Filtered int
}

// Release frees all batches.
func (o Output) Release() {
	for _, b := range o.Batches {
		b.Record.Release()
	}
}

// Batch is the rows of one table, in the column order of its schema.
type Batch struct {
	Table  string
	Record arrow.Record
}

// Reject tells why a record gave no row.
type Reject struct {
	Source, Stream string
	// Table is the stream the failing emit writes to; empty if the record as a whole is at fault.
	Table string
	// Record is Input.First plus the position in the page.
	Record int64
	// Key is the key of the record as far as it could be read, parts joined by "/".
	Key string
	// Field is the path in the source, Found what stood there, Expected what should.
	Field, Found, Expected string
	// Reason is one sentence of cause, Hint one of remedy.
	Reason, Hint string
	// Raw is the JSON text of the record.
	Raw []byte
}

// Mapper maps the pages of one stream. It is safe for concurrent use.
type Mapper struct {
	stream  string
	options Options
	alloc   memory.Allocator
	skip    []*condition // any that holds filters the record
	emits   []*emit
	tables  []*tablePlan
	paths   *pathSet // of the record; elements have their own in each emit
	rest    bool     // some emit wants the unmapped fields
	// falseIsNull says that the source writes false for nothing.
	falseIsNull bool
	workers     sync.Pool
}

// Tables lists the canonical streams that the mapping writes to, in the order
// of their first emit.
func (m *Mapper) Tables() []string {
	names := make([]string, len(m.tables))
	for i, t := range m.tables {
		names[i] = t.table.Name
	}
	return names
}

// Recycle makes the mapper use the memory of released batches for later ones,
// see [Recycler]. It is called before the first Map.
func (m *Mapper) Recycle() { m.alloc = &Recycler{} }

// Map turns a page into batches and rejects. It fails only if the page is not
// what was promised: no JSON, no records at the path, a mapped column that the
// header lacks; then there is no output at all.
func (m *Mapper) Map(in Input) (Output, error) {
	w, ok := m.workers.Get().(*worker)
	if !ok {
		w = newWorker(m)
	}
	defer m.workers.Put(w)
	out, err := w.mapPage(in)
	if err != nil {
		return Output{}, &PageError{Source: m.options.Source, Stream: m.stream, Err: err}
	}
	return out, nil
}

// PageError says that a whole page cannot be read.
type PageError struct {
	Source, Stream string
	Err            error
}

func (e *PageError) Error() string {
	name := strings.Trim(e.Source+"/"+e.Stream, "/")
	return "map " + name + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *PageError) Unwrap() error { return e.Err }

func (m *Mapper) location() *time.Location {
	if m.options.Location == nil {
		return time.UTC
	}
	return m.options.Location
}
