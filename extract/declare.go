package extract

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// field declares one key of a section of a connector: what it is called, what
// it may hold, and where it goes. Validation with line numbers, `huikuan
// connectors show`, the JSON Schema and docs/connectors/reference.md all come
// from it.
//
// A key is read in one of three ways: `to` takes the address of what it fills,
// whose type is the key's type and whose value at that moment is the key's
// default; `sub` lists the keys of a section; `set` reads what neither can say,
// and then needs `typ` (and `sub`, if what it reads is a section).
type field struct {
	name     string
	help     string // what it is, in a few words, without a full stop
	required bool
	allowed  []string // texts allowed; empty = any
	example  string   // as it is written in a file; YAML flow style where it is no scalar

	to    any            // *string, *int, *int64 (a size), *time.Duration, *bool, *[]string or **yaml.Node
	least int            // smallest number, with to an *int
	sub   func() []field // keys of the section that stands here
	set   func(n *yaml.Node) error

	typ   valueType // what it holds, where `to` does not tell
	def   string    // the default, where `to` does not tell
	group string    // of a section with a type: the types for which this key counts, comma separated
}

// lineError is a mistake in a YAML file, with its line.
type lineError struct {
	line int
	msg  string
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.msg) }

func at(n *yaml.Node, format string, args ...any) error {
	return &lineError{n.Line, fmt.Sprintf(format, args...)}
}

// decode reads a mapping by its declared fields. All mistakes are reported together.
func decode(n *yaml.Node, section string, fields []field) error {
	n = deref(n)
	if n.Kind != yaml.MappingNode {
		return at(n, "%s must be a mapping of keys to values", section)
	}
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.name
	}
	var errs []error
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], deref(n.Content[i+1])
		f := findField(fields, key.Value)
		switch {
		case f == nil:
			errs = append(errs, at(key, "%s has no key %q%s", section, key.Value, oneOf(key.Value, known)))
		case seen[key.Value]:
			errs = append(errs, at(key, "%s: key %q stands twice", section, key.Value))
		case len(f.allowed) > 0 && !slices.Contains(f.allowed, value.Value):
			errs = append(errs, at(value, "%s: %s is %q, allowed are %s", section, key.Value, value.Value, strings.Join(f.allowed, ", ")))
		default:
			if err := f.read(value, section); err != nil {
				errs = append(errs, locate(value, section+": "+key.Value, err))
			}
		}
		seen[key.Value] = true
	}
	for _, f := range fields {
		if f.required && !seen[f.name] {
			errs = append(errs, at(n, "%s needs the key %q (%s)", section, f.name, f.help))
		}
	}
	return errors.Join(errs...)
}

// locate gives an error a line unless it, or what it joins, has one already.
func locate(n *yaml.Node, what string, err error) error {
	var le *lineError
	if errors.As(err, &le) {
		return err
	}
	return at(n, "%s: %v", what, err)
}

func findField(fields []field, name string) *field {
	for i := range fields {
		if fields[i].name == name {
			return &fields[i]
		}
	}
	return nil
}

// deref follows an alias to the node it stands for.
func deref(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func asText(dst *string) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.ScalarNode {
			return errors.New("must be a text")
		}
		*dst = n.Value
		return nil
	}
}

func asInt(dst *int, low int) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		v, err := strconv.Atoi(n.Value)
		if err != nil || v < low {
			return fmt.Errorf("is %q, expected a whole number of at least %d", n.Value, low)
		}
		*dst = v
		return nil
	}
}

func asDuration(dst *time.Duration) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		v, err := time.ParseDuration(n.Value)
		if err != nil || v < 0 {
			return fmt.Errorf("is %q, expected a duration such as 30s, 10m or 24h", n.Value)
		}
		*dst = v
		return nil
	}
}

func asBytes(dst *int64) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		v, err := parseBytes(n.Value)
		if err != nil {
			return err
		}
		*dst = v
		return nil
	}
}

func parseBytes(s string) (int64, error) {
	units := []struct {
		suffix string
		factor int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}, {"", 1}}
	for _, u := range units {
		digits, ok := strings.CutSuffix(s, u.suffix)
		if !ok {
			continue
		}
		v, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || v <= 0 || v > (1<<62)/u.factor {
			break
		}
		return v * u.factor, nil
	}
	return 0, fmt.Errorf("is %q, expected a size such as 64MiB", s)
}

func asList(dst *[]string) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
			*dst = []string{n.Value}
			return nil
		}
		if n.Kind != yaml.SequenceNode {
			return errors.New("must be a list")
		}
		out := make([]string, 0, len(n.Content))
		for _, c := range n.Content {
			c = deref(c)
			if c.Kind != yaml.ScalarNode {
				return at(c, "must be a list of texts")
			}
			out = append(out, c.Value)
		}
		*dst = out
		return nil
	}
}

func asNode(dst **yaml.Node) func(*yaml.Node) error {
	return func(n *yaml.Node) error { *dst = n; return nil }
}

// asTemplate compiles a text with placeholders.
func (c *Connector) asTemplate(dst **tmpl) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.ScalarNode {
			return errors.New("must be a text")
		}
		t, err := c.compile(n)
		*dst = t
		return err
	}
}

// asTemplates compiles a mapping of names to texts with placeholders, keeping its order.
func (c *Connector) asTemplates(dst *[]namedTemplate) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.MappingNode {
			return errors.New("must be a mapping of names to texts")
		}
		var out []namedTemplate
		for i := 0; i+1 < len(n.Content); i += 2 {
			value := deref(n.Content[i+1])
			if value.Kind != yaml.ScalarNode {
				return at(value, "%s must be a text", n.Content[i].Value)
			}
			t, err := c.compile(value)
			if err != nil {
				return err
			}
			out = append(out, namedTemplate{n.Content[i].Value, t})
		}
		*dst = out
		return nil
	}
}
