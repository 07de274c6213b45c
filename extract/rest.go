package extract

import (
	"context"
	"errors"
	"iter"
	"sync"
)

// restReader reads streams over HTTP.
type restReader struct {
	src    *Source
	client *client

	mu     sync.Mutex
	fields map[*fieldSpec]*foundFields // what the probes found
}

func newRestReader(s *Source) (*restReader, error) {
	c, err := newClient(s)
	if err != nil {
		return nil, &Error{Source: s.name, Err: err}
	}
	return &restReader{src: s, client: c, fields: map[*fieldSpec]*foundFields{}}, nil
}

func (r *restReader) close() error {
	return r.client.close()
}

// pages reads what changed and the passes that are due; the pages that follow
// are fetched ahead, as many as fit into the connector's prefetch bytes.
func (r *restReader) pages(ctx context.Context, st *streamSpec, state cursorState) iter.Seq2[Page, error] {
	return newReading(r, st, state).pages(ctx)
}

// onPage says on which page an error came up.
func onPage(err error, page int) error {
	var e *Error
	if errors.As(err, &e) {
		c := *e
		c.Page = page
		return &c
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &Error{Page: page, Err: err}
}
