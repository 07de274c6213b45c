package extract

import (
	"slices"
	"testing"
)

func TestAConnectorTellsWhatItDoes(t *testing.T) {
	c, err := Shipped("erpnext")
	if err != nil {
		t.Fatal(err)
	}
	d := c.Doc()
	if d.SignIn.Type != "header" || !slices.Equal(d.SignIn.Settings, []string{"api_key", "api_secret"}) {
		t.Errorf("it signs in by %+v", d.SignIn)
	}
	i := slices.IndexFunc(d.Streams, func(s StreamDoc) bool { return s.Name == "customers" })
	if i < 0 {
		t.Fatalf("no stream customers in %+v", d.Streams)
	}
	s := d.Streams[i]
	if s.Reads != "GET /api/resource/Customer" || s.Pages != "keyset" || s.Continues != "modified" || !slices.Contains(s.Fills, "customers") {
		t.Errorf("customers: %+v", s)
	}
	if i := slices.IndexFunc(d.Streams, func(s StreamDoc) bool { return s.Name == "customer_owner" }); i < 0 || !d.Streams[i].Dictionary || d.Streams[i].Continues != "" {
		t.Errorf("customer_owner should be a dictionary that is read whole: %+v", d.Streams[i])
	}
}
