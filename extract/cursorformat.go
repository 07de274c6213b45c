package extract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// cursorFormat reads and writes cursor values: iso, date, epoch_s, epoch_ms,
// ms_date (/Date(1552521600000)/), class (an object with year, month, day and so
// on), http (as in headers), text (compared as it stands, no overlap), or a
// pattern of YYYY MM DD HH mm ss and S for each digit of a fraction.
type cursorFormat struct {
	name  string
	read  string // Go layout without fraction: Go takes any fraction behind the seconds
	write string // Go layout with the fraction's digits
	unit  time.Duration
	zone  *time.Location
}

// wholeDay is the unit of formats without a time.
const wholeDay = 24 * time.Hour

func newCursorFormat(name string, zone *time.Location) (cursorFormat, error) {
	f := cursorFormat{name: name, zone: zone, unit: time.Nanosecond}
	switch name {
	case "", "iso":
		f.name, f.read, f.write, f.unit = "iso", time.RFC3339, "2006-01-02T15:04:05.000000Z07:00", time.Microsecond
	case "epoch_s":
		f.unit = time.Second
	case "epoch_ms", "ms_date":
		f.unit = time.Millisecond
	case "date":
		f.read, f.write, f.unit = time.DateOnly, time.DateOnly, wholeDay
	case "class":
		f.unit = time.Microsecond
	case "http":
		f.read, f.write, f.unit = http.TimeFormat, http.TimeFormat, time.Second
	case "text":
	default:
		pattern := name
		for _, r := range []struct{ token, layout string }{
			{"YYYY", "2006"}, {"MM", "01"}, {"DD", "02"}, {"HH", "15"}, {"mm", "04"}, {"ss", "05"},
		} {
			if !strings.Contains(pattern, r.token) && (r.token == "YYYY" || r.token == "MM" || r.token == "DD") {
				return f, fmt.Errorf("format %q is not known; allowed are iso, date, epoch_s, epoch_ms, ms_date, class, http, text or a pattern such as YYYY-MM-DD HH:mm:ss.SSSSSS", name)
			}
			pattern = strings.Replace(pattern, r.token, r.layout, 1)
		}
		digits := strings.Count(pattern, "S")
		f.read = strings.Replace(pattern, "."+strings.Repeat("S", digits), "", 1)
		f.write = strings.Replace(pattern, strings.Repeat("S", digits), strings.Repeat("9", digits), 1) // 9: zeros at the end are left out
		f.unit = time.Second
		for range digits {
			f.unit /= 10
		}
		switch {
		case strings.Contains(pattern, "05"):
		case strings.Contains(pattern, "04"):
			f.unit = time.Minute
		case strings.Contains(pattern, "15"):
			f.unit = time.Hour
		default:
			f.unit = wholeDay
		}
	}
	return f, nil
}

func (f cursorFormat) opaque() bool { return f.name == "text" }

// String names the format as messages do.
func (f cursorFormat) String() string {
	switch f.name {
	case "iso":
		return "an instant such as 2026-01-31T10:00:00Z"
	case "epoch_s":
		return "seconds since 1970"
	case "epoch_ms":
		return "milliseconds since 1970"
	case "date":
		return "a day such as 2026-01-31"
	case "ms_date":
		return "a value such as /Date(1552521600000)/"
	case "class":
		return `an object such as {"__class__":"datetime","year":2026,"month":1,"day":31}`
	case "http":
		return "an instant such as Sat, 31 Jan 2026 10:00:00 GMT"
	}
	return "a value such as " + f.name
}

func (f cursorFormat) parse(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	switch f.name {
	case "text":
		return time.Time{}, nil
	case "epoch_s", "epoch_ms":
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return time.Time{}, fmt.Errorf("%q is not %s", s, f)
		}
		if f.name == "epoch_s" {
			return time.Unix(n, 0).UTC(), nil
		}
		return time.UnixMilli(n).UTC(), nil
	case "date": // where a time follows, it does not count
		t, err := time.ParseInLocation(time.DateOnly, s[:min(len(s), len(time.DateOnly))], f.zone)
		if err != nil {
			return t, fmt.Errorf("%q is not %s", s, f)
		}
		return t, nil
	case "http":
		t, err := http.ParseTime(s)
		if err != nil {
			return t, fmt.Errorf("%q is not %s", s, f)
		}
		return t, nil
	case "ms_date":
		return f.parseMsDate(s)
	case "class":
		return f.parseClass(s)
	case "iso":
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04", "2006-01-02"} {
			if t, err := time.ParseInLocation(layout, s, f.zone); err == nil {
				return t, nil
			}
		}
		return time.Time{}, fmt.Errorf("%q is not %s", s, f)
	}
	t, err := time.ParseInLocation(f.read, s, f.zone)
	if err != nil {
		return t, fmt.Errorf("%q is not %s", s, f)
	}
	return t, nil
}

// parseDay reads a plain day, in which people write where a reading begins.
func (f cursorFormat) parseDay(s string) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(s), f.zone)
	if err != nil {
		return t, fmt.Errorf("%q is neither %s nor a day such as 2026-01-31", s, f)
	}
	return t, nil
}

// format writes an instant, rounded down to what the format can hold, so that a
// cursor never skips what lies between.
func (f cursorFormat) format(t time.Time) string {
	switch f.name {
	case "epoch_s":
		return strconv.FormatInt(floor(t.UnixNano(), int64(time.Second)), 10)
	case "epoch_ms":
		return strconv.FormatInt(floor(t.UnixMicro(), 1000), 10)
	case "iso":
		return t.UTC().Format(f.write)
	case "http":
		return t.UTC().Format(f.write)
	case "ms_date":
		return "/Date(" + strconv.FormatInt(floor(t.UnixMicro(), 1000), 10) + ")/"
	case "class":
		t = t.UTC()
		return fmt.Sprintf(`{"__class__": "datetime", "year": %d, "month": %d, "day": %d, "hour": %d, "minute": %d, "second": %d, "microsecond": %d}`,
			t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000)
	}
	return t.In(f.zone).Format(f.write)
}

func floor(n, unit int64) int64 {
	q := n / unit
	if n%unit < 0 {
		q--
	}
	return q
}

// parseMsDate reads /Date(1552521600000)/, with or without an offset behind the
// milliseconds: they count from 1970 in UTC in any case.
func (f cursorFormat) parseMsDate(s string) (time.Time, error) {
	inner, ok := strings.CutPrefix(s, "/Date(")
	inner, closed := strings.CutSuffix(inner, ")/")
	if i := strings.LastIndexAny(inner, "+-"); i > 0 {
		inner = inner[:i]
	}
	ms, err := strconv.ParseInt(inner, 10, 64)
	if !ok || !closed || err != nil {
		return time.Time{}, fmt.Errorf("%q is not %s", s, f)
	}
	return time.UnixMilli(ms).UTC(), nil
}

// parseClass reads an object with the parts of an instant in UTC.
func (f cursorFormat) parseClass(s string) (time.Time, error) {
	var v struct{ Year, Month, Day, Hour, Minute, Second, Microsecond int }
	if err := json.Unmarshal([]byte(s), &v); err != nil || v.Year == 0 {
		t, err := time.Parse(time.RFC3339, s) // as a start may be given
		if err != nil {
			return t, fmt.Errorf("%q is not %s", s, f)
		}
		return t, nil
	}
	return time.Date(v.Year, time.Month(v.Month), v.Day, v.Hour, v.Minute, v.Second, v.Microsecond*1000, time.UTC), nil
}
