package sql

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// template is SQL in which `{{ … }}` stands for other tables and variables: the
// literal subset of dbt's language, so that a model can be carried there and
// back. Nothing is evaluated; whatever is not one of the forms of
// [templateForms] is an error.
type template struct {
	parts []part
}

// templateForms is what error messages say is allowed.
const templateForms = "allowed are {{ ref('model') }}, {{ source('huikuan', 'table') }}, {{ var('name') }}, {{ var('name', 'default') }}, {{ this }} and {% if is_incremental() %} … {% endif %}"

type partKind uint8

const (
	partText partKind = iota
	partRef
	partSource
	partVar
	partThis
	partBlock // {% if is_incremental() %} … {% endif %}
)

// part is a stretch of SQL or one placeholder.
type part struct {
	kind       partKind
	text       string // the SQL, or the name in the placeholder
	fallback   string // of a variable
	hasDefault bool
	block      []part // inside is_incremental()
	line       int    // in the file
	column     int    // in the line, in letters from 1; 0 = unknown
}

var (
	callForm = regexp.MustCompile(`^([a-z_]+)\s*\(\s*(.*?)\s*\)$`)
	argForm  = regexp.MustCompile(`^(?:'([^']*)'|"([^"]*)"|(-?[0-9]+(?:\.[0-9]+)?))$`)
)

// parseTemplate splits text, which begins at the given line of the file and, in
// it, at the given column; 0 where the columns of the file are not known.
func parseTemplate(file string, line, column int, text string) (template, error) {
	var t template
	pass := func(length int) {
		line, column = passed(line, column, text[:length])
		text = text[length:]
	}
	for text != "" {
		at := strings.Index(text, "{")
		for at >= 0 && at+1 < len(text) && !strings.ContainsRune("{%#", rune(text[at+1])) {
			next := strings.Index(text[at+1:], "{")
			if next < 0 {
				at = -1
				break
			}
			at += 1 + next
		}
		if at < 0 || at+1 >= len(text) {
			t.parts = append(t.parts, part{kind: partText, text: text, line: line, column: column})
			return t, nil
		}
		if at > 0 {
			t.parts = append(t.parts, part{kind: partText, text: text[:at], line: line, column: column})
			pass(at)
		}
		switch text[1] {
		case '%':
			p, length, err := parseBlock(file, line, column, text)
			if err != nil {
				return t, err
			}
			t.parts = append(t.parts, p)
			pass(length)
			continue
		case '#':
			return t, &Error{File: file, Line: line, Problem: "template comments {# … #} are not known here", Hint: "write -- or /* */ comments"}
		}
		end := strings.Index(text, "}}")
		if end < 0 {
			return t, &Error{File: file, Line: line, Problem: "{{ is never closed", Hint: "close it with }}"}
		}
		p, err := parsePlaceholder(file, line, strings.TrimSpace(text[2:end]))
		if err != nil {
			return t, err
		}
		p.column = column
		t.parts = append(t.parts, p)
		pass(end + 2)
	}
	return t, nil
}

// passed is the place after text.
func passed(line, column int, text string) (int, int) {
	line += strings.Count(text, "\n")
	if column == 0 {
		return line, 0
	}
	if last := strings.LastIndex(text, "\n"); last >= 0 {
		text, column = text[last+1:], 1
	}
	return line, column + utf8.RuneCountInString(text)
}

// The one control block of the subset, as dbt writes it.
var (
	blockBegin = regexp.MustCompile(`^\{%-?\s*if\s+is_incremental\(\s*\)\s*-?%\}`)
	blockEnd   = regexp.MustCompile(`\{%-?\s*endif\s*-?%\}`)
)

// parseBlock reads the block that text begins with, and how long it is.
func parseBlock(file string, line, column int, text string) (part, int, error) {
	begin := blockBegin.FindStringIndex(text)
	if begin == nil {
		return part{}, 0, &Error{File: file, Line: line, Problem: "control blocks {% … %} but that of is_incremental() are not run here", Hint: templateForms}
	}
	end := blockEnd.FindStringIndex(text[begin[1]:])
	if end == nil {
		return part{}, 0, &Error{File: file, Line: line, Problem: "{% if is_incremental() %} is never closed", Hint: "close it with {% endif %}"}
	}
	innerLine, innerColumn := passed(line, column, text[:begin[1]])
	inner, err := parseTemplate(file, innerLine, innerColumn, text[begin[1]:begin[1]+end[0]])
	return part{kind: partBlock, block: inner.parts, line: line, column: column}, begin[1] + end[1], err
}

func parsePlaceholder(file string, line int, body string) (part, error) {
	if body == "this" {
		return part{kind: partThis, line: line}, nil
	}
	fail := func(problem string) (part, error) {
		return part{}, &Error{File: file, Line: line, Problem: fmt.Sprintf("{{ %s }} %s", body, problem), Hint: templateForms}
	}
	m := callForm.FindStringSubmatch(body)
	if m == nil {
		return fail("is not understood")
	}
	args, err := splitArgs(m[2])
	if err != nil {
		return fail(err.Error())
	}
	switch m[1] {
	case "ref":
		if len(args) != 1 {
			return fail("takes one model name")
		}
		return part{kind: partRef, text: args[0], line: line}, nil
	case "source":
		if len(args) != 2 || args[0] != "huikuan" {
			return fail("takes 'huikuan' and a table name")
		}
		return part{kind: partSource, text: args[1], line: line}, nil
	case "var":
		switch len(args) {
		case 1:
			return part{kind: partVar, text: args[0], line: line}, nil
		case 2:
			return part{kind: partVar, text: args[0], fallback: args[1], hasDefault: true, line: line}, nil
		}
		return fail("takes a name and perhaps a default")
	case "is_incremental":
		return fail("stands in a block: {% if is_incremental() %} … {% endif %}")
	case "config":
		return fail("is not used: the model's YAML header holds its configuration")
	}
	return fail("is not understood")
}

// splitArgs reads quoted texts and numbers between commas.
func splitArgs(list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	var args []string
	for {
		head, rest, more := cutArg(list)
		m := argForm.FindStringSubmatch(strings.TrimSpace(head))
		if m == nil {
			return nil, fmt.Errorf("has an argument %q that is neither a quoted text nor a number", strings.TrimSpace(head))
		}
		args = append(args, m[1]+m[2]+m[3])
		if !more {
			return args, nil
		}
		list = rest
	}
}

// cutArg cuts at the first comma that stands outside quotes.
func cutArg(list string) (head, rest string, more bool) {
	var quote rune
	for i, c := range list {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == ',':
			return list[:i], list[i+1:], true
		}
	}
	return list, "", false
}

// names gives what the placeholders of a template stand for.
type names struct {
	ref    func(model string) string
	source func(table string) string
	vars   map[string]string
	this   string
	// incremental is what is_incremental() says.
	incremental bool
}

// render writes the template with every placeholder replaced. A variable is put
// in as it is, so quotes around a text belong to the SQL.
func (t template) render(n names) string {
	var b strings.Builder
	t.pieces(n, func(_ part, text string) { b.WriteString(text) })
	return b.String()
}

// pieces calls f for each part with the text that it is rendered to, in order.
func (t template) pieces(n names, f func(part, string)) {
	for _, p := range t.parts {
		switch p.kind {
		case partBlock:
			if n.incremental {
				template{parts: p.block}.pieces(n, f)
			}
		case partText:
			f(p, p.text)
		case partRef:
			f(p, n.ref(p.text))
		case partSource:
			f(p, n.source(p.text))
		case partVar:
			v, ok := n.vars[p.text]
			if !ok {
				v = p.fallback
			}
			f(p, v)
		case partThis:
			f(p, n.this)
		}
	}
}

// each calls f for every placeholder of that kind.
func (t template) each(k partKind, f func(part)) {
	for _, p := range t.parts {
		if p.kind == k {
			f(p)
		}
		template{parts: p.block}.each(k, f)
	}
}

func (t template) has(k partKind) bool {
	found := false
	t.each(k, func(part) { found = true })
	return found
}

func (t template) empty() bool { return len(t.parts) == 0 }
