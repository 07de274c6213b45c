package mapping

import (
	"slices"

	"huikuan/internal/keys"
	"huikuan/transform/canonical"
)

// LanguageSection is one part of the emit language with its keys.
type LanguageSection struct {
	Name, Help string
	Keys       []keys.Key
}

// Language describes the emit language. The compiler takes the names it knows
// from here: a key that is not described does not exist.
func Language() []LanguageSection {
	return []LanguageSection{
		{"emit entry", "each entry of `emit` makes rows of one canonical stream", entryLanguage},
		{"emit list", "an entry without `to` is about the whole list", listLanguage},
		{"emit field", "a column under `fields` is a path, a list of paths of which the first that is not empty counts, or a mapping of these keys", fieldLanguage},
		{"emit condition", "under `when`, `delete_when` and `skip_when` a path stands before a value, a list of values (null = empty), or a mapping of these keys; `not: {…}`, `any: [{…}, {…}]` and `expr: \"amount > 0\"` stand in the place of a path", testLanguage},
	}
}

var entryLanguage = []keys.Key{
	{Name: "to", Type: keys.Text, Required: true, Help: "canonical stream that the row belongs to", Example: "invoices"},
	{Name: "each", Type: keys.Any, Help: "path to a list in the record, or to an object of elements by key: one row for each element; paths then start at the element. A list of paths goes through lists in lists; `{path: …, where: {…}}` takes only the elements of a level for which a condition holds", Example: "payment_schedule"},
	{Name: "reverse", Type: keys.Boolean, Default: "false", Help: "elements of `each` from the last to the first; of rows with one key the last wins"},
	{Name: "when", Type: keys.Condition, Help: "a row is made where this holds", Example: "{type: invoice}"},
	{Name: "delete_when", Type: keys.Condition, Help: "the row is marked as deleted where this holds", Example: "{status: void}"},
	{Name: "delete", Type: keys.Boolean, Default: "false", Help: "the row is always marked as deleted; the key columns are enough"},
	{Name: "fields", Type: keys.Mapping, Help: "the columns and where their values come from; `canonical` = fields of the same names", Example: "{invoice_id: number, gross_amount: total}"},
	{Name: "custom", Type: keys.Any, Help: `fields kept as text in the column custom: a list of paths, a mapping of names to paths, or "*" for all that are not read`, Example: "[po_no, project]"},
	{Name: "only_if", Type: keys.Template, Help: "the entry is left out where this is empty or false", Example: `"{{ .settings.promises }}"`},
}

var listLanguage = []keys.Key{
	{Name: "skip_when", Type: keys.Condition, Help: "records that make no row at all, and are counted as left out", Example: "{status: draft}"},
	{Name: "date_formats", Type: keys.List, Help: "formats of dates and instants of all entries below, tried before ISO forms", Example: "[DD.MM.YYYY]"},
	{Name: "empty", Type: keys.List, Help: "values that mean NULL in every field below; a day means its midnight too", Example: `["0001-01-01", "-"]`},
	{Name: "false_is_null", Type: keys.Boolean, Default: "false", Help: "false means NULL in all columns but flags", Example: "true"},
	{Name: "consts", Type: keys.Mapping, Help: "names for values that expressions write as `$name`", Example: `{vat: "0.19"}`},
}

var fieldLanguage = []keys.Key{
	{Name: "path", Type: keys.Paths, Help: "where the value stands; of a list the first that is not empty", Example: "customer.id"},
	{Name: "const", Type: keys.Text, Help: "a fixed value", Example: "EUR"},
	{Name: "template", Type: keys.Text, Help: "a text with paths in it; NULL if all of them are empty", Example: `"{{type}}-{{id}}"`},
	{Name: "expr", Type: keys.Text, Help: "an expression that calculates the value, in exact decimals", Example: `"debit - credit"`},
	{Name: "skip_zero", Type: keys.Boolean, Default: "false", Help: "with a list of paths: 0 is empty too"},
	{Name: "empty", Type: keys.List, Help: "values that mean NULL", Example: `["-", "0000-00-00"]`},
	{Name: "zero", Type: keys.Text, Allowed: []string{"null"}, Help: "0 means NULL"},
	{Name: "lookup", Type: keys.List, Help: "dictionaries to ask for the value, one after the other", Example: "[customer_of]"},
	{Name: "map", Type: keys.Mapping, Help: "values to replace, after the lookup; a value that is not listed rejects the record", Example: "{S: sale, R: return}"},
	{Name: "otherwise", Type: keys.Text, Help: "what becomes of values that lookup or map do not know: `keep`, `\"null\"` or a fixed value", Example: "keep"},
	{Name: "default", Type: keys.Text, Help: "value where the source has nothing, and for unknown values", Example: `"0"`},
	{Name: "if_empty", Type: keys.Text, Help: "value where the source has nothing", Example: "EUR"},
	{Name: "date", Type: keys.List, Help: "formats of a date or instant", Example: "M/D/YYYY"},
	{Name: "decimal", Type: keys.Text, Allowed: []string{".", ","}, Default: ".", Help: "the decimal mark"},
	{Name: "number", Type: keys.Text, Allowed: []string{"strict", "loose"}, Default: "strict", Help: "`loose` takes thousands marks, currency signs and brackets"},
	{Name: "scale", Type: keys.Number, Help: "exact factor", Example: `"0.01"`},
	{Name: "negate", Type: keys.Boolean, Default: "false", Help: "turns the sign"},
	{Name: "abs", Type: keys.Boolean, Default: "false", Help: "takes the sign away"},
	{Name: "round", Type: keys.Integer, Help: "decimals of an amount to keep, rounded half away from zero; without it more than four (73943.04999999999, the trace of a float) reject the record", Example: "2"},
}

var testLanguage = []keys.Key{
	{Name: "not_empty", Type: keys.Boolean, Help: "there is a value", Example: "true"},
	{Name: "empty", Type: keys.Boolean, Help: "there is none", Example: "true"},
	{Name: "gt", Type: keys.Number, Help: "greater than", Example: "0"},
	{Name: "gte", Type: keys.Number, Help: "greater than or equal to"},
	{Name: "lt", Type: keys.Number, Help: "less than"},
	{Name: "lte", Type: keys.Number, Help: "less than or equal to"},
	{Name: "not", Type: keys.List, Help: "none of these values", Example: "[draft, void]"},
	{Name: "in", Type: keys.List, Help: "the result of `lookup` is one of these"},
	{Name: "same_as", Type: keys.Path, Help: "equal to the value of another path"},
	{Name: "differs_from", Type: keys.Path, Help: "not equal to the value of another path"},
	{Name: "lookup", Type: keys.List, Help: "dictionaries to ask; alone: one of them has an entry", Example: "[customer_of]"},
	{Name: "all", Type: keys.Boolean, Help: "with `lookup`: each of the dictionaries has an entry"},
	{Name: "in_dictionary", Type: keys.List, Help: "each of these dictionaries has an entry"},
}

// The names that the compiler knows. `only_if` is not among them: whoever fills
// in the settings takes it out.
var (
	listKeys  = keys.Names(listLanguage)
	emitKeys  = slices.Clip(slices.DeleteFunc(keys.Names(entryLanguage), func(name string) bool { return name == "only_if" }))
	fieldKeys = keys.Names(fieldLanguage)
	testKeys  = keys.Names(testLanguage)
)

// Schema is the JSON Schema of an emit section: the columns under `fields` are
// those of the stream that `to` names.
func Schema() keys.Schema {
	field := keys.Schema{"anyOf": []keys.Schema{
		{"type": []string{"string", "number", "boolean"}},
		{"type": "array", "items": keys.Schema{"type": "string"}},
		keys.Object(fieldLanguage),
	}}
	var names []string
	var fits []keys.Schema
	for _, t := range canonical.Streams() {
		names = append(names, t.Name)
		columns := keys.Schema{}
		for _, c := range t.Columns {
			if !isSystem(c.Name) {
				columns[c.Name] = keys.Schema{"$ref": "#/$defs/emit_field", "description": c.Comment}
			}
		}
		fields := keys.Schema{"anyOf": []keys.Schema{
			{"const": "canonical"},
			{"type": "object", "properties": columns, "additionalProperties": false},
		}}
		fits = append(fits, keys.Schema{
			"if":   keys.Schema{"properties": keys.Schema{"to": keys.Schema{"const": t.Name}}, "required": []string{"to"}},
			"then": keys.Schema{"properties": keys.Schema{"fields": fields}},
		})
	}
	entry := keys.Object(entryLanguage)
	properties := entry["properties"].(keys.Schema)
	properties["to"] = keys.Schema{"enum": names, "description": "Canonical stream that the row belongs to"}
	properties["fields"] = keys.Schema{"description": "The columns and where their values come from"}
	entry["allOf"] = fits
	return keys.Schema{
		"emit": keys.Schema{"anyOf": []keys.Schema{
			{"const": "canonical"},
			{"$ref": "#/$defs/emit_entry"},
			{"type": "array", "items": keys.Schema{
				"if": keys.Schema{"required": []string{"to"}}, "then": keys.Schema{"$ref": "#/$defs/emit_entry"},
				"else": keys.Schema{"$ref": "#/$defs/emit_list"}}},
		}},
		"emit_entry": entry,
		"emit_list":  keys.Object(listLanguage),
		"emit_field": field,
	}
}
