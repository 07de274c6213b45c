package extract

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// oauth1 signs every request by RFC 5849, each attempt anew: a nonce counts once.
// It is our own because the usual library signs only the first of several
// parameters of one name.
type oauth1 struct {
	next                     http.RoundTripper
	consumer, consumerSecret string
	token, tokenSecret       string
	realm, method            string
	now                      func() time.Time
	nonce                    func() string
}

// newOAuth1 wraps what sends requests.
func newOAuth1(c *client, data map[string]any, next http.RoundTripper) (*oauth1, error) {
	text := map[string]string{}
	for name, t := range c.decl.auth.texts {
		v, err := t.render(data)
		if err != nil {
			return nil, err
		}
		text[name] = v
	}
	for _, name := range []string{"consumer_secret", "token", "token_secret"} {
		c.secrets.add(text[name])
	}
	o := &oauth1{next: next, consumer: text["consumer_key"], consumerSecret: text["consumer_secret"], token: text["token"],
		tokenSecret: text["token_secret"], realm: text["realm"], method: c.decl.auth.signature, now: c.opts.Now, nonce: rand.Text}
	if o.method == "" {
		o.method = "HMAC-SHA256"
	}
	return o, nil
}

// RoundTrip signs a copy of the request and sends it.
func (o *oauth1) RoundTrip(req *http.Request) (*http.Response, error) {
	signed := req.Clone(req.Context())
	var form url.Values
	if strings.HasPrefix(req.Header.Get("Content-Type"), "application/x-www-form-urlencoded") && req.Body != nil {
		text, err := io.ReadAll(req.Body)
		req.Body.Close()
		if err != nil {
			return nil, err
		}
		signed.Body = io.NopCloser(bytes.NewReader(text))
		if form, err = url.ParseQuery(string(text)); err != nil {
			return nil, err
		}
	}
	signed.Header.Set("Authorization", o.header(req.Method, req.URL, form))
	return o.next.RoundTrip(signed)
}

// header is the value of Authorization for a request.
func (o *oauth1) header(method string, u *url.URL, form url.Values) string {
	own := []param{{"oauth_consumer_key", o.consumer}, {"oauth_nonce", o.nonce()}, {"oauth_signature_method", o.method},
		{"oauth_timestamp", strconv.FormatInt(o.now().Unix(), 10)}, {"oauth_token", o.token}, {"oauth_version", "1.0"}}
	own = append(own, param{"oauth_signature", o.sign(o.baseString(method, u, form, own))})
	var b strings.Builder
	b.WriteString("OAuth ")
	if o.realm != "" {
		fmt.Fprintf(&b, `realm="%s", `, escape5849(o.realm))
	}
	for i, p := range own {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `%s="%s"`, p.name, escape5849(p.value))
	}
	return b.String()
}

// baseString is what is signed (RFC 5849, 3.4.1).
func (o *oauth1) baseString(method string, u *url.URL, form url.Values, own []param) string {
	host := strings.ToLower(u.Host)
	if u.Scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	} else {
		host = strings.TrimSuffix(host, ":80")
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	var pairs [][2]string
	add := func(name, value string) { pairs = append(pairs, [2]string{escape5849(name), escape5849(value)}) }
	for _, values := range []url.Values{u.Query(), form} {
		for name, list := range values {
			for _, v := range list {
				add(name, v)
			}
		}
	}
	for _, p := range own {
		add(p.name, p.value)
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		if c := strings.Compare(a[0], b[0]); c != 0 {
			return c
		}
		return strings.Compare(a[1], b[1])
	})
	parts := make([]string, len(pairs))
	for i, p := range pairs {
		parts[i] = p[0] + "=" + p[1]
	}
	return strings.ToUpper(method) + "&" + escape5849(u.Scheme+"://"+host+path) + "&" + escape5849(strings.Join(parts, "&"))
}

func (o *oauth1) sign(base string) string {
	algorithm := func() hash.Hash { return sha256.New() }
	if o.method == "HMAC-SHA1" {
		algorithm = sha1.New
	}
	h := hmac.New(algorithm, []byte(escape5849(o.consumerSecret)+"&"+escape5849(o.tokenSecret)))
	h.Write([]byte(base))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// escape5849 escapes every byte but letters, digits and -._~ (RFC 5849, 3.6).
func escape5849(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
