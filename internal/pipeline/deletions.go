package pipeline

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/extract"
	"huikuan/internal/progress"
	"huikuan/load"
	"huikuan/transform/canonical"
	"huikuan/transform/mapping"
)

// replacement is a page that holds all rows of its parents.
type replacement struct {
	parents *load.Parents
	version uint64   // of the page's rows
	spared  []string // keys of records that were rejected: their rows stay
	blind   bool     // a rejected record has no key, so nobody knows which row to spare
}

func newReplacement(parents *load.Parents, version uint64, rejects []mapping.Reject) replacement {
	r := replacement{parents: parents, version: version}
	for _, reject := range rejects {
		if reject.Key == "" {
			r.blind = true
		}
		r.spared = append(r.spared, reject.Key)
	}
	return r
}

// replacing is what a table loses to the pages of one gathering: by parent the
// version below which its rows are gone.
type replacing struct {
	table    string
	stream   string // that gave the rows; empty = the one that is read
	column   string
	versions map[string]uint64
	spared   []string
}

// byTable puts the replacements of a gathering together, so that a table is
// searched once for all of its pages.
func byTable(replaced []replacement) (out map[string]*replacing, blind int) {
	out = map[string]*replacing{}
	for _, r := range replaced {
		if r.blind {
			blind++
			continue
		}
		for _, table := range r.parents.Tables {
			key := strings.Join([]string{table, r.parents.Column, r.parents.Stream}, "\x00")
			t := out[key]
			if t == nil {
				t = &replacing{table: table, stream: r.parents.Stream, column: r.parents.Column, versions: map[string]uint64{}}
				out[key] = t
			}
			for _, parent := range r.parents.Values {
				t.versions[parent] = max(t.versions[parent], r.version)
			}
			t.spared = append(t.spared, r.spared...)
		}
	}
	return out, blind
}

// owner says whose rows go.
func (t *replacing) owner(st stream) load.Owner {
	if t.stream == "" {
		return st.owner(t.table)
	}
	return load.Owner{Source: st.source.Name, Stream: t.stream}
}

// replace deletes what did not come again with its parent. It follows the
// insert of the pages, whose rows have the versions that stay.
func (l *loader) replace(replaced []replacement) error {
	tables, blind := byTable(replaced)
	if blind > 0 {
		l.notices = append(l.notices, "rows that are gone with a page were kept, since a record on it was rejected without a key: mend the mapping and run `huikuan replay`")
	}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		t := tables[name]
		d := load.Deletion{Owner: t.owner(l.st), Table: t.table, RunID: l.run, By: "replaced"}
		n, err := l.app.wh.DeleteReplaced(l.ctx, d, t.column, t.versions, t.spared)
		l.deleted += n
		if err != nil {
			return err
		}
	}
	return nil
}

// seenKeys are the keys of a table that one page of a pass for keys met.
type seenKeys struct {
	table string
	at    time.Time
	keys  []string
}

// keys gathers the keys on a page; its rows are not loaded.
func (g *gathering) keys(p extract.Page, out mapping.Output) {
	defer out.Release()
	for _, b := range out.Batches {
		t, ok := canonical.Lookup(b.Table)
		if !ok {
			continue
		}
		var columns []arrow.Array
		for _, name := range t.Key {
			columns = append(columns, b.Record.Column(b.Record.Schema().FieldIndices(name)[0]))
		}
		s := seenKeys{table: b.Table, at: p.FetchedAt, keys: make([]string, b.Record.NumRows())}
		for row := range s.keys {
			s.keys[row] = load.JoinKey(values(columns, row)...)
			g.bytes += int64(len(s.keys[row]))
		}
		g.seen = append(g.seen, s)
		g.rows += len(s.keys)
	}
}

func (l *loader) writeSeen(g *gathering, where string) error {
	for i, s := range g.seen {
		if err := l.app.wh.WriteSeenKeys(l.ctx, l.st.source.Name, l.st.name, s.table, fmt.Sprintf("%s/keys/%d", where, i), s.at, s.keys); err != nil {
			return err
		}
		l.seen[s.table] = true
	}
	return nil
}

// sweep ends a pass that met everything.
type sweep struct {
	extract.Sweep
	version uint64 // of the deletions
}

// sweep takes the page that ends a pass: everything before it is written first.
func (l *loader) sweep(p extract.Page) error {
	if p.FetchedAt.IsZero() {
		p.FetchedAt = l.app.now()
	}
	l.state.Version = nextVersion(l.state.Version, p.FetchedAt)
	g := l.gather(p)
	g.sweep = &sweep{Sweep: *p.Sweep, version: l.state.Version}
	if p.State != nil {
		l.state.Cursor = json.RawMessage(p.State) // not Base: the guard may go back behind the pass
	}
	g.state = l.state
	return l.flush()
}

// GuardError says that a comparison with the source would have deleted more
// rows than it may unasked.
type GuardError struct {
	Source, Stream, Pass, Table string
	Rows, Gone                  int64
	Share                       float64 // allowed
}

func (e *GuardError) Error() string {
	return fmt.Sprintf("sync %s/%s: the pass %q did not meet %s of the %s rows of %s, more than sync.max_deleted_share (%g) lets it delete: nothing was deleted. "+
		"The rights of the source's user may have shrunk; if the rows are gone indeed, run `huikuan sync %s --stream %s --accept-deletions`",
		e.Source, e.Stream, e.Pass, progress.Count(e.Gone), progress.Count(e.Rows), e.Table, e.Share, e.Source, e.Stream)
}

// How many rows a sweep may always delete, and how many a pass that met nothing
// at all may.
const (
	freeDeletions  = 100
	emptyDeletions = 10
)

// guarded says whether a sweep would delete more than it may.
func (l *loader) guarded(s load.Share, met int64) bool {
	if l.accept || s.Gone == 0 {
		return false
	}
	if met == 0 && s.Gone > emptyDeletions {
		return true
	}
	return s.Gone > freeDeletions && float64(s.Gone) > l.app.cfg.Sync.MaxDeletedShare*float64(s.Rows)
}

// writeSweep deletes what a pass did not meet, notes what the tables lack, and
// moves the cursor behind the pass. Where the guard says no, the cursor goes
// back before it.
func (l *loader) writeSweep(g *gathering) error {
	begun := *g.sweep
	var err error
	if reason, stop, e := l.unsafe(begun); e != nil {
		return e
	} else if stop {
		l.notices = append(l.notices, reason)
	} else if begun.Keys {
		err = l.sweepKeys(g)
	} else {
		err = l.sweepFull(begun)
	}
	if guard, ok := err.(*GuardError); ok {
		g.state.Cursor = g.state.Base
		if err := l.app.saveState(l.ctx, l.st, g.state, l.run); err != nil {
			return err
		}
		return guard
	}
	if err != nil {
		return err
	}
	if err := l.app.saveState(l.ctx, l.st, g.state, l.run); err != nil {
		return err
	}
	l.written = g.state
	if begun.Keys { // only now: a process killed before it compares them again
		return l.app.wh.ForgetKeys(l.ctx, l.st.source.Name, l.st.name, false)
	}
	return nil
}

// unsafe says why the end of a pass must delete nothing.
func (l *loader) unsafe(s sweep) (reason string, stop bool, err error) {
	n, err := l.app.wh.CountRejected(l.ctx, load.RejectFilter{Source: l.st.source.Name, Stream: l.st.name, Since: s.Began, Resolved: true})
	switch {
	case err != nil:
		return "", true, err
	case n > 0:
		return fmt.Sprintf("the pass %q deleted nothing, since %s of its records were rejected and their rows are not known to be gone", s.Pass, progress.Count(n)), true, nil
	case s.Keys && l.app.now().Sub(s.Began) > (load.SeenKeysDays-1)*24*time.Hour:
		return fmt.Sprintf("the pass %q took longer than %d days, so what it met first is forgotten: nothing was deleted", s.Pass, load.SeenKeysDays-1), true, nil
	}
	return "", false, nil
}

func (l *loader) sweepFull(s sweep) error {
	before := versionAt(s.Began)
	for _, check := range []bool{true, false} { // all tables are looked at before one is touched
		for _, table := range l.st.tables {
			share, err := l.app.wh.Stale(l.ctx, table, l.st.owner(table), before)
			if err != nil {
				return err
			}
			if check {
				if l.guarded(share, share.Rows-share.Gone) {
					return l.guard(s, table, share)
				}
				continue
			}
			n, err := l.app.wh.DeleteStale(l.ctx, l.deletion(table, s), before, s.version)
			l.deleted += n
			if err != nil {
				return err
			}
		}
	}
	return l.sweepParts(s, l.st.tables)
}

func (l *loader) sweepKeys(g *gathering) error {
	s, tables, before := *g.sweep, l.st.keys.Tables(), versionAt(g.sweep.Began)
	for _, table := range tables {
		met, err := l.app.wh.SeenKeys(l.ctx, table, l.st.owner(table), s.Began)
		if err != nil {
			return err
		}
		if met == 0 && l.seen[table] { // they expire by the engine's clock
			return fmt.Errorf("compare %s/%s: the keys of %s that the pass %q met are gone from the warehouse before they were compared, so nothing was deleted: is the clock of this machine or of the warehouse days off?",
				l.st.source.Name, l.st.name, table, s.Pass)
		}
		share, err := l.app.wh.Unseen(l.ctx, table, l.st.owner(table), s.Began, before)
		if err != nil {
			return err
		}
		if l.guarded(share, met) {
			return l.guard(s, table, share)
		}
	}
	for _, table := range tables {
		n, err := l.app.wh.DeleteUnseen(l.ctx, l.deletion(table, s), s.Began, before, s.version)
		l.deleted += n
		if err != nil {
			return err
		}
		lost, err := l.app.wh.SuspectLost(l.ctx, table, tables, l.st.owner(table), s.Began, l.run)
		if err != nil {
			return err
		}
		if lost > 0 && g.state.Lost == lostNone {
			g.state.Lost = lostSuspected
		}
	}
	return l.sweepParts(s, tables)
}

func (l *loader) deletion(table string, s sweep) load.Deletion {
	return load.Deletion{Owner: l.st.owner(table), Table: table, RunID: l.run, By: s.Pass}
}

func (l *loader) guard(s sweep, table string, share load.Share) error {
	return &GuardError{Source: l.st.source.Name, Stream: l.st.name, Pass: s.Pass, Table: table, Rows: share.Rows, Gone: share.Gone, Share: l.app.cfg.Sync.MaxDeletedShare}
}
