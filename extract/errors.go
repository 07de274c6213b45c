package extract

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Error says what could not be read, where, why, and what to do about it.
type Error struct {
	Source, Stream string
	Page           int    // ordinal of the page; 0 = not about a page
	Field          string // setting, field or column concerned
	Found          string
	Expected       string
	Hint           string // one sentence of remedy
	Status         int    // HTTP status; 0 = none was received
	Temporary      bool   // trying again later may help
	Denied         bool   // the source answers, but does not let this user read this
	SignIn         bool   // it was signing in that failed
	Err            error  // the cause
}

// Error is one sentence of cause, and one of remedy where there is a hint.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("extract")
	if e.Source != "" {
		b.WriteString(" " + e.Source)
		if e.Stream != "" {
			b.WriteString("/" + e.Stream)
		}
	}
	if e.Page > 0 {
		fmt.Fprintf(&b, " page %d", e.Page)
	}
	sep := ": "
	if e.Field != "" {
		fmt.Fprintf(&b, "%s%s", sep, e.Field)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, "%s%v", sep, e.Err)
	}
	if e.Found != "" {
		fmt.Fprintf(&b, "%sfound %s", sep, e.Found)
		sep = ", "
	}
	if e.Expected != "" {
		fmt.Fprintf(&b, "%sexpected %s", sep, e.Expected)
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, ". %s", strings.TrimSuffix(e.Hint, "."))
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

var (
	errSetting   = errors.New("the value cannot be used")
	errNotSorted = errors.New("the records do not come in order of their cursor field")
	errRepeats   = errors.New("the source sends the same page again and again")
)

// wrap names source and stream in an error. A cancelled context stays what it is.
func (s *Source) wrap(stream string, err error) error {
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	var e *Error
	if errors.As(err, &e) {
		c := *e
		if c.Source == "" {
			c.Source = s.name
		}
		if c.Stream == "" {
			c.Stream = stream
		}
		return &c
	}
	return &Error{Source: s.name, Stream: stream, Err: err}
}

// while says what was being done when an error came up; what else it says stays.
func while(doing string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	c := *e
	if c.Err = fmt.Errorf("%s", doing); e.Err != nil {
		c.Err = fmt.Errorf("%s: %w", doing, e.Err)
	}
	return &c
}

// oneOf says which names are known, and which one was probably meant.
func oneOf(name string, known []string) string {
	if len(known) == 0 {
		return ""
	}
	if near := nearest(name, known); near != "" {
		return fmt.Sprintf("; did you mean %s? Known are %s", near, strings.Join(known, ", "))
	}
	return "; known are " + strings.Join(known, ", ")
}

// nearest returns the known name closest to what was written, empty if none is near.
func nearest(name string, known []string) string {
	best, bestDistance := "", 1+len(name)/3
	for _, k := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d <= bestDistance {
			if best == "" || d < bestDistance {
				best, bestDistance = k, d
			}
		}
	}
	return best
}

// distance counts the insertions, deletions, changes and swaps between two words.
func distance(a, b string) int {
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}
