package extract

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-faster/jx"
)

// What an error may mean.
const (
	classFatal   = "fatal"
	classRetry   = "retry"   // passes by itself
	classExpired = "expired" // signing in again helps
	classDenied  = "denied"  // the user may not read this
	classConfig  = "config"  // a setting is wrong
	classEmpty   = "empty"   // no error at all: an empty list
)

// errorRule recognises an error in an answer and says what it means.
type errorRule struct {
	when          string   // dotted path; empty: the rule is about answers with an error's status
	equals, notIn []string // values that the path must have, or must not have
	status        []int
	code          string // path to the error's code
	message       []string
	in            []string // codes
	matches       *regexp.Regexp
	say           string // cause in our words
	class         string // empty = what the status means; fatal for a good one
	hint          string
}

// emptyDecl says which answers to a request for a list mean an empty list.
type emptyDecl struct {
	status  []int
	missing bool
}

// failure is what an answer that cannot be taken means.
type failure struct {
	class   string // empty, by a rule that names none: what the status means
	code    string
	message string
	hint    string
	ruled   bool // the connector says so
	worded  bool // message is all there is to say
}

// reply is an answer as the rules see it.
type reply struct {
	status  int
	body    []byte // without its records, if those were found
	valid   bool   // body is known to be JSON
	path    []string
	records []jx.Raw
}

// newReply is a reply for an answer that was scanned.
func newReply(status int, body []byte, path string, s scanned) reply {
	r := reply{status: status, body: body, valid: true}
	if path != anyBody && len(s.records) > 0 {
		r.path, r.records, r.body = splitPath(path), s.records, s.frame(body)
	}
	return r
}

// frame is an answer without its records: the few bytes around them, which is
// where errors stand. Looking there costs nothing, however large the answer is.
func (s scanned) frame(body []byte) []byte {
	out := make([]byte, 0, s.from+2+len(body)-s.to)
	return append(append(append(out, body[:s.from]...), "[]"...), body[s.to:]...)
}

// values lists what stands at a path. A path that leads into the records by
// their number finds them too.
func (r reply) values(path string) []string {
	parts := splitPath(path)
	if n := len(r.path); len(parts) > n && slices.Equal(parts[:n], r.path) {
		if i, err := strconv.Atoi(parts[n]); err == nil && i >= 0 && i < len(r.records) {
			return valuesAt(r.records[i], parts[n+1:])
		}
	}
	if !r.valid && !jx.Valid(r.body) {
		return nil
	}
	return valuesAt(r.body, parts)
}

func (r reply) value(path string) string {
	if path == "" {
		return ""
	}
	return strings.Join(r.values(path), ", ")
}

// judge finds the first rule that fits an answer; nil if none does.
func judge(rules []errorRule, r reply) *failure {
	for i := range rules {
		if f := rules[i].judge(r); f != nil {
			return f
		}
	}
	return nil
}

func (e *errorRule) judge(r reply) *failure {
	good := r.status >= 200 && r.status <= 299
	if e.when == "" && good || len(e.status) > 0 && !slices.Contains(e.status, r.status) {
		return nil
	}
	if e.when != "" && !e.holds(r.values(e.when)) {
		return nil
	}
	f := &failure{class: e.class, code: oneLine(r.value(e.code)), hint: e.hint, ruled: true}
	var said []string
	for _, path := range e.message {
		if v := r.value(path); v != "" && !slices.Contains(said, v) {
			said = append(said, v)
		}
	}
	f.message = oneLine(strings.Join(said, ": "))
	if len(e.in) > 0 && !slices.Contains(e.in, f.code) {
		return nil
	}
	if e.matches != nil && !e.matches.MatchString(f.code+" "+f.message+" "+string(r.body[:min(len(r.body), errorBody)])) {
		return nil
	}
	if e.say != "" {
		f.message = e.say
	}
	if f.worded = f.message != ""; !f.worded && f.code == "" && e.when != "" {
		f.message = oneLine(r.value(e.when))
	}
	return f
}

// holds says whether the values at the rule's path are those of an error.
func (e *errorRule) holds(values []string) bool {
	for _, v := range values {
		switch {
		case len(e.equals) > 0:
			if slices.Contains(e.equals, v) {
				return true
			}
		case len(e.notIn) > 0:
			if !slices.Contains(e.notIn, v) {
				return true
			}
		case v != "" && v != "false" && v != "[]" && v != "{}":
			return true
		}
	}
	return false
}

// oneLine makes one line of at most 300 characters of what a source says.
func oneLine(s string) string {
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) > 300 {
		return string(runes[:300]) + " …"
	}
	return string(runes)
}

// byStatus is what an answer means of which the connector says nothing.
func (c *client) byStatus(k *call) *failure {
	f := &failure{class: classFatal}
	switch k.status {
	case http.StatusUnauthorized:
		f.class = classDenied
		if c.keeper.renewable() && !k.signIn {
			f.class = classExpired
		}
	case http.StatusForbidden:
		f.class = classDenied
	case 408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524:
		f.class = classRetry
	}
	if slices.Contains(c.decl.retryOn, k.status) || c.decl.retryMatches != nil && c.decl.retryMatches.Match(k.body) {
		f.class = classRetry
	}
	if f.class == classRetry && slices.Contains(c.decl.noRetry, k.status) {
		f.class = classFatal
	}
	return f
}

// joined puts a code before what is said, unless one says the other already.
func joined(code, message string) string {
	switch {
	case code == "" || strings.Contains(message, code):
		return message
	case message == "" || strings.Contains(code, message):
		return code
	}
	return code + ": " + message
}

// explainFailure says what an answer means in one sentence of cause and one of remedy.
func (c *client) explainFailure(k *call) *Error {
	f := k.failure
	text := joined(f.code, f.message)
	if !f.worded {
		text = joined(text, said(k.body))
	}
	text = c.scrub(text)
	e := &Error{Status: k.status, Hint: f.hint, Denied: f.class == classDenied, Temporary: f.class == classRetry}
	switch {
	case k.status >= 200 && k.status <= 299:
		e.Err = fmt.Errorf("the source reports an error though the status is %d: %s", k.status, text)
	case text == "":
		e.Err = fmt.Errorf("the source answered %d %s", k.status, http.StatusText(k.status))
	default:
		e.Err = fmt.Errorf("the source answered %d %s (%s)", k.status, http.StatusText(k.status), text)
	}
	if !f.ruled && k.status >= 500 && !slices.Contains(c.decl.noRetry, k.status) {
		e.Temporary = true
	}
	if e.Hint == "" {
		e.Hint = remedy(k.status, f.class)
	}
	return e
}

// remedy is what to do about an error of which the connector says nothing.
func remedy(status int, class string) string {
	switch {
	case class == classExpired:
		return "Signing in anew did not help: check that the user may use the API, and that nobody else signs in as this user meanwhile"
	case status == http.StatusUnauthorized:
		return "The key was not accepted: check that it is complete, not expired and meant for this address"
	case status == http.StatusForbidden:
		return "The key was accepted but may not read this: give its user the rights named in the connector's page"
	case class == classDenied:
		return "Give the user the rights named in the connector's page"
	case class == classConfig:
		return "Check the settings of this source"
	case status == http.StatusNotFound:
		return "Check the address; this system may be another version, or the module is not installed"
	case status == http.StatusTooManyRequests:
		return "The source asks for fewer requests: run later, or lower rate in the connector"
	case class == classRetry || status >= 500:
		return "The source has trouble of its own: try again later"
	}
	return ""
}
