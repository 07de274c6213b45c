package extract

import (
	"embed"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed connectors/*.yaml
var shipped embed.FS

const (
	kindRest  = "rest"
	kindFiles = "files"
	kindSQL   = "sql"
)

// Connector is a parsed connector file.
type Connector struct {
	name, title, kind string
	about, tested     string // for people: what it delivers, and how that was tested
	settings          []Setting
	timezone          *tmpl
	http              httpDecl
	sql               sqlDecl
	defaults          streamDecl
	streams           []streamDecl
	ownStreams        bool // streams came from the configuration, not from the connector
	source            []byte
}

// Name is the connector's name; Title is how people call the system.
func (c *Connector) Name() string { return c.name }

// Title is how people call the system.
func (c *Connector) Title() string { return c.title }

// Text is the file as it was parsed.
func (c *Connector) Text() []byte { return c.source }

// Settings lists what a source of this connector may set.
func (c *Connector) Settings() []Setting { return append([]Setting(nil), c.settings...) }

// httpDecl is how to talk to a source.
type httpDecl struct {
	base         *tmpl
	auth         authDecl
	headers      []namedTemplate
	timeout      time.Duration // of one request with its answer
	maxResponse  int64         // bytes of one answer, after decompression
	prefetch     int64         // bytes of pages fetched ahead of the reader
	concurrency  *tmpl         // requests in flight
	rate         *tmpl         // requests a second; 0 = no limit
	limits       limitsDecl
	budget       budgetDecl
	attempts     int           // of one request
	wait         time.Duration // before the first retry; doubles with each
	maxWait      time.Duration // between retries, where the source does not say
	noRetry      []int         // statuses that are not retried though others would be
	retryOn      []int         // statuses that are retried though others would not be
	retryMatches *regexp.Regexp
	errors       []errorRule
	errorPath    *errorRule // a field that is only there in errors, though the status says 200
	empty        emptyDecl
	checkPath    *tmpl
}

// requestDecl is one request as a template.
type requestDecl struct {
	method  string
	path    *tmpl
	query   []namedTemplate
	headers []namedTemplate
	json    *tmpl
	form    []namedTemplate
	empty   *emptyDecl // nil = as http.empty says
}

type pagingDecl struct {
	kind      string // one of pagingKinds
	sizeText  *tmpl  // records a page
	size      int    // the same, filled in
	path      string // where the cursor or next address stands in the body, or header:NAME
	link      bool   // next: the address stands in the header Link
	start     int    // offset: number of the first page
	more      string // path to a flag that says whether there are more pages
	total     string // offset: path to the number of all records
	shortEnds bool   // offset, id: a page shorter than asked is the last
	atOnce    *tmpl  // offset: pages in flight
	id        string // keyset: field that tells records with one cursor value apart; id: field that orders the records
	firstID   string // comes before every id
	numeric   bool   // id: ids are compared as whole numbers
	operators struct{ from, after, equal string }
	cap       int // records after which the source gives no more pages; the window then slides
	maxPages  int
}

type incrementalDecl struct {
	fields        []string
	from          string // path in the answer, instead of fields
	format        string
	requestFormat string
	requestZone   *tmpl
	start         *tmpl
	overlapText   *tmpl
	safeLag       *tmpl
	unordered     bool
	opaque        bool
}

// windowDecl cuts time into pieces that are asked one by one.
type windowDecl struct {
	from, to, step, lookback, atOnce *tmpl
	format                           string
	inclusive                        bool
}

// passDecl is a further read of a stream: what it says differs from the stream.
type passDecl struct {
	streamDecl
	kind  string // one of passKinds; empty = as the name
	every *tmpl
}

// parentDecl makes a stream the children of another's records.
type parentDecl struct {
	stream  string
	id      string // path, or
	idText  *tmpl  // with placeholders over .record
	keep    []keptDecl
	when    *yaml.Node
	batch   int
	passes  []string
	missing string // what a 404 means
	atOnce  *tmpl
}

// keptDecl is a value of a parent that its children's records carry.
type keptDecl struct{ name, path string }

type replaceDecl struct {
	tables []string
	by     string
	path   string // of the value, or
	value  *tmpl  // with placeholders over .parent
	stream string // whose rows they are; empty = the stream's own
}

// fieldsDecl says what to ask for, and how to learn what there is.
type fieldsDecl struct {
	ask   *yaml.Node
	probe *probeDecl
}

type probeDecl struct {
	request requestDecl
	names   string
}

type checkDecl struct{ earliest, latest *requestDecl }

type dictDecl struct {
	name, key string
	value     *tmpl  // with placeholders over .record, or
	path      string // a plain path
}

type pageLookupDecl struct {
	name, title, ids string
	when             *yaml.Node
	batch            int
	request          *requestDecl
	records          string
	key, value       string
	values           map[string]string // instead of value: dictionary name.X → path
	prefer           string            // dictionary in which the value should have an entry
}

type countDecl struct {
	request requestDecl
	value   string
}

// streamDecl is a stream as declared; nil and empty parts come from the defaults.
type streamDecl struct {
	line        int
	name, title string
	onlyIf      *tmpl
	request     *requestDecl
	records     *string
	columns     []string
	fields      *fieldsDecl
	paging      *pagingDecl
	window      *windowDecl
	incNode     *yaml.Node
	passes      []passDecl
	parent      *parentDecl
	group       *groupDecl
	replace     *replaceDecl
	check       *checkDecl
	needs       *yaml.Node
	sweep       bool
	atOnce      *tmpl
	dict        *dictDecl
	lookups     []string
	pageLookups []pageLookupDecl
	slices      []map[string]string
	vars        *yaml.Node
	count       *countDecl
	emit        *yaml.Node
	file        fileDecl
	sql         sqlStreamDecl
}

// fileDecl is how to read the files of a stream; empty parts come from the source's settings.
type fileDecl struct {
	file, format, delimiter, encoding, decimal, records string
	dateFormats                                         []string
	columns                                             []string
}

// Shipped returns a connector that comes with the program.
func Shipped(name string) (*Connector, error) {
	text, err := shipped.ReadFile("connectors/" + name + ".yaml")
	if err != nil {
		return nil, &Error{Err: fmt.Errorf("there is no connector %q%s", name, oneOf(name, ShippedNames()))}
	}
	return ParseConnector(name, text)
}

// ShippedNames lists the connectors that come with the program, sorted.
func ShippedNames() []string {
	entries, _ := shipped.ReadDir("connectors") // an embedded folder can always be read
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	sort.Strings(names)
	return names
}

// ParseConnector reads a connector file. Its mistakes are reported together,
// each with its line; name is what the file is called in messages.
func ParseConnector(name string, text []byte) (*Connector, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("connector %s: not readable as YAML: %w", name, err)
	}
	if len(doc.Content) == 0 {
		return nil, fmt.Errorf("connector %s: the file is empty", name)
	}
	c := &Connector{kind: kindRest, source: text}
	if err := c.parse(doc.Content[0]); err != nil {
		return nil, fmt.Errorf("connector %s: %w", name, err)
	}
	return c, nil
}

func (c *Connector) parse(root *yaml.Node) error {
	// Settings come first: the templates of every other section are checked against them.
	if n := child(root, "settings"); n != nil {
		if err := c.parseSettings(n); err != nil {
			return err
		}
	}
	var streams *yaml.Node
	err := decode(root, rootSection, c.fields(&streams))
	if err != nil {
		return err
	}
	if c.kind == kindRest {
		for _, set := range httpSettings {
			if c.setting(set.Name) == nil {
				c.settings = append(c.settings, set)
			}
		}
	}
	if c.kind == kindRest && c.http.base == nil {
		return at(root, `the connector needs the section "http" with the key "base"`)
	}
	if c.kind == kindSQL && c.sql.driver == nil {
		return at(root, `the connector needs the section "sql" with the key "driver"`)
	}
	if err := c.checkSessions(root); err != nil || streams == nil {
		return err
	}
	c.streams, err = c.parseStreams(streams)
	return err
}

// fields are the keys of a connector file. Its settings are read before the
// rest, its streams after it.
func (c *Connector) fields(streams **yaml.Node) []field {
	ignore := func(*yaml.Node) error { return nil }
	return []field{
		{name: "name", help: "how a source names this connector", required: true, to: &c.name},
		{name: "title", help: "how people call the system", to: &c.title},
		{name: "about", help: "what it delivers, in one sentence, for the documentation", to: &c.about, example: "customers, invoices with instalments, payments and what they paid"},
		{name: "tested", help: "how that was tested, for the documentation", to: &c.tested, example: "built to the documents"},
		{name: "kind", help: "what is read", allowed: []string{kindRest, kindFiles, kindSQL}, to: &c.kind},
		{name: "settings", help: "what a source may set", set: ignore, typ: typeNamed, sub: func() []field {
			return new(Setting).fields(new(*yaml.Node))
		}},
		{name: "timezone", help: "zone of instants that carry none", set: c.asTemplate(&c.timezone), typ: typeTemplate, def: "UTC", example: `"{{ .settings.timezone }}"`},
		{name: "http", help: "how to talk to the system", set: c.parseHTTP, sub: c.httpFields},
		{name: "sql", help: "how to reach the database, for connectors of the kind sql", sub: c.sqlFields},
		{name: "defaults", help: "what every stream does unless it says otherwise", set: func(n *yaml.Node) error {
			return c.parseStream(n, &c.defaults, true)
		}, sub: func() []field { return c.sharedFields(&c.defaults) }},
		{name: "streams", help: "what can be read, in order", set: asNode(streams), typ: typeSections, sub: func() []field {
			return c.streamFields(&streamDecl{})
		}},
	}
}

func (c *Connector) parseStreams(n *yaml.Node) ([]streamDecl, error) {
	n = deref(n)
	if n.Kind != yaml.SequenceNode {
		return nil, at(n, "streams must be a list")
	}
	var out []streamDecl
	var errs []error
	names := map[string]int{}
	for _, item := range n.Content {
		st := streamDecl{line: item.Line}
		if err := c.parseStream(item, &st, false); err != nil {
			errs = append(errs, err)
			continue
		}
		if line, ok := names[st.name]; ok {
			errs = append(errs, at(item, "stream %q stands already on line %d", st.name, line))
			continue
		}
		names[st.name] = item.Line
		out = append(out, st)
	}
	for i := range out {
		errs = append(errs, c.checkStream(&out[i], out))
	}
	return out, errors.Join(errs...)
}

// WithStreams returns the connector with the streams of a source's
// configuration: one of the same name is replaced, others are added. Line
// numbers in errors are those of the configuration file.
func (c *Connector) WithStreams(node *yaml.Node) (*Connector, error) {
	own, err := c.parseStreams(node)
	if err == nil {
		err = c.checkSessions(node)
	}
	if err != nil {
		return nil, fmt.Errorf("streams of a source with connector %s: %w", c.name, err)
	}
	out := *c
	out.ownStreams = true
	out.streams = append([]streamDecl(nil), c.streams...)
next:
	for _, st := range own {
		for i := range out.streams {
			if out.streams[i].name == st.name {
				out.streams[i] = st
				continue next
			}
		}
		out.streams = append(out.streams, st)
	}
	return &out, nil
}

func child(n *yaml.Node, key string) *yaml.Node {
	n = deref(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return deref(n.Content[i+1])
		}
	}
	return nil
}
