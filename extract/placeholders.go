package extract

import (
	"errors"
	"fmt"
)

// Named is a name with its meaning in a few words.
type Named struct{ Name, Help string }

// Placeholders lists what templates can name.
func Placeholders() []Named {
	return []Named{
		{".settings.NAME", "a setting of the source"},
		{".session.NAME", "what signing in gave: a value taken by a step of `auth` of type session, or a field of the answer with a token"},
		{".now", "instant of the request, in UTC: `.now.Unix`, `.now.UnixMilli`, `.now.Format \"2006-01-02\"`"},
		{".vars.NAME", "a value of the stream, from `vars`"},
		{".pass", "the read that asks: `changed`, or the name of a pass"},
		{".page.size", "records a page"},
		{".page.number", "number of the page"},
		{".page.offset", "records before this page"},
		{".page.cursor", "token for this page, empty for the first"},
		{".page.after", "id: the last identifier read"},
		{".key.value", "keyset, incremental: cursor value from which to read"},
		{".key.op", "keyset: comparison to ask with, from `paging.operators`"},
		{".key.tie", "keyset: true while records that share a cursor value are read by their id"},
		{".key.after", "keyset: the id after which to read, with `.key.tie`"},
		{".incremental.field", "path of the cursor field"},
		{".window.from, .window.to", "the span of time that is read, from `window`; .window.to is not in it, unless `inclusive`"},
		{".parent.id, .parent.NAME", "the record whose children are read, and what `keep` keeps of it"},
		{".parent.ids", "with `batch`: list of the parents asked for"},
		{".fields", "list of the fields that exist, from `fields`"},
		{".columns", "list of the `columns`"},
		{".slice.NAME", "a value of the slice that is read, from `slices`"},
		{".ids", "page_lookups: list of the values to ask for"},
		{".record.NAME", "dictionary: a field of the record"},
	}
}

// Functions lists what templates can call.
func Functions() []Named {
	return []Named{
		{"json VALUE", "the value as JSON, texts in quotes"},
		{"join SEP LIST", "the texts of a list with a separator between them"},
		{"concat LIST LIST …", "one list of several"},
		{"text VALUE", "the value as text, empty for null"},
		{"before SEP TEXT", "the part of a text before a separator"},
		{"lower TEXT", "small letters"},
		{"upper TEXT", "capital letters"},
		{"trim TEXT", "the text without white space around it"},
		{"replace OLD NEW TEXT", "the text with every OLD made NEW"},
		{"default FALLBACK VALUE", "the value, or FALLBACK if it is empty, zero or false"},
		{"list VALUE …", "a list of the values"},
		{"int VALUE", "the value as a whole number"},
		{"add A B", "the sum of two whole numbers"},
		{"urlpath TEXT", "escaped for one part of a path (urlquery: for a parameter)"},
		{"nonce", "a random text, another one each time"},
		{"sha256 TEXT", "hash, as bytes for hex or base64"},
		{"md5 TEXT", "the same by MD5"},
		{"hmac_sha256 KEY TEXT", "signature, as bytes for hex or base64"},
		{"hex BYTES", "bytes as hexadecimal digits"},
		{"base64 BYTES", "bytes as base64"},
	}
}

// UnknownName is the error for a name that does not exist: it lists those that
// do, and the one that was probably meant.
func UnknownName(what, name string, known []string) error {
	if name == "" {
		return errors.New("the name of the " + what + " is empty")
	}
	return fmt.Errorf("there is no %s %q%s", what, name, oneOf(name, known))
}
