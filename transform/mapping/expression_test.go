package mapping

import (
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var line = regexp.MustCompile(`, line \d+`)

// calculated maps one record by an expression into a column and returns what is
// in it: "-" for NULL, "reject: reason" if the record was rejected.
func calculated(t *testing.T, column, expr, record string, o Options) string {
	t.Helper()
	fields := map[string]any{"visit_id": map[string]string{"const": "v"}, "customer_id": map[string]string{"const": "c"}, column: map[string]string{"expr": expr}}
	to := "visits"
	if column == "discount_amount" {
		to = "allocations"
		fields = map[string]any{column: map[string]string{"expr": expr}, "allocation_id": map[string]string{"const": "a"}, "payment_id": map[string]string{"const": "p"},
			"invoice_id": map[string]string{"const": "i"}, "application_date": map[string]string{"const": "2026-01-01"}, "amount": map[string]string{"const": "1"}}
	}
	if column == "valid_to" {
		to = "account_owners"
		fields = map[string]any{column: map[string]string{"expr": expr}, "customer_id": map[string]string{"const": "c"}, "rep_id": map[string]string{"const": "r"}, "valid_from": map[string]string{"const": "2026-01-01"}}
	}
	emit, err := yaml.Marshal([]any{map[string]any{"consts": map[string]string{"vat": "0.19", "house": "main"}}, map[string]any{"to": to, "fields": fields}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Compile("s", parseYAML(t, string(emit)), checked(t, o))
	if err != nil {
		return "compile: " + line.ReplaceAllString(err.Error(), "")
	}
	out := mapText(t, m, Input{Body: []byte("[" + record + "]"), Lookups: map[string]map[string]string{"rep": {"7": "Li"}, "team": {"Li": "North"}}})
	if _, after, found := strings.Cut(out, " "+column+"="); found {
		return strings.TrimSuffix(after, "\n")
	}
	if _, after, found := strings.Cut(out, "reject 0 "); found {
		return "reject: " + after
	}
	return "-"
}

func TestAmountsAreCalculatedExactly(t *testing.T) {
	for _, c := range []struct{ expr, record, want string }{
		{`debit - credit`, `{"debit":"1000.10","credit":0.2}`, "999.9"},
		{`dec(a) + dec(b)`, `{"a":0.1,"b":0.2}`, "0.3"},
		{`a + 0.2`, `{"a":0.1}`, "0.3"},
		{`a * 1.1`, `{"a":1.1}`, "1.21"},
		{`a * 1_000`, `{"a":0.0001}`, "0.1"},
		{`round(a * $vat, 2)`, `{"a":"99.99"}`, "19"},
		{`a * $vat`, `{"a":"99.999"}`, "reject: "},
		{`-a`, `{"a":"8597.38000000"}`, "-8597.38"},
		{`abs(a)`, `{"a":-1.50E2}`, "150"},
		{`neg(a) + 1e3`, `{"a":1e3}`, "0"},
		{`div(a, 3, 2)`, `{"a":10}`, "3.33"},
		{`div(a, b, 2)`, `{"a":-2,"b":3}`, "-0.67"},
		{`div(a, b, 4)`, `{"a":1,"b":0}`, "reject: allocations key=a field=b: the division has no result; found 0"},
		{`min(a, b, 5)`, `{"a":7,"b":"6.5"}`, "5"},
		{`max(a, b)`, `{"a":7,"b":"7.01"}`, "7.01"},
		{`a - b`, `{"a":7}`, "-"},
		{`a - (b ?? 0)`, `{"a":7}`, "7"},
		{`coalesce(a, b, 3)`, `{"a":"","b":null}`, "3"},
		{`if a > 5 { a } else { 5 }`, `{"a":4}`, "5"},
		{`a > 5 ? a : 5`, `{"a":"9.9"}`, "9.9"},
		{`let net = a - b; net * net`, `{"a":5,"b":2}`, "9"},
		{`sum("lines.*.amount")`, `{"lines":[{"amount":"0.1"},{"amount":0.2},{},{"amount":null}]}`, "0.3"},
		{`sum("lines.*.amount")`, `{"lines":{"2":{"amount":1},"3":{"amount":2.5}}}`, "3.5"},
		{`sum("lines.*.links.*.amount")`, `{"lines":[{"links":[{"amount":1},{"amount":2}]},{"links":[]},{"x":1},{"links":[{"amount":4}]}]}`, "7"},
		{`sum("lines.*")`, `{"lines":[1,2,"3"]}`, "6"},
		{`sum("lines.*.amount")`, `{"lines":[]}`, "0"},
		{`sum("lines.*.amount")`, `{}`, "-"},
		{`sum("lines.*.amount")`, `{"lines":"[{\"amount\":2}]"}`, "2"},
		{`sum("lines.*.amount")`, `{"lines":"x"}`, `reject: allocations key=a field=lines: lines is not a list; found "x"`},
		{`sum("lines.*.amount")`, `{"lines":[{"amount":"many"}]}`, `reject: allocations key=a field=lines.*.amount: lines.*.amount is not a number; found "many"; expected a number, decimal mark "."`},
		{`count("lines.*.id")`, `{"lines":[{"id":1},{"id":2},{}]}`, "2"},
		{`dec(a, ",")`, `{"a":"12,5"}`, "12.5"},
		{`replace(a, ",", "")`, `{"a":"1,234.50"}`, "1234.5"},
		{`round(a, 2)`, `{"a":73943.04999999999}`, "73943.05"},
		{`a - 0`, `{"a":73943.04999999999}`, "reject: "},
		{`a - b`, `{"a":"x","b":1}`, `reject: allocations key=a field=a: a is not a number; found "x"`},
		{`a * b * 1`, `{"a":99999999999999999999999999,"b":99999999999999999999999999}`, "reject: allocations key=a field=a * b * 1: the result needs more than 38 digits"},
		{`dec(total.decimal) + paid`, `{"total":{"decimal":"1.5"},"paid":{"__class__":"Decimal","decimal":"608.94"}}`, "610.44"},
		{`seconds(d)`, `{"d":"PT1H30M"}`, "5400"},
		{`days_between(a, b) * 1.5`, `{"a":"2026-02-27","b":"2026-03-01"}`, "3"},
		{`year(a) * 10000 + month(a) * 100 + day(a)`, `{"a":"2026-12-31"}`, "20261231"},
		{`len(a)`, `{"a":"回款"}`, "2"},
		{`float(a) * 2`, `{"a":1}`, "compile: mapping of s: the expression \"float(a) * 2\": there is no function float; numbers are exact decimals here: write dec(…)"},
		{`a / 3`, `{"a":1}`, "compile: mapping of s: the expression \"a / 3\": the operator / is not part of the language; a quotient may have no end: write div(a, b, 4), which rounds to 4 decimals"},
		{`a + b`, `{"a":1}`, "compile: mapping of s: the expression \"a + b\": a + b may mean a sum or a text; write dec(a) + dec(b) to add them, concat(a, b) to join them"},
		{`date(a)`, `{"a":1}`, "compile: mapping of s: discount_amount is a"},
		{`a ** 2`, `{"a":1}`, "compile: mapping of s: the expression \"a ** 2\": the operator ** is not"},
		{`mean([a])`, `{"a":1}`, "compile: mapping of s: the expression \"mean([a])\": there is no function mean; did you mean len? functions are abs, "},
		{`sum(lines, .amount)`, `{}`, "compile: mapping of s: the expression \"sum(lines, .amount)\" cannot be read: unexpected token"},
	} {
		if got := calculated(t, "discount_amount", c.expr, c.record, Options{}); got != c.want && !(len(c.want) > 8 && strings.HasPrefix(got, c.want)) && !(c.want == "reject: " && strings.HasPrefix(got, c.want)) {
			t.Errorf("%s of %s: got %s, want %s", c.expr, c.record, got, c.want)
		}
	}
}

func TestExpressionsReadTheDecimalMarkOfTheSource(t *testing.T) {
	for _, c := range []struct{ expr, record, want string }{
		{`a + 1.5`, `{"a":"2,5"}`, "4"}, {`a + 1.5`, `{"a":2.5}`, "4"}, {`a == 2.5 ? 1 : 2`, `{"a":"2,50"}`, "1"}, {`sum("l.*")`, `{"l":["1,5",0.5]}`, "2"}, {`dec(a, ".")`, `{"a":"1.5"}`, "1.5"},
	} {
		if got := calculated(t, "discount_amount", c.expr, c.record, Options{Decimal: ","}); got != c.want {
			t.Errorf("%s of %s: got %s, want %s", c.expr, c.record, got, c.want)
		}
	}
}

func TestTextsAreCalculated(t *testing.T) {
	for _, c := range []struct{ expr, record, want string }{
		{`upper(a) + "-" + b`, `{"a":"inv","b":7}`, "INV-7"}, {`a + "-" + b`, `{"a":"x"}`, "-"},
		{`concat(a, " ", b)`, `{"a":"x"}`, "x"}, {`concat(a, " ", b)`, `{"a":"x","b":"y"}`, "x y"}, {`concat(a, "-", b)`, `{}`, "-"},
		{`lower(trim(a))`, `{"a":" ÄB "}`, "äb"}, {`a | trim() | upper()`, `{"a":" q "}`, "Q"}, {`trim(a, "0")`, `{"a":"00120"}`, "12"},
		{`split(a, "/", 2)`, `{"a":"x/y/z"}`, "y"}, {`split(a, "/", -1)`, `{"a":"x/y/z"}`, "z"}, {`split(a, "/", 9)`, `{"a":"x/y/z"}`, "-"},
		{`before(a, "-")`, `{"a":"CU-1-2"}`, "CU"}, {`before(a, "-")`, `{"a":"CU"}`, "CU"}, {`after(a, "-")`, `{"a":"CU-1-2"}`, "1-2"}, {`after(a, "-")`, `{"a":"CU"}`, "-"},
		{`substring(a, 2, 2)`, `{"a":"回款很好"}`, "款很"}, {`substring(a, 3)`, `{"a":"abcd"}`, "cd"}, {`substring(a, 9)`, `{"a":"abcd"}`, "-"},
		{`extract(a, "INV-(\\d+)")`, `{"a":"see INV-0042!"}`, "0042"}, {`extract(a, "x")`, `{"a":"y"}`, "-"},
		{`replace(a, "/", "-")`, `{"a":"1/2/3"}`, "1-2-3"},
		{`a matches "^S" ? "sales" : "other"`, `{"a":"SO1"}`, "sales"}, {`a startsWith "S" and not (a endsWith "2") ? "y" : "n"`, `{"a":"SO1"}`, "y"},
		{`a contains "O" ? "y" : "n"`, `{"a":"SO1"}`, "y"}, {`a in ["x", "SO1"] ? "y" : "n"`, `{"a":"SO1"}`, "y"}, {`a in [1, 2] ? "y" : "n"`, `{"a":"2.0"}`, "y"}, {`a not in [1, 2] ? "y" : "n"`, `{"a":"3"}`, "y"},
		{`a == 1 ? "y" : "n"`, `{"a":"1.00"}`, "y"}, {`a == "1" ? "y" : "n"`, `{"a":1}`, "y"}, {`a == b ? "y" : "n"`, `{"a":"x","b":"x "}`, "y"}, {`a != "x" ? "y" : "n"`, `{}`, "y"},
		{`a == nil ? "y" : "n"`, `{"a":""}`, "y"}, {`nil != a ? "y" : "n"`, `{"a":"z"}`, "y"}, {`a == true ? "y" : "n"`, `{"a":"T"}`, "y"}, {`a == false ? "y" : "n"`, `{"a":0}`, "y"},
		{`flag(a) ? "y" : "n"`, `{"a":"F"}`, "n"}, {`flag(a) ? "y" : "n"`, `{}`, "n"}, {`flag(a) ? "y" : "n"`, `{"a":"?"}`, "reject: visits key=v field=a: a is not a flag"},
		{`a > 1 ? "y" : "n"`, `{}`, "n"}, {`empty(a) ? "y" : "n"`, `{"a":[]}`, "y"}, {`empty(a) ? "y" : "n"`, `{"a":{"b":1}}`, "n"}, {`empty(a) ? "y" : "n"`, `{"a":0}`, "n"},
		{`1 < a < 3 ? "y" : "n"`, `{"a":2}`, "y"}, {`a > 1 or b > 1 ? "y" : "n"`, `{"b":2}`, "y"}, {`a != nil && a > 1 ? "y" : "n"`, `{"a":""}`, "n"},
		{`lookup("rep", id)`, `{"id":7}`, "Li"}, {`lookup("rep", "team", id)`, `{"id":7}`, "North"}, {`lookup("rep", id) ?? "nobody"`, `{"id":8}`, "nobody"},
		{`$house + ":" + id`, `{"id":7}`, "main:7"}, {`first("l.*.id")`, `{"l":[{"id":""},{"id":"q"}]}`, "q"},
		{`$["a.b"]["c d"]`, `{"a.b":{"c d":"deep"}}`, "deep"}, {`field("a\\.b.c d")`, `{"a.b":{"c d":"deep"}}`, "deep"}, {`a[1].b`, `{"a":[0,{"b":"x"}]}`, "x"}, {`客户?.名称`, `{"客户":{"名称":"阿尔法"}}`, "阿尔法"},
		{`text(date(d))`, `{"d":"2026-01-02T10:00:00"}`, "2026-01-02"}, {`"n" + (1.50 + 0.05)`, `{}`, "n1.55"}, {`a + ""`, `{"a":{"b":1}}`, "reject: visits key=v field=a: a is not a single value; found an object {\"b\":1}"},
		{`"n" + text(a)`, `{"a":1.50}`, "n1.50"}, {`text(dec(a) * 2)`, `{"a":0.0005}`, "0.0010"}, {`a`, `{"a":[1]}`, "reject: visits key=v field=a: contact_person is not a single value"},
		{`a and b`, `{}`, "compile: mapping of s: the expression \"a and b\": true or false is wanted where there is a field; compare it with something, or write flag(field)"},
		{`flag(a) ? 1 : "x"`, `{}`, "compile: mapping of s: the expression \"flag(a) ? 1 : \\\"x\\\"\": it gives a number in one case and a text in another"},
		{`a matches b`, `{}`, "compile: "}, {`a matches "("`, `{}`, "compile: "}, {`a < b`, `{}`, "compile: "}, {`$nope`, `{}`, "compile: "}, {`$`, `{}`, "compile: "}, {`upper()`, `{}`, "compile: "}, {`uper(a)`, `{}`, "compile: mapping of s: the expression \"uper(a)\": there is no function uper; did you mean upper?"},
		{`a.b()`, `{}`, "compile: "}, {`a[b]`, `{}`, "compile: "}, {`[a]`, `{}`, "compile: "}, {`{"a": 1}`, `{}`, "compile: "}, {`a[1:2]`, `{}`, "compile: "}, {`a; b`, `{}`, "compile: "}, {`field("^.a")`, `{}`, "compile: "}, {`lookup(a, b)`, `{}`, "compile: "},
		{`sum("lines")`, `{}`, "compile: "}, {`filter(a, true)`, `{}`, "compile: "}, {`date(a, "yy")`, `{}`, "compile: "}, {`let a = 1; let a = 2; a`, `{}`, "compile: "}, {`field("a..b")`, `{}`, "compile: "}, {``, `{}`, "compile: "}, {`(a`, `{}`, "compile: "},
	} {
		if got := calculated(t, "contact_person", c.expr, c.record, Options{}); got != c.want && !(len(c.want) > 8 && strings.HasPrefix(got, c.want)) {
			t.Errorf("%s of %s: got %s, want %s", c.expr, c.record, got, c.want)
		}
	}
}

func TestDaysAreCalculated(t *testing.T) {
	shanghai := mustZone(t, "Asia/Shanghai")
	for _, c := range []struct{ expr, record, want string }{
		{`date(d)`, `{"d":"2026-01-31T20:00:00Z"}`, "2026-02-01"}, {`add_days(d, 30)`, `{"d":"2026-01-31"}`, "2026-03-02"}, {`add_days(d, -n)`, `{"d":"2026-01-31","n":"31"}`, "2025-12-31"},
		{`add_months(d, 1)`, `{"d":"2026-01-31"}`, "2026-02-28"}, {`add_months(d, -13)`, `{"d":"2026-01-31"}`, "2024-12-31"}, {`end_of_month(d)`, `{"d":"2024-02-01"}`, "2024-02-29"}, {`start_of_month(d)`, `{"d":"2024-02-29"}`, "2024-02-01"},
		{`add_days(end_of_month(date(d, "D.M.YYYY")), terms ?? 0)`, `{"d":"3.2.2026","terms":null}`, "2026-02-28"}, {`max(date(a), date(b))`, `{"a":"2026-01-02","b":"2025-12-31"}`, "2026-01-02"}, {`min(date(a), b)`, `{"a":"2026-01-02","b":"2025-12-31"}`, "2025-12-31"},
		{`date(a) > b ? a : b`, `{"a":"2026-01-02","b":"2025-12-31"}`, "2026-01-02"}, {`date(a) == date(b) ? nil : a`, `{"a":"20260102","b":"2026-01-02T23:00:00"}`, "-"}, {`datetime(a) < datetime(b) ? a : b`, `{"a":"2026-01-02T10:00:00Z","b":"2026-01-02T17:00:00"}`, "2026-01-02"},
		{`add_days(d, 1)`, `{}`, "-"}, {`date(d)`, `{"d":"soon"}`, `reject: account_owners key=c/ field=d: d is not a date; found "soon"`}, {`add_days(d, 999999)`, `{"d":"2026-01-01"}`, "reject: account_owners key=c/ field=d: the day leaves the calendar"},
		{`add_days(d, 1.5)`, `{"d":"2026-01-01"}`, "reject: account_owners key=c/ field=1.5: 1.5 is not a whole number"}, {`date(d, "epoch_ms")`, `{"d":1789430400000}`, "2026-09-15"},
		{`date(d) - date(e)`, `{}`, "compile: "}, {`date(d) + 1`, `{}`, "compile: "}, {`1 + 1`, `{}`, "compile: "},
	} {
		if got := calculated(t, "valid_to", c.expr, c.record, Options{Location: shanghai}); got != c.want && !(len(c.want) > 8 && strings.HasPrefix(got, c.want)) {
			t.Errorf("%s of %s: got %s, want %s", c.expr, c.record, got, c.want)
		}
	}
	for _, c := range []struct{ expr, record, want string }{
		{`at(d, t)`, `{"d":"/Date(1789430400000)/","t":"PT10H00M00S"}`, "2026-09-15 02:00:00Z"}, {`at(d, "09:30")`, `{"d":"2026-01-01"}`, "2026-01-01 01:30:00Z"}, {`at(d, t)`, `{"d":"2026-01-01","t":"P1DT1H"}`, "reject: "},
		{`datetime(d)`, `{"d":"2015-09-09 20:20"}`, "2015-09-09 12:20:00Z"}, {`datetime(d)`, `{"d":"2026-01-01T10:00:00+0530"}`, "2026-01-01 04:30:00Z"}, {`date(d)`, `{"d":"2026-01-01"}`, "2025-12-31 16:00:00Z"},
	} {
		if got := calculated(t, "planned_at", c.expr, c.record, Options{Location: shanghai}); got != c.want && !(c.want == "reject: " && strings.HasPrefix(got, c.want)) {
			t.Errorf("%s of %s: got %s, want %s", c.expr, c.record, got, c.want)
		}
	}
}

func TestExpressionsChooseRows(t *testing.T) {
	for _, c := range []struct{ when, record, want string }{
		{`{expr: 'a > 1 and b == "x"'}`, `"a":2,"b":"x"`, "mapped 1"}, {`{expr: 'a > 1', b: x}`, `"a":2,"b":"y"`, "filtered 1"}, {`{not: {expr: 'a > 1'}}`, `"a":2`, "filtered 1"},
		{`{any: [{expr: 'a > 1'}, {b: y}]}`, `"a":0,"b":"y"`, "mapped 1"}, {`{expr: 'lookup("d", a) != nil'}`, `"a":"k"`, "mapped 1"}, {`{expr: 'dec(a) > 1'}`, `"a":"x"`, `a: a is not a number; found "x"`},
		{`{'\expr': x}`, `"expr":"x"`, "mapped 1"},
	} {
		for _, where := range []string{"- to: reps\n  when: " + c.when + "\n  fields: {rep_id: id}", "- skip_when: {not: " + c.when + "}\n- {to: reps, fields: {rep_id: id}}", "- to: reps\n  each: {path: list, where: " + c.when + "}\n  fields: {rep_id: ^.id}"} {
			out := mapReps(t, where, `[{"id":"r",`+c.record+`,"list":[{`+c.record+`}]}]`, map[string]map[string]string{"d": {"k": "v"}})
			if !strings.Contains(out, c.want) {
				t.Errorf("%s\nrecord %s: got %s, want %s", where, c.record, out, c.want)
			}
		}
	}
	out := mapReps(t, "- to: reps\n  delete_when: {expr: 'dec(gone) == 1'}\n  fields: {rep_id: id}", `[{"id":"r","gone":1},{"id":"s","gone":"?"}]`, nil)
	if !strings.Contains(out, "- rep_id=r") || !strings.Contains(out, "reject 1 reps") {
		t.Error(out)
	}
}
