package extract

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// This file declares the ways to sign in and the keys of each.

const (
	authSession = "session"
	authClient  = "oauth2_client"
	authRefresh = "oauth2_refresh"
	authJWT     = "jwt_bearer"
	authOAuth1  = "oauth1"
)

// authKinds are the ways to sign in.
var authKinds = []string{"none", "basic", "bearer", "header", "query", authClient, authRefresh, authJWT, authOAuth1, authSession}

// tokenKinds are those that ask for a token, which may expire.
const tokenKinds = authClient + ", " + authRefresh + ", " + authJWT

// authFields lists the keys of every way to sign in; group says for which one each counts.
func (c *Connector) authFields() []field {
	a := &c.http.auth
	a.texts = map[string]*tmpl{}
	a.lifetime = 3 * time.Minute
	a.algorithm, a.in, a.grant = "RS256", "body", "assertion"
	text := func(group, name, help string, required bool, example string) field {
		return field{name: name, help: help, required: required, group: group, example: example, typ: typeTemplate, set: c.asAuthText(name)}
	}
	return []field{
		{name: "type", help: "the way to sign in", required: true, allowed: authKinds, typ: typeText, set: asText(&a.kind)},
		text("basic", "user", "user name", true, ""),
		text("basic", "password", "password", true, ""),
		text("bearer, "+authOAuth1, "token", "token that does not expire", true, ""),
		text("header, query", "name", "header or parameter that carries the key", true, "X-Api-Key"),
		text("header, query", "value", "its value", true, ""),
		text(tokenKinds, "token_url", "address that gives tokens; https, or http on this machine", true, "https://login.example.com/oauth2/token"),
		text(tokenKinds, "client_id", "client identifier of the app", false, ""),
		text(authClient+", "+authRefresh, "client_secret", "secret of the app", false, ""),
		text(authRefresh, "refresh_token", "refresh token; a newer one that the source gave in exchange is kept, and counts until this setting changes", true, ""),
		text(authRefresh, "store", "file that keeps the newest refresh token; empty = tokens/SOURCE.json in the data folder", false, ""),
		text(tokenKinds, "scope", "scopes, with spaces between", false, ""),
		text(authClient, "audience", "audience", false, ""),
		{name: "in", help: "where the secret of the app is sent", allowed: []string{"body", "basic"}, group: authClient + ", " + authRefresh, to: &a.in},
		{name: "extra", help: "more form fields of the request for a token", group: tokenKinds, typ: typeTemplates, set: c.asTemplates(&a.extra)},
		text(authJWT, "key", "private key, as PEM text", true, ""),
		text(authJWT, "key_id", "identifier of the key", false, ""),
		{name: "algorithm", help: "how the token request is signed", allowed: []string{"RS256", "PS256", "ES256"}, group: authJWT, to: &a.algorithm},
		{name: "claims", help: "claims of the signed request; aud is token_url unless it is set here", group: authJWT, typ: typeMapping, set: c.asClaims(&a.claims)},
		{name: "jwt_headers", help: "more headers of the signed request, such as x5t", group: authJWT, typ: typeTemplates, set: c.asTemplates(&a.jwtHeaders)},
		{name: "lifetime", help: "of the signed request", group: authJWT, to: &a.lifetime},
		{name: "grant", help: "what the signed request stands for: the user's grant, or the secret of the app", allowed: []string{"assertion", "client_assertion"}, group: authJWT, to: &a.grant},
		text(authOAuth1, "consumer_key", "consumer key", true, ""),
		text(authOAuth1, "consumer_secret", "consumer secret", true, ""),
		text(authOAuth1, "token_secret", "token secret", true, ""),
		text(authOAuth1, "realm", "realm, such as NetSuite's account", false, ""),
		{name: "signature", help: "how requests are signed", allowed: []string{"HMAC-SHA256", "HMAC-SHA1"}, def: "HMAC-SHA256", group: authOAuth1, typ: typeText, set: asText(&a.signature)},
		{name: "steps", help: "requests that sign in, in this order", required: true, group: authSession, typ: typeSections,
			sub: func() []field { return c.stepFields(&stepDecl{}) }, set: c.asSteps(&a.steps)},
		{name: "apply", help: "how requests show that they are signed in", group: authSession, sub: func() []field {
			return []field{
				{name: "headers", help: "headers of every request", typ: typeTemplates, set: c.asTemplates(&a.headers), example: `{Authorization: "Session {{ .session.id }}"}`},
				{name: "query", help: "parameters of every request", typ: typeTemplates, set: c.asTemplates(&a.query)},
				{name: "cookies", help: "whether the cookies that signing in gave are sent", to: &a.cookies},
			}
		}},
		{name: "sign_out", help: "request that ends the session when a run ends, for systems that count them", group: authSession, typ: typeSection,
			sub: func() []field { return c.requestFields(&requestDecl{}) }, set: func(n *yaml.Node) error {
				a.signOut = &requestDecl{}
				return decode(n, "http.auth.sign_out", c.requestFields(a.signOut))
			}},
		{name: "expires", help: "how long signing in holds, where the source says so; it is renewed a minute before", group: authSession + ", " + tokenKinds, to: &a.expires},
		{name: "expires_in", help: "path, in the last answer, to the number of seconds that signing in holds", group: authSession, typ: typePath, set: asText(&a.expiresIn)},
		{name: "as", help: "how the token is sent, where not as Authorization: Bearer", group: tokenKinds, sub: func() []field {
			return []field{
				{name: "header", help: "header", to: &a.asHeader},
				{name: "query", help: "parameter, instead of a header", to: &a.asQuery},
				{name: "value", help: "its value", required: true, example: `"Zoho-oauthtoken {{ .session.access_token }}"`, typ: typeTemplate, set: c.asTemplate(&a.asValue)},
			}
		}},
	}
}

// parseAuth reads the keys of the type that is named.
func (c *Connector) parseAuth(n *yaml.Node) error {
	kind := child(n, "type")
	if kind == nil || !slices.Contains(authKinds, kind.Value) {
		return decode(n, "http.auth", onlyOf(c.authFields(), ""))
	}
	if err := decode(n, "http.auth of type "+kind.Value, onlyOf(c.authFields(), kind.Value)); err != nil {
		return err
	}
	a := &c.http.auth
	if a.asValue != nil && (a.asHeader == "") == (a.asQuery == "") {
		return at(n, "http.auth.as needs either header or query")
	}
	return nil
}

var sessionValue = regexp.MustCompile(`\.session\.(\w+)`)

// checkSessions finds placeholders over what signing in gives where it gives no such thing.
func (c *Connector) checkSessions(n *yaml.Node) error {
	if n = deref(n); n.Kind != yaml.ScalarNode {
		var errs []error
		for _, item := range n.Content {
			if item.Kind != yaml.AliasNode { // it is checked where it stands
				errs = append(errs, c.checkSessions(item))
			}
		}
		return errors.Join(errs...)
	}
	if !strings.Contains(n.Value, "{{") {
		return nil
	}
	var known []string
	for _, s := range c.http.auth.steps {
		for _, t := range s.take {
			known = append(known, t.name)
		}
	}
	for _, m := range sessionValue.FindAllStringSubmatch(n.Value, -1) {
		switch kind := c.http.auth.kind; {
		case slices.Contains(strings.Split(tokenKinds, ", "), kind):
		case kind != authSession:
			return at(n, "there is no .session.%s: signing in by %s gives no values", m[1], kind)
		case !slices.Contains(known, m[1]):
			return at(n, "signing in gives no .session.%s%s", m[1], oneOf(m[1], known))
		}
	}
	return nil
}

// onlyOf lists the keys that count for a type; for an unknown one every key
// counts, so that the type alone is reported.
func onlyOf(fields []field, kind string) []field {
	var out []field
	for _, f := range fields {
		if kind == "" {
			f.required = f.name == "type"
		} else if f.group != "" && !slices.Contains(strings.Split(f.group, ", "), kind) {
			continue
		}
		out = append(out, f)
	}
	return out
}

func (c *Connector) asAuthText(name string) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		var t *tmpl
		err := c.asTemplate(&t)(n)
		c.http.auth.texts[name] = t
		return err
	}
}

// stepFields are the keys of one request that signs in.
func (c *Connector) stepFields(s *stepDecl) []field {
	fields := c.requestFields(&s.request)
	findField(fields, "path").required = false
	return append(fields,
		field{name: "url", help: "whole address, instead of a path", typ: typeTemplate, set: c.asTemplate(&s.url)},
		field{name: "take", help: "values of the answer by name, as .session: a path into the body, header:NAME or cookie:NAME; with a ? at its end it may be missing",
			example: "{uid: result}", typ: typeMapping, set: asTakes(&s.take)},
		field{name: "fail_when", help: "answers that refuse to sign in, as errors of http; a refusal is final unless its class is retry",
			typ: typeSections, sub: func() []field { return ruleFields(&errorRule{}) }, set: asRules("http.auth.steps.fail_when", &s.failWhen)})
}

func (c *Connector) asSteps(dst *[]stepDecl) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
			return errors.New("must be a list of requests")
		}
		for _, item := range n.Content {
			s := stepDecl{line: item.Line}
			if err := decode(item, "http.auth.steps", c.stepFields(&s)); err != nil {
				return err
			}
			if (s.request.path == nil) == (s.url == nil) {
				return at(item, `http.auth.steps: a step needs either the key "path" or the key "url"`)
			}
			*dst = append(*dst, s)
		}
		return nil
	}
}

func asTakes(dst *[]takeDecl) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.MappingNode {
			return errors.New("must be a mapping of names to paths")
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			from, optional := strings.CutSuffix(deref(n.Content[i+1]).Value, "?")
			*dst = append(*dst, takeDecl{name: n.Content[i].Value, from: from, optional: optional})
		}
		return nil
	}
}

// asClaims reads a mapping of names to texts or lists of texts, with placeholders.
func (c *Connector) asClaims(dst *[]claimDecl) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.MappingNode {
			return errors.New("must be a mapping of names to texts or lists of texts")
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			value := deref(n.Content[i+1])
			claim := claimDecl{name: n.Content[i].Value, list: value.Kind == yaml.SequenceNode}
			items := []*yaml.Node{value}
			if claim.list {
				items = value.Content
			}
			for _, item := range items {
				var t *tmpl
				if err := c.asTemplate(&t)(deref(item)); err != nil {
					return locate(item, claim.name, err)
				}
				claim.values = append(claim.values, t)
			}
			*dst = append(*dst, claim)
		}
		return nil
	}
}
