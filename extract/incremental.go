package extract

import (
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// incremental is how a stream continues: where its cursor stands in a record,
// how it is written, and how far back a new run goes.
type incremental struct {
	fields    []string // paths in a record; of several values the latest counts
	from      string   // path in the answer, instead of fields
	format    cursorFormat
	request   cursorFormat
	start     string
	overlap   time.Duration
	safeLag   time.Duration
	unordered bool // the records do not come in order of the field
}

// mergeIncremental reads the incremental section of the defaults and the stream's own over it.
func (c *Connector) mergeIncremental(st *streamDecl) (*incrementalDecl, error) {
	if st.incNode == nil && c.defaults.incNode == nil || isNone(st.incNode) {
		return nil, nil
	}
	inc := &incrementalDecl{format: "iso"}
	for _, n := range []*yaml.Node{c.defaults.incNode, st.incNode} {
		if n == nil {
			continue
		}
		if err := c.parseIncremental(n, "stream "+st.name+".incremental", inc); err != nil {
			return nil, err
		}
	}
	if inc.opaque {
		inc.format = "text"
	}
	if len(inc.fields) == 0 && inc.from == "" {
		return nil, &lineError{st.line, "stream " + st.name + `: incremental needs the key "field", or "from"`}
	}
	if len(inc.fields) > 1 && inc.format == "text" {
		return nil, &lineError{st.line, "stream " + st.name + `: incremental: of several fields the latest counts, and a text does not say which is later`}
	}
	for _, f := range []string{inc.format, inc.requestFormat} {
		if _, err := newCursorFormat(f, time.UTC); err != nil {
			return nil, &lineError{st.line, fmt.Sprintf("stream %s: incremental: %v", st.name, err)}
		}
	}
	return inc, nil
}

// isNone says whether a section was switched off.
func isNone(n *yaml.Node) bool {
	return n != nil && n.Kind == yaml.ScalarNode && (n.Value == "none" || n.Tag == "!!null")
}

func (st *streamDecl) openIncremental(s *Source, data map[string]any) (*incremental, error) {
	d, err := s.connector.mergeIncremental(st)
	if d == nil || err != nil {
		return nil, err
	}
	inc := &incremental{fields: d.fields, from: d.from, unordered: d.unordered}
	if inc.overlap, err = d.overlapText.span(data, "incremental.overlap"); err != nil {
		return nil, err
	}
	if inc.safeLag, err = d.safeLag.span(data, "incremental.safe_lag"); err != nil {
		return nil, err
	}
	if inc.format, err = newCursorFormat(d.format, s.location); err != nil {
		return nil, err
	}
	inc.request = inc.format
	zone := s.location
	if name, err := d.requestZone.render(data); err != nil {
		return nil, err
	} else if name != "" {
		if zone, err = time.LoadLocation(name); err != nil {
			return nil, &Error{Field: "incremental.request_timezone", Found: name, Expected: "a zone such as Asia/Shanghai", Err: errSetting}
		}
	}
	if format := d.requestFormat; format != "" || zone != s.location {
		if format == "" {
			format = d.format
		}
		if inc.request, err = newCursorFormat(format, zone); err != nil {
			return nil, err
		}
	}
	if inc.start, err = d.start.render(data); err != nil {
		return nil, err
	}
	if inc.start != "" && !inc.format.opaque() { // people write a plain day
		if t, err := inc.format.parseDay(inc.start); err == nil {
			inc.start = inc.format.format(t)
		} else if _, err := inc.format.parse(inc.start); err != nil {
			return nil, &Error{Field: "start", Found: inc.start, Expected: inc.format.String() + ", or a day such as 2026-01-31", Err: errSetting}
		}
	}
	return inc, nil
}

// since is the cursor value from which a run reads, as the source writes it:
// the saved one less the overlap, or the start of the first read.
func (inc *incremental) since(saved string) (string, error) {
	if saved == "" {
		return inc.start, nil
	}
	if inc.format.opaque() || inc.overlap == 0 {
		return saved, nil
	}
	t, err := inc.format.parse(saved)
	if err != nil {
		return "", &Error{Field: inc.name(), Found: fmt.Sprintf("the saved cursor %q", saved), Expected: inc.format.String(),
			Hint: "Read the stream anew from the beginning"}
	}
	return inc.format.format(t.Add(-inc.overlap)), nil
}

// asked writes a cursor value as requests want it.
func (inc *incremental) asked(value string) (string, error) {
	if inc.format == inc.request || value == "" {
		return value, nil
	}
	t, err := inc.format.parse(value)
	if err != nil {
		return "", &Error{Field: inc.name(), Found: fmt.Sprintf("%q", value), Expected: inc.format.String()}
	}
	return inc.request.format(t), nil
}

// watermark is the higher of two cursor values, but never later than limit: one
// record dated in the future must not hide those that follow.
func (inc *incremental) watermark(saved, last string, limit time.Time) string {
	if last == "" {
		return saved
	}
	if inc.format.opaque() {
		if inc.from != "" {
			return last // only the source knows which of two texts is later
		}
		return max(saved, last)
	}
	t, err := inc.format.parse(last)
	if err != nil {
		return saved
	}
	if limit = limit.Add(-inc.safeLag); t.After(limit) {
		t, last = limit, inc.format.format(limit)
	}
	if saved != "" {
		if s, err := inc.format.parse(saved); err == nil && !t.After(s) {
			return saved
		}
	}
	return last
}

// name is how messages call the cursor field.
func (inc *incremental) name() string { return cursorName(inc.fields, inc.from) }

func cursorName(fields []string, from string) string {
	if from != "" {
		return from
	}
	return strings.Join(fields, ", ")
}
