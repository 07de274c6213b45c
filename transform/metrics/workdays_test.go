package metrics

import (
	"testing"

	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

func TestTheRunRateGoesByTheWorkdaysThatHavePassed(t *testing.T) {
	b := oneInvoice()
	b.Owners = []ledgertest.Owner{{Customer: "K", Rep: "R", From: day("2024-01-01"), To: none}}
	b.Targets = []ledger.Target{{Rep: "R", Month: day("2024-02-01"), Currency: "USD", Amount: money.FromInt(2100)}, {Rep: "R", Month: day("2024-01-01"), Currency: "USD", Amount: money.FromInt(100)}}
	pays(b, "a", "2024-02-05", "700")
	row := func(asOf, month string) map[string]string {
		out, _ := buildTables(t, b, asOf)
		return out.find(t, RepCollection, "month", month, "rep_id", "R")
	}
	// February 2024 has 21 days from Monday to Friday, seven of them through Friday the 9th.
	expect(t, row("2024-02-09", "2024-02-01"), "workdays_elapsed", "7", "workdays_month", "21", "attainment", "0.3333333333", "run_rate", "1", "needed_per_workday", "100")
	expect(t, row("2024-02-11", "2024-02-01"), "workdays_elapsed", "7", "needed_per_workday", "100")
	expect(t, row("2024-02-29", "2024-02-01"), "workdays_elapsed", "21", "run_rate", "0.3333333333", "needed_per_workday", "NULL")
	expect(t, row("2024-02-29", "2024-01-01"), "workdays_elapsed", "23", "workdays_month", "23", "run_rate", "0", "needed_per_workday", "NULL")

	// New Year's holidays from the 12th to the 16th are worked on two Sundays.
	b.Calendar = map[ledger.Day]bool{day("2024-02-04"): true, day("2024-02-18"): true}
	for d := day("2024-02-12"); d <= day("2024-02-16"); d++ {
		b.Calendar[d] = false
	}
	expect(t, row("2024-02-09", "2024-02-01"), "workdays_elapsed", "8", "workdays_month", "18", "run_rate", "0.75", "needed_per_workday", "140")
	pays(b, "b", "2024-02-06", "1500")
	expect(t, row("2024-02-09", "2024-02-01"), "needed_per_workday", "0")
}

func TestAMonthWithoutTargetOrWorkdaysHasNoRunRate(t *testing.T) {
	b := oneInvoice()
	out, _ := buildTables(t, b, "2024-01-31")
	expect(t, out.find(t, RepCollection), "run_rate", "NULL", "needed_per_workday", "NULL", "workdays_elapsed", "23", "reason_attainment", "no_target")
	b.Owners = []ledgertest.Owner{{Customer: "K", Rep: "R", From: day("2024-01-01"), To: none}}
	b.Targets = []ledger.Target{{Rep: "R", Month: day("2024-06-01"), Currency: "USD", Amount: money.FromInt(100)}}
	out, _ = buildTables(t, b, "2024-06-02") // Sunday
	expect(t, out.find(t, RepCollection, "month", "2024-06-01"), "workdays_elapsed", "0", "run_rate", "NULL", "attainment", "0", "needed_per_workday", "5")
}
