package extract

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"
)

// This file declares the keys of streams and of what stands in them, once.

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
	if c.kind == kindSQL {
		return c.parseSQLStream(n, section, st)
	}
	if isDefault {
		return decode(n, section, c.sharedFields(st))
	}
	return decode(n, section, c.streamFields(st))
}

// sharedFields are the keys that `defaults` may have too.
func (c *Connector) sharedFields(st *streamDecl) []field {
	return append(c.readingFields(st),
		field{name: "incremental", help: "how to continue where the last run ended", typ: typeSection, example: `{field: modified, format: iso, overlap: 15m}`,
			sub: func() []field { return c.incrementalFields(&incrementalDecl{format: "iso"}) }, set: asNode(&st.incNode)},
		field{name: "count", help: "how to learn the number of records", typ: typeSection, sub: func() []field {
			st.count = &countDecl{}
			return append(c.requestFields(&st.count.request), field{name: "value", help: "path to the number in the answer", required: true, to: &st.count.value, typ: typePath, example: "total"})
		}},
		field{name: "passes", help: "further reads of the stream, after the one for what changed; those of the defaults count for streams that name them",
			typ: typeSections, example: `[{name: keys, every: 24h, vars: {fields: [id]}, emit: [{to: invoices, fields: {invoice_id: id}}]}]`,
			sub: func() []field { return c.passFields(&passDecl{streamDecl: streamDecl{sweep: true}}) },
			set: func(n *yaml.Node) error { return c.parsePasses(n, "stream "+st.name+".passes", st) }},
		field{name: "concurrency", help: "requests of the stream in flight at once: pages by offset, windows, slices; a pass or section may say otherwise",
			typ: typeInteger, def: "1", example: "4", set: c.asNumber(&st.atOnce)},
		field{name: "check", help: "how `huikuan check` finds the first and the last record; what is not said is taken from request", typ: typeSection, sub: func() []field {
			st.check = &checkDecl{}
			return c.checkFields(st.check)
		}},
	)
}

// streamFields are the keys of a stream that is read over HTTP.
func (c *Connector) streamFields(st *streamDecl) []field {
	return append(c.sharedFields(st),
		field{name: "name", help: "name of the stream", required: true, to: &st.name, example: "invoices"},
		field{name: "title", help: "what it is", to: &st.title, example: "customer invoices with their credit notes"},
		field{name: "needs", help: "rights of the user that the stream needs, for the documentation", typ: typeMapping, to: &st.needs, example: `{account.move: read}`},
		field{name: "only_if", help: "the stream is left out where this is empty or false", typ: typeTemplate, set: c.asTemplate(&st.onlyIf), example: `"{{ .settings.visits }}"`},
		field{name: "dictionary", help: "keeps key and value of each record for the lookups of other streams", typ: typeSection, sub: func() []field {
			st.dict = &dictDecl{}
			return c.dictionaryFields(st.dict)
		}},
		field{name: "lookups", help: "dictionaries that the mapping asks", to: &st.lookups, example: "[customer_owner]"},
		field{name: "page_lookups", help: "dictionaries asked for each page", typ: typeSections,
			sub: func() []field { return c.pageLookupFields(&pageLookupDecl{}) },
			set: func(n *yaml.Node) error { return c.parsePageLookups(n, "stream "+st.name+".page_lookups", st) }},
		field{name: "slices", help: "the stream is read once for each of these sets of values", typ: typeMappings, example: `[{name: active, archived: "false"}, {name: archived, archived: "true"}]`,
			set: func(n *yaml.Node) error { return n.Decode(&st.slices) }},
		field{name: "parent", help: "the stream is asked once for each record of another, or once for each batch of them", typ: typeSection, sub: func() []field {
			st.parent = &parentDecl{missing: "error"}
			return c.parentFields(st.parent)
		}},
		field{name: "group", help: "one record is made of all that a batch of parents brought and that agree in some fields, such as the lines cleared with one another", typ: typeSection, sub: func() []field {
			st.group = &groupDecl{}
			return c.groupFields(st.group)
		}},
		field{name: "replace", help: "all rows of a parent that did not come again are deleted", typ: typeSection, sub: func() []field {
			st.replace = &replaceDecl{}
			return c.replaceFields(st.replace)
		}},
		field{name: "sweep", help: "the stream is read whole each time: rows that were not met are deletions", to: &st.sweep},
		field{name: "emit", help: "rows made of a record", to: &st.emit, typ: typeEmit},
	)
}

// readingFields are the keys that say what to ask; a pass may have them too.
func (c *Connector) readingFields(st *streamDecl) []field {
	return []field{
		{name: "request", help: "what to ask", typ: typeSection, sub: func() []field {
			st.request = &requestDecl{}
			return c.requestFields(st.request)
		}},
		{name: "records", help: "path to the list of records in the answer; empty = the answer itself", typ: typePath, example: "data.items", set: func(n *yaml.Node) error {
			st.records = new(string)
			return asText(st.records)(n)
		}},
		{name: "columns", help: "every record is an array of values in this order; `fields` = the fields that were found", to: &st.columns, example: "[FID, FBillNo, FModifyDate]"},
		{name: "fields", help: "finds out which fields exist before they are asked for", typ: typeSection, sub: func() []field {
			st.fields = &fieldsDecl{}
			return c.fieldsFields(st.fields)
		}},
		{name: "paging", help: "how to get the next page", typ: typeSection, sub: func() []field {
			st.paging = &pagingDecl{}
			return c.pagingFields(st.paging)
		}},
		{name: "window", help: "cuts the time to be read into windows, each asked by itself", typ: typeSection, sub: func() []field {
			st.window = &windowDecl{format: "iso"}
			return c.windowFields(st.window)
		}},
		{name: "vars", help: "values for the placeholders of this stream", typ: typeMapping, to: &st.vars, example: `{doctype: Sales Invoice}`},
	}
}

// pagingKinds lists the ways of paging.
var pagingKinds = []string{"none", "offset", "cursor", "next", "keyset", "id"}

func (c *Connector) pagingFields(p *pagingDecl) []field {
	p.maxPages = 1_000_000
	p.start, p.numeric = 1, true
	p.operators.from, p.operators.after, p.operators.equal = ">=", ">", "="
	return []field{
		{name: "type", help: "the way of paging", required: true, allowed: pagingKinds, to: &p.kind},
		{name: "size", help: "records a page", typ: typeInteger, def: "100", set: c.asNumber(&p.sizeText), example: "500"},
		{name: "path", help: "path to the cursor or next address in the answer, or header:NAME", typ: typePath, to: &p.path, example: "paging.next.after", group: "cursor,next"},
		{name: "link", help: "the next address stands in the header Link, rel=next", to: &p.link, group: "next"},
		{name: "start", help: "number of the first page", to: &p.start, least: 0, group: "offset"},
		{name: "more", help: "path to a flag: false ends the reading", typ: typePath, to: &p.more, example: "page_context.has_more_page", group: "offset,cursor,next"},
		{name: "total", help: "path to the number of all records: the reading ends when that many came", typ: typePath, to: &p.total, example: "pagination.total", group: "offset"},
		{name: "short_page_ends", help: "a page shorter than asked is the last; else an empty one is", to: &p.shortEnds, group: "offset,id"},
		{name: "concurrency", help: "pages in flight at once; empty = that of the stream", typ: typeInteger, set: c.asNumber(&p.atOnce), group: "offset"},
		{name: "id", help: "path to what tells records apart; id: the records come in its order", typ: typePath, to: &p.id, example: "id", group: "keyset,id"},
		{name: "first", help: "a value before every id", to: &p.firstID, example: `"0"`, group: "keyset,id"},
		{name: "first_id", help: "the same", to: &p.firstID, group: "keyset,id"},
		{name: "numeric", help: "ids are compared as whole numbers, else as texts", to: &p.numeric, group: "id"},
		{name: "cap", help: "records after which the source gives no more; reading then starts anew from the last cursor value", to: &p.cap, least: 1, group: "offset,cursor,next"},
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

func (c *Connector) incrementalFields(inc *incrementalDecl) []field {
	return []field{
		{name: "field", help: "path to the cursor value in a record; of several the latest counts", typ: typePaths, set: asList(&inc.fields), example: "modified"},
		{name: "from", help: "path to the cursor value in the answer, where it does not stand in the records", typ: typePath, to: &inc.from, example: "time"},
		{name: "format", help: "how the source writes it: iso, date, epoch_s, epoch_ms, ms_date, class, text, or a pattern of YYYY MM DD HH mm ss SSSSSS", to: &inc.format, example: `"YYYY-MM-DD HH:mm:ss"`},
		{name: "request_format", help: "how requests want it, http among the formats; empty = the same", to: &inc.requestFormat},
		{name: "request_timezone", help: "zone in which requests want it; empty = that of the connector", typ: typeTemplate, set: c.asTemplate(&inc.requestZone), example: "Asia/Shanghai"},
		{name: "start", help: "cursor of the first read", typ: typeTemplate, set: c.asTemplate(&inc.start), example: `"2000-01-01"`},
		{name: "overlap", help: "what was changed that long before the cursor is read again; longer than the longest transaction", typ: typeDuration, set: c.asSpan(&inc.overlapText), example: "15m"},
		{name: "safe_lag", help: "the cursor is never later than the request less this", typ: typeDuration, set: c.asSpan(&inc.safeLag), example: "5m"},
		{name: "unordered", help: "the records do not come in order of the field: the cursor moves when all were read", to: &inc.unordered},
		{name: "opaque", help: "the value is a text that only the source understands", to: &inc.opaque},
	}
}

func (c *Connector) parseIncremental(n *yaml.Node, section string, inc *incrementalDecl) error {
	return decode(n, section, c.incrementalFields(inc))
}

func (c *Connector) windowFields(w *windowDecl) []field {
	return []field{
		{name: "from", help: "where the first window begins", required: true, typ: typeTemplate, set: c.asTemplate(&w.from), example: `"{{ .settings.start }}"`},
		{name: "step", help: "length of a window", required: true, typ: typeDuration, set: c.asSpan(&w.step), example: "30d"},
		{name: "to", help: "where the last window ends; now = the time of reading", typ: typeTemplate, def: "now", set: c.asTemplate(&w.to)},
		{name: "format", help: "how requests want its ends, in the formats of incremental", to: &w.format},
		{name: "lookback", help: "what lies that long before the last read is read again in each run", typ: typeDuration, set: c.asSpan(&w.lookback), example: "90d"},
		{name: "inclusive", help: ".window.to is the last instant inside, not the first beyond", to: &w.inclusive},
		{name: "concurrency", help: "windows in flight at once; empty = that of the stream", typ: typeInteger, set: c.asNumber(&w.atOnce)},
	}
}

// passKinds lists what a pass may be for.
var passKinds = []string{"open", "keys", "full"}

func (c *Connector) passFields(p *passDecl) []field {
	return append(c.readingFields(&p.streamDecl),
		field{name: "name", help: "name of the pass; .pass in placeholders", required: true, to: &p.name, example: "keys"},
		field{name: "kind", help: "open = what may have moved without a sign; keys = identifiers only, for deletions and lost rows; full = everything; empty = as the name", allowed: passKinds, to: &p.kind},
		field{name: "every", help: "how often; 0s = in each run", typ: typeDuration, def: "0s", set: c.asSpan(&p.every), example: "24h"},
		field{name: "only_if", help: "the pass is left out where this is empty or false", typ: typeTemplate, set: c.asTemplate(&p.onlyIf)},
		field{name: "sweep", help: "full: rows that were not met are deletions", to: &p.sweep},
		field{name: "emit", help: "keys: the identifiers of a record, by table", typ: typeEmit, to: &p.emit},
	)
}

func (c *Connector) parsePasses(n *yaml.Node, section string, st *streamDecl) error {
	return eachSection(n, func(item *yaml.Node) error {
		p := passDecl{streamDecl: streamDecl{line: item.Line, sweep: true}}
		if err := decode(item, section, c.passFields(&p)); err != nil {
			return err
		}
		if p.name == passChanged {
			return at(item, "%s: %q is the name of the normal read", section, passChanged)
		}
		st.passes = append(st.passes, p)
		return nil
	})
}

func (c *Connector) parentFields(p *parentDecl) []field {
	p.batch = 1
	return []field{
		{name: "stream", help: "the stream whose records are the parents", required: true, to: &p.stream, example: "invoices"},
		{name: "id", help: "path to a parent's identifier, .parent.id in placeholders; or a text with placeholders over .record, and where that is empty a parent is known to have no children: nothing is asked", required: true, typ: typeTemplate, example: "id",
			set: func(n *yaml.Node) error {
				if !strings.Contains(n.Value, "{{") {
					return asText(&p.id)(n)
				}
				return c.asTemplate(&p.idText)(n)
			}},
		{name: "keep", help: "further values of a parent, as .parent.NAME: a list of names, or a mapping of names to paths", typ: typeAny, example: "[ref, socid]", set: asKept(&p.keep)},
		{name: "when", help: "only parents with these values", typ: typeCondition, to: &p.when, example: `{status: ["1", "2"]}`},
		{name: "batch", help: "parents asked for in one request, as .parent.ids; 1 = each by itself, its records wrapped as {parent, child}", to: &p.batch, least: 1},
		{name: "passes", help: "passes of the parent stream that are followed", to: &p.passes, def: "[changed, open]", example: "[changed, open, full]"},
		{name: "missing_parent", help: "what a 404 means: empty or deleted = it has no records; unknown = nothing is known of them; error", allowed: []string{"error", "empty", "deleted", "unknown"}, to: &p.missing},
		{name: "concurrency", help: "parents in flight at once; empty = http.concurrency", typ: typeInteger, set: c.asNumber(&p.atOnce)},
	}
}

func (c *Connector) replaceFields(r *replaceDecl) []field {
	return []field{
		{name: "tables", help: "tables whose rows are replaced", required: true, to: &r.tables, example: "[allocations]"},
		{name: "by", help: "column that holds the parent", required: true, to: &r.by, example: "invoice_id"},
		{name: "value", help: "its value: a path into the parent, or a text with placeholders over .parent; without a parent into the record and over .record; empty = the parent's id", typ: typeTemplate, example: "id",
			set: func(n *yaml.Node) error {
				if !strings.Contains(n.Value, "{{") {
					return asText(&r.path)(n)
				}
				return c.asTemplate(&r.value)(n)
			}},
		{name: "stream", help: "the stream that gave the rows, where that is another one: a list of deletions takes what a deleted document had settled with it; empty = this stream", to: &r.stream, example: "payments"},
	}
}

func (c *Connector) fieldsFields(f *fieldsDecl) []field {
	return []field{
		{name: "ask", help: "fields to ask for, as .fields; one that ends in ? may be missing, the others must exist", typ: typeList, to: &f.ask, example: "[id, name, memo?]"},
		{name: "probe", help: "the request that tells which fields there are", typ: typeSection, sub: func() []field {
			f.probe = &probeDecl{}
			return append(c.requestFields(&f.probe.request),
				field{name: "names", help: "path to the names of the fields; ~key = the keys of the object there", required: true, typ: typePath, to: &f.probe.names, example: "result.~key"})
		}},
	}
}

func (c *Connector) checkFields(k *checkDecl) []field {
	end := func(dst **requestDecl) func() []field {
		return func() []field {
			*dst = &requestDecl{}
			fields := c.requestFields(*dst)
			(*dst).method = ""
			for i := range fields {
				fields[i].required = false
			}
			return fields
		}
	}
	return []field{
		{name: "earliest", help: "the request whose first record is the earliest", typ: typeSection, sub: end(&k.earliest)},
		{name: "latest", help: "the request whose first record is the latest", typ: typeSection, sub: end(&k.latest), example: `{query: {order: modified desc, limit: "1"}}`},
	}
}

func (c *Connector) dictionaryFields(d *dictDecl) []field {
	return []field{
		{name: "name", help: "how lookups call it; empty = the stream's name", to: &d.name},
		{name: "key", help: "path to the key", required: true, typ: typePath, to: &d.key, example: "id"},
		{name: "value", help: "path to the value, or a text with placeholders over .record", required: true, typ: typeTemplate, example: "name", set: func(n *yaml.Node) error {
			if !strings.Contains(n.Value, "{{") {
				return asText(&d.path)(n)
			}
			return c.asTemplate(&d.value)(n)
		}},
	}
}

func (c *Connector) pageLookupFields(p *pageLookupDecl) []field {
	p.batch = 100
	return []field{
		{name: "name", help: "how lookups call it", required: true, to: &p.name},
		{name: "title", help: "what it is", to: &p.title},
		{name: "ids", help: "path to the values that are asked for", required: true, typ: typePath, to: &p.ids},
		{name: "when", help: "only records with these values", typ: typeCondition, to: &p.when},
		{name: "batch", help: "values a request", to: &p.batch, least: 1},
		{name: "records", help: "path to the answers", typ: typePath, to: &p.records},
		{name: "key", help: "path to the value asked for", required: true, typ: typePath, to: &p.key},
		{name: "value", help: "path to what was found; * takes every element of a list", typ: typePath, to: &p.value},
		{name: "values", help: "instead of value: several, by name; each is the dictionary NAME.x", typ: typeMapping, set: asTexts(&p.values), example: "{owner: user_id, team: team_id}"},
		{name: "prefer", help: "dictionary in which the value should have an entry", to: &p.prefer},
		{name: "request", help: "what to ask; .ids are the values", required: true, typ: typeSection, sub: func() []field {
			p.request = &requestDecl{}
			return c.requestFields(p.request)
		}},
	}
}

func (c *Connector) parsePageLookups(n *yaml.Node, section string, st *streamDecl) error {
	return eachSection(n, func(item *yaml.Node) error {
		p := pageLookupDecl{}
		if err := decode(item, section, c.pageLookupFields(&p)); err != nil {
			return err
		}
		if (p.value == "") == (len(p.values) == 0) {
			return at(item, `%s needs one of the keys "value" and "values"`, section)
		}
		st.pageLookups = append(st.pageLookups, p)
		return nil
	})
}

// eachSection reads a list of sections.
func eachSection(n *yaml.Node, read func(item *yaml.Node) error) error {
	if n.Kind != yaml.SequenceNode {
		return errors.New("must be a list")
	}
	var errs []error
	for _, item := range n.Content {
		errs = append(errs, read(deref(item)))
	}
	return errors.Join(errs...)
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
