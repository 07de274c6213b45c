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

// parseSpan reads a length of time: what Go writes, and whole days (30d) and weeks (2w).
func parseSpan(s string) (time.Duration, error) {
	for suffix, unit := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if digits, ok := strings.CutSuffix(s, suffix); ok {
			if n, err := strconv.Atoi(digits); err == nil && n >= 0 && n <= 36500 {
				return time.Duration(n) * unit, nil
			}
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("is %q, expected a length of time such as 30s, 10m, 24h or 30d", s)
	}
	return d, nil
}

// asSpan reads a length of time that may be a setting.
func (c *Connector) asSpan(dst **tmpl) func(*yaml.Node) error {
	return c.asChecked(dst, func(s string) error { _, err := parseSpan(s); return err })
}

// asNumber reads a whole number of at least 1 that may be a setting.
func (c *Connector) asNumber(dst **tmpl) func(*yaml.Node) error {
	return c.asChecked(dst, func(s string) error { _, err := parseNumber(s); return err })
}

func parseNumber(s string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 1 {
		return 0, fmt.Errorf("is %q, expected a whole number of at least 1", s)
	}
	return n, nil
}

// asChecked compiles a text with placeholders, and checks it at once if it has none.
func (c *Connector) asChecked(dst **tmpl, check func(string) error) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		if err := c.asTemplate(dst)(n); err != nil {
			return err
		}
		if (*dst).t == nil {
			return check((*dst).static)
		}
		return nil
	}
}

// span fills in a length of time; what is not declared is none.
func (t *tmpl) span(data map[string]any, field string) (time.Duration, error) {
	if t.empty() {
		return 0, nil
	}
	text, err := t.render(data)
	if err != nil {
		return 0, err
	}
	d, err := parseSpan(text)
	if err != nil {
		return 0, &Error{Field: field, Found: fmt.Sprintf("%q", text), Expected: "a length of time such as 10m, 24h or 30d", Err: errSetting}
	}
	return d, nil
}

// number fills in a whole number; what is not declared is otherwise.
func (t *tmpl) number(data map[string]any, field string, otherwise int) (int, error) {
	if t.empty() {
		return otherwise, nil
	}
	text, err := t.render(data)
	if err != nil {
		return 0, err
	}
	n, err := parseNumber(text)
	if err != nil {
		return 0, &Error{Field: field, Found: fmt.Sprintf("%q", text), Expected: "a whole number of at least 1", Err: errSetting}
	}
	return n, nil
}

// asTexts reads a mapping of names to texts.
func asTexts(dst *map[string]string) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.MappingNode || n.Decode(dst) != nil {
			return errors.New("must be a mapping of names to texts")
		}
		return nil
	}
}

// asKept reads a list of names, or a mapping of names to paths.
func asKept(dst *[]keptDecl) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		if n.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(n.Content); i += 2 {
				*dst = append(*dst, keptDecl{n.Content[i].Value, deref(n.Content[i+1]).Value})
			}
		} else {
			var names []string
			if err := asList(&names)(n); err != nil {
				return err
			}
			for _, name := range names {
				*dst = append(*dst, keptDecl{name, name})
			}
		}
		if i := slices.IndexFunc(*dst, func(k keptDecl) bool { return strings.Contains(k.name, ".") || k.name == "ids" }); i >= 0 {
			return fmt.Errorf("%q cannot be the name of a kept value; give it one: {name: %s}", (*dst)[i].name, (*dst)[i].path)
		}
		return nil
	}
}
