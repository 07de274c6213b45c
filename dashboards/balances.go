package dashboards

import (
	"fmt"
	"slices"
	"strings"
)

// valued is an amount of ar_snapshots s in the chosen valuation, as a float: at
// booked rates, the closing rates of the day, one constant rate, or in document
// currency. The FROM that follows lists what was asked for.
func (p *page) valued(column string) string {
	if !slices.Contains(p.asked, column) {
		p.asked = append(p.asked, column)
	}
	return fmt.Sprintf("if(${currency:sqlstring} = 'reporting', toFloat64(s.%[1]s_rc), toFloat64(s.%[1]s) * s.rate)", column)
}

// undisputed is a valued amount, less its disputed part where disputed
// receivables are left out.
func (p *page) undisputed(column, disputed string) string {
	if !p.has(disputes) {
		return p.valued(column)
	}
	return fmt.Sprintf("(%s - if(${disputed:sqlstring} = 'no', %s, 0))", p.valued(column), p.valued(disputed))
}

// snapshots is ar_snapshots s with the amounts that the query has asked for
// before its FROM. Queries are parsed and planned each time they are asked: a
// list of all amounts would cost more than reading the few.
func (p *page) snapshots() string {
	return "(\n        " + balances("ar_snapshots", "segment, region, currency, customer_id", p.amounts()) + "\n    ) AS s"
}

// portfolio is the same for queries that do not ask for customers: while no
// customer is chosen it is portfolio_balances, which is small.
func (p *page) portfolio() string {
	amounts := p.amounts()
	if !p.has(byCustomer) {
		return "(\n        " + balances("portfolio_balances", "segment, region, currency", amounts) + "\n    ) AS s"
	}
	every := conditional("customer", "1 = 0")
	return "(\n        " + balances("portfolio_balances", "segment, region, currency, '' AS customer_id", amounts) + "\n        WHERE (" + every + ")" +
		"\n        UNION ALL\n        " + balances("ar_snapshots", "ifNull(segment, ''), ifNull(region, ''), currency, customer_id", amounts) + "\n        WHERE NOT (" + every + ")\n    ) AS s"
}

// amounts are the columns of what was asked for since they were last listed.
func (p *page) amounts() string {
	var out []string
	for _, column := range p.asked {
		out = append(out, column, column+"_rc")
	}
	p.asked = nil
	return strings.Join(out, ", ")
}

// balances reads amounts of a table with the rate of each row in the chosen
// valuation; NULL where there is none.
func balances(table, more, amounts string) string {
	return "WITH (SELECT (groupArray(" + rateKey + "), groupArray(toFloat64(" + rate + "))) FROM fx_as_of WHERE ${currency:sqlstring} IN ('asof', 'constant') AND " + rate + " IS NOT NULL) AS fx\n" +
		"        SELECT as_of, company, owner_id, " + more + ", " + amounts + ", if(${currency:sqlstring} IN ('asof', 'constant'), transform(" + rateKey + ", fx.1, fx.2, NULL), 1.) AS rate\n" +
		"        FROM " + table
}

// rateKey and rate are a rate of fx_as_of and what it is found by.
const (
	rateKey = "cityHash64(as_of, toString(currency))"
	rate    = "if(${currency:sqlstring} = 'asof', rate_closing, rate_constant)"
)
