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
	h := &c.http
	h.timeout, h.maxResponse, h.prefetch = time.Minute, 64<<20, 16<<20
	h.attempts, h.wait, h.maxWait = 6, time.Second, time.Minute
	h.auth.kind = "none"
	return decode(n, "http", []field{
		{name: "base", help: "address that every path is added to", required: true, set: c.asTemplate(&h.base)},
		{name: "auth", help: "how to sign in", set: func(n *yaml.Node) error { return c.parseAuth(n) }},
		{name: "headers", help: "headers of every request", set: c.asTemplates(&h.headers)},
		{name: "timeout", help: "of one request with its answer", set: asDuration(&h.timeout)},
		{name: "max_response", help: "largest answer taken, unpacked", set: asBytes(&h.maxResponse)},
		{name: "prefetch", help: "bytes of pages fetched ahead", set: asBytes(&h.prefetch)},
		{name: "rate", help: "requests a second; 0 = no limit", set: c.asTemplate(&h.rate)},
		{name: "error_path", help: "field that marks an error though the status says 200", set: asText(&h.errorPath)},
		{name: "check_path", help: "path that shows whether the key is good", set: c.asTemplate(&h.checkPath)},
		{name: "retry", help: "what is tried again", set: func(n *yaml.Node) error {
			return decode(n, "http.retry", []field{
				{name: "attempts", help: "of one request", set: asInt(&h.attempts, 1)},
				{name: "wait", help: "before the first retry, doubling", set: asDuration(&h.wait)},
				{name: "max_wait", help: "between retries", set: asDuration(&h.maxWait)},
				{name: "never", help: "statuses that are not retried", set: asStatuses(&h.noRetry)},
			})
		}},
	})
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

func (c *Connector) parseAuth(n *yaml.Node) error {
	a := &c.http.auth
	var kinds []string
	for _, k := range authKinds {
		kinds = append(kinds, k.kind)
	}
	err := decode(n, "http.auth", []field{
		{name: "type", help: "the way to sign in", required: true, allowed: kinds, set: asText(&a.kind)},
		{name: "name", help: "header that carries the key", set: c.asTemplate(&a.name)},
		{name: "value", help: "value of that header", set: c.asTemplate(&a.value)},
		{name: "token", help: "bearer token", set: c.asTemplate(&a.tok)},
		{name: "user", help: "user name", set: c.asTemplate(&a.user)},
		{name: "password", help: "password", set: c.asTemplate(&a.password)},
	})
	if err != nil {
		return err
	}
	for _, k := range authKinds {
		for _, key := range k.keys {
			if k.kind == a.kind && child(n, key) == nil {
				return at(n, "http.auth of type %s needs the key %q", k.kind, key)
			}
		}
	}
	return nil
}

func (c *Connector) parseRequest(n *yaml.Node, section string, r *requestDecl, more ...field) error {
	r.method = "GET"
	return decode(n, section, append([]field{
		{name: "method", help: "HTTP method", allowed: []string{"GET", "POST"}, set: asText(&r.method)},
		{name: "path", help: "added to http.base", required: true, set: c.asTemplate(&r.path)},
		{name: "query", help: "parameters; an empty one is left out", set: c.asTemplates(&r.query)},
		{name: "headers", help: "headers of this request", set: c.asTemplates(&r.headers)},
		{name: "json", help: "body, as JSON text", set: c.asTemplate(&r.json)},
		{name: "form", help: "body, as form fields", set: c.asTemplates(&r.form)},
	}, more...))
}

func (c *Connector) parseStream(n *yaml.Node, st *streamDecl, isDefault bool) error {
	section := "stream " + st.name
	if isDefault {
		section = "defaults"
	} else if name := child(n, "name"); name != nil {
		section = "stream " + name.Value
	}
	if c.kind == kindFiles {
		return c.parseFileStream(n, section, st)
	}
	fields := []field{
		{name: "request", help: "what to ask", set: func(n *yaml.Node) error {
			st.request = &requestDecl{}
			return c.parseRequest(n, section+".request", st.request)
		}},
		{name: "records", help: "dotted path to the list of records in the answer; empty = the answer itself", set: func(n *yaml.Node) error {
			st.records = new(string)
			return asText(st.records)(n)
		}},
		{name: "paging", help: "how to get the next page", set: func(n *yaml.Node) error {
			st.paging = &pagingDecl{}
			return c.parsePaging(n, section+".paging", st.paging)
		}},
		{name: "incremental", help: "how to continue where the last run ended", set: asNode(&st.incNode)},
		{name: "vars", help: "values for the placeholders of this stream", set: asNode(&st.vars)},
		{name: "count", help: "how to learn the number of records", set: func(n *yaml.Node) error {
			st.count = &countDecl{}
			return c.parseRequest(n, section+".count", &st.count.request,
				field{name: "value", help: "dotted path to the number", required: true, set: asText(&st.count.value)})
		}},
	}
	if !isDefault {
		fields = append(fields,
			field{name: "name", help: "name of the stream", required: true, set: asText(&st.name)},
			field{name: "title", help: "what it is", set: asText(&st.title)},
			field{name: "only_if", help: "the stream is left out where this is empty or false", set: c.asTemplate(&st.onlyIf)},
			field{name: "dictionary", help: "keeps key and value of each record for the lookups of other streams", set: func(n *yaml.Node) error {
				st.dict = &dictDecl{}
				return c.parseDictionary(n, section+".dictionary", st.dict)
			}},
			field{name: "lookups", help: "dictionaries that the mapping asks", set: asList(&st.lookups)},
			field{name: "page_lookups", help: "dictionaries asked for each page", set: func(n *yaml.Node) error {
				return c.parsePageLookups(n, section+".page_lookups", st)
			}},
			field{name: "slices", help: "the stream is read once for each of these sets of values", set: func(n *yaml.Node) error {
				return n.Decode(&st.slices)
			}},
			field{name: "emit", help: "rows made of a record", set: asNode(&st.emit)},
		)
	}
	return decode(n, section, fields)
}

func (c *Connector) parsePaging(n *yaml.Node, section string, p *pagingDecl) error {
	p.size, p.maxPages = 100, 1_000_000
	p.operators.from, p.operators.after, p.operators.equal = ">=", ">", "="
	return decode(n, section, []field{
		{name: "type", help: "the way of paging", required: true, allowed: []string{"none", "offset", "cursor", "next", "keyset"}, set: asText(&p.kind)},
		{name: "size", help: "records a page", set: c.asTemplate(&p.sizeText)},
		{name: "path", help: "cursor, next: dotted path to it in the answer", set: asText(&p.path)},
		{name: "id", help: "keyset: field that tells records with one cursor value apart", set: asText(&p.id)},
		{name: "first_id", help: "keyset: a value before every id", set: asText(&p.firstID)},
		{name: "cap", help: "records after which the source gives no more; reading then starts anew from the last cursor value", set: asInt(&p.cap, 1)},
		{name: "max_pages", help: "guard against paging without end", set: asInt(&p.maxPages, 1)},
		{name: "operators", help: "keyset: how the source writes its comparisons", set: func(n *yaml.Node) error {
			return decode(n, section+".operators", []field{
				{name: "from", help: "at or after", set: asText(&p.operators.from)},
				{name: "after", help: "after", set: asText(&p.operators.after)},
				{name: "equal", help: "equal", set: asText(&p.operators.equal)},
			})
		}},
	})
}

func (c *Connector) parseIncremental(n *yaml.Node, section string, inc *incrementalDecl) error {
	return decode(n, section, []field{
		{name: "field", help: "dotted path to the cursor value in a record", set: asText(&inc.field)},
		{name: "format", help: "how the source writes it: iso, epoch_s, epoch_ms, text, or YYYY-MM-DD HH:mm:ss.SSSSSS", set: asText(&inc.format)},
		{name: "request_format", help: "how requests want it; empty = the same", set: asText(&inc.requestFormat)},
		{name: "start", help: "cursor of the first read", set: c.asTemplate(&inc.start)},
		{name: "overlap", help: "what was changed that long before the cursor is read again", set: asDuration(&inc.overlap)},
	})
}

func (c *Connector) parseDictionary(n *yaml.Node, section string, d *dictDecl) error {
	return decode(n, section, []field{
		{name: "name", help: "how lookups call it; empty = the stream's name", set: asText(&d.name)},
		{name: "key", help: "dotted path to the key", required: true, set: asText(&d.key)},
		{name: "value", help: "dotted path to the value, or a text with placeholders over .record", required: true, set: func(n *yaml.Node) error {
			if !strings.Contains(n.Value, "{{") {
				return asText(&d.path)(n)
			}
			return c.asTemplate(&d.value)(n)
		}},
	})
}

func (c *Connector) parsePageLookups(n *yaml.Node, section string, st *streamDecl) error {
	if n.Kind != yaml.SequenceNode {
		return errors.New("must be a list")
	}
	for _, item := range n.Content {
		p := pageLookupDecl{batch: 100}
		err := decode(item, section, []field{
			{name: "name", help: "how lookups call it", required: true, set: asText(&p.name)},
			{name: "title", help: "what it is", set: asText(&p.title)},
			{name: "ids", help: "dotted path to the values that are asked for", required: true, set: asText(&p.ids)},
			{name: "when", help: "only records with these values", set: asNode(&p.when)},
			{name: "batch", help: "values a request", set: asInt(&p.batch, 1)},
			{name: "records", help: "dotted path to the answers", set: asText(&p.records)},
			{name: "key", help: "dotted path to the value asked for", required: true, set: asText(&p.key)},
			{name: "value", help: "dotted path to what was found; * takes every element of a list", required: true, set: asText(&p.value)},
			{name: "prefer", help: "dictionary in which the value should have an entry", set: asText(&p.prefer)},
			{name: "request", help: "what to ask; .ids are the values", required: true, set: func(n *yaml.Node) error {
				p.request = &requestDecl{}
				return c.parseRequest(n, section+".request", p.request)
			}},
		})
		if err != nil {
			return err
		}
		st.pageLookups = append(st.pageLookups, p)
	}
	return nil
}

// parseFileStream declares the keys of a stream that is read from files.
func (c *Connector) parseFileStream(n *yaml.Node, section string, st *streamDecl) error {
	f := &st.file
	return decode(n, section, []field{
		{name: "name", help: "name of the stream", required: true, set: asText(&st.name)},
		{name: "title", help: "what it is", set: asText(&st.title)},
		{name: "file", help: "name or pattern inside path; empty = path itself", set: asText(&f.file)},
		{name: "format", help: "format of the files", allowed: fileFormats, set: asText(&f.format)},
		{name: "delimiter", help: "delimiter of CSV columns", set: asText(&f.delimiter)},
		{name: "encoding", help: "encoding of text files", allowed: fileEncodings, set: asText(&f.encoding)},
		{name: "decimal", help: "decimal mark", allowed: []string{".", ","}, set: asText(&f.decimal)},
		{name: "date_formats", help: "formats of dates, tried in this order", set: asList(&f.dateFormats)},
		{name: "columns", help: "names of the columns of a CSV file without a header", set: asList(&f.columns)},
		{name: "records", help: "json: dotted path to the list of records", set: asText(&f.records)},
		{name: "emit", help: "rows made of a record; canonical = columns are named as the canonical stream's", set: asNode(&st.emit)},
	})
}
