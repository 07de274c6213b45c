package ledger

import "slices"

// forget drops what was recorded after an instant: documents, and applications
// that were, or whose document on either side was, recorded later. What has no
// instant was always known.
func (c *Customer) forget(knownAt int64) {
	c.Items = slices.DeleteFunc(c.Items, func(it Item) bool { return it.Recorded > knownAt })
	c.Applications = slices.DeleteFunc(c.Applications, func(a Application) bool { return max(a.Recorded, a.CounterRecorded) > knownAt })
}

// maxDaysOff bounds the search for the next workday.
const maxDaysOff = 31

// shiftDueDates moves due dates on days off to the next workday; where there is
// none within a month they stay.
func (c *Customer) shiftDueDates(workday func(Day) bool) {
	for i := range c.Instalments {
		due := &c.Instalments[i].Due
		for d := *due; d <= min(*due+maxDaysOff, Last); d++ {
			if workday(d) {
				*due = d
				break
			}
		}
	}
}
