package sql

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// fingerprint tells whether a model is still what was built. As text its parts
// are joined by "-". Builds from before a part was kept lack it.
type fingerprint struct {
	file, values string            // digests of the text of the file, and of all values of variables
	vars         map[string]string // digest of the value of each variable; nil: not kept
	reads        map[string]string // of each model that it read, what that one was built from
	part         bool              // only some of the days in the table were built from this
}

// sum is what a model was built from, down to the lowest one that it stands on.
func (f fingerprint) sum() string {
	return digest(fmt.Sprint(f.file, "-", f.values, "-", joined(f.reads), f.part), 8)
}

func digest(text string, bytes int) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:bytes])
}

// Fingerprints are what is to be remembered of the models of a build, by name:
// each with those of the models that it read, of the same build or of an earlier
// one. built is what the warehouse remembered before. Of a model that changed, a
// build of some days leaves the rest as it was, and so what is remembered of it.
func (r *Runner) Fingerprints(report Report, built map[string]Built) map[string]string {
	out, serves := map[string]string{}, map[string]string{}
	for name, b := range built {
		if !b.At.IsZero() {
			serves[name] = b.Fingerprint
		}
	}
	for _, m := range report.Models { // in building order
		f := r.fingerprint(m.Name)
		f.reads = map[string]string{}
		for _, ref := range r.graph.models[r.graph.index[m.Name]].Refs() {
			if serving, ok := serves[ref]; ok {
				f.reads[ref] = parseFingerprint(serving).sum()
			}
		}
		if someDays := (r.options.Since != "" || r.options.Until != "") && !r.options.FullRefresh; someDays {
			if old, ok := serves[m.Name]; !ok {
				f.part = true
			} else if old := parseFingerprint(old); old.part || !f.isStill(old) {
				f, f.part = old, true
			}
		}
		out[m.Name] = f.String()
		if m.Status == Staged || m.Status == Published {
			serves[m.Name] = out[m.Name]
		}
	}
	return out
}

// isStill says whether a build from f gives what one from old gave; what was not
// kept of old is taken to be the same.
func (f fingerprint) isStill(old fingerprint) bool {
	for ref, sum := range f.reads {
		if was, ok := old.reads[ref]; ok && was != sum {
			return false
		}
	}
	return f.file == old.file && f.values == old.values
}

// fingerprint is what the model is now: the text of its file and the values of
// the variables that it reads. The days of --since and --until are no part of it.
func (r *Runner) fingerprint(model string) fingerprint {
	m := r.graph.models[r.graph.index[model]]
	f := fingerprint{file: digest(m.text, 8), vars: map[string]string{}}
	var values strings.Builder
	for _, name := range m.Variables() {
		if name == sinceVar || name == untilVar {
			continue
		}
		value := r.vars.value[name]
		fmt.Fprintf(&values, "%s=%s\n", name, value)
		f.vars[name] = digest(value, 4)
	}
	f.values = digest(values.String(), 8)
	return f
}

func (f fingerprint) String() string {
	parts := []string{f.file, f.values, joined(f.vars), joined(f.reads)}
	if f.part {
		parts = append(parts, partly)
	}
	return strings.Join(parts, "-")
}

const partly = "part"

func parseFingerprint(text string) fingerprint {
	parts := strings.Split(text, "-")
	part := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return ""
	}
	f := fingerprint{file: part(0), values: part(1), reads: split(part(3)), part: part(4) == partly}
	if len(parts) > 2 {
		f.vars = split(part(2))
	}
	return f
}

// joined writes digests by name, as limit:1a2b3c4d,other:….
func joined(digests map[string]string) string {
	var out []string
	for _, name := range sortedKeys(digests) {
		out = append(out, name+":"+digests[name])
	}
	return strings.Join(out, ",")
}

func split(text string) map[string]string {
	out := map[string]string{}
	for _, entry := range strings.Split(text, ",") {
		if name, sum, ok := strings.Cut(entry, ":"); ok {
			out[name] = sum
		}
	}
	return out
}

// changedValues says which values differ from those of a build of the same file;
// of a build that kept only the digest of all, only that one of them does.
func (f fingerprint) changedValues(old fingerprint) string {
	names := sortedKeys(f.vars)
	if old.vars == nil {
		if len(names) == 1 {
			return "the value of a variable changed (" + names[0] + ")"
		}
		return "the value of one of its variables changed (" + strings.Join(names, ", ") + ")"
	}
	names = slices.DeleteFunc(names, func(name string) bool { return old.vars[name] == f.vars[name] })
	if len(names) == 1 {
		return "the value of a variable changed (" + names[0] + ")"
	}
	return "the values of variables changed (" + strings.Join(names, ", ") + ")"
}
