package dashboards

import (
	"fmt"
	"slices"
	"strings"
)

// valued is an amount of ar_snapshots s as it is shown, as a float: in reporting
// currency at booked rates, the closing rates of the day or one constant rate,
// or the documents of one currency. The FROM that follows lists what was asked for.
func (p *page) valued(column string) string {
	p.ask(column)
	return "toFloat64(s." + column + ")"
}

// undisputed is a valued amount, less its disputed part where disputed
// receivables are left out.
func (p *page) undisputed(column, disputed string) string {
	if !p.has(disputes) {
		return p.valued(column)
	}
	p.ask(column)
	p.ask(disputed)
	return fmt.Sprintf("toFloat64(s.%s - if(${disputed:sqlstring} = 'no', s.%s, 0))", column, disputed)
}

// ask notes an amount that the query being written wants of its balances.
func (p *page) ask(column string) {
	if !slices.Contains(p.asked, column) {
		p.asked = append(p.asked, column)
	}
}

// amounts are what was asked for since they were last listed.
func (p *page) amounts() (asked []string) {
	asked, p.asked = p.asked, nil
	return asked
}

// snapshots is ar_snapshots s with the amounts that the query has asked for
// before its FROM. Queries are parsed and planned each time they are asked: a
// list of all amounts would cost more than reading the few.
func (p *page) snapshots() string {
	return "(\n        " + balances("ar_snapshots", currencyChosen, "customer_id", p.amounts()) + "\n    ) AS s"
}

// portfolio is the same for queries that do not ask for customers: while no
// customer is chosen it is portfolio_balances, which is small and has its rates
// beside the amounts. The query needs the template shown_in.
func (p *page) portfolio() string {
	amounts := p.amounts()
	all := "(\n        " + balances("portfolio_balances", "shown_in", "", amounts) + "\n    ) AS s"
	if !p.has(byCustomer) {
		return all
	}
	// of all customers' balances only single days are read, as many as any panel shows
	days, err := execute(p.queries.templates, "single_days", 24)
	if err != nil {
		p.fail("the days of balances: %w", err)
	}
	return ifChosen("customer", "("+balances("ar_snapshots", currencyChosen, "customer_id", amounts)+" WHERE b."+days+") AS s", all)
}

// balances reads amounts of a table as they are shown; NULL where there is no
// rate. shown is the value of the variable currency, or what names it.
func balances(table, shown, more string, amounts []string) string {
	if more != "" {
		more = ", b." + more + " AS " + more
	}
	for _, a := range amounts {
		more += fmt.Sprintf(", if(%[2]s = 'reporting', toFloat64(b.%[1]s_rc), toFloat64(b.%[1]s) * fx) AS %[1]s", a, shown)
	}
	fx := "multiIf(" + shown + " = 'asof', toFloat64(b.rate_closing), " + shown + " = 'constant', toFloat64(b.rate_constant), 1) AS fx"
	if table == "ar_snapshots" {
		fx = "(SELECT (groupArray(" + rateKey + "), groupArray(toFloat64(" + rate + "))) FROM fx_as_of WHERE ${currency:sqlstring} IN ('asof', 'constant') AND " + rate + " IS NOT NULL) AS rates, " +
			"if(${currency:sqlstring} IN ('asof', 'constant'), transform(cityHash64(b.as_of, toString(b.currency)), rates.1, rates.2, NULL), 1.) AS fx"
	}
	return "WITH " + fx + "\n" +
		"        SELECT b.as_of AS as_of, b.company AS company, b.owner_id AS owner_id, b.segment AS segment, b.region AS region, b.currency AS currency" + more + "\n" +
		"        FROM " + table + " AS b"
}

// currencyChosen is the value of the variable currency.
const currencyChosen = "${currency:sqlstring}"

// rateKey and rate are a rate of fx_as_of and what it is found by.
const (
	rateKey = "cityHash64(as_of, toString(currency))"
	rate    = "if(${currency:sqlstring} = 'asof', rate_closing, rate_constant)"
)

// movements are columns of ar_rollforward s: portfolio_movements while no
// customer is chosen.
func movements(columns []string) string {
	var list strings.Builder
	for _, c := range columns {
		fmt.Fprintf(&list, ", %[1]s, %[1]s_rc", c)
	}
	return ifChosen("customer", "(SELECT month, company, owner_id, segment, region, currency, customer_id, 1 AS movements"+list.String()+" FROM ar_rollforward) AS s", "portfolio_movements AS s")
}

// forecasts are rows of cash_forecast s: portfolio_forecast while no customer is
// chosen. Regions and owners are those that the customers have now.
func forecasts() string {
	return ifChosen("customer", "(SELECT f.as_of AS as_of, f.week AS week, f.week_no AS week_no, f.company AS company, f.segment AS segment, c.region AS region, c.owner_id AS owner_id, f.customer_id AS customer_id, f.currency AS currency, "+
		"f.expected AS expected, f.expected_rc AS expected_rc, f.low AS low, f.low_rc AS low_rc, f.high AS high, f.high_rc AS high_rc "+
		"FROM cash_forecast AS f LEFT JOIN customer_directory AS c ON c.customer_id = f.customer_id WHERE f.customer_id IN (${customer:sqlstring})) AS s", "portfolio_forecast AS s")
}

// ifChosen is the first text where the variable stands at values and the other
// where it stands at All. The text that does not count is a comment to the
// engine. The first has no comma out of brackets; the other, which would stand
// behind --, has no variable, since a value with a line break would end the
// comment.
func ifChosen(variable, chosen, all string) string {
	return "/* $__conditionalAll(*/ " + chosen + " --, $" + variable + ") */ " + strings.Join(strings.Fields(all), " ") + "\n    "
}
