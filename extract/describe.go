package extract

import (
	"go.yaml.in/yaml/v3"

	"huikuan/internal/keys"
)

// Language is what a connector file may say: its keys, and those of a stream by
// the connector's kind. It is made from the declarations that files are read by.
type Language struct {
	Keys        []keys.Key
	Streams     []StreamLanguage
	DefaultKind string
}

// StreamLanguage are the keys of a stream of one kind of connector.
type StreamLanguage struct {
	Kind string
	Keys []keys.Key
}

// NewLanguage describes the connector file.
func NewLanguage() Language {
	c := &Connector{kind: kindRest}
	var streams *yaml.Node
	return Language{
		DefaultKind: kindRest,
		Keys:        describe(c.fields(&streams)),
		Streams: []StreamLanguage{
			{kindRest, describe(c.streamFields(&streamDecl{}))},
			{kindFiles, describe(new(streamDecl).fileFields())},
			{kindSQL, describe(c.sqlStreamFields(&streamDecl{}))},
		},
	}
}

// describe makes data of declared keys.
func describe(fields []field) []keys.Key {
	out := make([]keys.Key, len(fields))
	for i := range fields {
		f := &fields[i]
		out[i] = keys.Key{Name: f.name, Type: f.valueType(), Help: f.help, Required: f.required, Default: f.fallback(),
			Allowed: f.allowed, Example: f.example, For: f.group}
		if f.sub != nil {
			out[i].Keys = describe(f.sub())
		}
	}
	return out
}
