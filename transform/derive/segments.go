package derive

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/transform/ledger"
	"huikuan/transform/schema"
)

// InSegments is the input of the customers' segments over time, ordered by
// customer_id and valid_from.
const InSegments = "derived_segments"

// SegmentsInput describes [InSegments].
func SegmentsInput() schema.Table {
	return Input(InSegments).Text("customer_id", "customer").OptDate("valid_from", "first day of the version").OptLabel("segment", "segment of the version").Table
}

// Segmented is the table in which a build keeps the segments that it has seen.
const Segmented = "build_segments"

// Kept describes that table. The next build takes from it what the customers
// that have changed were before.
func Kept() schema.Table {
	return NewTable(Segmented, "the customers' segments as the build has seen them; not for readers", "customer_id", "valid_from").
		Text("customer_id", "customer").OptDate("valid_from", "first day of the version").OptLabel("segment", "segment of the version").Table
}

// ErrRecompute is wrapped by errors that say why what the last build kept
// cannot be continued: all has to be computed anew.
var ErrRecompute = errors.New("what the last build kept does not fit")

// Each goes through an input: bind is called once a batch and returns what is
// called for every row.
func Each(ctx context.Context, src Source, input string, bind func(*Binder) func(row int)) error {
	for rec, err := range src.Rows(ctx, input) {
		if err == nil {
			err = eachRow(rec, bind)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", input, err)
		}
	}
	return nil
}

func eachRow(rec arrow.Record, bind func(*Binder) func(row int)) error {
	b := Bind(rec)
	row := bind(b)
	if b.Err() != nil {
		return b.Err()
	}
	for i := range int(rec.NumRows()) {
		row(i)
	}
	return nil
}

// Segments tells the segment of every customer on any day.
type Segments struct {
	versions map[string][]version
	names    []string
	numbers  map[string]int32
}

type version struct {
	from    ledger.Day
	segment int32
}

// ReadSegments reads [InSegments].
func ReadSegments(ctx context.Context, src Source) (*Segments, error) {
	s := &Segments{versions: map[string][]version{}, names: []string{""}, numbers: map[string]int32{"": 0}}
	return s, Each(ctx, src, InSegments, func(b *Binder) func(int) {
		customer, from, segment := b.Text("customer_id"), b.Day("valid_from"), b.Text("segment")
		return func(i int) {
			id := strings.Clone(customer.At(i))
			s.versions[id] = append(s.versions[id], version{from.At(i), s.Number(segment.At(i))})
		}
	})
}

// At is the number of a customer's segment on a day: that of the last version
// that began by then, else of the first; 0 = none.
func (s *Segments) At(customer string, day ledger.Day) int32 { return s.Of(customer).At(day) }

// Versions are the segments of one customer.
type Versions []version

// Of returns the segments of one customer.
func (s *Segments) Of(customer string) Versions { return s.versions[customer] }

// At is what [Segments.At] is for one customer.
func (list Versions) At(day ledger.Day) int32 {
	if len(list) == 0 {
		return 0
	}
	at := 0
	for i, v := range list {
		if v.from <= day {
			at = i
		}
	}
	return list[at].segment
}

// Number is the number of a segment by its name; one that is not known gets the next.
func (s *Segments) Number(name string) int32 {
	n, met := s.numbers[name]
	if !met {
		name = strings.Clone(name)
		n = int32(len(s.names))
		s.numbers[name], s.names = n, append(s.names, name)
	}
	return n
}

// Name is the name of a segment; empty = none.
func (s *Segments) Name(segment int32) string { return s.names[segment] }

// Scope is the name of a segment as scopes are called: unassigned where there is none.
func (s *Segments) Scope(segment int32) string {
	if segment == 0 {
		return ledger.Unassigned
	}
	return s.names[segment]
}
