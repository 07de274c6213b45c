package dolibarr

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// filter is a parameter sqlfilters: conditions (t.field:operator:value) joined by
// and, or and brackets.
type filter struct {
	text string
	zone *time.Location
	old  bool // version 16 drops the ! of operators, so that != means =
	rest string
}

var (
	atom     = regexp.MustCompile(`^\(t\.(\w+):([a-z<>=!]+):('?)([^()']*)'?\)`)
	junction = regexp.MustCompile(`^ (and|or) `)
)

func (f *filter) keeps(columns map[string]any) (bool, error) {
	if f.text == "" {
		return true, nil
	}
	f.rest = f.text
	ok, err := f.expression(columns)
	if err == nil && f.rest != "" {
		err = fmt.Errorf("bad syntax of the search string: %s", f.text)
	}
	return ok, err
}

func (f *filter) expression(columns map[string]any) (bool, error) {
	ok, err := f.term(columns)
	for err == nil {
		m := junction.FindStringSubmatch(f.rest)
		if m == nil {
			break
		}
		f.rest = f.rest[len(m[0]):]
		var other bool
		other, err = f.term(columns)
		if m[1] == "and" {
			ok = ok && other
		} else {
			ok = ok || other
		}
	}
	return ok, err
}

func (f *filter) term(columns map[string]any) (bool, error) {
	if m := atom.FindStringSubmatch(f.rest); m != nil {
		f.rest = f.rest[len(m[0]):]
		column, known := columns[m[1]]
		if !known {
			return false, fmt.Errorf("unknown column 't.%s'", m[1])
		}
		return f.compare(column, m[2], m[4])
	}
	if !strings.HasPrefix(f.rest, "(") {
		return false, fmt.Errorf("bad syntax of the search string: %s", f.rest)
	}
	f.rest = f.rest[1:]
	ok, err := f.expression(columns)
	if err == nil && !strings.HasPrefix(f.rest, ")") {
		return false, errors.New("bad syntax of the search string: a bracket is missing")
	}
	f.rest = strings.TrimPrefix(f.rest, ")")
	return ok, err
}

// compare compares numbers, and times to the second as the server's clock shows them.
func (f *filter) compare(column any, operator, value string) (bool, error) {
	if f.old {
		operator = strings.ReplaceAll(operator, "!", "")
	}
	if operator == "in" {
		return slices.Contains(strings.Split(value, ","), fmt.Sprint(column)), nil
	}
	var order int
	switch c := column.(type) {
	case int:
		n, err := strconv.Atoi(value)
		if err != nil {
			return false, err
		}
		order = c - n
	case time.Time:
		have := c.In(f.zone).Format(time.DateTime)
		order = strings.Compare(have[:min(len(have), len(value))], value)
	}
	switch operator {
	case "=":
		return order == 0, nil
	case "<>", "!=":
		return order != 0, nil
	case ">":
		return order > 0, nil
	case ">=":
		return order >= 0, nil
	}
	return false, fmt.Errorf("operator %s", operator)
}
