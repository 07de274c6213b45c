package mapping

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/go-faster/jx"
)

// Most pages are {"data":[{…},{…}]} with flat records, all with the same keys in
// the same order. fastReader reads those at half the price of a JSON decoder: it
// holds each key against the one that stood there in the record before instead
// of parsing it. Whatever is out of the ordinary it leaves to the decoder: a
// nested value, a text with escapes; or, by giving up, the whole page.
type fastReader struct {
	body []byte
	at   int
	d    jx.Decoder
}

// openFast finds the first record of a page that is nothing but a list of
// objects at a path of at most one key.
func openFast(body []byte, path []string) (fastReader, bool) {
	r := fastReader{body: body}
	if len(path) > 1 {
		return r, false
	}
	r.blank()
	if len(path) == 1 {
		end, closed := bytes.CutSuffix(bytes.TrimRight(body, blanks), []byte("}"))
		if !closed || !bytes.HasSuffix(bytes.TrimRight(end, blanks), []byte("]")) {
			return r, false // something follows the list
		}
		if key := []byte(path[0]); !r.take('{') || !isPlain(key) || !r.key(key) || !r.colon() {
			return r, false
		}
	}
	return r, r.take('[')
}

const blanks = " \t\r\n"

// next says whether there is another record; ok is false if the page is none for
// a fastReader after all.
func (r *fastReader) next(first bool) (more, ok bool) {
	r.blank()
	if r.take(']') {
		return false, true
	}
	if !first {
		if !r.take(',') {
			return false, false
		}
		r.blank()
	}
	return true, r.at < len(r.body) && r.body[r.at] == '{'
}

// closes says whether nothing follows the list.
func (r *fastReader) closes(path []string) bool {
	r.blank()
	if len(path) == 1 && !r.take('}') {
		return false
	}
	r.blank()
	return r.at == len(r.body)
}

func (r *fastReader) blank() {
	for r.at < len(r.body) && r.body[r.at] <= ' ' && isJSONBlank(r.body[r.at]) {
		r.at++
	}
}

func isJSONBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func (r *fastReader) take(c byte) bool {
	if r.at < len(r.body) && r.body[r.at] == c {
		r.at++
		return true
	}
	return false
}

// key takes a key if it is this one, which has to be plain.
func (r *fastReader) key(text []byte) bool {
	rest := r.body[r.at:]
	if n := len(text); len(rest) < n+2 || rest[0] != '"' || rest[n+1] != '"' || string(rest[1:n+1]) != string(text) {
		return false
	}
	r.at += len(text) + 2
	return true
}

// expected takes a key and its colon if they are those of the record before.
func (r *fastReader) expected(k *cachedKey) bool {
	rest := r.body[r.at:]
	if n := len(k.quoted); n == 0 || len(rest) < n || string(rest[:n]) != string(k.quoted) {
		return false
	}
	r.at += len(k.quoted)
	r.blank()
	return true
}

// isPlain says that a text stands in JSON as it is.
func isPlain(text []byte) bool {
	for _, c := range text {
		if stops[c] {
			return false
		}
	}
	return true
}

func (r *fastReader) colon() bool {
	if !r.take(':') {
		if r.blank(); !r.take(':') {
			return false
		}
	}
	r.blank()
	return true
}

// stops are the bytes at which the plain part of a string ends.
var stops = func() (t [256]bool) {
	for c := range 0x20 {
		t[c] = true
	}
	t['"'], t['\\'] = true, true
	return t
}()

// text takes a string and returns it with its quotes; plain = it has no escapes.
func (r *fastReader) text() (raw []byte, plain, ok bool) {
	b := r.body
	i := plainEnd(b, r.at+1)
	if i == len(b) || b[i] != '"' {
		return nil, false, i < len(b) && b[i] == '\\'
	}
	raw, r.at = b[r.at:i+1], i+1
	return raw, true, true
}

// plainEnd returns where the plain part of a string ends: at a quote, a
// backslash, a control character or the end of b. It looks at eight bytes at a
// time: ones has a 1 in each byte of a word, highs the highest bit.
func plainEnd(b []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i : i+8])
		quote, slash := w^ones*'"', w^ones*'\\'
		// The lowest bit set marks the first of them.
		if m := ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*' ')&^w) & highs; m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for i < len(b) && !stops[b[i]] {
		i++
	}
	return i
}

// number takes an integer or a decimal without exponent.
func (r *fastReader) number() (raw []byte, ok bool) {
	b, i := r.body, r.at
	if b[i] == '-' {
		i++
	}
	from := i
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	if i == from || b[from] == '0' && i > from+1 {
		return nil, false
	}
	if i < len(b) && b[i] == '.' {
		i++
		from = i
		for i < len(b) && b[i]-'0' <= 9 {
			i++
		}
		if i == from {
			return nil, false
		}
	}
	if i == len(b) || b[i] != ',' && b[i] != '}' && !isJSONBlank(b[i]) {
		return nil, false
	}
	raw, r.at = b[r.at:i], i
	return raw, true
}

// scalar takes a value that needs no decoding.
func (r *fastReader) scalar() (v value, ok bool) {
	if r.at >= len(r.body) {
		return v, false
	}
	switch c := r.body[r.at]; c {
	case '"':
		raw, plain, _ := r.text()
		if !plain {
			return v, false
		}
		return value{kindText, raw[1 : len(raw)-1]}, true
	case 'n':
		return r.word("null", kindNull)
	case 't':
		return r.word("true", kindBool)
	case 'f':
		return r.word("false", kindBool)
	case '{', '[':
		return v, false
	}
	raw, ok := r.number()
	return value{kindNumber, raw}, ok
}

func (r *fastReader) word(text string, kind valueKind) (value, bool) {
	if end := r.at + len(text); end <= len(r.body) && string(r.body[r.at:end]) == text {
		raw := r.body[r.at:end]
		r.at = end
		return value{kind, raw}, true
	}
	return value{}, false
}

// any takes a value of any kind through the decoder.
func (r *fastReader) any() (raw []byte, ok bool) {
	r.d.ResetBytes(r.body[r.at:])
	raw, err := r.d.Raw()
	r.at += len(raw)
	return raw, err == nil && len(raw) > 0
}

// mapFast maps a page of the ordinary kind. If it returns false, the page has to
// be mapped by the decoder from its beginning, which also says what is wrong.
func (w *worker) mapFast(in Input) (out Output, rejected []int, ok bool) {
	if in.Columns != nil {
		return out, nil, false
	}
	r, ok := openFast(in.Body, w.path)
	for first := true; ok; first = false {
		var more bool
		if more, ok = r.next(first); !ok {
			break
		}
		if !more {
			return out, rejected, r.closes(w.path)
		}
		clear(w.slots)
		w.rest, w.arena = w.rest[:0], w.arena[:0]
		if !w.readFast(&r) {
			break
		}
		fault, err := w.mapRecord()
		if err != nil {
			break
		}
		if w.count(&out, fault, in.First) {
			rejected = append(rejected, out.Read-1)
		}
	}
	return Output{}, nil, false
}

// readFast fills the slots from the object at the reader.
func (w *worker) readFast(r *fastReader) bool {
	n, cache := w.m.paths.root, &w.caches[w.m.paths.root.id]
	r.at++ // the brace
	r.blank()
	if r.take('}') {
		return true
	}
	for position := 0; ; position++ {
		var kid *node
		var key []byte
		if position < len(cache.keys) && r.expected(&cache.keys[position]) {
			key, kid = cache.keys[position].text, cache.keys[position].kid
		} else {
			if r.at >= len(r.body) || r.body[r.at] != '"' {
				return false
			}
			raw, plain, _ := r.text()
			if !plain {
				return false
			}
			key = raw[1 : len(raw)-1]
			kid = cache.find(n, key, position)
			if !r.colon() {
				return false
			}
		}
		if !w.valueFast(r, kid, key) {
			return false
		}
		if r.take(',') {
			r.blank()
			continue
		}
		r.blank()
		if r.take('}') {
			return true
		}
		if !r.take(',') {
			return false
		}
		r.blank()
	}
}

// valueFast reads the value of a key into its slot.
func (w *worker) valueFast(r *fastReader, kid *node, key []byte) bool {
	from := r.at
	v, ok := r.scalar()
	if ok && (kid == nil || kid.kids == nil) {
		switch {
		case kid != nil:
			w.slots[kid.slot] = v
		case w.m.rest:
			w.keepRest(string(key), v)
		}
		return true
	}
	r.at = from
	raw, ok := r.any()
	if !ok {
		return false
	}
	r.d.ResetBytes(raw)
	switch {
	case kid != nil:
		return w.readValue(&r.d, kid, w.slots, w.caches) == nil
	case w.m.rest:
		v, err := w.leaf(&r.d)
		if err == nil {
			w.keepRest(string(key), v)
		}
		return err == nil
	}
	return true
}
