package extract

import (
	"errors"
	"fmt"
	"strings"
)

// splitName takes schema.table apart. A part with a dot stands in quotes.
func splitName(name string) ([]string, error) {
	var parts []string
	for rest := name; ; {
		var part string
		if strings.HasPrefix(rest, `"`) {
			end := strings.Index(rest[1:], `"`)
			if end < 0 {
				return nil, errors.New("a quote is opened and never closed")
			}
			part, rest = rest[1:end+1], rest[end+2:]
			if rest != "" && rest[0] != '.' {
				return nil, errors.New("a dot is expected behind the quote")
			}
			if rest != "" {
				rest = rest[1:]
				parts = append(parts, part)
				continue
			}
			return append(parts, part), nil
		}
		part, after, more := strings.Cut(rest, ".")
		if part == "" {
			return nil, errors.New("a name is missing; expected table, or schema.table")
		}
		parts = append(parts, part)
		if !more {
			return parts, nil
		}
		rest = after
	}
}

// oneSelect checks that a text is one statement that reads, as far as that can
// be told without parsing it, and takes a semicolon at its end away.
func oneSelect(text, driver string) (string, error) {
	words, bare := sqlWords(text)
	for strings.HasSuffix(strings.TrimSpace(bare), ";") {
		cut := strings.LastIndex(bare, ";")
		text, bare = text[:cut]+" "+text[cut+1:], bare[:cut]+" "+bare[cut+1:]
	}
	if strings.Contains(bare, ";") {
		return "", errors.New("it holds several statements; expected one SELECT")
	}
	if len(words) == 0 {
		return "", errors.New("it is empty; expected a SELECT")
	}
	switch first := strings.ToUpper(words[0]); {
	case first == "SELECT" || first == "VALUES" && driver != driverSQLServer:
	case first == "WITH" && driver != driverSQLServer:
	case first == "WITH":
		return "", errors.New("SQL Server takes no WITH where the query is wrapped; make a view of it, or write its parts as subqueries")
	default:
		return "", fmt.Errorf("it begins with %s; expected a SELECT", words[0])
	}
	return strings.TrimSpace(text), nil
}

// sqlWords lists the first words of a statement, and gives its text with
// everything in quotes and comments blanked out, byte by byte.
func sqlWords(text string) (words []string, bare string) {
	out := []byte(text)
	blank := func(from, to int) {
		for i := from; i < min(to, len(out)); i++ {
			out[i] = ' '
		}
	}
	for i := 0; i < len(text); {
		closing, skip := "", 1
		switch {
		case strings.HasPrefix(text[i:], "--"):
			closing, skip = "\n", 2
		case strings.HasPrefix(text[i:], "/*"):
			closing, skip = "*/", 2
		case text[i] == '\'' || text[i] == '"' || text[i] == '`':
			closing = text[i : i+1]
		default:
			i++
			continue
		}
		end := len(text)
		if n := strings.Index(text[i+skip:], closing); n >= 0 {
			end = i + skip + n + len(closing)
		}
		blank(i, end)
		i = end
	}
	bare = string(out)
	return strings.FieldsFunc(bare, func(r rune) bool { return strings.ContainsRune(" \t\r\n(", r) }), bare
}
