package demo

import (
	"cmp"
	"fmt"
	"slices"
)

// ladder are the steps against a debt that stays open, with the days past due at
// which they are taken.
var ladder = []struct {
	days            Date
	method, channel string
}{
	{7, "reminder", "e-mail"}, {21, "formal_letter", "letter"}, {42, "management_call", "call"},
	{70, "stop_supply", "letter"}, {120, "agency", "letter"}, {180, "legal", "court"},
}

// hold is a time without supply.
type hold struct {
	k        *customer
	from, to Date // to 0 = still held
	why      string
}

// collect records what is done about overdue invoices: notices, holds, plans,
// concessions, causes and cases.
func (o *office) collect() {
	var holds []hold
	since := o.c.options.Today - officeDays
	for _, v := range o.c.invoices {
		if v.isReturn || v.deleted || v.docstatus != submitted || v.dueAtFirst() < since-60 {
			continue
		}
		r := o.die("collect " + v.name)
		for n, step := range ladder { // from the last due date on: what is open then is late as a whole
			sent := nextWorkday(v.dueAtFirst() + step.days + r.days(0, 3))
			if !o.openOn(v, sent) || sent > o.c.end {
				break
			}
			answered := sent + r.days(1, 12)
			skip, replies := n == 0 && r.chance(0.25), r.chance(0.6)
			if skip || v.disputed != nil && n > 2 {
				continue
			}
			reply := value{}
			if replies {
				reply = o.past(answered)
			}
			o.add("dunning_events", sent, answered, str(fmt.Sprintf("DU-%s-%d", v.name, n+1)), str(v.customer.name), str(v.name), num(n+1), str(step.method), str(step.channel),
				onDate(sent), amt(v.gross), str(v.currency), reply)
			switch step.method {
			case "formal_letter":
				o.cause(v, r, sent)
			case "management_call":
				o.agree(v, r, sent)
			case "stop_supply":
				if r.chance(0.85) {
					to := Date(0)
					if v.open <= 0 {
						to = o.settled[v] + 1
					}
					// What is paid before the stop begins stops nobody.
					if from := sent + r.days(0, 6); to == 0 || from < to {
						holds = append(holds, hold{v.customer, from, to, "overdue"})
					}
				}
			case "legal":
				o.sue(v, r, sent)
			}
		}
	}
	o.stop(holds)
}

// dueAtFirst is the last due date that the invoice was posted with.
func (v *invoice) dueAtFirst() Date {
	if v.firstDue != 0 {
		return v.firstDue
	}
	return v.due
}

// recover records what still came in on debts that were written off: a dividend
// out of an insolvency, a settlement in court. The cash is income of its own and
// touches no customer's account.
func (o *office) recover() {
	for n, j := range o.c.journals {
		if j.purpose != "bad_debt" {
			continue
		}
		for _, line := range j.lines {
			v, ok := line.against.(*invoice)
			if !ok {
				continue
			}
			r := o.die("recovery " + v.name)
			if !r.chance(0.55) {
				continue
			}
			part := percentOf(-line.amount, int64(r.between(10, 55)))
			id := fmt.Sprintf("RC-%05d", n+1)
			on := nextWorkday(j.posting + r.days(25, 150))
			o.add("recoveries", on, 0, str(id), str(j.name+"|"+v.name+"|"+line.hash), onDate(on), amt(part))
		}
	}
}

var causes = map[string][][3]string{
	"PROJECT":      {{"OWNER_NOT_PAID", "market", "Sales"}, {"ACCEPTANCE_PENDING", "own", "Service"}, {"CASH_CHAIN", "customer", "Credit"}},
	"DISTRIBUTOR":  {{"TRIANGULAR_DEBT", "market", "Credit"}, {"OPERATING_PRESSURE", "customer", "Credit"}, {"STATEMENT_MISMATCH", "own", "Finance"}},
	"MANUFACTURER": {{"QUALITY", "own", "Quality"}, {"CASH_CHAIN", "customer", "Credit"}, {"DEMAND_DOWN", "macro", "Sales"}},
	"RETAIL":       {{"DEDUCTIONS", "own", "Sales"}, {"STATEMENT_MISMATCH", "own", "Finance"}, {"WILFUL_DEFAULT", "customer", "Credit"}},
	"GOVERNMENT":   {{"BUDGET_YEAR", "macro", "Credit"}, {"APPROVAL", "customer", "Sales"}},
}

func (o *office) cause(v *invoice, r *random, d Date) {
	c := pick(r, causes[v.customer.segment])
	o.add("delay_causes", d, 0, str(v.customer.name), str(v.name), str(c[0]), str(c[1]), str(c[2]), onDate(d))
}

// agree is what a call of the management may end in: instalments, or something
// given up for cash.
func (o *office) agree(v *invoice, r *random, d Date) {
	x := r.unit()
	switch {
	case x < 0.35:
		id, again := "IP-"+v.name, r.chance(0.2)
		replaced, changed := value{}, Date(0)
		if next := d + 45; again && next <= o.c.end && o.openOn(v, next) {
			replaced, changed = str(id+"-2"), next
			o.plan(v, id+"-2", next, value{}, 0)
		}
		o.plan(v, id, d, replaced, changed)
		o.add("concessions", d, 0, str("CO-"+v.name), str(v.customer.name), str(v.name), onDate(d), str("instalments"), amt(v.gross), str(v.currency), num(60), str(boss(r)), str("keeps buying"))
	case x < 0.45:
		o.add("concessions", d, 0, str("CO-"+v.name), str(v.customer.name), str(v.name), onDate(d), str("extension"), amt(v.gross), str(v.currency), num(30), str(boss(r)), str("waits for its own customer"))
	case x < 0.52:
		o.add("concessions", d, 0, str("CO-"+v.name), str(v.customer.name), str(v.name), onDate(d), str("discount"), amt(percentOf(v.gross, 3)), str(v.currency), value{}, str(boss(r)), str("pays at once"))
	}
}

// plan divides an invoice into three monthly lines.
func (o *office) plan(v *invoice, id string, made Date, replaced value, changed Date) {
	o.add("instalment_plans", made, changed, str(id), str(v.customer.name), onDate(made), replaced, str("agreed with "+v.customer.contact))
	left := v.gross
	for line := 1; line <= 3; line++ {
		amount := v.gross / 3
		if line == 3 {
			amount = left
		}
		left -= amount
		o.add("instalment_plan_lines", made, 0, str(id), num(line), onDate(made+Date(line)*30), amt(amount), str(v.currency), str(v.name))
	}
}

// sue hands a claim to the court; half a year later there is a judgment.
func (o *office) sue(v *invoice, r *random, filed Date) {
	judged, closed := filed+r.days(90, 150), filed+r.days(180, 320)
	recovered, outcome, ended := Cents(0), value{}, o.past(closed)
	switch {
	case !o.openOn(v, min(closed, o.c.end)) && o.settled[v] <= o.c.end:
		recovered, outcome, ended = v.gross, str("settled"), onDate(o.settled[v])
	case closed <= o.c.end:
		outcome = str(pick(r, []string{"won", "won", "lost", "withdrawn"}))
	}
	o.add("legal_cases", filed, max(closed, o.settled[v]), str("LC-"+v.name), str(v.customer.name), str("legal"), onDate(filed), o.past(judged), ended,
		amt(v.gross), amt(recovered), amt(percentOf(v.gross, 5)+500_00), str(v.currency), outcome)
}

// stop joins the holds of a customer that overlap into one.
func (o *office) stop(holds []hold) {
	slices.SortStableFunc(holds, func(a, b hold) int {
		return cmp.Or(cmp.Compare(a.k.id, b.k.id), cmp.Compare(a.from, b.from))
	})
	for i := 0; i < len(holds); {
		h := holds[i]
		for i++; i < len(holds) && holds[i].k == h.k && (h.to == 0 || holds[i].from <= h.to); i++ {
			if h.to != 0 && (holds[i].to == 0 || holds[i].to > h.to) {
				h.to = holds[i].to
			}
		}
		released, by := value{}, value{}
		if h.to != 0 && h.to <= o.c.end {
			released, by = onDate(h.to), str("Credit Manager")
		}
		o.add("order_holds", h.from, h.to, str(fmt.Sprintf("OH-%s-%s", h.k.name, h.from)), str(h.k.name), onDate(h.from), released, by, str(h.why))
	}
}
