package sql

import (
	"slices"
	"strings"
	"unicode"
)

// plainRead is a table that a SELECT names as it is, without ref() or source():
// no lineage knows of it, and a build would read the table that serves.
type plainRead struct {
	database, table string // database is empty where the name stands alone
	line, column    int
}

// plainReads lists the tables named after FROM and JOIN, but for those that the
// SELECT itself makes (WITH name AS …) and for table functions.
func (t template) plainReads() []plainRead {
	words := t.words()
	made := map[string]bool{}
	recursive := false
	for i, w := range words {
		recursive = recursive || w.is("recursive")
		if name, ok := defined(words, i); ok {
			made[name] = true
		}
	}
	var out []plainRead
	levels := []level{{}}
	for i := 0; i < len(words); i++ {
		w, at := words[i], &levels[len(levels)-1]
		switch {
		case w.symbol('('):
			inner := level{table: at.table, noTables: i > 0 && words[i-1].is(functionsWithFrom...)}
			inner.defines, _ = defined(words, i-2)
			at.table = false
			levels = append(levels, inner)
		case w.symbol(')'):
			if len(levels) > 1 {
				levels = levels[:len(levels)-1]
			}
		case w.symbol(','):
			at.table = at.list
		case w.is("from"):
			at.list = !at.noTables && (i == 0 || !words[i-1].is("distinct", "fill")) // IS DISTINCT FROM, WITH FILL FROM
			at.table = at.list
		case w.is("join"):
			at.list = i == 0 || !words[i-1].is("array")
			at.table = at.list
		case w.is(afterTables...):
			at.list, at.table = false, false
		case at.table:
			at.table = false
			read := plainRead{table: w.text, line: w.line, column: w.column}
			for i+2 < len(words) && words[i+1].symbol('.') {
				i += 2
				read.database, read.table = read.table, words[i].text
			}
			function := i+1 < len(words) && words[i+1].symbol('(')
			own := read.database == "" && made[read.table] && (recursive || !slices.ContainsFunc(levels, func(l level) bool { return l.defines == read.table }))
			if w.name && !function && !own {
				out = append(out, read)
			}
		}
	}
	return out
}

// level is what is open between two parentheses.
type level struct {
	table    bool   // a table's name may stand next
	list     bool   // a comma brings the next table
	noTables bool   // FROM is part of a function: EXTRACT(YEAR FROM day)
	defines  string // WITH this name AS ( …; in it the name is still that of a table
}

var (
	functionsWithFrom = []string{"extract", "trim", "ltrim", "rtrim", "substring", "substr", "overlay", "position"}
	afterTables       = []string{"select", "with", "where", "prewhere", "group", "having", "qualify", "window", "order", "limit", "offset", "union", "intersect", "except", "settings", "using"}
)

// defined is the name that words[i] gives to the parenthesis after it.
func defined(words []word, i int) (string, bool) {
	if i < 0 || i+2 >= len(words) || !words[i].name || !words[i+1].is("as") || !words[i+2].symbol('(') {
		return "", false
	}
	return words[i].text, true
}

// word is a name, a keyword or a sign of SQL; a text, a number or a placeholder
// is a word without text.
type word struct {
	text         string
	name         bool // or a keyword, if not quoted
	quoted       bool
	line, column int
}

// is tells whether the word is one of these keywords.
func (w word) is(keywords ...string) bool {
	return w.name && !w.quoted && slices.Contains(keywords, strings.ToLower(w.text))
}

func (w word) symbol(c rune) bool { return !w.name && w.text == string(c) }

// words cuts the SQL, without its comments. Quotes may hold placeholders.
func (t template) words() []word {
	var c cutter
	t.cut(&c)
	return c.words
}

func (t template) cut(c *cutter) {
	for _, p := range t.parts {
		switch p.kind {
		case partText:
			c.text(p)
		case partBlock:
			template{parts: p.block}.cut(c)
		default:
			if c.within == 0 {
				c.words = append(c.words, word{line: p.line, column: p.column})
			}
		}
	}
}

// cutter is within a quote (its sign), a comment ('-' to the end of the line, '*'
// to its sign) or neither (0).
type cutter struct {
	words  []word
	within rune
}

func (c *cutter) text(p part) {
	runes := []rune(p.text)
	line, column := p.line, p.column
	for i := 0; i < len(runes); {
		length := c.next(runes[i:], line, column)
		line, column = passed(line, column, string(runes[i:i+length]))
		i += length
	}
}

// next takes what the rest of a part begins with and returns its length.
func (c *cutter) next(rest []rune, line, column int) int {
	r, pair := rest[0], string(rest[:min(2, len(rest))])
	switch {
	case c.within == '-':
		if r == '\n' {
			c.within = 0
		}
	case c.within == '*':
		if pair == "*/" {
			c.within = 0
			return 2
		}
	case c.within != 0:
		switch {
		case r == '\\', pair == string([]rune{c.within, c.within}):
			return len([]rune(pair))
		case r == c.within:
			c.within = 0
		case c.within != '\'':
			last := &c.words[len(c.words)-1]
			last.text += string(r)
		}
	case pair == "--" || pair == "# " || pair == "#!":
		c.within = '-'
	case pair == "/*":
		c.within = '*'
		return 2
	case r == '\'' || r == '"' || r == '`':
		c.within = r
		c.words = append(c.words, word{name: r != '\'', quoted: true, line: line, column: column})
	case unicode.IsLetter(r) || r == '_' || unicode.IsDigit(r):
		end := slices.IndexFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) && r != '_' && !unicode.IsDigit(r) })
		if end < 0 {
			end = len(rest)
		}
		if unicode.IsDigit(r) {
			c.words = append(c.words, word{line: line, column: column})
		} else {
			c.words = append(c.words, word{text: string(rest[:end]), name: true, line: line, column: column})
		}
		return end
	case !unicode.IsSpace(r):
		c.words = append(c.words, word{text: string(r), line: line, column: column})
	}
	return 1
}
