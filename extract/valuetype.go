package extract

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"huikuan/internal/keys"
)

// valueType is what a key of a connector may hold, as the documentation names it.
type valueType = keys.Type

const (
	typeText      = keys.Text
	typeInteger   = keys.Integer
	typeNumber    = keys.Number
	typeDuration  = keys.Duration // 30s, 10m, 24h
	typeSize      = keys.Size     // 64MiB
	typeBoolean   = keys.Boolean
	typeList      = keys.List      // of texts; a single text stands for a list of one
	typeStatuses  = keys.Statuses  // list of HTTP statuses
	typePath      = keys.Path      // dotted path into an answer or a record
	typePaths     = keys.Paths     // a path or a list of paths
	typeTemplate  = keys.Template  // text with placeholders
	typeTemplates = keys.Templates // mapping of names to texts with placeholders
	typeMapping   = keys.Mapping   // of names to values of any kind
	typeCondition = keys.Condition // mapping of paths to what they must be
	typeMappings  = keys.Mappings  // list of mappings
	typeSection   = keys.Section   // keys of its own
	typeSections  = keys.Sections  // list of sections
	typeNamed     = keys.Named     // mapping of names to sections
	typeEmit      = keys.Emit      // the mapping language
	typeAny       = keys.Any
)

// read hands a value to where its key goes.
func (f *field) read(n *yaml.Node, section string) error {
	switch {
	case f.set != nil:
		return f.set(n)
	case f.sub != nil:
		return decode(n, inside(section, f.name), f.sub())
	}
	switch to := f.to.(type) {
	case *string:
		return asText(to)(n)
	case *int:
		return asInt(to, f.least)(n)
	case *int64:
		return asBytes(to)(n)
	case *time.Duration:
		return asDuration(to)(n)
	case *bool:
		return asFlag(to)(n)
	case *[]string:
		return asList(to)(n)
	case **yaml.Node:
		return asNode(to)(n)
	}
	return fmt.Errorf("the key %q is declared without a place for its value", f.name)
}

// inside is how messages call a section of a section.
func inside(section, name string) string {
	if section == rootSection {
		return name
	}
	return section + "." + name
}

// rootSection is how messages call the file as a whole.
const rootSection = "the connector"

// valueType is the declared type, or that of the place the value goes to.
func (f *field) valueType() valueType {
	switch {
	case f.typ != "":
		return f.typ
	case f.sub != nil:
		return typeSection
	}
	switch f.to.(type) {
	case *string:
		return typeText
	case *int:
		return typeInteger
	case *int64:
		return typeSize
	case *time.Duration:
		return typeDuration
	case *bool:
		return typeBoolean
	case *[]string:
		return typeList
	case **yaml.Node:
		return typeAny
	}
	return ""
}

// fallback is the default as a file would write it; empty = none.
func (f *field) fallback() string {
	if f.def != "" {
		return f.def
	}
	switch to := f.to.(type) {
	case *string:
		return *to
	case *int:
		return nonZero(*to, strconv.Itoa)
	case *int64:
		return nonZero(*to, sizeText)
	case *time.Duration:
		return nonZero(*to, durationText)
	case *bool:
		return nonZero(*to, strconv.FormatBool)
	case *[]string:
		if len(*to) > 0 {
			return "[" + strings.Join(*to, ", ") + "]"
		}
	}
	return ""
}

func nonZero[T comparable](v T, text func(T) string) string {
	var zero T
	if v == zero {
		return ""
	}
	return text(v)
}

// sizeText writes a number of bytes as parseBytes reads it.
func sizeText(n int64) string {
	for _, u := range []struct {
		suffix string
		factor int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n%u.factor == 0 {
			return strconv.FormatInt(n/u.factor, 10) + u.suffix
		}
	}
	return strconv.FormatInt(n, 10)
}

// durationText writes 1m instead of 1m0s.
func durationText(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func asFlag(dst *bool) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.ScalarNode || n.Decode(dst) != nil {
			return errors.New("must be true or false")
		}
		return nil
	}
}
