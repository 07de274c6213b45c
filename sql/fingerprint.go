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
}

func digest(text string, bytes int) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:bytes])
}

// Fingerprint is what the model is now: the text of its file and the values of
// the variables that it reads. The days of --since and --until are no part of it.
func (r *Runner) Fingerprint(model string) string { return r.fingerprint(model).String() }

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
	return strings.Join([]string{f.file, f.values, joined(f.vars)}, "-")
}

func parseFingerprint(text string) fingerprint {
	parts := strings.Split(text, "-")
	part := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return ""
	}
	f := fingerprint{file: part(0), values: part(1)}
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
