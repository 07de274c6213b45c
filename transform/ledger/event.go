package ledger

import "huikuan/transform/money"

// EventKind names a signed event; the names are those of the kind column.
type EventKind uint8

// The kinds of events.
const (
	Invoice EventKind = iota
	Debit
	Alloc
	AllocRev
	Discount
	DiscountRev
	CreditAlloc
	CreditAllocRev
	WriteOffEvent
	WriteOffRev
	OnAccount
	Refund
	Bounced
	Applied
	AppliedRev
	Credit
	CreditApplied
	CreditAppliedRev
)

var eventNames = [...]string{"INVOICE", "DEBIT", "ALLOC", "ALLOC_REV", "DISCOUNT", "DISCOUNT_REV", "CREDIT_ALLOC", "CREDIT_ALLOC_REV",
	"WRITE_OFF", "WRITE_OFF_REV", "ON_ACCOUNT", "REFUND", "BOUNCED", "APPLIED", "APPLIED_REV", "CREDIT", "CREDIT_APPLIED", "CREDIT_APPLIED_REV"}

// String returns the name that ar_events carries.
func (k EventKind) String() string { return eventNames[k] }

// Event is one signed change of an item's open amount.
type Event struct {
	Item     int32 // index into Customer.Items
	App      int32 // index into Customer.Applications; −1 for the document itself
	Kind     EventKind
	External bool // the other side has another customer, company or currency
	Priced   bool // RC and Transfer are known
	Day      Day
	Amount   money.Amount // document currency
	RC       money.Amount // reporting currency; the events of an item add up to its open amount at its own rate
	Transfer money.Amount // reporting currency: of external events what the other side books against it, of refunds and their bounces the amount at the rate of the refund's day; signed as Amount
}

// Interval is a stretch of days on which an open amount does not change.
type Interval struct {
	Item     int32
	Due      int32 // index into Customer.Instalments; −1 = balance of the whole document (payments, credit notes, overpaid invoices)
	From, To Day   // To exclusive; the as-of day + 1 when still so
	Open, RC money.Amount
}

// Reduction names what an instalment was reduced with.
type Reduction uint8

// The reductions. What takes one back is a negative reduction of the same name.
const (
	ByCashReceived Reduction = iota
	ByDiscount
	ByCreditNote
	ByWritingOff
)

var reductionNames = [...]string{"cash", "discount", "credit", "write_off"}

// String returns the name that ar_settlements carries.
func (k Reduction) String() string { return reductionNames[k] }

// Delta is the part of an invoice's event that falls on one instalment. Where
// an event takes back what an overpaid invoice has in excess, the application
// of the excess comes in with a delta of its own (see [excess]); where it opens
// an instalment that something else had settled, that moves (see rehome).
type Delta struct {
	Event  int32 // index into Replay.Events
	Due    int32 // index into Customer.Instalments
	App    int32 // index into Customer.Applications; that of the event, but for excess and what changes places
	Kind   Reduction
	Amount money.Amount
	RC     money.Amount // positive = the open amount shrinks
}

// ItemFacts are the results of one document's replay, up to the as-of day.
type ItemFacts struct {
	Rate                      money.Rate // into reporting currency on the document's date, of a refund on the dates of the receipts it pays back
	Priced                    bool       // Rate is known
	Events, Intervals, Deltas Range
	Open, RC                  money.Amount // on the as-of day
}

// inReporting is an amount at the rate of the document; 0 without one.
func (f *ItemFacts) inReporting(a money.Amount) money.Amount {
	if !f.Priced {
		return 0
	}
	return a.Convert(f.Rate)
}

// DueFacts are the results of one instalment's replay.
type DueFacts struct {
	Amount, Open              money.Amount // document currency, on the as-of day
	AmountRC, OpenRC          money.Amount
	Settled                   Day          // day since which nothing is open, NoDay while open
	Cash, Credit, WrittenOff  money.Amount // reporting currency; discounts count as cash
	CashDoc, CreditDoc, WODoc money.Amount // document currency
	Discount, DiscountDoc     money.Amount // part of Cash and CashDoc
}

// Clearing tells what settled an item, by largest amount; ties go to cash.
type Clearing uint8

// The ways of clearing.
const (
	ByCash Clearing = iota
	ByCredit
	ByWriteOff
)

// ClearedBy returns what most of the instalment was settled with.
func (d *DueFacts) ClearedBy() Clearing { return clearing(d.CashDoc, d.CreditDoc, d.WODoc) }

func clearing(cash, credit, writtenOff money.Amount) Clearing {
	switch {
	case cash >= credit && cash >= writtenOff:
		return ByCash
	case credit >= writtenOff:
		return ByCredit
	}
	return ByWriteOff
}

// MissingRate is a currency without a rate on some days.
type MissingRate struct {
	Currency    string
	Documents   int64
	First, Last Day
}
