package mapping

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"huikuan/transform/canonical"
)

// TestMistakesAreNamedWithLineAndRemedy compiles wrong mappings; each has to
// give exactly the messages listed.
func TestMistakesAreNamedWithLineAndRemedy(t *testing.T) {
	const reps = "- to: reps\n  fields: {rep_id: id}\n"
	for name, c := range map[string]struct {
		emit string
		want []string
	}{
		"unknown stream":         {"- to: invoicse\n  fields: {}", []string{`line 1: there is no stream "invoicse"`, `did you mean "invoices"?`, "write_offs"}},
		"name of a stray file":   {"canonical", []string{`there is no canonical stream "s"`, "rename it to the stream it holds or take it out of the folder", "streams are account_owners"}},
		"unknown column":         {"- to: reps\n  fields:\n    rep_id: id\n    nmae: x", []string{`line 4: reps has no column "nmae"`, `did you mean "name"?`, "its columns are rep_id, name, team, company"}},
		"system column":          {"- to: reps\n  fields: {rep_id: id, _deleted: x}", []string{`no column "_deleted"`}},
		"unknown key":            {"- to: reps\n  feilds: {rep_id: id}", []string{`line 2: an entry of emit has no key "feilds"`, `did you mean "fields"?`}},
		"unknown option":         {"- to: reps\n  fields: {rep_id: {paht: id}}", []string{`rep_id has no key "paht"`, `did you mean "path"?`, "0 sources of its value"}},
		"required left out":      {"- to: promises\n  fields: {promise_id: id}", []string{"line 1", "does not map customer_id, amount, currency, made_on, due_date"}},
		"no to":                  {"- fields: {rep_id: id}", []string{"line 1: an entry of emit has no `to`"}},
		"no fields":              {"- to: reps", []string{"the entry to reps has no fields", "does not map rep_id"}},
		"nothing":                {"[]", []string{"emit has no entry"}},
		"scalar":                 {"canonicle", []string{"emit must be a list"}},
		"two sources":            {"- to: reps\n  fields: {rep_id: {path: a, const: b}}", []string{"rep_id has 2 sources"}},
		"bad path":               {"- to: reps\n  fields: {rep_id: a..b}", []string{`line 2: path "a..b" has an empty part`}},
		"parent without each":    {"- to: reps\n  fields: {rep_id: ^.a}", []string{`path "^.a" goes to the parent, but there is no each`}},
		"reverse without each":   {reps + "  reverse: true", []string{"reverse needs each"}},
		"date on text":           {"- to: reps\n  fields: {rep_id: {path: a, date: iso}}", []string{"line 2: date does not apply to rep_id", "rep_id is a text"}},
		"number option on text":  {"- to: reps\n  fields: {rep_id: {path: a, negate: true}}", []string{"negate does not apply to rep_id"}},
		"wrong date format":      {"- to: targets\n  fields: {rep_id: a, month: {path: m, date: mm/yyyy}, amount: x, currency: c}", []string{"line 2: date format", "YYYY YY MMMM"}},
		"wrong decimal":          {"- to: recoveries\n  fields: {recovery_id: a, write_off_id: b, recovery_date: c, amount: {path: x, decimal: ;}}", []string{`decimal of amount is ";"`}},
		"wrong round":            {"- to: recoveries\n  fields: {recovery_id: a, write_off_id: b, recovery_date: c, amount: {path: x, round: 5}}", []string{"0 to 4"}},
		"wrong scale":            {"- to: recoveries\n  fields: {recovery_id: a, write_off_id: b, recovery_date: c, amount: {path: x, scale: 1/100}}", []string{"scale must be a number"}},
		"const of another kind":  {"- to: recoveries\n  fields: {recovery_id: a, write_off_id: b, recovery_date: {const: soon}, amount: x}", []string{`const of recovery_date cannot be "soon"`}},
		"map to another kind":    {"- to: visits\n  fields: {visit_id: a, customer_id: b, agreement_reached: {path: x, map: {ok: perhaps}}}", []string{`a value of map of agreement_reached cannot be "perhaps"`}},
		"unclosed template":      {"- to: reps\n  fields: {rep_id: {template: \"{{a\"}}", []string{"does not close it"}},
		"template without path":  {"- to: reps\n  fields: {rep_id: {template: abc}}", []string{"has no {{path}}"}},
		"doubled key":            {"- to: reps\n  fields:\n    rep_id: a\n    rep_id: b", []string{`line 4: fields has "rep_id" twice`}},
		"unknown operator":       {reps + "  when: {a: {greater: 5}}", []string{`line 3: the condition on a has no key "greater"`, "gt"}},
		"comparison with a word": {reps + "  when: {a: {gt: many}}", []string{`gt must be a number, not "many"`}},
		"any is no list":         {reps + "  when: {any: {a: 1}}", []string{"any must be a list"}},
		"flag is no flag":        {reps + "  delete: perhaps", []string{"delete must be true or false"}},
		"rest of an element":     {reps + "  each: x\n  custom: \"*\"", []string{"cannot be used with each"}},
		"both defaults":          {"- to: reps\n  fields: {rep_id: a, name: {path: b, default: c, if_empty: d}}", []string{"both default and if_empty"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Compile("s", parseYAML(t, c.emit), Options{})
			if err == nil {
				t.Fatal("it was accepted")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the message lacks %q:\n%v", want, err)
				}
			}
			var p *Problem
			if !errors.As(err, &p) || p.Stream != "s" {
				t.Errorf("no Problem of the stream in %v", err)
			}
		})
	}
}

func TestAllMistakesAreReportedAtOnce(t *testing.T) {
	_, err := Compile("s", parseYAML(t, "- to: reps\n  fields: {rep_id: a..b, nope: c}\n- to: nowhere\n  fields: {}"), Options{})
	if err == nil || strings.Count(err.Error(), "\n") < 2 {
		t.Errorf("want three mistakes, got %v", err)
	}
}

func TestEveryCanonicalStreamMapsToItself(t *testing.T) {
	for _, name := range canonical.Names() {
		for _, emit := range []string{"canonical", "", "[{to: " + name + ", fields: canonical}]"} {
			m, err := Compile(name, parseYAML(t, emit), checked(t, Options{}))
			if err != nil {
				t.Errorf("%s by %q: %v", name, emit, err)
				continue
			}
			if !slices.Equal(m.Tables(), []string{name}) {
				t.Errorf("%s writes to %v", name, m.Tables())
			}
		}
	}
	if _, err := Compile("invoice", nil, Options{}); err == nil || !strings.Contains(err.Error(), `did you mean "invoices"?`) {
		t.Errorf("a stream that is not canonical was mapped to itself: %v", err)
	}
}

func TestWrongDefaultsOfTheStreamAreMistakes(t *testing.T) {
	if _, err := Compile("reps", nil, Options{DateFormats: []string{"yyyy"}}); err == nil {
		t.Error("a wrong date format was accepted")
	}
	if _, err := Compile("reps", nil, Options{Decimal: ";"}); err == nil {
		t.Error("a wrong decimal mark was accepted")
	}
}
