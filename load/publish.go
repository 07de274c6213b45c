package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
)

// How a publication survives a crash
//
//  1. All tables are written beside the serving ones, as <table>__next.
//  2. The intent is saved: which staged tables (by UUID) belong to the build.
//  3. The tables are exchanged one after another. Each exchange is atomic; a
//     reader sees one table old or new, never empty or half.
//  4. What the build told is kept (kept.go), the old tables are dropped, and the
//     intent is withdrawn.
//
// A crash before 2 leaves the old tables serving; the leftovers are dropped by
// the next stage. A crash after it leaves an intent: the next stage, or
// [Warehouse.FinishPublish], exchanges those tables whose staged UUID does not
// serve yet, and does the rest. An exchange that was done already is known by its
// UUID, so it is never turned back.

const publishSource = "_publish" // under which the intent is stored among the cursors

// intent is what a publication means to exchange: staged tables by UUID.
type intent struct {
	Build  string            `json:"build"`
	Tables map[string]string `json:"tables"` // serving name → UUID of the staged table
	Order  []string          `json:"order"`
	Bases  map[string]string `json:"bases,omitempty"` // serving name → UUID of the table to stay as its base
	Keep   *keepIntent       `json:"keep,omitempty"`
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
	if err := s.wait(); err != nil {
		return err
	}
	if err := s.flushAll(ctx); err != nil {
		return err
	}
	ids, err := s.w.uuids(ctx)
	if err != nil {
		return err
	}
	again := s.plan != nil // what stands beside may be the old tables by now
	if !again {
		plan, err := s.intent(ids)
		if err != nil {
			return err
		}
		text, err := json.Marshal(plan)
		if err != nil {
			return err
		}
		if err := s.w.SaveState(ctx, publishSource, "", "", text, s.buildID); err != nil {
			return err
		}
		s.plan = &plan
	}
	if err := s.w.complete(ctx, *s.plan, ids, again); err != nil {
		return err
	}
	s.done = true
	s.handOver(s.plan.Tables)
	return s.renewDistributed(ctx)
}

// intent tells what the stage means to exchange.
func (s *Stage) intent(ids map[string]string) (intent, error) {
	plan := intent{Build: s.buildID, Tables: map[string]string{}, Bases: s.bases, Keep: s.kept}
	for _, name := range s.order {
		if s.tables[name].later != nil {
			continue // it goes on serving
		}
		plan.Order = append(plan.Order, name)
		id, ok := ids[s.w.storage(name+nextSuffix)]
		if !ok {
			return plan, &Error{Kind: ErrStage, Doing: "publish build " + s.buildID, Cause: "the staged table of " + name + " is gone", Remedy: "build again; was another build running on this database?"}
		}
		plan.Tables[name] = id
	}
	if plan.Keep != nil {
		plan.Keep.UUID = plan.Tables[plan.Keep.Table]
	}
	return plan, nil
}

// FinishPublish completes a publication that was interrupted between two
// exchanges, or before what it published was kept. Without one it does nothing.
func (w *Warehouse) FinishPublish(ctx context.Context) error {
	if _, err := w.target(ctx, stateTable); err != nil {
		var missing *Error
		if errors.As(err, &missing) && missing.Kind == ErrMissing {
			return nil
		}
		return w.explain("look for an interrupted publication", err)
	}
	saved, err := w.LoadState(ctx, publishSource, "", "")
	if err != nil || len(saved) == 0 {
		return err
	}
	var plan intent
	if err := json.Unmarshal(saved, &plan); err != nil {
		return fmt.Errorf("read the intent of an interrupted publication: %w", err)
	}
	ids, err := w.uuids(ctx)
	if err != nil {
		return err
	}
	return w.complete(ctx, plan, ids, true)
}

// complete does what an intent says and has not been done yet, and withdraws it.
// ids are the tables that there are; again says that it may have begun before.
func (w *Warehouse) complete(ctx context.Context, plan intent, ids map[string]string, again bool) error {
	ids = maps.Clone(ids)
	if err := w.exchangeAll(ctx, plan, ids); err != nil {
		return w.explain("publish build "+plan.Build, err)
	}
	if err := w.keepBases(ctx, plan, ids); err != nil {
		return w.explain("keep the tables that build "+plan.Build+" began from", err)
	}
	if k := plan.Keep; k != nil && k.UUID != "" && ids[w.storage(k.Table)] == k.UUID {
		if err := w.keep(ctx, *k, again); err != nil {
			return w.explain(fmt.Sprintf("keep %s of build %s", k.Table, k.Build), err)
		}
	}
	var old []string
	for _, name := range plan.Order {
		if ids[w.storage(name+nextSuffix)] != "" || w.opts.Profile == Cluster {
			old = append(old, name)
		}
	}
	if err := w.dropStaged(ctx, old...); err != nil {
		return w.explain("drop the old tables of build "+plan.Build, err)
	}
	return w.withdrawState(ctx, publishSource, plan.Build)
}

// exchangeAll exchanges the tables whose staged twin does not serve yet, in ids too.
func (w *Warehouse) exchangeAll(ctx context.Context, plan intent, ids map[string]string) error {
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
		ids[serving], ids[next] = ids[next], ids[serving]
		w.log.Debug("published", "table", name, "build", plan.Build)
	}
	return nil
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
