package derive

import (
	"context"
	"iter"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
)

// Remember gives the inputs of a source; some, which have to be small, are read
// once however often they are asked for.
func Remember(src Source, inputs ...string) Source {
	m := &recalling{src: src, inputs: map[string]*remembered{}}
	for _, input := range inputs {
		m.inputs[input] = &remembered{}
	}
	return m
}

type recalling struct {
	src    Source
	inputs map[string]*remembered
}

type remembered struct {
	once sync.Once
	recs []arrow.Record
	err  error
}

// Rows implements [Source].
func (m *recalling) Rows(ctx context.Context, input string) iter.Seq2[arrow.Record, error] {
	r := m.inputs[input]
	if r == nil {
		return m.src.Rows(ctx, input)
	}
	return func(yield func(arrow.Record, error) bool) {
		r.once.Do(func() {
			for rec, err := range m.src.Rows(ctx, input) {
				if r.err = err; err != nil {
					return
				}
				rec.Retain() // it stays until the collector takes it: the inputs are small
				r.recs = append(r.recs, rec)
			}
		})
		for _, rec := range r.recs {
			if !yield(rec, nil) {
				return
			}
		}
		if r.err != nil {
			yield(nil, r.err)
		}
	}
}

// Instead gives some inputs from another source.
func Instead(src, other Source, inputs ...string) Source {
	return instead{src, other, inputs}
}

type instead struct {
	src, other Source
	inputs     []string
}

// Rows implements [Source].
func (s instead) Rows(ctx context.Context, input string) iter.Seq2[arrow.Record, error] {
	if slices.Contains(s.inputs, input) {
		return s.other.Rows(ctx, input)
	}
	return s.src.Rows(ctx, input)
}
