package mapping

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func formatsOf(t testing.TB, texts ...string) []dateFormat {
	t.Helper()
	formats, err := compileFormats(texts)
	if err != nil {
		t.Fatal(err)
	}
	return formats
}

func TestDatesAreReadInTheFormatThatIsNamed(t *testing.T) {
	for _, c := range []struct{ format, text, want string }{
		{"any", "2026-02-28", "2026-02-28"}, {"any", " 2024-02-29 ", "2024-02-29"}, {"any", "2026-02-29", ""}, {"any", "1900-02-29", ""},
		{"any", "2000-02-29", "2000-02-29"}, {"any", "2026-13-01", ""}, {"any", "2026-00-10", ""}, {"any", "2026-04-31", ""}, {"any", "0000-00-00", ""},
		{"any", "20260131", "2026-01-31"}, {"any", "2026-1-31", ""}, {"any", "31.01.2026", ""}, {"any", "2026-01-31x", ""}, {"any", "", ""},
		{"any", "2026-01-31 23:59:59.999999", "2026-01-31"}, {"any", "2026-01-31T10:00", "2026-01-31"}, {"any", "2026-01-31T24:00", ""},
		{"any", "/Date(1789430400000)/", "2026-09-15"}, {"any", "/Date(-86400000)/", "1969-12-31"}, {"any", "/Date(1789430400000+0800)/", "2026-09-15"},
		{"any", "/Date(x)/", ""}, {"any", "/Date(1789430400000)", ""}, {"any", "1789430400", "2026-09-15"}, {"any", "1789430400000", "2026-09-15"},
		{"any", "1899-12-31", ""}, {"any", "1900-01-01", "1900-01-01"}, {"any", "2299-12-31", "2299-12-31"}, {"any", "2300-01-01", ""},
		{"M/D/YYYY", "1/2/2013", "2013-01-02"}, {"M/D/YYYY", "12/31/2013", "2013-12-31"}, {"M/D/YYYY", "13/1/2013", ""}, {"M/D/YYYY", "1/2/13", ""},
		{"MM/DD/YYYY", "1/2/2013", ""}, {"MM/DD/YYYY", "01/02/2013", "2013-01-02"}, {"DD.MM.YYYY", "31.01.2026", "2026-01-31"},
		{"D-MMM-YY", "26-Apr-11", "2011-04-26"}, {"D-MMM-YY", "1-SEPT-99", "1999-09-01"}, {"D-MMM-YY", "1-Foo-99", ""}, {"D MMMM YYYY", "3 march 2026", "2026-03-03"},
		{"D/M/YY", "1/2/69", "2069-02-01"}, {"D/M/YY", "1/2/70", "1970-02-01"}, {"DD-MM-YYYY HH:mm", "26-04-2011 11:50", "2011-04-26"},
		{"YYYY年M月D日", "2026年1月5日", "2026-01-05"}, {"YYYY/M/D", "2026/1/5", "2026-01-05"}, {"YYYYMMDD", "20260105", "2026-01-05"},
		{"YYYYMMDD", "2026015", ""}, {"epoch_s", "0", "1970-01-01"}, {"epoch_s", "-1", "1969-12-31"}, {"epoch_ms", "1789430400000", "2026-09-15"},
		{"epoch_ms", "x", ""}, {"iso", "1789430400", ""}, {"iso", "2026-01-05", "2026-01-05"},
	} {
		formats := formatsOf(t, c.format)
		got := ""
		if s, ok := parseStamp([]byte(c.text), formats); ok {
			got = dayText(s.date(&zone{}))
		}
		if got != c.want {
			t.Errorf("%q as %s: got %q, want %q", c.text, c.format, got, c.want)
		}
	}
}

func dayText(day int32) string {
	return time.Unix(int64(day)*secondsPerDay, 0).UTC().Format(time.DateOnly)
}

func TestInstantsAreReadInUTC(t *testing.T) {
	shanghai := &zone{loc: mustZone(t, "Asia/Shanghai")}
	for _, c := range []struct{ format, text, want string }{
		{"any", "2026-03-01T16:30:00.123Z", "2026-03-01T16:30:00.123Z"}, {"any", "2026-03-01T16:30:00+08:00", "2026-03-01T08:30:00Z"},
		{"any", "2026-03-01T16:30:00+0530", "2026-03-01T11:00:00Z"}, {"any", "2026-03-01 16:30:00 -08", "2026-03-02T00:30:00Z"},
		{"any", "2026-03-01 16:30:00.1234567", "2026-03-01T08:30:00.123456Z"}, {"any", "2026-03-01", "2026-02-28T16:00:00Z"},
		{"any", "2026-03-01T16:30:60Z", ""}, {"any", "2026-03-01T16:30:00.Z", ""}, {"any", "2026-03-01T16:30:00+16:00", ""}, {"any", "2026-03-01Tx", ""},
		{"any", "2026-03-01T16:30Z", "2026-03-01T16:30:00Z"}, {"any", "20260301T16:30:00Z", "2026-03-01T16:30:00Z"},
		{"any", "1772400000000", "2026-03-01T21:20:00Z"}, {"any", "1772400000", "2026-03-01T21:20:00Z"}, {"any", "915148800000", "1999-01-01T00:00:00Z"}, {"any", "123456", ""}, {"any", "1772400000.25", "2026-03-01T21:20:00.25Z"},
		{"epoch_s", "1772400000.1234567", "2026-03-01T21:20:00.123456Z"}, {"epoch_us", "1772400000000001", "2026-03-01T21:20:00.000001Z"},
		{"M/D/YYYY h:mm A", "1/2/2013 12:05 am", "2013-01-01T16:05:00Z"}, {"M/D/YYYY h:mm A", "1/2/2013 12:05 PM", "2013-01-02T04:05:00Z"},
		{"M/D/YYYY h:mm A", "1/2/2013 13:05 PM", ""}, {"DD/MM/YYYY HH:mm:ss.SZ", "02/01/2013 03:04:05.5+01:00", "2013-01-02T02:04:05.5Z"},
	} {
		got := ""
		if s, ok := parseStamp([]byte(c.text), formatsOf(t, c.format)); ok {
			got = time.UnixMicro(s.instant(shanghai)).UTC().Format(time.RFC3339Nano)
		}
		if got != c.want {
			t.Errorf("%q as %s: got %q, want %q", c.text, c.format, got, c.want)
		}
	}
}

func TestTheDayOfAnInstant(t *testing.T) {
	newYork, shanghai := mustZone(t, "America/New_York"), mustZone(t, "Asia/Shanghai")
	for _, c := range []struct {
		text string
		loc  *time.Location
		want string
	}{
		{"2026-01-31T23:30:00Z", shanghai, "2026-02-01"},
		{"2026-01-31T23:30:00Z", newYork, "2026-01-31"},
		{"2026-02-01T03:30:00Z", newYork, "2026-01-31"},
		{"2026-02-01T00:00:00Z", newYork, "2026-02-01"},      // a pure day sent as midnight
		{"2026-02-01T00:00:00+08:00", newYork, "2026-02-01"}, // and so in the writer's zone
		{"2026-01-31 23:30:00", newYork, "2026-01-31"},
	} {
		s, ok := parseStamp([]byte(c.text), formatsOf(t, "any"))
		if got := dayText(s.date(&zone{loc: c.loc})); !ok || got != c.want {
			t.Errorf("%s in %s: got %s, want %s", c.text, c.loc, got, c.want)
		}
	}
}

func TestClockChangesLoseNoInstant(t *testing.T) {
	berlin := &zone{loc: mustZone(t, "Europe/Berlin")}
	for text, want := range map[string]string{
		"2026-03-29 01:59:59": "2026-03-29T00:59:59Z",
		"2026-03-29 02:30:00": "2026-03-29T01:30:00Z", // does not exist: moved on by the gap, 03:30 summer time
		"2026-03-29 03:00:00": "2026-03-29T01:00:00Z",
		"2026-10-25 02:30:00": "2026-10-25T00:30:00Z", // comes twice: the first
		"2026-10-25 03:00:00": "2026-10-25T02:00:00Z",
		"2026-10-25 01:59:59": "2026-10-24T23:59:59Z",
	} {
		s, _ := parseStamp([]byte(text), formatsOf(t, "any"))
		if got := time.UnixMicro(s.instant(berlin)).UTC().Format(time.RFC3339); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestWrongFormatsAreRefusedWithTheTokens(t *testing.T) {
	for _, text := range []string{"", "yyyy-mm-dd", "YYYY-DD", "M/D/M/YYYY", "YYYY-MM-DD hh:mm", "YYYY-MM-DD HH:mm A", "DD.MM.YYYY HH:MM", "YYYY-MM-DDQ"} {
		if _, err := compileFormat(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

func TestDaysSurviveTheRoundTrip(t *testing.T) {
	from := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	formats := formatsOf(t, "any")
	mdy := formatsOf(t, "M/D/YYYY")
	rapid.Check(t, func(t *rapid.T) {
		day := from.AddDate(0, 0, rapid.IntRange(0, 400*365).Draw(t, "day"))
		if day.Year() > 2299 {
			t.Skip()
		}
		want := int32(day.Unix() / secondsPerDay)
		if s, ok := parseStamp([]byte(day.Format(time.DateOnly)), formats); !ok || s.day != want {
			t.Fatalf("%s: got day %d, want %d", day, s.day, want)
		}
		if s, ok := parseStamp([]byte(day.Format("1/2/2006")), mdy); !ok || s.day != want {
			t.Fatalf("%s as M/D/YYYY: got day %d, want %d", day, s.day, want)
		}
	})
}

func TestLocalTimesSurviveTheRoundTrip(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Asia/Kolkata"} {
		z := &zone{loc: mustZone(t, name)}
		formats := formatsOf(t, "any")
		rapid.Check(t, func(t *rapid.T) {
			at := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "at"), 0).In(z.loc)
			text := at.Format("2006-01-02 15:04:05")
			s, ok := parseStamp([]byte(text), formats)
			got := time.UnixMicro(s.instant(z)).In(z.loc)
			if !ok || got.Format("2006-01-02 15:04:05") != text {
				t.Fatalf("%s in %s became %s", text, name, got)
			}
			if got.After(at) {
				t.Fatalf("%s in %s is the later of two, %s after %s", text, name, got.UTC(), at.UTC())
			}
		})
	}
}

func FuzzDate(f *testing.F) {
	for _, seed := range []string{"2026-02-29", "/Date(1)/", "/Date(--1)/", "1789430400", "26-Apr-11", "2026-01-01T00:00:00+0", "-", ".", "2026-01-01T10:00:00,1Z"} {
		f.Add(seed)
	}
	formats := append(formatsOf(f, "D-MMM-YY", "M/D/YYYY h:mm:ss.S A Z", "epoch_ms", "epoch_s", "any"), dateFormat{kind: formatISO})
	z := &zone{loc: mustZone(f, "Europe/Berlin")}
	f.Fuzz(func(t *testing.T, text string) {
		for i := range formats {
			s, ok := parseStamp([]byte(text), formats[i:i+1])
			if ok && (s.day < minDay || s.day > maxDay || s.micros < 0 || s.micros >= microsPerDay) {
				t.Fatalf("%q as %s: day %d, %d µs", text, formats[i].name, s.day, s.micros)
			}
			s.date(z)
			s.instant(z)
		}
	})
}
