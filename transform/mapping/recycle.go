package mapping

import (
	"math/bits"
	"sync"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Recycler is an allocator that gives the memory of released batches to later
// ones. Fresh memory for every page costs more than filling it, and makes the
// collector run as often as pages come. Whoever uses it must be done with a batch
// when it releases it.
type Recycler struct {
	sizes [128]sync.Pool // of *[]byte, by the size class
}

var _ memory.Allocator = (*Recycler)(nil)

// sizeClass returns the class that holds size bytes, and how many bytes it
// holds: four classes between a power of two and the next.
func sizeClass(size int) (class, holds int) {
	size = max(size, 1<<10)
	shift := bits.Len(uint(size-1)) - 3
	steps := (size + 1<<shift - 1) >> shift // 5 to 8
	return shift*4 + steps - 5, steps << shift
}

// Allocate returns size bytes, not all zero.
func (r *Recycler) Allocate(size int) []byte {
	class, holds := sizeClass(size)
	if class < len(r.sizes) {
		if b, ok := r.sizes[class].Get().(*[]byte); ok {
			return (*b)[:size]
		}
	}
	return make([]byte, size, holds)
}

// Reallocate returns size bytes that begin with those of b.
func (r *Recycler) Reallocate(size int, b []byte) []byte {
	if size <= cap(b) {
		return b[:size]
	}
	out := r.Allocate(size)
	copy(out, b)
	r.Free(b)
	return out
}

// Free takes memory back.
func (r *Recycler) Free(b []byte) {
	class, holds := sizeClass(cap(b))
	if class < len(r.sizes) && holds == cap(b) {
		r.sizes[class].Put(&b)
	}
}
