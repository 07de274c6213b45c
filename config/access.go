package config

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// users reads the list of users.
func (p *parser) users(n *yaml.Node) []User {
	if n == nil || n.Tag == "!!null" {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		p.fail(n, usersKey, "expected a list, each entry beginning with `- name:`")
		return nil
	}
	var out []User
	lines := map[string]int{}
	for _, e := range n.Content {
		u, ok := p.user(e)
		if !ok {
			continue
		}
		if line, twice := lines[u.Name]; twice {
			p.fail(e, usersKey+"."+u.Name, "a user of this name stands on line %d already; names must differ", line)
		}
		lines[u.Name] = e.Line
		out = append(out, u)
	}
	return out
}

func (p *parser) user(n *yaml.Node) (User, bool) {
	if n.Kind != yaml.MappingNode {
		p.fail(n, usersKey, "expected `name:` and `password:`")
		return User{}, false
	}
	var u User
	before := len(p.problems)
	allowed := []string{"name", "password", "reps", "teams", "companies"}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, val := n.Content[i], n.Content[i+1]
		into := map[string]any{"name": &u.Name, "password": &u.Password, "reps": &u.Reps, "teams": &u.Teams, "companies": &u.Companies}[k.Value]
		if into == nil {
			p.fail(k, usersKey+"."+k.Value, "unknown setting%s; allowed here: %s", didYouMean(k.Value, allowed), strings.Join(allowed, ", "))
			continue
		}
		if _, ok := into.(*[]string); ok && (val.Kind != yaml.SequenceNode || len(val.Content) == 0) {
			// An empty list would read as no limit, which nobody means who writes one.
			p.fail(val, usersKey+"."+k.Value, "expected a list of at least one, such as [%s]; leave the line out for a user who sees everything", map[string]string{"reps": "R1", "teams": "North", "companies": "CN01"}[k.Value])
			continue
		}
		if err := val.Decode(into); err != nil {
			p.fail(val, usersKey+"."+k.Value, "cannot be understood; expected text, or a list of texts")
		}
	}
	for _, list := range [][]string{u.Reps, u.Teams, u.Companies} {
		for _, value := range list {
			if strings.TrimSpace(value) == "" {
				p.fail(n, usersKey+"."+u.Name, "has an empty name in its reps, teams or companies")
			}
		}
	}
	switch {
	case len(p.problems) > before:
	case !identifier.MatchString(u.Name):
		p.fail(n, usersKey, "name: found %q, expected letters, digits and underscores", u.Name)
	case u.Password == "":
		p.fail(n, usersKey+"."+u.Name, "has no password; give one, best as ${env:NAME} or ${file:PATH}")
	}
	return u, len(p.problems) == before
}
