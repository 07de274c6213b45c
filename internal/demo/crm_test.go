package demo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

type crmPage struct {
	Total   int
	Results []struct {
		ID         string
		Archived   bool
		Properties map[string]*string
		History    map[string][]struct{ Value, Timestamp string } `json:"propertiesWithHistory"`
	}
	Paging struct{ Next struct{ After string } }
}

func (s *Servers) crmCall(t *testing.T, method, path, body string) (int, crmPage, string) {
	t.Helper()
	status, text := call(t, method, s.CRMURL+path, "Bearer "+s.CRMToken, body)
	var page crmPage
	if status == 200 {
		if err := json.Unmarshal([]byte(text), &page); err != nil {
			t.Fatalf("%s: %v: %s", path, err, text)
		}
	}
	return status, page, text
}

func TestASearchReachesTenThousandMeetingsAndNoMore(t *testing.T) {
	c := NewCompany(Options{Invoices: 42_000})
	s := serve(t, c, ServeOptions{})
	search := func(filters, after string) (int, crmPage, string) {
		return s.crmCall(t, "POST", "/crm/v3/objects/meetings/search", fmt.Sprintf(`{"filterGroups":[{"filters":[%s]}],"sorts":["hs_lastmodifieddate"],"limit":200,"after":%q,"properties":["hs_meeting_outcome"]}`, filters, after))
	}
	_, first, _ := search("", "")
	if first.Total <= 10_000 {
		t.Fatalf("only %d meetings: too few for this test", first.Total)
	}
	if status, page, _ := search("", "9800"); status != 200 || len(page.Results) != 200 {
		t.Errorf("the last page allowed: %d with %d", status, len(page.Results))
	}
	if status, _, text := search("", "9801"); status != 400 || !strings.Contains(text, "VALIDATION_ERROR") {
		t.Errorf("beyond 10,000: %d %s", status, text)
	}

	// Moving the window by the last value seen finds them all.
	seen := map[string]bool{}
	since, tie, lastID := int64(0), false, ""
	for range 500 {
		filter := fmt.Sprintf(`{"propertyName":"hs_lastmodifieddate","operator":"GTE","value":"%d"}`, since)
		if tie {
			filter = fmt.Sprintf(`{"propertyName":"hs_lastmodifieddate","operator":"GT","value":"%d"}`, since)
		}
		_, page, _ := search(filter, "")
		for _, x := range page.Results {
			at, err := time.Parse("2006-01-02T15:04:05.000Z", *x.Properties["hs_lastmodifieddate"])
			if err != nil || at.UnixMilli() < since {
				t.Fatalf("meeting %s changed at %v, before %d (%v)", x.ID, at, since, err)
			}
			since, lastID = at.UnixMilli(), x.ID
			seen[x.ID] = true
		}
		// Records of the very instant at which the page ended come first.
		_, rest, _ := s.crmCall(t, "POST", "/crm/v3/objects/meetings/search", fmt.Sprintf(`{"filterGroups":[{"filters":[{"propertyName":"hs_lastmodifieddate","operator":"EQ","value":"%d"},{"propertyName":"hs_object_id","operator":"GT","value":%q}]}],"sorts":[{"propertyName":"hs_object_id","direction":"ASCENDING"}],"limit":200}`, since, lastID))
		for _, x := range rest.Results {
			seen[x.ID] = true
		}
		tie = true
		if len(page.Results) < 200 {
			break
		}
	}
	if len(seen) != first.Total {
		t.Errorf("the moving window found %d of %d meetings", len(seen), first.Total)
	}
}

func TestCompaniesTellTheHistoryOfTheirOwners(t *testing.T) {
	c := NewCompany(Options{Seed: 9, Invoices: 900})
	s := serve(t, c, ServeOptions{})
	after, seen := "", 0
	for range 100 {
		_, page, _ := s.crmCall(t, "GET", "/crm/v3/objects/companies?limit=50&propertiesWithHistory=hubspot_owner_id&properties=erp_customer_id,hubspot_owner_id&after="+after, "")
		for _, x := range page.Results {
			k := c.customers[seen]
			history := x.History["hubspot_owner_id"]
			if *x.Properties["erp_customer_id"] != k.name || history[0].Value != *x.Properties["hubspot_owner_id"] {
				t.Fatalf("%s: %+v", k.name, x)
			}
			for i := 1; i < len(history); i++ {
				if history[i].Timestamp >= history[i-1].Timestamp {
					t.Errorf("%s: the newest owner should come first: %+v", k.name, history)
				}
			}
			seen++
		}
		if after = page.Paging.Next.After; after == "" {
			break
		}
	}
	if seen != len(c.customers) {
		t.Errorf("%d of %d companies", seen, len(c.customers))
	}
	if status, _, _ := s.crmCall(t, "GET", "/crm/v3/objects/companies?limit=51&propertiesWithHistory=name", ""); status != 400 {
		t.Errorf("51 with history: %d, want 400", status)
	}
}

func TestVisitsBelongToCustomersAndOwners(t *testing.T) {
	c := NewCompany(Options{Seed: 9, Invoices: 900})
	s := serve(t, c, ServeOptions{})
	var x *visit
	for _, v := range c.visits {
		if v.promise != nil && !v.call {
			x = v
		}
	}
	_, page, _ := s.crmCall(t, "POST", "/crm/v3/objects/meetings/search", fmt.Sprintf(`{"filterGroups":[{"filters":[{"propertyName":"hs_object_id","operator":"EQ","value":"%d"}]}],"properties":["promise_amount","promise_due","refusal_code","hubspot_owner_id"]}`, visitID(x)))
	if len(page.Results) != 1 {
		t.Fatalf("%d meetings", len(page.Results))
	}
	p := page.Results[0].Properties
	if *p["promise_amount"] != x.promise.amount.String() || *p["promise_due"] != x.promise.due.String() || p["refusal_code"] != nil || *p["hubspot_owner_id"] != text64(ownerID(x.customer.ownerOn(x.begins.date()))) {
		t.Errorf("properties %v", p)
	}
	_, _, text := s.crmCall(t, "POST", "/crm/v4/associations/meetings/companies/batch/read", fmt.Sprintf(`{"inputs":[{"id":"%d"}]}`, visitID(x)))
	if !strings.Contains(text, fmt.Sprintf(`"toObjectId":%d`, companyID(x.customer))) {
		t.Error(text)
	}
	_, _, text = s.crmCall(t, "GET", fmt.Sprintf("/crm/v3/objects/meetings?associations=companies&limit=1&after=%d", visitID(x)-1), "")
	if !json.Valid([]byte(text)) || !strings.Contains(text, fmt.Sprintf(`"associations":{"companies":{"results":[{"id":"%d"`, companyID(x.customer))) {
		t.Error(text)
	}
	_, _, active := s.crmCall(t, "GET", "/crm/v3/owners", "")
	_, _, gone := s.crmCall(t, "GET", "/crm/v3/owners?archived=true", "")
	if strings.Count(active, `"email"`) != 23 || strings.Count(gone, `"email"`) != 1 || !strings.Contains(gone, `"e1014@haiyue.example"`) {
		t.Errorf("owners: %s\nand %s", active, gone)
	}
	archived := 0
	for _, v := range c.visits {
		if v.archived != 0 && !v.call {
			archived++
		}
	}
	if _, page, _ := s.crmCall(t, "GET", "/crm/v3/objects/meetings?archived=true&limit=100", ""); len(page.Results) != archived {
		t.Errorf("%d archived meetings listed, want %d", len(page.Results), archived)
	}
}

func TestTheCRMRefusesAsHubSpotDoes(t *testing.T) {
	s := serve(t, NewCompany(Options{Invoices: 100}), ServeOptions{})
	if status, text := call(t, "GET", s.CRMURL+"/crm/v3/owners", "Bearer wrong", ""); status != 401 || !strings.Contains(text, "INVALID_AUTHENTICATION") {
		t.Errorf("wrong token: %d %s", status, text)
	}
	for path, want := range map[string]int{"/crm/v3/objects/things": 400, "/crm/v3/objects/meetings?limit=101": 400, "/crm/v3/objects/meetings/1": 404, "/nowhere": 404} {
		if status, _, text := s.crmCall(t, "GET", path, ""); status != want {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	for body, want := range map[string]int{`{"limit":201}`: 400, `{`: 400, `{"filterGroups":[{"filters":[{"propertyName":"nope","operator":"EQ","value":"1"}]}]}`: 400, `{"sorts":["hs_object_id","hs_timestamp"]}`: 400, `{}`: 200} {
		if status, _, text := s.crmCall(t, "POST", "/crm/v3/objects/meetings/search", body); status != want {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
}

func TestFaultsComeWhenAskedFor(t *testing.T) {
	c := NewCompany(Options{Invoices: 100})
	ask := func(s *Servers, crm bool) (*http.Response, error) {
		r, _ := http.NewRequest("GET", s.ERPURL+"/api/resource/Customer?limit_page_length=0", nil)
		r.Header.Set("Authorization", s.erpAuth())
		if crm {
			r, _ = http.NewRequest("GET", s.CRMURL+"/crm/v3/owners", nil)
			r.Header.Set("Authorization", "Bearer "+s.CRMToken)
		}
		answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
		if err == nil {
			defer answer.Body.Close()
			_, err = new(strings.Builder), json.NewDecoder(answer.Body).Decode(new(any))
		}
		return answer, err
	}
	s := serve(t, c, ServeOptions{Faults: Faults{TooMany: 2, RetryAfter: 1500 * time.Millisecond}})
	for i, want := range []int{200, 429, 200, 429} {
		answer, _ := ask(s, i == 3)
		if answer == nil || answer.StatusCode != want || want == 429 && answer.Header.Get("Retry-After") != "2" {
			t.Fatalf("request %d: %+v, want %d", i+1, answer, want)
		}
	}
	if s.FaultsGiven() != 2 || s.Requests() != 4 {
		t.Errorf("%d faults in %d requests", s.FaultsGiven(), s.Requests())
	}
	s = serve(t, c, ServeOptions{Faults: Faults{Reset: 2, Truncate: 3}})
	for i, broken := range []bool{false, true, true, true} {
		if _, err := ask(s, false); (err != nil) != broken {
			t.Errorf("request %d: %v", i+1, err)
		}
	}
}
