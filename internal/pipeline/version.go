package pipeline

import (
	"encoding/json"
	"time"

	"huikuan/extract"
	"huikuan/load"
)

// How versions of rows are made
//
// Of the rows of a key the one with the highest _version wins. All rows of a
// page have one version: the instant of its receipt in microseconds UTC times
// [versionLadder], at least one ladder above that of the page before it in its
// stream, so that versions grow even if the clock goes back. The numbers up to
// the next page's version belong to replays of the page: the n-th replay of a
// stream writes the rows of a page of version v under v + n. So a replayed row
// wins over what the same page gave before, and never over a later page.

// versionLadder is how many versions a page has: its own and those of replays.
const versionLadder = load.VersionLadder

// versionAt is the lowest version that a page received at that instant may have.
func versionAt(t time.Time) uint64 { return uint64(max(0, t.UnixMicro())) * versionLadder }

// nextVersion is the version of a page that comes after one of version last.
func nextVersion(last uint64, received time.Time) uint64 {
	return max(last/versionLadder*versionLadder+versionLadder, versionAt(received))
}

// saved is what ops_state keeps for a stream: the extractor's cursor, opaque
// here, and the highest version given out, so that versions grow from run to
// run even if the clock goes back.
type saved struct {
	Cursor  json.RawMessage `json:"cursor,omitempty"`
	Version uint64          `json:"version"`
	// Base is the cursor after the last page of what changed: a pass that a guard
	// stopped begins anew from there.
	Base json.RawMessage `json:"base,omitempty"`
	// Lost says how far the search for rows is that a keys pass missed in the tables.
	Lost lostStep `json:"lost,omitempty"`
}

// lostStep is a step of the search for lost rows, see lost.go.
type lostStep string

const (
	lostNone      lostStep = ""
	lostSuspected lostStep = "suspected" // what changed is read once more: they may be new
	lostReread    lostStep = "reread"    // everything is read anew
)

// advance takes the cursor of a page that was mapped.
func (s *saved) advance(p extract.Page) {
	if p.State == nil {
		return
	}
	s.Cursor = json.RawMessage(p.State)
	if p.Pass == "" || p.Pass == changedPass {
		s.Base = s.Cursor
	}
}

// changedPass is the name of the normal read of a stream.
const changedPass = "changed"
