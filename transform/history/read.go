package history

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/transform/derive"
	"huikuan/transform/ledger"
)

// Read streams the customers in order. A customer is valid until the next one
// is asked for. A settlement without its instalment is an error: both come
// from one replay.
func Read(ctx context.Context, src derive.Source) iter.Seq2[*Customer, error] {
	return func(yield func(*Customer, error) bool) {
		items, stopItems := iter.Pull2(src.Rows(ctx, Items))
		defer stopItems()
		settlements, stopSettlements := iter.Pull2(src.Rows(ctx, Settlements))
		defer stopSettlements()
		r := &reader{items: itemBatch{next: items}, settlements: settlementBatch{next: settlements}, words: map[string]string{}}
		r.items.advance()
		r.settlements.advance()
		for r.items.more() {
			c, err := r.customer()
			if !yield(c, err) || err != nil {
				return
			}
		}
		switch err := cmp.Or(r.items.err, r.settlements.err); {
		case err != nil:
			yield(nil, fmt.Errorf("read the history of instalments: %w", err))
		case r.settlements.more():
			yield(nil, fmt.Errorf("read the history of instalments: a settlement of customer %s has no instalment", r.settlements.customer.At(r.settlements.row)))
		}
	}
}

type reader struct {
	items       itemBatch
	settlements settlementBatch
	now         Customer
	words       map[string]string // few: currencies, sources, companies
}

// word keeps a text of few values once.
func (r *reader) word(s string) string {
	if w, ok := r.words[s]; ok {
		return w
	}
	w := strings.Clone(s)
	r.words[w] = w
	return w
}

// customer gathers the customer whose first item is at hand.
func (r *reader) customer() (*Customer, error) {
	in, s, c := &r.items, &r.settlements, &r.now
	c.Company, c.ID = r.word(in.company.At(in.row)), strings.Clone(in.customer.At(in.row))
	c.Items, c.Settlements = c.Items[:0], c.Settlements[:0]
	for in.more() && in.customer.At(in.row) == c.ID && in.company.At(in.row) == c.Company {
		i := in.row
		it := Item{Invoice: strings.Clone(in.invoice.At(i)), Source: r.word(in.source.At(i)), Seq: in.seq.Value(i), Date: in.date.At(i), Due: in.due.At(i),
			Currency: r.word(in.currency.At(i)), Amount: in.amount.Amount(i), RC: in.rc.Amount(i), Priced: in.rc.Known(i), From: int32(len(c.Settlements))}
		for s.more() && s.of(c, &it) {
			j := s.row
			x := Settlement{Item: int32(len(c.Items)), Kind: kindOf(s.kind.At(j)), Event: s.event.At(j), Receipt: s.receipt.At(j), Amount: s.amount.Amount(j), RC: s.rc.Amount(j), Priced: s.rc.Known(j)}
			if x.Kind == Cash {
				x.Payment = strings.Clone(s.payment.At(j))
			}
			if x.Receipt == ledger.NoDay {
				x.Receipt = x.Event
			}
			c.Settlements = append(c.Settlements, x)
			s.advance()
		}
		it.To = int32(len(c.Settlements))
		c.Items = append(c.Items, it)
		in.advance()
	}
	if err := cmp.Or(in.err, s.err); err != nil {
		return nil, fmt.Errorf("read the history of instalments: %w", err)
	}
	c.settle()
	return c, nil
}

func kindOf(s string) Kind {
	switch s {
	case "cash":
		return Cash
	case "discount":
		return Discount
	case "credit":
		return Credit
	}
	return WriteOff
}

// key are the columns that both inputs begin with.
type key struct {
	company, customer, invoice, source derive.Text
	seq                                derive.Int
}

func (k *key) bind(b *derive.Binder) {
	*k = key{b.Text("company"), b.Text("customer_id"), b.Text("invoice_id"), b.Text("source"), b.Int("instalment_seq")}
}

type itemBatch struct {
	key
	date, due  derive.Day
	currency   derive.Text
	amount, rc derive.Decimal
	next       func() (arrow.Record, error, bool)
	row, rows  int
	err        error
}

func (b *itemBatch) more() bool { return b.row < b.rows }

func (b *itemBatch) advance() {
	if b.row++; b.row < b.rows {
		return
	}
	for b.row, b.rows = 0, 0; b.rows == 0 && b.err == nil; {
		rec, err, ok := b.next()
		if !ok {
			return
		}
		if b.err = err; err != nil {
			return
		}
		bind := derive.Bind(rec)
		b.bind(bind)
		b.date, b.due, b.currency = bind.Day("invoice_date"), bind.Day("due_date"), bind.Text("currency")
		b.amount, b.rc = bind.Decimal("amount"), bind.Decimal("amount_rc")
		if b.err = bind.Err(); b.err == nil {
			b.rows = int(rec.NumRows())
		}
	}
}

type settlementBatch struct {
	key
	kind, payment  derive.Text
	event, receipt derive.Day
	amount, rc     derive.Decimal
	next           func() (arrow.Record, error, bool)
	row, rows      int
	err            error
}

func (b *settlementBatch) more() bool { return b.row < b.rows }

// of tells whether the settlement at hand belongs to an item.
func (b *settlementBatch) of(c *Customer, it *Item) bool {
	i := b.row
	return b.invoice.At(i) == it.Invoice && b.seq.Value(i) == it.Seq && b.source.At(i) == it.Source && b.customer.At(i) == c.ID && b.company.At(i) == c.Company
}

func (b *settlementBatch) advance() {
	if b.row++; b.row < b.rows {
		return
	}
	for b.row, b.rows = 0, 0; b.rows == 0 && b.err == nil; {
		rec, err, ok := b.next()
		if !ok {
			return
		}
		if b.err = err; err != nil {
			return
		}
		bind := derive.Bind(rec)
		b.bind(bind)
		b.kind, b.payment = bind.Text("kind"), bind.Text("payment_id")
		b.event, b.receipt = bind.Day("event_date"), bind.Day("receipt_date")
		b.amount, b.rc = bind.Decimal("amount"), bind.Decimal("amount_rc")
		if b.err = bind.Err(); b.err == nil {
			b.rows = int(rec.NumRows())
		}
	}
}
