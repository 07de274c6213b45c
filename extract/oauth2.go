package extract

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"

	"github.com/go-faster/jx"
)

// tokenSigner signs in by asking for a token (RFC 6749): with the secret of an
// app, with a refresh token, or with a signed request (RFC 7523).
//
// golang.org/x/oauth2 is not used: it hides the fields of the answer that stand
// beside the token, such as Salesforce's instance_url, and hands a token on
// before a rotated refresh token could be stored.
type tokenSigner struct {
	client *client
	kind   string
	text   map[string]string // the keys of auth, filled in
	url    *url.URL
	extra  url.Values
	jwt    *assertion  // of jwt_bearer
	store  *tokenStore // of oauth2_refresh
}

func newTokenSigner(c *client, data map[string]any) (*tokenSigner, error) {
	a := &c.decl.auth
	g := &tokenSigner{client: c, kind: a.kind, text: map[string]string{}, extra: url.Values{}}
	data = c.data(data, nil)
	for name, t := range a.texts {
		v, err := t.render(data)
		if err != nil {
			return nil, err
		}
		g.text[name] = v
	}
	for _, name := range []string{"client_secret", "refresh_token"} {
		c.secrets.add(g.text[name])
	}
	for _, f := range a.extra {
		v, err := f.tmpl.render(data)
		if err != nil {
			return nil, err
		}
		if v != "" {
			g.extra.Set(f.name, v)
		}
	}
	var err error
	if g.url, err = c.tokenAddress(g.text["token_url"]); err != nil {
		return nil, err
	}
	switch a.kind {
	case authJWT:
		g.jwt, err = newAssertion(a, g.text, data, c.opts.Now)
	case authRefresh:
		g.store = newTokenStore(c, g.text)
	}
	return g, err
}

// signIn asks for a token. With a refresh token, the one that the source gave
// in exchange is stored before the token is used.
func (g *tokenSigner) signIn(ctx context.Context, stale *session) (grant, error) {
	switch g.kind {
	case authRefresh:
		var used string
		if stale != nil {
			used = textOf(stale.values["access_token"])
		}
		return g.store.exchange(ctx, used, func(refresh string) (grant, string, error) {
			g.client.secrets.add(refresh)
			return g.ask(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
		})
	case authJWT:
		signed, err := g.jwt.sign()
		if err != nil {
			return grant{}, err
		}
		g.client.secrets.add(signed)
		form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {signed}}
		if g.client.decl.auth.grant == "client_assertion" {
			form = url.Values{"grant_type": {"client_credentials"}, "client_assertion": {signed},
				"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}
		}
		out, _, err := g.ask(ctx, form)
		return out, err
	}
	out, _, err := g.ask(ctx, url.Values{"grant_type": {"client_credentials"}})
	return out, err
}

// tokenRules say what the errors of RFC 6749 mean.
var tokenRules = []errorRule{
	{when: "error", code: "error", message: []string{"error_description"}, in: []string{"temporarily_unavailable", "server_error", "slow_down"}, class: classRetry},
	{when: "error", code: "error", message: []string{"error_description"}, in: []string{"invalid_grant"}, class: classDenied,
		hint: "What was granted has ended or was taken back: authorise the app again, or check key and user, and set the new values"},
	{when: "error", code: "error", message: []string{"error_description"}, in: []string{"invalid_client", "unauthorized_client"}, class: classDenied,
		hint: "Check client_id and client_secret, and what the app may do"},
	{when: "error", code: "error", message: []string{"error_description"}},
}

// ask sends a request for a token and returns what came, and the refresh token
// in exchange, empty if the old one stays.
func (g *tokenSigner) ask(ctx context.Context, form url.Values) (grant, string, error) {
	c, a := g.client, &g.client.decl.auth
	for _, name := range []string{"scope", "audience"} {
		if g.text[name] != "" {
			form.Set(name, g.text[name])
		}
	}
	s := &session{headers: http.Header{}}
	id, secret := g.text["client_id"], g.text["client_secret"]
	if a.in == "basic" && secret != "" {
		s.headers.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret))))
	} else {
		for name, v := range map[string]string{"client_id": id, "client_secret": secret} {
			if v != "" {
				form.Set(name, v)
			}
		}
	}
	maps.Copy(form, g.extra)
	began := c.opts.Now()
	k, err := c.signInRequest(ctx, s, http.MethodPost, target{url: g.url, body: []byte(form.Encode()), kind: "application/x-www-form-urlencoded"}, tokenRules)
	if err != nil {
		return grant{}, "", err
	}
	out := grant{values: map[string]any{}}
	next := ""
	err = jx.DecodeBytes(k.body).ObjBytes(func(d *jx.Decoder, key []byte) error {
		raw, err := d.Raw()
		if err != nil || raw.Type() == jx.Object || raw.Type() == jx.Array || raw.Type() == jx.Null {
			return err
		}
		switch v := rawText(raw); string(key) {
		case "refresh_token":
			next = v
			c.secrets.add(v)
		case "token_type", "scope":
			out.values[string(key)] = v
		default:
			out.values[string(key)] = v
			c.secrets.addValue(v)
		}
		return nil
	})
	token := textOf(out.values["access_token"])
	if err != nil || token == "" {
		return grant{}, "", &Error{Status: k.status, SignIn: true, Err: fmt.Errorf("signing in at %s failed: the answer has no access_token", g.url.Host),
			Hint: "Check token_url: it must be the address that gives tokens"}
	}
	c.secrets.add(token)
	if holds, ok := seconds(textOf(out.values["expires_in"])); ok {
		out.expires = renewAt(began, holds)
	} else if a.expires > 0 {
		out.expires = renewAt(began, a.expires)
	}
	return out, next, nil
}

var errTokenStore = errors.New("the refresh token cannot be kept")
