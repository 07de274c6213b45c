package embedded

import (
	"context"
	"sync"
)

// gate bounds how many statements run at once and how many wait.
type gate struct {
	slots   chan struct{}
	running sync.WaitGroup

	mu      sync.Mutex
	waiting int
	queue   int
	closed  bool
}

func newGate(slots, queue int) *gate {
	return &gate{slots: make(chan struct{}, slots), queue: queue}
}

// enter waits for a slot and returns the function that gives it back.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return nil, newException(codeTooMany, "The embedded warehouse is stopping")
	}
	if g.waiting >= g.queue {
		g.mu.Unlock()
		return nil, newException(codeTooMany, "Too many statements are waiting; try again later")
	}
	g.waiting++
	g.running.Add(1)
	g.mu.Unlock()

	select {
	case g.slots <- struct{}{}:
	case <-ctx.Done():
		err = newException(codeCancelled, "The client went away while its statement waited")
	}
	g.mu.Lock()
	g.waiting--
	g.mu.Unlock()
	if err != nil {
		g.running.Done()
		return nil, err
	}
	return func() {
		<-g.slots
		g.running.Done()
	}, nil
}

// close refuses new statements and waits for those that run.
func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.running.Wait()
}
