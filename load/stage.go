package load

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"golang.org/x/sync/errgroup"

	"huikuan/transform/schema"
)

const nextSuffix = "__next"

// Stage collects rebuilt tables beside the serving ones and exchanges them all
// at once. One database has one stage at a time. Its methods may be called from
// one goroutine at a time.
type Stage struct {
	w       *Warehouse
	buildID string
	order   []string
	tables  map[string]*staged
	kept    *keepIntent
	plan    *intent             // once it is saved
	ids     map[string]string   // UUIDs of all tables as the stage began, by name
	empty   map[string]bool     // which of them had no rows
	bases   map[string]string   // by table, see Carry
	began   map[string][]string // by table, see Began; once carrying has ended
	// carrying is what Carry leaves to the engine while others go on; nil without.
	carrying  func() error
	stop      context.CancelFunc // ends it
	remembers bool               // what it sends stays at hand, see athand.go
	mu        sync.Mutex
	done      bool
}

type staged struct {
	table  schema.Table
	buffer []arrow.Record // retained
	sent   []arrow.Record // the same, of a stage that remembers
	rows   int64
	bytes  int
	total  int64
	sends  int
	// later makes the table once rows come, see Carry; without any the one that
	// serves goes on serving. nil: it is there.
	later func(context.Context) error
}

// NewStage finishes a publication that was interrupted, drops the leftovers of
// crashed builds and creates an empty <table>__next for every table. A serving
// table that does not exist yet is created empty. buildID goes into the
// deduplication tokens. At most one table is kept: its rows go into a ledger when
// they are published.
func (w *Warehouse) NewStage(ctx context.Context, buildID string, tables []schema.Table, kept ...KeptTable) (*Stage, error) {
	if err := w.FinishPublish(ctx); err != nil {
		return nil, err
	}
	return w.NewStageFor(ctx, buildID, tables, nil, nil, kept...)
}

// NewStageFor is NewStage for a build that fills some of the tables by
// [Stage.Carry]: their staged ones are made there. Tables among same go on serving
// as they are. The caller has called [Warehouse.FinishPublish] and read what
// serves since.
func (w *Warehouse) NewStageFor(ctx context.Context, buildID string, tables []schema.Table, carried []CarriedTable, same []string, kept ...KeptTable) (*Stage, error) {
	doing := "stage build " + buildID
	s := &Stage{w: w, buildID: buildID, tables: map[string]*staged{}, bases: map[string]string{}}
	ids, empty, err := w.list(ctx)
	if err != nil {
		return nil, err
	}
	s.ids, s.empty = ids, empty
	var made [][]string
	for _, t := range tables {
		if t.Class == schema.Document {
			return nil, &Error{Kind: ErrStage, Doing: doing, Cause: "table " + t.Name + " holds documents, which are replaced row by row", Remedy: "load it with Insert"}
		}
		if ids[w.storage(t.Name+nextSuffix)] != "" || w.opts.Profile == Cluster {
			if err := w.dropStaged(ctx, t.Name); err != nil {
				return nil, w.explain(doing, err)
			}
		}
		if ids[t.Name] != "" && slices.Contains(same, t.Name) {
			continue
		}
		if ids[t.Name] == "" || w.opts.Profile == Cluster {
			if err := w.execAll(ctx, w.render().table(t, t.Name)); err != nil {
				return nil, w.explain(doing, err)
			}
		}
		if !slices.ContainsFunc(carried, func(c CarriedTable) bool { return c.Name == t.Name }) {
			ddl := w.render().table(t, t.Name+nextSuffix)
			for _, k := range kept {
				if k.Table == t.Name {
					ddl = s.keepTable(k, t)
				}
			}
			made = append(made, ddl)
		}
		w.forget(t.Name)
		w.expect(t.Name+nextSuffix, t.Columns)
		s.order = append(s.order, t.Name)
		s.tables[t.Name] = &staged{table: t}
	}
	var group errgroup.Group // no statement is given up for another's error: its table would come into being later
	group.SetLimit(atOnce)
	for _, ddl := range made {
		group.Go(func() error { return w.execAll(ctx, ddl) })
	}
	if err := group.Wait(); err != nil {
		return nil, w.explain(doing, err)
	}
	return s, nil
}

// Name is the staged name of a table, for models and tests that read it before
// it is published; of a table that goes on serving, its own.
func (s *Stage) Name(table string) string {
	if t := s.tables[table]; t == nil || t.later != nil {
		return table
	}
	return table + nextSuffix
}

// Rows is the number of rows written to a table so far.
func (s *Stage) Rows(table string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.tables[table]; t != nil {
		return t.total
	}
	return 0
}

// Write adds a record to a staged table. Small records are gathered, up to the
// limits of an insert; Write retains them until they are sent.
func (s *Stage) Write(ctx context.Context, table string, rec arrow.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.open(table)
	if err != nil {
		return err
	}
	return s.write(ctx, t, rec)
}

func (s *Stage) write(ctx context.Context, t *staged, rec arrow.Record) error {
	if rec.NumRows() == 0 {
		return nil
	}
	if t.later != nil {
		if err := t.later(ctx); err != nil {
			return err
		}
		t.later = nil
	}
	size := sizeOf(rec)
	if t.rows > 0 && (t.rows+rec.NumRows() > int64(stagedTimes*s.w.opts.MaxInsertRows) || t.bytes+size > stagedTimes*s.w.opts.MaxInsertBytes) {
		if err := s.flush(ctx, t); err != nil {
			return err
		}
	}
	rec.Retain()
	t.buffer = append(t.buffer, rec)
	t.rows, t.bytes, t.total = t.rows+rec.NumRows(), t.bytes+size, t.total+rec.NumRows()
	if gathered, largest := s.gathered(); gathered > stagedInserts*s.w.opts.MaxInsertBytes {
		return s.flush(ctx, largest)
	}
	return nil
}

// stagedTimes is how many times as large as others the inserts of a stage may be:
// every insert is a part, and each part of a table costs each query of it, and each
// build that carries it over, a millisecond or more.
const stagedTimes = 3

// stagedInserts is how many inserts of full size a stage gathers at most, over
// all its tables: many tables that are half full would hold a gigabyte.
const stagedInserts = 8

// gathered is how many bytes wait to be sent, and the table with most of them.
func (s *Stage) gathered() (bytes int, largest *staged) {
	for _, name := range s.order {
		t := s.tables[name]
		if bytes += t.bytes; largest == nil || t.bytes > largest.bytes {
			largest = t
		}
	}
	return bytes, largest
}

// Flush sends what Write has gathered, so that the staged tables can be read.
func (s *Stage) Flush(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.wait(); err != nil {
		return err
	}
	return s.flushAll(ctx)
}

// flushAll sends small inserts two at a time: each of them keeps the engine waiting
// for its files. Large ones keep its cores busy, and take memory.
func (s *Stage) flushAll(ctx context.Context) error {
	group, all := errgroup.WithContext(ctx)
	group.SetLimit(1)
	if bytes, _ := s.gathered(); bytes <= stagedTimes*s.w.opts.MaxInsertBytes {
		group.SetLimit(atOnce)
	}
	for _, name := range s.order {
		group.Go(func() error { return s.flush(all, s.tables[name]) })
	}
	return group.Wait()
}

func (s *Stage) open(table string) (*staged, error) {
	doing := fmt.Sprintf("write %s of build %s", table, s.buildID)
	if s.done {
		return nil, &Error{Kind: ErrStage, Doing: doing, Cause: "the build was published or aborted already", Remedy: "begin a new stage"}
	}
	t := s.tables[table]
	if t == nil {
		return nil, &Error{Kind: ErrStage, Doing: doing, Cause: "this stage has no such table", Remedy: "name it when the stage is created"}
	}
	return t, nil
}

// flush keeps the buffer on an error: the same call again sends the same rows
// under the same token.
func (s *Stage) flush(ctx context.Context, t *staged) error {
	if t.rows == 0 {
		return nil
	}
	if err := s.wait(); err != nil {
		return err
	}
	token := fmt.Sprintf("%s/%s/%d/%d", s.buildID, t.table.Name, t.sends+1, t.total) // rows are only added: their number tells what they are
	if _, err := s.w.insert(ctx, t.table.Name+nextSuffix, token, true, t.buffer...); err != nil {
		return err
	}
	t.sends++
	if s.remembers {
		t.sent, t.buffer = append(t.sent, t.buffer...), nil
	}
	t.clear()
	return nil
}

// clear lets go of what waits to be sent.
func (t *staged) clear() {
	for _, rec := range t.buffer {
		rec.Release()
	}
	t.buffer, t.rows, t.bytes = nil, 0, 0
}

func (t *staged) drop() {
	t.clear()
	for _, rec := range t.sent {
		rec.Release()
	}
	t.sent = nil
}

// Abort drops the staged tables; the serving ones stay as they are. After
// Publish it does nothing, so it may be deferred.
func (s *Stage) Abort(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done {
		return nil
	}
	s.done = true
	if s.carrying != nil { // nothing may come into being any more
		s.stop()
		_ = s.carrying()
	}
	for _, name := range s.order {
		s.tables[name].drop()
	}
	return s.w.explain("abort build "+s.buildID, s.w.dropStaged(ctx, s.order...))
}

// storage is the table that an exchange has to move: on a cluster the local one,
// the Distributed table above it names its target and stays.
func (w *Warehouse) storage(name string) string {
	if w.opts.Profile == Cluster {
		return name + localSuffix
	}
	return name
}

func (w *Warehouse) uuids(ctx context.Context) (map[string]string, error) {
	ids, _, err := w.list(ctx)
	return ids, err
}

// list tells the UUIDs of the tables, and which have no rows.
func (w *Warehouse) list(ctx context.Context) (ids map[string]string, empty map[string]bool, err error) {
	ids, empty = map[string]string{}, map[string]bool{}
	err = w.each(ctx, "SELECT name, toString(uuid), ifNull(total_rows, toUInt64(1)) FROM system.tables WHERE database = "+literal(w.database), func(row []any) error {
		name := row[0].(string)
		ids[name], empty[name] = row[1].(string), row[2].(uint64) == 0
		return nil
	})
	return ids, empty, w.explain("list the tables", err)
}

func (w *Warehouse) dropStaged(ctx context.Context, tables ...string) error {
	r := w.render()
	var names []string
	for _, t := range tables {
		names = append(names, r.name(t+nextSuffix))
		if w.opts.Profile == Cluster {
			names = append(names, r.name(t+nextSuffix+localSuffix))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return w.conn.Exec(ctx, "DROP TABLE IF EXISTS "+strings.Join(names, ", ")+r.onCluster()+" SYNC")
}
