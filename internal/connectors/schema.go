package connectors

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"

	"huikuan/extract"
	"huikuan/internal/keys"
	"huikuan/transform/mapping"
)

// Schema is the JSON Schema of a connector file, for editors: made from the
// declarations that files are read by, and from those of the emit language.
func Schema() ([]byte, error) {
	l := extract.NewLanguage()
	defs := mapping.Schema()
	root := keys.Object(l.Keys)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Huikuan connector"
	root["description"] = "How to read a system: sign-in, requests, paging, cursors, and what its records become."
	root["properties"].(keys.Schema)["streams"] = keys.Schema{"type": "array", "description": "What can be read, in order"}
	var fits []keys.Schema
	for _, s := range l.Streams {
		defs["stream_"+s.Kind] = keys.Object(s.Keys)
		fits = append(fits, ofKind(s.Kind, l.DefaultKind))
	}
	root["allOf"] = fits
	root["$defs"] = maps.Clone(defs)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(root); err != nil {
		return nil, fmt.Errorf("write the schema of connectors: %w", err)
	}
	return b.Bytes(), nil
}

// ofKind says what streams look like in connectors of a kind.
func ofKind(kind, fallback string) keys.Schema {
	is := keys.Schema{"properties": keys.Schema{"kind": keys.Schema{"const": kind}}}
	if kind != fallback {
		is["required"] = []string{"kind"}
	}
	return keys.Schema{"if": is, "then": keys.Schema{"properties": keys.Schema{
		"streams": keys.Schema{"items": keys.Schema{"$ref": "#/$defs/stream_" + kind}}}}}
}
