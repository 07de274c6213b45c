package demo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-faster/jx"
)

// searchRequest is the body of a search.
type searchRequest struct {
	FilterGroups []struct {
		Filters []searchFilter `json:"filters"`
	} `json:"filterGroups"`
	Sorts      []json.RawMessage `json:"sorts"`
	Properties []string          `json:"properties"`
	Limit      int               `json:"limit"`
	After      json.RawMessage   `json:"after"`
}

type searchFilter struct {
	PropertyName string          `json:"propertyName"`
	Operator     string          `json:"operator"`
	Value        json.RawMessage `json:"value"`
	HighValue    json.RawMessage `json:"highValue"`
	Values       []string        `json:"values"`
}

func plain(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// search finds records by filters: groups are alternatives, the filters of a
// group all hold. No more than 10,000 results of a search can be reached.
func (h *crm) search(w http.ResponseWriter, r *http.Request, o *objects) {
	ask := searchRequest{Limit: 10}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		crmError(w, http.StatusBadRequest, "VALIDATION_ERROR", "Invalid input JSON on line 1, column 1: "+err.Error(), "")
		return
	}
	if ask.Limit < 1 || ask.Limit > searchPage {
		crmError(w, http.StatusBadRequest, "VALIDATION_ERROR", fmt.Sprintf("The maximum page size is %d", searchPage), "")
		return
	}
	after, err := strconv.Atoi(strings.Trim(string(ask.After), `"`))
	if len(ask.After) > 0 && string(ask.After) != "null" && string(ask.After) != `""` && err != nil {
		crmError(w, http.StatusBadRequest, "VALIDATION_ERROR", "after must be a number of results", "")
		return
	}
	if after+ask.Limit > searchTotal {
		crmError(w, http.StatusBadRequest, "VALIDATION_ERROR", fmt.Sprintf("Paging is limited to the first %d results of a search; refine the filters", searchTotal), "")
		return
	}
	found, err := o.find(ask)
	if err != nil {
		crmError(w, http.StatusBadRequest, "VALIDATION_ERROR", err.Error(), "")
		return
	}
	names := o.names(ask.Properties)
	page := found[min(after, len(found)):min(after+ask.Limit, len(found))]
	out := jx.GetWriter()
	defer jx.PutWriter(out)
	fmt.Fprintf(out, `{"total":%d,"results":[`, len(found))
	for n, i := range page {
		if n > 0 {
			out.RawStr(",")
		}
		o.record(out, i, names, nil)
	}
	out.RawStr("]")
	if after+len(page) < len(found) {
		fmt.Fprintf(out, `,"paging":{"next":{"after":"%d"}}`, after+len(page))
	}
	out.RawStr("}")
	sendJSON(w, http.StatusOK, out.Buf)
}

// find returns the matching records, sorted.
func (o *objects) find(ask searchRequest) ([]int, error) {
	o.index()
	var groups [][]func(int) bool
	for _, g := range ask.FilterGroups {
		var tests []func(int) bool
		for _, f := range g.Filters {
			test, err := o.test(f)
			if err != nil {
				return nil, err
			}
			tests = append(tests, test)
		}
		groups = append(groups, tests)
	}
	var found []int
	for _, i := range o.byModified {
		if len(groups) == 0 || slices.ContainsFunc(groups, func(tests []func(int) bool) bool {
			return !slices.ContainsFunc(tests, func(test func(int) bool) bool { return !test(i) })
		}) {
			found = append(found, i)
		}
	}
	return found, o.sort(found, ask.Sorts)
}

// test makes one filter ready to ask. A filter on the last change, which every
// incremental reader sends, is compared without formatting the instant.
func (o *objects) test(f searchFilter) (func(int) bool, error) {
	name := f.PropertyName
	read := o.properties[name]
	if read == nil {
		return nil, badSearch("There was a problem with the request: property %q does not exist", name)
	}
	low, isNumber := o.number(name, plain(f.Value))
	compare := func(i int, want string, wantNumber float64) int {
		if !isNumber {
			return strings.Compare(strings.ToLower(read(i)), strings.ToLower(want))
		}
		var mine float64
		switch name {
		case o.modifiedAt:
			mine = float64(o.touched(i).modified.millis())
		case "hs_object_id":
			mine = float64(o.id(i))
		default:
			mine, _ = o.number(name, read(i))
		}
		return int(max(min(mine-wantNumber, 1), -1))
	}
	value := plain(f.Value)
	always := name == o.modifiedAt || name == o.createdAt || name == "hs_object_id"
	has := func(i int) bool { return always || read(i) != "" }
	sign := func(i int) int { return compare(i, value, low) }
	switch f.Operator {
	case "EQ":
		return func(i int) bool { return has(i) && sign(i) == 0 }, nil
	case "NEQ":
		return func(i int) bool { return has(i) && sign(i) != 0 }, nil
	case "GT":
		return func(i int) bool { return has(i) && sign(i) > 0 }, nil
	case "GTE":
		return func(i int) bool { return has(i) && sign(i) >= 0 }, nil
	case "LT":
		return func(i int) bool { return has(i) && sign(i) < 0 }, nil
	case "LTE":
		return func(i int) bool { return has(i) && sign(i) <= 0 }, nil
	case "BETWEEN":
		high, _ := o.number(name, plain(f.HighValue))
		return func(i int) bool { return has(i) && sign(i) >= 0 && compare(i, plain(f.HighValue), high) <= 0 }, nil
	case "IN":
		return func(i int) bool { return slices.Contains(f.Values, read(i)) }, nil
	case "NOT_IN":
		return func(i int) bool { return has(i) && !slices.Contains(f.Values, read(i)) }, nil
	case "HAS_PROPERTY":
		return has, nil
	case "NOT_HAS_PROPERTY":
		return func(i int) bool { return !has(i) }, nil
	case "CONTAINS_TOKEN":
		token := strings.ToLower(strings.Trim(value, "*"))
		return func(i int) bool { return strings.Contains(strings.ToLower(read(i)), token) }, nil
	}
	return nil, badSearch("Invalid operator %q: it must be one of EQ, NEQ, LT, LTE, GT, GTE, BETWEEN, IN, NOT_IN, HAS_PROPERTY, NOT_HAS_PROPERTY, CONTAINS_TOKEN", f.Operator)
}

// sort orders by the one property that HubSpot allows; without any the oldest
// record comes first.
func (o *objects) sort(found []int, sorts []json.RawMessage) error {
	if len(sorts) > 1 {
		return badSearch("Only one sort can be given")
	}
	if len(sorts) == 0 {
		slices.Sort(found)
		return nil
	}
	var by struct {
		PropertyName string `json:"propertyName"`
		Direction    string `json:"direction"`
	}
	if name := plain(sorts[0]); !strings.HasPrefix(name, "{") {
		by.PropertyName = strings.TrimPrefix(name, "-")
		if strings.HasPrefix(name, "-") {
			by.Direction = "DESCENDING"
		}
	} else if err := json.Unmarshal(sorts[0], &by); err != nil {
		return err
	}
	down := by.Direction == "DESCENDING"
	read := o.properties[by.PropertyName]
	switch {
	case read == nil:
		return badSearch("Cannot sort by %q: no such property", by.PropertyName)
	case by.PropertyName == o.modifiedAt && !down:
		return nil // found is in this order already
	case by.PropertyName == "hs_object_id" && !down:
		slices.Sort(found) // records are numbered in order of their ids
		return nil
	}
	slices.SortStableFunc(found, func(a, b int) int {
		x, isNumber := o.number(by.PropertyName, read(a))
		y, _ := o.number(by.PropertyName, read(b))
		c := strings.Compare(read(a), read(b))
		if isNumber {
			c = int(max(min(x-y, 1), -1))
		}
		if down {
			c = -c
		}
		return c
	})
	return nil
}

// badSearch is a refusal in HubSpot's words, which begin with a capital.
func badSearch(format string, args ...any) error { return refusal(fmt.Sprintf(format, args...)) }

type refusal string

func (r refusal) Error() string { return string(r) }
