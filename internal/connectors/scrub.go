package connectors

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// scrubber takes secrets out of what is recorded. Each gets a name that stands
// for it everywhere, so that a session that was opened in one answer still fits
// the request that uses it.
type scrubber struct {
	names map[string]string // secret → name
	order []string          // secrets, longest first
}

// secretKeys are the names under which systems hand out keys of a session.
var secretKeys = regexp.MustCompile(`(?i)^(access_?token|refresh_?token|id_?token|token|session_?id|session|sid|password|passwd|pwd|secret|client_secret|api_?key|app_?secret|cookie|authorization|kdsvcsessionid|corpaccesstoken)$`)

// keyShape is what no document number looks like and keys of a session do, where
// an answer gives them without a name: Tryton's [1, "9f86d0…"].
var keyShape = regexp.MustCompile(`^([0-9a-fA-F]{40,}|[A-Za-z0-9+/_=-]{60,})$`)

// signed are the fields of a form that differ from request to request.
var signed = []string{"assertion", "client_assertion", "nonce", "timestamp", "signature", "sign"}

func newScrubber() *scrubber { return &scrubber{names: map[string]string{}} }

// hide adds a secret.
func (s *scrubber) hide(secret, name string) {
	if len(secret) < 3 || s.names[secret] != "" || strings.HasPrefix(secret, "scrubbed-") {
		return
	}
	s.names[secret] = name
	s.order = append(s.order, secret)
	slices.SortFunc(s.order, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
}

// learn finds the keys of a session in an answer.
func (s *scrubber) learn(v any) {
	switch v := v.(type) {
	case string:
		if keyShape.MatchString(v) {
			s.hide(v, fmt.Sprintf("scrubbed-%d", len(s.names)+1))
		}
	case map[string]any:
		for _, name := range jsonNames(v, nil) {
			if text, ok := v[name].(string); ok && secretKeys.MatchString(name) {
				s.hide(text, fmt.Sprintf("scrubbed-%d", len(s.names)+1))
			}
			s.learn(v[name])
		}
	case []any:
		for _, e := range v {
			s.learn(e)
		}
	}
}

// clean replaces the secrets in a text, as they are and as addresses and JSON write them.
func (s *scrubber) clean(text string) string {
	for _, secret := range s.order {
		name := s.names[secret]
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(jsonText(secret), `"`)} {
			text = strings.ReplaceAll(text, form, name)
		}
	}
	return text
}

func (s *scrubber) cleanMap(m map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range m {
		if slices.Contains(signed, strings.ToLower(name)) {
			out[name] = anything
			continue
		}
		out[name] = s.clean(value)
	}
	return out
}

// cleanJSON replaces secrets in a body that was read as JSON, and what stands
// under the name of a secret.
func (s *scrubber) cleanJSON(v any) any {
	switch v := v.(type) {
	case string:
		return s.clean(v)
	case map[string]any:
		out := map[string]any{}
		for name, e := range v {
			out[name] = s.cleanJSON(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = s.cleanJSON(e)
		}
		return out
	}
	return v
}

// indented is a JSON text with a line for each value; other texts are left as they are.
func indented(text string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(text), "", " ") != nil {
		return text
	}
	return b.String() + "\n"
}
