package extract

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// bigPages serves pages of some megabytes, each one record, and notes how many
// bytes were sent that the reader had not finished with.
type bigPages struct {
	pages, size int
	sent, most  atomic.Int64
	done        atomic.Int64 // bytes that the reader is finished with
}

func (b *bigPages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	if n >= b.pages {
		fmt.Fprint(w, `{"data":[]}`)
		return
	}
	held := b.sent.Add(int64(b.size)) - b.done.Load()
	for most := b.most.Load(); held > most && !b.most.CompareAndSwap(most, held); most = b.most.Load() {
	}
	fmt.Fprintf(w, `{"data":[{"id":%d,"fill":"`, n+1)
	fill := bytes.Repeat([]byte("x"), 1<<16)
	for range b.size / len(fill) {
		w.Write(fill)
	}
	fmt.Fprint(w, `"}]}`)
}

func TestMemoryIsBoundedWithLargePagesInFlight(t *testing.T) {
	const size, limit = 50 << 20, 120 << 20
	b := &bigPages{pages: 8, size: size}
	srv := httptest.NewServer(b)
	defer srv.Close()
	text := strings.NewReplacer("prefetch: 64MiB", "prefetch: 120MiB\n  max_response: 64MiB").Replace(byOffset(`{type: offset, size: 1, concurrency: 8}`, offsets))
	s, _ := openTest(t, text, srv.URL, nil)
	read := 0
	for p, err := range s.Pages(context.Background(), "rows", nil) {
		if err != nil {
			t.Fatal(err)
		}
		read += p.Count
		b.done.Add(size)
	}
	if read != 8 || b.most.Load() > limit {
		t.Errorf("%d records; %d MiB were held at once, the limit is %d", read, b.most.Load()>>20, limit>>20)
	}
}

func TestPagesLargerThanTheLimitComeOneByOne(t *testing.T) {
	b := &bigPages{pages: 4, size: 8 << 20}
	srv := httptest.NewServer(b)
	defer srv.Close()
	text := strings.Replace(byOffset(`{type: offset, size: 1, concurrency: 8}`, offsets), "prefetch: 64MiB", "prefetch: 4MiB", 1)
	s, _ := openTest(t, text, srv.URL, nil)
	for _, err := range s.Pages(context.Background(), "rows", nil) {
		if err != nil {
			t.Fatal(err)
		}
		b.done.Add(8 << 20)
	}
	if b.most.Load() != 8<<20 {
		t.Errorf("%d MiB were held at once", b.most.Load()>>20)
	}
}

// Whatever the sizes of pages, units and limit: all pages come, in order, none is
// held beyond the limit and one more, and nothing stands still.
func TestUnitsInFlightNeitherStandStillNorLoseTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Int64Range(1, 8<<20).Draw(t, "limit")
		atOnce := rapid.IntRange(1, 6).Draw(t, "at once")
		inner := rapid.IntRange(1, 4).Draw(t, "at once inside")
		sizes := rapid.SliceOfN(rapid.SliceOfN(rapid.Int64Range(0, 3<<20), 0, 5), 0, 12).Draw(t, "sizes")
		m := newMemory(limit)
		m.largest = 3 << 20 // an answer of that size came before
		var want, got []int
		leaf := func(u, i int, n int64) unit {
			return func(ctx context.Context, l *lane) iter.Seq2[Page, error] {
				return func(yield func(Page, error) bool) {
					held, err := m.take(ctx, l)
					if err != nil {
						yield(Page{}, err)
						return
					}
					held.set(n)
					yield(Page{Count: u*100 + i, free: held.end}, nil)
				}
			}
		}
		units := func(ctx context.Context, own *lane) iter.Seq2[unit, error] {
			return func(yield func(unit, error) bool) {
				for u, pages := range sizes {
					held, err := m.take(ctx, own) // as a page of parents is
					if err != nil {
						return
					}
					held.end()
					nested := func(ctx context.Context, l *lane) iter.Seq2[Page, error] {
						return m.inOrder(ctx, l, inner, func(context.Context, *lane) iter.Seq2[unit, error] {
							return func(yield func(unit, error) bool) {
								for i, n := range pages {
									if !yield(leaf(u, i, n), nil) {
										return
									}
								}
							}
						})
					}
					if !yield(nested, nil) {
						return
					}
				}
			}
		}
		for u, pages := range sizes {
			for i := range pages {
				want = append(want, u*100+i)
			}
		}
		stop := rapid.IntRange(0, len(want)+1).Draw(t, "stop")
		for p, err := range m.inOrder(context.Background(), nil, atOnce, units) {
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, p.Count); len(got) == stop {
				break
			}
			m.mu.Lock()
			held := m.held
			m.mu.Unlock()
			if held > limit+3<<20 {
				t.Fatalf("%d bytes are held of %d", held, limit)
			}
			p.release()
		}
		if stop > 0 && stop <= len(want) {
			want = want[:stop]
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestNothingRunsOnAfterAReadEnded(t *testing.T) {
	l := &listing{n: 500}
	srv := httptest.NewServer(l)
	defer srv.Close()
	before := runtime.NumGoroutine()
	func() {
		s, _ := openTest(t, byOffset(`{type: offset, size: 10, concurrency: 8}`, offsets), srv.URL, nil)
		ctx, cancel := context.WithCancel(context.Background())
		n := 0
		for _, err := range s.Pages(ctx, "rows", nil) {
			if n++; n == 3 {
				cancel()
			}
			if err != nil {
				break
			}
		}
		cancel()
		s.Close()
	}()
	srv.CloseClientConnections()
	deadline := time.Now().Add(10 * time.Second)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		runtime.Gosched() // connections of the server wind down on their own
	}
	if n := runtime.NumGoroutine(); n > before+2 {
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines run, %d before:\n%s", n, before, buf[:runtime.Stack(buf, true)])
	}
}

// BenchmarkLatency reads 200 pages from a server that takes 50 ms for each, one
// after the other and 8 in flight.
func BenchmarkLatency(b *testing.B) {
	l := &listing{n: 2000}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(50 * time.Millisecond)
		l.ServeHTTP(w, r)
	}))
	defer srv.Close()
	var alone float64
	for _, atOnce := range []int{1, 8} {
		b.Run(fmt.Sprintf("%d_in_flight", atOnce), func(b *testing.B) {
			c, err := ParseConnector("bench", []byte(byOffset(fmt.Sprintf(`{type: offset, size: 10, more: more, concurrency: %d}`, atOnce), offsets)))
			if err != nil {
				b.Fatal(err)
			}
			s, err := Open(context.Background(), "erp", c, map[string]any{"url": srv.URL}, Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			records := 0
			for b.Loop() {
				for p, err := range s.Pages(context.Background(), "rows", nil) {
					if err != nil {
						b.Fatal(err)
					}
					records += p.Count
				}
			}
			rate := float64(records) / b.Elapsed().Seconds()
			b.ReportMetric(rate, "records/s")
			if atOnce == 1 {
				alone = rate
			} else if alone > 0 {
				b.ReportMetric(rate/alone, "times")
			}
		})
	}
}
