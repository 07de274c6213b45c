package extract

import (
	"encoding/json"
	"time"
)

// Position says up to which instant a stream was read, from its saved state: the
// cursor that lies back furthest. ok is false where the cursor is no instant, or
// there is none yet. No request is sent.
func (s *Source) Position(stream string, state []byte) (at time.Time, ok bool) {
	st, err := s.stream(stream)
	if err != nil || len(state) == 0 {
		return time.Time{}, false
	}
	var cur cursorState
	if json.Unmarshal(state, &cur) != nil {
		return time.Time{}, false
	}
	earliest := func(t time.Time) {
		if !ok || t.Before(at) {
			at, ok = t.UTC(), true
		}
	}
	if st.inc != nil && !st.inc.format.opaque() {
		for _, value := range cur.Cursors {
			if t, err := st.inc.format.parse(value); err == nil {
				earliest(t)
			}
		}
	}
	for _, w := range cur.Windows {
		if !w.Until.IsZero() {
			earliest(w.Until)
		}
	}
	return at, ok
}
