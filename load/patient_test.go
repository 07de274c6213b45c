package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"
)

// However much a reader takes at a time and however long it waits, it gets every
// byte in order, and the error at their end.
func TestAPatientReaderGivesWhatItsSourceGave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(0, 3*readerChunks*readerChunk).Draw(t, "size")
		want := make([]byte, size)
		for i := range want {
			want[i] = byte(i * 7919 >> 5)
		}
		end := rapid.SampledFrom([]error{io.EOF, io.ErrUnexpectedEOF}).Draw(t, "end")
		var src io.Reader = io.MultiReader(bytes.NewReader(want), iotest.ErrReader(end))
		if most := rapid.SampledFrom([]int{0, 1000, 100_000}).Draw(t, "most"); most > 0 {
			src = portions{src, most}
		}
		r := newPatientReader(src, rapid.SampledFrom([]time.Duration{0, time.Millisecond, time.Hour}).Draw(t, "patience"))
		defer r.Close()
		var got bytes.Buffer
		var err error
		for err == nil {
			p := make([]byte, rapid.SampledFrom([]int{100, 5000, 1 << 20}).Draw(t, "take"))
			for range 20 {
				var n int
				n, err = r.Read(p)
				got.Write(p[:n])
				if err != nil {
					break
				}
			}
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Fatalf("read %d bytes unlike the %d of the source", got.Len(), size)
		}
		if !errors.Is(err, end) {
			t.Fatalf("ended with %v, the source with %v", err, end)
		}
	})
}

type portions struct {
	io.Reader
	most int
}

func (p portions) Read(b []byte) (int, error) { return p.Reader.Read(b[:min(len(b), p.most)]) }

// A reader that leaves early ends a pump that waits for it.
func TestAPatientReaderThatIsClosedTakesNoMore(t *testing.T) {
	in, out := io.Pipe()
	r := newPatientReader(in, time.Hour)
	written := make(chan error)
	go func() {
		_, err := out.Write(make([]byte, 2*readerChunks*readerChunk))
		written <- err
	}()
	if _, err := io.ReadFull(r, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	_ = in.Close()
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := <-written; !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the source was read to its end: %v", err)
	}
}

// A result that is read slowly does not wait in the engine: what the reader has
// not come for is kept aside, more than the buffers of a connection hold.
func TestAResultIsTakenFromTheEngineBeforeItIsRead(t *testing.T) {
	w := open(t, optionsFor(t))
	w.patience = 0
	const rows = 20_000_000 // 160 MB
	running := func() string {
		return fmt.Sprint(ask(t, w, "SELECT count() FROM system.processes WHERE query LIKE 'SELECT number AS patiently%'"))
	}
	var seen, sum uint64
	for rec, err := range w.QueryArrow(context.Background(), fmt.Sprintf("SELECT number AS patiently FROM numbers(%d)", rows)) {
		if err != nil {
			t.Fatal(err)
		}
		if seen == 0 {
			for running() != "[[0]]" {
				time.Sleep(10 * time.Millisecond)
			}
		}
		for _, v := range rec.Column(0).(interface{ Uint64Values() []uint64 }).Uint64Values() {
			sum += v
		}
		seen += uint64(rec.NumRows())
	}
	if seen != rows || sum != rows*(rows-1)/2 {
		t.Errorf("%d rows that add up to %d", seen, sum)
	}
}
