package mapping

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"go.yaml.in/yaml/v3"
)

var setting = regexp.MustCompile(`\{\{-?\s*\.settings\.(\w+)\s*-?\}\}`)

// TestShippedConnectorsCompile compiles the emit section of every stream of
// every connector that ships, once with the default settings and once with
// every empty text setting filled.
func TestShippedConnectorsCompile(t *testing.T) {
	files, err := filepath.Glob("../../extract/connectors/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no connectors beside this package", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, filled := range []string{"", "EUR"} {
			var c struct {
				Settings map[string]struct {
					Default  yaml.Node
					Required bool
				}
				Streams []struct {
					Name string
					Emit yaml.Node
				}
			}
			if err := yaml.Unmarshal(text, &c); err != nil {
				t.Fatal(file, err)
			}
			settings := map[string]*yaml.Node{}
			for name, s := range c.Settings {
				settings[name] = &s.Default
				if isNull(&s.Default) || s.Default.Kind == yaml.ScalarNode && s.Default.Value == "" {
					value := filled
					if s.Required {
						value = "EUR"
					}
					settings[name] = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
				}
			}
			for _, s := range c.Streams {
				if s.Emit.Kind == 0 {
					continue
				}
				if _, err := Compile(s.Name, expandSettings(&s.Emit, settings), checked(t, Options{Source: "x"})); err != nil {
					t.Errorf("%s, stream %s, empty settings %q: %v", file, s.Name, filled, err)
				}
			}
		}
	}
}

// expandSettings imitates what the extract engine does to an emit section before
// it hands it over: settings filled in, lists spliced, what is empty left out.
func expandSettings(n *yaml.Node, settings map[string]*yaml.Node) *yaml.Node {
	n = deref(n)
	out := *n
	out.Content = nil
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			e := expandSettings(item, settings)
			switch {
			case e == nil:
			case e.Kind == yaml.SequenceNode && deref(item).Kind == yaml.ScalarNode:
				out.Content = append(out.Content, e.Content...)
			default:
				out.Content = append(out.Content, e)
			}
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == "<<" {
				out.Content = append(out.Content, n.Content[i], expandSettings(n.Content[i+1], settings))
				continue
			}
			key, value := expandSettings(n.Content[i], settings), expandSettings(n.Content[i+1], settings)
			if n.Content[i].Value == "only_if" {
				if value == nil {
					return nil
				}
			} else if key != nil && value != nil {
				out.Content = append(out.Content, key, value)
			}
		}
	case yaml.ScalarNode:
		if m := setting.FindStringSubmatch(n.Value); m != nil && m[0] == n.Value && settings[m[1]] != nil {
			if v := settings[m[1]]; v.Kind != yaml.ScalarNode || v.Value != "" {
				return v
			}
			return nil
		}
		empty := false
		out.Value = setting.ReplaceAllStringFunc(n.Value, func(s string) string {
			v := settings[setting.FindStringSubmatch(s)[1]]
			empty = empty || v == nil || v.Value == ""
			if v == nil {
				return ""
			}
			return v.Value
		})
		if empty {
			return nil
		}
	}
	return &out
}
