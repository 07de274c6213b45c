package sql

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Built is what the warehouse remembers of a model.
type Built struct {
	Fingerprint string    // of the last build that was published
	At          time.Time // of that build; zero: never
	Status      string    // of the last build: ok, failed, skipped
	// NewData tells what came after At that the model may read, in words; empty:
	// nothing.
	NewData string
}

// Planned is what a run would do with a model.
type Planned struct {
	Model string
	// Changed says that the model, its variables or something that it stands on
	// is not what was built; a run of what changed builds these.
	Changed bool
	// Why says in words why a run would change something; empty: it would not.
	Why []string
}

// Plan tells what a run of the named models would do and why, in building order.
// built is what the warehouse remembers, by model.
func (r *Runner) Plan(names []string, built map[string]Built) []Planned {
	changed := map[string]bool{}
	var out []Planned
	for _, m := range r.graph.models {
		if !slices.Contains(names, m.Name) {
			continue
		}
		p := Planned{Model: m.Name, Why: r.whyChanged(m, built)}
		for _, ref := range m.Refs() {
			if changed[ref] {
				p.Why = append(p.Why, ref+", which it reads, changed")
			}
		}
		p.Changed = len(p.Why) > 0
		changed[m.Name] = p.Changed
		if b := built[m.Name]; b.NewData != "" {
			p.Why = append(p.Why, b.NewData)
		}
		out = append(out, p)
	}
	return out
}

func (r *Runner) whyChanged(m Model, built map[string]Built) []string {
	b := built[m.Name]
	if b.At.IsZero() {
		if b.Status == "" {
			return []string{"it was never built"}
		}
		return []string{"no build of it passed yet"}
	}
	var why []string
	now, old := r.fingerprint(m.Name), parseFingerprint(b.Fingerprint)
	switch {
	case now.file != old.file:
		why = append(why, "its file changed")
	case now.values != old.values:
		why = append(why, now.changedValues(old))
	case old.part:
		why = append(why, "only some of its days were built as it is now (--since, --until)")
	}
	if newer := builtSince(m, old, built); len(newer) > 0 {
		why = append(why, "what it reads was built since: "+strings.Join(newer, ", "))
	}
	if b.Status != "ok" {
		why = append(why, "its last build did not pass ("+b.Status+")")
	}
	return why
}

// builtSince lists the models that m reads and that were built from something
// else since m was: newer rows alone are no change. Of a build that did not keep
// what it read, every later build of that counts, until m is built again.
func builtSince(m Model, old fingerprint, built map[string]Built) []string {
	var out []string
	for _, ref := range m.Refs() {
		b := built[ref]
		was, kept := old.reads[ref]
		if kept && !b.At.IsZero() && was != parseFingerprint(b.Fingerprint).sum() || !kept && b.At.After(built[m.Name].At) {
			out = append(out, ref)
		}
	}
	slices.Sort(out)
	return out
}

// The variables that --since and --until set.
const (
	sinceVar = "since"
	untilVar = "until"
)

// UsesPeriod returns an error naming the models that a run from and until a day
// would not restrict: they do not read the variable.
func (r *Runner) UsesPeriod(names []string, since, until bool) error {
	for name, asked := range map[string]bool{sinceVar: since, untilVar: until} {
		if !asked {
			continue
		}
		for _, m := range r.graph.models {
			if slices.Contains(names, m.Name) && !slices.Contains(m.Variables(), name) {
				return &SelectorError{m.Name, fmt.Sprintf("--%s does not reach the model %s", name, m.Name),
					fmt.Sprintf("select models that read {{ var('%s') }}, or let this one read it", name)}
			}
		}
	}
	return nil
}

// Variables lists the variables that the model reads, in its SELECT and its
// tests, sorted by name.
func (m Model) Variables() []string {
	seen := map[string]bool{}
	m.each(partVar, func(p part) { seen[p.text] = true })
	return sortedKeys(seen)
}
