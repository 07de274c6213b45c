package mapping

import (
	"strconv"

	"huikuan/transform/schema"
)

// failure says why a record cannot be mapped; it is made on the slow path only.
type failure struct {
	emit                                 *emit
	field, reason, found, expected, hint string
}

// numberFailure says what is wrong with a number.
func numberFailure(f *field, v value, fault numberFault) *failure {
	out := &failure{found: found(v.kind, v.b), expected: expectation(f)}
	switch fault {
	case tooManyPlaces:
		out.reason = f.name + " has more decimals than can be kept exactly"
		out.hint = "set round: 2 on it if the source computes in floats"
	case tooLarge, tooManyDigits:
		out.reason = f.name + " is larger than the column can hold"
		out.hint = "look for a wrong field or a missing decimal mark"
	case notWholeNumber:
		out.reason = f.name + " is not a whole number"
		out.hint = "map another field to it"
	default:
		out.reason = f.name + " is not a number"
		out.hint = `set number: loose if it has thousands marks or currency signs, decimal: "," if the comma is the decimal mark`
		if f.loose {
			out.hint = `check the decimal mark of the field (decimal: "," or ".")`
		}
	}
	return out
}

// missing explains that a required column has no value.
func (w *worker) missing(f *field) *failure {
	v := w.pick(f)
	return &failure{reason: f.name + " is missing", found: found(v.kind, v.b), expected: expectation(f),
		hint: "map it to the field that holds it, or filter such records by `when` or `skip_when`"}
}

// expectation describes what a column takes.
func expectation(f *field) string {
	switch f.kind {
	case schema.Money:
		return "an amount with at most 4 decimals and 14 digits before them, decimal mark " + strconv.Quote(string(f.mark))
	case schema.Rate:
		return "a number, decimal mark " + strconv.Quote(string(f.mark))
	case schema.Int:
		return "a whole number"
	case schema.Date:
		return "a day as " + f.formatsText + ", from 1900 to 2299"
	case schema.Instant:
		return "an instant as " + f.formatsText + ", from 1900 to 2299"
	case schema.Bool:
		return "true or false, yes or no, 1 or 0"
	}
	if f.currency {
		return "a currency code of three letters"
	}
	return "a text"
}

func (f *field) advice() string {
	switch f.kind {
	case schema.Date, schema.Instant:
		return "name its format by `date`, for example date: D.M.YYYY, or list values that mean nothing under `empty`"
	case schema.Bool:
		return "translate its values by `map`"
	}
	return "check the mapping of " + f.name
}

// found shows what stood in the source, cut to a readable length.
func found(kind valueKind, b []byte) string {
	const limit = 80
	text := string(b)
	if r := []rune(text); len(r) > limit {
		text = string(r[:limit]) + "…"
	}
	switch {
	case kind == kindAbsent:
		return "nothing"
	case kind == kindNull:
		return "null"
	case kind == kindText:
		return strconv.Quote(text)
	case kind == kindObject:
		return "an object " + text
	case kind == kindArray:
		return "a list " + text
	}
	return text
}
