package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// The kinds of errors that callers tell apart with errors.Is.
var (
	ErrOptions     = errors.New("wrong options")         // the options contradict themselves
	ErrUnreachable = errors.New("warehouse unreachable") // nobody answers at the URL
	ErrAuth        = errors.New("login refused")         // user or password is wrong
	ErrDatabase    = errors.New("unknown database")      // missing, and it may not be created
	ErrOldServer   = errors.New("server too old")        // see the package's oldest version
	ErrReadOnly    = errors.New("user may only read")    // a write with a reader's rights
	ErrMissing     = errors.New("table missing")         // the table is not there: Migrate was not run
	ErrSchema      = errors.New("schema conflict")       // batch and table, or table and description, differ
	ErrMigration   = errors.New("migration conflict")    // an applied migration file was changed
	ErrMemory      = errors.New("memory limit exceeded") // the query needed more than MaxMemory
	ErrQuery       = errors.New("statement refused")     // the engine did not accept the statement
	ErrStage       = errors.New("stage used wrongly")    // written after Publish, unknown table
	ErrBusy        = errors.New("warehouse overwhelmed") // still too busy after all retries
)

// Error is what went wrong in the warehouse, for a person to act on: one
// sentence of cause, one of remedy.
type Error struct {
	Kind   error  // one of the Err… values of this package
	Doing  string // what was being done: "insert into invoices"
	Cause  string
	Remedy string
	Code   int32 // the engine's error code; 0 where it has none
	Err    error // what lies beneath; nil where this package found the fault itself
}

// Error returns "doing: cause; remedy".
func (e *Error) Error() string {
	var b strings.Builder
	if e.Doing != "" {
		b.WriteString(e.Doing + ": ")
	}
	b.WriteString(e.Cause)
	if e.Remedy != "" {
		b.WriteString("; " + e.Remedy)
	}
	return b.String()
}

// Unwrap gives the kind and what lies beneath.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

func optionError(cause, remedy string) error {
	return &Error{Kind: ErrOptions, Doing: "open the warehouse", Cause: cause, Remedy: remedy}
}

// Codes of the engine that this package tells apart.
const (
	codeUnknownTable    = 60
	codeUnknownDatabase = 81
	codeReadOnly        = 164
	codeMemoryLimit     = 241
	codeNoSpace         = 243
	codeAccessDenied    = 497
)

var authCodes = map[int32]bool{192: true, 193: true, 194: true, 516: true}

// retryableCodes are conditions of the server that pass, or in which it does
// not know itself whether the insert arrived; the token makes a repeat safe.
var retryableCodes = map[int32]bool{
	3:   true, // unexpected end of file: the stream broke on its way
	159: true, // timeout exceeded
	202: true, // too many simultaneous queries
	203: true, // no free connection to a shard
	209: true, // socket timeout
	210: true, // network error
	225: true, // no keeper
	241: true, // memory limit: another query may have it
	242: true, // table is read only while it finds its keeper again
	252: true, // too many parts: merges have to catch up
	279: true, // all connection tries failed
	285: true, // too few live replicas
	319: true, // unknown status of insert
	999: true, // keeper exception
}

func codeOf(err error) int32 {
	var ex *clickhouse.Exception
	if errors.As(err, &ex) {
		return ex.Code
	}
	return 0
}

// explain turns an error of the client into an [*Error]. It keeps a cancelled
// context and an error that is explained already as they are.
func (w *Warehouse) explain(doing string, err error) error {
	var known *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: %w", doing, err)
	}
	e := &Error{Doing: doing, Err: err, Code: codeOf(err)}
	switch {
	case authCodes[e.Code] || (e.Code == 0 && statusOf(err) == http.StatusUnauthorized):
		e.Kind, e.Cause = ErrAuth, fmt.Sprintf("%s refused the login of user %q", w.address, w.opts.User)
		e.Remedy = "check the user and its password in the warehouse settings"
	case e.Code == codeUnknownDatabase:
		e.Kind, e.Cause = ErrDatabase, fmt.Sprintf("there is no database %q at %s", w.database, w.address)
		e.Remedy = "create it, or name the right one in the warehouse settings"
	case e.Code == codeReadOnly || e.Code == codeAccessDenied:
		e.Kind, e.Cause = ErrReadOnly, fmt.Sprintf("user %q may not do this at %s: %s", w.opts.User, w.address, messageOf(err))
		e.Remedy = "use a user that may write, or have these rights granted"
	case e.Code == codeUnknownTable:
		e.Kind, e.Cause, e.Remedy = ErrMissing, messageOf(err), "run huikuan sync or huikuan build first, or correct the name"
	case e.Code == codeNoSpace:
		e.Kind, e.Cause, e.Remedy = ErrQuery, "the disk of the warehouse is full: "+messageOf(err), "free some space, or move the folder (setting `data`) to a larger disk, and run the command again"
	case e.Code == codeMemoryLimit:
		e.Kind, e.Cause, e.Remedy = ErrMemory, "the query needed more memory than it may use", "raise the warehouse's memory limit or narrow the query"
	case retryableCodes[e.Code]:
		e.Kind, e.Cause, e.Remedy = ErrBusy, messageOf(err), "try again later; if it stays, look at the server's load"
	case e.Code != 0:
		e.Kind, e.Cause = ErrQuery, messageOf(err)
	case isTransport(err):
		e.Kind, e.Cause = ErrUnreachable, fmt.Sprintf("no answer from the warehouse at %s (%s)", w.address, rootText(err))
		e.Remedy = "check the URL and that the server is running and reachable from here"
	default:
		e.Kind, e.Cause = ErrQuery, rootText(err)
	}
	return e
}

// retryable says whether the same bytes may be sent again.
func retryable(err error) bool {
	if code := codeOf(err); code != 0 {
		return retryableCodes[code]
	}
	return isTransport(err)
}

func isTransport(err error) bool {
	var netErr net.Error
	switch statusOf(err) {
	case 0:
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusTooManyRequests:
		return true
	default:
		return false
	}
	return errors.As(err, &netErr) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, clickhouse.ErrAcquireConnTimeout)
}

func statusOf(err error) int {
	var h *clickhouse.HTTPError
	if errors.As(err, &h) {
		return h.StatusCode
	}
	return 0
}

// messageOf is the engine's own sentence, without its stack of scopes and version.
func messageOf(err error) string {
	var ex *clickhouse.Exception
	if !errors.As(err, &ex) {
		return rootText(err)
	}
	msg := strings.TrimSpace(ex.Message)
	if i := strings.Index(msg, " (version "); i > 0 {
		msg = msg[:i]
	}
	if msg, cut := cutName(msg); cut {
		return msg
	}
	return strings.TrimRight(msg, ". ")
}

// cutName drops the trailing "(SYMBOLIC_NAME)".
func cutName(msg string) (string, bool) {
	i := strings.LastIndex(msg, "(")
	if i <= 0 || !strings.HasSuffix(msg, ")") || strings.ToUpper(msg[i:]) != msg[i:] {
		return msg, false
	}
	return strings.TrimRight(msg[:i], ". "), true
}

// rootText is the innermost sentence of a chain of wrapped errors: "connection refused".
func rootText(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}
