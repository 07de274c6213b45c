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
