// Command huikuan is the receivables warehouse: it pulls invoices, payments and
// visits from ERP and CRM systems, replays the ledger into aging, DSO and rep
// collection metrics, and keeps them in ClickHouse, embedded or on a server.
//
// One thin file a command; what a command does stands in internal/pipeline.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"huikuan/config"
	"huikuan/internal/connectors"
	"huikuan/internal/pipeline"
)

// The exit codes, the same for every command.
const (
	exitOK      = 0
	exitFailed  = 1 // the work could not be done
	exitUsage   = 2 // wrong flag, argument or configuration
	exitPartial = 3 // done, but with rejected rows or failed data tests
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main without the process: tests call it.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil && !errors.Is(err, errPartial) {
		fmt.Fprintln(stderr, "huikuan:", explain(err))
	}
	return exitCode(err)
}

// errPartial ends a command whose work is done but not spotless; what fell
// short has been shown already.
var errPartial = errors.New("finished with rejected rows or failed data tests")

// usageError is a mistake on the command line.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func exitCode(err error) int {
	var usage usageError
	var conf *config.Error
	var source *pipeline.SourceError
	var connector *connectors.UsageError
	var selector *pipeline.SelectorError
	var models *pipeline.ModelsError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errPartial):
		return exitPartial
	case errors.As(err, &usage), errors.As(err, &conf), errors.As(err, &source), errors.As(err, &connector), errors.As(err, &selector), errors.As(err, &models):
		return exitUsage
	}
	return exitFailed
}

// explain adds the remedy where the cause alone leaves a person guessing, and
// says once what several streams ran into alike.
func explain(err error) string {
	if errors.Is(err, context.Canceled) {
		return "stopped; nothing is lost, the same command goes on where this one ended"
	}
	var lines []string
	streams := map[string][]string{} // by the text without their names
	for _, e := range joined(err) {
		text, name := e.Error(), ""
		if x, ok := e.(*pipeline.StreamError); ok && x.Source != "" && x.Stream != "" {
			alike := *x
			alike.Source, alike.Stream, alike.Page = "", "", 0
			text, name = alike.Error(), x.Source+"/"+x.Stream
		}
		if _, seen := streams[text]; !seen {
			lines = append(lines, text)
			streams[text] = nil
		}
		if name != "" && !slices.Contains(streams[text], name) {
			streams[text] = append(streams[text], name)
		}
	}
	for i, text := range lines {
		names := streams[text]
		if n := len(names); n > maxNamed {
			names = append(slices.Clone(names[:maxNamed]), fmt.Sprintf("%d more", n-maxNamed))
		}
		if rest, ok := strings.CutPrefix(text, "extract"); ok && len(names) > 0 {
			lines[i] = "extract " + strings.Join(names, ", ") + rest
		}
	}
	return strings.Join(lines, "\nhuikuan: ")
}

// maxNamed is how many streams a message names.
const maxNamed = 3

// joined takes apart what errors.Join put together.
func joined(err error) []error {
	list, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	if err.Error() != errors.Join(list.Unwrap()...).Error() {
		return []error{err} // a sentence around its causes
	}
	var out []error
	for _, e := range list.Unwrap() {
		out = append(out, joined(e)...)
	}
	return out
}
