package extract

import (
	"context"
	"iter"
	"sync"
)

// memory counts the bytes that the pages of one read hold: answers being read,
// pages that wait, and the page that is worked on. A request is sent when there
// is room for an answer as large as the largest so far. Where the reader waits
// for that very page it is sent in any case, so nothing can come to a standstill
// and at most one answer is held beyond the limit.
type memory struct {
	mu      sync.Mutex
	changed sync.Cond
	limit   int64
	held    int64
	largest int64 // bytes of the largest answer so far
}

// leastAnswer is what a request reserves at least, before its answer is known.
const leastAnswer = 1 << 20

// pageOverhead is counted for every page beside its body.
const pageOverhead = 2 << 10

func newMemory(limit int64) *memory {
	m := &memory{limit: limit, largest: leastAnswer}
	m.changed.L = &m.mu
	return m
}

// lease is the share of memory that one answer holds.
type lease struct {
	m *memory
	n int64
}

// take waits for room for one more answer, whose page goes into lane l.
func (m *memory) take(ctx context.Context, l *lane) (*lease, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for ctx.Err() == nil {
		if m.held+m.largest <= m.limit || l.starved() {
			return m.leased(m.largest), nil
		}
		m.changed.Wait()
	}
	return nil, ctx.Err()
}

// try is take without waiting; nil if there is no room.
func (m *memory) try() *lease {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held+m.largest > m.limit {
		return nil
	}
	return m.leased(m.largest)
}

// hold counts n bytes that are there already.
func (m *memory) hold(n int64) *lease {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.leased(n)
}

func (m *memory) leased(n int64) *lease {
	m.held += n
	return &lease{m, n}
}

// room waits until less than the limit is held, or the reader waits for lane l.
func (m *memory) room(ctx context.Context, l *lane) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.held >= m.limit && ctx.Err() == nil && !l.starved() {
		m.changed.Wait()
	}
}

func (m *memory) wake() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changed.Broadcast()
}

// set corrects a lease once the answer is there; of an answer only, which the next may equal.
func (l *lease) set(n int64) {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	l.m.held += n - l.n
	l.n = n
	l.m.largest = max(l.m.largest, n)
	l.m.changed.Broadcast()
}

// end gives a lease back; a second time it does nothing.
func (l *lease) end() {
	if l == nil {
		return
	}
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	l.m.held -= l.n
	l.n = 0
	l.m.changed.Broadcast()
}

// lane is where the pages of one unit wait until it is their turn.
type lane struct {
	m       *memory
	up      *lane // into which its pages go on; nil = to the reader
	pages   []queued
	ended   bool
	units   int  // that wait like pages, where the lane is one of units
	awaited bool // whoever takes its pages waits for the next one
}

type queued struct {
	page Page
	err  error
}

// starved says whether the reader itself waits for a page of this lane.
func (l *lane) starved() bool {
	for ; l != nil; l = l.up {
		if !l.awaited || len(l.pages) > 0 || l.units > 0 {
			return false
		}
	}
	return true
}

func (l *lane) put(p Page, err error) {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	l.pages = append(l.pages, queued{p, err})
	l.m.changed.Broadcast()
}

func (l *lane) end() {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	l.ended = true
	l.m.changed.Broadcast()
}

// await says whether its units are waited for, and how many more there are.
func (l *lane) await(yes bool, more int) {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	l.awaited, l.units = yes, l.units+more
	l.m.changed.Broadcast()
}

// add notes a unit that is about to be sent.
func (l *lane) add() {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	l.units++
}

// take waits for the next page; ok is false at the end.
func (l *lane) take(ctx context.Context) (p Page, err error, ok bool) {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	for len(l.pages) == 0 && !l.ended && ctx.Err() == nil {
		if !l.awaited {
			l.awaited = true
			l.m.changed.Broadcast()
		}
		l.m.changed.Wait()
	}
	l.awaited = false
	if err := ctx.Err(); err != nil {
		return Page{}, err, true
	}
	if len(l.pages) == 0 {
		return Page{}, nil, false
	}
	next := l.pages[0]
	l.pages[0] = queued{}
	l.pages = l.pages[1:]
	return next.page, next.err, true
}

// unit is a part of a read that is fetched by itself. Its pages go into lane l.
type unit func(ctx context.Context, l *lane) iter.Seq2[Page, error]

// inOrder runs units, up to n at once, and yields their pages in the order of
// the units. Whoever takes a page releases it. Ending the loop ends the fetching,
// and inOrder returns only when all has ended.
func (m *memory) inOrder(ctx context.Context, up *lane, n int, units func(ctx context.Context, l *lane) iter.Seq2[unit, error]) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		stop := context.AfterFunc(ctx, m.wake)
		var running sync.WaitGroup
		defer func() { cancel(); stop(); running.Wait() }()
		source := &lane{m: m, up: up} // of the units themselves, which may have to be asked for
		order := make(chan *lane, n)
		running.Go(func() {
			defer close(order)
			m.start(ctx, &running, source, units(ctx, source), order)
		})
		for {
			l, ok := next(ctx, source, order)
			if !ok {
				if err := ctx.Err(); err != nil {
					yield(Page{}, err)
				}
				return
			}
			for {
				p, err, more := l.take(ctx)
				if !more {
					break
				}
				if !yield(p, err) || err != nil {
					return
				}
			}
		}
	}
}

// next is the lane of the next unit.
func next(ctx context.Context, source *lane, order <-chan *lane) (*lane, bool) {
	source.await(true, 0)
	select {
	case l, ok := <-order:
		source.await(false, -1)
		return l, ok
	case <-ctx.Done():
		return nil, false
	}
}

// start sends the lane of each unit into order, and runs it.
func (m *memory) start(ctx context.Context, running *sync.WaitGroup, source *lane, units iter.Seq2[unit, error], order chan<- *lane) {
	slots := make(chan struct{}, cap(order))
	for u, err := range units {
		l := &lane{m: m, up: source.up}
		if err != nil {
			l.put(Page{}, err)
			l.end()
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		source.add()
		select {
		case order <- l:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
		running.Go(func() {
			defer func() { l.end(); <-slots }()
			for p, err := range u(ctx, l) {
				if l.put(p, err); err != nil || ctx.Err() != nil {
					return
				}
			}
		})
	}
}

// release gives the memory of a page back.
func (p *Page) release() {
	if p.free != nil {
		p.free()
		p.free = nil
	}
}

// oneUnit is a list of a single unit.
func oneUnit(u unit) func(context.Context, *lane) iter.Seq2[unit, error] {
	return func(context.Context, *lane) iter.Seq2[unit, error] {
		return func(yield func(unit, error) bool) { yield(u, nil) }
	}
}
