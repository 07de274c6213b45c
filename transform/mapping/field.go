package mapping

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"huikuan/transform/schema"
)

// field is how one column of a row comes about.
type field struct {
	column   int
	name     string
	kind     schema.Kind
	currency bool
	required bool // NULL rejects the record
	key      bool // needed even by tombstones
	direct   bool // nothing but a path: worker.direct may read it

	paths    []ref
	texts    []string // the paths as written, for messages
	template []part
	expr     *typed
	constant *cell
	skipZero bool

	empty     []want
	zeroNull  bool
	lookup    []string
	table     map[string]mapped
	allowed   string // the keys of table, for messages
	otherwise otherwise
	other     *cell // otherwise a fixed value
	fallback  *cell // default, if_empty
	emptyOnly bool  // the fallback is not for unknown values

	formats     []dateFormat
	formatsText string
	mark        byte
	loose       bool
	negate, abs bool
	scale       *decimal
	round       int // -1: never
}

// part of a template: a literal, or a path if literal is empty.
type part struct {
	literal string
	at      ref
}

// mapped is what a `map` turns a value into.
type mapped struct {
	null bool
	text string
}

// otherwise says what becomes of a value that lookup or map do not know.
type otherwise uint8

const (
	otherwiseReject otherwise = iota
	otherwiseNull
	otherwiseKeep
	otherwiseValue
)

func (c *compiler) newField(e *emit, column int) field {
	col := e.table.table.Columns[column]
	f := field{column: column, name: col.Name, kind: col.Kind, required: col.Required, mark: c.mark, round: -1, empty: c.empty,
		currency: col.Name == "currency" || strings.HasSuffix(col.Name, "_currency"),
		key:      slices.Contains(e.table.table.Key, col.Name), formats: c.formats}
	f.formatsText = formatNames(f.formats)
	if isCompany(col) && c.m.options.DefaultCompany != "" {
		f.fallback, f.emptyOnly = &cell{set: true, b: []byte(c.m.options.DefaultCompany)}, true
	}
	return f
}

// fields compiles `fields`: a mapping of columns, or the word canonical.
func (c *compiler) fields(e *emit, sc scope, n *yaml.Node) {
	if n := deref(n); n != nil && n.Kind == yaml.ScalarNode && n.Value == "canonical" {
		c.identityFields(e, sc)
		return
	}
	table := e.table.table
	for _, k := range c.pairs(n, "fields") {
		column := slices.IndexFunc(table.Columns, func(col schema.Column) bool { return col.Name == k.key })
		if column < 0 || isSystem(k.key) {
			names := slices.DeleteFunc(table.Names(), isSystem)
			hint := "its columns are " + strings.Join(names, ", ") + "; other fields go under `custom`"
			if near := nearest(k.key, names); near != "" {
				hint = fmt.Sprintf("did you mean %q? %s", near, hint)
			}
			c.add(k.node, hint, "%s has no column %q to map to", table.Name, k.key)
			continue
		}
		f := c.newField(e, column)
		if c.field(&f, sc, k) {
			e.fields = append(e.fields, f)
		}
	}
}

// field compiles one column; false if the connector's settings left nothing of it.
func (c *compiler) field(f *field, sc scope, k pair) bool {
	v := deref(k.value)
	if v != nil && v.Kind == yaml.ScalarNode {
		path, ok := c.text(v, k.key)
		if ok {
			c.paths(f, sc, []string{path}, v)
		}
		return ok
	}
	if v != nil && v.Kind == yaml.SequenceNode {
		c.paths(f, sc, c.texts(v, k.key), v)
		return true
	}
	options := c.pairs(v, k.key)
	if len(options) == 0 {
		return false
	}
	byKey := map[string]*yaml.Node{}
	for _, o := range options {
		if !slices.Contains(fieldKeys, o.key) {
			c.unknown(o, k.key, fieldKeys)
		}
		byKey[o.key] = o.value
	}
	c.formatting(f, k, byKey) // before constants, which are read by it
	c.values(f, byKey)
	if byKey["default"] != nil {
		f.fallback, f.emptyOnly = c.constantCell(f, byKey["default"], "default"), false
	}
	if n := byKey["if_empty"]; n != nil {
		f.fallback, f.emptyOnly = c.constantCell(f, n, "if_empty"), true
		if byKey["default"] != nil {
			c.add(n, "default is for empty and for unknown values, if_empty for empty ones only", "%s has both default and if_empty", k.key)
		}
	}
	c.origin(f, sc, k, byKey)
	return true
}

// origin compiles where the value comes from: exactly one of path, const, template, expr.
func (c *compiler) origin(f *field, sc scope, k pair, byKey map[string]*yaml.Node) {
	count := 0
	for _, key := range []string{"path", "const", "template", "expr"} {
		if byKey[key] != nil {
			count++
		}
	}
	if count == 0 && f.fallback != nil { // a path that the settings left empty
		f.constant = f.fallback
		return
	}
	if count != 1 {
		c.add(k.node, "give exactly one of path, const, template, expr", "%s has %d sources of its value", k.key, count)
		return
	}
	if n := byKey["const"]; n != nil {
		f.constant = c.constantCell(f, n, "const")
	}
	if n := byKey["template"]; n != nil {
		c.template(f, sc, n)
	}
	if n := byKey["expr"]; n != nil {
		c.expression(f, sc, n)
	}
	if n := byKey["path"]; n != nil {
		c.paths(f, sc, c.texts(n, "path"), n)
	}
	if n := byKey["skip_zero"]; n != nil {
		f.skipZero = c.flag(n, "skip_zero")
	}
}

func (c *compiler) paths(f *field, sc scope, texts []string, n *yaml.Node) {
	must := len(texts) == 1 && f.fallback == nil
	for _, text := range texts {
		if at, ok := c.ref(n, sc, text, must); ok {
			f.paths = append(f.paths, at)
			f.texts = append(f.texts, text)
		}
	}
	if len(f.paths) == 0 && len(c.list) == 0 {
		c.add(n, "name at least one field of the source", "%s has no path", f.name)
	}
}

// template compiles "{{a}}-{{b}}".
func (c *compiler) template(f *field, sc scope, n *yaml.Node) {
	text, ok := c.text(n, "template")
	if !ok {
		return
	}
	f.texts = []string{text}
	for rest := text; rest != ""; {
		literal, after, found := strings.Cut(rest, "{{")
		if literal != "" {
			f.template = append(f.template, part{literal: literal})
		}
		if !found {
			break
		}
		path, after, closed := strings.Cut(after, "}}")
		if !closed {
			c.add(n, "write {{path}}", "template %q opens {{ and does not close it", text)
			return
		}
		if at, ok := c.ref(n, sc, strings.TrimSpace(path), true); ok {
			f.template = append(f.template, part{at: at})
		}
		rest = after
	}
	if !slices.ContainsFunc(f.template, func(p part) bool { return p.literal == "" }) {
		c.add(n, "use const for a fixed text", "template %q has no {{path}}", text)
	}
}

// values compiles what replaces values.
func (c *compiler) values(f *field, byKey map[string]*yaml.Node) {
	if n := byKey["empty"]; n != nil {
		f.empty = append(slices.Clone(c.empty), c.wants(n, f.name)...)
	}
	if n := byKey["zero"]; n != nil {
		s := deref(n)
		f.zeroNull = isNull(s) || s.Value == "null"
		if !f.zeroNull {
			c.add(n, `write zero: "null"`, "zero can only be turned into null")
		}
	}
	if n := byKey["lookup"]; n != nil {
		f.lookup = c.texts(n, "lookup")
	}
	if n := byKey["map"]; n != nil {
		c.mapping(f, n)
	}
	n := byKey["otherwise"]
	if n == nil {
		return
	}
	switch s := deref(n); {
	case isNull(s) || s.Value == "null":
		f.otherwise = otherwiseNull
	case s.Value == "keep":
		f.otherwise = otherwiseKeep
	default:
		f.otherwise = otherwiseValue
		f.other = c.constantCell(f, n, "otherwise")
	}
}

func (c *compiler) mapping(f *field, n *yaml.Node) {
	f.table = map[string]mapped{}
	var keys []string
	for _, k := range c.pairs(n, "map") {
		keys = append(keys, k.key)
		if isNull(k.value) {
			f.table[k.key] = mapped{null: true}
			continue
		}
		text, ok := c.text(k.value, "a value of map")
		if ok {
			c.constantCell(f, k.value, "a value of map") // checked now, so that no page fails by it
			f.table[k.key] = mapped{text: text}
		}
	}
	sort.Strings(keys)
	f.allowed = listed(keys, 20)
}

// constantCell reads a fixed value as the column would.
func (c *compiler) constantCell(f *field, n *yaml.Node, what string) *cell {
	if isNull(deref(n)) {
		return &cell{}
	}
	text, ok := c.text(n, what)
	if !ok {
		return nil
	}
	out := &cell{}
	plain := *f
	plain.mark, plain.loose, plain.scale, plain.negate, plain.abs = '.', false, nil, false, false
	plain.formats = append(slices.Clone(f.formats), dateFormat{name: "iso", kind: formatISO})
	c.scratch.zone.loc = c.m.location()
	c.scratch.arena = nil
	if fault := c.scratch.typed(&plain, value{kind: kindText, b: []byte(text)}, out); fault != nil {
		c.add(n, "expected "+fault.expected, "%s of %s cannot be %q", what, f.name, text)
	}
	return out
}

// formatting compiles how texts of dates and numbers are read.
func (c *compiler) formatting(f *field, k pair, byKey map[string]*yaml.Node) {
	number := f.kind == schema.Money || f.kind == schema.Rate || f.kind == schema.Int || f.kind == schema.Float
	date := f.kind == schema.Date || f.kind == schema.Instant
	for _, key := range []string{"decimal", "number", "scale", "negate", "abs", "round", "date"} {
		if n := byKey[key]; n != nil && (key == "date" && !date || key != "date" && !number) {
			c.add(n, fmt.Sprintf("%s is a %s", f.name, f.kind), "%s does not apply to %s", key, k.key)
		}
	}
	if n := byKey["date"]; n != nil {
		formats, err := compileFormats(c.texts(n, "date"))
		if err != nil {
			c.add(n, "", "%v", err)
		}
		f.formats, f.formatsText = formats, formatNames(formats)
	}
	if n := byKey["decimal"]; n != nil {
		mark, _ := c.text(n, "decimal")
		if mark != "." && mark != "," {
			c.add(n, `write decimal: "," or decimal: "."`, "decimal of %s is %q", k.key, mark)
		} else {
			f.mark = mark[0]
		}
	}
	if n := byKey["number"]; n != nil {
		style, _ := c.text(n, "number")
		if f.loose = style == "loose"; !f.loose && style != "strict" {
			c.add(n, "it is strict or loose", "number of %s is %q", k.key, style)
		}
	}
	if n := byKey["scale"]; n != nil {
		scale := c.number(n, "scale")
		f.scale = &scale
	}
	if n := byKey["negate"]; n != nil {
		f.negate = c.flag(n, "negate")
	}
	if n := byKey["abs"]; n != nil {
		f.abs = c.flag(n, "abs")
	}
	if n := byKey["round"]; n != nil {
		text, _ := c.text(n, "round")
		places, err := strconv.Atoi(text)
		if err != nil || places < 0 || places > schema.MoneyScale {
			c.add(n, "it is the number of decimals to keep, 0 to 4", "round of %s is %q", k.key, text)
		}
		f.round = places
	}
}

// customFields compiles `custom`.
func (c *compiler) customFields(e *emit, sc scope, k pair) {
	n := deref(k.value)
	if n != nil && n.Kind == yaml.MappingNode {
		c.namedCustoms(e, sc, n)
		return
	}
	paths := n
	if n != nil && n.Kind == yaml.SequenceNode { // {name: path} stands among paths
		plain := *n
		plain.Content = nil
		for _, item := range n.Content {
			if item := deref(item); item.Kind == yaml.MappingNode {
				c.namedCustoms(e, sc, item)
				continue
			}
			plain.Content = append(plain.Content, item)
		}
		paths = &plain
	}
	for _, path := range c.texts(paths, "custom") {
		if path == "*" {
			if len(e.levels) > 0 {
				c.add(k.node, "name the fields to keep", "custom \"*\" cannot be used with each")
			}
			e.customRest, c.m.rest = true, true
			continue
		}
		if at, ok := c.ref(k.value, sc, path, true); ok {
			keys, _ := splitPath(strings.TrimPrefix(strings.TrimLeft(path, "^"), "."))
			e.custom = append(e.custom, customField{key: keys[len(keys)-1], at: at})
		}
	}
}

// namedCustoms takes the entries of a mapping: names, and paths or fields.
func (c *compiler) namedCustoms(e *emit, sc scope, n *yaml.Node) {
	for _, p := range c.pairs(n, "custom") {
		if v := deref(p.value); v != nil && v.Kind == yaml.MappingNode {
			f := &field{column: -1, name: p.key, kind: schema.Text, mark: c.mark, round: -1, empty: c.empty, formats: c.formats}
			if c.field(f, sc, p) {
				e.custom = append(e.custom, customField{key: p.key, field: f})
			}
			continue
		}
		if path, ok := c.text(p.value, "custom"); ok {
			if at, ok := c.ref(p.value, sc, path, true); ok {
				e.custom = append(e.custom, customField{key: p.key, at: at})
			}
		}
	}
}

func formatNames(formats []dateFormat) string {
	var names []string
	for _, f := range formats {
		if f.kind == formatAny {
			names = append(names, "YYYY-MM-DD or another ISO form")
			continue
		}
		names = append(names, f.name)
	}
	return strings.Join(names, ", ")
}
