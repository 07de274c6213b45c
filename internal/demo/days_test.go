package demo

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-faster/jx"
)

// dump writes every document of both systems as text: what a reader could see.
func dump(c *Company) map[string]map[string]string {
	all := map[string]map[string]string{}
	var w jx.Writer
	for name, d := range c.doctypes() {
		rows := map[string]string{}
		for i := range d.n {
			w.Reset()
			d.encode(&w, i)
			rows[d.fields["name"](i).s] = string(w.Buf)
		}
		if len(rows) != d.n {
			panic(fmt.Sprintf("%s: %d names for %d rows", name, len(rows), d.n))
		}
		all[name] = rows
	}
	for kind, o := range c.portal().objects {
		rows := map[string]string{}
		var names []string
		for name := range o.properties {
			names = append(names, name)
		}
		for i := range o.n {
			w.Reset()
			o.record(&w, i, sorted(names), []string{"hubspot_owner_id"})
			rows[text64(o.id(i))] = string(w.Buf)
		}
		all[kind] = rows
	}
	return all
}

func sorted(names []string) []string {
	out := append([]string{}, names...)
	for i := range out {
		for k := i; k > 0 && out[k] < out[k-1]; k-- {
			out[k], out[k-1] = out[k-1], out[k]
		}
	}
	return out
}

// changedAt cuts the instant of the last change out of a dumped document.
func changedAt(row string) stamp {
	for _, key := range []string{`"modified":"`, `"updatedAt":"`} {
		if _, rest, ok := strings.Cut(row, key); ok {
			at, ok := parseStamp(strings.TrimSuffix(rest[:strings.IndexByte(rest, '"')], "Z"))
			if !ok {
				panic(row)
			}
			if strings.HasPrefix(key, `"upd`) {
				at += siteOffset
			}
			return at
		}
	}
	panic("no last change in " + row)
}

func TestADayLaterOnlyWhatChangedIsNew(t *testing.T) {
	for _, days := range []int{1, 2, 30} {
		t.Run(fmt.Sprintf("%d days", days), func(t *testing.T) {
			first := NewCompany(Options{Seed: 4, Invoices: 2500, Today: DefaultToday - 3})
			later := NewCompany(Options{Seed: 4, Invoices: 2500, Today: DefaultToday - 3, Day: days})
			cut := at(first.end+1, 0)
			before, after := dump(first), dump(later)
			for name := range after { // they have a test of their own, see office_test.go
				if strings.HasPrefix(name, "Receivables ") {
					delete(before, name)
					delete(after, name)
				}
			}
			changed, added, gone := 0, 0, 0
			for name, rows := range before {
				for key, row := range rows {
					now, ok := after[name][key]
					switch {
					case !ok:
						// ERPNext deletes ledger entries when it reconciles; drafts are deleted with a trace.
						if gone++; name != "Payment Ledger Entry" && !(strings.Contains(row, `"docstatus":0`) && strings.Contains(row, "ACC-SINV")) {
							t.Errorf("%s %s is gone", name, key)
						}
					case now != row:
						if changed++; changedAt(now) < cut {
							t.Errorf("%s %s changed, but its last change is before the cut:\n%s\n%s", name, key, row, now)
						}
					}
				}
			}
			for name, rows := range after {
				for key, row := range rows {
					if _, ok := before[name][key]; !ok {
						if added++; changedAt(row) < cut {
							t.Errorf("%s %s is new, but its last change is before the cut: %s", name, key, row)
						}
					}
				}
			}
			if changed == 0 || added == 0 {
				t.Errorf("%d changed, %d added", changed, added)
			}
		})
	}
}

func TestNothingHappensAfterTheLastDay(t *testing.T) {
	c := NewCompany(Options{Seed: 8, Invoices: 1500, Day: 3})
	for name, rows := range dump(c) {
		for key, row := range rows {
			if changedAt(row) >= at(c.end+1, 0) {
				t.Errorf("%s %s changed after %v: %s", name, key, c.end, row)
			}
		}
	}
}
