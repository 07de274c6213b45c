package extract

import (
	"context"
	"time"
)

// sqlRun is one run of a stream: the read of what changed, and the passes that are due.
type sqlRun struct {
	r     *sqlReader
	st    *streamSpec
	state cursorState
	first bool // nothing was read before
	pages int
	yield func(Page, error) bool
}

func (u *sqlRun) all(ctx context.Context) error {
	began := u.r.src.opts.Now().UTC()
	if err := u.read(ctx, u.st, u.state.Cursors[""]); err != nil {
		return err
	}
	if u.st.sweep {
		if err := u.end(&Sweep{Pass: passChanged, Began: began}); err != nil {
			return err
		}
	}
	noted := false
	for _, p := range u.st.passes {
		if u.first && p.kind != "open" { // the read was a whole one
			u.state.Passes[p.name], noted = began, true
		}
	}
	if noted {
		if err := u.end(nil); err != nil {
			return err
		}
	}
	for _, p := range u.st.passes {
		now := u.r.src.opts.Now().UTC()
		if u.first || now.Sub(u.state.Passes[p.name]) < p.every {
			continue
		}
		if err := u.pass(ctx, p, now); err != nil {
			return err
		}
	}
	return nil
}

// pass reads a pass and notes that it is done.
func (u *sqlRun) pass(ctx context.Context, p passSpec, began time.Time) error {
	if err := u.read(ctx, p.spec, ""); err != nil {
		return err
	}
	u.state.Passes[p.name] = began
	if !p.sweep {
		return u.end(nil)
	}
	return u.end(&Sweep{Pass: p.name, Keys: p.spec.keys, Began: began})
}

func (u *sqlRun) read(ctx context.Context, st *streamSpec, saved string) error {
	rd := &sqlRead{run: u, r: u.r, st: st, b: newSQLBuilder(u.r.dialect, &st.sql, u.r.opts.schema), saved: saved, watermark: saved}
	return rd.read(ctx)
}

// end hands on a page without records, which carries the state.
func (u *sqlRun) end(sweep *Sweep) error {
	p := Page{Body: []byte("[]"), Columns: []string{}, Pass: passChanged, Sweep: sweep}
	if sweep != nil {
		p.Pass, p.Keys = sweep.Pass, sweep.Keys
	}
	var err error
	if p.State, err = u.state.marshal(); err != nil {
		return err
	}
	return u.hand(p)
}

// hand passes a page on.
func (u *sqlRun) hand(p Page) error {
	u.pages++
	p.Source, p.Stream, p.Ordinal = u.r.src.name, u.st.name, u.pages
	p.URL, p.FetchedAt = u.r.url(u.st.name), u.r.src.opts.Now().UTC()
	if !u.yield(p, nil) {
		return errStopped
	}
	return nil
}
