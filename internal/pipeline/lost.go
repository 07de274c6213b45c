package pipeline

import (
	"context"
	"fmt"

	"huikuan/internal/progress"
)

// How rows are found again that a cursor missed
//
//  1. A pass for keys meets keys that the tables lack; they are suspected.
//  2. What changed is read once more. A document that was made while the pass
//     ran has come now, and is suspected no longer.
//  3. For those still missing everything is read anew.
//  4. What is missing even so the mapping leaves out (a draft, say). Those keys
//     are noted as absent, so that the next pass does not suspect them again.
//
// The step stands beside the cursor, so a process that is killed goes on where
// it was.

// searchLost takes the step that follows a read, and returns the state for the
// next read; its Lost is lostNone if there is nothing left to do.
func (a *App) searchLost(ctx context.Context, run string, st stream, state saved, res *StreamResult) (saved, error) {
	var found, left int64
	for _, table := range st.keys.Tables() {
		f, n, err := a.wh.ClearFound(ctx, table, st.owner(table))
		if err != nil {
			return state, err
		}
		found, left = found+f, left+n
	}
	switch {
	case left == 0:
		if state.Lost == lostReread {
			res.found(found)
		}
		state.Lost = lostNone
	case state.Lost == lostSuspected:
		res.note(fmt.Sprintf("the source has %s that the warehouse lacks: everything is read anew", records(left)))
		state.Lost, state.Cursor, state.Base = lostReread, nil, nil
	default:
		for _, table := range st.keys.Tables() {
			if err := a.wh.KeepAbsent(ctx, table, st.owner(table)); err != nil {
				return state, err
			}
		}
		res.found(found)
		res.note(fmt.Sprintf("%s of the source are in no table: the mapping leaves them out", records(left)))
		state.Lost = lostNone
	}
	return state, a.saveState(ctx, st, state, run)
}

func (r *StreamResult) found(n int64) {
	r.FoundAgain += n
	if n > 0 {
		r.note(records(n) + " that the cursor had missed were found again")
	}
}

func records(n int64) string {
	if n == 1 {
		return "1 record"
	}
	return progress.Count(n) + " records"
}
