package extract

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Setting declares one value that a source of a connector may or must set.
type Setting struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"` // text, secret, url, integer, boolean, duration, timezone, currency, list, map
	Required bool     `json:"required,omitempty"`
	Default  any      `json:"default,omitempty"` // of the type; nil = none
	Help     string   `json:"help"`
	Allowed  []string `json:"allowed,omitempty"` // texts allowed; empty = any
}

var settingTypes = []string{"text", "secret", "url", "integer", "boolean", "duration", "timezone", "currency", "list", "map"}

// currencyCode is how a setting of type currency looks.
var currencyCode = regexp.MustCompile(`^[A-Za-z]{3}$`)

// settingValues are checked values by name: string, int64, bool,
// time.Duration, []any of string, map[string]string.
type settingValues map[string]any

// data is what templates see. Secrets are in it; it is never printed.
func (v settingValues) data() map[string]any { return map[string]any{"settings": map[string]any(v)} }

func (v settingValues) text(name string) string { s, _ := v[name].(string); return s }

func (c *Connector) setting(name string) *Setting {
	for i := range c.settings {
		if c.settings[i].Name == name {
			return &c.settings[i]
		}
	}
	return nil
}

func (c *Connector) settingNames() []string {
	names := make([]string, len(c.settings))
	for i, s := range c.settings {
		names[i] = s.Name
	}
	return names
}

func (c *Connector) parseSettings(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return at(n, "settings must be a mapping of names to declarations")
	}
	var errs []error
	for i := 0; i+1 < len(n.Content); i += 2 {
		s := Setting{Name: n.Content[i].Value}
		var fallback *yaml.Node
		err := decode(n.Content[i+1], "setting "+s.Name, s.fields(&fallback))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if fallback != nil {
			var v any
			if err := fallback.Decode(&v); err != nil {
				errs = append(errs, locate(fallback, "setting "+s.Name, err))
				continue
			}
			if s.Default, err = s.convert(v); err != nil {
				errs = append(errs, at(fallback, "setting %s: the default %v", s.Name, err))
				continue
			}
		}
		c.settings = append(c.settings, s)
	}
	return errors.Join(errs...)
}

// fields are the keys of the declaration of a setting.
func (s *Setting) fields(fallback **yaml.Node) []field {
	s.Type = "text"
	return []field{
		{name: "type", help: "what it holds", allowed: settingTypes, to: &s.Type},
		{name: "required", help: "whether it must be set", to: &s.Required},
		{name: "default", help: "value where it is not set", to: fallback},
		{name: "help", help: "what it is for, in one sentence", required: true, to: &s.Help, example: "Address of the system"},
		{name: "allowed", help: "values allowed; empty = any", to: &s.Allowed, example: "[net, gross]"},
	}
}

// resolve checks the values of a source: unknown names, missing ones, types.
func (c *Connector) resolve(given map[string]any) (settingValues, error) {
	var errs []error
	out := settingValues{}
	names := make([]string, 0, len(given))
	for name := range given {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		s := c.setting(name)
		if s == nil {
			errs = append(errs, fmt.Errorf("connector %s has no setting %q%s", c.name, name, oneOf(name, c.settingNames())))
			continue
		}
		v, err := s.convert(given[name])
		if err != nil {
			errs = append(errs, fmt.Errorf("setting %s %w", name, err))
			continue
		}
		out[name] = v
	}
	for i := range c.settings {
		s := &c.settings[i]
		v, ok := out[s.Name]
		if _, tried := given[s.Name]; tried && !ok {
			continue
		}
		if s.Required && (!ok || v == "") {
			errs = append(errs, fmt.Errorf("setting %s is missing (%s)", s.Name, s.Help))
			continue
		}
		if !ok {
			out[s.Name] = s.fallback()
		}
	}
	return out, errors.Join(errs...)
}

func (s *Setting) fallback() any {
	if s.Default != nil {
		return s.Default
	}
	switch s.Type {
	case "integer":
		return int64(0)
	case "boolean":
		return false
	case "duration":
		return time.Duration(0)
	case "list":
		return []any{}
	case "map":
		return map[string]string{}
	}
	return ""
}

// convert checks a value against the setting's type. The error does not repeat secrets.
func (s *Setting) convert(v any) (any, error) {
	switch s.Type {
	case "list":
		return convertList(v)
	case "map":
		return convertMap(v)
	}
	text, ok := scalarText(v)
	if !ok {
		return nil, fmt.Errorf("must be a single value of type %s", s.Type)
	}
	if len(s.Allowed) > 0 && !slices.Contains(s.Allowed, text) {
		return nil, fmt.Errorf("is %q, allowed are %s", text, strings.Join(s.Allowed, ", "))
	}
	switch s.Type {
	case "url":
		u, err := url.Parse(text)
		if text != "" && (err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "") {
			return nil, errors.New("is not an address; expected something like https://erp.example.com")
		}
		if u != nil && u.User != nil {
			return nil, errors.New("must not contain a user or password; they have settings of their own")
		}
		return strings.TrimRight(text, "/"), nil
	case "integer":
		i, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("is %q, expected a whole number", text)
		}
		return i, nil
	case "boolean":
		switch strings.ToLower(text) {
		case "true", "yes", "1":
			return true, nil
		case "false", "no", "0", "":
			return false, nil
		}
		return nil, fmt.Errorf("is %q, allowed are true, false", text)
	case "duration":
		d, err := time.ParseDuration(text)
		if err != nil {
			return nil, fmt.Errorf("is %q, expected a duration such as 10m", text)
		}
		return d, nil
	case "timezone":
		if _, err := time.LoadLocation(text); err != nil {
			return nil, fmt.Errorf("is %q, expected a time zone such as Europe/Berlin or Asia/Shanghai", text)
		}
	case "currency":
		if text != "" && !currencyCode.MatchString(text) {
			return nil, fmt.Errorf("is %q, expected a currency code of three letters such as EUR", text)
		}
		return strings.ToUpper(text), nil
	}
	return text, nil
}

func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case bool, int, int64, uint64, float64, time.Duration:
		return fmt.Sprint(v), true
	}
	return "", false
}

func convertList(v any) (any, error) {
	out := []any{}
	switch v := v.(type) {
	case nil:
	case []string:
		for _, s := range v {
			out = append(out, s)
		}
	case []any:
		for _, e := range v {
			s, ok := scalarText(e)
			if !ok {
				return nil, errors.New("must be a list of texts")
			}
			out = append(out, s)
		}
	case string:
		for _, s := range strings.Split(v, ",") { // as an environment variable writes a list
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
	default:
		return nil, errors.New("must be a list of texts")
	}
	return out, nil
}

func convertMap(v any) (any, error) {
	out := map[string]string{}
	switch v := v.(type) {
	case nil:
	case map[string]string:
		for k, s := range v {
			out[k] = s
		}
	case map[string]any:
		for k, e := range v {
			s, ok := scalarText(e)
			if !ok {
				return nil, fmt.Errorf("must map texts to texts, %s does not", k)
			}
			out[k] = s
		}
	default:
		return nil, errors.New("must be a mapping of texts to texts")
	}
	return out, nil
}
