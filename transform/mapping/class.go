package mapping

import (
	"bytes"
	"strconv"

	"github.com/go-faster/jx"
)

// Some systems (Tryton) write what JSON has no word for as an object that names
// its class: {"__class__":"Decimal","decimal":"608.94"}. Such an object is read
// as the single value that it stands for, whatever path leads to it.

const maxClassObject = 256

// classValue returns the value that an object of a known class stands for:
// Decimal (a number), date and datetime (UTC) as a stamp, time as a text, and
// timedelta as a number of seconds.
func (w *worker) classValue(raw []byte) (value, bool) {
	if len(raw) > maxClassObject || !bytes.Contains(raw, []byte(`"__class__"`)) {
		return value{}, false
	}
	var class, text string
	var numbers [7]int // year month day hour minute second microsecond
	names := [7]string{"year", "month", "day", "hour", "minute", "second", "microsecond"}
	seen := 0
	d := jx.DecodeBytes(raw)
	err := d.Obj(func(d *jx.Decoder, key string) error {
		item, err := d.Raw()
		if err != nil {
			return err
		}
		plain := string(bytes.Trim(item, `" `))
		switch key {
		case "__class__":
			class = plain
		case "decimal", "seconds":
			text = plain
		default:
			for i, name := range names {
				if key != name {
					continue
				}
				if numbers[i], err = strconv.Atoi(plain); err != nil || numbers[i] < 0 {
					class = "" // a date that is none
					return nil
				}
				seen++
			}
		}
		return nil
	})
	if err != nil {
		return value{}, false
	}
	start := len(w.arena)
	switch {
	case class == "Decimal" && text != "":
		w.arena = append(w.arena, text...)
		return value{kindNumber, w.arena[start:]}, true
	case class == "timedelta" && text != "":
		w.arena = append(w.arena, text...)
		return value{kindNumber, w.arena[start:]}, true
	case class == "date" && seen >= 3:
		w.arena = appendDay(w.arena, numbers[0], numbers[1], numbers[2])
		return value{kindStamp, w.arena[start:]}, true
	case class == "datetime" && seen >= 3:
		w.arena = appendDay(w.arena, numbers[0], numbers[1], numbers[2])
		w.arena = append(appendClock(append(w.arena, 'T'), numbers[3], numbers[4], numbers[5], numbers[6]), 'Z')
		return value{kindStamp, w.arena[start:]}, true
	case class == "time":
		w.arena = appendClock(w.arena, numbers[3], numbers[4], numbers[5], numbers[6])
		return value{kindText, w.arena[start:]}, true
	}
	return value{}, false
}

// appendDay writes YYYY-MM-DD.
func appendDay(dst []byte, year, month, day int) []byte {
	dst = appendPadded(dst, year, 4)
	dst = appendPadded(append(dst, '-'), month, 2)
	return appendPadded(append(dst, '-'), day, 2)
}

// appendClock writes hh:mm:ss, with six decimals where there are microseconds.
func appendClock(dst []byte, hour, minute, second, micros int) []byte {
	dst = appendPadded(dst, hour, 2)
	dst = appendPadded(append(dst, ':'), minute, 2)
	dst = appendPadded(append(dst, ':'), second, 2)
	if micros != 0 {
		dst = appendPadded(append(dst, '.'), micros, 6)
	}
	return dst
}

// appendPadded writes a number that is not negative with zeros in front.
func appendPadded(dst []byte, n, width int) []byte {
	for limit := 10; width > 1; width, limit = width-1, limit*10 {
		if n < limit {
			dst = append(dst, '0')
		}
	}
	return strconv.AppendInt(dst, int64(n), 10)
}

// jsonInside returns the JSON object or list that a text holds, nil if it holds none.
func jsonInside(text []byte) []byte {
	text = trimBlank(text)
	if len(text) < 2 || text[0] != '{' && text[0] != '[' || !jx.Valid(text) {
		return nil
	}
	return text
}
