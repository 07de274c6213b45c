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
		value := fmt.Sprintf(f.value, alias)
		switch {
		case kind == "currency":
			out = append(out, "("+converted+" OR "+value+" = ${currency:sqlstring})")
		case strings.HasPrefix(kind, "customer_"):
			out = append(out, conditional(f.variable, fmt.Sprintf("%scustomer_id IN (SELECT customer_id FROM customers_current WHERE %s IN (${%s:sqlstring}))", alias, fmt.Sprintf(f.value, ""), f.variable)))
		default:
			out = append(out, conditional(f.variable, fmt.Sprintf("%s IN (${%s:sqlstring})", value, f.variable)))
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

// filterKinds say how the value of a filter is read from a row. What has no
// company, segment or region is (none), without owner unassigned.
var filterKinds = map[string]struct{ variable, value string }{
	"company":          {"company", "ifNull(nullIf(%scompany, ''), '(none)')"},
	"segment":          {"segment", "ifNull(nullIf(%ssegment, ''), '(none)')"},
	"region":           {"region", "ifNull(nullIf(%sregion, ''), '(none)')"},
	"owner":            {"rep", "ifNull(nullIf(%sowner_id, ''), 'unassigned')"},
	"rep":              {"rep", "ifNull(nullIf(%srep_id, ''), 'unassigned')"},
	"customer":         {"customer", "%scustomer_id"},
	"currency":         {"currency", "%scurrency"},
	"customer_segment": {"segment", "ifNull(nullIf(%ssegment, ''), '(none)')"},
	"customer_region":  {"region", "ifNull(nullIf(%sregion, ''), '(none)')"},
	"customer_owner":   {"rep", "ifNull(nullIf(%sowner_id, ''), 'unassigned')"},
}

// measure is an amount as it was booked: in reporting currency at the rate of
// the document's date (_rc) or, where one document currency is chosen, in that.
func measure(column string) string {
	return fmt.Sprintf("if(%s, %[2]s_rc, %[2]s)", converted, column)
}

// valued is an amount of ar_snapshots in the chosen valuation, as a float: at
// booked rates, the closing rates of the day, one constant rate, or in document
// currency. The query reads FROM {{template "snapshots"}}.
func valued(column string) string {
	return fmt.Sprintf("multiIf(${currency:sqlstring} = 'reporting', toFloat64(s.%[1]s_rc), ${currency:sqlstring} = 'asof', toFloat64(s.%[1]s) * toFloat64(f.rate_closing), "+
		"${currency:sqlstring} = 'constant', toFloat64(s.%[1]s) * toFloat64(f.rate_constant), toFloat64(s.%[1]s))", column)
}

// undisputed is a valued amount, less its disputed part where disputed
// receivables are left out.
func (p *page) undisputed(column, disputed string) string {
	if !p.has(disputes) {
		return valued(column)
	}
	return fmt.Sprintf("(%s - if(${disputed:sqlstring} = 'no', %s, 0))", valued(column), valued(disputed))
}
