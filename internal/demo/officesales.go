package demo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// officeDays is how far back from Today the credit office has its records.
const officeDays = 400

// sell records the orders, deliveries and proofs behind the invoices, and the
// decisions against policy that let some of them go.
func (o *office) sell() {
	since := o.c.options.Today - officeDays
	for _, v := range o.c.invoices {
		if v.isReturn || v.deleted || v.docstatus != submitted || v.posting < since {
			continue
		}
		r := o.die("sale " + v.name)
		k := v.customer
		ordered, shipped := v.posting-r.days(6, 28), v.posting-r.days(0, 5)
		overLimit := k.manner >= slow && r.chance(0.12)
		longer := r.chance(0.02)
		order := value{}
		if v.order != "" {
			order = str(v.order)
			approved := value{}
			if overLimit || longer {
				approved = str(boss(r))
			}
			o.add("orders", ordered, v.posting, str(v.order), str(v.firm.name), str(k.name), onDate(ordered), amt(v.gross), str(v.currency), str("invoiced"),
				str(v.splits[0].rep.code()), approved, yes(overLimit), str(termsCode(v.terms)))
			if overLimit {
				o.add("overrides", ordered, 0, str("OV-"+v.order), str(k.name), str(v.order), str("limit"), onDate(ordered), approved, str(k.limit.String()), str((k.limit + v.gross).String()))
			} else if longer {
				o.add("overrides", ordered, 0, str("OV-"+v.order), str(k.name), str(v.order), str("terms"), onDate(ordered), approved, str("NET30"), str(termsCode(v.terms)))
			}
		}
		signed := shipped + r.days(1, 7)
		proof := r.chance(0.92)
		signature := value{}
		if proof {
			signature = o.past(signed)
		}
		o.add("deliveries", shipped, signed, str("DN-"+v.name), order, str(v.name), str(k.name), onDate(shipped), amt(v.gross), str(v.currency), signature)
		if v.posting >= since+160 {
			o.prove(v, r, proof, signed)
		}
	}
}

// prove tells which documents that prove an invoice are on file.
func (o *office) prove(v *invoice, r *random, receipt bool, signed Date) {
	on := func(kind string, present bool, day Date) {
		obtained := value{}
		if present {
			obtained = onDate(min(day, o.c.end))
		}
		o.add("evidence", v.entered, day, str(v.name), str(kind), yes(present && day <= o.c.end), obtained)
	}
	on("contract", r.chance(0.95), v.posting-30)
	on("order", v.order != "", v.posting-6)
	on("delivery_receipt", receipt, signed)
	on("invoice_copy", r.chance(0.99), v.entered)
}

func termsCode(t *terms) string {
	if len(t.parts) == 1 {
		return fmt.Sprintf("NET%d", t.parts[0].days)
	}
	return t.name
}

func boss(r *random) string {
	return pick(r, []string{"Credit Manager", "Sales Director", "CFO", "General Manager"})
}

// know records the people, the reviews and the statements of every customer.
func (o *office) know() {
	spoken := map[*customer]Date{}
	for _, x := range o.c.visits {
		if x.outcome == "COMPLETED" && x.begins.date() <= o.c.end {
			spoken[x.customer] = max(spoken[x.customer], x.begins.date())
		}
	}
	for _, k := range o.c.customers {
		r := o.die("customer " + k.name)
		won := k.created.date()
		phone := fmt.Sprintf("+86 21 5555 %04d", k.id%10_000)
		o.add("contacts", won, spoken[k], str("CT-"+k.name+"-1"), str(k.name), str(k.contact), str("payer"), str(phone), str("finance@"+k.domain),
			yes(r.chance(0.4)), onDate(spoken[k]), yes(true))
		gone := r.chance(0.08)
		o.add("contacts", won, won+400, str("CT-"+k.name+"-2"), str(k.name), str(pick(r, chineseFamilies)+pick(r, chineseGivens)), str(pick(r, []string{"buyer", "approver", "approver"})),
			str(phone), str("buying@"+k.domain), yes(true), onDate(won), yes(!(gone && won+400 <= o.c.end)))
		o.review(k, r, won)
	}
	o.state()
}

// review looks at a customer's credit every nine months or so, with the accounts of
// its last quarter; a few reviews are forgotten.
func (o *office) review(k *customer, r *random, won Date) {
	score := min(95, max(12, int(88-30*(k.lateness-0.7)+r.normal(0, 9))))
	if k.stops != 0 {
		score = min(score, 45)
	}
	grade := []string{"E", "D", "C", "B", "A"}[min(4, score/19)]
	for n, d := 0, won+r.days(0, 60); d <= o.c.end; n, d = n+1, d+r.days(250, 290) {
		if n > 0 && r.chance(0.02) {
			continue
		}
		o.add("credit_reviews", d, 0, str(fmt.Sprintf("CR-%s-%d", k.name, n+1)), str(k.name), onDate(d), onDate(d+270), onDate(d-r.days(20, 65)),
			num(score), num(min(99, max(5, score+r.between(-12, 12)))), str(grade), str(boss(r)))
	}
}

// state sends statements of account at the end of each of the last months; most
// customers confirm them, a few have another balance in their books.
func (o *office) state() {
	known := map[string]*customer{}
	for _, k := range o.c.customers {
		known[k.name] = k
	}
	for _, end := range o.monthEnds(8) {
		balances := o.c.Truth(end)
		accounts := slices.SortedFunc(maps.Keys(balances), func(a, b Account) int {
			return cmp.Or(cmp.Compare(a.Customer, b.Customer), cmp.Compare(a.Currency, b.Currency))
		})
		for _, account := range accounts {
			p, k := balances[account], known[account.Customer]
			if p.Net() == 0 || k == nil {
				continue
			}
			id := fmt.Sprintf("ST-%s-%s-%s", end.String()[:7], account.Customer, account.Currency)
			r := o.die(id)
			if r.chance(0.25) {
				continue // not every customer gets one every month
			}
			sent, answered := nextWorkday(end+r.days(2, 6)), end+r.days(8, 35)
			confirmed, theirs := value{}, value{}
			if r.chance(0.72) && answered <= o.c.end {
				confirmed, theirs = onDate(answered), amt(p.Net())
				if r.chance(0.06) {
					theirs = amt(p.Net() - Cents(r.between(50_00, 8_000_00)))
				}
			}
			o.add("statements", sent, answered, str(id), str(k.firm.name), str(k.name), onDate(end), onDate(sent), confirmed, amt(p.Net()), theirs, str(account.Currency))
		}
	}
}

// monthEnds are the ends of the n months before Today, and of those since.
func (o *office) monthEnds(n int) []Date {
	var list []Date
	t := o.c.options.Today.Time()
	for m := -n; ; m++ {
		end := ymd(t.Year(), t.Month()+1+time.Month(m), 0)
		if end > o.c.end {
			return list
		}
		list = append(list, end)
	}
}
