package extract

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	"go.yaml.in/yaml/v3"
)

// tmpl is a text with placeholders, {{ .settings.url }}, over what the place it
// stands in knows: settings, session (what signing in gave), now (the instant of
// the request in UTC: .now.Unix, .now.UnixMilli), vars, page, key, incremental,
// slice, ids, record.
type tmpl struct {
	line   int
	static string             // the whole text, where there is no placeholder
	t      *template.Template // else
}

type namedTemplate struct {
	name string
	tmpl *tmpl
}

// templateFuncs are all that a placeholder may call beside text/template's own
// comparisons; none of them reaches outside.
var templateFuncs = template.FuncMap{
	"json": func(v any) (string, error) {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		err := e.Encode(v)
		return strings.TrimSuffix(b.String(), "\n"), err
	},
	"join":  joinTexts,
	"lower": strings.ToLower,
	"upper": strings.ToUpper,
	"before": func(sep, s string) string {
		head, _, _ := strings.Cut(s, sep)
		return head
	},
	"text": func(v any) string { return textOf(v) },
	// signatures: what the hashes give is bytes, for hex or base64
	"hmac_sha256": func(key, text string) string {
		h := hmac.New(sha256.New, []byte(key))
		h.Write([]byte(text))
		return string(h.Sum(nil))
	},
	"sha256":  func(s string) string { h := sha256.Sum256([]byte(s)); return string(h[:]) },
	"md5":     func(s string) string { h := md5.Sum([]byte(s)); return string(h[:]) },
	"base64":  func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"hex":     func(s string) string { return hex.EncodeToString([]byte(s)) },
	"nonce":   rand.Text,
	"urlpath": url.PathEscape,
	"trim":    func(v any) string { return strings.TrimSpace(textOf(v)) },
	"replace": func(old, new string, v any) string { return strings.ReplaceAll(textOf(v), old, new) },
	"int":     wholeOf,
	"add": func(a, b any) (int64, error) {
		x, err := wholeOf(a)
		y, err2 := wholeOf(b)
		return x + y, errors.Join(err, err2)
	},
	"list": func(items ...any) []any { return items },
	"default": func(fallback, v any) any {
		if truth, ok := template.IsTrue(v); !ok || !truth {
			return fallback
		}
		return v
	},
	"concat": func(lists ...any) []any {
		out := []any{}
		for _, l := range lists {
			if l, ok := l.([]any); ok {
				out = append(out, l...)
			}
		}
		return out
	},
}

// wholeOf reads a whole number, were it written as a text.
func wholeOf(v any) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(textOf(v)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no whole number", textOf(v))
	}
	return n, nil
}

// joinTexts puts a separator between the texts of a list.
func joinTexts(sep string, list any) (string, error) {
	switch list := list.(type) {
	case []string:
		return strings.Join(list, sep), nil
	case []any:
		return strings.Join(texts(list), sep), nil
	}
	return "", fmt.Errorf("join takes a list, not %v", list)
}

func texts(list []any) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = textOf(v)
	}
	return out
}

// compile reads a text with placeholders and checks the settings it names.
func (c *Connector) compile(n *yaml.Node) (*tmpl, error) {
	if !strings.Contains(n.Value, "{{") {
		return &tmpl{line: n.Line, static: n.Value}, nil
	}
	t, err := template.New("").Funcs(templateFuncs).Option("missingkey=error").Parse(n.Value)
	if err != nil {
		return nil, at(n, "the placeholder cannot be read: %s", strings.TrimPrefix(err.Error(), "template: :"))
	}
	for _, name := range settingsIn(t.Root) {
		if c.setting(name) == nil {
			return nil, at(n, "there is no setting %q%s", name, oneOf(name, c.settingNames()))
		}
	}
	return &tmpl{line: n.Line, t: t}, nil
}

func (t *tmpl) render(data map[string]any) (string, error) {
	if t == nil {
		return "", nil
	}
	if t.t == nil {
		return t.static, nil
	}
	var b strings.Builder
	if err := t.t.Execute(&b, data); err != nil {
		cause := err
		for u := errors.Unwrap(cause); u != nil; u = errors.Unwrap(u) {
			cause = u
		}
		return "", fmt.Errorf("the placeholder on line %d of the connector cannot be filled in: %w", t.line, cause)
	}
	return b.String(), nil
}

func (t *tmpl) empty() bool { return t == nil || (t.t == nil && t.static == "") }

// settingsIn lists the settings that a template names.
func settingsIn(n parse.Node) []string {
	var out []string
	for _, field := range fieldsIn(n) {
		if len(field) > 1 && field[0] == "settings" {
			out = append(out, field[1])
		}
	}
	return out
}

// names says whether any template of a request names a place, or one below it: "page", "offset" is .page.offset.
func (r *requestDecl) names(place ...string) bool {
	for _, list := range [][]namedTemplate{{{"", r.path}, {"", r.json}}, r.query, r.headers, r.form} {
		for _, t := range list {
			if t.tmpl == nil || t.tmpl.t == nil {
				continue
			}
			for _, f := range fieldsIn(t.tmpl.t.Root) {
				if len(f) >= len(place) && slices.Equal(f[:len(place)], place) {
					return true
				}
			}
		}
	}
	return false
}

// fieldsIn lists what a template names, .page.size as [page size].
func fieldsIn(n parse.Node) [][]string {
	var out [][]string
	add := func(nodes ...parse.Node) {
		for _, m := range nodes {
			out = append(out, fieldsIn(m)...)
		}
	}
	branch := func(b *parse.BranchNode) { add(b.Pipe, b.List, b.ElseList) }
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			add(n.Nodes...)
		}
	case *parse.ActionNode:
		add(n.Pipe)
	case *parse.PipeNode:
		if n != nil {
			for _, cmd := range n.Cmds {
				add(cmd.Args...)
			}
		}
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.FieldNode:
		out = append(out, n.Ident)
	}
	return out
}

var (
	pureSetting    = regexp.MustCompile(`^\s*\{\{-?\s*\.settings\.(\w+)\s*-?\}\}\s*$`)
	printedSetting = regexp.MustCompile(`\{\{-?\s*\.settings\.(\w+)\s*-?\}\}`)
)

// expand copies a YAML tree with its settings filled in and aliases and merge
// keys resolved. A text that is nothing but one setting takes the setting's
// shape (list, map); inside a list, a list setting is spliced in. What becomes
// empty by an empty setting is left out: nil is returned, and the entry that
// held it goes.
func (c *Connector) expand(n *yaml.Node, data map[string]any) (*yaml.Node, error) {
	n = deref(n)
	switch n.Kind {
	case yaml.ScalarNode:
		return c.expandScalar(n, data)
	case yaml.SequenceNode:
		out := &yaml.Node{Kind: yaml.SequenceNode, Tag: n.Tag, Line: n.Line, Column: n.Column}
		for _, item := range n.Content {
			e, err := c.expand(item, data)
			if err != nil {
				return nil, err
			}
			switch {
			case e == nil:
			case e.Kind == yaml.SequenceNode && deref(item).Kind == yaml.ScalarNode:
				out.Content = append(out.Content, e.Content...)
			default:
				out.Content = append(out.Content, e)
			}
		}
		return out, nil
	case yaml.MappingNode:
		return c.expandMapping(n, data)
	}
	return n, nil
}

func (c *Connector) expandMapping(n *yaml.Node, data map[string]any) (*yaml.Node, error) {
	pairs, err := mergedPairs(n)
	if err != nil {
		return nil, err
	}
	out := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column}
	for i := 0; i+1 < len(pairs); i += 2 {
		key, err := c.expand(pairs[i], data)
		if err != nil {
			return nil, err
		}
		value, err := c.expand(pairs[i+1], data)
		if err != nil {
			return nil, err
		}
		if pairs[i].Value == "only_if" {
			if value == nil || value.Value == "false" {
				return nil, nil
			}
			continue
		}
		if key != nil && value != nil {
			out.Content = append(out.Content, key, value)
		}
	}
	if len(out.Content) == 0 && len(pairs) > 0 {
		return nil, nil
	}
	return out, nil
}

// mergedPairs lists the keys and values of a mapping, those of "<<" first and overridden by its own.
func mergedPairs(n *yaml.Node) ([]*yaml.Node, error) {
	var out []*yaml.Node
	position := map[string]int{}
	put := func(key, value *yaml.Node) {
		if i, ok := position[key.Value]; ok {
			out[i] = value
			return
		}
		position[key.Value] = len(out) + 1
		out = append(out, key, value)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != "<<" {
			continue
		}
		from := deref(n.Content[i+1])
		if from.Kind != yaml.MappingNode {
			return nil, at(n.Content[i], "<< takes a mapping")
		}
		pairs, err := mergedPairs(from)
		if err != nil {
			return nil, err
		}
		for j := 0; j+1 < len(pairs); j += 2 {
			put(pairs[j], pairs[j+1])
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != "<<" {
			put(n.Content[i], n.Content[i+1])
		}
	}
	return out, nil
}

func (c *Connector) expandScalar(n *yaml.Node, data map[string]any) (*yaml.Node, error) {
	plain := *n
	plain.Anchor, plain.Alias = "", nil
	if !strings.Contains(n.Value, ".settings") || !strings.Contains(n.Value, "{{") {
		return &plain, nil
	}
	settings := data["settings"].(map[string]any)
	for _, m := range printedSetting.FindAllStringSubmatch(n.Value, -1) {
		if v, ok := settings[m[1]]; !ok {
			return nil, at(n, "there is no setting %q%s", m[1], oneOf(m[1], c.settingNames()))
		} else if v == "" {
			return nil, nil
		}
	}
	if m := pureSetting.FindStringSubmatch(n.Value); m != nil {
		var out yaml.Node
		if err := out.Encode(settings[m[1]]); err != nil {
			return nil, at(n, "setting %s: %v", m[1], err)
		}
		setLine(&out, n.Line)
		return &out, nil
	}
	t, err := c.compile(n)
	if err != nil {
		return nil, err
	}
	plain.Value, err = t.render(data)
	if err != nil || plain.Value == "" {
		return nil, err
	}
	plain.Tag = "!!str"
	return &plain, nil
}

func setLine(n *yaml.Node, line int) {
	n.Line = line
	for _, c := range n.Content {
		setLine(c, line)
	}
}
