package pipeline

import (
	"fmt"
	"strings"
	"testing"

	"huikuan/sql"
	"huikuan/transform/canonical"
	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/schema"
)

// untidy adds rows to every stream that a source may send and should not: they
// name documents of anybody or nobody, change what others said, miss what may be
// missing, and are of any amount and day.
func (h *past) untidy(most int) {
	ids := map[string][]string{"rep_id": {"R0", "R1", "R9"}}
	for _, row := range h.rows {
		column, _, _ := strings.Cut(row.columns, ",")
		id, _, _ := strings.Cut(strings.TrimPrefix(row.values, "'"), "'")
		ids[column] = append(ids[column], id)
	}
	for _, table := range canonical.Streams() {
		columns := table.Columns[:len(table.Columns)-len(canonical.System())]
		for range h.r.IntN(most) {
			var names, values []string
			for _, c := range columns {
				names, values = append(names, c.Name), append(values, h.anything(table, c, ids))
			}
			h.add(h.day(), table.Name, strings.Join(names, ", "), "%s", strings.Join(values, ", "))
			row := &h.rows[len(h.rows)-1]
			row.source, row.deleted = h.of("s", "s", "t"), h.chance(15)
		}
	}
}

// anything draws a literal that the column's type can hold.
func (h *past) anything(table schema.Table, c schema.Column, ids map[string][]string) string {
	if c.Nullable && h.chance(4) {
		return "NULL"
	}
	switch c.Kind {
	case schema.Text, schema.Label:
		return quoted(h.text(table, c, ids))
	case schema.Money:
		return h.of("0", "0.0001", "-0.01", "40", "123456789.01", fmt.Sprint(h.r.IntN(1000)), fmt.Sprint(h.r.IntN(1000)), fmt.Sprintf("-%d.5", h.r.IntN(900)))
	case schema.Rate:
		return h.of("0.3333333333", "0.5", "1", "7.1", "50", "120", "0", "-1", "0.0000000001", "1000000000000")
	case schema.Date:
		return "'" + h.anyDay().String() + "'"
	case schema.Instant:
		return fmt.Sprintf("'%s %02d:00:00'", h.anyDay(), h.r.IntN(24))
	case schema.Int:
		return h.of("1", "1", "2", "2", "3", "90", "0", "-1", "9223372036854775807")
	case schema.Bool:
		return h.of("true", "false")
	}
	panic("no way to draw a " + c.Kind.String())
}

func (h *past) anyDay() ledger.Day {
	if h.chance(100) {
		return [...]ledger.Day{ledger.DayOf(1900, 1, 1), ledger.DayOf(1969, 12, 31), ledger.DayOf(2099, 12, 31), ledger.DayOf(2299, 12, 31)}[h.r.IntN(4)]
	}
	if h.chance(20) {
		return h.after(pastFrom-300, 1200)
	}
	return h.day()
}

// untidyWords are what columns may say; all others say anything.
var untidyWords = map[string][]string{
	"company": {"A", "B", ""}, "currency": {"CNY", "CNY", "CNY", "USD", "USD", "XAU", ""}, "from_currency": {"USD", "EUR", "CNY"}, "to_currency": {"CNY", "CNY", "EUR"}, "base_currency": {"CNY", "USD", ""}, "rate_type": {"spot", "closing", "budget", ""},
	"doc_type": {"invoice", "debit_note", "", "?"}, "write_off_type": {"bad_debt", "small_balance", "settlement", ""}, "outcome": {"valid", "invalid", "partial", "settled", "?"},
	"segment": {"PROJECT", "RETAIL", ""}, "grade": {"A", "B", "C", "D", "E", "NR", "?"}, "external_grade": {"A", "E", "?"}, "terms_code": {"NET30", "NET0", "NET99999999999", "?"},
	"kind": {"legal", "agency", "discount", "extension", "instalments", "terms", "limit", "order", "?"}, "method": {"reminder", "formal_letter", "stop_supply", "legal", "?"}, "channel": {"visit", "call", "letter", "?"},
	"status": {"open", "delivered", "invoiced", "cancelled", "?"}, "policy_value": {"NET30", "1000", "?", "99999999999999999999999"}, "granted_value": {"NET90", "5000", "?"}, "active_months": {"1,2,3", "13", "?"},
	"series": {"lpr_1y", "pmi"}, "basis": {"collected", ""}, "family": {"macro", "customer", "own", "market", "?"},
}

// text draws a word of the column; an identifier is one of a document that there
// is, or of none.
func (h *past) text(table schema.Table, c schema.Column, ids map[string][]string) string {
	if words := untidyWords[c.Name]; words != nil {
		return h.of(words...)
	}
	of := c.Name
	switch {
	case c.Name == "replaced_by" || c.Name == "reversal_of":
		of = table.Key[0]
	case c.Name == "parent_id":
		of = "customer_id"
	case c.Name == "owner_id":
		of = "rep_id"
	case !strings.HasSuffix(c.Name, "_id"):
		return h.of("百川", "", "O'Brien \"x\"\n\\", strings.Repeat("长", 3000), "a;b--c")
	}
	if h.chance(6) || len(ids[of]) == 0 {
		return h.of("?1", "?2", "?3", "'4", "")
	}
	return h.of(ids[of]...)
}

// quoted writes a text as a literal.
func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}

// However untidy the books are, every model is published: what a source gets
// wrong is reported, and blocks nothing.
func TestUntidyBooksBlockNoModel(t *testing.T) {
	h := &past{r: lawtest.Rand(t)}
	h.rates()
	for i := range 4 {
		h.customer(fmt.Sprintf("C%03d", i))
	}
	h.untidy(20)
	a := open(t, "data: data\nreporting_currency: CNY\n")
	h.load(t, a, 0, pastTo)
	for _, m := range buildOn(t, a, pastTo).Models.Models {
		if m.Status != sql.Published {
			t.Errorf("%s is %s: %s", m.Name, m.Status, m.Reason)
		}
		for _, test := range m.Tests {
			if test.Blocks() {
				t.Errorf("%s, %s: %d rows, such as %s %v", m.Name, test.Name, test.Failed, sample(test), test.Err)
			}
		}
	}
}
