package mapping

import "huikuan/transform/schema"

// Most fields are one path, and most of their values are in the form in which
// sources write nearly all of them: a text without blanks around it, an amount
// such as 1234.50, a day such as 2026-03-01. direct reads those at a fraction of
// the price of convert, which knows all forms and says what is wrong; both give
// the same cell.

// isDirect says that a field has nothing but a path.
func (f *field) isDirect() bool {
	if len(f.paths) != 1 || f.constant != nil || f.template != nil || len(f.empty) > 0 || f.zeroNull || f.lookup != nil || f.table != nil {
		return false
	}
	switch f.kind {
	case schema.Text, schema.Label:
		return true
	case schema.Money:
		return f.scale == nil && f.round < 0 && !f.negate && !f.abs
	case schema.Date:
		return len(f.formats) > 0 && (f.formats[0].kind == formatAny || f.formats[0].kind == formatISO)
	}
	return false
}

// direct fills a cell; if it returns false, convert has to.
func (w *worker) direct(f *field, c *cell) bool {
	v := w.value(f.paths[0])
	b := v.b
	switch v.kind {
	case kindAbsent, kindNull:
		*c = cell{}
		return !f.required && f.fallback == nil
	case kindText:
		if len(b) == 0 || b[0] <= ' ' || b[len(b)-1] <= ' ' || b[0]|b[len(b)-1] >= 0x80 {
			return false // empty, or there may be blanks to cut off
		}
		switch f.kind {
		case schema.Text, schema.Label:
			*c = cell{set: true, b: b}
			return w.valid && (!f.currency || isCode(b))
		case schema.Date:
			day, ok := plainDay(b)
			*c = cell{set: true, lo: uint64(int64(day))}
			return ok && day >= minDay && day <= maxDay
		}
	case kindNumber:
		switch f.kind {
		case schema.Money:
			amount, ok := plainAmount(b)
			*c = cell{set: true, lo: uint64(amount)}
			return ok
		case schema.Text, schema.Label:
			*c = cell{set: true, b: b}
			return !f.currency
		}
	}
	return false
}

// isCode recognises a currency code in capitals.
func isCode(b []byte) bool {
	return len(b) == 3 && b[0]-'A' < 26 && b[1]-'A' < 26 && b[2]-'A' < 26
}

// plainDay reads YYYY-MM-DD.
func plainDay(b []byte) (int32, bool) {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	for _, i := range [...]int{0, 1, 2, 3, 5, 6, 8, 9} {
		if b[i]-'0' > 9 {
			return 0, false
		}
	}
	digit := func(i int) int { return int(b[i] - '0') }
	return dayOf(digit(0)*1000+digit(1)*100+digit(2)*10+digit(3), digit(5)*10+digit(6), digit(8)*10+digit(9))
}

// plainAmount reads a sign, at most 14 digits, and at most four decimals after
// a point, and returns it in units of 1e-4.
func plainAmount(b []byte) (int64, bool) {
	i := 0
	if b[0] == '-' {
		i = 1
	}
	from, n := i, int64(0)
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		n = n*10 + int64(b[i]-'0')
	}
	if i == from || i-from > 14 {
		return 0, false
	}
	places := 0
	if i < len(b) && b[i] == '.' {
		for i++; i < len(b) && b[i]-'0' <= 9 && places < 5; i++ {
			n = n*10 + int64(b[i]-'0')
			places++
		}
	}
	if i < len(b) || places > 4 {
		return 0, false
	}
	n *= amountScale[places]
	if b[0] == '-' {
		n = -n
	}
	return n, true
}

// amountScale takes an amount with so many decimals to units of 1e-4.
var amountScale = [5]int64{10_000, 1_000, 100, 10, 1}
