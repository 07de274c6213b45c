package sql

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Bounds say which values of its type a variable may have; a zero field bounds
// nothing. What is said of numbers and words holds for each item of a list.
type Bounds struct {
	Least, Above, Most string   // numbers as they are written; Above is left out itself
	Among              []string // the words allowed
	Form               string   // regular expression of the whole text
	Length             int      // items of a list
	Ascending          bool     // each item of a list is above the one before
	Distinct           bool     // no item of a list stands there twice
	MayBeEmpty         bool     // a list needs no item; so does one that is empty by default
}

// bounds reads the keys of a variable that bound it.
func (r reader) bounds(b *Bounds) field {
	number := func(to *string) func(*yaml.Node) error {
		return func(n *yaml.Node) error {
			if !numberForm.MatchString(n.Value) {
				return r.fail(n, "write a plain number such as 1", "found %q, expected a number", n.Value)
			}
			*to = n.Value
			return nil
		}
	}
	flag := func(to *bool) func(*yaml.Node) error {
		return func(n *yaml.Node) error {
			if n.Value != "true" {
				return r.fail(n, "write true or leave it out", "found %q, expected true", n.Value)
			}
			*to = true
			return nil
		}
	}
	return field{
		"least": number(&b.Least), "above": number(&b.Above), "most": number(&b.Most),
		"among": r.list(&b.Among), "ascending": flag(&b.Ascending), "distinct": flag(&b.Distinct), "may_be_empty": flag(&b.MayBeEmpty),
		"form": func(n *yaml.Node) error {
			if _, err := regexp.Compile(n.Value); err != nil {
				return r.fail(n, "write a regular expression of Go", "the form cannot be read: %v", err)
			}
			b.Form = n.Value
			return nil
		},
		"length": func(n *yaml.Node) (err error) {
			if b.Length, err = strconv.Atoi(n.Value); err != nil || b.Length < 1 {
				return r.fail(n, "write a whole number such as 8", "found %q, expected a number of items", n.Value)
			}
			return nil
		},
	}
}

// within says why the variable may not have the value, which is of its type.
func (d Var) within(v Value) error {
	b := d.Bounds
	items := v.List
	if !v.IsList {
		items = []string{v.Text}
	}
	for i, item := range items {
		if !b.allows(item) {
			return d.refuse(v)
		}
		for _, earlier := range items[:i] {
			if b.Distinct && same(earlier, item) || b.Ascending && !less(earlier, item) {
				return d.refuse(v)
			}
		}
	}
	if v.IsList && (len(items) == 0 && !b.MayBeEmpty && len(d.Default.List) > 0 || b.Length > 0 && len(items) != b.Length) {
		return d.refuse(v)
	}
	return nil
}

func (b Bounds) allows(item string) bool {
	switch {
	case b.Least != "" && less(item, b.Least),
		b.Above != "" && !less(b.Above, item),
		b.Most != "" && less(b.Most, item),
		len(b.Among) > 0 && !slices.Contains(b.Among, item):
		return false
	}
	return b.Form == "" || regexp.MustCompile("^(?:"+b.Form+")$").MatchString(item)
}

// refuse names what was found, what is expected, and what the variable decides.
func (d Var) refuse(v Value) error {
	found := v.String()
	if d.Type == TextVar {
		found = strconv.Quote(found)
	}
	return fmt.Errorf("found %s, expected %s, such as %s; it is: %s", found, d.expected(), d.Default, d.Description)
}

func (d Var) expected() string {
	b := d.Bounds
	var each []string
	switch {
	case b.Least != "" && b.Most != "":
		each = append(each, "from "+b.Least+" to "+b.Most)
	case b.Above != "" && b.Most != "":
		each = append(each, "above "+b.Above+" and at most "+b.Most)
	case b.Above != "":
		each = append(each, "above "+b.Above)
	case b.Least != "":
		each = append(each, b.Least+" or more")
	case b.Most != "":
		each = append(each, "at most "+b.Most)
	}
	if len(b.Among) > 0 {
		each = append(each, "one of "+strings.Join(b.Among, ", "))
	}
	kind := map[VarType]string{IntegerVar: "a whole number", DecimalVar: "a number", DateVar: "a day", TextVar: "a text"}[d.Type]
	if d.Type == ListVar {
		kind = "a list"
		switch {
		case b.Length > 0:
			kind = fmt.Sprintf("a list of %d", b.Length)
		case !b.MayBeEmpty:
			kind = "a list of one or more"
		}
		if b.Ascending {
			kind += ", ascending"
		} else if b.Distinct {
			kind += ", none twice"
		}
		if len(each) > 0 {
			each[0] = "each " + each[0]
		}
	}
	return strings.Join(append([]string{kind}, each...), ", ")
}

// same and less compare numbers by what they are worth, other texts by letter.
func same(a, b string) bool {
	x, y, numbers := rationals(a, b)
	return numbers && x.Cmp(y) == 0 || a == b
}

func less(a, b string) bool {
	x, y, numbers := rationals(a, b)
	if !numbers {
		return a < b
	}
	return x.Cmp(y) < 0
}

func rationals(a, b string) (x, y *big.Rat, ok bool) {
	if !numberForm.MatchString(a) || !numberForm.MatchString(b) {
		return nil, nil, false
	}
	x, _ = new(big.Rat).SetString(a)
	y, _ = new(big.Rat).SetString(b)
	return x, y, true
}

// joint are bounds of several variables of the catalogue together: their sum is
// at most Most, or at most the variable Of.
type joint struct {
	names []string
	most  string
	of    string
	hint  string
}

var jointBounds = []joint{
	{names: []string{"ecl_history_months_min"}, of: "ecl_history_months", hint: "with fewer months of history than the least that counts, no loss rate would be measured"},
	{names: []string{"grade_overdue_cap", "grade_late_cap", "grade_broken_cap", "grade_over_limit_points", "grade_dispute_cap", "grade_cycle_points"}, most: "100", hint: "a risk score lies between 0 and 100"},
	{names: []string{"grade_overdue_cap", "grade_late_cap", "grade_broken_cap", "grade_near_limit_points", "grade_dispute_cap", "grade_cycle_points"}, most: "100", hint: "a risk score lies between 0 and 100"},
	{names: []string{"willingness_late_cap", "willingness_broken_points", "willingness_avoidance_cap"}, most: "100", hint: "a score of willingness lies between 0 and 100"},
}

// joint checks jointBounds; variables without a usable value were refused before.
func (v variables) joint() []error {
	var problems []error
	for _, j := range jointBounds {
		sum := new(big.Rat)
		most := j.most
		if j.of != "" {
			most = v.value[j.of]
		}
		limit, ok := new(big.Rat).SetString(most)
		var found []string
		for _, name := range j.names {
			x, known := new(big.Rat).SetString(v.value[name])
			if ok = ok && known; !ok {
				break
			}
			sum.Add(sum, x)
			found = append(found, name+" "+v.value[name])
		}
		if !ok || sum.Cmp(limit) <= 0 {
			continue
		}
		expected := "a sum of at most " + most
		if j.of != "" {
			expected = "at most " + j.of + " (" + most + ")"
		}
		problems = append(problems, fmt.Errorf("models.vars: found %s, expected %s; %s", strings.Join(found, ", "), expected, j.hint))
	}
	return problems
}
