package connectors

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"huikuan/extract"
	"huikuan/transform/mapping"
)

// Mistake is one mistake in a connector file.
type Mistake struct {
	Path string
	Line int // 0 = it concerns the file as a whole
	Text string
}

func (m Mistake) String() string {
	if m.Line == 0 {
		return fmt.Sprintf("%s: %s", m.Path, m.Text)
	}
	return fmt.Sprintf("%s:%d: %s", m.Path, m.Line, m.Text)
}

// Lint finds the mistakes of a connector file: what it says to the source, and
// the mapping of every stream, with and without what can be switched on. The
// error says that the file cannot be read at all.
func Lint(path string) ([]Mistake, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &UsageError{fmt.Errorf("connector file: %w", err)}
	}
	var out []Mistake
	add := func(line int, text string) {
		if m := (Mistake{path, line, text}); !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	c, err := extract.ParseConnector(path, text)
	if err != nil {
		for _, m := range extract.Mistakes(err) {
			add(m.Line, strings.TrimPrefix(m.Text, "connector "+path+": "))
		}
		return ordered(out), nil
	}
	for _, answer := range []bool{true, false} {
		lintStreams(c, answer, add)
	}
	return ordered(out), nil
}

// lintStreams compiles the mappings as a run would.
func lintStreams(c *extract.Connector, answer bool, add func(line int, text string)) {
	if len(c.Doc().Streams) == 0 {
		return // its streams stand in the configuration
	}
	src, err := extract.Open(context.Background(), c.Name(), c, c.SampleSettings(answer), extract.Options{})
	if err != nil {
		for _, m := range extract.Mistakes(err) {
			add(m.Line, m.Text)
		}
		return
	}
	defer src.Close()
	for _, st := range src.Streams() {
		if st.Dictionary {
			continue
		}
		lintMapping(c.Name(), st, st.Mapping, false, add)
		if st.KeysMapping != nil {
			lintMapping(c.Name(), st, st.KeysMapping, true, add)
		}
	}
}

func lintMapping(source string, st extract.Stream, emit *yaml.Node, keysOnly bool, add func(line int, text string)) {
	_, err := mapping.Compile(st.Name, emit, mapping.Options{Source: source, Location: st.Location, DateFormats: st.DateFormats, Decimal: st.Decimal, KeysOnly: keysOnly})
	for _, e := range flat(err) {
		var p *mapping.Problem
		if !errors.As(e, &p) {
			add(0, e.Error())
			continue
		}
		text := "stream " + st.Name + ": " + p.Message
		if p.Hint != "" {
			text += "; " + p.Hint
		}
		add(p.Line, text)
	}
}

// flat takes apart what errors.Join put together.
func flat(err error) []error {
	if err == nil {
		return nil
	}
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range list.Unwrap() {
			out = append(out, flat(e)...)
		}
		return out
	}
	return []error{err}
}

func ordered(list []Mistake) []Mistake {
	slices.SortStableFunc(list, func(a, b Mistake) int { return a.Line - b.Line })
	return list
}
