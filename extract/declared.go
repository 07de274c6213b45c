package extract

import (
	"errors"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// This file declares the keys by which a connector talks to its system; those of
// its streams stand in declaredstream.go.

func (c *Connector) parseHTTP(n *yaml.Node) error {
	return decode(n, "http", c.httpFields())
}

func (c *Connector) httpFields() []field {
	h := &c.http
	h.timeout, h.maxResponse, h.prefetch = time.Minute, 64<<20, 16<<20
	h.attempts, h.wait, h.maxWait = 6, time.Second, time.Minute
	h.auth.kind = "none"
	return []field{
		{name: "base", help: "address that every path is added to", required: true, set: c.asTemplate(&h.base), typ: typeTemplate, example: `"{{ .settings.url }}/api"`},
		{name: "auth", help: "how to sign in", set: c.parseAuth, sub: c.authFields},
		{name: "headers", help: "headers of every request", set: c.asTemplates(&h.headers), typ: typeTemplates, example: "{Accept: application/json}"},
		{name: "timeout", help: "of one request with its answer", to: &h.timeout},
		{name: "max_response", help: "largest answer taken, unpacked", to: &h.maxResponse},
		{name: "prefetch", help: "bytes of pages fetched ahead", to: &h.prefetch},
		{name: "rate", help: "requests a second; 0 = no limit", set: c.asTemplate(&h.rate), typ: typeTemplate, def: "0", example: `"{{ .settings.rate }}"`},
		{name: "error_path", help: "field that marks an error though the status says 200", to: &h.errorPath, typ: typePath, example: "error"},
		{name: "check_path", help: "path that shows whether the key is good", set: c.asTemplate(&h.checkPath), typ: typeTemplate, example: "/me"},
		{name: "retry", help: "what is tried again", sub: h.retryFields},
	}
}

func (h *httpDecl) retryFields() []field {
	return []field{
		{name: "attempts", help: "of one request", to: &h.attempts, least: 1},
		{name: "wait", help: "before the first retry, doubling", to: &h.wait},
		{name: "max_wait", help: "between retries", to: &h.maxWait},
		{name: "never", help: "statuses that are not retried", set: asStatuses(&h.noRetry), typ: typeStatuses, example: "[503]"},
	}
}

func asStatuses(dst *[]int) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		var texts []string
		if err := asList(&texts)(n); err != nil {
			return err
		}
		for _, t := range texts {
			v, err := strconv.Atoi(t)
			if err != nil || v < 100 || v > 599 {
				return errors.New("must be a list of HTTP statuses")
			}
			*dst = append(*dst, v)
		}
		return nil
	}
}

// authKinds lists the ways to sign in with the keys each needs.
var authKinds = []struct {
	kind string
	keys []string
}{{"none", nil}, {"header", []string{"name", "value"}}, {"bearer", []string{"token"}}, {"basic", []string{"user", "password"}}}

func (c *Connector) authFields() []field {
	a := &c.http.auth
	var kinds []string
	for _, k := range authKinds {
		kinds = append(kinds, k.kind)
	}
	return []field{
		{name: "type", help: "the way to sign in", required: true, allowed: kinds, to: &a.kind},
		{name: "name", help: "header that carries the key", set: c.asTemplate(&a.name), typ: typeTemplate, group: "header", example: "X-Api-Key"},
		{name: "value", help: "value of that header", set: c.asTemplate(&a.value), typ: typeTemplate, group: "header", example: `"token {{ .settings.key }}"`},
		{name: "token", help: "bearer token", set: c.asTemplate(&a.tok), typ: typeTemplate, group: "bearer", example: `"{{ .settings.token }}"`},
		{name: "user", help: "user name", set: c.asTemplate(&a.user), typ: typeTemplate, group: "basic", example: `"{{ .settings.user }}"`},
		{name: "password", help: "password", set: c.asTemplate(&a.password), typ: typeTemplate, group: "basic", example: `"{{ .settings.password }}"`},
	}
}

func (c *Connector) parseAuth(n *yaml.Node) error {
	if err := decode(n, "http.auth", c.authFields()); err != nil {
		return err
	}
	for _, k := range authKinds {
		for _, key := range k.keys {
			if k.kind == c.http.auth.kind && child(n, key) == nil {
				return at(n, "http.auth of type %s needs the key %q", k.kind, key)
			}
		}
	}
	return nil
}

func (c *Connector) requestFields(r *requestDecl) []field {
	r.method = "GET"
	return []field{
		{name: "method", help: "HTTP method", allowed: []string{"GET", "POST"}, to: &r.method},
		{name: "path", help: "added to http.base", required: true, set: c.asTemplate(&r.path), typ: typeTemplate, example: "/invoices"},
		{name: "query", help: "parameters; an empty one is left out", set: c.asTemplates(&r.query), typ: typeTemplates, example: `{since: "{{ .key.value }}"}`},
		{name: "headers", help: "headers of this request", set: c.asTemplates(&r.headers), typ: typeTemplates},
		{name: "json", help: "body, as JSON text", set: c.asTemplate(&r.json), typ: typeTemplate, example: `'{"after": {{ json .page.cursor }}}'`},
		{name: "form", help: "body, as form fields", set: c.asTemplates(&r.form), typ: typeTemplates},
	}
}
