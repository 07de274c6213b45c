package ledger

import (
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"huikuan/transform/schema"
)

// The tables by customer, in the order of their slots.
const (
	slotCustomers = iota
	slotOwners
	slotDocuments
	slotInstalments
	slotSplits
	slotApplications
	slotDisputes
	slotVisits
	slotPromises
	slotPlans
	slotPlanLines
	slots
)

var slotNames = [slots]string{InCustomers, InOwners, InDocuments, InInstalments, InSplits, InApplications, InDisputes, InVisits, InPromises, InPlans, InPlanLines}

// batch is one Arrow batch with its columns bound. It lives as long as a chunk
// or the merger refers to it.
type batch struct {
	rec      arrow.Record
	refs     atomic.Int32
	customer textColumn
	used     []usedColumn // all columns that are read but the customer

	customers    *customerColumns
	owners       *ownerColumns
	documents    *documentColumns
	instalments  *instalmentColumns
	splits       *splitColumns
	applications *applicationColumns
	disputes     *disputeColumns
	visits       *visitColumns
	promises     *promiseColumns
	plans        *planColumns
	planLines    *planLineColumns
}

func (b *batch) release() {
	if b.refs.Add(-1) == 0 {
		b.rec.Release()
	}
}

type customerColumns struct {
	segment, region, owner, terms textColumn
	from, to                      dayColumn
}

type ownerColumns struct {
	rep      textColumn
	from, to dayColumn
}

type documentColumns struct {
	company, source, side, id, kind, currency, rep, terms textColumn
	date, due, reversed                                   dayColumn
	amount                                                decimalColumn
	recorded                                              instantColumn
}

type instalmentColumns struct {
	source, item textColumn
	seq          intColumn
	due          dayColumn
	amount       decimalColumn
}

type splitColumns struct {
	source, item, rep textColumn
	share             rateColumn
}

type applicationColumns struct {
	source, side, item, kind, id, counter, counterCustomer, counterCompany, counterCurrency textColumn
	reversalOf, writeOffType                                                                textColumn
	date, counterDate, counterReversed                                                      dayColumn
	amount, discount, counterAmount                                                         decimalColumn
	seq                                                                                     intColumn
	recorded, counterRecorded                                                               instantColumn
}

type disputeColumns struct {
	source, item   textColumn
	id             textColumn // the replay itself does not need it
	opened, closed dayColumn
	amount         decimalColumn
	outcome        textColumn
}

type visitColumns struct {
	id, rep, source, channel textColumn
	happened                 dayColumn
	agreed                   *array.Boolean
}

type promiseColumns struct {
	id, visit, visitRep, invoice, currency, replacedBy, source textColumn
	made, due                                                  dayColumn
	amount                                                     decimalColumn
}

type planColumns struct {
	source, id, visit, visitRep, replacedBy textColumn
	made                                    dayColumn
}

type planLineColumns struct {
	source, plan, currency, invoice textColumn
	no                              intColumn
	due                             dayColumn
	amount                          decimalColumn
}

// bind checks one batch of a table by customer and finds its columns. first is
// the ordinal of its first row, for messages. The batch holds one reference.
func bind(slot int, t schema.Table, rec arrow.Record, first int64) (*batch, error) {
	b := &binder{table: t, rec: rec, first: first}
	out := &batch{rec: rec, customer: b.text("customer_id")}
	switch slot {
	case slotCustomers:
		out.customers = &customerColumns{b.text("segment"), b.text("region"), b.text("owner_id"), b.text("terms_code"), b.day("valid_from"), b.day("valid_to")}
	case slotOwners:
		out.owners = &ownerColumns{b.text("rep_id"), b.day("valid_from"), b.day("valid_to")}
	case slotDocuments:
		out.documents = &documentColumns{b.text("company"), b.text("source"), b.text("side"), b.text("item_id"), b.text("item_type"), b.text("currency"),
			b.text("rep_id"), b.text("terms_code"), b.day("doc_date"), b.day("due_date"), b.day("reversed_on"), b.money("amount"), b.instant("recorded_at")}
	case slotInstalments:
		out.instalments = &instalmentColumns{b.text("source"), b.text("item_id"), b.integer("seq"), b.day("due_date"), b.money("amount")}
	case slotSplits:
		out.splits = &splitColumns{b.text("source"), b.text("item_id"), b.text("rep_id"), b.rate("share")}
	case slotApplications:
		out.applications = &applicationColumns{b.text("source"), b.text("side"), b.text("item_id"), b.text("kind"), b.text("application_id"),
			b.text("counter_item_id"), b.text("counter_customer_id"), b.text("counter_company"), b.text("counter_currency"),
			b.text("reversal_of"), b.text("write_off_type"),
			b.day("application_date"), b.day("counter_date"), b.day("counter_reversed_on"),
			b.money("amount"), b.money("discount_amount"), b.money("counter_amount"), b.integer("instalment_seq"), b.instant("recorded_at"), b.instant("counter_recorded_at")}
	case slotDisputes:
		out.disputes = &disputeColumns{b.text("source"), b.text("item_id"), b.text("dispute_id"), b.day("opened_on"), b.day("closed_on"), b.money("disputed_amount"), b.text("outcome")}
	case slotVisits:
		out.visits = &visitColumns{b.text("visit_id"), b.text("rep_id"), b.text("source"), b.text("channel"), b.day("happened_on"), b.flag("agreement_reached")}
	case slotPromises:
		out.promises = &promiseColumns{b.text("promise_id"), b.text("visit_id"), b.text("visit_rep_id"), b.text("invoice_id"), b.text("currency"), b.text("replaced_by"), b.text("source"),
			b.day("made_on"), b.day("due_date"), b.money("amount")}
	case slotPlans:
		out.plans = &planColumns{b.text("source"), b.text("plan_id"), b.text("visit_id"), b.text("visit_rep_id"), b.text("replaced_by"), b.day("made_on")}
	case slotPlanLines:
		out.planLines = &planLineColumns{b.text("source"), b.text("plan_id"), b.text("currency"), b.text("invoice_id"), b.integer("line_no"), b.day("due_date"), b.money("amount")}
	}
	if b.err != nil {
		return nil, b.err
	}
	out.used = b.used[1:]
	rec.Retain()
	out.refs.Store(1)
	return out, nil
}
