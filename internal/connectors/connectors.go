// Package connectors holds the tools of those who write connectors: it finds,
// shows and checks connector files, writes the schema and the reference of
// their language, records the exchanges with a source and replays them in tests.
//
// In: connector files, folders of recorded exchanges. Out: text, and what a
// test found. Never here: the warehouse.
package connectors

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"huikuan/config"
	"huikuan/extract"
)

// Known is one connector there is.
type Known struct {
	extract.ConnectorDoc
	Path string // of an own connector's file; empty = shipped
	Err  error  // why an own one cannot be read
}

// List lists the shipped connectors and those in the folders of the configuration.
func List(cfg *config.Config) []Known {
	var out []Known
	for _, path := range ownFiles(cfg) {
		k := Known{Path: path}
		c, err := fromFile(path)
		if err != nil {
			k.Name, k.Err = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), err
		} else {
			k.ConnectorDoc = c.Doc()
		}
		out = append(out, k)
	}
	for _, name := range extract.ShippedNames() {
		c, err := extract.Shipped(name)
		if err != nil {
			out = append(out, Known{ConnectorDoc: extract.ConnectorDoc{Name: name}, Err: err})
			continue
		}
		out = append(out, Known{ConnectorDoc: c.Doc()})
	}
	return out
}

func ownFiles(cfg *config.Config) []string {
	var out []string
	for _, dir := range cfg.Connectors.Paths {
		files, _ := filepath.Glob(filepath.Join(dir, "*.yaml")) // the pattern is always a good one
		out = append(out, files...)
	}
	return out
}

// Find returns a connector by its name or the path of its file. Own ones come
// before shipped ones of the same name.
func Find(cfg *config.Config, name string) (*extract.Connector, error) {
	if isPath(name) {
		return fromFile(name)
	}
	names := extract.ShippedNames()
	for _, path := range ownFiles(cfg) {
		own := strings.TrimSuffix(filepath.Base(path), ".yaml")
		if own == name {
			return fromFile(path)
		}
		names = append(names, own)
	}
	if !slices.Contains(names, name) {
		return nil, &UsageError{extract.UnknownName("connector", name, names)}
	}
	return extract.Shipped(name)
}

func isPath(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") || strings.ContainsRune(name, filepath.Separator)
}

func fromFile(path string) (*extract.Connector, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &UsageError{fmt.Errorf("connector file: %w", err)}
	}
	c, err := extract.ParseConnector(path, text)
	if err != nil {
		return nil, &UsageError{err}
	}
	return c, nil
}

// UsageError is a mistake of the caller: a name that does not exist, a file that is not right.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *UsageError) Unwrap() error { return e.Err }
