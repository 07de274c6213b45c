package extract

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ConnectorDoc tells people what a connector does. It is read off the connector
// as it was parsed, so it cannot say anything else than what is done.
type ConnectorDoc struct {
	Name     string      `json:"name"`
	Title    string      `json:"title"`
	Kind     string      `json:"kind"`
	About    string      `json:"about,omitempty"`
	Tested   string      `json:"tested,omitempty"`
	SignIn   SignInDoc   `json:"sign_in"`
	Settings []Setting   `json:"settings"`
	Streams  []StreamDoc `json:"streams"`
}

// SignInDoc is how a connector signs in.
type SignInDoc struct {
	Type string `json:"type"` // as in http.auth.type; empty for files
	// Settings are the names of the settings it takes for that.
	Settings []string `json:"settings,omitempty"`
}

// StreamDoc is one stream of a connector.
type StreamDoc struct {
	Name       string   `json:"name"`
	Title      string   `json:"title,omitempty"`
	Dictionary bool     `json:"dictionary,omitempty"` // only feeds lookups
	OnlyIf     []string `json:"only_if,omitempty"`    // settings that decide whether it is there
	Reads      string   `json:"reads,omitempty"`      // method and path, or the file
	Pages      string   `json:"pages,omitempty"`      // type of paging
	Continues  string   `json:"continues,omitempty"`  // path of the cursor field; empty = read whole each time
	Window     bool     `json:"window,omitempty"`     // read in windows of time
	Parent     string   `json:"parent,omitempty"`     // the stream whose records it is asked for
	Passes     []string `json:"passes,omitempty"`     // further reads, each with how often
	Replaces   []string `json:"replaces,omitempty"`   // tables of which all rows of a parent are replaced
	Needs      []string `json:"needs,omitempty"`      // rights of the user
	Fills      []string `json:"fills,omitempty"`      // canonical streams it makes rows for
}

// Doc describes the connector.
func (c *Connector) Doc() ConnectorDoc {
	d := ConnectorDoc{Name: c.name, Title: c.title, Kind: c.kind, About: c.about, Tested: c.tested, Settings: c.Settings()}
	if c.kind == kindRest {
		d.SignIn = c.http.auth.doc()
	}
	for i := range c.streams {
		d.Streams = append(d.Streams, c.streamDoc(&c.streams[i]))
	}
	return d
}

func (c *Connector) streamDoc(st *streamDecl) StreamDoc {
	d := StreamDoc{Name: st.name, Title: st.title, Dictionary: st.dict != nil && st.emit == nil, OnlyIf: st.onlyIf.settings(), Fills: emitted(st.emit)}
	switch c.kind {
	case kindFiles:
		d.Reads = st.file.file
		return d
	case kindSQL:
		d.Reads, d.Continues = st.sql.doc()
		return d
	}
	request := st.request
	if request == nil {
		request = c.defaults.request
	}
	if request != nil {
		d.Reads = request.method + " " + c.withVars(st, request.path.text())
	}
	if st.parent != nil {
		d.Parent = st.parent.stream
	}
	if st.replace != nil {
		d.Replaces = st.replace.tables
	}
	d.Needs, d.Window = pairsText(st.needs), st.window != nil || c.defaults.window != nil
	for i := range st.passes {
		d.Passes = append(d.Passes, c.passDoc(&st.passes[i]))
	}
	d.Pages = "none"
	if p := st.paging; p != nil {
		d.Pages = p.kind
	} else if p := c.defaults.paging; p != nil {
		d.Pages = p.kind
	}
	if inc, err := c.mergeIncremental(st); err == nil && inc != nil && !d.Dictionary && !c.ownPaging(st) {
		d.Continues = cursorName(inc.fields, inc.from)
	}
	return d
}

var varPlaceholder = regexp.MustCompile(`\{\{-?\s*\.vars\.(\w+)\s*-?\}\}`)

// withVars fills the plain values of a stream into a text.
func (c *Connector) withVars(st *streamDecl, text string) string {
	return varPlaceholder.ReplaceAllStringFunc(text, func(p string) string {
		name := varPlaceholder.FindStringSubmatch(p)[1]
		for _, vars := range []*yaml.Node{st.vars, c.defaults.vars} {
			if v := child(vars, name); v != nil && v.Kind == yaml.ScalarNode {
				return v.Value
			}
		}
		return p
	})
}

func (c *Connector) passDoc(p *passDecl) string {
	every := p.every
	for i := range c.defaults.passes {
		if d := &c.defaults.passes[i]; d.name == p.name && every == nil {
			every = d.every
		}
	}
	text := p.name
	if t := every.text(); t != "" && t != "0s" {
		text += " every " + t
	} else {
		text += " in each run"
	}
	if s := p.onlyIf.settings(); len(s) > 0 {
		text += " (if " + strings.Join(s, " and ") + ")"
	}
	return text
}

// pairsText writes a mapping of names to texts as a list.
func pairsText(n *yaml.Node) []string {
	if n = deref(n); n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	var out []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		text := n.Content[i].Value
		if v := deref(n.Content[i+1]); v.Value != "" {
			text += ": " + v.Value
		}
		out = append(out, text)
	}
	return out
}

// ownPaging says that a stream pages in its own way, without a cursor of its
// own: the default cursor belongs to the default way of paging.
func (c *Connector) ownPaging(st *streamDecl) bool {
	return st.paging != nil && st.paging != c.defaults.paging && st.paging.kind != "keyset" && st.paging.kind != "id" && st.incNode == nil
}

// text is a template as it was written.
func (t *tmpl) text() string {
	switch {
	case t == nil:
		return ""
	case t.t == nil:
		return t.static
	}
	return t.t.Root.String()
}

// settings lists the settings that a template names.
func (t *tmpl) settings() []string {
	if t == nil || t.t == nil {
		return nil
	}
	return settingsIn(t.t.Root)
}

// emitted lists the canonical streams of an emit section, in order.
func emitted(n *yaml.Node) []string {
	if n = deref(n); n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	var out []string
	for _, entry := range n.Content {
		to := child(entry, "to")
		if to != nil && !slices.Contains(out, to.Value) && !strings.Contains(to.Value, "{{") {
			out = append(out, to.Value)
		}
	}
	return out
}
