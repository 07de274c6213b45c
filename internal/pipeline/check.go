package pipeline

import (
	"context"
	"log/slog"
	"time"

	"huikuan/config"
	"huikuan/extract"
)

// SourceCheck is what one source lets us see.
type SourceCheck struct {
	Source, Connector string
	Streams           []extract.StreamCheck
}

// CheckSources asks each chosen source what may be read; it opens no warehouse.
// A mistake in the configuration is returned as an error, trouble with a source
// stands in its streams.
func CheckSources(ctx context.Context, cfg *config.Config, log *slog.Logger, names []string) ([]SourceCheck, error) {
	a := &App{cfg: cfg, log: log, now: time.Now}
	chosen, err := a.chosen(names)
	if err != nil {
		return nil, err
	}
	var out []SourceCheck
	for _, s := range chosen {
		src, err := a.openSource(ctx, s)
		if err != nil {
			return nil, err
		}
		if _, err := a.streams(s, src, nil); err != nil {
			src.Close()
			return nil, err
		}
		out = append(out, SourceCheck{Source: s.Name, Connector: s.Connector, Streams: src.Check(ctx)})
		src.Close()
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
	}
	return out, nil
}
