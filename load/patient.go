package load

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// Results that wait for their reader
//
// A replay reads some twenty results side by side, a customer at a time, so that
// a small one may lie half read for many minutes. No server waits that long: one
// that cannot write for half a minute gives up, and one that has written the last
// bytes closes the idle connection, whereupon the kernel drops what the reader has
// not taken ("connection reset by peer"). So results are taken from the wire as
// they come: into a little memory first, and when the reader has not come for a
// while, into a file.

// The defaults of [patientReader].
const (
	readerPatience = 10 * time.Second
	readerChunk    = 128 << 10
	readerChunks   = 8
)

var readerChunkPool = sync.Pool{New: func() any { return new([readerChunk]byte) }}

// patientReader reads ahead of its reader. It is used by one goroutine.
type patientReader struct {
	patience time.Duration
	arrived  chan struct{} // of capacity 1: there is something to read
	taken    chan struct{} // of capacity 1: there is room
	ended    chan struct{} // closed when the source is read no more

	mu     sync.Mutex
	chunks []readChunk
	free   bool // nobody reads any more
	file   *os.File
	read   int64 // bytes of the file that the reader has
	kept   int64 // bytes in the file
	err    error // after all that is kept
}

type readChunk struct {
	memory *[readerChunk]byte
	data   []byte // what of it is not read
}

// newPatientReader begins to read src. Its Close waits for a Read of src that is
// under way, so src has to be cancelled first.
func newPatientReader(src io.Reader, patience time.Duration) *patientReader {
	r := &patientReader{patience: patience, arrived: make(chan struct{}, 1), taken: make(chan struct{}, 1), ended: make(chan struct{})}
	go r.pump(src)
	return r
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// pump reads the source to its end.
func (r *patientReader) pump(src io.Reader) {
	defer close(r.ended)
	for {
		memory := readerChunkPool.Get().(*[readerChunk]byte)
		n, err := src.Read(memory[:])
		if n > 0 && !r.put(readChunk{memory, memory[:n]}) {
			return
		}
		if n == 0 {
			readerChunkPool.Put(memory)
		}
		if err != nil {
			r.mu.Lock()
			r.err = err
			r.mu.Unlock()
			signal(r.arrived)
			return
		}
	}
}

// put keeps a chunk behind the others; false when nobody wants it any more.
func (r *patientReader) put(c readChunk) bool {
	var impatient <-chan time.Time
	for {
		r.mu.Lock()
		switch {
		case r.free:
			r.mu.Unlock()
			return false
		case r.read < r.kept: // what is in the file comes before this
			if r.spill(c) {
				r.mu.Unlock()
				return true
			}
		case r.append(c):
			r.mu.Unlock()
			signal(r.arrived)
			return true
		}
		r.mu.Unlock()
		if impatient == nil {
			timer := time.NewTimer(r.patience)
			defer timer.Stop()
			impatient = timer.C
		}
		select {
		case <-r.taken:
		case <-impatient:
			r.mu.Lock()
			done := !r.free && r.spill(c)
			r.mu.Unlock()
			if done {
				return true
			}
			impatient = make(chan time.Time) // there is no room on the disk: the source has to wait
		}
	}
}

// append keeps a chunk in memory, a small one with the one before it; false where
// there is no room.
func (r *patientReader) append(c readChunk) bool {
	if n := len(r.chunks); n > 0 && len(c.data) < readerChunk/2 {
		if last := &r.chunks[n-1]; cap(last.data)-len(last.data) >= len(c.data) {
			last.data = append(last.data, c.data...)
			readerChunkPool.Put(c.memory)
			return true
		}
	}
	if len(r.chunks) == readerChunks {
		return false
	}
	r.chunks = append(r.chunks, c)
	return true
}

// spill writes a chunk at the end of the file; false when it cannot.
func (r *patientReader) spill(c readChunk) bool {
	if r.file == nil {
		file, err := os.CreateTemp("", "huikuan-result-*")
		if err != nil {
			return false
		}
		_ = os.Remove(file.Name()) // where an open file cannot be removed, Close does it
		r.file = file
	}
	if r.read == r.kept {
		r.read, r.kept = 0, 0
	}
	if _, err := r.file.WriteAt(c.data, r.kept); err != nil {
		return false
	}
	r.kept += int64(len(c.data))
	readerChunkPool.Put(c.memory)
	signal(r.arrived)
	return true
}

// Read implements io.Reader.
func (r *patientReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if n, err := r.take(p); n > 0 || err != nil {
			return n, err
		}
		<-r.arrived
	}
}

// take reads what is there; nothing and no error when more is to come.
func (r *patientReader) take(p []byte) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case len(r.chunks) > 0:
		c := &r.chunks[0]
		n = copy(p, c.data)
		if c.data = c.data[n:]; len(c.data) == 0 {
			readerChunkPool.Put(c.memory)
			r.chunks = append(r.chunks[:0], r.chunks[1:]...)
			signal(r.taken)
		}
		return n, nil
	case r.read < r.kept:
		n, err = r.file.ReadAt(p[:min(int64(len(p)), r.kept-r.read)], r.read)
		r.read += int64(n)
		if n > 0 {
			err = nil
		}
		if r.read == r.kept {
			signal(r.taken)
		}
		return n, err
	}
	return 0, r.err
}

// Close forgets what was not read.
func (r *patientReader) Close() error {
	r.mu.Lock()
	r.free = true
	r.mu.Unlock()
	signal(r.taken)
	<-r.ended
	if r.file == nil {
		return nil
	}
	return errors.Join(r.file.Close(), removed(r.file.Name()))
}

// removed removes a file that may be gone already.
func removed(name string) error {
	if err := os.Remove(name); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
