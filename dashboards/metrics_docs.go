package dashboards

// metric is a heading of docs/metrics.md, as a link names it. A test holds them
// against the file.
type metric string

const (
	docBalance    metric = "balance-and-aging"
	docItems      metric = "facts-item-by-item"
	docTwoClocks  metric = "two-clocks"
	docSpeed      metric = "speed-dso-by-scope-group-company-segment-region-owner-customer"
	docRep        metric = "collection-by-rep-rep_collection-reporting-currency-by-month-company-rep"
	docWhose      metric = "whose-cash-four-bases-rep_attribution-reporting-currency-by-month-company-basis-rep"
	docOneByOne   metric = "promises-plans-and-visits-one-by-one"
	docPayment    metric = "speed-of-payment-terms"
	docRecovery   metric = "recovery"
	docPromises   metric = "promises-and-plans"
	docVisits     metric = "visits"
	docNotices    metric = "notices"
	docDisputes   metric = "disputes"
	docBehaviour  metric = "payment-behaviour-payment_behaviour-by-month-company-customer-reporting-currency-at-the-invoices-rate"
	docForecast   metric = "cash-forecast-cash_forecast-by-company-customer-currency-and-week-13-weeks-from-the-day-after-as-of"
	docBridge     metric = "bridge-of-dso-dso_bridge-by-group-company-segment-each-month-end-against-the-one-before-and-the-year-before"
	docRisk       metric = "risk-and-credit"
	docControl    metric = "control-and-today"
	docCost       metric = "cost-and-how-good-the-forecast-was"
	docReasons    metric = "reasons"
	docBuildCheck metric = "checks-of-a-build"
)

// metricSections lists them, for the lint.
func metricSections() []metric {
	return []metric{docBalance, docItems, docTwoClocks, docSpeed, docRep, docWhose, docOneByOne, docPayment, docRecovery, docPromises, docVisits, docNotices,
		docDisputes, docBehaviour, docForecast, docBridge, docRisk, docControl, docCost, docReasons, docBuildCheck}
}
