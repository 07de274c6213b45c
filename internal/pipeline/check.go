package pipeline

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
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

// tolerated is how far the clock of a source may be off before people are told.
const tolerated = time.Minute

// Remedies says for each thing that is not as it should be what it is and what
// to do, one sentence of each; what no stream can be blamed for is said once.
func (c SourceCheck) Remedies() []string {
	var out, empty []string
	skewed := false
	for _, st := range c.Streams {
		name := c.Source + "/" + st.Stream
		switch {
		case st.Err != nil:
			continue // its message has its own remedy
		case st.Rows == 0:
			empty = append(empty, st.Stream)
		}
		if len(st.Missing) > 0 {
			out = append(out, fmt.Sprintf("%s: the source does not show %s. Give the user the right to read such fields; what stays missing is left empty", name, strings.Join(st.Missing, ", ")))
		}
		if st.Note != "" {
			out = append(out, name+": "+st.Note)
		}
		if st.Skew.Abs() > tolerated && !skewed {
			skewed = true
			way := "ahead of"
			if st.Skew < 0 {
				way = "behind"
			}
			out = append(out, fmt.Sprintf("%s: the source's clock is %s %s ours. Set both by a time server; nothing is lost as long as that is less than the overlap of the streams", c.Source, st.Skew.Abs().Round(time.Second), way))
		}
	}
	if len(empty) > 0 {
		out = append(out, fmt.Sprintf("%s: no record is visible in %s. Give the user of this source the right to read them; if there are none yet, all is well", c.Source, strings.Join(empty, ", ")))
	}
	return out
}
