package demo

import (
	"fmt"
	"slices"
)

// The credit office keeps its records in DocTypes of its own on the ERP: orders
// and deliveries, plans, notices, holds, statements, evidence, reviews, policy and
// what finance checks the books with. Each record follows from the documents of
// the simulation and from a die of its own, so a later day adds to them and
// changes none that stood.

// records is one DocType of the credit office, with fields named as the
// canonical columns of the stream that it fills.
type records struct {
	stream  string
	columns []string
	rows    []record
}

type record struct {
	touched
	values []value
}

func (t *records) doctype() string { return "Receivables " + t.stream }

// office gathers the records while they are made.
type office struct {
	c       *Company
	tables  map[string]*records
	settled map[*invoice]Date // day of the last cash or credit on it
}

// newOffice makes all records of the credit office.
func newOffice(c *Company) *office {
	o := &office{c: c, tables: map[string]*records{}, settled: c.settledOn()}
	for stream, columns := range officeColumns {
		o.tables[stream] = &records{stream: stream, columns: columns}
	}
	o.sell()
	o.collect()
	o.recover()
	o.know()
	o.control()
	return o
}

var officeColumns = map[string][]string{
	"calendar_days":         {"calendar_date", "is_workday", "fiscal_period"},
	"concessions":           {"concession_id", "customer_id", "invoice_id", "granted_on", "kind", "amount", "currency", "days_extended", "approved_by", "reason"},
	"contacts":              {"contact_id", "customer_id", "name", "role", "phone", "email", "is_original", "last_spoken_on", "valid"},
	"control_balances":      {"company", "account", "balance_date", "currency", "balance"},
	"credit_reviews":        {"review_id", "customer_id", "reviewed_on", "next_due_on", "financials_as_of", "external_score", "ability_score", "external_grade", "reviewer"},
	"delay_causes":          {"customer_id", "invoice_id", "cause_code", "family", "owner_dept", "noted_on"},
	"deliveries":            {"delivery_id", "order_id", "invoice_id", "customer_id", "shipped_on", "amount", "currency", "receipt_signed_on"},
	"dunning_events":        {"dunning_id", "customer_id", "invoice_id", "level", "method", "channel", "sent_on", "amount", "currency", "responded_on"},
	"evidence":              {"invoice_id", "evidence_type", "present", "obtained_on"},
	"instalment_plan_lines": {"plan_id", "line_no", "due_date", "amount", "currency", "invoice_id"},
	"instalment_plans":      {"plan_id", "customer_id", "made_on", "replaced_by", "note"},
	"legal_cases":           {"case_id", "customer_id", "kind", "filed_on", "judged_on", "closed_on", "claimed", "recovered", "cost", "currency", "outcome"},
	"macro_series":          {"series", "month", "value"},
	"order_holds":           {"hold_id", "customer_id", "held_on", "released_on", "released_by", "reason"},
	"orders":                {"order_id", "company", "customer_id", "order_date", "amount", "currency", "status", "rep_id", "approved_by", "released_over_limit", "terms_code"},
	"overrides":             {"override_id", "customer_id", "order_id", "kind", "decided_on", "approved_by", "policy_value", "granted_value"},
	"recoveries":            {"recovery_id", "write_off_id", "recovery_date", "amount"},
	"policies":              {"grade", "terms_code", "max_limit", "currency", "hold_after_days", "valid_from", "valid_to"},
	"statements":            {"statement_id", "company", "customer_id", "period_end", "sent_on", "confirmed_on", "our_balance", "their_balance", "currency"},
}

// officeStreams lists the streams that the credit office fills, in order.
func officeStreams() []string {
	var names []string
	for name := range officeColumns {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// add notes a record made on a day and changed last on another; what lies beyond
// the last day has not happened.
func (o *office) add(stream string, made, changed Date, values ...value) {
	if made > o.c.end {
		return
	}
	t := o.tables[stream]
	n := stamp(len(t.rows)%7200) * second
	r := record{values: values}
	r.touch(at(made, 9*hour) + n)
	if changed > made {
		r.touch(at(min(changed, o.c.end), 10*hour) + n)
	}
	t.rows = append(t.rows, r)
}

// past is a day, nothing while it is still to come.
func (o *office) past(d Date) value {
	if d > o.c.end {
		return value{}
	}
	return onDate(d)
}

// die is the dice of one matter.
func (o *office) die(purpose string) *random { return newRandom(o.c.options.Seed, "office "+purpose) }

// settledOn tells on which day cash or a credit last reduced an invoice.
func (c *Company) settledOn() map[*invoice]Date {
	last := map[*invoice]Date{}
	note := func(v *invoice, d Date) { last[v] = max(last[v], d) }
	for _, p := range c.payments {
		if p.docstatus == submitted {
			for _, line := range p.lines {
				note(line.invoice, line.day)
			}
		}
	}
	for _, j := range c.journals {
		for _, line := range j.lines {
			if v, ok := line.against.(*invoice); ok && j.docstatus == submitted {
				note(v, j.posting)
			}
		}
	}
	for _, v := range c.invoices {
		if v.isReturn && v.against != nil && v.docstatus == submitted {
			note(v.against, v.posting)
		}
	}
	return last
}

// openOn tells whether an invoice still owed something at the end of a day.
func (o *office) openOn(v *invoice, d Date) bool { return v.open > 0 || o.settled[v] > d }

// addOffice lays the records out as DocTypes.
func (c *Company) addOffice(add func(*doctype)) {
	o := newOffice(c)
	for _, stream := range officeStreams() {
		t := o.tables[stream]
		var fields []field[int]
		for n, column := range t.columns {
			fields = append(fields, field[int]{fieldOf(column), func(i int) value { return t.rows[i].values[n] }})
		}
		numbers := make([]int, len(t.rows))
		for i := range numbers {
			numbers[i] = i
		}
		add(declare(t.doctype(), numbers, func(i int) standard {
			return standard{name: t.name(i), touched: t.rows[i].touched}
		}, fields...))
	}
}

// fieldOf is the field that holds a column; every document's name is its own.
func fieldOf(column string) string {
	if column == "name" {
		return "full_name"
	}
	return column
}

// name is a record's own: the values of its key.
func (t *records) name(i int) string {
	v := t.rows[i].values
	switch t.stream {
	case "control_balances":
		return fmt.Sprintf("%s/%s/%s/%s", v[0].text(), v[1].text(), v[2].text(), v[3].text())
	case "evidence", "instalment_plan_lines", "macro_series":
		return v[0].text() + "/" + v[1].text()
	case "delay_causes":
		return v[0].text() + "/" + v[1].text() + "/" + v[2].text()
	}
	return v[0].text()
}

// OfficeStreams are the streams by which the shipped ERPNext connector reads the
// records of the credit office: each DocType has the columns of its stream.
func OfficeStreams() []map[string]any {
	var list []map[string]any
	for _, stream := range officeStreams() {
		fields := map[string]any{}
		asked := []string{"name", "modified"}
		for _, column := range officeColumns[stream] {
			fields[column] = fieldOf(column)
			asked = append(asked, fieldOf(column))
		}
		list = append(list, map[string]any{
			"name":  stream,
			"title": "what the credit office keeps of " + stream,
			"vars":  map[string]any{"doctype": (&records{stream: stream}).doctype(), "fields": asked},
			"emit":  []map[string]any{{"to": stream, "fields": fields}},
		})
	}
	return list
}
