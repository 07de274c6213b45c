package ledger

// VersionAt returns the master data valid on a day: the last version that began
// on or before it, else the first, else an empty one.
func (c *Customer) VersionAt(d Day) Version {
	at := -1
	for i := range c.Versions {
		if c.Versions[i].From > d {
			break
		}
		at = i
	}
	switch {
	case at >= 0:
		return c.Versions[at]
	case len(c.Versions) > 0:
		return c.Versions[0]
	}
	return Version{}
}

// OwnerAt returns the account owner of a day: the row of in_owners that covers
// it (without valid_to it reaches to the next row's begin), else the owner in
// the customer's master data of that day, else [Unassigned].
func (c *Customer) OwnerAt(d Day) string {
	for i := len(c.Owners) - 1; i >= 0; i-- {
		o := &c.Owners[i]
		if o.From > d {
			continue
		}
		if o.Rep != "" && (o.To == NoDay || d <= o.To) {
			return o.Rep
		}
		break
	}
	if owner := c.VersionAt(d).Owner; owner != "" {
		return owner
	}
	return Unassigned
}

// Run is a stretch of days with the same owner, segment and region.
type Run struct {
	From                   Day // first day; the first run begins before all history
	Owner, Segment, Region string
}

// Runs appends the stretches of a customer up to last, by From.
func (c *Customer) Runs(runs []Run, last Day) []Run {
	first := NoDay + 1
	runs = append(runs, c.runAt(first))
	for {
		next := c.nextChange(runs[len(runs)-1].From, last)
		for next <= last {
			r := c.runAt(next)
			if p := runs[len(runs)-1]; r.Owner != p.Owner || r.Segment != p.Segment || r.Region != p.Region {
				runs = append(runs, r)
				break
			}
			next = c.nextChange(next, last)
		}
		if next > last {
			return runs
		}
	}
}

func (c *Customer) runAt(d Day) Run {
	v := c.VersionAt(d)
	return Run{d, c.OwnerAt(d), v.Segment, v.Region}
}

// nextChange returns the first day after d on which anything may change.
func (c *Customer) nextChange(d, last Day) Day {
	next := last + 1
	consider := func(x Day) {
		if x > d && x < next {
			next = x
		}
	}
	for i := range c.Versions {
		consider(c.Versions[i].From)
	}
	for i := range c.Owners {
		consider(c.Owners[i].From)
		if to := c.Owners[i].To; to != NoDay {
			consider(to + 1)
		}
	}
	return next
}
