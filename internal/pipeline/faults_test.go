package pipeline

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"huikuan/internal/faults"
)

// trouble is a way in which a source misbehaves, and what a test does about it.
type trouble struct {
	name   string
	clock  time.Duration // of the source, ahead of ours
	inject func(s *faults.Server) func(n int, r *http.Request) faults.Fault
	fails  bool // the sync under fault must fail, not merely may
}

// troubles are all the ways of "Done when 4" of the project's third issue.
var troubles = []trouble{
	{name: "resets", inject: always(faults.Every(3, faults.Reset))},
	{name: "resets-to-the-end", fails: true, inject: always(faults.Run(3, 99, faults.Reset))},
	{name: "timeouts", fails: true, inject: always(faults.Run(3, 6, faults.Stall(10*time.Second)))},
	{name: "truncated", inject: always(faults.Every(2, faults.Truncate))},
	{name: "truncated-to-the-end", fails: true, inject: always(faults.Run(4, 99, faults.Truncate))},
	{name: "invalid-json", inject: always(faults.Every(3, faults.BrokenJSON))},
	{name: "wrong-type", fails: true, inject: always(faults.Run(4, 99, faults.WrongType))},
	{name: "busy-with-retry-after", inject: always(faults.Every(4, faults.Status(429, "1")))},
	{name: "busy", inject: always(faults.Every(2, faults.Status(429, "")))},
	{name: "burst-of-500", fails: true, inject: always(faults.Run(3, 12, faults.Status(500, "")))},
	{name: "short-burst-of-500", inject: always(faults.Run(3, 4, faults.Status(503, "")))},
	{name: "token-expires", inject: func(s *faults.Server) func(int, *http.Request) faults.Fault {
		return faults.Every(3, faults.Between(s.ExpireToken, func(w http.ResponseWriter, r *http.Request, _ func(*http.Request) (int, []byte)) {
			w.WriteHeader(401)
		}))
	}},
	{name: "page-twice", inject: func(*faults.Server) func(int, *http.Request) faults.Fault {
		repeat := faults.Repeat()
		return func(n int, _ *http.Request) faults.Fault {
			if n == 3 || n == 4 {
				return repeat
			}
			return nil
		}
	}},
	{name: "page-changes", inject: func(s *faults.Server) func(int, *http.Request) faults.Fault {
		n := 0
		return faults.Every(3, faults.Between(func() { // what was to come next moves behind the reader
			n++
			s.Put("invoices", fmt.Sprintf("R%04d", n*11%40), invoiceFields("C1", int64(n*1111)))
			s.Put("invoices", fmt.Sprintf("N%04d", n%9), invoiceFields("C2", int64(n*2222)))
		}, faults.Truncate))
	}},
	{name: "clock-ahead", clock: 11 * time.Minute, inject: always(faults.Every(4, faults.Reset))},
	{name: "clock-behind", clock: -11 * time.Minute, inject: always(faults.Every(4, faults.Reset))},
}

func always(f func(int, *http.Request) faults.Fault) func(*faults.Server) func(int, *http.Request) faults.Fault {
	return func(*faults.Server) func(int, *http.Request) faults.Fault { return f }
}

// Whatever a source does to us: after a rerun the warehouse holds what the
// source holds, to the cent, no row lost and none twice.
func TestAfterEveryFaultARerunHoldsExactlyWhatTheSourceHolds(t *testing.T) {
	file := connectorFile(t, connectorHead+"streams:"+invoiceStream+invoiceEmit)
	yaml := "data: data\nsync: {batch_rows: 20}\nsources:\n"
	sources := map[string]*faults.Server{}
	for _, tr := range troubles {
		s := faults.New(func() time.Time { return time.Now().Add(tr.clock) })
		t.Cleanup(s.Close)
		s.SignIn()
		fill(s, 40)
		sources[tr.name] = s
		yaml += fmt.Sprintf("  - {name: %s, connector: %q, settings: {url: %q}}\n", tr.name, file, s.URL)
	}
	a := open(t, yaml)
	for _, tr := range troubles {
		t.Run(tr.name, func(t *testing.T) {
			s := sources[tr.name]
			o := SyncOptions{Sources: []string{tr.name}}
			for round := range 2 { // on a first read and on one that goes on from it
				s.Inject(tr.inject(s))
				r, err := a.Sync(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				if tr.fails && round == 0 && r.Err() == nil {
					t.Error("the sync under this fault succeeded, so nothing was proved about a rerun")
				}
				if err := r.Err(); err != nil && (strings.Contains(err.Error(), "panic") || len(err.Error()) > 600) {
					t.Errorf("the error is not for a reader: %v", err)
				}
				// The source goes on meanwhile: changes, additions, a change dated at once.
				s.Put("invoices", fmt.Sprintf("R%04d", round*3), invoiceFields("C3", int64(100+round)))
				s.Put("invoices", fmt.Sprintf("Z%04d", round), invoiceFields("C3", int64(200+round)))
			}
			if s.Given() == 0 {
				t.Error("the source gave no fault, so nothing was proved")
			}
			s.Inject(nil)
			synced(t, a, o)
			sameInvoices(t, a, tr.name, s)
			if got := lines(t, a, fmt.Sprintf("SELECT count() FROM rejected_rows WHERE source = '%s'", tr.name)); got[0] != "0" {
				t.Errorf("%s records were rejected", got[0])
			}
			before := lines(t, a, fmt.Sprintf("SELECT count(), sum(gross_amount) FROM invoices WHERE source = '%s'", tr.name))
			synced(t, a, SyncOptions{Sources: []string{tr.name}, Full: true})
			if after := lines(t, a, fmt.Sprintf("SELECT count(), sum(gross_amount) FROM invoices WHERE source = '%s'", tr.name)); after[0] != before[0] {
				t.Errorf("a full read makes of %s %s: something was lost or doubled before", before[0], after[0])
			}
		})
	}
}
