package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reference matches ${env:NAME}, ${env:NAME:-default} and ${file:PATH}.
var reference = regexp.MustCompile(`\$\{([a-z]+):([^}]*)\}`)

// interpolate replaces references in every scalar below n. A value that was
// quoted, or that held a reference, stays text.
func (p *parser) interpolate(key string, n *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i].Value
			if key != "" {
				name = key + "." + name
			}
			p.interpolate(name, n.Content[i+1])
		}
	case yaml.SequenceNode, yaml.DocumentNode:
		for _, c := range n.Content {
			p.interpolate(key, c)
		}
	case yaml.ScalarNode:
		if !strings.Contains(n.Value, "${") {
			return
		}
		n.Value = reference.ReplaceAllStringFunc(n.Value, func(ref string) string {
			m := reference.FindStringSubmatch(ref)
			return p.resolve(n, key, m[1], m[2])
		})
		n.Tag = "!!str"
		n.Style = yaml.DoubleQuotedStyle
	}
}

func (p *parser) resolve(n *yaml.Node, key, kind, arg string) string {
	switch kind {
	case "env":
		name, fallback, has := strings.Cut(arg, ":-")
		if v, ok := p.env(name); ok && (v != "" || !has) {
			return v
		}
		if has {
			return fallback
		}
		p.fail(n, key, "the environment variable %s is not set; set it, or write ${env:%s:-default}", name, name)
	case "file":
		path := arg
		if !filepath.IsAbs(path) {
			path = filepath.Join(p.dir, path)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			p.fail(n, key, "the file %s cannot be read: %s", path, reason(err))
			return ""
		}
		return strings.TrimRight(string(b), "\r\n")
	default:
		p.fail(n, key, "found ${%s:…}, allowed: ${env:NAME}, ${env:NAME:-default}, ${file:PATH}", kind)
	}
	return ""
}
