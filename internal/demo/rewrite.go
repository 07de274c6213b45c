package demo

// rewrite is what a reader should notice who was here before: once in the last
// week to Today and once in the week after it, due dates of some invoices are
// put off, two of them overdue already, amounts of others are changed, and one is
// credited in full and billed again.
func (s *simulation) rewrite() {
	putOff, overdue, changed, again := 0, 0, 0, false
	for i := len(s.c.invoices) - 1; i >= 0 && (putOff < 4 || overdue < 2 || changed < 2 || !again); i-- {
		v := s.c.invoices[i]
		if v.isReturn || v.docstatus != submitted || v.open != v.gross || v.disputed != nil || len(v.parts) != 1 || v.entered > s.today-8 {
			continue
		}
		month := v.posting.Time().Month() == s.today.Time().Month() // what a month was closed with stands
		switch {
		case v.due <= s.today:
			if v.due > s.today-40 && overdue < 2 {
				overdue++
				s.putOff(v, s.today+20-v.due)
			}
		case !again:
			again = s.billAgain(v)
		case month && changed < 2:
			changed++
			s.reprice(v, int64(90+15*(changed-1)))
		case putOff < 4:
			putOff++
			s.putOff(v, 30)
		}
	}
}

// putOff gives an invoice more time after it was posted.
func (s *simulation) putOff(v *invoice, days Date) {
	p := v.parts[0]
	if v.firstDue == 0 {
		v.firstDue = v.due
	}
	p.due, v.due = p.due+days, v.due+days
	s.nightly[p.due] = append(s.nightly[p.due], p)
	s.plan(p, p.due+s.r.days(0, 5))
	v.editor = v.splits[0].rep.email
	v.touch(s.now())
	v.refresh(s.today)
}

// reprice changes the amount of a posted invoice to some percent of it.
func (s *simulation) reprice(v *invoice, percent int64) {
	v.net, v.gross = percentOf(v.net, percent), percentOf(v.gross, percent)
	v.open, v.parts[0].amount, v.parts[0].open = v.gross, v.gross, v.gross
	for _, i := range s.posted[v] {
		e := s.c.entries[i]
		e.amount, e.base = v.gross, convert(v.gross, v.rate)
		e.touch(s.now())
	}
	v.editor = "billing@haiyue.example"
	v.touch(s.now())
}
