package mapping

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// TestDirectReadingIsReading holds the short way of reading a value against the
// long one: where it gives a cell, it is the same cell.
func TestDirectReadingIsReading(t *testing.T) {
	const emit = "{to: invoices, fields: {invoice_id: id, customer_id: id, invoice_date: day, due_date: day, currency: code, gross_amount: amount, net_amount: amount, status: code}}"
	m := compile(t, "invoices", emit, Options{})
	w := newWorker(m)
	texts := rapid.OneOf(
		rapid.StringMatching(`-?[0-9]{1,20}(\.[0-9]{0,6})?([eE]-?[0-9]{1,2})?`),
		rapid.StringMatching(`[12][0-9]{3}[-/][0-9]{2}-[0-9]{2}`), rapid.StringMatching(`(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])`),
		rapid.StringMatching(`[ ]?[A-Za-z]{2,4}[ \t]?`), rapid.String(),
	)
	direct := 0
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		v := value{kind: rapid.SampledFrom([]valueKind{kindAbsent, kindNull, kindText, kindNumber, kindBool}).Draw(t, "kind"), b: []byte(text)}
		if v.kind >= kindNumber && (len(text) == 0 || skipsNumber(text)) {
			v.kind = kindText
		}
		w.valid = true
		for i := range m.emits[0].fields {
			f := &m.emits[0].fields[i]
			if !f.direct {
				t.Fatalf("%s has nothing but a path", f.name)
			}
			for slot := range w.slots {
				w.slots[slot] = v
			}
			var quick, slow cell
			if !w.direct(f, &quick) {
				continue
			}
			direct++
			if fault := w.convert(f, false, &slow); fault != nil {
				t.Fatalf("%s of %v %q: read directly, but %+v", f.name, v.kind, text, *fault)
			}
			if quick.set != slow.set || quick.lo != slow.lo || quick.hi != slow.hi || !bytes.Equal(quick.b, slow.b) {
				t.Fatalf("%s of %v %q: got %+v, want %+v", f.name, v.kind, text, quick, slow)
			}
		}
	})
	if direct == 0 {
		t.Error("nothing was read directly")
	}
}

// skipsNumber says that a text cannot stand in JSON as a number.
func skipsNumber(text string) bool {
	r := fastReader{body: []byte(text + ",")}
	_, ok := r.number()
	return !ok
}
