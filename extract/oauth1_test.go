package extract

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// The examples of RFC 5849: the signed text of section 3.4.1.1, with two
// parameters of one name, and the signature of section 1.2.
func TestOAuth1SignsAsTheStandardSays(t *testing.T) {
	u, err := url.Parse("http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b")
	if err != nil {
		t.Fatal(err)
	}
	o := &oauth1{}
	own := []param{{"oauth_consumer_key", "9djdj82h48djs9d2"}, {"oauth_token", "kkk9d7dh3k39sjv7"}, {"oauth_signature_method", "HMAC-SHA1"},
		{"oauth_timestamp", "137131201"}, {"oauth_nonce", "7d8f3e4a"}}
	want := "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2" +
		"%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
	if got := o.baseString("post", u, url.Values{"c2": {""}, "a3": {"2 q"}}, own); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	photo, err := url.Parse("http://PHOTOS.example.net:80/photos?file=vacation.jpg&size=original")
	if err != nil {
		t.Fatal(err)
	}
	o = &oauth1{method: "HMAC-SHA1", consumerSecret: "kd94hf93k423kf44", tokenSecret: "pfkkdhi9sl3r4s00"}
	own = []param{{"oauth_consumer_key", "dpf43f3p2l4k3l03"}, {"oauth_token", "nnch734d00sl2jdk"}, {"oauth_signature_method", "HMAC-SHA1"},
		{"oauth_timestamp", "137131202"}, {"oauth_nonce", "chapoH"}}
	if got := o.sign(o.baseString("GET", photo, nil, own)); got != "MdpQcU8iPSUjWoN/UDMsK2sui9I=" {
		t.Errorf("signature %s", got)
	}
}

func TestEveryAttemptIsSignedAnew(t *testing.T) {
	var headers []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers = append(headers, r.Header.Get("Authorization"))
		if len(headers) == 1 {
			w.WriteHeader(503)
			return
		}
		body(200, "application/json", `{"data":[{"id":"a"}]}`)(w, r)
	}))
	defer srv.Close()
	s, _ := openTest(t, `
name: signed
settings:
  url: {type: url, required: true, help: address}
  secret: {type: secret, default: "consumer&secret", help: secret}
http:
  base: "{{ .settings.url }}"
  auth: {type: oauth1, consumer_key: ck, consumer_secret: "{{ .settings.secret }}", token: tk, token_secret: ts-secret, realm: 123_SB1}
streams:
  - name: invoices
    request: {method: POST, path: /query, query: {limit: "1000", q: "a b+c"}, json: '{"q":"SELECT"}'}
    records: data
    emit: [{to: invoices, fields: {invoice_id: id}}]
`, srv.URL, nil)
	if ids, _, err := read(s, "invoices", nil); err != nil || len(ids) != 1 {
		t.Fatalf("got %v, %v", ids, err)
	}
	if len(headers) != 2 || headers[0] == headers[1] {
		t.Fatalf("two attempts with the headers %q: a nonce counts once", headers)
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(headers[1], "OAuth "), ", ") {
		name, value, _ := strings.Cut(part, "=")
		parts[name], _ = url.PathUnescape(strings.Trim(value, `"`))
	}
	o := &oauth1{consumer: "ck", consumerSecret: "consumer&secret", token: "tk", tokenSecret: "ts-secret", realm: "123_SB1", method: "HMAC-SHA256",
		now: func() time.Time { return noon }, nonce: func() string { return parts["oauth_nonce"] }}
	u, err := url.Parse(srv.URL + "/query?q=a+b%2Bc&limit=1000")
	if err != nil {
		t.Fatal(err)
	}
	if want := o.header("POST", u, nil); headers[1] != want || parts["realm"] != "123_SB1" || parts["oauth_signature_method"] != "HMAC-SHA256" {
		t.Errorf("got  %s\nwant %s", headers[1], want)
	}
}
