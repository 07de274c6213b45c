package metrics

import (
	"errors"
	"slices"
	"sort"
	"strings"
	"unsafe"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
	"huikuan/transform/packed"
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

// errTotals: sums of another shape than this build's.
var errTotals = errors.New("the kept sums cannot be read")

// pack writes all scopes, before their differences are added up.
func (s *scopes) pack(p *packed.Writer) {
	keys := make([]scopeKey, 0, len(s.list))
	for key, x := range s.list {
		if !x.empty() {
			keys = append(keys, key)
		}
	}
	sort.Slice(keys, func(i, j int) bool {
		return keys[i].kind < keys[j].kind || keys[i].kind == keys[j].kind && keys[i].id < keys[j].id
	})
	p.Number(int64(len(keys)))
	for _, key := range keys {
		p.Number(int64(key.kind))
		p.Text(key.id)
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

func (x *scope) pack(p *packed.Writer) {
	for _, list := range x.balances() {
		packed.List(p, *list)
	}
	packed.List(p, x.daily)
	packed.List(p, x.unknown)
	moves := map[[2]int32]money.Amount{}
	for at, list := range x.moves {
		for _, e := range list {
			moves[[2]int32{at, e.day}] += e.amount
		}
	}
	packed.Map(p, moves, func(k [2]int32) []int64 { return []int64{int64(k[0]), int64(k[1])} })
	packed.Map(p, x.firsts, func(k firstSpan) []int64 { return []int64{int64(k.first), int64(k.lo), int64(k.hi)} })
	var used []int32
	for _, m := range x.origins.used {
		if !allZero(x.origins.rows[m]) {
			used = append(used, m)
		}
	}
	slices.Sort(used)
	p.Number(int64(len(used)))
	for _, m := range used {
		p.Number(int64(m))
		packed.List(p, x.origins.rows[m])
	}
}

func (s *scopes) unpack(u *packed.Reader) {
	for range u.Count() {
		kind, id := int(u.Number()), u.Text()
		if u.Failed {
			return
		}
		s.of(kind, id).unpack(u)
	}
}

func (x *scope) unpack(u *packed.Reader) {
	for _, list := range x.balances() {
		packed.Add(u, *list)
	}
	packed.Add(u, x.daily)
	packed.Add(u, x.unknown)
	for range u.Count() {
		at, day, amount := int32(u.Number()), int32(u.Number()), money.Amount(u.Number())
		x.moves[at] = append(x.moves[at], daySale{day, amount})
	}
	for range u.Count() {
		span := firstSpan{ledger.Day(u.Number()), int32(u.Number()), int32(u.Number())}
		x.firsts[span] += u.Number()
	}
	for range u.Count() {
		m := u.Number()
		if u.Failed || m < 0 || m >= int64(len(x.cal.months)) {
			u.Failed = true
			return
		}
		x.origins.add(int32(m), 0, 0, 0)
		packed.Add(u, x.origins.rows[m])
	}
}

// pack writes the sums by rep and by company, months without any left out.
func (r *reps) pack(p *packed.Writer) {
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
	p.Number(int64(len(keys)))
	for _, key := range keys {
		p.Text(key.company)
		p.Text(key.rep)
		packMonths(p, r.list[key])
	}
	companies := make([]string, 0, len(r.totals))
	for c, months := range r.totals {
		if busy(months) {
			companies = append(companies, c)
		}
	}
	slices.Sort(companies)
	p.Number(int64(len(companies)))
	for _, c := range companies {
		p.Text(c)
		packMonths(p, r.totals[c])
	}
}

func packMonths(p *packed.Writer, months []repMonth) {
	n := 0
	for m := range months {
		if months[m] != (repMonth{}) {
			n++
		}
	}
	p.Number(int64(n))
	for m := range months {
		if months[m] != (repMonth{}) {
			p.Number(int64(m))
			packed.List(p, months[m].words()[:])
		}
	}
}

func (r *reps) unpack(u *packed.Reader) {
	for range u.Count() {
		company, rep := u.Text(), u.Text()
		unpackMonths(u, r.rep(company, rep))
	}
	for range u.Count() {
		unpackMonths(u, r.total(u.Text()))
	}
}

func unpackMonths(u *packed.Reader, months []repMonth) {
	for range u.Count() {
		m := u.Number()
		if u.Failed || m < 0 || m >= int64(len(months)) {
			u.Failed = true
			return
		}
		packed.Add(u, months[m].words()[:])
	}
}
