package metrics

import (
	"encoding/binary"
	"errors"
	"slices"
	"sort"
	"strings"
	"unsafe"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// repWords is the size of a month in numbers of 64 bits.
const repWords = int(unsafe.Sizeof(repMonth{}) / 8)

// words shows a month as its numbers: it consists of 64-bit integers alone, which
// a test makes sure of.
func (m *repMonth) words() *[repWords]int64 { return (*[repWords]int64)(unsafe.Pointer(m)) }

// merge adds another month, or with sign -1 takes it out.
func (m *repMonth) merge(o *repMonth, sign int64) {
	if sign > 0 {
		m.add(o)
		return
	}
	negative := *o
	for i, n := range negative.words() {
		negative.words()[i] = -n
	}
	negative.daysToPay, negative.settledDays = o.daysToPay.Neg(), o.settledDays.Neg()
	m.add(&negative)
}

// packer writes sums over customers down.
type packer struct{ buf []byte }

func (p *packer) number(n int64)        { p.buf = binary.AppendVarint(p.buf, n) }
func (p *packer) text(s string)         { p.number(int64(len(s))); p.buf = append(p.buf, s...) }
func (p *packer) list(l []money.Amount) { packList(p, l) }

func packList[T ~int64 | ~int32](p *packer, list []T) {
	p.number(int64(len(list)))
	for _, n := range list {
		p.number(int64(n))
	}
}

// errTotals: sums of another shape than this build's.
var errTotals = errors.New("the kept sums cannot be read")

// unpacker reads them; after a fault everything reads as nothing.
type unpacker struct {
	data   []byte
	failed bool
}

func (u *unpacker) number() int64 {
	n, size := binary.Varint(u.data)
	if size <= 0 || u.failed {
		u.failed = true
		return 0
	}
	u.data = u.data[size:]
	return n
}

func (u *unpacker) text() string {
	n := u.number()
	if n < 0 || n > int64(len(u.data)) {
		u.failed = true
		return ""
	}
	s := string(u.data[:n])
	u.data = u.data[n:]
	return s
}

// count reads how many of something follow, each of a byte at least.
func (u *unpacker) count() int {
	n := u.number()
	if n < 0 || n > int64(len(u.data)) {
		u.failed = true
		return 0
	}
	return int(n)
}

// unpackList adds a list to one of the same length.
func unpackList[T ~int64 | ~int32](u *unpacker, into []T) {
	if u.count() != len(into) {
		u.failed = true
		return
	}
	for i := range into {
		into[i] += T(u.number())
	}
}

// pack writes all scopes, before their differences are added up.
func (s *scopes) pack(p *packer) {
	keys := make([]scopeKey, 0, len(s.list))
	for key, x := range s.list {
		if !x.empty() {
			keys = append(keys, key)
		}
	}
	sort.Slice(keys, func(i, j int) bool {
		return keys[i].kind < keys[j].kind || keys[i].kind == keys[j].kind && keys[i].id < keys[j].id
	})
	p.number(int64(len(keys)))
	for _, key := range keys {
		p.number(int64(key.kind))
		p.text(key.id)
		s.list[key].pack(p)
	}
}

// empty tells whether no customer is left in the scope.
func (x *scope) empty() bool {
	for _, n := range x.firsts {
		if n != 0 {
			return false
		}
	}
	return true
}

func (x *scope) pack(p *packer) {
	for _, list := range x.balances() {
		p.list(*list)
	}
	p.list(x.daily)
	packList(p, x.unknown)
	moves := map[[2]int32]money.Amount{}
	for at, list := range x.moves {
		for _, e := range list {
			moves[[2]int32{at, e.day}] += e.amount
		}
	}
	packMap(p, moves, func(k [2]int32) []int64 { return []int64{int64(k[0]), int64(k[1])} })
	packMap(p, x.firsts, func(k firstSpan) []int64 { return []int64{int64(k.first), int64(k.lo), int64(k.hi)} })
	var used []int32
	for _, m := range x.origins.used {
		if !allZero(x.origins.rows[m]) {
			used = append(used, m)
		}
	}
	slices.Sort(used)
	p.number(int64(len(used)))
	for _, m := range used {
		p.number(int64(m))
		p.list(x.origins.rows[m])
	}
}

// packMap writes the entries that are not zero, sorted by key.
func packMap[K comparable, V ~int64](p *packer, entries map[K]V, parts func(K) []int64) {
	keys := make([]K, 0, len(entries))
	for k, v := range entries {
		if v != 0 {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b K) int { return slices.Compare(parts(a), parts(b)) })
	p.number(int64(len(keys)))
	for _, k := range keys {
		for _, n := range parts(k) {
			p.number(n)
		}
		p.number(int64(entries[k]))
	}
}

func (s *scopes) unpack(u *unpacker) {
	for range u.count() {
		kind, id := int(u.number()), u.text()
		if u.failed {
			return
		}
		s.of(kind, id).unpack(u)
	}
}

func (x *scope) unpack(u *unpacker) {
	for _, list := range x.balances() {
		unpackList(u, *list)
	}
	unpackList(u, x.daily)
	unpackList(u, x.unknown)
	for range u.count() {
		at, day, amount := int32(u.number()), int32(u.number()), money.Amount(u.number())
		x.moves[at] = append(x.moves[at], daySale{day, amount})
	}
	for range u.count() {
		span := firstSpan{ledger.Day(u.number()), int32(u.number()), int32(u.number())}
		x.firsts[span] += u.number()
	}
	for range u.count() {
		m := u.number()
		if u.failed || m < 0 || m >= int64(len(x.cal.months)) {
			u.failed = true
			return
		}
		x.origins.add(int32(m), 0, 0, 0)
		unpackList(u, x.origins.rows[m])
	}
}

// pack writes the sums by rep and by company, months without any left out.
func (r *reps) pack(p *packer) {
	keys := make([]repKey, 0, len(r.list))
	for key := range r.list {
		if r.busy(key) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b repKey) int {
		if n := strings.Compare(a.company, b.company); n != 0 {
			return n
		}
		return strings.Compare(a.rep, b.rep)
	})
	p.number(int64(len(keys)))
	for _, key := range keys {
		p.text(key.company)
		p.text(key.rep)
		packMonths(p, r.list[key])
	}
	companies := make([]string, 0, len(r.totals))
	for c, months := range r.totals {
		if busy(months) {
			companies = append(companies, c)
		}
	}
	slices.Sort(companies)
	p.number(int64(len(companies)))
	for _, c := range companies {
		p.text(c)
		packMonths(p, r.totals[c])
	}
}

func packMonths(p *packer, months []repMonth) {
	n := 0
	for m := range months {
		if months[m] != (repMonth{}) {
			n++
		}
	}
	p.number(int64(n))
	for m := range months {
		if months[m] != (repMonth{}) {
			p.number(int64(m))
			packList(p, months[m].words()[:])
		}
	}
}

func (r *reps) unpack(u *unpacker) {
	for range u.count() {
		company, rep := u.text(), u.text()
		unpackMonths(u, r.rep(company, rep))
	}
	for range u.count() {
		unpackMonths(u, r.total(u.text()))
	}
}

func unpackMonths(u *unpacker, months []repMonth) {
	for range u.count() {
		m := u.number()
		if u.failed || m < 0 || m >= int64(len(months)) {
			u.failed = true
			return
		}
		unpackList(u, months[m].words()[:])
	}
}
