package extract

import "context"

// position is the place of a page that is read by offset.
type position struct {
	number, offset int
	key            keyPosition
}

func (p *pager) position() position { return position{p.number, p.offset, p.key} }

// flight is a page that was asked for before it is known whether it is needed.
type flight struct {
	at     position
	held   *lease
	cancel context.CancelFunc
	done   chan struct{}
	answer answer
	err    error
}

// flights are the pages of a walker that are being fetched, in order.
type flights struct {
	list  []*flight
	total int // records there are, as far as it is known; 0 = it is not
}

// end drops all of them and returns when none is under way any more.
func (f *flights) end() {
	for _, x := range f.list {
		x.cancel()
	}
	for _, x := range f.list {
		if <-x.done; x.err == nil {
			x.answer.free()
		}
		x.held.end()
	}
	f.list = nil
}

// fetch returns the page at which the pager stands. By offset, the pages behind
// it are asked for at the same time; if one turns out to begin elsewhere, since
// the one before was shorter than thought, they are thrown away and asked anew.
func (w *walker) fetch(ctx context.Context) (answer, *lease, error) {
	f := &w.flights
	at := w.pager.position()
	if len(f.list) > 0 && !w.same(f.list[0].at, at) {
		f.end()
	}
	if len(f.list) == 0 {
		held, err := w.m.take(ctx, w.lane)
		if err != nil {
			return answer{}, nil, err
		}
		if w.st.paging.kind != "offset" || w.st.pagesAtOnce == 1 {
			a, err := w.ask(ctx, &w.pager)
			if err != nil {
				held.end()
			}
			return a, held, err
		}
		f.list = append(f.list, w.launch(ctx, at, held))
	}
	w.ahead(ctx)
	first := f.list[0]
	<-first.done
	f.list = f.list[1:]
	first.cancel()
	if first.err != nil {
		first.held.end()
	}
	return first.answer, first.held, first.err
}

// estimate learns how many records there are, where the source tells, so that
// pages asked for ahead do not pass the end.
func (w *walker) estimate(ctx context.Context) {
	if w.st.count == nil || w.parent != nil || w.st.paging.kind != "offset" || w.st.pagesAtOnce == 1 {
		return
	}
	data, err := w.data(&w.pager)
	if err != nil {
		return
	}
	if n, err := w.r.number(ctx, w.st.count, data); err == nil {
		w.flights.total = int(n)
	}
}

// same says whether two positions ask for the same page.
func (w *walker) same(a, b position) bool {
	if !w.st.request.names("page", "offset") {
		a.offset, b.offset = 0, 0
	}
	return a == b
}

// ahead asks for pages behind those that are under way, as far as there is room
// for them. Before the first answer it is not known how long a page is.
func (w *walker) ahead(ctx context.Context) {
	if w.pager.pages == 0 {
		return
	}
	f := &w.flights
	for len(f.list) < w.st.pagesAtOnce {
		at := f.list[len(f.list)-1].at
		at.number++
		at.offset += w.pager.full
		if f.total > 0 && at.offset >= f.total || w.st.paging.cap > 0 && w.pager.window+at.offset-w.pager.offset+w.pager.full > w.st.paging.cap {
			return
		}
		held := w.m.try()
		if held == nil {
			return
		}
		f.list = append(f.list, w.launch(ctx, at, held))
	}
}

func (w *walker) launch(ctx context.Context, at position, held *lease) *flight {
	ctx, cancel := context.WithCancel(ctx)
	x := &flight{at: at, held: held, cancel: cancel, done: make(chan struct{})}
	p := w.pager
	p.number, p.offset = at.number, at.offset
	go func() {
		defer close(x.done)
		x.answer, x.err = w.ask(ctx, &p)
	}()
	return x
}
