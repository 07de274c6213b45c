package extract

import "errors"

// Mistake is one mistake in a connector file.
type Mistake struct {
	Line int // 0 = it concerns the file as a whole
	Text string
}

// Mistakes takes apart an error of [ParseConnector] or [Open].
func Mistakes(err error) []Mistake {
	if err == nil {
		return nil
	}
	switch e := err.(type) {
	case *lineError:
		return []Mistake{{e.line, e.msg}}
	case interface{ Unwrap() []error }:
		var out []Mistake
		for _, inner := range e.Unwrap() {
			out = append(out, Mistakes(inner)...)
		}
		return out
	}
	if inner := errors.Unwrap(err); inner != nil {
		var line *lineError
		if errors.As(inner, &line) {
			return Mistakes(inner)
		}
	}
	return []Mistake{{0, err.Error()}}
}

// SampleSettings are values with which a connector can be opened to be checked:
// the defaults, something of the right type where one is required, and the
// given answer to every yes-or-no question.
func (c *Connector) SampleSettings(answer bool) map[string]any {
	out := map[string]any{}
	for _, s := range c.settings {
		switch {
		case s.Type == "boolean":
			out[s.Name] = answer
		case !s.Required:
		case len(s.Allowed) > 0:
			out[s.Name] = s.Allowed[0]
		default:
			out[s.Name] = sampleValue(s.Type)
		}
	}
	return out
}

func sampleValue(typ string) any {
	switch typ {
	case "url":
		return "https://erp.example.com"
	case "integer":
		return 1
	case "duration":
		return "1h"
	case "timezone":
		return "UTC"
	case "currency":
		return "EUR"
	case "list":
		return []any{"sample"}
	case "map":
		return map[string]any{"sample": "sample"}
	}
	return "EUR" // a text of which a currency may be made
}
