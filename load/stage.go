package load

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/transform/schema"
)

// How a publication survives a crash
//
//  1. All tables are written beside the serving ones, as <table>__next.
//  2. The intent is saved: which staged tables (by UUID) belong to the build.
//  3. The tables are exchanged one after another. Each exchange is atomic; a
//     reader sees one table old or new, never empty or half.
//  4. The intent is withdrawn, the old tables are dropped.
//
// A crash before 2 leaves the old tables serving; the leftovers are dropped by
// the next stage. A crash within 3 leaves an intent: the next stage, or
// [Warehouse.FinishPublish], exchanges those tables whose staged UUID does not
// serve yet. An exchange that was done already is known by its UUID, so it is
// never turned back.

const (
	nextSuffix    = "__next"
	publishSource = "_publish" // under which the intent is kept among the cursors
)

// Stage collects rebuilt tables beside the serving ones and exchanges them all
// at once. One database has one stage at a time. Its methods may be called from
// one goroutine at a time.
type Stage struct {
	w       *Warehouse
	buildID string
	order   []string
	tables  map[string]*staged
	kept    *keepIntent
	bases   map[string]string // by table, see Carry
	mu      sync.Mutex
	done    bool
}

type staged struct {
	table  schema.Table
	buffer []arrow.Record // retained
	rows   int64
	bytes  int
	total  int64
	sends  int
}

// NewStage finishes a publication that was interrupted, drops the leftovers of
// crashed builds and creates an empty <table>__next for every table. A serving
// table that does not exist yet is created empty. buildID goes into the
// deduplication tokens.
func (w *Warehouse) NewStage(ctx context.Context, buildID string, tables []schema.Table) (*Stage, error) {
	return w.NewStageFor(ctx, buildID, tables, nil)
}

// NewStageFor is NewStage for a build that fills some of the tables by
// [Stage.Carry]: their staged ones are made there.
func (w *Warehouse) NewStageFor(ctx context.Context, buildID string, tables []schema.Table, carried []CarriedTable) (*Stage, error) {
	doing := "stage build " + buildID
	if err := w.FinishPublish(ctx); err != nil {
		return nil, err
	}
	s := &Stage{w: w, buildID: buildID, tables: map[string]*staged{}, bases: map[string]string{}}
	ids, err := w.uuids(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		if t.Class == schema.Document {
			return nil, &Error{Kind: ErrStage, Doing: doing, Cause: "table " + t.Name + " holds documents, which are replaced row by row", Remedy: "load it with Insert"}
		}
		if ids[w.storage(t.Name+nextSuffix)] != "" || w.opts.Profile == Cluster {
			if err := w.dropStaged(ctx, t.Name); err != nil {
				return nil, w.explain(doing, err)
			}
		}
		if err := w.execAll(ctx, w.render().table(t, t.Name)); err != nil {
			return nil, w.explain(doing, err)
		}
		if !slices.ContainsFunc(carried, func(c CarriedTable) bool { return c.Name == t.Name }) {
			if err := w.execAll(ctx, w.render().table(t, t.Name+nextSuffix)); err != nil {
				return nil, w.explain(doing, err)
			}
		}
		w.forget(t.Name, t.Name+nextSuffix)
		s.order = append(s.order, t.Name)
		s.tables[t.Name] = &staged{table: t}
	}
	return s, nil
}

// Name is the staged name of a table, for models and tests that read it before
// it is published.
func (s *Stage) Name(table string) string { return table + nextSuffix }

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
	if err != nil || rec.NumRows() == 0 {
		return err
	}
	size := sizeOf(rec)
	if t.rows > 0 && (t.rows+rec.NumRows() > int64(s.w.opts.MaxInsertRows) || t.bytes+size > s.w.opts.MaxInsertBytes) {
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

// stagedInserts is how many inserts of full size a stage gathers at most, over
// all its tables: many tables that are half full would hold a gigabyte.
const stagedInserts = 4

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
	return s.flushAll(ctx)
}

func (s *Stage) flushAll(ctx context.Context) error {
	for _, name := range s.order {
		if err := s.flush(ctx, s.tables[name]); err != nil {
			return err
		}
	}
	return nil
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
	token := fmt.Sprintf("%s/%s/%d", s.buildID, t.table.Name, t.sends+1)
	if _, err := s.w.Insert(ctx, t.table.Name+nextSuffix, token, t.buffer...); err != nil {
		return err
	}
	t.sends++
	t.drop()
	return nil
}

func (t *staged) drop() {
	for _, rec := range t.buffer {
		rec.Release()
	}
	t.buffer, t.rows, t.bytes = nil, 0, 0
}

// Publish sends what is left, exchanges every table with its serving twin and
// drops the old ones. After an error the build may be partly published; Publish
// again, FinishPublish or the next NewStage completes it.
func (s *Stage) Publish(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done {
		return nil
	}
	if err := s.flushAll(ctx); err != nil {
		return err
	}
	if err := s.intendToKeep(ctx); err != nil {
		return err
	}
	if err := s.w.intend(ctx, s.buildID, s.order, s.bases); err != nil {
		return err
	}
	if err := s.w.FinishPublish(ctx); err != nil {
		return err
	}
	s.done = true
	return s.renewDistributed(ctx)
}

// renewDistributed gives a cluster's Distributed tables the columns of the
// local tables that an exchange has put below them.
func (s *Stage) renewDistributed(ctx context.Context) error {
	if s.w.opts.Profile != Cluster {
		return nil
	}
	have, err := s.w.describe(ctx, s.order...)
	if err != nil {
		return s.w.explain("publish build "+s.buildID, err)
	}
	for _, name := range s.order {
		t := s.tables[name].table
		if have[name] != nil && sameLayout(t.Columns, have[name].columns) {
			continue
		}
		if err := s.w.Exec(ctx, s.w.render().distributed("CREATE OR REPLACE TABLE", t, name)); err != nil {
			return err
		}
	}
	return nil
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
	for _, name := range s.order {
		s.tables[name].drop()
	}
	for _, name := range s.order {
		if err := s.w.dropStaged(ctx, name); err != nil {
			return s.w.explain("abort build "+s.buildID, err)
		}
	}
	return nil
}

// intent is what a publication means to exchange: staged tables by UUID.
type intent struct {
	Build  string            `json:"build"`
	Tables map[string]string `json:"tables"` // serving name → UUID of the staged table
	Order  []string          `json:"order"`
	Bases  map[string]string `json:"bases,omitempty"` // serving name → UUID of the table to stay as its base
}

// intend saves the intent, unless this very one is saved already.
func (w *Warehouse) intend(ctx context.Context, buildID string, order []string, bases map[string]string) error {
	saved, err := w.LoadState(ctx, publishSource, "", "")
	if err != nil {
		return err
	}
	var before intent
	if len(saved) > 0 && json.Unmarshal(saved, &before) == nil && before.Build == buildID && slices.Equal(before.Order, order) {
		return nil
	}
	ids, err := w.uuids(ctx)
	if err != nil {
		return err
	}
	plan := intent{Build: buildID, Tables: map[string]string{}, Order: order, Bases: bases}
	for _, name := range order {
		id, ok := ids[w.storage(name+nextSuffix)]
		if !ok {
			return &Error{Kind: ErrStage, Doing: "publish build " + buildID, Cause: "the staged table of " + name + " is gone", Remedy: "build again; was another build running on this database?"}
		}
		plan.Tables[name] = id
	}
	text, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	return w.SaveState(ctx, publishSource, "", "", text, buildID)
}

// FinishPublish completes a publication that was interrupted between two
// exchanges, or before what it published was kept. Without one it does nothing.
func (w *Warehouse) FinishPublish(ctx context.Context) error {
	known, err := w.describe(ctx, stateTable)
	if err != nil || len(known) == 0 {
		return w.explain("look for an interrupted publication", err)
	}
	if err := w.finishExchange(ctx); err != nil {
		return err
	}
	return w.finishKeep(ctx)
}

func (w *Warehouse) finishExchange(ctx context.Context) error {
	saved, err := w.LoadState(ctx, publishSource, "", "")
	if err != nil || len(saved) == 0 {
		return err
	}
	var plan intent
	if err := json.Unmarshal(saved, &plan); err != nil {
		return fmt.Errorf("read the intent of an interrupted publication: %w", err)
	}
	if err := w.exchangeAll(ctx, plan); err != nil {
		return w.explain("publish build "+plan.Build, err)
	}
	if err := w.keepBases(ctx, plan); err != nil {
		return w.explain("keep the tables that build "+plan.Build+" began from", err)
	}
	if err := w.ForgetState(ctx, publishSource, "", plan.Build); err != nil {
		return err
	}
	for _, name := range plan.Order {
		if err := w.dropStaged(ctx, name); err != nil {
			return w.explain("drop the old tables of build "+plan.Build, err)
		}
	}
	return nil
}

// exchangeAll exchanges the tables whose staged twin does not serve yet.
func (w *Warehouse) exchangeAll(ctx context.Context, plan intent) error {
	ids, err := w.uuids(ctx)
	if err != nil {
		return err
	}
	r := w.render()
	for _, name := range plan.Order {
		serving, next := w.storage(name), w.storage(name+nextSuffix)
		w.forget(name, name+nextSuffix)
		if ids[serving] == plan.Tables[name] || ids[next] != plan.Tables[name] {
			continue // done before the crash; or a later build has replaced the staged table
		}
		sql := fmt.Sprintf("EXCHANGE TABLES %s AND %s%s", r.name(serving), r.name(next), r.onCluster())
		if err := w.conn.Exec(ctx, sql); err != nil {
			return err
		}
		w.log.Debug("published", "table", name, "build", plan.Build)
	}
	return nil
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
	ids := map[string]string{}
	err := w.each(ctx, "SELECT name, toString(uuid) FROM system.tables WHERE database = "+literal(w.database), func(row []any) error {
		ids[row[0].(string)] = row[1].(string)
		return nil
	})
	return ids, w.explain("list the tables", err)
}

func (w *Warehouse) dropStaged(ctx context.Context, name string) error {
	r := w.render()
	names := []string{name + nextSuffix}
	if w.opts.Profile == Cluster {
		names = append(names, name+nextSuffix+localSuffix)
	}
	for _, n := range names {
		if err := w.conn.Exec(ctx, "DROP TABLE IF EXISTS "+r.name(n)+r.onCluster()+" SYNC"); err != nil {
			return err
		}
	}
	return nil
}
