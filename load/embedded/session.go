package embedded

import (
	"context"
	"slices"
	"time"
)

// session is the engine connection of one request.
type session struct {
	*connection
	engine *engine
	id     string // stands at the end of log_comment, by which the statement is killed
}

// openSession opens a connection for a request with its database and settings.
func (e *engine) openSession(req *request) (*session, error) {
	id := "huikuan:" + randomHex(12)
	c, err := openConnection(e.lib, append(e.sessionArgs(), "--log_comment="+id))
	if err != nil {
		return nil, err
	}
	s := &session{connection: c, engine: e, id: id}
	if err := s.prepare(req); err != nil {
		c.close()
		return nil, err
	}
	return s, nil
}

func (s *session) prepare(req *request) error {
	if err := s.exec("USE " + quoteName(req.database)); err != nil {
		return err
	}
	settings := slices.Clone(req.settings)
	if req.insert {
		settings = append(insertDefaults(), settings...)
	}
	for i, v := range settings {
		if v.name == "log_comment" {
			settings[i].value = v.value + " " + s.id
		}
	}
	if req.readOnly { // set below, and it cannot be set twice
		settings = slices.DeleteFunc(settings, func(v setting) bool { return v.name == "readonly" })
	}
	plain := len(req.external) == 0 && req.rows == nil
	if req.readOnly && plain { // one statement for both
		settings = append(settings, setting{"readonly", "1"})
	}
	if err := s.apply(settings); err != nil || plain {
		return err
	}
	if err := s.createExternal(req); err != nil {
		return err
	}
	if req.rows != nil {
		if err := s.filterRows(req.rows); err != nil {
			return err
		}
	}
	if req.readOnly {
		return s.apply([]setting{{"readonly", "1"}})
	}
	return nil
}

// killOn kills the session's statement in the engine once ctx is done. The
// returned function ends the watch and must be called before the session is
// closed; it reports whether a kill was sent.
func (s *session) killOn(ctx context.Context) (stop func() (killed bool)) {
	finished := make(chan struct{})
	ended := make(chan bool, 1)
	go func() {
		select {
		case <-finished:
			ended <- false
			return
		case <-ctx.Done():
		}
		// The statement may not be registered yet, or be in a phase that does
		// not look at the kill; so it is repeated until the statement ends.
		for wait := 5 * time.Millisecond; ; wait = min(2*wait, time.Second) {
			s.engine.kill(s.id)
			select {
			case <-finished:
				ended <- true
				return
			case <-time.After(wait):
			}
		}
	}()
	return func() bool {
		close(finished)
		return <-ended
	}
}

func (e *engine) kill(id string) {
	c, err := openConnection(e.lib, e.sessionArgs())
	if err != nil {
		return
	}
	defer c.close()
	_ = c.exec("KILL QUERY WHERE endsWith(Settings['log_comment'], " + quoteString(id) + ") ASYNC")
}
