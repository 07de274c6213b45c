package metrics

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// The checks of a build know no tolerance: the least amount that a table can
// hold, in one figure of one day, blocks it. Their workers are made by hand, as
// no ledger makes the replay contradict itself.

func checkedWorker(t *testing.T) (*worker, *book) {
	cal := newCalendar(day("2024-01-01"), day("2024-02-10"), 2)
	w := &worker{replay: &ledger.Replay{Customer: &ledger.Customer{ID: "K"}}, cal: cal, local: cal, runs: []ledger.Run{{Owner: "R1"}}, currency: "USD"}
	b := &book{}
	b.open("A", "EUR", "USD", len(cal.points), len(cal.periods))
	b.event(cal, &ledger.Event{Kind: ledger.Invoice, Day: day("2024-01-05"), Amount: 700, RC: 770, Priced: true}, &ledger.Item{})
	b.age(cal, day("2024-01-20"), day("2024-01-05"), day("2024-02-11"), 700, 770)
	t.Cleanup(func() {
		for _, r := range w.tables {
			r.release()
		}
	})
	w.tables = map[string]*rows{RollForward: newRows(rollForwardTable(), memory.NewGoAllocator(), 100)}
	return w, b
}

func failures(w *worker) (failed [checkCount]int64) {
	for i := range failed {
		failed[i] = w.out.checks[i].failed
	}
	return failed
}

func TestABalanceOffByTheLeastAmountOnOneDayBlocks(t *testing.T) {
	for name, spoil := range map[string]func(at []money.Amount, rc int){
		"nothing":                   func([]money.Amount, int) {},
		"document currency":         func(at []money.Amount, _ int) { at[balOverdue]++ },
		"reporting currency":        func(at []money.Amount, rc int) { at[rc+balOldest]-- },
		"unapplied cash":            func(at []money.Amount, _ int) { at[balUnapplied]-- },
		"credits":                   func(at []money.Amount, rc int) { at[rc+balCredits]++ },
		"the events":                func(at []money.Amount, _ int) { at[balEvents]++ },
		"what makes up for another": func(at []money.Amount, _ int) { at[balOverdue]++; at[balDueNow]-- },
	} {
		w, b := checkedWorker(t)
		b.settle()
		spoil(b.at(int32(b.points-1)), b.rc)
		w.checkBuckets(b)
		want := int64(1)
		if name == "nothing" || name == "what makes up for another" { // the bucket of an amount is for other tests to tell
			want = 0
		}
		if got := failures(w); got[checkBalance] != want {
			t.Errorf("%s: %d faults, want %d", name, got[checkBalance], want)
		}
	}
}

func TestAMovementOffByTheLeastAmountBlocks(t *testing.T) {
	for name, c := range map[string]struct {
		spoil               func(b *book)
		rollForward, follow int64
	}{
		"nothing":                        {func(*book) {}, 0, 0},
		"invoiced":                       {func(b *book) { b.flows[flowInvoiced]++ }, 1, 0},
		"cash in reporting currency":     {func(b *book) { b.flows[b.flowWidth+b.flowRC+flowCash]-- }, 1, 0},
		"transfers":                      {func(b *book) { b.flows[flowTransfers]-- }, 1, 0},
		"the balance at the end":         {func(b *book) { b.at(int32(b.points - 1))[balOverdue]++ }, 1, 0},
		"the balance between two months": {func(b *book) { b.at(0)[balOverdue]++ }, 2, 0},
	} {
		w, b := checkedWorker(t)
		b.settle()
		c.spoil(b)
		w.rollForwardRows(w.tables[RollForward], b)
		if got := failures(w); got[checkRollForward] != c.rollForward || got[checkContinuity] != c.follow {
			t.Errorf("%s: %d rows do not close, want %d; %d do not follow, want %d", name, got[checkRollForward], c.rollForward, got[checkContinuity], c.follow)
		}
	}
}

func TestAnOpeningOffByTheLeastAmountBlocks(t *testing.T) {
	w, b := checkedWorker(t)
	w.checkContinuity(b, []movement{{owner: "R1", opening: 700}, {owner: "R2"}}, 1, "R1", 700)
	if got := failures(w); got[checkContinuity] != 0 {
		t.Errorf("%d faults of an opening as it was closed", got[checkContinuity])
	}
	w.checkContinuity(b, []movement{{owner: "R1", opening: 701}, {owner: "R2", opening: -1}}, 1, "R1", 700)
	if got := failures(w); got[checkContinuity] != 2 {
		t.Errorf("%d faults, want one of each owner", got[checkContinuity])
	}
}

func TestARepOffByTheLeastAmountBlocks(t *testing.T) {
	cal := newCalendar(day("2024-01-01"), day("2024-02-10"), 2)
	for name, c := range map[string]struct {
		spoil                 func(r *reps)
		totals, splits, bases int64
	}{
		"nothing":                        {func(*reps) {}, 0, 0, 0},
		"collected":                      {func(r *reps) { r.rep("A", "R1")[1].collected++ }, 1, 0, 3},
		"sales":                          {func(r *reps) { r.rep("A", "R2")[0].sales-- }, 1, 0, 0},
		"open":                           {func(r *reps) { r.rep("A", "R2")[1].closingOpen++ }, 1, 0, 3},
		"billed by rep":                  {func(r *reps) { r.rep("A", "R1")[0].billed++ }, 0, 1, 0},
		"overdue by the owner of today":  {func(r *reps) { r.rep("A", "R1")[1].att.today[attOpeningOverdue]++ }, 0, 0, 1},
		"the company":                    {func(r *reps) { r.total("A")[1].collected-- }, 1, 0, 1},
		"a rep of a company that is not": {func(r *reps) { r.rep("B", "R1")[0].sales = 1 }, 1, 0, 0},
		"a company without reps":         {func(r *reps) { r.total("B")[0].billed = 1 }, 0, 1, 1},
	} {
		r := newReps(cal)
		for i, rep := range []string{"R1", "R2"} {
			m, amount := &r.rep("A", rep)[1], money.Amount(100+i)
			m.collected, m.closingOpen = amount, amount
			m.att = attributions{rep: attributed{attCollected: amount, attClosingOpen: amount}, due: attributed{attCollected: amount, attClosingOpen: amount}, today: attributed{attCollected: amount, attClosingOpen: amount}}
		}
		total := &r.total("A")[1]
		total.collected, total.closingOpen = 201, 201
		c.spoil(&r)
		var checks checkList
		r.check(&checks)
		if checks[checkRepTotals].failed != c.totals || checks[checkRepSplits].failed != c.splits || checks[checkAnyBasis].failed != c.bases {
			t.Errorf("%s: %d, %d, %d faults of totals, splits, bases, want %d, %d, %d", name, checks[checkRepTotals].failed, checks[checkRepSplits].failed, checks[checkAnyBasis].failed, c.totals, c.splits, c.bases)
		}
	}
}
