package extract

import (
	"context"
	"iter"
	"sync"
)

// ahead runs a sequence of pages in the background while the caller works on
// the page it has. Pages keep their order. Fetching pauses while limit bytes or
// more wait to be taken, so at most limit plus one page is held. Ending the
// loop ends the fetching, and ahead returns only when it has ended.
func ahead(ctx context.Context, limit int64, open func(context.Context) iter.Seq2[Page, error]) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		q := &pageQueue{limit: limit}
		q.changed.L = &q.mu
		stop := context.AfterFunc(ctx, func() { q.mu.Lock(); q.changed.Broadcast(); q.mu.Unlock() })
		finished := make(chan struct{})
		defer func() { cancel(); stop(); <-finished }()
		go func() {
			defer close(finished)
			defer q.end()
			for p, err := range open(ctx) {
				if !q.put(ctx, p, err) || err != nil {
					return
				}
			}
		}()
		for {
			p, err, ok := q.take(ctx)
			if !ok {
				return
			}
			if !yield(p, err) || err != nil {
				return
			}
			q.release(p)
		}
	}
}

type queued struct {
	page Page
	err  error
}

type pageQueue struct {
	mu      sync.Mutex
	changed sync.Cond
	limit   int64
	held    int64 // bytes of pages waiting or being worked on
	pages   []queued
	ended   bool
}

// put hands a page over, then waits until there is room for another.
func (q *pageQueue) put(ctx context.Context, p Page, err error) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held += int64(len(p.Body))
	q.pages = append(q.pages, queued{p, err})
	q.changed.Broadcast()
	for q.held >= q.limit && ctx.Err() == nil {
		q.changed.Wait()
	}
	return ctx.Err() == nil
}

func (q *pageQueue) take(ctx context.Context) (Page, error, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.pages) == 0 && !q.ended && ctx.Err() == nil {
		q.changed.Wait()
	}
	if err := ctx.Err(); err != nil {
		return Page{}, err, true
	}
	if len(q.pages) == 0 {
		return Page{}, nil, false
	}
	next := q.pages[0]
	q.pages[0] = queued{}
	q.pages = q.pages[1:]
	return next.page, next.err, true
}

func (q *pageQueue) release(p Page) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held -= int64(len(p.Body))
	q.changed.Broadcast()
	if p.free != nil {
		p.free()
	}
}

func (q *pageQueue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.changed.Broadcast()
}
