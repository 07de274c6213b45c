package faults

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Fault answers a request wrongly; right gives the right answer.
type Fault func(w http.ResponseWriter, r *http.Request, right func(*http.Request) (status int, body []byte))

// Reset closes the connection without an answer.
func Reset(w http.ResponseWriter, _ *http.Request, _ func(*http.Request) (int, []byte)) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// Stall answers nothing until the client gives up, or limit has passed.
func Stall(limit time.Duration) Fault {
	return func(w http.ResponseWriter, r *http.Request, _ func(*http.Request) (int, []byte)) {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		select {
		case <-r.Context().Done():
		case <-timer.C:
			Reset(w, r, nil)
		}
	}
}

// Truncate breaks the answer off in the middle, though its length was announced.
func Truncate(w http.ResponseWriter, r *http.Request, right func(*http.Request) (int, []byte)) {
	status, body := right(r)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body[:len(body)/2])
	panic(http.ErrAbortHandler)
}

// BrokenJSON sends half of the answer as if it were all.
func BrokenJSON(w http.ResponseWriter, r *http.Request, right func(*http.Request) (int, []byte)) {
	status, body := right(r)
	answer(w, status, body[:len(body)/2])
}

// WrongType sends a web page with status 200, as a proxy's sign-in page is.
func WrongType(w http.ResponseWriter, _ *http.Request, _ func(*http.Request) (int, []byte)) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = w.Write([]byte("<!doctype html><html><head><title>Maintenance</title></head></html>"))
}

// Status answers with a status; retryAfter goes into Retry-After unless it is empty.
func Status(status int, retryAfter string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ func(*http.Request) (int, []byte)) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		answer(w, status, []byte(`{"error": "not now"}`))
	}
}

// Repeat gives the right answer to a request twice: once to it, and once more to
// the one after it, whatever that asks for.
func Repeat() Fault {
	var mu sync.Mutex
	var kept []byte
	return func(w http.ResponseWriter, r *http.Request, right func(*http.Request) (int, []byte)) {
		mu.Lock()
		defer mu.Unlock()
		if kept != nil {
			answer(w, 200, kept)
			kept = nil
			return
		}
		status, body := right(r)
		if status == 200 {
			kept = body
		}
		answer(w, status, body)
	}
}

// Between runs a change of the source and then answers with another fault: what
// the client gets when it tries again is no longer what it would have got.
func Between(change func(), then Fault) Fault {
	return func(w http.ResponseWriter, r *http.Request, right func(*http.Request) (int, []byte)) {
		change()
		then(w, r, right)
	}
}

// Every injects a fault into each n-th request.
func Every(every int, f Fault) func(int, *http.Request) Fault {
	return func(n int, _ *http.Request) Fault {
		if n%every == 0 {
			return f
		}
		return nil
	}
}

// Run injects a fault into the requests from number from to number to.
func Run(from, to int, f Fault) func(int, *http.Request) Fault {
	return func(n int, _ *http.Request) Fault {
		if n >= from && n <= to {
			return f
		}
		return nil
	}
}
