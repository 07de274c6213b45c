package metrics

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"huikuan/transform/behaviour"
	"huikuan/transform/ledger"
	"huikuan/transform/packed"
	"huikuan/transform/schema"
)

// State is the table in which a build keeps what the next one needs to replay
// changed customers only: see [Update]. It is written when [Options].Keep is set.
const State = "build_state"

// Parts of the state, the values of its column part.
const (
	PartCustomer = "customer" // id = customer_id; first_day, keys, faults and data are filled
	PartTotals   = "totals"   // one row: sums over all customers
)

// StateTable describes the table [State].
func StateTable() schema.Table {
	t := metric(State, "what a build keeps for the next one, so that it may replay changed customers only; not for readers", []string{"part", "id"})
	t.Granule = 32 // some kilobytes a customer
	t.add(label("part", "customer, totals; others belong to whoever runs the build"), text("id", "customer_id"),
		opt("first_day", schema.Date, "earliest date of the customer's documents"),
		schema.Column{Name: "keys", Kind: schema.Bytes, Comment: "short numbers of all rows that the customer's replay depends on, four bytes each"},
		text("faults", "faults of the customer's documents as JSON; empty without any"),
		schema.Column{Name: "data", Kind: schema.Bytes, Comment: "the customer's rows as the replay has read them, or the sums over customers"})
	return t.Table
}

// Grain tells how the rows of a table hang on customers, so that those of some
// customers can be replaced. Without a Column the table is written whole.
type Grain struct {
	Column    string // holds the customer_id
	Only, Has string // rows whose column Only has another value than Has are written whole; empty = all hang on customers
}

// GrainOf returns the grain of a table of [Tables] or of [State]. What is derived
// from the replayed tables is written whole, but for payment behaviour.
func GrainOf(table string) Grain {
	switch table {
	case State:
		return Grain{Column: "id", Only: "part", Has: PartCustomer}
	case DSO:
		return Grain{Column: "scope_id", Only: "scope", Has: "customer"}
	}
	for _, t := range append(Replayed(), behaviour.Tables()...) {
		if _, has := t.Column("customer_id"); has && t.Name == table {
			return Grain{Column: "customer_id"}
		}
	}
	return Grain{}
}

// ErrRebuild is wrapped by errors of [Update] that say why only a full build
// will do.
var ErrRebuild = errors.New("a full build is needed")

// RebuildReason returns the reason in an error that wraps [ErrRebuild].
func RebuildReason(err error) string {
	_, why, _ := strings.Cut(err.Error(), ErrRebuild.Error()+": ")
	return why
}

// CustomerFaults are faults of one customer's documents, as the state keeps them.
type CustomerFaults struct{ Customer, Text string }

// keptFaults is the content of the column faults.
type keptFaults struct {
	Checks  map[int]keptFault    `json:"checks,omitempty"`
	Missing []ledger.MissingRate `json:"missing,omitempty"`
}

type keptFault struct {
	Failed    int64    `json:"n"`
	Offenders []string `json:"first,omitempty"`
}

// faultsText writes a customer's faults; empty without any.
func faultsText(l *checkList, missing []ledger.MissingRate) (string, error) {
	f := keptFaults{Missing: missing}
	for i := range l {
		if l[i].failed > 0 {
			if f.Checks == nil {
				f.Checks = map[int]keptFault{}
			}
			f.Checks[i] = keptFault{l[i].failed, l[i].offenders}
		}
	}
	if f.Checks == nil && len(missing) == 0 {
		return "", nil
	}
	text, err := json.Marshal(f)
	return string(text), err
}

func readFaults(text string) (l checkList, missing []ledger.MissingRate, err error) {
	var f keptFaults
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return l, nil, fmt.Errorf("read the kept faults of a customer: %w", err)
	}
	for i, x := range f.Checks {
		if i >= 0 && i < checkCount {
			l[i].failed, l[i].offenders = x.Failed, x.Offenders
		}
	}
	return l, f.Missing, nil
}

// keep writes the i-th customer of a chunk into the state.
func (w *worker) keep(r *rows, c *ledger.Chunk, i int, faults string) {
	w.buf = c.Keys(w.buf[:0], i)
	keys := len(w.buf)
	w.buf = c.Encode(w.buf, i)
	r.text(PartCustomer)
	r.text(c.Customer(i))
	r.optDate(c.FirstDay(i))
	r.bytes(w.buf[:keys])
	r.text(faults)
	r.bytes(w.buf[keys:])
	r.end()
}

// keepTotals writes the sums over customers into the state.
func (b *build) keepTotals(r *rows, w *worker) error {
	head, err := b.header()
	if err != nil {
		return err
	}
	p := &packed.Writer{}
	p.Text(head)
	for _, n := range []int64{b.sum.Customers, b.sum.Items, b.sum.Events} {
		p.Number(n)
	}
	w.scopes.pack(p)
	w.reps.pack(p)
	r.text(PartTotals)
	r.text("")
	r.optDate(ledger.NoDay)
	r.bytes(nil)
	r.text("")
	r.bytes(p.Bytes)
	r.end()
	return nil
}

// header is what two builds must have in common for one to continue the other.
type header struct {
	Rules     string `json:"rules"` // tables, columns and settings
	Reference string `json:"reference"`
	Currency  string `json:"currency"`
	AsOf      string `json:"as_of"`
	Begin     string `json:"begin"` // of the history: the first months and as-of days hang on it
}

func (b *build) header() (string, error) {
	layout, err := ledger.Layout()
	if err != nil {
		return "", err
	}
	o := *b.o
	o.Workers, o.BatchRows, o.ChunkRows, o.AsOf, o.ReportingCurrency = 0, 0, 0, 0, ""
	settings, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	rules := sha256.New()
	fmt.Fprintln(rules, layout, Replayed(), StateTable(), string(settings))
	text, err := json.Marshal(header{Rules: hex.EncodeToString(rules.Sum(nil)[:16]), Reference: b.ref.Fingerprint(), Currency: b.sum.Currency,
		AsOf: b.cal.asOf.String(), Begin: fmt.Sprint(b.cal.first, b.cal.points[0], len(b.cal.points))})
	return string(text), err
}

// sameHeader explains what has changed since the build that kept text.
func (b *build) sameHeader(text string) error {
	var before, now header
	if err := json.Unmarshal([]byte(text), &before); err != nil {
		return fmt.Errorf("%w: what the last build kept cannot be read", ErrRebuild)
	}
	head, err := b.header()
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(head), &now); err != nil {
		return err
	}
	for _, x := range []struct {
		differ bool
		why    string
	}{
		{before.Rules != now.Rules, "the settings or the tables have changed"},
		{before.AsOf != now.AsOf, "the last build was as of " + before.AsOf},
		{before.Currency != now.Currency, "the reporting currency was " + before.Currency},
		{before.Reference != now.Reference, "companies, reps, targets, exchange rates or the workday calendar have changed"},
		{before.Begin != now.Begin, "the history begins on another day"},
	} {
		if x.differ {
			return fmt.Errorf("%w: %s", ErrRebuild, x.why)
		}
	}
	return nil
}
