package load

import (
	"context"
	"fmt"
	"time"
)

// ModelState is what is remembered of a model's builds.
type ModelState struct {
	Status  string    // of the last build: ok, failed, skipped
	BuiltAt time.Time // begin of the last one that passed; zero: none did
	Hash    string    // of that build
	RunID   string    // of that build
}

// ModelStates returns the state of every model that was ever built, by name.
func (w *Warehouse) ModelStates(ctx context.Context) (map[string]ModelState, error) {
	out := map[string]ModelState{}
	err := w.each(ctx, fmt.Sprintf(`
SELECT model, argMax(status, started_at), toUnixTimestamp64Micro(maxIf(started_at, status = 'ok')), argMaxIf(hash, started_at, status = 'ok'), argMaxIf(run_id, started_at, status = 'ok')
FROM %s GROUP BY model`, w.qualified(modelRunsTable)), func(row []any) error {
		out[row[0].(string)] = ModelState{Status: row[1].(string), BuiltAt: instant(row[2]), Hash: row[3].(string), RunID: row[4].(string)}
		return nil
	})
	return out, w.explain("read the state of the models", err)
}

// Change is the last run of a kind that changed what models read.
type Change struct {
	Kind, RunID string // sync, replay or build
	At          time.Time
}

// LastChanges returns the last sync and the last replay that loaded rows, and
// the last build of the metrics.
func (w *Warehouse) LastChanges(ctx context.Context) ([]Change, error) {
	var out []Change
	err := w.each(ctx, fmt.Sprintf(`
SELECT kind, argMax(run_id, finished_at), toUnixTimestamp64Micro(assumeNotNull(max(finished_at)))
FROM %s WHERE isNotNull(finished_at) AND (kind = 'build' OR rows_loaded > 0 AND kind IN ('sync', 'replay')) AND status != 'failed'
GROUP BY kind ORDER BY kind`, w.qualified(runsTable)), func(row []any) error {
		out = append(out, Change{Kind: row[0].(string), RunID: row[1].(string), At: instant(row[2])})
		return nil
	})
	return out, w.explain("read what changed last", err)
}
