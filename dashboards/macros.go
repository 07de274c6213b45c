package dashboards

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// All is the value of a variable for which "All" is chosen.
const All = "$__all"

// Variable is what a dashboard's variable stands at.
type Variable struct {
	// Values are the chosen values; All alone means every option.
	Values []string
	// Options are what All stands for.
	Options []string
	// Text is what the person sees; empty means the values.
	Text string
}

// Scope is what a query depends on: the time range, the interval between two
// points and the variables.
type Scope struct {
	From, To  time.Time
	Interval  time.Duration // 0 means 1 s
	Variables map[string]Variable
}

// Expand does to a query what Grafana and its ClickHouse data source do, in
// their order: $__conditionalAll, then variables, then time macros. Unknown
// variables and macros are an error, where Grafana would send them on as text.
func Expand(sql string, s Scope) (string, error) {
	sql, err := s.conditionalAll(sql)
	if err != nil {
		return "", err
	}
	if sql, err = s.variables(sql); err != nil {
		return "", err
	}
	return s.macros(sql)
}

const conditionalAll = "$__conditionalAll("

var variableName = regexp.MustCompile(`\$\{?(\w+)`)

// conditionalAll replaces $__conditionalAll(condition, $variable) by the
// condition, or by 1=1 where the variable stands at All or at nothing.
func (s Scope) conditionalAll(sql string) (string, error) {
	for {
		at := strings.LastIndex(sql, conditionalAll)
		if at < 0 {
			return sql, nil
		}
		args, end := arguments(sql, at+len(conditionalAll)-1)
		if len(args) != 2 {
			return "", fmt.Errorf("$__conditionalAll takes a condition and a variable, got %d arguments", len(args))
		}
		m := variableName.FindStringSubmatch(args[1])
		if m == nil {
			return "", fmt.Errorf("$__conditionalAll: %q is no variable", strings.TrimSpace(args[1]))
		}
		v, ok := s.Variables[m[1]]
		if !ok {
			return "", fmt.Errorf("there is no variable $%s", m[1])
		}
		phrase := args[0]
		if chosen := strings.Join(v.Values, ","); chosen == "" || chosen == All {
			phrase = "1=1"
		}
		sql = sql[:at] + phrase + sql[end:]
	}
}

// arguments splits at the commas of the bracket that opens at sql[open]; end is
// the byte after its closing bracket. Like the plugin, it does not know quotes.
func arguments(sql string, open int) (args []string, end int) {
	depth, start := 0, open+1
	for i := open; i < len(sql); i++ {
		switch sql[i] {
		case '(':
			depth++
		case ')':
			depth--
			if depth == 0 {
				return append(args, sql[start:i]), i + 1
			}
		case ',':
			if depth == 1 {
				args, start = append(args, sql[start:i]), i+1
			}
		}
	}
	return nil, len(sql)
}

var variableForm = regexp.MustCompile(`\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)(?::(\w+))?\]\]|\$([a-zA-Z]\w*)`)

// variables replaces ${name:format}, [[name]] and $name.
func (s Scope) variables(sql string) (string, error) {
	var problem error
	out := variableForm.ReplaceAllStringFunc(sql, func(found string) string {
		m := variableForm.FindStringSubmatch(found)
		name, format := m[1]+m[3]+m[5], m[2]+m[4]
		v, ok := s.Variables[name]
		if !ok {
			problem = fmt.Errorf("there is no variable %s", found)
			return found
		}
		text, err := v.format(format)
		if err != nil && problem == nil {
			problem = fmt.Errorf("%s: %w", found, err)
		}
		return text
	})
	return out, problem
}

// format writes the chosen values in one of Grafana's formats.
func (v Variable) format(format string) (string, error) {
	values := v.Values
	if len(values) == 1 && values[0] == All {
		values = v.Options
	}
	quoted := func(open, close string, escape func(string) string) string {
		out := make([]string, len(values))
		for i, x := range values {
			out[i] = open + escape(x) + close
		}
		return strings.Join(out, ",")
	}
	asIs := func(s string) string { return s }
	switch format {
	case "raw", "csv":
		return quoted("", "", asIs), nil
	case "singlequote":
		return quoted("'", "'", func(s string) string { return strings.ReplaceAll(s, "'", `\'`) }), nil
	case "doublequote":
		return quoted(`"`, `"`, func(s string) string { return strings.ReplaceAll(s, `"`, `\"`) }), nil
	case "sqlstring":
		return quoted("'", "'", func(s string) string { return strings.ReplaceAll(s, "'", "''") }), nil
	case "pipe":
		return strings.Join(values, "|"), nil
	case "text":
		if v.Text != "" {
			return v.Text, nil
		}
		return strings.Join(values, " + "), nil
	case "":
		if len(values) != 1 {
			return "", fmt.Errorf("%d values without a format; write ${name:sqlstring}", len(values))
		}
		return values[0], nil
	}
	return "", fmt.Errorf("the format %q is not known; allowed: raw, csv, singlequote, doublequote, sqlstring, pipe, text", format)
}

var macroForm = regexp.MustCompile(`\$__(\w+)`)

// macros replaces the time macros of the plugin.
func (s Scope) macros(sql string) (string, error) {
	var b strings.Builder
	for {
		m := macroForm.FindStringSubmatchIndex(sql)
		if m == nil {
			b.WriteString(sql)
			return b.String(), nil
		}
		b.WriteString(sql[:m[0]])
		name, end := sql[m[2]:m[3]], m[1]
		var args []string
		if end < len(sql) && sql[end] == '(' {
			args, end = arguments(sql, end)
		}
		text, err := s.macro(name, args)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
		sql = sql[end:]
	}
}

// macro expands one macro as pkg/macros of the plugin does.
func (s Scope) macro(name string, args []string) (string, error) {
	base, milli := strings.CutSuffix(name, "_ms")
	m, ok := timeMacros[base]
	if !ok || (milli && m.secondsOnly) {
		return "", fmt.Errorf("the macro $__%s is not known", name)
	}
	if len(args) == 1 && m.args == 0 && strings.TrimSpace(args[0]) == "" {
		args = nil // $__fromTime()
	}
	if len(args) != m.args {
		return "", fmt.Errorf("$__%s takes %d arguments, got %d", name, m.args, len(args))
	}
	for i := range args {
		if args[i] = strings.TrimSpace(args[i]); args[i] == "" {
			return "", fmt.Errorf("$__%s has an empty argument", name)
		}
	}
	return m.expand(s, milli, args)
}

type timeMacro struct {
	args        int
	secondsOnly bool // has no twin in milliseconds
	expand      func(s Scope, milli bool, args []string) (string, error)
}

var timeMacros = map[string]timeMacro{
	"fromTime": {0, false, func(s Scope, milli bool, _ []string) (string, error) { return instant(s.From, milli), nil }},
	"toTime":   {0, false, func(s Scope, milli bool, _ []string) (string, error) { return instant(s.To, milli), nil }},
	"timeFilter": {1, false, func(s Scope, milli bool, a []string) (string, error) {
		return fmt.Sprintf("%[1]s >= %[2]s AND %[1]s <= %[3]s", a[0], instant(s.From, milli), instant(s.To, milli)), nil
	}},
	"dateFilter": {1, true, func(s Scope, _ bool, a []string) (string, error) { return s.dateFilter(a[0]), nil }},
	"dateTimeFilter": {2, true, func(s Scope, _ bool, a []string) (string, error) {
		return fmt.Sprintf("(%s) AND (%[2]s >= %[3]s AND %[2]s <= %[4]s)", s.dateFilter(a[0]), a[1], instant(s.From, false), instant(s.To, false)), nil
	}},
	"timeInterval": {1, false, func(s Scope, milli bool, a []string) (string, error) {
		if milli {
			return fmt.Sprintf("toStartOfInterval(toDateTime64(%s, 3), INTERVAL %d millisecond)", a[0], max(s.Interval.Milliseconds(), 1)), nil
		}
		return fmt.Sprintf("toStartOfInterval(toDateTime(%s), INTERVAL %d second)", a[0], s.seconds()), nil
	}},
	"timeGroup": {2, true, func(_ Scope, _ bool, a []string) (string, error) {
		d, err := time.ParseDuration(strings.Trim(a[1], `'"`))
		if err != nil || d < time.Second {
			return "", fmt.Errorf("$__timeGroup: %q is no interval of a second or more", a[1])
		}
		return fmt.Sprintf("toStartOfInterval(toDateTime(%s), INTERVAL %d second)", a[0], int64(d.Seconds())), nil
	}},
	"interval_s": {0, true, func(s Scope, _ bool, _ []string) (string, error) { return fmt.Sprint(s.seconds()), nil }},
}

func (s Scope) seconds() int64 { return max(int64(s.Interval.Seconds()), 1) }

func (s Scope) dateFilter(column string) string {
	return fmt.Sprintf("%[1]s >= toDate('%[2]s') AND %[1]s <= toDate('%[3]s')", column, s.From.UTC().Format(time.DateOnly), s.To.UTC().Format(time.DateOnly))
}

func instant(t time.Time, milli bool) string {
	if milli {
		return fmt.Sprintf("fromUnixTimestamp64Milli(%d)", t.UnixMilli())
	}
	return fmt.Sprintf("toDateTime(%d)", t.Unix())
}
