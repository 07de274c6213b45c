package demo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// portal is the content of the CRM.
type portal struct {
	company *Company
	objects map[string]*objects
	linked  sync.Map // "from→to" → ids, made when first asked for
}

// objects are the records of one kind, in order of their ids.
type objects struct {
	kind       string
	n          int
	id         func(i int) int64
	touched    func(i int) touched
	archived   func(i int) stamp // 0 = not archived
	properties map[string]func(i int) string
	history    map[string]func(i int) []change
	times      map[string]bool // properties that are instants, compared as such
	numbers    map[string]bool
	modifiedAt string // the name of the property with the last change
	createdAt  string

	once       sync.Once
	byModified []int // not archived ones, by last change in milliseconds, then id
}

// change is one entry of a property's history.
type change struct {
	value string
	at    stamp
}

// Identifiers in the CRM have nothing to do with those in the ERP.
func companyID(k *customer) int64 { return 7_300_000_000 + int64(k.id)*37 }
func ownerID(p *rep) int64        { return 70_410_000 + int64(p.id)*113 }
func visitID(x *visit) int64      { return 48_200_000_000 + int64(x.id)*11 }
func personID(p *person) int64    { return 5_150_000_000 + int64(p.id)*17 }

func text64(n int64) string { return strconv.FormatInt(n, 10) }

// iso writes an instant as HubSpot does, in UTC with milliseconds.
func iso(s stamp) string {
	if s == 0 {
		return ""
	}
	return s.utc().Format("2006-01-02T15:04:05.000Z")
}

// millis is what the CRM knows of an instant.
func (s stamp) millis() int64 { return int64(s-siteOffset) / 1000 }

// portal lays the business out as HubSpot keeps it.
func (c *Company) portal() *portal {
	var meetings, calls []*visit
	for _, x := range c.visits {
		if x.call {
			calls = append(calls, x)
		} else {
			meetings = append(meetings, x)
		}
	}
	p := &portal{company: c, objects: map[string]*objects{}}
	for _, o := range []*objects{c.companyObjects(), visitObjects("meetings", meetings), visitObjects("calls", calls), c.contactObjects()} {
		o.properties["hs_object_id"] = func(i int) string { return text64(o.id(i)) }
		o.properties[o.createdAt] = func(i int) string { return iso(o.touched(i).created) }
		o.properties[o.modifiedAt] = func(i int) string { return iso(o.touched(i).modified) }
		o.times[o.createdAt], o.times[o.modifiedAt] = true, true
		o.numbers["hs_object_id"] = true
		p.objects[o.kind] = o
	}
	return p
}

func (c *Company) companyObjects() *objects {
	k := c.customers
	return &objects{kind: "companies", n: len(k), modifiedAt: "hs_lastmodifieddate", createdAt: "createdate",
		id:       func(i int) int64 { return companyID(k[i]) },
		touched:  func(i int) touched { return k[i].crm },
		archived: func(int) stamp { return 0 },
		times:    map[string]bool{}, numbers: map[string]bool{},
		properties: map[string]func(int) string{
			"name":             func(i int) string { return k[i].title },
			"domain":           func(i int) string { return k[i].domain },
			"city":             func(i int) string { return k[i].city },
			"country":          func(i int) string { return k[i].country },
			"industry":         func(i int) string { return strings.ToUpper(strings.ReplaceAll(k[i].industry, " ", "_")) },
			"erp_customer_id":  func(i int) string { return k[i].name },
			"hubspot_owner_id": func(i int) string { return text64(ownerID(k[i].ownerOn(c.end))) },
			"hs_parent_company_id": func(i int) string {
				if k[i].parent == nil {
					return ""
				}
				return text64(companyID(k[i].parent))
			},
		},
		history: map[string]func(int) []change{
			"hubspot_owner_id": func(i int) []change {
				var list []change
				for _, t := range k[i].owners {
					if t.from <= c.end {
						list = append(list, change{text64(ownerID(t.rep)), t.at})
					}
				}
				slices.Reverse(list) // newest first
				return list
			},
		},
	}
}

func (c *Company) contactObjects() *objects {
	p := c.people
	return &objects{kind: "contacts", n: len(p), modifiedAt: "lastmodifieddate", createdAt: "createdate",
		id:       func(i int) int64 { return personID(p[i]) },
		touched:  func(i int) touched { return p[i].touched },
		archived: func(int) stamp { return 0 },
		times:    map[string]bool{}, numbers: map[string]bool{}, history: map[string]func(int) []change{},
		properties: map[string]func(int) string{
			"firstname": func(i int) string { return p[i].given },
			"lastname":  func(i int) string { return p[i].family },
			"jobtitle":  func(i int) string { return p[i].title },
			"email":     func(i int) string { return "ap@" + p[i].customer.domain },
			"company":   func(i int) string { return p[i].customer.title },
		},
	}
}

func visitObjects(kind string, v []*visit) *objects {
	o := &objects{kind: kind, n: len(v), modifiedAt: "hs_lastmodifieddate", createdAt: "hs_createdate",
		id:       func(i int) int64 { return visitID(v[i]) },
		touched:  func(i int) touched { return v[i].touched },
		archived: func(i int) stamp { return v[i].archived },
		times:    map[string]bool{"hs_timestamp": true, "hs_meeting_start_time": true, "hs_meeting_end_time": true},
		numbers:  map[string]bool{"promise_amount": true, "hs_call_duration": true},
		history:  map[string]func(int) []change{},
	}
	held := func(x *visit) bool { return x.outcome == "COMPLETED" }
	of := func(read func(x *visit) string) func(int) string { return func(i int) string { return read(v[i]) } }
	promised := func(read func(m *promise) string) func(int) string {
		return of(func(x *visit) string {
			if x.promise == nil {
				return ""
			}
			return read(x.promise)
		})
	}
	o.properties = map[string]func(int) string{
		"hs_timestamp":     of(func(x *visit) string { return iso(x.begins) }),
		"hubspot_owner_id": of(func(x *visit) string { return text64(ownerID(x.rep)) }),
		"agreement_reached": of(func(x *visit) string {
			if !held(x) {
				return ""
			}
			return strconv.FormatBool(x.agreed)
		}),
		"refusal_code": of(func(x *visit) string { return x.refusal }),
		"script_code": of(func(x *visit) string {
			if !held(x) {
				return ""
			}
			return x.script
		}),
		"contact_person":   of(func(x *visit) string { return x.contact }),
		"promise_amount":   promised(func(m *promise) string { return m.amount.String() }),
		"promise_currency": promised(func(m *promise) string { return m.currency }),
		"promise_due":      promised(func(m *promise) string { return m.due.String() }),
		"promise_invoice": promised(func(m *promise) string {
			if m.invoice == nil {
				return ""
			}
			return m.invoice.name
		}),
	}
	if kind == "calls" {
		o.properties["hs_call_title"] = of(func(x *visit) string { return "Call " + x.contact })
		o.properties["hs_call_status"] = of(func(x *visit) string { return x.outcome })
		o.properties["hs_call_direction"] = of(func(*visit) string { return "OUTBOUND" })
		o.properties["hs_call_duration"] = of(func(x *visit) string { return strconv.Itoa(x.minutes * 60_000) })
		o.properties["hs_call_disposition"] = of(func(*visit) string { return "" })
		o.properties["hs_call_body"] = of(func(*visit) string { return "" })
		return o
	}
	o.properties["hs_meeting_title"] = of(func(x *visit) string { return fmt.Sprintf("%s / %s", x.customer.title, x.rep.name) })
	o.properties["hs_meeting_start_time"] = of(func(x *visit) string { return iso(x.begins) })
	o.properties["hs_meeting_end_time"] = of(func(x *visit) string { return iso(x.ends) })
	o.properties["hs_meeting_outcome"] = of(func(x *visit) string { return x.outcome })
	o.properties["hs_meeting_body"] = of(func(*visit) string { return "" })
	o.properties["hs_internal_meeting_notes"] = of(func(*visit) string { return "" })
	return o
}

// index sorts the records by last change, once.
func (o *objects) index() {
	o.once.Do(func() {
		for i := range o.n {
			if o.archived(i) == 0 {
				o.byModified = append(o.byModified, i)
			}
		}
		slices.SortFunc(o.byModified, func(a, b int) int {
			if d := o.touched(a).modified.millis() - o.touched(b).modified.millis(); d != 0 {
				return int(max(min(d, 1), -1))
			}
			return a - b
		})
	})
}

// number reads a property or a filter's value as a number where the property
// is one: instants are milliseconds since 1970, given as such or as ISO text.
func (o *objects) number(name, value string) (float64, bool) {
	switch {
	case o.times[name]:
		if t, err := time.Parse(time.RFC3339Nano, value); err == nil {
			return float64(t.UnixMilli()), true
		}
		if t, err := time.Parse(time.DateOnly, value); err == nil {
			return float64(t.UnixMilli()), true
		}
	case !o.numbers[name]:
		return 0, false
	}
	n, err := strconv.ParseFloat(value, 64)
	return n, err == nil
}
