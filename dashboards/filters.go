package dashboards

import (
	"fmt"
	"slices"
	"strings"
)

// where is the condition that a table's rows are among what is chosen. Kinds
// are the columns the table has:
//
//	company, segment, region, customer   the columns company, segment, region, customer_id
//	owner                                owner_id, the account owner, among the chosen reps
//	rep                                  rep_id, the rep of the invoice or of the act
//	currency                             the document currency, where one is chosen
//	customer_segment, customer_region, customer_owner
//	                                     customer_id, by what the customer is now
//
// A kind whose variable the page lacks is no condition.
func (p *page) where(alias string, kinds ...string) (string, error) {
	if alias != "" {
		alias += "."
	}
	var out []string
	for _, kind := range kinds {
		f, ok := filterKinds[kind]
		if !ok {
			return "", fmt.Errorf("the filter %q is not known", kind)
		}
		if !p.hasNamed(f.variable) {
			continue
		}
		switch {
		case kind == "currency":
			out = append(out, "("+converted+" OR "+alias+f.column+" = ${currency:sqlstring})")
		case strings.HasPrefix(kind, "customer_"):
			out = append(out, conditional(f.variable, fmt.Sprintf("%scustomer_id IN (SELECT customer_id FROM customer_directory WHERE %s)", alias, f.chosen(""))))
		default:
			out = append(out, conditional(f.variable, f.chosen(alias)))
		}
	}
	if len(out) == 0 {
		return "1 = 1", nil
	}
	return strings.Join(out, "\n        AND "), nil
}

// only is true where every filter of the page but those named stands at All:
// what a table does not know it cannot be asked for, and shows nothing rather
// than too much.
func (p *page) only(names ...string) string {
	var out []string
	for _, v := range p.variables {
		if !v.single() && !slices.Contains(names, v.name()) {
			out = append(out, conditional(v.name(), "1 = 0"))
		}
	}
	if len(out) == 0 {
		return "1 = 1"
	}
	return strings.Join(out, " AND ")
}

func conditional(variable, condition string) string {
	return "$__conditionalAll(" + condition + ", $" + variable + ")"
}

// converted is true where amounts are shown in reporting currency.
const converted = "${currency:sqlstring} IN ('reporting', 'asof', 'constant')"

// filterKind is a column that a variable chooses rows by; none is the value of
// the variable that stands for rows whose column is empty.
type filterKind struct{ variable, column, none string }

// filterKinds say which column a filter looks at. What has no company, segment
// or region is (none), without owner unassigned.
var filterKinds = map[string]filterKind{
	"company":          {"company", "company", "(none)"},
	"segment":          {"segment", "segment", "(none)"},
	"region":           {"region", "region", "(none)"},
	"owner":            {"rep", "owner_id", "unassigned"},
	"rep":              {"rep", "rep_id", "unassigned"},
	"customer":         {"customer", "customer_id", ""},
	"currency":         {"currency", "currency", ""},
	"customer_segment": {"segment", "segment", "(none)"},
	"customer_region":  {"region", "region", "(none)"},
	"customer_owner":   {"rep", "owner_id", "unassigned"},
}

// chosen is true for rows whose column is among the chosen values. The column is
// compared as it is, so that the engine finds rows by the table's key.
func (f filterKind) chosen(alias string) string {
	column, values := alias+f.column, "${"+f.variable+":sqlstring}"
	if f.none == "" {
		return column + " IN (" + values + ")"
	}
	return fmt.Sprintf("(%[1]s IN (%[2]s) OR ifNull(%[1]s, '') = '' AND '%[3]s' IN (%[2]s))", column, values, f.none)
}

// measure is an amount as it was booked: in reporting currency at the rate of
// the document's date (_rc) or, where one document currency is chosen, in that.
func measure(column string) string {
	return fmt.Sprintf("if(%s, %[2]s_rc, %[2]s)", converted, column)
}
