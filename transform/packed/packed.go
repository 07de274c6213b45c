// Package packed writes sums of integers down, one after another, and reads
// them again: what a build keeps for the next one.
//
// In and out: numbers as varints, texts after their length. A [Reader] meets
// bytes of another shape without harm: it fails once and then reads nothing.
package packed

import (
	"encoding/binary"
	"slices"
)

// Writer writes sums down.
type Writer struct{ Bytes []byte }

// Number writes a whole number.
func (w *Writer) Number(n int64) { w.Bytes = binary.AppendVarint(w.Bytes, n) }

// Text writes a text.
func (w *Writer) Text(s string) {
	w.Number(int64(len(s)))
	w.Bytes = append(w.Bytes, s...)
}

// List writes how many numbers there are, and the numbers.
func List[T ~int64 | ~int32](w *Writer, list []T) {
	w.Number(int64(len(list)))
	for _, n := range list {
		w.Number(int64(n))
	}
}

// Map writes the entries that are not zero, ordered by the parts of their keys,
// of which every key has equally many.
func Map[K comparable, V ~int64](w *Writer, entries map[K]V, parts func(K) []int64) {
	width := 0
	var flat []int64 // of each entry the parts of its key and its value
	for k, v := range entries {
		if v == 0 {
			continue
		}
		p := parts(k)
		if flat == nil {
			width = len(p) + 1
			flat = make([]int64, 0, len(entries)*width)
		}
		flat = append(append(flat, p...), int64(v))
	}
	Rows(w, flat, max(width, 1))
}

// Rows writes rows of so many numbers each, in order.
func Rows(w *Writer, flat []int64, width int) {
	order := make([][]int64, 0, len(flat)/width)
	for at := 0; at < len(flat); at += width {
		order = append(order, flat[at:at+width])
	}
	slices.SortFunc(order, slices.Compare[[]int64])
	w.Number(int64(len(order)))
	for _, row := range order {
		for _, n := range row {
			w.Number(n)
		}
	}
}

// Reader reads what a [Writer] wrote; after a fault everything reads as nothing.
type Reader struct {
	Bytes  []byte
	Failed bool
}

// Number reads a whole number.
func (r *Reader) Number() int64 {
	n, size := binary.Varint(r.Bytes)
	if size <= 0 || r.Failed {
		r.Failed = true
		return 0
	}
	r.Bytes = r.Bytes[size:]
	return n
}

// Text reads a text.
func (r *Reader) Text() string {
	n := r.Count()
	s := string(r.Bytes[:n])
	r.Bytes = r.Bytes[n:]
	return s
}

// Count reads how many of something follow, each of a byte at least.
func (r *Reader) Count() int {
	n := r.Number()
	if n < 0 || n > int64(len(r.Bytes)) {
		r.Failed = true
		return 0
	}
	return int(n)
}

// Add adds a list to one of the same length.
func Add[T ~int64 | ~int32](r *Reader, into []T) {
	if r.Count() != len(into) {
		r.Failed = true
		return
	}
	for i := range into {
		into[i] += T(r.Number())
	}
}

// Done tells whether all was read, without a fault.
func (r *Reader) Done() bool { return !r.Failed && len(r.Bytes) == 0 }
