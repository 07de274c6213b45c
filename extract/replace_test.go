package extract

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRecordsWithoutParentsSayWhoseRowsTheyReplace(t *testing.T) {
	// Beyond 2⁵³, where numbers that pass through a float lose their last digits.
	e := &erp{entries: []entry{{9007199254740993, noon.Add(-time.Hour)}, {9007199254740995, noon.Add(-time.Hour)}}}
	srv := httptest.NewServer(http.HandlerFunc(e.ServeHTTP))
	defer srv.Close()
	for value, want := range map[string][]string{
		"id":                      {"9007199254740993", "9007199254740995"},
		`"line-{{ .record.id }}"`: {"line-9007199254740993", "line-9007199254740995"},
	} {
		s, _ := openTest(t, strings.Replace(byID, "    records: result", "    records: result\n    replace: {tables: [invoices], by: invoice_id, value: "+value+"}", 1), srv.URL, nil)
		var got []string
		for p, err := range s.Pages(context.Background(), "invoices", nil) {
			if err != nil {
				t.Fatal(err)
			}
			if p.Replace != nil {
				got = append(got, p.Replace.Values...)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("value: %s replaces the rows of %v, want %v", value, got, want)
		}
	}
}

func TestReplaceWithoutParentNeedsAValue(t *testing.T) {
	_, err := ParseConnector("test", []byte(strings.Replace(byID, "    records: result", "    records: result\n    replace: {tables: [invoices], by: invoice_id}", 1)))
	if err == nil || !strings.Contains(err.Error(), `needs the key "value"`) {
		t.Errorf("the connector is accepted: %v", err)
	}
}
