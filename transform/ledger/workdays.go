package ledger

// IsWorkday tells whether people work on a day: as the calendar has it, else
// from Monday to Friday.
func (ref *Reference) IsWorkday(d Day) bool {
	if works, known := ref.Calendar[d]; known {
		return works
	}
	weekday := (int(d)%7 + 7 + 3) % 7 // 1970-01-01 was a Thursday; 0 = Monday
	return weekday < 5
}

// Workdays counts the workdays from one day through another.
func (ref *Reference) Workdays(from, to Day) int64 {
	n := int64(0)
	for d := from; d <= to; d++ {
		if ref.IsWorkday(d) {
			n++
		}
	}
	return n
}
