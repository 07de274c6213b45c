package config

import "go.yaml.in/yaml/v3"

// vars reads models.vars past viper, which would make the names small letters
// and numbers floating: each value stays the text that was written.
func (p *parser) vars(n *yaml.Node) map[string]any {
	if n == nil || n.Tag == "!!null" {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		p.fail(n, varsKey, "expected names with values, such as {limit_warning: 0.85}")
		return nil
	}
	out := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, val := n.Content[i].Value, n.Content[i+1]
		switch val.Kind {
		case yaml.ScalarNode:
			out[name] = val.Value
		case yaml.SequenceNode:
			items := make([]string, 0, len(val.Content))
			for _, item := range val.Content {
				if item.Kind != yaml.ScalarNode {
					p.fail(item, varsKey+"."+name, "expected a list of texts or numbers, such as [a, b]")
					continue
				}
				items = append(items, item.Value)
			}
			out[name] = items
		default:
			p.fail(val, varsKey+"."+name, "expected a text, a number or a list")
		}
	}
	return out
}
