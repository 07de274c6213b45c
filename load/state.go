package load

import (
	"context"
	"fmt"
	"time"
)

type stateKey struct{ source, stream, slice string }

// LoadState returns the cursor of a slice as it was saved last, nil where there
// is none.
func (w *Warehouse) LoadState(ctx context.Context, source, stream, slice string) ([]byte, error) {
	state, version, err := w.readState(ctx, stateKey{source, stream, slice})
	if err != nil {
		return nil, w.explain(fmt.Sprintf("load the cursor of %s/%s", source, stream), err)
	}
	w.noteVersion(stateKey{source, stream, slice}, version)
	return state, nil
}

// SaveState moves the cursor of a slice. Call it only after Insert has returned
// for everything that the cursor stands behind. A cursor saved later wins, even
// if the machine's clock went back in between.
func (w *Warehouse) SaveState(ctx context.Context, source, stream, slice string, state []byte, runID string) error {
	key := stateKey{source, stream, slice}
	doing := fmt.Sprintf("save the cursor of %s/%s", source, stream)
	w.mu.Lock()
	last, seen := w.states[key]
	w.mu.Unlock()
	if !seen {
		var err error
		if _, last, err = w.readState(ctx, key); err != nil {
			return w.explain(doing, err)
		}
	}
	version := max(w.version(), last+1)
	row := []any{source, stream, slice, string(state), runID, w.opts.Now(), version, uint8(0)}
	if err := w.writeOps(ctx, stateTable, fmt.Sprintf("state/%s/%s/%s/%d", source, stream, slice, version), [][]any{row}); err != nil {
		return w.explain(doing, err)
	}
	w.noteVersion(key, version)
	return nil
}

// ForgetState removes the cursors of a stream, so that the next sync reads it
// from its beginning. An empty stream means all streams of the source.
func (w *Warehouse) ForgetState(ctx context.Context, source, stream, runID string) error {
	sql := "SELECT source, stream, slice, max(_version) FROM " + w.qualified(stateTable+docsSuffix) + " WHERE source = " + literal(source)
	if stream != "" {
		sql += " AND stream = " + literal(stream)
	}
	var rows [][]any
	err := w.each(ctx, sql+" GROUP BY source, stream, slice", func(row []any) error {
		rows = append(rows, []any{row[0], row[1], row[2], "", runID, w.opts.Now(), max(w.version(), row[3].(uint64)+1), uint8(1)})
		return nil
	})
	if err != nil || len(rows) == 0 {
		return w.explain("forget the cursors of "+source, err)
	}
	w.mu.Lock()
	for _, row := range rows {
		delete(w.states, stateKey{row[0].(string), row[1].(string), row[2].(string)})
	}
	w.mu.Unlock()
	return w.writeOps(ctx, stateTable, "forget/"+runID, rows)
}

// withdrawState removes the one cursor of a source that this process has saved
// or loaded.
func (w *Warehouse) withdrawState(ctx context.Context, source, runID string) error {
	key := stateKey{source: source}
	w.mu.Lock()
	last := w.states[key]
	w.mu.Unlock()
	version := max(w.version(), last+1)
	err := w.writeOps(ctx, stateTable, fmt.Sprintf("forget/%s/%d", runID, version), [][]any{{source, "", "", "", runID, w.opts.Now(), version, uint8(1)}})
	if err == nil {
		w.noteVersion(key, version)
	}
	return w.explain("forget the cursor of "+source, err)
}

func (w *Warehouse) noteVersion(key stateKey, version uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.states[key] = max(w.states[key], version)
}

// readState reads below the view: the version of a withdrawn cursor counts too.
func (w *Warehouse) readState(ctx context.Context, k stateKey) (state []byte, version uint64, err error) {
	sql := fmt.Sprintf("SELECT state, _version, _deleted FROM %s WHERE source = %s AND stream = %s AND slice = %s ORDER BY _version DESC LIMIT 1",
		w.qualified(stateTable+docsSuffix), literal(k.source), literal(k.stream), literal(k.slice))
	err = w.each(ctx, sql, func(row []any) error {
		version = row[1].(uint64)
		if row[2].(uint64) == 0 {
			state = []byte(row[0].(string))
		}
		return nil
	})
	return state, version, err
}

// StreamStatus is how one stream of one source stands.
type StreamStatus struct {
	Source, Stream string
	LastSuccess    time.Time // end of the last run that read it to the end; zero if never
	LastRun        time.Time // end of the last run
	Status         string    // of the last run: ok, partial, failed
	Cursor         string    // as saved, JSON
	Rows           int64     // loaded by the last run
	Rejected       int64     // records rejected by the last run
	Bytes          int64     // Arrow bytes sent by the last run
	Duration       time.Duration
	Error          string // of the last run; empty if none
}

// Status tells, for every stream that was ever read, how its last run went,
// sorted by source and stream.
func (w *Warehouse) Status(ctx context.Context) ([]StreamStatus, error) {
	sql := fmt.Sprintf(`
WITH
by_run AS (
    SELECT source, stream, run_id, min(started_at) AS began, max(finished_at) AS ended,
        multiIf(countIf(status = 'failed') > 0, 'failed', countIf(status != 'ok') > 0, 'partial', 'ok') AS outcome,
        sum(rows_loaded) AS loaded, sum(records_rejected) AS rejected, sum(bytes) AS sent, anyIf(error, error != '') AS fault
    FROM %[1]s WHERE run_id NOT IN (SELECT run_id FROM %[3]s WHERE kind = 'replay') GROUP BY source, stream, run_id
),
by_stream AS (
    SELECT source, stream, maxIf(ended, outcome != 'failed') AS last_success, argMax((ended, outcome, loaded, rejected, sent, began, fault), began) AS latest
    FROM by_run GROUP BY source, stream
),
cursors AS (
    SELECT source, stream, arrayStringConcat(arraySort(groupArray(state)), ' ') AS cursor FROM %[2]s WHERE slice = '' GROUP BY source, stream
)
SELECT s.source, s.stream, toUnixTimestamp64Micro(s.last_success), toUnixTimestamp64Micro(s.latest.1), s.latest.2, c.cursor,
    s.latest.3, s.latest.4, s.latest.5, toUnixTimestamp64Micro(s.latest.6), s.latest.7
FROM by_stream AS s LEFT JOIN cursors AS c ON c.source = s.source AND c.stream = s.stream
ORDER BY s.source, s.stream`, w.qualified(slicesTable), w.qualified(stateTable), w.qualified(runsTable))
	var out []StreamStatus
	err := w.each(ctx, sql, func(row []any) error {
		began := instant(row[9])
		s := StreamStatus{
			Source: row[0].(string), Stream: row[1].(string), LastSuccess: instant(row[2]), LastRun: instant(row[3]), Status: row[4].(string),
			Cursor: row[5].(string), Rows: row[6].(int64), Rejected: row[7].(int64), Bytes: row[8].(int64), Error: row[10].(string),
		}
		s.Duration = s.LastRun.Sub(began)
		out = append(out, s)
		return nil
	})
	return out, w.explain("read the status of the streams", err)
}

// instant reads UTC microseconds; zero is no instant.
func instant(v any) time.Time {
	micros := v.(int64)
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
