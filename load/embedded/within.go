package embedded

import (
	"context"
	"net"
	"sync"
)

// within is where this process itself comes in: its connections are pipes in
// memory. What goes through the kernel instead is copied twice, and every
// statement waits for it.
type within struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newWithin() *within { return &within{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (w *within) dial(ctx context.Context) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case w.conns <- there:
		return here, nil
	case <-w.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (w *within) Accept() (net.Conn, error) {
	select {
	case c := <-w.conns:
		return c, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (w *within) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}

// Addr implements net.Listener.
func (w *within) Addr() net.Addr { return withinAddr{} }

type withinAddr struct{}

func (withinAddr) Network() string { return "memory" }
func (withinAddr) String() string  { return "this process" }
