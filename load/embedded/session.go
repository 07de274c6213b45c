package embedded

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// session is the engine connection of one request, or of several one after the
// other that have the same database and settings.
type session struct {
	*connection
	engine *engine
	id     string // stands at the end of log_comment, by which the statement is killed
	kind   string // of the requests that it may serve; empty for one alone
}

// session returns a connection for a request, with its database and settings.
func (e *engine) session(req *request) (*session, error) {
	kind := sessionKind(req)
	if s := e.idle.take(kind); s != nil {
		return s, nil
	}
	s, err := e.openSession(req)
	if err == nil {
		s.kind = kind
	}
	return s, err
}

// leave ends the use of a session. It serves again where nothing of the request
// can have stayed in it.
func (e *engine) leave(s *session, req *request, well bool) {
	plain := req.insert || req.class == classReadOnly || req.class == classMutating
	if !well || s.kind == "" || !plain || !e.idle.put(s) {
		s.close()
	}
}

// sessionKind tells which requests may use the same session; it is empty where
// only this one may.
func sessionKind(req *request) string {
	if req.readOnly || req.rows != nil || len(req.external) > 0 || len(req.params) > 0 {
		return ""
	}
	parts := []string{quoteName(req.database)}
	if req.insert {
		parts = append(parts, "insert")
	}
	for _, v := range req.settings {
		if v.name == "log_comment" { // holds what the statement is killed by
			return ""
		}
		parts = append(parts, v.name+" = "+quoteString(v.value))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// maxIdle is how many sessions wait for another request.
const maxIdle = 16

// idleSessions are sessions that wait for another request: a small statement
// takes as long as to open one and to make its settings.
type idleSessions struct {
	mu       sync.Mutex
	sessions []*session // the one that was used last is the last
	closed   bool
}

func (p *idleSessions) take(kind string) *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.sessions) - 1; i >= 0 && kind != ""; i-- {
		if s := p.sessions[i]; s.kind == kind {
			p.sessions = slices.Delete(p.sessions, i, i+1)
			return s
		}
	}
	return nil
}

func (p *idleSessions) put(s *session) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	if len(p.sessions) == maxIdle {
		p.sessions[0].close()
		p.sessions = slices.Delete(p.sessions, 0, 1)
	}
	p.sessions = append(p.sessions, s)
	return true
}

func (p *idleSessions) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.sessions {
		s.close()
	}
	p.sessions, p.closed = nil, true
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
