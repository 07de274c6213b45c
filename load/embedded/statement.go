package embedded

import (
	"strings"
)

// statement is what this package needs to know of a SQL text before the engine
// sees it. The engine's own parser decides everything that matters for safety
// (readonly.go); this is about where an insert's data begins and in which
// format a result comes.
type statement struct {
	keyword string // first word in upper case, past opening parentheses
	format  string // of the FORMAT clause, or Values; "" without one
	head    string // the text up to the FORMAT clause or VALUES; else the whole text
	data    string // what stands after it in an insert
	insert  bool   // takes data: INSERT … FORMAT x, INSERT … VALUES, INSERT without SELECT
	files   bool   // reads or writes a file of its own: INTO OUTFILE, FROM INFILE
	totals  bool   // has totals or extremes, which a streamed result would garble
	selects bool   // an insert whose data passes through a SELECT … FROM input()
}

type tokenKind int

const (
	tokenEnd    tokenKind = iota
	tokenWord             // bare word or number
	tokenName             // "quoted" or `quoted`
	tokenString           // 'text' or a heredoc
	tokenMark             // one character
)

type token struct {
	kind       tokenKind
	text       string // for words and names: unquoted
	start, end int
}

func (t token) is(word string) bool { return t.kind == tokenWord && strings.EqualFold(t.text, word) }
func (t token) mark(m string) bool  { return t.kind == tokenMark && t.text == m }

// lexer cuts SQL as ClickHouse does: comments of all kinds are skipped, quotes
// know both the doubled quote and the backslash.
type lexer struct {
	sql string
	pos int
}

func (l *lexer) next() token {
	l.skipBlank()
	s, start := l.sql, l.pos
	if start >= len(s) {
		return token{kind: tokenEnd, start: start, end: start}
	}
	switch c := s[start]; {
	case isWordByte(c):
		for l.pos < len(s) && isWordByte(s[l.pos]) {
			l.pos++
		}
		return token{tokenWord, s[start:l.pos], start, l.pos}
	case c == '\'':
		return token{tokenString, l.quoted('\''), start, l.pos}
	case c == '"' || c == '`':
		return token{tokenName, l.quoted(c), start, l.pos}
	case c == '$':
		if end := heredocEnd(s[start:]); end > 0 {
			l.pos = start + end
			return token{tokenString, s[start:l.pos], start, l.pos}
		}
	case strings.HasPrefix(s[start:], "‘") || strings.HasPrefix(s[start:], "“"):
		// Unicode quotes count as quotes in ClickHouse.
		closing, kind := "’", tokenString
		if s[start:start+3] == "“" {
			closing, kind = "”", tokenName
		}
		if at := strings.Index(s[start+3:], closing); at >= 0 {
			l.pos = start + 3 + at + 3
			return token{kind, s[start+3 : l.pos-3], start, l.pos}
		}
	}
	l.pos = start + 1
	return token{tokenMark, s[start:l.pos], start, l.pos}
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// quoted reads a quoted text from l.pos and returns it without quotes and
// escapes; an open quote runs to the end.
func (l *lexer) quoted(quote byte) string {
	var b strings.Builder
	s := l.sql
	for l.pos++; l.pos < len(s); l.pos++ {
		switch c := s[l.pos]; {
		case c == '\\' && l.pos+1 < len(s):
			l.pos++
			b.WriteByte(s[l.pos])
		case c == quote && l.pos+1 < len(s) && s[l.pos+1] == quote:
			l.pos++
			b.WriteByte(quote)
		case c == quote:
			l.pos++
			return b.String()
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// skipBlank skips white space and comments: --, #! and "# " to the end of the
// line, and /* */, which do not nest.
func (l *lexer) skipBlank() {
	s := l.sql
	for l.pos < len(s) {
		rest := s[l.pos:]
		switch {
		case rest[0] <= ' ':
			l.pos++
		case strings.HasPrefix(rest, "\u00a0"), strings.HasPrefix(rest, "\u0085"):
			l.pos += 2
		case strings.HasPrefix(rest, "\u3000"), strings.HasPrefix(rest, "\ufeff"), strings.HasPrefix(rest, "\u200b"):
			l.pos += 3
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "#!"), strings.HasPrefix(rest, "# "):
			if at := strings.IndexByte(rest, '\n'); at >= 0 {
				l.pos += at + 1
			} else {
				l.pos = len(s)
			}
		case strings.HasPrefix(rest, "/*"):
			if at := strings.Index(rest[2:], "*/"); at >= 0 {
				l.pos += at + 4
			} else {
				l.pos = len(s)
			}
		default:
			return
		}
	}
}

// heredocEnd returns the length of a $tag$…$tag$ literal at the start of s, or 0.
func heredocEnd(s string) int {
	i := 1
	for i < len(s) && isWordByte(s[i]) {
		i++
	}
	if i >= len(s) || s[i] != '$' {
		return 0
	}
	tag := s[:i+1]
	if at := strings.Index(s[i+1:], tag); at >= 0 {
		return i + 1 + at + len(tag)
	}
	return 0
}

// parseStatement looks at the text of a request.
func parseStatement(sql string) statement {
	l := lexer{sql: sql}
	first := l.next()
	for first.mark("(") {
		first = l.next()
	}
	st := statement{keyword: strings.ToUpper(first.text), head: sql}
	if first.kind != tokenWord {
		st.keyword = ""
		return st
	}
	if st.keyword == "INSERT" {
		st.parseInsert(&l)
		return st
	}
	st.parseFormat(&l)
	return st
}

// parseInsert finds where the data of an insert begins.
func (st *statement) parseInsert(l *lexer) {
	t := l.next()
	for t.is("INTO") || t.is("TABLE") || t.is("FUNCTION") {
		t = l.next()
	}
	for t = l.next(); t.mark("."); t = l.next() { // past the table's name and its parts
		l.next()
	}
	depth, selects, input := 0, false, false
	for ; t.kind != tokenEnd; t = l.next() {
		switch {
		case t.mark("("):
			depth++
		case t.mark(")"):
			depth--
		case t.is("input"):
			input = true
		case depth != 0:
		case t.is("INFILE"):
			st.files = true
			return
		case t.is("SELECT"), t.is("WITH"), t.is("WATCH"):
			selects = true
		case t.is("VALUES") && !selects:
			st.insert, st.format = true, "Values"
			st.head, st.data = l.sql[:t.start], l.sql[t.end:]
			return
		case t.is("FORMAT") && (!selects || input):
			name := l.next()
			if name.kind != tokenWord {
				return
			}
			st.insert, st.format = true, name.text
			st.head, st.data, st.selects = l.sql[:t.start], dataAfter(l.sql[name.end:]), selects
			return
		}
	}
	st.insert = !selects
}

// dataAfter drops what separates the FORMAT clause from the data: blanks, one
// semicolon, and one line feed.
func dataAfter(s string) string {
	s = strings.TrimLeft(s, " \t\r\f\v")
	if strings.HasPrefix(s, ";") {
		s = strings.TrimLeft(s[1:], " \t\r\f\v")
	}
	return strings.TrimPrefix(s, "\n")
}

// parseFormat finds the FORMAT clause at the end of a statement.
func (st *statement) parseFormat(l *lexer) {
	depth := 0
	for t := l.next(); t.kind != tokenEnd; t = l.next() {
		switch {
		case t.mark("("):
			depth++
		case t.mark(")"):
			depth--
		case t.is("TOTALS"), t.is("extremes"):
			st.totals = true
		case t.is("INTO"):
			ahead := *l
			st.files = st.files || depth == 0 && ahead.next().is("OUTFILE")
		case depth == 0 && t.is("FORMAT"):
			ahead := *l
			name, after := ahead.next(), ahead.next()
			if name.kind == tokenWord && (after.kind == tokenEnd || after.mark(";") || after.is("SETTINGS")) {
				st.format = name.text
			}
		}
	}
}

// withoutFormat cuts the FORMAT clause, and what follows it, off a query.
func withoutFormat(sql string) string {
	l := lexer{sql: sql}
	depth := 0
	for t := l.next(); t.kind != tokenEnd; t = l.next() {
		switch {
		case t.mark("("):
			depth++
		case t.mark(")"):
			depth--
		case depth == 0 && t.is("FORMAT"):
			ahead := l
			name, after := ahead.next(), ahead.next()
			if name.kind == tokenWord && (after.kind == tokenEnd || after.is("SETTINGS")) {
				return sql[:t.start]
			}
		}
	}
	return sql
}
