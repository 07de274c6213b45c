package extract

import (
	"context"
	"iter"
)

// ahead runs a sequence of pages in the background while the caller works on
// the page it has. Pages keep their order. Reading pauses while limit bytes or
// more wait to be taken, so at most limit plus one page is held. Ending the
// loop ends the reading, and ahead returns only when it has ended.
func ahead(ctx context.Context, limit int64, open func(context.Context) iter.Seq2[Page, error]) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		m := newMemory(limit)
		read := func(ctx context.Context, l *lane) iter.Seq2[Page, error] {
			return func(yield func(Page, error) bool) {
				for p, err := range open(ctx) {
					held, free := m.hold(int64(len(p.Body))), p.free
					p.free = func() {
						held.end()
						if free != nil {
							free()
						}
					}
					if !yield(p, err) || err != nil {
						return
					}
					m.room(ctx, l)
				}
			}
		}
		for p, err := range m.inOrder(ctx, nil, 1, oneUnit(read)) {
			if !yield(p, err) || err != nil {
				return
			}
			p.release()
		}
	}
}
