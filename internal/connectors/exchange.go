package connectors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// anything stands in a recorded request for a value that is not compared.
const anything = "*"

// Exchange is one request with its answer, as recorded.
type Exchange struct {
	Request  ExchangeRequest  `yaml:"request"`
	Response ExchangeResponse `yaml:"response"`

	file string // that it stands in, for messages
	used int
}

// ExchangeRequest is what was asked. Headers are not recorded, as the key is in
// them; those that are written by hand are compared.
type ExchangeRequest struct {
	Method string            `yaml:"method"`
	Host   string            `yaml:"host,omitempty"` // where it is not the host of the source
	Path   string            `yaml:"path"`
	Query  map[string]string `yaml:"query,omitempty"` // of a name that stands several times, the values joined by commas
	Form   map[string]string `yaml:"form,omitempty"`
	Header map[string]string `yaml:"headers,omitempty"` // only these are compared
	JSON   yaml.Node         `yaml:"json,omitempty"`    // the body, compared as JSON
	Body   string            `yaml:"body,omitempty"`    // the body, compared as text
}

// ExchangeResponse is what was answered.
type ExchangeResponse struct {
	Status  int               `yaml:"status,omitempty"` // 0 = 200
	Headers map[string]string `yaml:"headers,omitempty"`
	JSON    yaml.Node         `yaml:"json,omitempty"` // the body as YAML; numbers keep their text
	Body    string            `yaml:"body,omitempty"` // the body as it came
}

// readExchanges reads the files of a folder in the order of their names; a file
// may hold several, parted by ---.
func readExchanges(dir string) ([]*Exchange, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.http.yaml"))
	if err != nil {
		return nil, fmt.Errorf("list exchanges: %w", err)
	}
	slices.Sort(paths)
	var out []*Exchange
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read exchanges: %w", err)
		}
		d := yaml.NewDecoder(bytes.NewReader(text))
		d.KnownFields(true)
		for {
			x := &Exchange{file: filepath.Base(path)}
			err := d.Decode(x)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, &UsageError{fmt.Errorf("%s: %w", path, err)}
			}
			if x.Request.Method == "" {
				x.Request.Method = http.MethodGet
			}
			out = append(out, x)
		}
	}
	return out, nil
}

// asked is a request that is looked up, taken apart.
type asked struct {
	method, host, path string
	query, form        map[string]string
	json               any // nil = no JSON
	body               string
	header             http.Header
}

func takeApart(r *http.Request) (asked, error) {
	a := asked{method: r.Method, host: r.URL.Host, path: r.URL.Path, query: flatValues(r.URL.Query()), header: r.Header}
	if r.Body == nil {
		return a, nil
	}
	body, err := io.ReadAll(r.Body)
	if err = errors.Join(err, r.Body.Close()); err != nil {
		return a, fmt.Errorf("read the request: %w", err)
	}
	a.setBody(r.Header.Get("Content-Type"), body)
	return a, nil
}

func (a *asked) setBody(contentType string, body []byte) {
	a.body = string(body)
	switch {
	case strings.HasPrefix(contentType, "application/x-www-form-urlencoded"):
		if values, err := url.ParseQuery(a.body); err == nil {
			a.form, a.body = flatValues(values), ""
		}
	case len(body) > 0 && json.Valid(body):
		a.json, a.body = readJSON(body), ""
	}
}

func flatValues(v url.Values) map[string]string {
	out := map[string]string{}
	for name, list := range v {
		out[name] = strings.Join(list, ",")
	}
	return out
}

// readJSON keeps the text of numbers.
func readJSON(text []byte) any {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}

// differences says in what a request differs from the recorded one; empty = in nothing.
func (x *Exchange) differences(a asked) []string {
	r := x.Request
	var out []string
	differ := func(what, recorded, found string) {
		if recorded != found && recorded != anything {
			out = append(out, fmt.Sprintf("%s: recorded %s, asked %s", what, orNothing(recorded), orNothing(found)))
		}
	}
	differ("method", r.Method, a.method)
	if r.Host != "" {
		differ("host", r.Host, a.host)
	}
	differ("path", r.Path, a.path)
	for what, pair := range map[string][2]map[string]string{"query": {r.Query, a.query}, "form": {r.Form, a.form}} {
		for _, name := range names(pair[0], pair[1]) {
			differ(what+" "+name, pair[0][name], pair[1][name])
		}
	}
	for name, value := range r.Header {
		differ("header "+name, value, a.header.Get(name))
	}
	switch {
	case !r.JSON.IsZero() || a.json != nil:
		var recorded any
		if !r.JSON.IsZero() {
			recorded = readJSON(jsonOf(&r.JSON))
		}
		out = append(out, differingJSON("body", recorded, a.json)...)
	default:
		differ("body", strings.TrimSpace(r.Body), strings.TrimSpace(a.body))
	}
	slices.Sort(out)
	return out
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

func names(maps ...map[string]string) []string {
	var out []string
	for _, m := range maps {
		for name := range m {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// differingJSON compares two values key by key.
func differingJSON(at string, recorded, found any) []string {
	if recorded == anything {
		return nil
	}
	r, rIs := recorded.(map[string]any)
	f, fIs := found.(map[string]any)
	if rIs && fIs {
		var out []string
		for _, name := range jsonNames(r, f) {
			out = append(out, differingJSON(at+"."+name, r[name], f[name])...)
		}
		return out
	}
	rl, rIs := recorded.([]any)
	fl, fIs := found.([]any)
	if rIs && fIs && len(rl) == len(fl) {
		var out []string
		for i := range rl {
			out = append(out, differingJSON(fmt.Sprintf("%s.%d", at, i), rl[i], fl[i])...)
		}
		return out
	}
	if a, b := jsonText(recorded), jsonText(found); a != b {
		return []string{fmt.Sprintf("%s: recorded %s, asked %s", at, a, b)}
	}
	return nil
}

func jsonNames(a, b map[string]any) []string {
	var out []string
	for _, m := range []map[string]any{a, b} {
		for name := range m {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func jsonText(v any) string {
	if v == nil {
		return "nothing"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // what was read from JSON can be written as JSON
	return strings.TrimSpace(b.String())
}

// jsonOf writes a YAML value as JSON; numbers keep their text, so that 100.00 stays 100.00.
func jsonOf(n *yaml.Node) []byte {
	var b bytes.Buffer
	writeJSON(&b, n)
	return b.Bytes()
}

func writeJSON(b *bytes.Buffer, n *yaml.Node) {
	switch n.Kind {
	case yaml.AliasNode:
		writeJSON(b, n.Alias)
	case yaml.DocumentNode:
		writeJSON(b, n.Content[0])
	case yaml.MappingNode:
		b.WriteByte('{')
		for i := 0; i+1 < len(n.Content); i += 2 {
			if i > 0 {
				b.WriteByte(',')
			}
			writeText(b, n.Content[i].Value)
			b.WriteByte(':')
			writeJSON(b, n.Content[i+1])
		}
		b.WriteByte('}')
	case yaml.SequenceNode:
		b.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSON(b, item)
		}
		b.WriteByte(']')
	default:
		switch {
		case n.Tag == "!!null":
			b.WriteString("null")
		case (n.Tag == "!!int" || n.Tag == "!!float" || n.Tag == "!!bool") && json.Valid([]byte(n.Value)):
			b.WriteString(n.Value)
		default:
			writeText(b, n.Value)
		}
	}
}

func writeText(b *bytes.Buffer, s string) { b.WriteString(jsonText(s)) }
