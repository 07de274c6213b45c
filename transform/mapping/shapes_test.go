package mapping

import (
	"strings"
	"testing"
)

// TestOneAnswerMayMixEveryShapeOfNumbers is the trap that systems set in one
// page: floats, padded texts, numbers with exponents, typed objects.
func TestOneAnswerMayMixEveryShapeOfNumbers(t *testing.T) {
	m := compile(t, "recoveries", "- to: recoveries\n  fields: {recovery_id: id, write_off_id: id, recovery_date: {const: 2026-01-01}, amount: x}", Options{})
	for _, c := range []struct{ amount, want string }{
		{`608.94`, "608.94"}, {`"8597.38000000"`, "8597.38"}, {`"0"`, "0"}, {`"-250"`, "-250"}, {`1e3`, "1000"}, {`1.50E2`, "150"}, {`"1.5e-1"`, "0.15"}, {`-12155.690`, "-12155.69"}, {`"-12155.690"`, "-12155.69"},
		{`{"__class__":"Decimal","decimal":"608.94"}`, "608.94"}, {`{"decimal":"-1","__class__":"Decimal"}`, "-1"}, {`{"__class__" : "Decimal", "decimal" : "1E+2"}`, "100"}, {`0.0`, "0"}, {`19037.05`, "19037.05"},
		{`73943.04999999999`, "set round: 2 on it if the source computes in floats"}, {`"1,234.50"`, "set number: loose"}, {`"NaN"`, "amount is not a number"}, {`{"__class__":"Decimal"}`, "not a single value"}, {`{"__class__":"Money","decimal":"1"}`, "not a single value"},
		{`[12.5]`, "not a single value"}, {`true`, "amount is not a number"}, {`false`, "amount is not a number"}, {`99999999999999999999`, "larger than the column can hold"},
	} {
		out := mapText(t, m, Input{Body: []byte(`[{"id":1,"x":1},{"id":2,"x":` + c.amount + `},{"id":3,"x":"2.0"}]`)})
		_, got, _ := strings.Cut(out, "recovery_id=2 ")
		got, _, _ = strings.Cut(got, "\n")
		if got = got[strings.Index(got, "=2026-01-01 ")+1:]; strings.HasSuffix(got, "amount="+c.want) {
			continue
		}
		if !strings.Contains(out, c.want) || !strings.Contains(out, "rejected 1") {
			t.Errorf("%s, want %s:\n%s", c.amount, c.want, out)
		}
	}
}

// TestOneAnswerMayMixEveryShapeOfDates: naive local times, epochs in the zone of
// the server, offsets without a colon, typed objects.
func TestOneAnswerMayMixEveryShapeOfDates(t *testing.T) {
	for _, c := range []struct{ zone, options, date, day, instant string }{
		{"Asia/Shanghai", "", `"2026-11-21T00:00:00"`, "2026-11-21", "2026-11-20 16:00:00Z"},                                // Kingdee: naive, China time
		{"UTC", "", `"2026-11-21 19:28:37"`, "2026-11-21", "2026-11-21 19:28:37Z"},                                          // Odoo: naive UTC
		{"Asia/Shanghai", "", `"2026-11-21 19:28:37"`, "2026-11-21", "2026-11-21 11:28:37Z"},                                // a naive day is the day it says
		{"Asia/Kolkata", "", `"2026-11-21T23:30:00+0530"`, "2026-11-21", "2026-11-21 18:00:00Z"},                            // Zoho
		{"America/Los_Angeles", "", `"2026-11-21T22:00:00-0800"`, "2026-11-21", "2026-11-22 06:00:00Z"},                     // QuickBooks
		{"UTC", "", `"2026-11-21T22:00:00.000+0000"`, "2026-11-21", "2026-11-21 22:00:00Z"},                                 // Salesforce
		{"UTC", "", `"/Date(1552521600000+0000)/"`, "2019-03-14", "2019-03-14 00:00:00Z"},                                   // Xero
		{"Europe/Berlin", "", `"/Date(1789430400000)/"`, "2026-09-15", "2026-09-15 00:00:00Z"},                              // SAP: a day
		{"Asia/Shanghai", "", `1793476800`, "2026-11-01", "2026-10-31 20:00:00Z"},                                           // Dolibarr under China time
		{"UTC", "", `1793476800`, "2026-10-31", "2026-10-31 20:00:00Z"},                                                     // the same under UTC
		{"Asia/Shanghai", "", `"1793462400"`, "2026-11-01", "2026-10-31 16:00:00Z"},                                         // a day: midnight in the zone
		{"America/New_York", "", `1793491200`, "2026-11-01", "2026-11-01 00:00:00Z"},                                        // midnight UTC taken for a day
		{"America/New_York", "epoch_s_local", `1793491200`, "2026-10-31", "2026-11-01 00:00:00Z"},                           // unless it is said to be an instant
		{"America/New_York", "epoch_ms_local", `1793491200000`, "2026-10-31", "2026-11-01 00:00:00Z"},                       // the same in milliseconds
		{"Asia/Shanghai", "", `1789430400000`, "2026-09-15", "2026-09-15 00:00:00Z"},                                        // fxiaoke
		{"Asia/Shanghai", "", `"2015-09-09 20:20"`, "2015-09-09", "2015-09-09 12:20:00Z"},                                   // minutes only
		{"Asia/Shanghai", "", `{"__class__":"date","year":2026,"month":11,"day":21}`, "2026-11-21", "2026-11-20 16:00:00Z"}, // Tryton
		{"Asia/Shanghai", "", `{"__class__":"datetime","year":2026,"month":11,"day":21,"hour":19,"minute":34,"second":19,"microsecond":644615}`, "2026-11-22", "2026-11-21 19:34:19.644615Z"},
		{"UTC", "D.M.YYYY", `{"__class__":"date","year":2026,"month":1,"day":2}`, "2026-01-02", "2026-01-02 00:00:00Z"}, // whatever the texts are
		{"UTC", "", `"0001-01-01"`, "reject", "reject"}, {"UTC", "", `"0000-00-00"`, "reject", "reject"}, {"UTC", "", `{"__class__":"date","year":2026,"month":13,"day":1}`, "reject", "reject"}, {"UTC", "", `{"__class__":"date","year":-1,"month":1,"day":1}`, "reject", "reject"},
	} {
		option := ""
		if c.options != "" {
			option = ", date: " + c.options
		}
		m := compile(t, "x", "- to: account_owners\n  fields: {customer_id: id, rep_id: id, valid_from: {path: d"+option+"}}\n", Options{Location: mustZone(t, c.zone)})
		i := compile(t, "x", "- to: visits\n  fields: {visit_id: id, customer_id: id, planned_at: {path: d"+option+"}}\n", Options{Location: mustZone(t, c.zone)})
		in := Input{Body: []byte(`[{"id":1,"d":` + c.date + `}]`)}
		for _, got := range []struct{ out, want string }{{mapText(t, m, in), "valid_from=" + c.day + "\n"}, {mapText(t, i, in), "planned_at=" + c.instant + "\n"}} {
			if !strings.Contains(got.out, got.want) && !(c.day == "reject" && strings.Contains(got.out, "rejected 1")) {
				t.Errorf("%s in %s: want %s, got\n%s", c.date, c.zone, got.want, got.out)
			}
		}
	}
}

func TestEmptyDatesOfOldSystemsMeanNothingWhereTheMappingSaysSo(t *testing.T) {
	const emit = "- empty: ['0001-01-01', '0000-00-00', '1900-01-01', false]\n- to: account_owners\n  fields: {customer_id: id, rep_id: id, valid_from: {const: 2026-01-01}, valid_to: d}\n  custom: {day: d}"
	for date, want := range map[string]string{`"0001-01-01"`: "", `"0001-01-01T00:00:00Z"`: "", `"0000-00-00 00:00:00"`: "", `"1900-01-01T00:00:00.000"`: "", `"1900-01-01T08:00:00"`: "1900-01-01", `"0000-00-00"`: "", `false`: "", `""`: "", `"2026-01-31"`: "2026-01-31", `"1900-01-011"`: "reject"} {
		out := mapReps(t, emit, `[{"id":1,"d":`+date+`}]`, nil)
		_, got, found := strings.Cut(out, "valid_to=")
		got, _, _ = strings.Cut(got, " ")
		if !found && strings.Contains(out, "rejected 1") {
			got = "reject"
		}
		if got != want {
			t.Errorf("%s gives %q, want %q: %s", date, got, want, out)
		}
	}
}

func TestFlagsComeInManyWords(t *testing.T) {
	m := compile(t, "x", "- to: visits\n  fields: {visit_id: id, customer_id: id, agreement_reached: f}\n  custom: [f]", Options{})
	for _, word := range []string{`"T"`, `"t"`, `"Y"`, `"yes"`, `"true"`, `true`, `1`, `"1"`, `"1.0"`} {
		if out := mapText(t, m, Input{Body: []byte(`[{"id":1,"f":` + word + `}]`)}); !strings.Contains(out, "agreement_reached=true") {
			t.Errorf("%s: %s", word, out)
		}
	}
	for _, word := range []string{`"F"`, `"f"`, `"N"`, `"no"`, `"false"`, `false`, `0`, `"0"`} {
		if out := mapText(t, m, Input{Body: []byte(`[{"id":1,"f":` + word + `}]`)}); !strings.Contains(out, "agreement_reached=false") {
			t.Errorf("%s: %s", word, out)
		}
	}
	if out := mapText(t, m, Input{Body: []byte(`[{"id":1,"f":"TF"}]`)}); !strings.Contains(out, "rejected 1") {
		t.Error(out)
	}
}

func TestAnUnknownStateIsRejectedWithThoseThatAreKnown(t *testing.T) {
	out := mapReps(t, "- to: reps\n  fields: {rep_id: id, team: {path: s, map: {A: open, B: partly, C: closed}}}", `[{"id":1,"s":"D"},{"id":2,"s":"B"},{"id":3}]`, nil)
	if !strings.Contains(out, `found "D"; expected one of A, B, C; hint: add it to`) || !strings.Contains(out, "mapped 2") {
		t.Error(out)
	}
}

func TestNestedListsNeedTheirLevels(t *testing.T) {
	for emit, want := range map[string]string{
		"- to: reps\n  each: [a, b]\n  fields: {rep_id: ^^^.x}":                                   `path "^^^.x" goes to the parent`,
		"- to: reps\n  each: []\n  fields: {rep_id: x}":                                           "each names 0 lists",
		"- to: reps\n  each: [a, b, c, d]\n  fields: {rep_id: x}":                                 "each names 4 lists",
		"- to: reps\n  each: {path: a, wehre: {x: 1}}\n  fields: {rep_id: x}":                     `did you mean "where"?`,
		"- to: reps\n  each: {where: {x: 1}}\n  fields: {rep_id: x}":                              "each must be a single value",
		"- to: reps\n  each: {path: a, where: {expr: x}}\n  fields: {rep_id: x}":                  "a condition must be true or false",
		"- consts: {a: [1]}\n- {to: reps, fields: {rep_id: x}}":                                   "a value of consts must be a single value",
		"- to: reps\n  fields: {rep_id: {path: a, expr: b}}":                                      "rep_id has 2 sources of its value; give exactly one of path, const, template, expr",
		"- to: visits\n  fields: {visit_id: a, customer_id: b, agreement_reached: {expr: 1 + 1}}": "agreement_reached is a",
	} {
		if _, err := Compile("s", parseYAML(t, emit), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", emit, err)
		}
	}
}
