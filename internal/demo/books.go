package demo

import "time"

// stamp is an instant on the clocks of the site (Asia/Shanghai), in
// microseconds since 1970-01-01 00:00 local time: what ERPNext stores.
type stamp int64

const (
	second = stamp(1_000_000)
	hour   = 3600 * second
	day    = 24 * hour
	// siteOffset is what the site's clocks are ahead of UTC, all year.
	siteOffset = 8 * hour
)

func at(d Date, since stamp) stamp { return stamp(d)*day + since }
func (s stamp) date() Date         { return Date(s / day) }
func (s stamp) utc() time.Time     { return time.UnixMicro(int64(s - siteOffset)).UTC() }
func (s stamp) append(b []byte) []byte {
	return time.UnixMicro(int64(s)).UTC().AppendFormat(b, "2006-01-02 15:04:05.000000")
}

// touched carries the two instants that every document of the ERP has.
type touched struct{ created, modified stamp }

func (t *touched) touch(s stamp) {
	if t.created == 0 {
		t.created = s
	}
	if s > t.modified {
		t.modified = s
	}
}

// State of a document, as ERPNext numbers it.
const (
	draft     = 0
	submitted = 1
	cancelled = 2
)

// firm is one of the group's legal entities.
type firm struct {
	touched
	name, abbr, country string
	base                string  // currency of the books
	taxPercent          int64   // on sales at home
	share               float64 // of the group's customers
	currencies          []string
	currencyShare       []float64
}

// rep is a sales representative.
type rep struct {
	touched
	id                  int
	name, given, family string
	email, team         string
	firm                *firm
	left                Date    // 0 = still here
	effect              float64 // factor on how late the rep's customers pay
}

// terms are payment terms: one or several instalments.
type terms struct {
	touched
	name  string
	parts []termPart
}

type termPart struct {
	percent int64
	days    Date
	label   string
}

// tenure is a rep's time as owner of a customer, from its first day on.
type tenure struct {
	from Date
	rep  *rep
	at   stamp
}

// customer is one debtor.
type customer struct {
	touched
	id                          int
	name, title                 string
	firm, second                *firm // second: also buys from this one, or nil
	parent                      *customer
	segment                     string
	region, country, city       string
	industry, ownership, domain string
	currency                    string
	terms                       *terms
	limit                       Cents
	owners                      []tenure // the whole future; read through ownerOn

	// behaviour
	weight      float64 // share of orders
	scale       float64 // factor on the segment's amounts
	manner      manner  // how it pays
	lateness    float64 // what the credit office thinks of it: 1 = average, more = worse
	turns       Date    // from this day on it goes downhill, 0 = never
	heals       Date    // from this day on it recovers, 0 = it does not
	promised    Date    // by when it has promised to pay, 0 = never
	ordered     float64 // orders placed and not yet billed
	orders      float64 // from how many on an invoice is written
	tight       bool    // has outgrown its credit limit
	credit      float64 // what it may owe, in the reporting currency
	early       bool    // takes the cash discount
	paidByGroup bool    // the parent pays
	runDay      int     // a day of the month with a payment run, one of four; 0 = any working day
	stops       Date    // from this day on nothing is paid: insolvency
	contact     string

	open []*invoice // open invoices, oldest first; compacted now and then
	crm  touched    // as the CRM has it
}

// ownerOn returns the owner on day d.
func (c *customer) ownerOn(d Date) *rep {
	owner := c.owners[0].rep
	for _, t := range c.owners[1:] {
		if t.from <= d {
			owner = t.rep
		}
	}
	return owner
}

// invoice is an invoice, a debit note or, with negative amounts, a credit note.
type invoice struct {
	touched
	name          string
	firm          *firm
	customer      *customer
	posting, due  Date
	firstDue      Date // before it was put off; 0 = it was not
	entered       Date
	editor        string // who changed it last after it was posted
	currency      string
	gross, net    Cents
	rate          int64 // to the firm's currency, in millionths
	terms         *terms
	parts         []*instalment
	splits        []split
	order, reason string
	isReturn      bool
	isDebitNote   bool
	ownCredit     bool // a credit note that stands for itself until applied
	against       *invoice
	amendedFrom   *invoice
	docstatus     int
	status        string
	open          Cents // outstanding, document currency; credit notes negative
	disputed      *dispute
	credited      Cents  // by credit notes, whether set against it or not
	deleted       bool   // a draft thrown away; only its deletion is on record
	listed        bool   // among its customer\'s open invoices
	misdated      string // what stands for its date, where that is none
	hash          string
}

func (v *invoice) doctype() string { return "Sales Invoice" }
func (v *invoice) number() string  { return v.name }

type split struct {
	rep     *rep
	percent int64
	hash    string
}

// instalment is one due date of an invoice.
type instalment struct {
	invoice *invoice
	seq     int
	due     Date
	amount  Cents
	open    Cents
	percent int64
	label   string
	hash    string
	pays    Date // when the customer means to pay
	planned int  // grows with every change of mind, so that old plans lapse
}

// payment is cash received, or paid back.
type payment struct {
	touched
	name         string
	firm         *firm
	customer     *customer
	refund       bool
	posting      Date
	currency     string
	amount       Cents
	rate         int64
	method, bank string
	lines        []*application
	unapplied    Cents
	discount     Cents // deducted on top of amount: cash discounts, or
	small        bool  // a small difference
	docstatus    int
}

func (p *payment) doctype() string { return "Payment Entry" }
func (p *payment) number() string  { return p.name }

// application is cash of a payment applied to an invoice.
type application struct {
	invoice     *invoice
	day         Date
	amount      Cents // takes this off the invoice, discount included
	discount    Cents
	total, left Cents // of the invoice before it was applied
	hash        string
	created     stamp
}

// journal is a journal entry on receivables.
type journal struct {
	touched
	name      string
	kind      string // voucher_type of ERPNext
	purpose   string // small_balance, bad_debt, discount, credit, transfer
	firm      *firm
	posting   Date
	currency  string
	rate      int64
	remark    string
	lines     []journalLine
	docstatus int
}

func (j *journal) doctype() string { return "Journal Entry" }
func (j *journal) number() string  { return j.name }

// journalLine is a debit (positive) or a credit (negative) on an account.
type journalLine struct {
	account  string
	customer *customer // nil on accounts of no party
	against  document  // what a line on a customer settles, may be nil
	amount   Cents
	hash     string
}

// document is anything that the payment ledger can name.
type document interface {
	doctype() string
	number() string
}

// entry is a row of the payment ledger: positive adds to what is owed.
type entry struct {
	touched
	hash            string
	posting, due    Date
	firm            *firm
	customer        *customer
	currency        string
	voucher, target document
	detail          string // the voucher's own row, where it has rows
	amount, base    Cents
	delinked        bool
}

// dispute is a customer's objection to an invoice.
type dispute struct {
	touched
	number                      int
	invoice                     *invoice
	opened, closed              Date // closed 0 = still open
	amount                      Cents
	reason, department, outcome string
	inWords                     string // what stands for the amount, where that is no number
	credit                      *invoice
}

// visit is a meeting or a call.
type visit struct {
	touched
	id              int
	call            bool
	customer        *customer
	rep             *rep
	begins, ends    stamp
	outcome         string
	contact         string
	refusal, script string
	agreed          bool
	promise         *promise
	archived        stamp
	minutes         int
}

// promise is a sum promised at a visit, with its day.
type promise struct {
	id        int
	visit     *visit
	customer  *customer
	invoice   *invoice // nil = any
	amount    Cents
	currency  string
	made, due Date
	fate      string // kept, partly, broken; what the customer will do
}

// target is a rep's collection target of a month.
type target struct {
	rep    *rep
	month  Date
	amount Cents // in the currency of the rep's firm
}

// person is a contact of a customer.
type person struct {
	touched
	id       int
	customer *customer
	given    string
	family   string
	title    string
}
