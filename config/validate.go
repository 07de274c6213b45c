package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/spf13/viper"
	"go.yaml.in/yaml/v3"
)

var (
	sourceName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
	currency   = regexp.MustCompile(`^[A-Za-z]{3}$`)
	identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)
)

// checkKeys reports keys that no declaration knows, with the nearest that does.
func (p *parser) checkKeys(prefix string, n *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, val := n.Content[i], n.Content[i+1]
		name := k.Value
		if prefix != "" {
			name = prefix + "." + k.Value
		}
		switch {
		case name == "sources":
		case declared(name):
		case section(name):
			if val.Kind == yaml.MappingNode {
				p.checkKeys(name, val)
			} else if val.Tag != "!!null" {
				p.fail(val, name, "must be a group of settings such as %s", strings.Join(siblings(name), ", "))
			}
		default:
			allowed := siblings(prefix)
			p.fail(k, name, "unknown setting%s; %s", didYouMean(k.Value, allowed), "allowed here: "+strings.Join(allowed, ", "))
		}
	}
}

// twice reports keys that stand more than once in a group: only one of them
// could hold, and nobody would see which.
func (p *parser) twice(prefix string, n *yaml.Node) {
	first := map[string]int{}
	for i, c := range n.Content {
		name := prefix
		if n.Kind == yaml.MappingNode {
			name = strings.TrimPrefix(prefix+"."+n.Content[i-i%2].Value, ".")
			if i%2 == 0 {
				if line, ok := first[c.Value]; ok && c.Value != "<<" {
					p.fail(c, name, "stands in line %d already; keep one of them", line)
				}
				first[c.Value] = c.Line
				continue
			}
		}
		p.twice(name, c)
	}
}

func declared(name string) bool {
	return slices.ContainsFunc(Keys(), func(k Key) bool { return k.Name == name })
}

func section(name string) bool {
	return slices.ContainsFunc(Keys(), func(k Key) bool { return strings.HasPrefix(k.Name, name+".") })
}

// siblings lists the keys of a group, the top group by "".
func siblings(prefix string) []string {
	var out []string
	add := func(s string) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, k := range Keys() {
		rest := k.Name
		if prefix != "" {
			var ok bool
			if rest, ok = strings.CutPrefix(k.Name, prefix+"."); !ok {
				continue
			}
		}
		head, _, _ := strings.Cut(rest, ".")
		add(head)
	}
	if prefix == "" {
		add("sources")
	}
	return out
}

// checkValues checks the type and the allowed values of every setting.
func (p *parser) checkValues(v *viper.Viper, root *yaml.Node) {
	for _, k := range Keys() {
		n := at(root, k.Name)
		if k.structured() {
			continue
		}
		if k.Type == TypeList {
			if n != nil && n.Kind != yaml.SequenceNode && n.Tag != "!!null" {
				p.fail(n, k.Name, "found %q, expected a list such as [a, b]", n.Value)
			}
			continue
		}
		if k.Type == TypeIntegers {
			if msg := checkIntegers(n); msg != "" {
				p.fail(n, k.Name, "%s", msg)
			}
			continue
		}
		if n != nil && n.Kind != yaml.ScalarNode {
			p.fail(n, k.Name, "expected one value (%s), found a group or a list", k.Type)
			continue
		}
		if msg := checkValue(k, strings.TrimSpace(v.GetString(k.Name))); msg != "" {
			if _, ok := p.env(EnvName(k.Name)); ok {
				msg += " (from " + EnvName(k.Name) + ")"
			}
			p.fail(n, k.Name, "%s", msg)
		}
	}
}

// checkValue returns what is wrong with a value, empty where nothing is.
func checkValue(k Key, val string) string {
	if len(k.Allowed) > 0 && !slices.Contains(k.Allowed, val) {
		return fmt.Sprintf("found %q, allowed: %s%s", val, strings.Join(k.Allowed, ", "), didYouMean(val, k.Allowed))
	}
	if val == "" {
		return ""
	}
	switch k.Type {
	case TypeInteger:
		n, err := strconv.Atoi(val)
		switch {
		case err == nil && k.Max > 0 && (n < k.Min || n > k.Max):
			return fmt.Sprintf("found %q, expected a whole number from %d to %d", val, k.Min, k.Max)
		case err != nil || n < k.Min:
			return fmt.Sprintf("found %q, expected a whole number, %d or more", val, k.Min)
		}
	case TypeBool:
		if val != "true" && val != "false" {
			return fmt.Sprintf("found %q, expected true or false", val)
		}
	case TypeDate:
		if _, err := time.Parse(time.DateOnly, val); err != nil {
			return fmt.Sprintf("found %q, expected a day such as 2026-01-31", val)
		}
	case TypeShare:
		if f, err := strconv.ParseFloat(val, 64); err != nil || !(f >= 0 && f <= 1) {
			return fmt.Sprintf("found %q, expected a share from 0 to 1, such as 0.2", val)
		}
	case TypeSize:
		var s Size
		if err := s.UnmarshalText([]byte(val)); err != nil {
			return err.Error()
		}
	case TypeSchedule:
		if _, err := cron.ParseStandard(val); err != nil {
			return fmt.Sprintf("found %q, expected five cron fields such as \"0 6 * * *\", or @every 15m, @hourly, @daily", val)
		}
	case TypeCurrency:
		if !currency.MatchString(val) {
			return fmt.Sprintf("found %q, expected a three-letter currency code such as CNY", val)
		}
	case TypeURL:
		u, err := url.Parse(val)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return "expected an address such as https://clickhouse.example.com:8443/huikuan"
		}
	}
	if k.Name == "warehouse.database" || k.Name == "warehouse.cluster" {
		if !identifier.MatchString(val) {
			return fmt.Sprintf("found %q, expected letters, digits and underscores", val)
		}
	}
	return ""
}

// UnmarshalText reads 512MiB, 2GiB, 64MB, 1024.
func (s *Size) UnmarshalText(b []byte) error {
	text := strings.TrimSpace(string(b))
	if text == "" {
		*s = 0
		return nil
	}
	units := []struct {
		suffix string
		factor int64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1}}
	for _, u := range units {
		num, ok := strings.CutSuffix(text, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(num), 10, 64)
		if err != nil || n < 0 || n > (1<<62)/u.factor {
			break
		}
		*s = Size(n * u.factor)
		return nil
	}
	return fmt.Errorf("found %q, expected a size such as 512MiB or 2GiB", text)
}

// sources reads the list of sources.
func (p *parser) sources(n *yaml.Node) []Source {
	if n == nil || n.Tag == "!!null" {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		p.fail(n, "sources", "expected a list, each entry beginning with `- name:`")
		return nil
	}
	var out []Source
	seen := map[string]int{}
	for i, e := range n.Content {
		s, ok := p.source(fmt.Sprintf("sources[%d]", i), e)
		if !ok {
			continue
		}
		if line, dup := seen[s.Name]; dup {
			p.fail(e, "sources."+s.Name, "a source of this name stands on line %d already; names must differ", line)
		}
		seen[s.Name] = e.Line
		out = append(out, s)
	}
	return out
}

func (p *parser) source(key string, n *yaml.Node) (Source, bool) {
	if n.Kind != yaml.MappingNode {
		p.fail(n, key, "expected `name:` and `connector:`")
		return Source{}, false
	}
	s := Source{Line: n.Line, Settings: map[string]any{}}
	before := len(p.problems)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, val := n.Content[i], n.Content[i+1]
		p.sourceField(&s, key, k, val)
	}
	if s.Name == "" {
		p.fail(n, key+".name", "is missing; give the source a short name such as erp")
	} else if !sourceName.MatchString(s.Name) {
		p.fail(n, key+".name", "found %q, expected lower-case letters, digits, - and _", s.Name)
	}
	if s.Connector == "" {
		p.fail(n, key+".connector", "is missing; name a shipped connector or the path of your own .yaml")
	}
	return s, len(p.problems) == before
}

func (p *parser) sourceField(s *Source, key string, k, val *yaml.Node) {
	into := func(dst any) {
		if err := val.Decode(dst); err != nil {
			p.fail(val, key+"."+k.Value, "cannot be understood: %s", strings.TrimPrefix(err.Error(), "yaml: "))
		}
	}
	switch k.Value {
	case "name":
		into(&s.Name)
	case "connector":
		into(&s.Connector)
	case "settings":
		into(&s.Settings)
	case "streams":
		s.Streams = val
	case "only":
		into(&s.Only)
	case "schedule":
		into(&s.Schedule)
		if msg := checkValue(Key{Type: TypeSchedule}, s.Schedule); msg != "" {
			p.fail(val, key+".schedule", "%s", msg)
		}
	case "company":
		into(&s.Company)
	default:
		names := make([]string, len(sourceKeys))
		for i, sk := range sourceKeys {
			names[i] = sk.Name
		}
		p.fail(k, key+"."+k.Value, "unknown setting%s; allowed here: %s", didYouMean(k.Value, names), strings.Join(names, ", "))
	}
}

// didYouMean suggests the nearest allowed word, or nothing.
func didYouMean(found string, allowed []string) string {
	best, bestDist := "", 3
	for _, a := range allowed {
		if d := distance(strings.ToLower(found), a); d < bestDist && d < len(a) {
			best, bestDist = a, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", best)
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		prev := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := prev
			if a[i-1] != b[j-1] {
				cost++
			}
			prev = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
