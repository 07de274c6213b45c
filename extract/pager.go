package extract

import (
	"fmt"
	"net/url"

	"github.com/cespare/xxhash/v2"
)

// keyMode says how a keyset request compares the cursor field.
type keyMode int

const (
	keyFrom  keyMode = iota // at or after the value: what shares the last value is met again
	keyTie                  // exactly the value, by id: more records share it than fit a page
	keyAfter                // after the value
)

// keyPosition is where a keyset reading stands.
type keyPosition struct {
	value string
	mode  keyMode
	after string // tie: the last id seen
}

func (k keyPosition) op(p pagingDecl) string {
	switch k.mode {
	case keyTie:
		return p.operators.equal
	case keyAfter:
		return p.operators.after
	}
	return p.operators.from
}

// pager decides what to ask next and when to stop. A new one is made for every
// slice of every read, so that nothing leaks from one into another.
//
// Keyset paging restarts each request from the last value seen instead of
// counting records. A record that is changed while pages are read moves behind
// the reader and is met again; with offsets all others would slide forward by
// one, and one would be skipped.
type pager struct {
	decl     pagingDecl
	sliding  bool // the stream has a cursor by which a window can slide on
	done     bool
	requests int
	// placeholders of the next request
	size, number, offset int
	cursor, next         string
	from                 *url.URL // of the answer that gave next
	after                string   // the last id
	key                  keyPosition

	full    int // records that make a page full; less than size if the source gives fewer than asked
	probe   *keyPosition
	pages   int // answers so far
	seen    int // records so far
	window  int // records since the window began
	windowK string
	tokens  map[uint64]struct{}
	before  uint64 // hash of the page before
}

// pageInfo is what the pager needs to know of an answer.
type pageInfo struct {
	count       int
	first, last string // cursor values
	lastID      string
	token       string // cursor or next address found in the answer
	from        *url.URL
	more        string // what the answer says about more pages; empty = nothing
	total       int    // records in all, as the answer says; 0 = it does not
}

func newPager(p pagingDecl, inc *incremental, since string) pager {
	if p.size == 0 {
		p.size = 100
	}
	return pager{decl: p, sliding: inc != nil, size: p.size, full: p.size, number: p.start, after: p.firstID, key: keyPosition{value: since}, windowK: since, tokens: map[uint64]struct{}{}}
}

// repeats notices an answer that equals the one before, though something else was asked.
func (p *pager) repeats(body []byte, count int) error {
	if p.decl.kind == "keyset" || p.decl.kind == "none" || p.decl.kind == "id" || count == 0 {
		return nil
	}
	hash := xxhash.Sum64(body)
	if hash == p.before {
		return &Error{Err: errRepeats, Hint: "Its paging does not work as the connector says: check paging and its placeholders"}
	}
	p.before = hash
	return nil
}

// advance moves on past an answer. keep is false if the answer only served to
// find out whether there is more.
func (p *pager) advance(i pageInfo) (keep bool, err error) {
	p.pages++
	p.seen += i.count
	switch p.decl.kind {
	case "offset":
		err = p.advanceOffset(i)
	case "cursor", "next":
		err = p.advanceToken(i)
	case "keyset":
		return p.advanceKey(i)
	case "id":
		p.advanceID(i)
	default:
		p.done = true
	}
	return i.count > 0, err
}

// advanceOffset ends where the source says so, or else at an empty page: a short
// one may stand in the middle, where rows were left out that the user may not see,
// or only mean that the source gives fewer than it is asked for.
func (p *pager) advanceOffset(i pageInfo) error {
	short := p.decl.shortEnds && p.pages > 1 && i.count < p.full
	switch {
	case i.more == "false", i.more == "0", i.count == 0 && !truthy(i.more), short && !truthy(i.more), i.total > 0 && p.seen >= i.total:
		p.done = true
		return nil
	}
	step := i.count
	if i.count == 0 {
		step = p.size // nothing of this page is visible, but there is more
	} else if p.pages == 1 {
		p.full = min(p.full, i.count)
	}
	p.number++
	p.offset += step
	return p.slide(i)
}

// truthy says whether a flag is set.
func truthy(flag string) bool { return flag != "" && flag != "false" && flag != "0" }

// advanceID ends at an empty page. A short one may only mean that the source
// gives fewer than it is asked for, unless the connector knows better.
func (p *pager) advanceID(i pageInfo) {
	if i.count == 0 || p.decl.shortEnds && p.pages > 1 && i.count < p.full {
		p.done = true
	}
	if i.count > 0 {
		p.after = i.lastID
	}
	if p.pages == 1 {
		p.full = min(p.full, i.count)
	}
	p.number++
}

func (p *pager) advanceToken(i pageInfo) error {
	if i.token == "" || i.more == "false" || i.more == "0" {
		p.done = true
		return nil
	}
	hash := xxhash.Sum64String(i.token)
	if _, ok := p.tokens[hash]; ok {
		return &Error{Err: errRepeats, Found: fmt.Sprintf("the cursor %q twice", i.token), Hint: "Try again; if it stays, the source's paging is broken"}
	}
	p.tokens[hash] = struct{}{}
	p.number++
	if p.decl.kind == "next" {
		p.next, p.from = i.token, i.from
	} else {
		p.cursor = i.token
	}
	return p.slide(i)
}

// slide starts a new window from the last value once the source's cap is
// reached: beyond it the source would give nothing, or an error.
func (p *pager) slide(i pageInfo) error {
	p.window += i.count
	if p.decl.cap == 0 || !p.sliding || p.window+p.full <= p.decl.cap {
		return nil
	}
	if i.last == p.windowK || i.last == "" {
		return &Error{Found: fmt.Sprintf("more than %d records with the same cursor value %q", p.window, i.last),
			Hint: fmt.Sprintf("The source gives at most %d results to a search and these cannot be told apart: change some of them in the source, or read the stream by keyset", p.decl.cap)}
	}
	p.key, p.windowK = keyPosition{value: i.last}, i.last
	p.window, p.offset, p.cursor, p.next, p.before = 0, 0, "", "", 0
	p.tokens = map[uint64]struct{}{}
	return nil
}

func (p *pager) advanceKey(i pageInfo) (keep bool, err error) {
	if p.probe != nil { // the question was whether the source gives fewer records than it is asked for
		if i.count > 0 {
			p.key, p.probe = *p.probe, nil
		} else {
			p.done = true
		}
		return false, nil
	}
	firstPage := p.pages == 1
	p.number++
	if i.count == 0 {
		p.emptyKey()
		return false, nil
	}
	if p.key.mode == keyTie {
		return true, p.advanceTie(i)
	}
	if i.last == "" {
		return true, &Error{Found: fmt.Sprintf("a page of %d records without a value in the field it is ordered by", i.count),
			Hint: "Check the field of incremental in the connector, and that the request asks for it"}
	}
	switch {
	case !firstPage && p.key.mode == keyFrom && i.last == p.key.value && i.first != i.last:
		return true, &Error{Err: errRepeats, Found: fmt.Sprintf("%q as the last cursor value of two pages", i.last),
			Hint: "The source seems to ignore the filter on the cursor field: check the connector's request"}
	case i.count >= p.full:
		p.key, err = p.following(i)
	case firstPage:
		p.full = i.count
		from, err := p.following(i)
		if err != nil {
			from = keyPosition{value: i.last}
		}
		p.probe, p.key = &from, keyPosition{value: i.last, mode: keyAfter}
	default:
		p.done = true
	}
	return true, err
}

// following is where to go on after a full page.
func (p *pager) following(i pageInfo) (keyPosition, error) {
	if i.first != i.last {
		return keyPosition{value: i.last}, nil
	}
	if p.decl.id == "" {
		return keyPosition{}, &Error{Found: fmt.Sprintf("more than %d records with the same cursor value %q", i.count-1, i.last),
			Hint: "Give paging an id, so that they can be told apart"}
	}
	return keyPosition{value: i.last, mode: keyTie, after: p.decl.firstID}, nil
}

func (p *pager) advanceTie(i pageInfo) error {
	if i.count < p.full {
		p.key = keyPosition{value: p.key.value, mode: keyAfter}
		return nil
	}
	if i.lastID == "" || i.lastID == p.key.after {
		return &Error{Field: p.decl.id, Err: errRepeats, Found: fmt.Sprintf("%q as the last of two pages", i.lastID), Hint: "Check the id of paging in the connector"}
	}
	p.key.after = i.lastID
	return nil
}

// emptyKey: nothing at this position. After the records that share a value come those beyond it.
func (p *pager) emptyKey() {
	if p.key.mode == keyTie {
		p.key = keyPosition{value: p.key.value, mode: keyAfter}
		return
	}
	p.done = true
}
