package dashboards_test

import (
	"fmt"
	"testing"

	"huikuan/dashboards"
)

// What was moved or billed again stands on the page of the sales director, the
// newest first, within six months and for the customers chosen.
func TestMovedDueDatesAndRulesAreShown(t *testing.T) {
	w := structure(t, "rules")
	fill(w)
	moved := func(invoice, customer, at, change string, days int) row {
		return row{"source": "'erp'", "customer_id": "'" + customer + "'", "invoice_id": "'" + invoice + "'", "change": "'" + change + "'", "changed_at": "'" + at + " 10:00:00'",
			"days_moved": fmt.Sprint(days), "open_then_rc": "500", "open_amount_rc": "0", "out_of_overdue": "true", "edited_by": "'小李'"}
	}
	w.insert("redated_documents", moved("I1", "A", "2026-11-05", "due_date_later", 60), moved("EARLIER", "A", "2026-11-06", "due_date_earlier", -5),
		moved("OLD", "A", "2026-05-01", "due_date_later", 30), moved("AHEAD", "A", "2026-11-21", "due_date_later", 30))
	w.insert("credit_and_rebill", row{"source": "'erp'", "company": "'CN01'", "customer_id": "'B'", "invoice_id": "'I2'", "rebilled_as": "'I3'", "rebilled_on": "'2026-10-02'", "days_won": "66",
		"days_past_due": "0", "amount": "100", "amount_rc": "100", "currency": "'CNY'", "edited_by": "'小李'", "rebilled_by": "'王芳'"})
	rule := func(company, kept, all string) row {
		return row{"company": company, "phase": "'before'", "rule_no": "1", "rule": "'credit_reviewed'", "passed_rc": kept, "total_rc": all}
	}
	w.insert("compliance_scorecard", rule("'CN01'", "100", "450"), rule("'O''N'", "350", "450"))

	v := open(t, w, "en/sales.json", nil)
	moves := v.panel("Due dates moved, and invoices billed again, six months")
	if got, want := fmt.Sprint(column(t, moves, "Invoice"), column(t, moves, "What"), column(t, moves, "Days won"), column(t, moves, "Was overdue"), column(t, moves, "Customer"), column(t, moves, "Changed by"), column(t, moves, "Amount")),
		"[I1 I2 → I3] [due date moved billed again] [60 66] [yes ] [O'Neill <b>& Sons</b> 苏州百川电子有限公司] [小李 小李 → 王芳] [500 100]"; got != want {
		t.Errorf("moved: %s, want %s", got, want)
	}
	rules := v.panel("Before, during and after the sale: are the rules kept?")
	if got, want := fmt.Sprint(column(t, rules, "Phase"), column(t, rules, "Rule"), column(t, rules, "Rule kept"), column(t, rules, "Not kept")), "[before] [Credit reviewed] [0.5] [450]"; got != want {
		t.Errorf("rules: %s, want %s", got, want)
	}
	v = open(t, w, "en/sales.json", map[string][]string{"customer": {"B"}})
	if got := fmt.Sprint(column(t, v.panel("Due dates moved, and invoices billed again, six months"), "Invoice")); got != "[I2 → I3]" {
		t.Errorf("moved for B: %s", got)
	}
}

// An overdue of which a part has no exchange rate is not shown as what is known
// of it, let alone as nothing: both lists of stopped customers say in words that
// there is no rate and for how many items, and put such customers first.
func TestAnOverdueWithoutARateIsNotShownAsNothing(t *testing.T) {
	w := structure(t, "no_rate")
	fill(w)
	w.insert("ar_as_of", row{"as_of": "'2026-11-20'"})
	stopped := func(customer, overdue, unrated string) row {
		return row{"customer_id": customer, "stop_after_days": "60", "max_days_past_due": "70", "overdue_rc": overdue, "items_without_rate": unrated, "rule": "'overdue'", "status": "'candidate'"}
	}
	w.insert("stop_supply", stopped("'A'", "900000", "0"), stopped("'B'", "0", "2"), stopped("'C'", "30000", "1"))
	for _, l := range dashboards.Locales() {
		shown := map[string]string{"en": "[C B A] [<nil> <nil> 900000] [1 2 <nil>]", "zh": "[C B A] [<nil> <nil> 90] [1 2 <nil>]"}[l.Lang]
		for page, title := range map[string]string{"today": "Stop of supply: who should be held, who is, who may be released", "sales": "Deliver no more: customers that break the rule"} {
			v := open(t, w, l.Lang+"/"+page+".json", nil)
			list := v.panel(l.T(title))
			if got := fmt.Sprint(column(t, list, "customer_id"), column(t, list, l.T("Overdue")), column(t, list, l.T("No rate"))); got != shown {
				t.Errorf("%s %s: %s, want %s", l.Lang, page, got, shown)
			}
			if got, want := v.emptyCell(l.T(title), l.T("Overdue")), map[string]string{"en": "no rate", "zh": "无汇率"}[l.Lang]; got != want {
				t.Errorf("%s %s: an overdue that is not known reads %q, want %q", l.Lang, page, got, want)
			}
		}
	}
}

// Who is held although the rule is no longer true breaks no rule: today's page asks to
// release them, the list of those who break it leaves them out.
func TestACustomerToBeReleasedBreaksNoRule(t *testing.T) {
	w := structure(t, "released")
	fill(w)
	w.insert("ar_as_of", row{"as_of": "'2026-11-20'"})
	w.insert("stop_supply",
		row{"customer_id": "'A'", "stop_after_days": "60", "max_days_past_due": "70", "rule": "'overdue'", "status": "'held'", "held_since": "'2026-11-01'"},
		row{"customer_id": "'B'", "stop_after_days": "60", "rule": "'none'", "status": "'release'", "held_since": "'2026-11-01'"})
	for page, list := range map[string][2]string{"today": {"Stop of supply: who should be held, who is, who may be released", "[B A]"}, "sales": {"Deliver no more: customers that break the rule", "[A]"}} {
		v := open(t, w, "en/"+page+".json", nil)
		if got := fmt.Sprint(column(t, v.panel(list[0]), "customer_id")); got != list[1] {
			t.Errorf("%s lists %s, want %s", page, got, list[1])
		}
	}
}

// emptyCell is what a column of a table says where there is no value.
func (v *viewer) emptyCell(panel, column string) string {
	for _, p := range v.dashboard.AllPanels() {
		if p.Title != panel {
			continue
		}
		for _, o := range p.FieldConfig.Overrides {
			if o["matcher"].(map[string]any)["options"] != column {
				continue
			}
			for _, property := range o["properties"].([]any) {
				if property := property.(map[string]any); property["id"] == "noValue" {
					return property["value"].(string)
				}
			}
		}
	}
	return ""
}
