package extract

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// This file declares the keys of every section of a connector, once.

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

func (c *Connector) parseStream(n *yaml.Node, st *streamDecl, isDefault bool) error {
	section := "stream " + st.name
	if isDefault {
		section = "defaults"
	} else if name := child(n, "name"); name != nil {
		section = "stream " + name.Value
	}
	if c.kind == kindFiles {
		return decode(n, section, st.fileFields())
	}
	if isDefault {
		return decode(n, section, c.sharedFields(st))
	}
	return decode(n, section, c.streamFields(st))
}

// sharedFields are the keys that `defaults` may have too.
func (c *Connector) sharedFields(st *streamDecl) []field {
	return []field{
		{name: "request", help: "what to ask", sub: func() []field {
			st.request = &requestDecl{}
			return c.requestFields(st.request)
		}},
		{name: "records", help: "dotted path to the list of records in the answer; empty = the answer itself", set: func(n *yaml.Node) error {
			st.records = new(string)
			return asText(st.records)(n)
		}, typ: typePath, example: "data.items"},
		{name: "paging", help: "how to get the next page", sub: func() []field {
			st.paging = &pagingDecl{}
			return c.pagingFields(st.paging)
		}},
		{name: "incremental", help: "how to continue where the last run ended", set: asNode(&st.incNode), sub: func() []field {
			return c.incrementalFields(&incrementalDecl{format: "iso"})
		}},
		{name: "vars", help: "values for the placeholders of this stream", set: asNode(&st.vars), typ: typeMapping, example: "{doctype: Sales Invoice}"},
		{name: "count", help: "how to learn the number of records", sub: func() []field {
			st.count = &countDecl{}
			return append(c.requestFields(&st.count.request),
				field{name: "value", help: "dotted path to the number", required: true, to: &st.count.value, typ: typePath, example: "total"})
		}},
	}
}

// streamFields are the keys of a stream that is read over HTTP.
func (c *Connector) streamFields(st *streamDecl) []field {
	return append([]field{
		{name: "name", help: "name of the stream", required: true, to: &st.name},
		{name: "title", help: "what it is", to: &st.title},
		{name: "only_if", help: "the stream is left out where this is empty or false", set: c.asTemplate(&st.onlyIf), typ: typeTemplate, example: `"{{ .settings.calls }}"`},
	}, append(c.sharedFields(st),
		field{name: "dictionary", help: "keeps key and value of each record for the lookups of other streams", sub: func() []field {
			st.dict = &dictDecl{}
			return c.dictionaryFields(st.dict)
		}},
		field{name: "lookups", help: "dictionaries that the mapping asks", to: &st.lookups, example: "[owner_rep]"},
		field{name: "page_lookups", help: "dictionaries asked for each page", typ: typeSections, set: func(n *yaml.Node) error {
			return c.parsePageLookups(n, "stream "+st.name+".page_lookups", st)
		}, sub: func() []field { return c.pageLookupFields(&pageLookupDecl{}) }},
		field{name: "slices", help: "the stream is read once for each of these sets of values", typ: typeMappings, set: func(n *yaml.Node) error {
			return n.Decode(&st.slices)
		}, example: `[{archived: "false"}, {archived: "true"}]`},
		field{name: "emit", help: "rows made of a record", to: &st.emit, typ: typeEmit},
	)...)
}

func (c *Connector) pagingFields(p *pagingDecl) []field {
	p.size, p.maxPages = 100, 1_000_000
	p.operators.from, p.operators.after, p.operators.equal = ">=", ">", "="
	return []field{
		{name: "type", help: "the way of paging", required: true, allowed: []string{"none", "offset", "cursor", "next", "keyset"}, to: &p.kind},
		{name: "size", help: "records a page", set: c.asTemplate(&p.sizeText), typ: typeTemplate, def: "100"},
		{name: "path", help: "dotted path to the cursor or the next address in the answer", to: &p.path, typ: typePath, group: "cursor, next", example: "paging.next"},
		{name: "id", help: "field that tells records with one cursor value apart", to: &p.id, typ: typePath, group: "keyset", example: "id"},
		{name: "first_id", help: "a value before every id", to: &p.firstID, group: "keyset", example: `"0"`},
		{name: "cap", help: "records after which the source gives no more; reading then starts anew from the last cursor value", to: &p.cap, least: 1, example: "10000"},
		{name: "max_pages", help: "guard against paging without end", to: &p.maxPages, least: 1},
		{name: "operators", help: "how the source writes its comparisons", group: "keyset", sub: func() []field {
			return []field{
				{name: "from", help: "at or after", to: &p.operators.from},
				{name: "after", help: "after", to: &p.operators.after},
				{name: "equal", help: "equal", to: &p.operators.equal},
			}
		}},
	}
}

func (c *Connector) parseIncremental(n *yaml.Node, section string, inc *incrementalDecl) error {
	return decode(n, section, c.incrementalFields(inc))
}

func (c *Connector) incrementalFields(inc *incrementalDecl) []field {
	return []field{
		{name: "field", help: "dotted path to the cursor value in a record", to: &inc.field, typ: typePath, example: "modified"},
		{name: "format", help: "how the source writes it: iso, epoch_s, epoch_ms, text, or a pattern of YYYY MM DD HH mm ss and an S for each digit of a fraction", to: &inc.format},
		{name: "request_format", help: "how requests want it; empty = the same", to: &inc.requestFormat, example: "epoch_ms"},
		{name: "start", help: "cursor of the first read", set: c.asTemplate(&inc.start), typ: typeTemplate, example: `"{{ .settings.start }}"`},
		{name: "overlap", help: "what was changed that long before the cursor is read again", to: &inc.overlap, example: "10m"},
	}
}

func (c *Connector) dictionaryFields(d *dictDecl) []field {
	return []field{
		{name: "name", help: "how lookups call it; empty = the stream's name", to: &d.name},
		{name: "key", help: "dotted path to the key", required: true, to: &d.key, typ: typePath, example: "id"},
		{name: "value", help: "dotted path to the value, or a text with placeholders over .record", required: true, typ: typeTemplate, set: func(n *yaml.Node) error {
			if !strings.Contains(n.Value, "{{") {
				return asText(&d.path)(n)
			}
			return c.asTemplate(&d.value)(n)
		}, example: "customer.code"},
	}
}

func (c *Connector) parsePageLookups(n *yaml.Node, section string, st *streamDecl) error {
	if n.Kind != yaml.SequenceNode {
		return errors.New("must be a list")
	}
	for _, item := range n.Content {
		p := pageLookupDecl{}
		if err := decode(item, section, c.pageLookupFields(&p)); err != nil {
			return err
		}
		st.pageLookups = append(st.pageLookups, p)
	}
	return nil
}

func (c *Connector) pageLookupFields(p *pageLookupDecl) []field {
	p.batch = 100
	return []field{
		{name: "name", help: "how lookups call it", required: true, to: &p.name},
		{name: "title", help: "what it is", to: &p.title},
		{name: "ids", help: "dotted path to the values that are asked for", required: true, to: &p.ids, typ: typePath, example: "customer_id"},
		{name: "when", help: "only records with these values", to: &p.when, typ: typeCondition, example: "{type: [visit, call]}"},
		{name: "batch", help: "values a request", to: &p.batch, least: 1},
		{name: "records", help: "dotted path to the answers", to: &p.records, typ: typePath},
		{name: "key", help: "dotted path to the value asked for", required: true, to: &p.key, typ: typePath},
		{name: "value", help: "dotted path to what was found; * takes every element of a list", required: true, to: &p.value, typ: typePath},
		{name: "prefer", help: "dictionary in which the value should have an entry", to: &p.prefer},
		{name: "request", help: "what to ask; .ids are the values", required: true, sub: func() []field {
			p.request = &requestDecl{}
			return c.requestFields(p.request)
		}},
	}
}

// fileFields are the keys of a stream that is read from files.
func (st *streamDecl) fileFields() []field {
	f := &st.file
	return []field{
		{name: "name", help: "name of the stream", required: true, to: &st.name},
		{name: "title", help: "what it is", to: &st.title},
		{name: "file", help: "name or pattern inside path; empty = path itself", to: &f.file, example: `"invoices-*.csv"`},
		{name: "format", help: "format of the files", allowed: fileFormats, to: &f.format},
		{name: "delimiter", help: "delimiter of CSV columns", to: &f.delimiter, example: `";"`},
		{name: "encoding", help: "encoding of text files", allowed: fileEncodings, to: &f.encoding},
		{name: "decimal", help: "decimal mark", allowed: []string{".", ","}, to: &f.decimal},
		{name: "date_formats", help: "formats of dates, tried in this order", to: &f.dateFormats, example: "[DD.MM.YYYY]"},
		{name: "columns", help: "names of the columns of a CSV file without a header", to: &f.columns, example: "[number, date, amount]"},
		{name: "records", help: "json: dotted path to the list of records", to: &f.records, typ: typePath},
		{name: "emit", help: "rows made of a record; canonical = columns are named as the canonical stream's", to: &st.emit, typ: typeEmit},
	}
}
