package extract

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// This file declares the keys by which a connector talks to its system, but for
// how to sign in (declaredauth.go); those of its streams stand in declaredstream.go.

func (c *Connector) parseHTTP(n *yaml.Node) error {
	return decode(n, "http", c.httpFields())
}

func (c *Connector) httpFields() []field {
	h := &c.http
	h.timeout, h.maxResponse, h.prefetch = time.Minute, 64<<20, 16<<20
	h.attempts, h.wait, h.maxWait = 6, time.Second, time.Minute
	h.budget.stopAt = 0.9
	h.auth.kind = "none"
	return []field{
		{name: "base", help: "address that every path is added to; may use .session, which is what signing in gave", required: true,
			example: `"{{ .settings.url }}"`, typ: typeTemplate, set: c.asTemplate(&h.base)},
		{name: "auth", help: "how to sign in", typ: typeSection, sub: c.authFields, set: c.parseAuth},
		{name: "headers", help: "headers of every request; may use .session", typ: typeTemplates, set: c.asTemplates(&h.headers)},
		{name: "timeout", help: "of one request with its answer", to: &h.timeout},
		{name: "max_response", help: "largest answer taken, counted after unpacking", to: &h.maxResponse},
		{name: "prefetch", help: "bytes of pages fetched ahead", to: &h.prefetch},
		{name: "concurrency", help: "requests in flight at most, over all streams of a source", def: strconv.Itoa(defaultConcurrency),
			example: `"{{ .settings.concurrency }}"`, typ: typeTemplate, set: c.asTemplate(&h.concurrency)},
		{name: "rate", help: "requests a second at most, over all streams of a source, such as 0.5; 0 = no limit", def: "0",
			example: `"{{ .settings.rate }}"`, typ: typeTemplate, set: c.asTemplate(&h.rate)},
		{name: "limits", help: "headers in which the source says how many requests are left", sub: func() []field {
			return []field{
				{name: "remaining", help: "header with the number of requests left", required: true, example: "X-RateLimit-Remaining", to: &h.limits.remaining},
				{name: "reset", help: "header that says when there are more: seconds, an epoch (in s or ms) or a date", example: "X-RateLimit-Reset", to: &h.limits.reset},
			}
		}},
		{name: "budget", help: "requests of a day, after which reading stops politely and goes on in a later run", sub: func() []field {
			return []field{
				{name: "per_day", help: "our requests a day (UTC), counted over all runs; 0 = no limit", example: `"{{ .settings.daily_requests }}"`,
					typ: typeTemplate, set: c.asTemplate(&h.budget.perDay)},
				{name: "limit_header", help: "header in which the source says how much of its own budget is used", example: "Sforce-Limit-Info", to: &h.budget.header},
				{name: "pattern", help: "regular expression over that header; its first group is what is used, its second the whole", def: `(\d+)/(\d+)`,
					example: `api-usage=(\d+)/(\d+)`, typ: typeText, set: asRegexp(&h.budget.pattern)},
				{name: "stop_at", help: "share of the source's budget after which reading stops", def: "0.9", typ: typeText, set: asShare(&h.budget.stopAt)},
			}
		}},
		{name: "errors", help: "answers that are errors though their status says otherwise, and what any error means; the first that fits counts",
			typ: typeSections, sub: func() []field { return ruleFields(&errorRule{}) }, set: asRules("http.errors", &h.errors)},
		{name: "error_path", help: "field that marks an error though the status says 200: short for errors with this when", typ: typePath,
			set: func(n *yaml.Node) error {
				r := errorRule{}
				h.errorPath = &r
				return asText(&r.when)(n)
			}},
		{name: "empty", help: "answers to a request for a list that mean an empty list", sub: func() []field { return emptyFields(&h.empty) }},
		{name: "check_path", help: "path that shows whether the key is good", typ: typeTemplate, set: c.asTemplate(&h.checkPath)},
		{name: "retry", help: "what is tried again", sub: func() []field {
			return []field{
				{name: "attempts", help: "of one request", to: &h.attempts, least: 1},
				{name: "wait", help: "before the first retry, doubling", to: &h.wait},
				{name: "max_wait", help: "between retries, where the source does not say", to: &h.maxWait},
				{name: "never", help: "statuses that are not retried", typ: typeStatuses, set: asStatuses(&h.noRetry)},
				{name: "on", help: "what is retried beside resets, timeouts, 408, 425, 429 and 5xx", sub: func() []field {
					return []field{
						{name: "status", help: "statuses", typ: typeStatuses, set: asStatuses(&h.retryOn)},
						{name: "matches", help: "regular expression over the text of an answer with an error's status", typ: typeText, set: asRegexp(&h.retryMatches)},
					}
				}},
			}
		}},
	}
}

// emptyFields are the keys of empty, of a source or of one request.
func emptyFields(e *emptyDecl) []field {
	return []field{
		{name: "status", help: "statuses; one of 400 and above only counts with a body of JSON or none, so that a wrong address does not pass for an empty list",
			example: "[204, 304, 404]", typ: typeStatuses, set: func(n *yaml.Node) error {
				e.status = nil
				return asStatuses(&e.status)(n)
			}},
		{name: "missing", help: "whether the path of the records may be absent", to: &e.missing},
	}
}

// errorClasses are what an error may mean, and what is done about it.
var errorClasses = []string{classFatal, classRetry, classExpired, classDenied, classConfig, classEmpty}

// ruleFields are the keys of one rule about errors.
func ruleFields(r *errorRule) []field {
	return []field{
		{name: "when", help: "dotted path that is there, and not null, false or empty; without it the rule is about answers whose status is an error already",
			example: "error", typ: typePath, set: asText(&r.when)},
		{name: "equals", help: "the path has one of these values", to: &r.equals, example: `"false"`},
		{name: "not_in", help: "the path is there and has none of these values", to: &r.notIn, example: `["0", "200"]`},
		{name: "status", help: "the answer has one of these statuses", typ: typeStatuses, set: asStatuses(&r.status)},
		{name: "code", help: "path to the error's code", typ: typePath, set: asText(&r.code), example: "error.data.name"},
		{name: "message", help: "path, or paths, to what the error says", typ: typePaths, set: asList(&r.message), example: "error.data.message"},
		{name: "in", help: "the code is one of these", to: &r.in},
		{name: "matches", help: "regular expression over code, message and body", typ: typeText, set: asRegexp(&r.matches)},
		{name: "say", help: "cause in our words, where the source's are none", to: &r.say},
		{name: "class", help: "what it means: fatal, retry (passes by itself), expired (sign in again, once), denied (no right to read this), " +
			"config (a setting is wrong), empty (an empty list); without it what the status means, and fatal where that is good", allowed: errorClasses, typ: typeText, set: asText(&r.class)},
		{name: "hint", help: "one sentence of remedy", to: &r.hint},
	}
}

// asRules reads a list of rules about errors.
func asRules(section string, dst *[]errorRule) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.SequenceNode {
			return errors.New("must be a list of rules")
		}
		var errs []error
		for _, item := range n.Content {
			var r errorRule
			if err := decode(item, section, ruleFields(&r)); err != nil {
				errs = append(errs, err)
				continue
			}
			if r.when == "" && len(r.status) == 0 && len(r.in) == 0 && r.matches == nil {
				errs = append(errs, at(item, `%s: a rule needs one of the keys "when", "status", "in", "matches"`, section))
			}
			if r.when == "" && (len(r.equals) > 0 || len(r.notIn) > 0) {
				errs = append(errs, at(item, `%s: equals and not_in need the key "when"`, section))
			}
			if len(r.in) > 0 && r.code == "" {
				errs = append(errs, at(item, `%s: in needs the key "code"`, section))
			}
			*dst = append(*dst, r)
		}
		return errors.Join(errs...)
	}
}

func asRegexp(dst **regexp.Regexp) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		re, err := regexp.Compile(n.Value)
		if err != nil {
			return errors.New(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		}
		*dst = re
		return nil
	}
}

func asShare(dst *float64) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		v, err := strconv.ParseFloat(n.Value, 64)
		if err != nil || v <= 0 || v > 1 {
			return errors.New("is " + strconv.Quote(n.Value) + ", expected a share such as 0.9")
		}
		*dst = v
		return nil
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

func (c *Connector) requestFields(r *requestDecl) []field {
	r.method = "GET"
	return []field{
		{name: "method", help: "HTTP method", allowed: []string{"GET", "POST"}, to: &r.method},
		{name: "path", help: "added to http.base", required: true, set: c.asTemplate(&r.path), typ: typeTemplate, example: "/invoices"},
		{name: "query", help: "parameters; an empty one is left out", set: c.asTemplates(&r.query), typ: typeTemplates, example: `{since: "{{ .key.value }}"}`},
		{name: "headers", help: "headers of this request", set: c.asTemplates(&r.headers), typ: typeTemplates},
		{name: "json", help: "body, as JSON text", set: c.asTemplate(&r.json), typ: typeTemplate, example: `'{"after": {{ json .page.cursor }}}'`},
		{name: "form", help: "body, as form fields", set: c.asTemplates(&r.form), typ: typeTemplates},
		{name: "empty", help: "answers to this request that mean an empty list, instead of those of http.empty", typ: typeSection,
			sub: func() []field { return emptyFields(&emptyDecl{}) }, set: func(n *yaml.Node) error {
				r.empty = &emptyDecl{}
				return decode(n, "empty", emptyFields(r.empty))
			}},
	}
}
