package dashboards

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ruleWords say in words what the data tests hold whose names are codes: the
// pattern of a name and the words, in which $1 are the columns. The first ones
// are those of columns, as sql names them; then the checks of a build.
func ruleWords() [][2]string {
	return [][2]string{
		{"^not_null_(.+)$", "$1 is never empty"},
		{"^unique_(.+)$", "no two rows have the same $1"},
		{"^accepted_values_(.+)$", "$1 has only known values"},
		{"^sum_equals_(.+)$", "sums by $1 agree"},
		{"^rollforward_closes$", "every month of the roll-forward closes"},
		{"^rollforward_continues$", "each month opens with what the one before closed with"},
		{"^aging_equals_events$", "aging, unapplied cash and credits are the sum of the events"},
		{"^rep_totals_by_owner$", "cash, sales and open amounts of all owners are the company's"},
		{"^rep_totals_by_invoice_rep$", "billings of all reps are the company's"},
		{"^rep_totals_any_basis$", "totals are the same whoever cash is attributed to"},
		{"^orphan_applications$", "every application names a known invoice and payment"},
		{"^over_applied$", "nothing is applied beyond its amount"},
		{"^overpaid_invoices$", "no invoice is paid beyond its amount"},
		{"^missing_rates$", "every document has an exchange rate"},
		{"^rep_rates_known$", "every document counts in the figures of reps"},
		{"^due_date_known$", "every invoice has a due date or terms"},
		{"^instalments_add_up$", "the instalments of an invoice add up to it"},
		{"^split_shares_add_up$", "the shares of reps add up to one"},
		{"^promise_circles$", "no promise replaces itself"},
	}
}

// shippedRules are the names of the shipped models' tests that are sentences:
// those that locales/zh/tests.yaml translates. A test holds that none is missing.
func shippedRules() ([]string, error) {
	text, err := zhWords.ReadFile("locales/zh/tests.yaml")
	var words map[string]string
	if err == nil {
		err = yaml.Unmarshal(text, &words)
	}
	if err != nil {
		return nil, fmt.Errorf("names of data tests: %w", err)
	}
	var out []string
	for sentence := range words {
		if !slices.ContainsFunc(ruleWords(), func(r [2]string) bool { return r[1] == sentence }) {
			out = append(out, sentence)
		}
	}
	slices.Sort(out)
	return out, nil
}

// testWords is an SQL expression for a data test's name in the words of the
// language, as ruleColumn shows it in a table.
func testWords(l Locale, name string) (string, error) {
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	var columns, from, to []string
	for _, rule := range ruleWords() {
		code := strings.Trim(rule[0], "^$")
		prefix, ofColumns := strings.CutSuffix(code, "(.+)")
		if !ofColumns {
			from, to = append(from, quote(code)), append(to, quote(l.T(rule[1])))
			continue
		}
		before, after, _ := strings.Cut(l.T(rule[1]), "$1")
		columns = append(columns, fmt.Sprintf("startsWith(%[1]s, %[2]s), concat(%[3]s, substring(%[1]s, %[4]d), %[5]s)", name, quote(prefix), quote(before), len(prefix)+1, quote(after)))
	}
	if l.Lang != "en" {
		sentences, err := shippedRules()
		if err != nil {
			return "", err
		}
		for _, sentence := range sentences {
			from, to = append(from, quote(sentence)), append(to, quote(l.T(sentence)))
		}
	}
	return fmt.Sprintf("multiIf(%s, transform(%s, [%s], [%s], %[2]s))", strings.Join(columns, ", "), name, strings.Join(from, ", "), strings.Join(to, ", ")), nil
}

// ruleColumn is the name of a data test in the words of the language. A name
// that is not known, such as of a test of the user's own, is shown as it is.
func (p *page) ruleColumn(title string) column {
	var mappings []any
	replace := func(pattern, words string) {
		mappings = append(mappings, object{"type": "regex", "options": object{"pattern": "/" + pattern + "/", "result": object{"text": words, "index": len(mappings)}}})
	}
	for _, rule := range ruleWords() {
		replace(rule[0], p.t(rule[1]))
	}
	if p.locale.Lang != "en" {
		options := object{}
		sentences, err := shippedRules()
		if err != nil {
			p.fail("%w", err)
		}
		for i, sentence := range sentences {
			options[sentence] = object{"text": p.t(sentence), "index": len(mappings) + i}
		}
		mappings = append(mappings, object{"type": "value", "options": options})
	}
	return textColumn(title).with("mappings", mappings, "custom.cellOptions", object{"type": "auto", "wrapText": true})
}
