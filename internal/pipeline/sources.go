package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"huikuan/config"
	"huikuan/extract"
)

// openSource parses the connector of a configured source and checks its settings.
func (a *App) openSource(ctx context.Context, s config.Source) (*extract.Source, error) {
	c, err := Connector(a.cfg, s)
	if err != nil {
		return nil, err
	}
	o := extract.Options{Logger: a.log, Now: a.now, BaseDir: a.cfg.Dir, TokenDir: a.cfg.Sync.TokenDir}
	if a.adjust != nil {
		a.adjust(&o)
	}
	src, err := extract.Open(ctx, s.Name, c, s.Settings, o)
	if err != nil {
		return nil, &SourceError{Config: a.cfg.Path, Line: s.Line, Err: err}
	}
	return src, nil
}

// OpenSource opens a configured source for a command that needs no warehouse;
// adjust changes what a sync would open it with. Its connector and configuration
// are returned too.
func OpenSource(ctx context.Context, cfg *config.Config, log *slog.Logger, name string, adjust func(*extract.Options)) (*extract.Source, *extract.Connector, config.Source, error) {
	a := &App{cfg: cfg, log: log, now: time.Now, adjust: adjust}
	chosen, err := a.chosen([]string{name})
	if err != nil {
		return nil, nil, config.Source{}, err
	}
	c, err := Connector(cfg, chosen[0])
	if err != nil {
		return nil, nil, config.Source{}, err
	}
	src, err := a.openSource(ctx, chosen[0])
	return src, c, chosen[0], err
}

// SourceError is a mistake in the configuration of a source.
type SourceError struct {
	Config string
	Line   int
	Err    error
}

func (e *SourceError) Error() string { return fmt.Sprintf("%s:%d: %v", e.Config, e.Line, e.Err) }
func (e *SourceError) Unwrap() error { return e.Err }

// Connector finds the connector of a source: a path, a file of the user's
// folders, or a shipped one.
func Connector(cfg *config.Config, s config.Source) (*extract.Connector, error) {
	c, err := findConnector(cfg, s.Connector)
	if err == nil && s.Streams != nil {
		c, err = c.WithStreams(s.Streams)
	}
	if err != nil {
		return nil, &SourceError{Config: cfg.Path, Line: s.Line, Err: err}
	}
	return c, nil
}

func findConnector(cfg *config.Config, name string) (*extract.Connector, error) {
	var files []string
	if strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") {
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(cfg.Dir, path)
		}
		files = append(files, path)
	} else {
		for _, dir := range cfg.Connectors.Paths {
			files = append(files, filepath.Join(dir, name+".yaml"))
		}
	}
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, fmt.Errorf("read connector: %w", err)
		}
		return extract.ParseConnector(path, raw)
	}
	if len(files) > 0 && files[0] != "" && strings.Contains(name, ".y") {
		return nil, fmt.Errorf("there is no connector file %s", files[0])
	}
	if !slices.Contains(extract.ShippedNames(), name) {
		return nil, fmt.Errorf("connector: found %q, shipped are %s; your own is named by the path of its .yaml", name, strings.Join(extract.ShippedNames(), ", "))
	}
	return extract.Shipped(name)
}

// chosen returns the sources named, or all.
func (a *App) chosen(names []string) ([]config.Source, error) {
	if len(a.cfg.Sources) == 0 {
		return nil, &config.Error{Problems: []config.Problem{{File: a.cfg.Path, Key: "sources", Text: "no source is configured; add one, `huikuan init` writes an example"}}}
	}
	if len(names) == 0 {
		return a.cfg.Sources, nil
	}
	var out []config.Source
	for _, n := range names {
		s, err := a.cfg.Source(n)
		if err != nil {
			return nil, &config.Error{Problems: []config.Problem{{File: a.cfg.Path, Key: "sources", Text: err.Error()}}}
		}
		out = append(out, s)
	}
	return out, nil
}

// wanted tells whether a stream is to be read: asked for on the command line,
// else by `only` of the source, else all.
func wanted(stream string, asked, only []string) bool {
	if len(asked) > 0 {
		return slices.Contains(asked, stream)
	}
	return len(only) == 0 || slices.Contains(only, stream)
}
