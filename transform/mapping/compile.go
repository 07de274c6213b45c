package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"go.yaml.in/yaml/v3"

	"huikuan/transform/canonical"
	"huikuan/transform/schema"
)

// emit is one entry of the list: how one row of one table comes about.
type emit struct {
	index      int
	table      *tablePlan
	levels     []*level // lists to go through, from the outside in; none: one row a record
	reverse    bool
	when       *condition
	deleteWhen *condition
	deleted    bool // always a tombstone
	fields     []field
	filler     []int // columns that another emit of the table fills and this one does not
	custom     []customField
	customRest bool
}

// customField is an entry of the map column: what stands at a path, or what a
// field of kind text makes of the record.
type customField struct {
	key   string
	at    ref
	field *field
}

// tablePlan is a table that the mapping writes to.
type tablePlan struct {
	index   int
	source  string
	stream  string // of the connector
	table   schema.Table
	arrow   *arrow.Schema
	mapped  []bool // columns filled row by row
	deletes bool   // some emit makes tombstones
	customs bool   // some emit keeps custom fields
	custom  int    // position of the map column
	marker  int    // position of _deleted
}

// compiler carries what the compilation of one stream needs.
type compiler struct {
	problems
	m       *Mapper
	formats []dateFormat // of fields without a `date`
	mark    byte         // of fields without a `decimal`
	empty   []want       // what means nothing in every field
	consts  map[string]string
	scratch worker // converts constants
}

// scope is where paths start.
type scope struct {
	record *pathSet
	levels []*pathSet // of the elements of `each`, from the outside in
}

// Compile checks the `emit` section of a stream and prepares it. All mistakes
// are reported at once, each a [*Problem] with its line. A nil emit, or the word
// `canonical`, maps each field to the column of its name in the canonical stream
// that is called like this one.
//
// A field of `fields` is a path, a list of paths, or a mapping of:
//
//	path: a.b | [a, b]      the source; of a list the first that is not empty
//	skip_zero: true         with a list of paths: 0 is empty too
//	const: x                a fixed value
//	template: "{{a}}-{{b}}" text with paths in it; NULL if all of them are empty
//	expr: debit - credit    an expression; exact decimals, checked when compiled
//	empty: ["-", "0000-00-00"] values that mean NULL
//	zero: "null"            0 means NULL
//	lookup: [d1, d2]        dictionaries to ask, one after the other
//	map: {a: x, b: y}       values to replace, after the lookup
//	otherwise: keep|"null"|x for values that lookup or map do not know; else the
//	                        record is rejected, or `default` taken if there is one
//	default: x              where the source has nothing, and for unknown values
//	if_empty: x             where the source has nothing
//	date: M/D/YYYY | [...]  formats of a date or instant, see the tokens below
//	decimal: ","            the decimal mark; "." if not given
//	number: loose           thousands marks, currency signs, brackets are fine
//	scale: "0.01"           exact factor (percent → fraction)
//	negate: true, abs: true the sign
//	round: 2                money: round half away from zero to these decimals;
//	                        without it more than four decimals are rejected
//
// Rates are rounded half away from zero to ten decimals. Text loses blanks at
// its ends; numbers and flags become text exactly as written. Without `date`,
// ISO forms with or without time and zone, /Date(ms)/, and epochs of 9 to 11
// (seconds) or 12 to 14 digits (milliseconds) are understood; a day that stands
// as midnight in any zone is that day. Date tokens are YYYY YY (70–99 are 19xx)
// MMMM MMM MM M DD D HH H hh h mm ss S A Z, or the words iso, epoch_s, epoch_ms,
// epoch_us, epoch_s_local, epoch_ms_local (the day is always that of the zone), any.
//
// Conditions (`when`, `delete_when`, `skip_when`) map paths to what they must
// be, all together: a value, a list (null stands for absent or empty), or a
// mapping of not_empty, empty, gt, gte, lt, lte (numbers), not (value or list),
// same_as, differs_from (another path), lookup with in (the result of the
// dictionaries is one of the list), lookup with all (an entry in each
// dictionary). `not: {…}` negates a condition, `any: [{…}, {…}]` joins
// alternatives, `expr: "…"` is an expression that must be true.
//
// Entries without `to` are about those below: `skip_when`, `date_formats`,
// `empty` (values that mean NULL in every field), `false_is_null`, `consts` (of
// expressions). `each` is a path, a {path, where}, or a list of them for lists
// in lists.
//
// A tombstone (`delete_when`, `delete: true`) needs the key only. `custom` is a
// list of paths, a mapping of names to paths or to fields as above, or "*" for all fields that the
// mapping does not read.
func Compile(stream string, emits *yaml.Node, o Options) (*Mapper, error) {
	m := &Mapper{stream: stream, options: o, alloc: o.Allocator, paths: newPathSet()}
	if m.alloc == nil {
		m.alloc = memory.NewGoAllocator()
	}
	c := &compiler{problems: problems{stream: stream}, m: m, mark: '.'}
	c.defaults()
	emits = deref(emits)
	switch {
	case isNull(emits), emits.Kind == yaml.ScalarNode && emits.Value == "canonical":
		c.identity(emits)
	case emits.Kind == yaml.MappingNode:
		c.entry(emits)
	case emits.Kind == yaml.SequenceNode:
		for _, n := range emits.Content {
			c.entry(n)
		}
	default:
		c.add(emits, "write a list of `- to: <stream>` entries, or the word canonical", "emit must be a list, not %s", kindName(emits))
	}
	if len(m.emits) == 0 && len(c.list) == 0 {
		c.add(emits, "add an entry `- to: <stream>`", "emit has no entry, so the stream would load nothing")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	m.finish()
	return m, nil
}

// defaults compiles the formats of the stream.
func (c *compiler) defaults() {
	c.setFormats(c.m.options.DateFormats, nil)
	switch c.m.options.Decimal {
	case "", ".":
	case ",":
		c.mark = ','
	default:
		c.add(nil, `it is "." or ","`, "the decimal mark of the stream is %q", c.m.options.Decimal)
	}
}

// setFormats makes the default formats: those of the stream, then what needs no telling.
func (c *compiler) setFormats(texts []string, n *yaml.Node) {
	formats, err := compileFormats(texts)
	if err != nil {
		c.add(n, "", "%v", err)
	}
	c.formats = append(formats, dateFormat{name: "any"})
}

// identity maps columns by their names.
func (c *compiler) identity(n *yaml.Node) {
	t, ok := canonical.Lookup(c.stream)
	if !ok {
		c.add(n, "rename it to the stream it holds or take it out of the folder; "+streamHint(c.stream), "there is no canonical stream %q to map by names", c.stream)
		return
	}
	e := &emit{table: c.table(t), customRest: true}
	c.m.rest = true
	c.identityFields(e, scope{record: c.m.paths})
	c.append(e, n)
}

func (c *compiler) identityFields(e *emit, sc scope) {
	for i, column := range e.table.table.Columns {
		if isSystem(column.Name) {
			continue
		}
		f := c.newField(e, i)
		at, _ := c.ref(nil, sc, column.Name, column.Required)
		f.paths, f.texts = []ref{at}, []string{column.Name}
		e.fields = append(e.fields, f)
	}
}

// entry compiles one element of the list.
func (c *compiler) entry(n *yaml.Node) {
	keys := c.pairs(n, "an entry of emit")
	if len(keys) == 0 {
		return
	}
	if !slices.ContainsFunc(keys, func(k pair) bool { return k.key == "to" }) {
		c.listEntry(n, keys)
		return
	}
	e := &emit{}
	sc := scope{record: c.m.paths}
	byKey := map[string]pair{}
	for _, k := range keys {
		if !slices.Contains(emitKeys, k.key) {
			c.unknown(k, "an entry of emit", append(emitKeys, listKeys...))
		}
		byKey[k.key] = k
	}
	to := byKey["to"]
	name, ok := c.text(to.value, "to")
	if !ok {
		return
	}
	t, ok := canonical.Lookup(name)
	if !ok {
		c.add(to.value, streamHint(name), "there is no stream %q to map to", name)
		return
	}
	e.table = c.table(t)
	if k, ok := byKey["each"]; ok {
		sc = c.each(e, k, c.m.paths)
	}
	if k, ok := byKey["reverse"]; ok {
		e.reverse = c.flag(k.value, "reverse")
		if len(e.levels) == 0 {
			c.add(k.node, "it turns the order of `each`", "reverse needs each")
		}
	}
	c.rows(e, sc, byKey)
	c.append(e, to.node)
}

// rows compiles which rows there are and what they hold.
func (c *compiler) rows(e *emit, sc scope, byKey map[string]pair) {
	if k, ok := byKey["when"]; ok {
		e.when = c.condition(k.value, sc, "when")
	}
	if k, ok := byKey["delete_when"]; ok {
		e.deleteWhen = c.condition(k.value, sc, "delete_when")
	}
	if k, ok := byKey["delete"]; ok {
		e.deleted = c.flag(k.value, "delete")
	}
	e.deleted = e.deleted || c.m.options.KeysOnly
	e.table.deletes = e.table.deletes || e.deleted || e.deleteWhen != nil
	if k, ok := byKey["fields"]; !ok {
		c.add(byKey["to"].node, "", "the entry to %s has no fields", e.table.table.Name)
	} else {
		c.fields(e, sc, k.value)
	}
	if k, ok := byKey["custom"]; ok {
		c.customFields(e, sc, k)
	}
}

// listEntry compiles an entry that is about the whole list.
func (c *compiler) listEntry(n *yaml.Node, keys []pair) {
	for _, k := range keys {
		switch k.key {
		case "skip_when":
			c.m.skip = append(c.m.skip, c.condition(k.value, scope{record: c.m.paths}, "skip_when"))
		case "date_formats":
			c.setFormats(c.texts(k.value, "date_formats"), k.value)
		case "empty":
			for _, w := range c.wants(k.value, "empty") {
				if w.isBool && !w.truth {
					c.m.falseIsNull = true // but in columns of flags
					continue
				}
				c.empty = append(slices.Clip(c.empty), w)
			}
		case "false_is_null":
			c.m.falseIsNull = c.flag(k.value, "false_is_null")
		case "consts":
			c.constants(k.value)
		default:
			if slices.Contains(emitKeys, k.key) {
				c.add(n, "write `to: <stream>`; "+streamHint(""), "an entry of emit has no `to`")
				return
			}
			c.unknown(k, "an entry of emit", append(listKeys, emitKeys...))
		}
	}
}

// table returns the plan of a table, making it at its first use.
func (c *compiler) table(t schema.Table) *tablePlan {
	for _, p := range c.m.tables {
		if p.table.Name == t.Name {
			return p
		}
	}
	p := &tablePlan{index: len(c.m.tables), source: c.m.options.Source, stream: c.stream, table: t, arrow: t.Arrow(), mapped: make([]bool, len(t.Columns))}
	p.custom = slices.Index(t.Names(), "custom")
	p.marker = slices.Index(t.Names(), "_deleted")
	c.m.tables = append(c.m.tables, p)
	return p
}

// append checks that an emit is complete and adds it.
func (c *compiler) append(e *emit, n *yaml.Node) {
	has := func(column string) bool {
		return slices.ContainsFunc(e.fields, func(f field) bool { return f.name == column })
	}
	var missing []string
	for i, column := range e.table.table.Columns {
		key := slices.Contains(e.table.table.Key, column.Name)
		if column.Required && !isSystem(column.Name) && !has(column.Name) && (key || !e.deleted) {
			missing = append(missing, column.Name)
		}
		if isCompany(column) && c.m.options.DefaultCompany != "" && !has(column.Name) {
			f := c.newField(e, i)
			f.constant = f.fallback
			e.fields = append(e.fields, f)
		}
	}
	if len(missing) > 0 && n != nil {
		c.add(n, "map each of them to a path or a const", "the entry to %s does not map %s, which every row needs",
			e.table.table.Name, strings.Join(missing, ", "))
	}
	for _, f := range e.fields {
		e.table.mapped[f.column] = true
	}
	e.index = len(c.m.emits)
	c.m.emits = append(c.m.emits, e)
}

// finish works out which columns each emit leaves to be filled.
func (m *Mapper) finish() {
	for _, e := range m.emits {
		e.table.customs = e.table.customs || len(e.custom) > 0 || e.customRest
		for i := range e.fields {
			e.fields[i].direct = e.fields[i].isDirect()
		}
		for i, mapped := range e.table.mapped {
			own := slices.ContainsFunc(e.fields, func(f field) bool { return f.column == i })
			if mapped && !own {
				e.filler = append(e.filler, i)
			}
		}
	}
}

func streamHint(name string) string {
	hint := "streams are " + strings.Join(canonical.Names(), ", ")
	if near := nearest(name, canonical.Names()); near != "" {
		hint = fmt.Sprintf("did you mean %q? %s", near, hint)
	}
	return hint
}

// isSystem tells the columns that the mapper fills by itself.
func isSystem(name string) bool {
	return slices.ContainsFunc(canonical.System(), func(c schema.Column) bool { return c.Name == name })
}

// isCompany tells the column that Options.DefaultCompany fills.
func isCompany(c schema.Column) bool {
	return c.Name == "company" && !c.Required && !c.Nullable
}
