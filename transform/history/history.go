// Package history reads what became of every instalment: when it was billed,
// due, reduced by what, and settled, customer by customer.
//
// In: the inputs [Items] and [Settlements], taken from the tables ar_items and
// ar_settlements of a replay. Out: one [Customer] after another. What a day
// knew can be asked of any day: [Customer.Open], [Customer.Settled]. Never
// here: SQL, a metric's formula.
package history

import (
	"slices"

	"huikuan/transform/derive"
	"huikuan/transform/ledger"
	"huikuan/transform/money"
	"huikuan/transform/schema"
)

// Names of the inputs.
const (
	Items       = "history_items"
	Settlements = "history_settlements"
)

// Inputs describes the inputs, both ordered by company, customer_id,
// invoice_id, instalment_seq and source, settlements then by event_date.
func Inputs() []schema.Table {
	key := func(t *derive.Table) *derive.Table {
		return t.Text("company", "legal entity").Text("customer_id", "customer").Text("invoice_id", "invoice or debit note").Int("instalment_seq", "instalment").Label("source", "configured source")
	}
	items := key(derive.Input(Items)).Date("invoice_date", "date of the document").Date("due_date", "due date").Label("currency", "document currency").
		Money("amount", "amount of the instalment").OptMoney("amount_rc", "the same in reporting currency")
	settlements := key(derive.Input(Settlements)).Label("kind", "cash, discount, credit or write_off").Date("event_date", "day on balances").Date("receipt_date", "day of behaviour").
		Money("amount", "reduction of the open amount").OptMoney("amount_rc", "the same in reporting currency").OptText("payment_id", "payment")
	return []schema.Table{items.Table, settlements.Table}
}

// Kind tells what reduced an instalment.
type Kind uint8

// The kinds.
const (
	Cash Kind = iota
	Discount
	Credit
	WriteOff
)

// Item is an instalment of an invoice or debit note.
type Item struct {
	Invoice, Source string // valid as long as the customer
	Seq             int64
	Date, Due       ledger.Day
	Currency        string
	Amount, RC      money.Amount
	Priced          bool // RC is known
	From, To        int32
	spanFrom        int32
	spanTo          int32
}

// Settlement is one reduction of an instalment; negative where it takes one back.
type Settlement struct {
	Item           int32
	Kind           Kind
	Event, Receipt ledger.Day
	Amount, RC     money.Amount
	Priced         bool
	Payment        string // valid as long as the customer
	Partial        bool   // a receipt after which the instalment was still open at the end of the event's day
}

// Span is a stretch of days on which nothing of an instalment was open.
type Span struct {
	Item        int32
	From, Until ledger.Day // settled from the end of From until the day before Until; [ledger.Forever] = still
	LastReceipt ledger.Day // receipt date of the last cash by then that was not taken back; NoDay without cash
	By          Kind       // Cash (with discounts), Credit or WriteOff: the largest amount, ties to cash
}

// Customer is a customer's whole history with one company.
type Customer struct {
	Company, ID string
	Items       []Item
	Settlements []Settlement // by item, then by event day
	Spans       []Span       // by item, then by day

	receipts []receipt // scratch
}

type receipt struct {
	day    ledger.Day
	amount money.Amount
}

// Open is what was open of an item at the end of a day: 0 before its date.
func (c *Customer) Open(item int32, day ledger.Day) (amount, rc money.Amount) {
	it := &c.Items[item]
	if it.Date > day {
		return 0, 0
	}
	amount, rc = it.Amount, it.RC
	for i := it.From; i < it.To; i++ {
		s := &c.Settlements[i]
		if s.Event > day {
			break
		}
		amount, rc = amount-s.Amount, rc-s.RC
	}
	return amount, rc
}

// Settled returns the span that covers the end of a day.
func (c *Customer) Settled(item int32, day ledger.Day) (Span, bool) {
	it := &c.Items[item]
	for i := it.spanFrom; i < it.spanTo; i++ {
		if s := &c.Spans[i]; s.From <= day && day < s.Until {
			return *s, true
		}
	}
	return Span{}, false
}

// SpansOf returns the spans of an item, by day; none overlap.
func (c *Customer) SpansOf(item int32) []Span {
	it := &c.Items[item]
	return c.Spans[it.spanFrom:it.spanTo]
}

// FirstLate is the first day on which an instalment was more than so many days
// past due and open; Forever if there was none.
func (c *Customer) FirstLate(days int) ledger.Day {
	first := ledger.Forever
	for n := range c.Items {
		it := &c.Items[n]
		if it.Amount <= 0 {
			continue
		}
		day := max(it.Due+ledger.Day(days)+1, it.Date)
		for _, s := range c.SpansOf(int32(n)) {
			if s.From <= day && day < s.Until {
				day = s.Until
			}
		}
		first = min(first, day)
	}
	return first
}

// settle finds the spans of every item and the receipts that left one open.
func (c *Customer) settle() {
	c.Spans = c.Spans[:0]
	for n := range c.Items {
		it := &c.Items[n]
		it.spanFrom = int32(len(c.Spans))
		if it.Amount > 0 {
			c.settleItem(int32(n), it)
		}
		it.spanTo = int32(len(c.Spans))
	}
}

func (c *Customer) settleItem(n int32, it *Item) {
	var by [WriteOff + 1]money.Amount
	c.receipts = c.receipts[:0]
	open, settled := it.Amount, false
	for i := it.From; i < it.To; {
		day, j := c.Settlements[i].Event, i
		for ; j < it.To && c.Settlements[j].Event == day; j++ {
			s := &c.Settlements[j]
			open -= s.Amount
			by[s.Kind] += s.Amount
			if s.Kind == Cash {
				c.receipts = append(c.receipts, receipt{s.Receipt, s.Amount})
			}
		}
		for ; i < j; i++ {
			s := &c.Settlements[i]
			s.Partial = s.Kind == Cash && s.Amount > 0 && open > 0
		}
		switch {
		case open <= 0 && !settled:
			c.Spans = append(c.Spans, Span{n, day, ledger.Forever, c.lastReceipt(), clearedBy(by)})
		case open > 0 && settled:
			c.Spans[len(c.Spans)-1].Until = day
		}
		settled = open <= 0
	}
}

// lastReceipt is the last receipt day whose cash was not taken back.
func (c *Customer) lastReceipt() ledger.Day {
	slices.SortFunc(c.receipts, func(a, b receipt) int { return int(b.day) - int(a.day) })
	for i := 0; i < len(c.receipts); {
		j, sum := i, money.Amount(0)
		for ; j < len(c.receipts) && c.receipts[j].day == c.receipts[i].day; j++ {
			sum += c.receipts[j].amount
		}
		if sum > 0 {
			return c.receipts[i].day
		}
		i = j
	}
	return ledger.NoDay
}

func clearedBy(by [WriteOff + 1]money.Amount) Kind {
	cash := by[Cash] + by[Discount]
	switch {
	case cash >= by[Credit] && cash >= by[WriteOff]:
		return Cash
	case by[Credit] >= by[WriteOff]:
		return Credit
	}
	return WriteOff
}
