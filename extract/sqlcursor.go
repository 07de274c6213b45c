package extract

import (
	"fmt"
	"math/big"
	"strings"
	"time"
)

// sqlIncremental is how a stream of a database continues.
type sqlIncremental struct {
	fields  []string
	format  string // of texts and numbers that hold an instant; empty = by the column's type
	start   string
	overlap sqlOverlap
	zone    *time.Location
}

func (d *sqlIncrementalDecl) open(s *Source) (*sqlIncremental, error) {
	inc := &sqlIncremental{fields: d.fields, format: d.format, zone: s.location}
	var err error
	if inc.overlap, err = parseOverlap(d.overlap); err != nil {
		return nil, &Error{Field: "overlap", Err: err}
	}
	inc.start, err = d.start.render(s.settings.data())
	return inc, err
}

// cursorFormat is how cursor values of a type are read as instants; ok is false where they are none.
func (inc *sqlIncremental) cursorFormat(t sqlType) (f cursorFormat, ok bool) {
	name := inc.format
	switch t.kind {
	case sqlDate:
		name = "YYYY-MM-DD"
	case sqlNaive:
		name = "YYYY-MM-DDTHH:mm:ss.SSSSSS"
	case sqlInstant:
		name = "iso"
	}
	if name == "" || name == "text" {
		return f, false
	}
	f, err := newCursorFormat(name, inc.zone)
	if t.kind == sqlNaive && t.driver == driverSQLServer { // datetime takes no more digits
		f.write, f.unit = "2006-01-02T15:04:05.999", time.Millisecond
	}
	return f, err == nil
}

// since is the cursor value from which a run reads, empty = from the lowest.
func (inc *sqlIncremental) since(saved string, t sqlType) (string, error) {
	f, isTime := inc.cursorFormat(t)
	value, back := saved, true
	if saved == "" {
		value, back = inc.start, false
	}
	switch {
	case value == "":
		return "", nil
	case isTime:
		at, err := inc.parse(value, f)
		if err != nil {
			return "", inc.unreadable(value, f.String())
		}
		if back {
			return inc.goBack(at, f), nil
		}
		return f.format(at), nil
	case back && inc.overlap.number != nil && (t.kind == sqlWhole || t.kind == sqlDecimal):
		n, ok := new(big.Int).SetString(strings.SplitN(value, ".", 2)[0], 10)
		if !ok {
			return "", inc.unreadable(value, "a number")
		}
		return n.Sub(n, inc.overlap.number).String(), nil
	}
	return value, nil
}

// goBack is the overlap before a cursor. For values without a zone it is the
// lower of what the clock on the wall showed and what it would have shown had
// it not been put back or forward in between.
func (inc *sqlIncremental) goBack(at time.Time, f cursorFormat) string {
	back := f.format(at.Add(-inc.overlap.time))
	if f.name == "iso" || strings.HasPrefix(f.name, "epoch_") {
		return back
	}
	wall := f
	wall.zone = time.UTC
	shown, err := wall.parse(f.format(at))
	instant, err2 := wall.parse(back)
	if err != nil || err2 != nil {
		return back
	}
	if shown = shown.Add(-inc.overlap.time - foldedBack(at)); shown.Before(instant) {
		return wall.format(shown)
	}
	return back
}

func (inc *sqlIncremental) unreadable(value, expected string) error {
	return &Error{Field: strings.Join(inc.fields, ", "), Found: fmt.Sprintf("the cursor %q", value), Expected: expected,
		Hint: "Check start, or read the stream anew from the beginning"}
}

// parse reads a cursor value in its own format, or as people write instants.
func (inc *sqlIncremental) parse(value string, f cursorFormat) (time.Time, error) {
	t, err := f.parse(value)
	if err != nil && strings.Contains(value, "-") {
		iso, _ := newCursorFormat("iso", inc.zone) // a known name
		t, err = iso.parse(value)
	}
	return t, err
}

// foldedBack is by how much clocks went back at a local time, if they showed it
// twice: what was written in the second hour counts from its beginning again.
func foldedBack(t time.Time) time.Duration {
	_, before := t.Add(-24 * time.Hour).Zone()
	_, after := t.Add(24 * time.Hour).Zone()
	shift := time.Duration(before-after) * time.Second
	if shift <= 0 {
		return 0
	}
	wall := t.Format(time.DateTime)
	if t.Add(shift).Format(time.DateTime) == wall || t.Add(-shift).Format(time.DateTime) == wall {
		return shift
	}
	return 0
}

// watermark is the cursor to save behind a row: the row's, but never lower than
// the saved one, and never later than the server's clock at the begin of the read.
func (inc *sqlIncremental) watermark(saved, last string, t sqlType, now time.Time) string {
	if last == "" { // a row without cursor value
		return saved
	}
	f, isTime := inc.cursorFormat(t)
	if !isTime {
		return inc.higher(saved, last, t)
	}
	at, err := f.parse(last)
	if last == "infinity" {
		at, err = now, nil
	}
	if err != nil {
		return saved
	}
	if !at.Before(now) {
		last, at = f.format(now), now
	}
	if saved != "" {
		if s, err := f.parse(saved); err == nil && !at.After(s) {
			return saved
		}
	}
	return last
}

// higher compares numbers; anything else comes in the database's own order, so the later is the higher.
func (inc *sqlIncremental) higher(saved, last string, t sqlType) string {
	if t.kind == sqlWhole || t.kind == sqlDecimal {
		s, ok := new(big.Rat).SetString(saved)
		l, ok2 := new(big.Rat).SetString(last)
		if ok && (!ok2 || s.Cmp(l) > 0) {
			return saved
		}
	}
	return last
}
