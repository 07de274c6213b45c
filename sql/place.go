package sql

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// statementError is an engine's error together with what it was asked, so that a
// position in the statement can be found in the model's file.
type statementError struct {
	statement string
	error
}

func (e *statementError) Unwrap() error { return e.error }

// remembering is an engine whose errors know their statement.
type remembering struct{ Engine }

func (e remembering) Exec(ctx context.Context, statement string) error {
	err := e.Engine.Exec(ctx, statement)
	if err != nil {
		return &statementError{statement, err}
	}
	return nil
}

func (e remembering) Query(ctx context.Context, statement string) ([][]any, []string, error) {
	rows, names, err := e.Engine.Query(ctx, statement)
	if err != nil {
		return nil, nil, &statementError{statement, err}
	}
	return rows, names, nil
}

var (
	// The engine counts bytes of the statement from 1.
	syntaxError = regexp.MustCompile(`Syntax error[^:]*: failed at position (\d+) `)
	unknownName = regexp.MustCompile("(?i)(?:identifier|function with name|function|table|column)s? [`'\"]([^`'\"]+)[`'\"]")
	// engineWords are what stands around the engine's own sentence.
	engineWords = regexp.MustCompile(`(?is)^.*\bmessage: |[.,]? in scope .*$`)
)

// placed is err as a mistake in the model's file where the engine says what part
// of the SELECT it means: by a position in the statement, or by a name. Any other
// error stays as it is. query is the SELECT as rendered with n.
func (m Model) placed(err error, query string, n names) error {
	var asked *statementError
	if !errors.As(err, &asked) {
		return err
	}
	message := asked.error.Error()
	if found := syntaxError.FindStringSubmatch(message); found != nil {
		position, tooLarge := strconv.Atoi(found[1])
		begin := strings.Index(asked.statement, query)
		if tooLarge != nil || begin < 0 {
			return err
		}
		return m.syntaxError(message, query, position-1-begin, n)
	}
	if found := unknownName.FindStringSubmatch(message); found != nil {
		if line, column := m.body.find(found[1]); line > 0 {
			return &Error{File: m.File, Line: line, Column: column, Problem: shortened(engineWords.ReplaceAllString(message, "")), Hint: "here is the first place with the name"}
		}
	}
	return err
}

// syntaxError is that at a byte of the rendered SELECT. One outside it lies in
// what stands around the SELECT, which is right: something in it is not closed, or
// it ends too early.
func (m Model) syntaxError(message, query string, offset int, n names) error {
	e := &Error{File: m.File, Hint: "mend the SQL here or shortly before"}
	if strings.Contains(message, "Unmatched parentheses") {
		e.Problem, e.Hint = "a parenthesis has no partner", "count them from here on"
	}
	near := "its end"
	if offset >= 0 && offset < len(query) {
		near, _, _ = strings.Cut(query[offset:], "\n")
		near = strconv.Quote(shortened(near))
	}
	if e.Problem == "" {
		e.Problem = "syntax error at " + near
	}
	e.Line, e.Column = m.body.place(n, max(0, min(offset, len(query)-1)))
	return e
}

// place is the line and the column in the file of a byte of the rendered text; in
// what stands for a placeholder, those of the placeholder.
func (t template) place(n names, offset int) (line, column int) {
	found, at := false, 0
	t.pieces(n, func(p part, text string) {
		if found || offset >= at+len(text) {
			if !found {
				line, column = p.line, p.column
			}
			at += len(text)
			return
		}
		found, line, column = true, p.line, p.column
		if p.kind == partText {
			line, column = passed(p.line, p.column, p.text[:offset-at])
		}
	})
	return line, column
}

// find is the first place in the file's own text where name stands as a word;
// line 0 = nowhere.
func (t template) find(name string) (line, column int) {
	word, err := regexp.Compile(`(?:^|[^\pL\pN_.])(` + regexp.QuoteMeta(name) + `)(?:[^\pL\pN_]|$)`)
	if err != nil {
		return 0, 0
	}
	t.each(partText, func(p part) {
		if at := word.FindStringSubmatchIndex(p.text); at != nil && line == 0 {
			line, column = passed(p.line, p.column, p.text[:at[2]])
		}
	})
	return line, column
}
