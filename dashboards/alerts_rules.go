package dashboards

// alertRule is one rule, in English. Texts are templates of Grafana: $labels are
// the text columns of the query, $values.B the number that is compared, $values.D
// and $values.E those of the further queries. $value stands for a threshold and
// is replaced when the rule is written.
type alertRule struct {
	name        string // ends the uid, which never changes
	title       string
	summary     string // one line: what is wrong with whom
	description string // what it means and what to do
	severity    string // critical, warning
	audience    string // finance, credit, operations: who is told
	query       string
	further     []string // D, E: shown, not compared
	above       string   // name of the threshold, or a number
	factor      float64  // of the threshold in the unit of the query; 0 = 1
	page, panel string   // where to look first: the beginning of the panel's title
	customer    bool     // the alert is about a customer and leads to its page
	noData      string   // state without rows; empty = OK: nobody is above the threshold
}

func alertRules() []alertRule {
	return []alertRule{
		{
			name: "dso", title: "DSO above target", severity: "warning", audience: "finance",
			query: "dso", further: []string{"dso_best"}, above: "dso_target", page: "cfo", panel: "DSO against best possible",
			summary: `DSO of {{ $labels.company }} is {{ printf "%.0f" $values.B.Value }} days, above the target of $threshold`,
			description: `Best possible DSO, with every customer paying when due, would be {{ printf "%.0f" $values.D.Value }} days. ` +
				`What lies above it is late payment: call the customers with the largest overdue amounts. If best possible DSO is above target itself, payment terms are too long: review them with sales.`,
		},
		{
			name: "overdue-share", title: "Overdue share rising", severity: "warning", audience: "finance",
			query: "overdue_rise", further: []string{"overdue_share"}, above: "overdue_rise", page: "cfo", panel: "Overdue share of open receivables, by age",
			summary: `Overdue share of {{ $labels.company }} has risen by {{ printf "%.1f" $values.B.Value }} points since month-end, to {{ printf "%.1f" $values.D.Value }} %`,
			description: `More than $threshold points within the month. See in which aging bucket and segment it rose, ` +
				`and whether a few large invoices or many customers are behind it; the worklist of Today has them in order.`,
		},
		{
			name: "over-limit", title: "Customer over credit limit", severity: "critical", audience: "credit",
			query: "over_limit_by", further: []string{"over_limit_exposure", "over_limit_limit"}, above: "0", page: "customer", panel: "Exposure against the limit", customer: true,
			summary: `{{ $labels.customer_name }} is over its credit limit by {{ printf "$money" $values.B.Value }} {{ $labels.currency }}`,
			description: `Exposure is {{ printf "$money" $values.D.Value }}, the limit {{ printf "$money" $values.E.Value }} {{ $labels.currency }}, open orders included. ` +
				`Hold new orders, agree a payment with the customer, or raise the limit by a credit review with a reason. Owner: {{ $labels.owner_name }}.`,
		},
		{
			name: "broken-promises", title: "Promises broken", severity: "warning", audience: "credit",
			query: "broken_promises", further: []string{"broken_overdue"}, above: "warning_broken_promises", page: "customer", panel: "Promises", customer: true,
			summary: `{{ $labels.customer_name }} has broken {{ printf "%.0f" $values.B.Value }} promises to pay and still has overdue invoices`,
			description: `In the last $warning_window_days days. Overdue: {{ printf "$money" $values.D.Value }} in reporting currency. ` +
				`Do not take another promise by phone: ask for a written plan from someone who releases payments, or move up the dunning ladder. Owner: {{ $labels.owner_name }}.`,
		},
		{
			name: "concentration", title: "Concentration of receivables", severity: "warning", audience: "finance",
			query: "concentration", further: []string{"concentration_overdue"}, above: "warning_concentration", factor: 100, page: "cfo", panel: "Ten largest exposures", customer: true,
			summary: `{{ $labels.customer_name }} owes {{ printf "%.1f" $values.B.Value }} % of all receivables`,
			description: `Subsidiaries are counted with their parent; above $threshold % a default would hurt. Overdue: {{ printf "$money" $values.D.Value }} in reporting currency. ` +
				`Review limit, credit insurance and security, and who speaks with the customer at your level.`,
		},
		{
			name: "stale-data", title: "Figures are stale", severity: "critical", audience: "operations",
			query: "stale", above: "stale_hours", page: "pipeline", panel: "Streams: freshness and receipts", noData: "Alerting",
			summary: `{{ if $labels.stream }}No good run of {{ $labels.source }} {{ $labels.stream }} for {{ printf "%.0f" $values.B.Value }} hours{{ else }}There is no data, or it cannot be read{{ end }}`,
			description: `What the dashboards show may be older than $threshold hours. If there is no data, nothing has been synced yet, or the warehouse is not being served. ` +
				"Run `huikuan status`, look at the first error of the last run, and check that `huikuan run` is alive.",
		},
		{
			name: "failed-test", title: "Data test failed", severity: "critical", audience: "operations",
			query: "failed_tests", above: "0", page: "pipeline", panel: "Data tests: the last result of each",
			summary: `Data test failed: {{ $labels.rule }} ({{ $labels.table_name }}), {{ printf "%.0f" $values.B.Value }} rows`,
			description: `{{ if eq $labels.blocks "yes" }}The build was not published: the figures are those of the build before. {{ else }}The build was published; the figures may be wrong for these rows. {{ end }}` +
				"The table ops_test_results holds an example of what broke. Mend the source or the mapping, then run `huikuan build`.",
		},
		{
			name: "roll-forward", title: "Roll-forward does not close", severity: "critical", audience: "finance",
			query: "roll_forward", above: "0", page: "cfo", panel: "Do the books balance?",
			summary: `Roll-forward of {{ $labels.company }} in {{ $labels.currency }} is off by {{ printf "%.2f" $values.B.Value }}`,
			description: "Opening balance, movements and closing balance must agree to the cent. Do not report from these figures. " +
				"Find the months with check_amount other than 0 in ar_rollforward and tell who operates the warehouse.",
		},
		{
			name: "control-account", title: "Subledger differs from general ledger", severity: "warning", audience: "finance",
			query: "control_account", above: "tie_out_tolerance", page: "cfo", panel: "Do the books balance?",
			summary: `Receivables of {{ $labels.company }} differ from the control account by {{ printf "%.2f" $values.B.Value }} {{ $labels.currency }}`,
			description: "On the last day with a balance of the general ledger, and not explained by late postings. " +
				"Look for manual postings on the control account and for documents missing in the source; the table tie_out lists both sides.",
		},
	}
}
