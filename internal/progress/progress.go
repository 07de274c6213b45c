// Package progress shows how far long work has come: bars with counts and rate
// on a terminal, a log line every few seconds elsewhere.
//
// In: counts. Out: lines on a writer. Never here: the work itself.
package progress

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// Task is one piece of work under way. Its methods may be called from several
// goroutines.
type Task interface {
	// Add counts n more units as done.
	Add(n int64)
	// Total sets the expected number of units; 0 = unknown.
	Total(n int64)
	// Done ends the task with a short note; an empty note keeps the counts.
	Done(note string)
	// Fail ends the task with the reason.
	Fail(reason string)
}

// Reporter starts tasks. A nil *Reporter reports nothing.
type Reporter struct {
	bars *mpb.Progress
	out  io.Writer // where the bars are drawn
	log  *slog.Logger
	tick time.Duration
}

// New reports to w: bars if it is a terminal, log lines otherwise.
func New(w io.Writer, log *slog.Logger) *Reporter {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		return &Reporter{out: w, bars: mpb.New(mpb.WithOutput(w), mpb.WithWidth(36), mpb.WithRefreshRate(120*time.Millisecond))}
	}
	return &Reporter{log: log, tick: 5 * time.Second}
}

// Wait draws the last state of all bars.
func (r *Reporter) Wait() {
	if r != nil && r.bars != nil {
		r.bars.Wait()
	}
}

// Drawn says whether bars are drawn. While they are, nothing but Write may write
// to the terminal, lest the next frame land on the wrong line.
func (r *Reporter) Drawn() bool { return r != nil && r.bars != nil }

// Write puts lines of text above the bars, and behind them once Wait has
// returned. Only for a Reporter whose bars are drawn.
func (r *Reporter) Write(p []byte) (int, error) {
	n, err := r.bars.Write(p)
	if errors.Is(err, mpb.ErrDone) {
		return r.out.Write(p)
	}
	return n, err
}

// Task starts a task of that name, counting the given unit (such as "records").
func (r *Reporter) Task(name, unit string) Task {
	switch {
	case r == nil:
		return nothing{}
	case r.bars != nil:
		return newBar(r.bars, name, unit)
	case r.log != nil:
		return newLines(r.log, name, unit, r.tick)
	}
	return nothing{}
}

type nothing struct{}

func (nothing) Add(int64)   {}
func (nothing) Total(int64) {}
func (nothing) Done(string) {}
func (nothing) Fail(string) {}

// bar is a task on a terminal.
type bar struct {
	b     *mpb.Bar
	note  atomic.Pointer[string]
	total atomic.Int64
	begin time.Time
	once  sync.Once
}

func newBar(p *mpb.Progress, name, unit string) *bar {
	t := &bar{begin: time.Now()}
	counts := decor.Any(func(s decor.Statistics) string {
		if n := t.note.Load(); n != nil {
			return " " + *n
		}
		if s.Current == 0 {
			return " …"
		}
		rate := float64(s.Current) / max(time.Since(t.begin).Seconds(), 0.001)
		if total := t.total.Load(); total > 0 {
			return fmt.Sprintf(" %s of %s %s · %s/s", Count(s.Current), Count(total), unit, Count(int64(rate)))
		}
		return fmt.Sprintf(" %s %s · %s/s", Count(s.Current), unit, Count(int64(rate)))
	})
	t.b = p.New(0, mpb.BarStyle().Lbound("").Filler("━").Tip("━").Padding("─").Rbound(""),
		mpb.PrependDecorators(decor.Name(name, decor.WC{W: 30, C: decor.DindentRight})),
		mpb.AppendDecorators(counts))
	return t
}

func (t *bar) Add(n int64) { t.b.IncrInt64(n) }

func (t *bar) Total(n int64) {
	t.total.Store(n)
	t.b.SetTotal(n, false)
}

func (t *bar) Done(note string) { t.end(note) }

func (t *bar) Fail(reason string) { t.end("failed: " + reason) }

func (t *bar) end(note string) {
	t.once.Do(func() {
		if note != "" {
			t.note.Store(&note)
		}
		if t.b.Current() == 0 {
			t.b.SetTotal(1, false)
			t.b.SetCurrent(1)
		}
		t.b.SetTotal(-1, true)
	})
}

// lines is a task in a log.
type lines struct {
	log        *slog.Logger
	name, unit string
	n, total   atomic.Int64
	begin      time.Time
	stop       chan struct{}
	once       sync.Once
}

func newLines(log *slog.Logger, name, unit string, tick time.Duration) *lines {
	t := &lines{log: log, name: name, unit: unit, begin: time.Now(), stop: make(chan struct{})}
	go func() {
		ticker := time.NewTicker(tick)
		defer ticker.Stop()
		for {
			select {
			case <-t.stop:
				return
			case <-ticker.C:
				t.line("under way")
			}
		}
	}()
	return t
}

func (t *lines) line(msg string, more ...any) {
	n := t.n.Load()
	args := []any{"task", t.name, t.unit, n}
	if total := t.total.Load(); total > 0 {
		args = append(args, "of", total)
	}
	sec := time.Since(t.begin).Seconds()
	if n > 0 && sec > 0 {
		args = append(args, "per_second", int64(float64(n)/sec))
	}
	t.log.Info(msg, append(args, more...)...)
}

func (t *lines) Add(n int64)   { t.n.Add(n) }
func (t *lines) Total(n int64) { t.total.Store(n) }

func (t *lines) Done(note string) {
	t.once.Do(func() {
		close(t.stop)
		args := []any{"took", time.Since(t.begin).Round(time.Millisecond).String()}
		if note != "" {
			args = append(args, "result", note)
		}
		t.line("done", args...)
	})
}

func (t *lines) Fail(reason string) {
	t.once.Do(func() {
		close(t.stop)
		t.line("failed", "reason", reason)
	})
}

// Count writes a number with thousands separators: 1,234,567.
func Count(n int64) string {
	s := fmt.Sprint(n)
	neg := ""
	if n < 0 {
		neg, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return neg + s
}
