package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"huikuan/load"
	"huikuan/transform/behaviour"
	"huikuan/transform/derive"
	"huikuan/transform/derive/gather"
	"huikuan/transform/forecast"
	"huikuan/transform/metrics"
	"huikuan/transform/schema"
)

// How a build replays changed customers only
//
//  1. The state of the last build says how far it has read the documents. The
//     rows after that name customers, and by their keys those that depend on
//     them (load/changes.go).
//  2. The staged tables begin as the serving ones without these customers.
//  3. The customers are replayed as the last build knew them and as they are
//     now; sums over customers lose the one and gain the other
//     (transform/metrics/update.go).
//  4. State and tables are exchanged together.
//
// Whatever does not fit asks for a full build, and says why.

// maxChanged is the share of customers, in per cent, above which a full build
// costs less.
const maxChanged = 20

// maxCarried bounds how long the changes of earlier builds are carried along
// rather than put into the tables: as many customers, of all builds together, as
// are so many per cent of all. To put them in costs as much then as to have carried
// them so far.
const maxCarried = 7

// buildMeta is kept beside the state of a build.
type buildMeta struct {
	Program  string            `json:"program"`
	Mark     load.Mark         `json:"mark"`
	Remnants load.Remnants     `json:"remnants"`
	Tables   map[string]string `json:"tables"` // UUIDs of what was published
	Windows  behaviour.Windows `json:"windows"`
	// Bases are the UUIDs of the tables that the build was carried over from, and
	// Since the customers that have changed between them and what was published.
	// Both are empty after a full build: what it published is the base. Began are
	// the parts of what was published that hold no rows of Since.
	Bases map[string]string   `json:"bases,omitempty"`
	Since []string            `json:"since,omitempty"`
	Began map[string][]string `json:"began,omitempty"`
	// Carried is how many customers of earlier builds the builds since then have
	// carried along, each once a build.
	Carried int `json:"carried,omitempty"`
}

// replayResult is what came of a replay into a stage.
type replayResult struct {
	summary metrics.Summary
	why     string // why the build was full; empty if it was not
	// changed are the customers that were replayed, where the build was not full;
	// was and is are their rows as the last build wrote them and as this one did,
	// and sums are what the last one kept of derived metrics.
	changed map[string]bool
	was, is *gather.Rows
	sums    map[string][]byte
	meta    *buildMeta // to be kept for the next build; nil where that is full
}

// release lets go of the rows at hand.
func (r *replayResult) release() {
	r.was.Release()
	r.is.Release()
}

// replay fills a stage: from the last build and what has changed since where
// that is possible, else from all documents.
func (a *App) replay(ctx context.Context, run string, full bool, o metrics.Options) (*load.Stage, replayResult, error) {
	why := "asked for"
	if !full {
		stage, result, err := a.update(ctx, run, o)
		if err != nil || stage != nil {
			return stage, result, err
		}
		why = result.why
	}
	a.log.Info("building in full", "reason", why)
	stage, err := a.wh.NewStage(ctx, run, stagedTables(), a.keptForecast())
	if err != nil {
		return nil, replayResult{}, err
	}
	result := replayResult{why: why}
	if err := a.replayAll(ctx, stage, o, &result); err != nil {
		return nil, result, errors.Join(err, stage.Abort(context.WithoutCancel(ctx)))
	}
	return stage, result, nil
}

// replayAll replays all documents.
func (a *App) replayAll(ctx context.Context, stage *load.Stage, o metrics.Options, result *replayResult) error {
	mark, why, err := a.wh.Mark(ctx, nil)
	if err != nil {
		return err
	}
	inputs, err := a.wh.Ledger(ctx)
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	remnants, known := load.RemnantsOf(inputs)
	if o.Keep = why == "" && known; o.Keep {
		result.meta = &buildMeta{Mark: mark, Remnants: remnants}
	}
	result.summary, err = metrics.Build(ctx, inputs, stage, o)
	return err
}

// update replays changed customers; without a stage the result says why that
// cannot be done.
func (a *App) update(ctx context.Context, run string, o metrics.Options) (*load.Stage, replayResult, error) {
	if err := a.wh.FinishPublish(ctx); err != nil { // the tables of one build serve
		return nil, replayResult{}, err
	}
	meta, why, err := a.lastBuild(ctx)
	if err != nil || why != "" {
		return nil, replayResult{why: why}, err
	}
	mark, why, err := a.wh.Mark(ctx, meta.Mark)
	if err != nil || why != "" {
		return nil, replayResult{why: why}, err
	}
	changes, why, err := a.wh.Changes(ctx, meta.Mark, mark)
	if err != nil || why != "" {
		return nil, replayResult{why: why}, err
	}
	customers := changes.Customers
	all, err := a.wh.KeptCustomers(ctx, metrics.State, changes.Keys, customers)
	if err != nil {
		return nil, replayResult{}, err
	}
	if len(customers)*100 > all.Number*maxChanged && len(customers) > 100 {
		return nil, replayResult{why: fmt.Sprintf("documents of %d customers have changed, and the last build knew %d", len(customers), all.Number)}, nil
	}
	same := append(metrics.Standing(), load.SeenUnchanged(meta.Mark, mark)...)
	stage, err := a.wh.NewStageFor(ctx, run, stagedTables(), carriedTables(), same, a.keptForecast())
	if err != nil {
		return nil, replayResult{}, err
	}
	result := replayResult{changed: customers, was: gather.New(o.AsOf), is: gather.New(o.AsOf)}
	err = a.updateStage(ctx, stage, meta, mark, &changes, all, o, &result)
	if err == nil {
		return stage, result, nil
	}
	result.release()
	err = errors.Join(err, stage.Abort(context.WithoutCancel(ctx)))
	var needs *load.NeedsFullError
	switch {
	case errors.As(err, &needs):
		return nil, replayResult{why: needs.Why}, nil
	case errors.Is(err, metrics.ErrRebuild):
		return nil, replayResult{why: metrics.RebuildReason(err)}, nil
	}
	return nil, replayResult{}, err
}

func (a *App) updateStage(ctx context.Context, stage *load.Stage, meta buildMeta, mark load.Mark, changes *load.Changes, all load.KeptCustomers, o metrics.Options, result *replayResult) error {
	customers := changes.Customers
	behind, err := a.behind(ctx, stage, meta, all.Number)
	if err != nil {
		return err
	}
	if err := stage.Carry(ctx, carriedTables(), customers, behind); err != nil { // goes on beside what follows
		return err
	}
	kept, err := a.wh.ReadKept(ctx, metrics.State, customers, all)
	if err != nil {
		return err
	}
	result.sums = kept.Sums
	inputs, err := a.wh.LedgerOf(ctx, customers, changes, meta.Remnants, kept.Changed)
	if err != nil {
		return err
	}
	prior := metrics.Prior{Totals: kept.Totals, Changed: kept.Changed, Before: load.RestoredOf(inputs), First: kept.First, Was: result.was, WasTables: gather.Tables()}
	for _, id := range slices.Sorted(maps.Keys(kept.Faults)) {
		prior.Faults = append(prior.Faults, metrics.CustomerFaults{Customer: id, Text: kept.Faults[id]})
	}
	if result.summary, err = metrics.Update(ctx, inputs, prior, result.is.Passing(stage), o); err != nil {
		return err
	}
	remnants, known := load.RemnantsOf(inputs)
	if !known {
		return &load.NeedsFullError{Why: "there are too many orphans to remember"}
	}
	since, carried := maps.Clone(customers), 0
	if behind != nil {
		maps.Copy(since, behind.Customers)
		carried = meta.Carried + len(behind.Customers)
	}
	result.meta = &buildMeta{Mark: mark, Remnants: remnants, Since: slices.Sorted(maps.Keys(since)), Carried: carried}
	return nil
}

// behind tells what the bases of the last build lack of the tables that serve; nil
// where these become the bases.
func (a *App) behind(ctx context.Context, stage *load.Stage, meta buildMeta, all int) (*load.Behind, error) {
	if len(meta.Bases) == 0 {
		return nil, nil
	}
	if carried := meta.Carried + len(meta.Since); !stage.HasBases(meta.Bases, carriedTables()) || carried*100 > all*maxCarried && carried > 100 {
		return nil, a.wh.ApplyPatches(ctx, carriedTables())
	}
	behind := &load.Behind{Bases: meta.Bases, Customers: map[string]bool{}, Parts: meta.Began}
	for _, id := range meta.Since {
		behind.Customers[id] = true
	}
	return behind, nil
}

// lastBuild reads what the last build kept; why is not empty where the next one
// cannot continue it.
func (a *App) lastBuild(ctx context.Context) (meta buildMeta, why string, err error) {
	text, err := a.wh.KeptMeta(ctx, metrics.State)
	if err != nil {
		return meta, "", err
	}
	if len(text) == 0 {
		return meta, "there is no build to continue", nil
	}
	if err := json.Unmarshal(text, &meta); err != nil {
		return meta, "the state of the last build cannot be read", nil
	}
	if program, err := programID(); err != nil || program != meta.Program {
		return meta, "the program is another one", nil
	}
	if meta.Windows != a.behaviourWindows() {
		return meta, "the settings of payment behaviour have changed", nil
	}
	ids, err := a.wh.TableIDs(ctx, stagedNames()...)
	if err != nil {
		return meta, "", err
	}
	for _, name := range stagedNames() {
		if ids[name] == "" || ids[name] != meta.Tables[name] {
			return meta, "table " + name + " is not that of the last build", nil
		}
	}
	return meta, "", nil
}

// keepMeta keeps what the next build has to know of this one, beside the state.
func (a *App) keepMeta(ctx context.Context, stage *load.Stage, meta *buildMeta) error {
	if meta == nil {
		return nil
	}
	began, err := stage.Began()
	if err != nil {
		return err
	}
	program, err := programID()
	if err != nil {
		return nil // the next build is full
	}
	meta.Program, meta.Windows, meta.Tables = program, a.behaviourWindows(), map[string]string{}
	meta.Bases, meta.Began = stage.Bases(), began
	staged := make([]string, 0, len(meta.Tables))
	for _, name := range stagedNames() {
		staged = append(staged, stage.Name(name))
	}
	ids, err := a.wh.TableIDs(ctx, staged...)
	if err != nil {
		return err
	}
	for _, name := range stagedNames() {
		meta.Tables[name] = ids[stage.Name(name)] // it keeps its UUID when it is exchanged
	}
	text, err := json.Marshal(meta)
	if err != nil {
		return err
	}
	return stage.KeepMeta(ctx, metrics.State, text)
}

// programID tells this program from another version of itself.
func programID() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d bytes of %s", info.Size(), info.ModTime().UTC().Format("2006-01-02T15:04:05.999999999")), nil
}

// stagedTables are the tables that a build writes anew, its state among them.
func stagedTables() []schema.Table {
	return append(metrics.Tables(), derive.Kept(), forecast.Seen(), metrics.StateTable())
}

// keptForecast adds the forecast of a build to the ledger of forecasts.
func (a *App) keptForecast() load.KeptTable {
	return load.KeptTable{Table: forecast.Forecast, Ledger: forecast.Kept()[0], At: a.now()}
}

// carriedTables are those of them that keep the rows of customers that have not
// changed.
func carriedTables() (out []load.CarriedTable) {
	for _, t := range stagedTables() {
		if g := metrics.GrainOf(t.Name); g.Column != "" {
			out = append(out, load.CarriedTable{Name: t.Name, Column: g.Column, Only: g.Only, Has: g.Has, Last: t.Name == behaviour.Table})
		}
	}
	return out
}

func stagedNames() []string {
	var names []string
	for _, t := range stagedTables() {
		names = append(names, t.Name)
	}
	return names
}
