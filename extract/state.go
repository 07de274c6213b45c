package extract

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// cursorState is the saved cursor of a stream. Parts are added, never renamed:
// what an older program saved stays readable.
type cursorState struct {
	// Cursors holds the highest cursor value whose data is safe, by slice, as the source writes it.
	Cursors map[string]string `json:"cursors,omitempty"`
	// Files holds the files that were read whole, by path.
	Files map[string]fileState `json:"files,omitempty"`
	// Windows holds how far the windows of a stream were read, by slice.
	Windows map[string]windowState `json:"windows,omitempty"`
	// Inside holds where in a reading by id the last run ended, by slice; the entry goes when it is complete.
	Inside map[string]insideState `json:"inside,omitempty"`
	// Passes holds when each pass last began that was completed.
	Passes map[string]time.Time `json:"passes,omitempty"`
}

// insideState is a place inside a reading by id: the cursor moves when all ids were read.
type insideState struct {
	From  string    `json:"from"`          // cursor value from which the reading takes records
	After string    `json:"after"`         // last id whose record is safe
	Max   string    `json:"max,omitempty"` // highest cursor value met
	Began time.Time `json:"began"`         // by the source's clock: the cursor goes no further
	To    string    `json:"to,omitempty"`  // end of the window, where there are windows
}

// windowState is how far the windows of a slice were read.
type windowState struct {
	// Until is the end of the last window that was read: what begins there is not safe yet.
	Until time.Time `json:"until"`
	// At is how far a reading came that is not complete; it began at Began.
	At    *time.Time `json:"at,omitempty"`
	Began time.Time  `json:"began,omitzero"`
}

// clone copies a state deeply enough to be changed.
func (s cursorState) clone() cursorState {
	return cursorState{Cursors: cloned(s.Cursors), Files: cloned(s.Files), Windows: cloned(s.Windows), Inside: cloned(s.Inside), Passes: cloned(s.Passes)}
}

func cloned[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return maps.Clone(m)
}

func (s cursorState) marshal() ([]byte, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write down the cursor: %w", err)
	}
	return text, nil
}
