package odoo

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// search lists the records that a domain names, by number. A domain is a list
// of conditions in prefix notation: "|" joins the two that follow it.
func (s *Server) search(model string, domain []any) []int {
	var out []int
	for _, id := range slices.Sorted(maps.Keys(s.tables[model])) {
		rest := domain
		holds := true
		for len(rest) > 0 {
			var one bool
			one, rest = s.term(model, id, rest)
			holds = holds && one
		}
		if holds {
			out = append(out, id)
		}
	}
	return out
}

func (s *Server) term(model string, id int, domain []any) (bool, []any) {
	if op, ok := domain[0].(string); ok {
		a, rest := s.term(model, id, domain[1:])
		b, rest := s.term(model, id, rest)
		if op == "&" {
			return a && b, rest
		}
		return a || b, rest
	}
	c := domain[0].([]any)
	return s.condition(model, id, c[0].(string), c[1].(string), c[2]), domain[1:]
}

// condition holds if one of the values at the path does.
func (s *Server) condition(model string, id int, path, op string, want any) bool {
	head, rest, deeper := strings.Cut(path, ".")
	r := s.tables[model][id]
	if deeper {
		target := map[string]string{"line_ids": "account.move.line", "debit_move_id": "account.move.line", "credit_move_id": "account.move.line",
			"move_id": "account.move", "mail_activity_type_id": "mail.activity.type"}[head]
		var ids []int
		switch v := r[head].(type) {
		case reference:
			ids = []int{v.id}
		case []int:
			ids = v
		}
		if head == "line_ids" {
			for line, l := range s.tables[target] {
				if l["move_id"].(reference).id == id {
					ids = append(ids, line)
				}
			}
		}
		return slices.ContainsFunc(ids, func(i int) bool { return s.condition(target, i, rest, op, want) })
	}
	value := r[head]
	if head == "id" {
		value = id
	}
	if v, ok := value.(reference); ok {
		value = v.id
		if v.id == 0 {
			value = false
		}
	}
	if v, ok := value.(time.Time); ok { // the database keeps microseconds, so nothing equals an instant cut to the second
		at, err := time.Parse("2006-01-02 15:04:05", fmt.Sprint(want))
		return err == nil && (op == ">=" && !v.Before(at) || op == ">" && v.After(at) || op == "=" && v.Equal(at))
	}
	switch op {
	case "in":
		return slices.ContainsFunc(want.([]any), func(w any) bool { return text(w) == text(value) })
	case "!=":
		return text(value) != text(want)
	case "=":
		return text(value) == text(want)
	}
	a, b := number(value), number(want)
	return op == ">" && a > b || op == ">=" && a >= b
}

func text(v any) string { return fmt.Sprint(v) }

func number(v any) float64 {
	switch v := v.(type) {
	case int:
		return float64(v)
	case float64:
		return v
	case json.Number:
		f, _ := v.Float64()
		return f
	}
	return 0
}
