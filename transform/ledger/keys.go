package ledger

import "encoding/binary"

// Kinds of what a customer's replay depends on, for [KeyOf]: the sides and
// kinds of documents and applications, and these.
const (
	KeyDispute = "dispute"
	KeyVisit   = "visit"
	KeyPromise = "promise"
	KeyPlan    = "plan"
)

// KeyOf is a short number for a row by its kind, source and identifier. Two rows
// may share one: whoever looks for a row finds it among some others.
func KeyOf(kind, source, id string) uint32 {
	h := uint64(14695981039346656037)
	for _, s := range [...]string{kind, source, id} {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211
	}
	return uint32(h ^ h>>32)
}

// Keys appends the keys of all rows of other tables that the i-th customer's
// replay depends on, four bytes each: its documents and what refers to them,
// and the documents on the other side of its applications.
func (c *Chunk) Keys(buf []byte, i int) []byte {
	put := func(kind, source, id string) { buf = binary.LittleEndian.AppendUint32(buf, KeyOf(kind, source, id)) }
	each := func(slot int, do func(b *batch, row int)) {
		for _, s := range c.of(slot, i) {
			for row := int(s.from); row < int(s.to); row++ {
				do(c.batches[slot][s.batch], row)
			}
		}
	}
	each(slotDocuments, func(b *batch, row int) {
		put(b.documents.side.at(row), b.documents.source.at(row), b.documents.id.at(row))
	})
	each(slotApplications, func(b *batch, row int) {
		a := b.applications
		kind, source, side := a.kind.at(row), a.source.at(row), a.side.at(row)
		own := a.counterCustomer.at(row) == c.customers[i] && !a.counterCustomer.isNull(row)
		if !own && !a.counter.isNull(row) {
			put(counterSide(kind, side), source, a.counter.at(row))
		}
		if !own || side == SideInvoice { // else the invoice's side has named it
			put(kind, source, a.id.at(row))
		}
	})
	each(slotVisits, func(b *batch, row int) { put(KeyVisit, b.visits.source.at(row), b.visits.id.at(row)) })
	each(slotPromises, func(b *batch, row int) {
		put(KeyPromise, b.promises.source.at(row), b.promises.id.at(row))
		put(KeyVisit, b.promises.source.at(row), b.promises.visit.at(row))
	})
	each(slotPlans, func(b *batch, row int) {
		put(KeyPlan, b.plans.source.at(row), b.plans.id.at(row))
		put(KeyVisit, b.plans.source.at(row), b.plans.visit.at(row))
	})
	each(slotPlanLines, func(b *batch, row int) { put(KeyPlan, b.planLines.source.at(row), b.planLines.plan.at(row)) })
	each(slotDisputes, func(b *batch, row int) { put(KeyDispute, b.disputes.source.at(row), b.disputes.id.at(row)) })
	return buf
}

// counterSide is where the other document of an application stands.
func counterSide(kind, side string) string {
	switch {
	case side != SideInvoice:
		return SideInvoice
	case kind == KindCreditAlloc:
		return SideCreditNote
	}
	return SidePayment
}
