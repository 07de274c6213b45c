package mapping

import "time"

const (
	secondsPerDay = 86_400
	microsPerDay  = secondsPerDay * 1_000_000
	// Days that Date32 can hold: 1900-01-01 to 2299-12-31. ClickHouse saturates
	// silently outside, so other days are refused here.
	minDay = -25567
	maxDay = 120529
)

// stamp is a date or instant as written: a calendar day and a time of day,
// and, if the text had a zone, the distance to UTC.
type stamp struct {
	day    int32 // days since 1970-01-01, on the writer's calendar
	micros int64 // of that day
	zoned  bool
	local  bool  // its day is that of the source's zone, at midnight too
	offset int64 // microseconds east of UTC
}

// utc returns microseconds since 1970-01-01T00:00Z of a zoned stamp.
func (s stamp) utc() int64 {
	return int64(s.day)*microsPerDay + s.micros - s.offset
}

// fromUTC is the stamp of an instant written as a count since 1970.
func fromUTC(micros int64) stamp {
	day := floorDiv(micros, microsPerDay)
	return stamp{day: int32(day), micros: micros - day*microsPerDay, zoned: true}
}

// date returns the calendar day. A text without a zone means the day that it
// says, and so does exactly midnight in any zone, because systems send pure
// days in that shape, unless the format says otherwise; any other instant falls
// on a day of the source's zone.
func (s stamp) date(z *zone) int32 {
	if !s.zoned || s.micros == 0 && !s.local {
		return s.day
	}
	u := s.utc()
	return int32(floorDiv(u+z.offsetAt(floorDiv(u, 1_000_000))*1_000_000, microsPerDay))
}

// instant returns microseconds since 1970-01-01T00:00Z, reading a text without
// a zone in z.
func (s stamp) instant(z *zone) int64 {
	if s.zoned {
		return s.utc()
	}
	return z.toUTC(int64(s.day)*microsPerDay + s.micros)
}

// zone converts local times; it remembers the last period of constant offset.
type zone struct {
	loc      *time.Location
	from, to int64 // seconds UTC, [from, to)
	offset   int64 // seconds east of UTC in that period
}

// offsetAt returns the seconds east of UTC at an instant given in seconds.
func (z *zone) offsetAt(sec int64) int64 {
	if z.loc == nil || z.loc == time.UTC {
		return 0
	}
	if sec >= z.from && sec < z.to {
		return z.offset
	}
	t := time.Unix(sec, 0).In(z.loc)
	_, offset := t.Zone()
	from, to := t.ZoneBounds()
	z.offset, z.from, z.to = int64(offset), -1<<62, 1<<62
	if !from.IsZero() {
		z.from = from.Unix()
	}
	if !to.IsZero() {
		z.to = to.Unix()
	}
	return z.offset
}

// toUTC converts local microseconds. A time that the clock shows twice (end of
// summer time) means the first; a time that it skips is moved on by the gap.
func (z *zone) toUTC(local int64) int64 {
	sec := floorDiv(local, 1_000_000)
	before := z.offsetAt(sec - secondsPerDay)
	after := z.offsetAt(sec + secondsPerDay)
	offset := before
	if before != after && z.offsetAt(sec-before) != before && z.offsetAt(sec-after) == after {
		offset = after
	}
	return local - offset*1_000_000
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// dayOf returns days since 1970-01-01; ok is false for a day that does not
// exist (29 February of a common year) or that Date32 cannot hold.
func dayOf(year, month, day int) (int32, bool) {
	if year < 1900 || year > 2299 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	// Years begin in March, so that the leap day is the last day of a year;
	// 400 years are 146,097 days, and 1970-01-01 is day 719,468 of this count.
	if month <= 2 {
		year--
		month += 12
	}
	yearOfEra := year % 400
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return int32(year/400*146_097 + dayOfEra - 719_468), true
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// civil returns the calendar day of days since 1970-01-01, the inverse of dayOf.
func civil(day int32) (year, month, dom int) {
	z := int64(day) + 719_468
	era := floorDiv(z, 146_097)
	doe := z - era*146_097
	yoe := (doe - doe/1460 + doe/36_524 - doe/146_096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	dom = int(doy-(153*mp+2)/5) + 1
	month = int(mp) + 3
	year = int(yoe + era*400)
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, dom
}
