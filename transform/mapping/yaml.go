package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problem is one mistake in a mapping, with its place in the YAML file.
type Problem struct {
	Stream  string
	Line    int // 0 if the mapping is not in a file
	Message string
	Hint    string
}

func (p *Problem) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "mapping of %s", p.Stream)
	if p.Line > 0 {
		fmt.Fprintf(&b, ", line %d", p.Line)
	}
	b.WriteString(": " + p.Message)
	if p.Hint != "" {
		b.WriteString("; " + p.Hint)
	}
	return b.String()
}

// problems collects mistakes, so that one run shows them all.
type problems struct {
	stream string
	list   []error
}

func (p *problems) add(n *yaml.Node, hint, format string, args ...any) {
	line := 0
	if n != nil {
		line = n.Line
	}
	p.list = append(p.list, &Problem{Stream: p.stream, Line: line, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (p *problems) err() error { return errors.Join(p.list...) }

// pair is a key and its value.
type pair struct {
	key   string
	node  *yaml.Node // of the key
	value *yaml.Node
}

// pairs lists a mapping in order, with aliases resolved and merge keys (<<)
// expanded. Doubled keys are a mistake.
func (p *problems) pairs(n *yaml.Node, what string) []pair {
	n = deref(n)
	if n == nil || n.Kind != yaml.MappingNode {
		p.add(n, "", "%s must be a mapping of keys to values, not %s", what, kindName(n))
		return nil
	}
	var out, merged []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], deref(n.Content[i+1])
		if key.Tag == "!!merge" {
			for _, m := range mergeSources(value) {
				merged = append(merged, p.pairs(m, what)...)
			}
			continue
		}
		if slices.ContainsFunc(out, func(o pair) bool { return o.key == key.Value }) {
			p.add(key, "keep one of them", "%s has %q twice", what, key.Value)
			continue
		}
		out = append(out, pair{key.Value, key, value})
	}
	for _, m := range merged {
		if !slices.ContainsFunc(out, func(o pair) bool { return o.key == m.key }) {
			out = append(out, m)
		}
	}
	return out
}

func mergeSources(n *yaml.Node) []*yaml.Node {
	if n != nil && n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

// text returns a scalar as written; null counts as absent.
func (p *problems) text(n *yaml.Node, what string) (s string, ok bool) {
	n = deref(n)
	if n == nil || n.Kind != yaml.ScalarNode || isNull(n) {
		p.add(n, "", "%s must be a single value, not %s", what, kindName(n))
		return "", false
	}
	return n.Value, true
}

// texts returns a list of scalars; a single scalar is a list of one.
func (p *problems) texts(n *yaml.Node, what string) []string {
	n = deref(n)
	if n != nil && n.Kind == yaml.SequenceNode {
		var out []string
		for _, c := range n.Content {
			if s, ok := p.text(c, "each of "+what); ok {
				out = append(out, s)
			}
		}
		return out
	}
	if s, ok := p.text(n, what); ok {
		return []string{s}
	}
	return nil
}

// flag returns a boolean.
func (p *problems) flag(n *yaml.Node, what string) bool {
	s, ok := p.text(n, what)
	if !ok {
		return false
	}
	v, ok := parseBool([]byte(s))
	if !ok {
		p.add(n, "write true or false", "%s must be true or false, not %q", what, s)
	}
	return v
}

// unknown reports a key that is not allowed.
func (p *problems) unknown(k pair, what string, allowed []string) {
	hint := "allowed are " + strings.Join(allowed, ", ")
	if near := nearest(k.key, allowed); near != "" {
		hint = fmt.Sprintf("did you mean %q? %s", near, hint)
	}
	p.add(k.node, hint, "%s has no key %q", what, k.key)
}

func deref(n *yaml.Node) *yaml.Node {
	for n != nil && (n.Kind == yaml.AliasNode || n.Kind == yaml.DocumentNode) {
		if n.Kind == yaml.AliasNode {
			n = n.Alias
		} else if len(n.Content) > 0 {
			n = n.Content[0]
		} else {
			return nil
		}
	}
	return n
}

func isNull(n *yaml.Node) bool {
	return n == nil || n.Kind == 0 || n.Kind == yaml.ScalarNode && n.Tag == "!!null"
}

func kindName(n *yaml.Node) string {
	switch {
	case isNull(n):
		return "nothing"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	}
	return fmt.Sprintf("%q", n.Value)
}

// nearest returns the candidate that word is most likely a misspelling of, or "".
func nearest(word string, candidates []string) string {
	best, bestDistance := "", max(2, len([]rune(word))/3)+1
	for _, c := range candidates {
		if strings.EqualFold(plain(word), plain(c)) {
			return c
		}
		if d := editDistance([]rune(strings.ToLower(word)), []rune(strings.ToLower(c))); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// plain drops blanks and separators, which names differ in most.
func plain(s string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "", ".", "").Replace(s)
}

// editDistance counts the letters to insert, delete, replace or swap.
func editDistance(a, b []rune) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, now := rows[0], rows[1], rows[2]
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		rows[0], rows[1], rows[2] = last, now, before
	}
	return rows[1][len(b)]
}

// listed joins names, cutting a long list.
func listed(names []string, limit int) string {
	if len(names) <= limit {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:limit], ", "), len(names)-limit)
}
