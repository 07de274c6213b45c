package sql

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// VarType is the type of a variable: what a value must look like, and how it is
// put into the SQL.
type VarType string

// The types of variables.
const (
	// IntegerVar is a whole number, put in as it is.
	IntegerVar VarType = "integer"
	// DecimalVar is an exact number, put in as it is.
	DecimalVar VarType = "decimal"
	// TextVar is put in as it is, so that quotes around it belong to the SQL, as in
	// dbt; it cannot hold what would end the quotes.
	TextVar VarType = "text"
	// DateVar is a day, YYYY-MM-DD, put in as it is: '{{ var('day') }}'.
	DateVar VarType = "date"
	// ListVar is put in as an array: [1, 2] of numbers, ['a', 'b'] of texts.
	ListVar VarType = "list"
)

var varTypes = []string{string(DateVar), string(DecimalVar), string(IntegerVar), string(ListVar), string(TextVar)}

// Var is a variable that models read with {{ var('name') }}.
type Var struct {
	Name        string
	Type        VarType
	Default     Value
	Unit        string // days, fraction …; empty where there is none
	Description string
	Bounds      Bounds
	Spec        string // where the specification of the metrics gives the default
	// Setting names the setting of huikuan.yaml that gives the value; empty: it is
	// set under models.vars.
	Setting string
	File    string
	Line    int
}

// Value is the value of a variable as people write it: one text or number, or a
// list of them.
type Value struct {
	Text   string
	List   []string
	IsList bool
}

// String writes the value as a header does.
func (v Value) String() string {
	if v.IsList {
		return "[" + strings.Join(v.List, ", ") + "]"
	}
	return v.Text
}

// NewValue accepts a text, a whole number, a decimal or a list of them.
func NewValue(v any) (Value, error) {
	switch x := v.(type) {
	case Value:
		return x, nil
	case string:
		return Value{Text: x}, nil
	case int:
		return Value{Text: strconv.Itoa(x)}, nil
	case int64:
		return Value{Text: strconv.FormatInt(x, 10)}, nil
	case float64:
		return Value{Text: strconv.FormatFloat(x, 'f', -1, 64)}, nil
	case bool:
		return Value{Text: strconv.FormatBool(x)}, nil
	case []string:
		return Value{List: x, IsList: true}, nil
	case []int:
		return NewValue(anySlice(x))
	case []any:
		out := Value{IsList: true}
		for _, item := range x {
			one, err := NewValue(item)
			if err != nil || one.IsList {
				return Value{}, fmt.Errorf("found a list with %v in it, expected texts or numbers", item)
			}
			out.List = append(out.List, one.Text)
		}
		return out, nil
	}
	return Value{}, fmt.Errorf("found %v, expected a text, a number or a list of them", v)
}

func anySlice[T any](list []T) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x
	}
	return out
}

var (
	integerForm = regexp.MustCompile(`^-?[0-9]{1,18}$`)
	numberForm  = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
)

// sql writes the value as it stands in the SQL; the error says what is wrong
// with it.
func (d Var) sql(v Value) (string, error) {
	text, err := d.typed(v)
	if err == nil {
		err = d.within(v)
	}
	return text, err
}

// typed is sql without a look at the bounds.
func (d Var) typed(v Value) (string, error) {
	if v.IsList != (d.Type == ListVar) {
		return "", fmt.Errorf("found %s, expected %s", v, d.Type.example())
	}
	wrong := fmt.Errorf("found %q, expected %s", v.Text, d.Type.example())
	switch d.Type {
	case IntegerVar:
		if !integerForm.MatchString(v.Text) {
			return "", wrong
		}
	case DecimalVar:
		if !numberForm.MatchString(v.Text) {
			return "", wrong
		}
	case DateVar:
		if _, err := time.Parse(time.DateOnly, v.Text); err != nil {
			return "", wrong
		}
	case TextVar:
		return v.Text, harmless(v.Text)
	case ListVar:
		return listSQL(v.List, d.Default.IsList && len(d.Default.List) > 0 && !allNumbers(d.Default.List), d.Default.IsList && allNumbers(d.Default.List))
	}
	return v.Text, nil
}

func (t VarType) example() string {
	switch t {
	case IntegerVar:
		return "a whole number such as 30"
	case DecimalVar:
		return "a number such as 0.9"
	case DateVar:
		return "a day such as 2026-01-31"
	case ListVar:
		return "a list such as [a, b]"
	}
	return "a text"
}

// untyped writes a value of which only a default in the SQL is known.
func untyped(v Value) (string, error) {
	if v.IsList {
		return listSQL(v.List, false, false)
	}
	return v.Text, harmless(v.Text)
}

// listSQL writes an array. Items are numbers where all of them are, unless the
// default says that they are texts.
func listSQL(items []string, texts, numbers bool) (string, error) {
	if len(items) == 0 {
		if numbers {
			return "emptyArrayInt64()", nil
		}
		return "emptyArrayString()", nil
	}
	asNumbers := allNumbers(items) && !texts
	out := make([]string, len(items))
	for i, item := range items {
		switch {
		case asNumbers:
			out[i] = item
		case numbers && numberForm.MatchString(item):
			out[i] = item
		case numbers:
			return "", fmt.Errorf("found %q in the list, expected numbers only, as in the default", item)
		default:
			if err := harmless(item); err != nil {
				return "", err
			}
			out[i] = "'" + item + "'"
		}
	}
	return "[" + strings.Join(out, ", ") + "]", nil
}

func allNumbers(items []string) bool {
	for _, item := range items {
		if !numberForm.MatchString(item) {
			return false
		}
	}
	return len(items) > 0
}

// harmless refuses what could end the quotes that the SQL puts around a text.
func harmless(s string) error {
	if at := strings.IndexFunc(s, func(r rune) bool { return strings.ContainsRune("'\"`\\;", r) || unicode.IsControl(r) }); at >= 0 {
		return fmt.Errorf("found %q; quotes, backslashes, semicolons and line breaks cannot stand in a variable", s)
	}
	if strings.Contains(s, "--") || strings.Contains(s, "/*") {
		return fmt.Errorf("found %q; what begins a comment in SQL cannot stand in a variable", s)
	}
	return nil
}

// variables are those that models may read, with their values.
type variables struct {
	known map[string]Var    // the catalogue and the models' headers
	value map[string]string // as put into the SQL
}

// newVariables lays the catalogue's defaults, the program's settings and the
// user's values (models.vars) over one another.
func newVariables(catalogue []Var, models []Model, settings, user map[string]any) (variables, []error) {
	v := variables{known: map[string]Var{}, value: map[string]string{}}
	var problems []error
	for _, d := range catalogue {
		v.known[d.Name] = d
	}
	for _, m := range models {
		for _, d := range m.Vars {
			other, ok := v.known[d.Name]
			if ok && (other.Type != d.Type || other.Default.String() != d.Default.String()) {
				problems = append(problems, &Error{File: d.File, Line: d.Line, Problem: fmt.Sprintf("the variable %s stands in %s:%d already, with another default", d.Name, other.File, other.Line),
					Hint: "take it out of this header, or rename it"})
				continue
			}
			v.known[d.Name] = d
		}
	}
	for name, d := range v.known {
		if s, err := d.sql(d.Default); err != nil {
			problems = append(problems, &Error{File: d.File, Line: d.Line, Problem: fmt.Sprintf("the default of %s: %v", name, err)})
		} else {
			v.value[name] = s
		}
	}
	for name, x := range settings {
		if err := v.set(name, x); err != nil {
			problems = append(problems, fmt.Errorf("the setting %s: %w", name, err))
		}
	}
	failed := len(problems)
	inline := v.inline(models)
	for _, name := range sortedKeys(user) {
		if err := v.setUser(name, user[name], inline); err != nil {
			problems = append(problems, fmt.Errorf("models.vars.%s: %w", name, err))
		}
	}
	if len(problems) == failed {
		problems = append(problems, v.joint()...)
	}
	return v, problems
}

// inline are the names that stand in models with a default of their own and
// nowhere else.
func (v variables) inline(models []Model) map[string]bool {
	out := map[string]bool{}
	for _, m := range models {
		m.each(partVar, func(p part) { out[p.text] = true })
	}
	return out
}

// set gives a variable a value, checked against its type where that is known.
func (v variables) set(name string, x any) error {
	value, err := NewValue(x)
	if err != nil {
		return err
	}
	write := untyped
	if d, ok := v.known[name]; ok {
		write = d.sql
	}
	text, err := write(value)
	if err != nil {
		return err
	}
	v.value[name] = text
	return nil
}

func (v variables) setUser(name string, x any, inline map[string]bool) error {
	d, ok := v.known[name]
	switch {
	case ok && d.Setting != "":
		return fmt.Errorf("it is given by the setting %s; set that in its place", d.Setting)
	case !ok && !inline[name]:
		return fmt.Errorf("there is no variable %q; %s", name, v.nearest(name))
	}
	return v.set(name, x)
}

// nearest suggests the closest name; the catalogue is too long to be listed.
func (v variables) nearest(name string) string {
	return nearestOf(name, sortedKeys(v.known), "`huikuan models docs` lists the variables")
}
