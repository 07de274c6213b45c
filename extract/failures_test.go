package extract

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestErrorsWithStatus200AreErrors(t *testing.T) {
	denied := `{"error": {"code": 200, "message": "Odoo Server Error", "data": {"name": "odoo.exceptions.AccessError", "message": "You are not allowed\nto access", "debug": "Traceback"}}}`
	for _, tc := range []struct {
		name, rules, records, answer string
		want                         []string
		denied, temporary            bool
		calls                        int
	}{
		{"Odoo", `[{when: error, code: error.data.name, message: error.data.message, matches: "AccessError|AccessDenied", class: denied}, {when: error}]`, "result", denied,
			[]string{"though the status is 200: odoo.exceptions.AccessError: You are not allowed to access", "Give the user the rights"}, true, false, 1},
		{"Tryton", `[{when: error, code: error.0, message: error.1.0, hint: Look into the log}]`, "result", `{"id": 1, "error": ["UserError", ["The party is not valid", ""]]}`,
			[]string{"UserError: The party is not valid. Look into the log"}, false, false, 1},
		{"Tryton, a field that is not there", `[{when: error, code: error.0, message: error.1}]`, "result", `{"id": 1, "error": ["'nope'", ""]}`, []string{"'nope'"}, false, false, 1},
		{"Kingdee, as an array of arrays", `[{when: 0.0.Result.ResponseStatus.IsSuccess, equals: "false", message: 0.0.Result.ResponseStatus.Errors.0.Message}]`, "",
			`[[{"Result":{"ResponseStatus":{"ErrorCode":500,"IsSuccess":false,"Errors":[{"Message":"字段不存在"}]}}}]]`, []string{"字段不存在"}, false, false, 1},
		{"Yonyou", `[{when: errcode, not_in: ["0"], code: errcode, message: errmsg}]`, "oughtreceive", `{"errcode":"20002","errmsg":"token无效","oughtreceive":[]}`, []string{"20002: token无效"}, false, false, 1},
		{"an error beside records", `[{when: warnings.0.fatal, message: warnings.0.text}]`, "data", `{"data":[{"id":"a","warnings":[{"fatal":false}]}],"warnings":[{"fatal":true,"text":"half of it"}]}`, []string{"half of it"}, false, false, 1},
		{"one that passes", `[{when: error, message: error.message, matches: could not serialize, class: retry}]`, "result", `{"error":{"message":"could not serialize access"}}`, []string{"could not serialize", "try again later"}, false, true, 3},
		{"a burst of 500 with an error in it", `[{when: error, message: error}]`, "data", "500 " + `{"error":"deadlock"}`, []string{"500", "(deadlock)", "try again later"}, false, true, 3},
		{"a status that is told apart", `[{status: [403], matches: REQUEST_LIMIT_EXCEEDED, class: retry, hint: Wait for tomorrow}]`, "result", "403 " + `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`,
			[]string{"403 Forbidden (REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.)", "Wait for tomorrow"}, false, true, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			calls := 0
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls++
				w.Header().Set("Content-Type", "application/json")
				text, status := tc.answer, 200
				if number, after, ok := strings.Cut(text, " "); ok && len(number) == 3 {
					text = after
					fmt.Sscan(number, &status)
				}
				w.WriteHeader(status)
				fmt.Fprint(w, text)
			}))
			defer srv.Close()
			s, _ := openTest(t, ruled(tc.rules, tc.records, ""), srv.URL, nil)
			_, _, err := read(s, "invoices", nil)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
			if e.Denied != tc.denied || e.Temporary != tc.temporary || calls != tc.calls || strings.Contains(err.Error(), "Traceback") {
				t.Errorf("denied %v, temporary %v, asked %d times: %v", e.Denied, e.Temporary, calls, err)
			}
		})
	}
}

// ruled is a connector with rules about errors.
func ruled(rules, records, more string) string {
	return fmt.Sprintf(`
name: ruled
settings: {url: {type: url, required: true, help: address}}
http:
  base: "{{ .settings.url }}"
  retry: {attempts: 3, wait: 1s, never: [503]}
  errors: %s
%s
streams:
  - name: invoices
    request: {path: /invoices}
    records: %q
    emit: [{to: invoices, fields: {invoice_id: id}}]
`, rules, more, records)
}

func TestGoodAnswersAreNotTakenForErrors(t *testing.T) {
	for _, tc := range []struct{ rules, records, answer string }{
		{`[{when: errcode, not_in: ["0"]}]`, "list", `{"errcode":0,"list":[{"id":"a"}]}`},
		{`[{when: error}]`, "list", `{"error":null,"list":[{"id":"a"}]}`},
		{`[{when: error}]`, "list", `{"error":false,"list":[{"id":"a","error":"in a record"}]}`},
		{`[{when: error}]`, "list", `{"list":[{"id":"a"}],"error":[]}`},
		{`[{when: 0.0.Result.ResponseStatus.IsSuccess, equals: "false"}]`, "", `[{"id":"a"}]`},
		{`[{status: [200], matches: "a"}]`, "list", `{"list":[{"id":"a"}]}`},
	} {
		srv := httptest.NewServer(http.HandlerFunc(body(200, "application/json", tc.answer)))
		s, _ := openTest(t, ruled(tc.rules, tc.records, ""), srv.URL, nil)
		if ids, _, err := read(s, "invoices", nil); err != nil || len(ids) != 1 {
			t.Errorf("%s with %s: got %v, %v", tc.answer, tc.rules, ids, err)
		}
		srv.Close()
	}
}

func TestAnEmptyListComesInMoreThanOneShape(t *testing.T) {
	found := `{"error":{"code":404,"message":"Not Found: No third parties found"}}`
	const onlyWhere = "  empty: {status: [204, 304, 404], missing: true}"
	for _, tc := range []struct {
		name, empty string
		serve       http.HandlerFunc
		want        string // empty = an empty list
	}{
		{"404 that means empty", onlyWhere, body(404, "application/json", found), ""},
		{"404 without a body", onlyWhere, body(404, "", ""), ""},
		{"404 of a web server", onlyWhere, body(404, "text/html", "<h1>Not Found</h1>"), "404"},
		{"404 where it is not declared", "", body(404, "application/json", found), "No third parties found"},
		{"204", onlyWhere, body(204, "", ""), ""},
		{"204 where it is not declared", "", body(204, "", ""), "an empty answer"},
		{"304", onlyWhere, body(304, "", ""), ""},
		{"304 where it is not declared", "", body(304, "", ""), "304 Not Modified"},
		{"absent list", onlyWhere, body(200, "application/json", `{"answer":{}}`), ""},
		{"absent list where it is not declared", "", body(200, "application/json", `{"answer":{}}`), "no list of records"},
		{"another answer altogether", onlyWhere, body(200, "application/json", `{"fault":"x"}`), "no list of records"},
		{"a list that is none", onlyWhere, body(200, "application/json", `{"answer":{"list":"x"}}`), "no list of records"},
		{"a rule that says so", "  empty: {status: []}", body(404, "application/json", found), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := httptest.NewServer(tc.serve)
			defer srv.Close()
			rules := "[]"
			if strings.HasPrefix(tc.name, "a rule") {
				rules = `[{status: [404], matches: "No .* found", class: empty}]`
			}
			s, _ := openTest(t, ruled(rules, "answer.list", tc.empty), srv.URL, nil)
			ids, _, err := read(s, "invoices", nil)
			if tc.want == "" && err != nil || len(ids) > 0 {
				t.Errorf("got %v, %v", ids, err)
			}
			if tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
	// A request may have rules of its own.
	srv := httptest.NewServer(http.HandlerFunc(body(404, "application/json", found)))
	defer srv.Close()
	own := strings.Replace(ruled("[]", "answer.list", onlyWhere), "{path: /invoices}", "{path: /invoices, empty: {status: [204]}}", 1)
	s, _ := openTest(t, own, srv.URL, nil)
	if _, _, err := read(s, "invoices", nil); err == nil {
		t.Error("the request's own empty does not count")
	}
}

func TestAStatusThatIsNeverRetriedIsFinal(t *testing.T) {
	calls := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		body(503, "application/json", `{"error":{"code":503,"message":"Error when retrieve: Unknown column 't.nope' in 'order clause'"}}`)(w, r)
	}))
	defer srv.Close()
	s, sl := openTest(t, ruled(`[{status: [503], class: retry}]`, "", ""), srv.URL, nil)
	_, _, err := read(s, "invoices", nil)
	if err == nil || !strings.Contains(err.Error(), "Unknown column 't.nope'") || calls != 1 || len(sl.waited) > 0 {
		t.Errorf("got %v after %d requests", err, calls)
	}
	calls = 0
	srv2 := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls++; calls < 3 {
			body(409, "application/json", `{"message":"locked by another request"}`)(w, r)
			return
		}
		body(200, "application/json", `[{"id":"a"}]`)(w, r)
	}))
	defer srv2.Close()
	on := strings.Replace(ruled(`[]`, "", ""), "never: [503]", "on: {matches: locked by}", 1)
	s, _ = openTest(t, on, srv2.URL, nil)
	if ids, _, err := read(s, "invoices", nil); err != nil || len(ids) != 1 {
		t.Errorf("retry.on: got %v, %v", ids, err)
	}
}
