package embedded

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// ErrLibraryMissing: libchdb is not on this machine.
var ErrLibraryMissing = errors.New("the embedded engine libchdb.so is not installed; run `npm ci` in the project folder (or `make setup`), or set HUIKUAN_LIBCHDB to the path of libchdb.so")

// ErrLocked: another process has the data folder open.
var ErrLocked = errors.New("the data folder is in use by another process")

// ErrOtherFolder: this process already runs an engine on another folder.
var ErrOtherFolder = errors.New("this process already runs an embedded engine on another data folder; a process can hold one folder only")

// errConnect is all the C interface says when a session cannot be opened.
var errConnect = errors.New("the engine refused a session")

// Error codes of ClickHouse that this package produces or looks at itself.
const (
	codeUnknownFormat      = 73
	codeSyntax             = 62
	codeUnknownSetting     = 115
	codeReadOnly           = 164
	codeTooMany            = 202
	codeTimeout            = 159
	codeCancelled          = 394
	codeAuthentication     = 516
	codeAccessDenied       = 497
	codeLogical            = 49
	codeOutfile            = 358
	codeNotImplemented     = 48
	codeBadData            = 33
	codeBadArguments       = 36
	codeUnknownCompression = 89
	codeUnknown            = 1002
)

// exception is an error in ClickHouse's shape: "Code: N. DB::Exception: …
// (NAME)". Clients parse that text, so it is kept as the engine wrote it.
type exception struct {
	code int
	text string // complete, starting with "Code: "
}

func (e *exception) Error() string { return e.text }

var exceptionPrefix = regexp.MustCompile(`Code: (\d+)\. ?`)

// parseException turns an error text of the engine into an exception. A text
// without a code gets ClickHouse's code for an unknown exception.
func parseException(msg string) *exception {
	msg = strings.TrimSpace(msg)
	if at := exceptionPrefix.FindStringSubmatchIndex(msg); at != nil {
		code, err := strconv.Atoi(msg[at[2]:at[3]])
		if err == nil {
			return &exception{code: code, text: msg[at[0]:]}
		}
	}
	return newException(codeUnknown, msg)
}

var exceptionNames = map[int]string{
	codeUnknownFormat:      "UNKNOWN_FORMAT",
	codeSyntax:             "SYNTAX_ERROR",
	codeUnknownSetting:     "UNKNOWN_SETTING",
	codeReadOnly:           "READONLY",
	codeTooMany:            "TOO_MANY_SIMULTANEOUS_QUERIES",
	codeTimeout:            "TIMEOUT_EXCEEDED",
	codeCancelled:          "QUERY_WAS_CANCELLED",
	codeAuthentication:     "AUTHENTICATION_FAILED",
	codeAccessDenied:       "ACCESS_DENIED",
	codeLogical:            "LOGICAL_ERROR",
	codeBadData:            "CANNOT_READ_ALL_DATA",
	codeBadArguments:       "BAD_ARGUMENTS",
	codeUnknownCompression: "UNKNOWN_COMPRESSION_METHOD",
	codeUnknown:            "UNKNOWN_EXCEPTION",
	codeNotImplemented:     "NOT_IMPLEMENTED",
	codeOutfile:            "INTO_OUTFILE_NOT_ALLOWED",
}

func newException(code int, msg string) *exception {
	text := fmt.Sprintf("Code: %d. DB::Exception: %s", code, strings.TrimRight(msg, "\n"))
	if name := exceptionNames[code]; name != "" {
		text += ". (" + name + ")"
	}
	return &exception{code: code, text: text}
}

// asException gives any error the shape that clients understand.
func asException(err error) *exception {
	var e *exception
	if errors.As(err, &e) {
		return e
	}
	return newException(codeUnknown, err.Error())
}

// status maps an exception to the HTTP status that a ClickHouse server uses.
func (e *exception) status() int {
	switch e.code {
	case codeAuthentication:
		return http.StatusForbidden
	case codeAccessDenied, codeReadOnly:
		return http.StatusForbidden
	case codeTooMany:
		return http.StatusServiceUnavailable
	case codeTimeout:
		return http.StatusRequestTimeout
	case codeSyntax, codeUnknownSetting, codeUnknownFormat, codeBadData, codeBadArguments, codeUnknownCompression, 6, 26, 27, 38, 41, 43, 47, 53, 69, 72, 321, 386, 456, 457:
		return http.StatusBadRequest
	case 60, 81:
		return http.StatusNotFound
	default:
		return http.StatusInternalServerError
	}
}
