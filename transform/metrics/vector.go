package metrics

import (
	"sync"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// vector is the growing buffer of one column. It lies in Arrow memory from the
// first value on, so that a batch takes it over as it is.
type vector[T arrow.FixedWidthType] struct {
	list []T
	buf  []byte // what list lies in, as the allocator gave it
	last int    // length of the one before: room for as many from the beginning
}

// leastRoom is the room of a vector's first buffer, in values.
const leastRoom = 64

// reserve makes room for n further values.
func (v *vector[T]) reserve(n int, mem memory.Allocator) {
	need := len(v.list) + n
	if need <= cap(v.list) {
		return
	}
	var one T
	room := max(need, 2*len(v.list), v.last+v.last/16, leastRoom)
	buf := mem.Allocate(roomy(room * int(unsafe.Sizeof(one))))
	list := arrow.GetData[T](buf)[:len(v.list)]
	copy(list, v.list)
	if v.buf != nil {
		mem.Free(v.buf)
	}
	v.list, v.buf = list, buf
}

func (v *vector[T]) add(x T, mem memory.Allocator) {
	if len(v.list) == cap(v.list) {
		v.reserve(1, mem)
	}
	v.list = append(v.list, x)
}

// extend appends n values, which the caller sets.
func (v *vector[T]) extend(n int, mem memory.Allocator) []T {
	v.reserve(n, mem)
	at := len(v.list)
	v.list = v.list[:at+n]
	return v.list[at:]
}

// buffer hands the values over and leaves the vector empty. The caller releases
// the buffer.
func (v *vector[T]) buffer(mem memory.Allocator) *memory.Buffer {
	var one T
	b := memory.NewBufferWithAllocator(v.buf, mem)
	b.ResizeNoShrink(len(v.list) * int(unsafe.Sizeof(one)))
	*v = vector[T]{last: len(v.list)}
	return b
}

func (v *vector[T]) free(mem memory.Allocator) {
	if v.buf != nil {
		mem.Free(v.buf)
	}
	*v = vector[T]{}
}

// roomy rounds a size up to an eighth of a power of two, so that buffers of
// batches of about the same size can take each other's place.
func roomy(size int) int {
	step := 64
	for step*16 <= size {
		step *= 2
	}
	return (size + step - 1) / step * step
}

// recycler is an allocator that gives memory out again. Batches of a build are
// alike: without it each would be zeroed, and touched for the first time, anew.
// It is safe for concurrent use.
type recycler struct {
	mem    memory.Allocator
	mu     sync.Mutex
	free   map[int][][]byte // by size
	bytes  int              // in free
	closed bool
}

var _ memory.Allocator = (*recycler)(nil)

// recycledBytes is how much memory waits for its next use at most.
const recycledBytes = 64 << 20

func newRecycler(mem memory.Allocator) *recycler {
	return &recycler{mem: mem, free: map[int][][]byte{}}
}

// Allocate implements [memory.Allocator]; the memory is not zeroed.
func (r *recycler) Allocate(size int) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if list := r.free[size]; len(list) > 0 {
		b := list[len(list)-1]
		r.free[size] = list[:len(list)-1]
		r.bytes -= size
		return b
	}
	return r.mem.Allocate(size)
}

// Reallocate implements [memory.Allocator].
func (r *recycler) Reallocate(size int, b []byte) []byte {
	out := r.Allocate(size)
	copy(out, b)
	r.Free(b)
	return out
}

// Free implements [memory.Allocator].
func (r *recycler) Free(b []byte) {
	if len(b) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.bytes+len(b) > recycledBytes {
		r.mem.Free(b)
		return
	}
	r.bytes += len(b)
	r.free[len(b)] = append(r.free[len(b)], b)
}

// close gives back what waits; what is in use goes back when it is freed.
func (r *recycler) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, list := range r.free {
		for _, b := range list {
			r.mem.Free(b)
		}
	}
	r.free, r.bytes, r.closed = nil, 0, true
}
