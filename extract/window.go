package extract

import (
	"fmt"
	"time"
)

// windowSpec cuts time into windows that are read one by one.
type windowSpec struct {
	from      time.Time
	to        time.Time // zero = the time of reading
	step      time.Duration
	lookback  time.Duration
	format    cursorFormat
	inclusive bool
	atOnce    int
}

func (d *windowDecl) open(s *Source, data map[string]any, atOnce int) (*windowSpec, error) {
	w := &windowSpec{inclusive: d.inclusive}
	var err error
	if w.format, err = newCursorFormat(d.format, s.location); err != nil {
		return nil, err
	}
	if w.step, err = d.step.span(data, "window.step"); err != nil {
		return nil, err
	}
	if w.step < w.format.unit || w.step == 0 {
		return nil, &Error{Field: "window.step", Found: w.step.String(), Expected: "at least the unit of its format", Err: errSetting}
	}
	if w.lookback, err = d.lookback.span(data, "window.lookback"); err != nil {
		return nil, err
	}
	if w.atOnce, err = d.atOnce.number(data, "window.concurrency", atOnce); err != nil {
		return nil, err
	}
	for _, end := range []struct {
		t    *tmpl
		dst  *time.Time
		name string
	}{{d.from, &w.from, "window.from"}, {d.to, &w.to, "window.to"}} {
		text, err := end.t.render(data)
		if err != nil {
			return nil, err
		}
		if text == "" || text == "now" {
			continue
		}
		if *end.dst, err = w.instant(text); err != nil {
			return nil, &Error{Field: end.name, Found: fmt.Sprintf("%q", text), Expected: w.format.String(), Err: errSetting}
		}
	}
	if w.from.IsZero() {
		return nil, &Error{Field: "window.from", Found: "nothing", Expected: w.format.String(), Err: errSetting}
	}
	return w, nil
}

// instant reads an end of the window, in the window's format or as a day.
func (w *windowSpec) instant(text string) (time.Time, error) {
	t, err := w.format.parse(text)
	if err != nil {
		return w.format.parseDay(text)
	}
	return t, nil
}

// span is one window, from inclusive to exclusive.
type span struct {
	from, to time.Time
	last     bool      // of the read
	began    time.Time // when the read began that it belongs to, an earlier run that was broken off included
}

// text writes the ends for the saved state.
func (s span) text() (from, to string) {
	return s.from.UTC().Format(time.RFC3339Nano), s.to.UTC().Format(time.RFC3339Nano)
}

// resumable is how long after it began a read that looks back is still gone on
// with: later, what lies before would be looked at too late.
const resumable = 24 * time.Hour

// spans lists the windows of a read. The normal one begins where the last ended,
// less the lookback, or where the last was broken off; others read everything.
func (w *windowSpec) spans(state cursorState, slice string, changed bool, now time.Time) []span {
	from, to, began := w.floor(w.from), w.to, now.UTC()
	if to.IsZero() {
		if to = w.floor(now); w.format.unit == wholeDay {
			to = to.AddDate(0, 0, 1) // today has begun
		}
	}
	var out []span
	if s, ok := state.Windows[slice]; ok && changed {
		if s.At != nil && (w.lookback == 0 || now.Sub(s.Began) < resumable) {
			from, began = s.At.In(w.format.zone), s.Began
		} else if back := w.floor(s.Until.Add(-w.lookback)); back.After(from) {
			from = back
		}
	}
	if in, ok := state.Inside[slice]; ok && changed && in.To != "" && (w.lookback == 0 || now.Sub(in.Began) < resumable) {
		a, errFrom := time.Parse(time.RFC3339Nano, in.From)
		b, errTo := time.Parse(time.RFC3339Nano, in.To)
		if errFrom == nil && errTo == nil {
			from = b.In(w.format.zone)
			out = append(out, span{from: a.In(w.format.zone), to: from, began: began})
		}
	}
	for from.Before(to) {
		end := w.after(from)
		if end.After(to) {
			end = to
		}
		out = append(out, span{from: from, to: end, began: began})
		from = end
	}
	if len(out) > 0 {
		out[len(out)-1].last = true
	}
	return out
}

// after is the end of the window that begins at t. Whole days follow the calendar of the zone.
func (w *windowSpec) after(t time.Time) time.Time {
	if w.step%wholeDay == 0 {
		return t.In(w.format.zone).AddDate(0, 0, int(w.step/wholeDay))
	}
	return t.Add(w.step)
}

// floor rounds down to what the format can hold.
func (w *windowSpec) floor(t time.Time) time.Time {
	t = t.In(w.format.zone)
	if w.format.unit == wholeDay {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, w.format.zone)
	}
	return t.Truncate(w.format.unit)
}

// asked writes the ends of a window as requests want them.
func (w *windowSpec) asked(s span) (from, to string) {
	end := s.to
	switch {
	case w.inclusive && w.format.unit == wholeDay:
		end = end.AddDate(0, 0, -1)
	case w.inclusive:
		end = end.Add(-w.format.unit)
	}
	return w.format.format(s.from), w.format.format(end)
}

// finished is what the state gains once a window is safe. What happened after
// its first request is not: the next read begins there.
func (w *windowSpec) finished(slice string, s span, asked time.Time) func(*cursorState) {
	until := s.to
	if asked = w.floor(asked); asked.Before(until) {
		until = asked
	}
	return func(state *cursorState) {
		delete(state.Inside, slice)
		now := state.Windows[slice]
		if until.After(now.Until) {
			now.Until = until.UTC()
		}
		if now.At, now.Began = nil, (time.Time{}); !s.last {
			at := s.to.UTC()
			now.At, now.Began = &at, s.began
		}
		state.Windows[slice] = now
	}
}
