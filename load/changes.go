package load

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"huikuan/transform/ledger"
)

// How changed documents are found
//
// Every insert into a table is a block, and blocks are numbered as they are
// committed. What a build has read is written down as the highest block of each
// table; what changed since is the rows of higher blocks, whatever instants and
// versions they carry. Merges keep each row's number, as the tables are told to
// (enable_block_number_column). What this cannot see, a mutation, a truncated or
// replaced table, a table whose blocks are numbered before they are committed
// (Replicated), asks for a full build.

// readTables are the document tables that a replay depends on through
// customers, in order.
var readTables = []string{"account_owners", "allocations", "credit_allocations", "credit_notes", "customers", "disputes", "instalment_plan_lines",
	"instalment_plans", "instalments", "invoice_rep_splits", "invoices", "payments", "promises", "visits", "write_offs"}

// Mark says how far the documents were read, see [Warehouse.Mark].
type Mark map[string]TableMark

// TableMark is one table's part of a [Mark].
type TableMark struct {
	UUID  string     `json:"uuid"`
	Parts [][2]int64 `json:"parts,omitempty"` // first and last block of each part
	Last  int64      `json:"last"`            // highest block
	// Version is the highest version of the blocks up to Last, or a higher one: a
	// later row of a higher version is the last version of its key.
	Version uint64   `json:"version,omitempty"`
	names   []string // of Parts
	// Mutation is the last change in place (ALTER TABLE … UPDATE or DELETE), 0 = none.
	Mutation int64 `json:"mutation,omitempty"`
}

// errMark: blocks cannot be told apart here.
type errMark struct{ why string }

func (e errMark) Error() string { return e.why }

// Mark writes down how far the documents go at this moment. It is taken before
// they are read: what comes in between is read twice rather than never. since is
// an earlier mark, which saves reading what it tells, nil if there is none; of
// tables that go on from it [Warehouse.Changes] completes the versions. why is not
// empty where changes cannot be found later.
func (w *Warehouse) Mark(ctx context.Context, since Mark) (m Mark, why string, err error) {
	if w.opts.Profile == Cluster {
		return nil, "a cluster has no incremental builds", nil
	}
	ids, err := w.numberBlocks(ctx)
	if err != nil {
		if bad, ok := err.(errMark); ok {
			return nil, bad.why, nil
		}
		return nil, "", w.explain("mark what was read", err)
	}
	if m, err = w.mark(ctx, ids); err == nil {
		err = w.highestVersions(ctx, m, since)
	}
	return m, "", w.explain("mark what was read", err)
}

// highestVersions finds the highest version of every table that does not go on
// from an earlier mark.
func (w *Warehouse) highestVersions(ctx context.Context, m, since Mark) error {
	var asked, queries []string
	for _, t := range readTables {
		if of, was := m[t], since[t]; was.continuedBy(of) == "" {
			of.Version = was.Version
			m[t] = of
			continue
		}
		asked = append(asked, t)
		queries = append(queries, fmt.Sprintf("(SELECT max(_version) FROM %s) AS %s", w.qualified(t+docsSuffix), ident(t)))
	}
	if len(asked) == 0 {
		return nil
	}
	return w.readAll(ctx, []string{"SELECT " + strings.Join(queries, ", ")}, func(_ int, rec arrow.Record) error {
		for i, t := range asked {
			n, ok := rec.Column(i).(*array.Uint64)
			if !ok || n.Len() != 1 {
				return fmt.Errorf("highest version of %s: it came as %s", t, rec.Column(i).DataType())
			}
			of := m[t]
			of.Version = n.Value(0)
			m[t] = of
		}
		return nil
	})
}

// numberBlocks has the tables keep the block of every row through merges, and
// returns their UUIDs.
func (w *Warehouse) numberBlocks(ctx context.Context) (ids map[string]string, err error) {
	var missing []string
	engines, ids := map[string]string{}, map[string]string{}
	err = w.each(ctx, "SELECT name, engine, engine_full, toString(uuid) FROM system.tables WHERE database = "+literal(w.database)+" AND name IN ("+literals(docsTables())+")", func(row []any) error {
		engines[row[0].(string)], ids[row[0].(string)] = row[1].(string), row[3].(string)
		if !strings.Contains(row[2].(string), "enable_block_number_column = 1") {
			missing = append(missing, row[0].(string))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, name := range docsTables() {
		if engines[name] != "ReplacingMergeTree" {
			return nil, errMark{fmt.Sprintf("table %s is a %s, whose blocks are not in the order of their inserts", name, engines[name])}
		}
	}
	for _, name := range missing {
		if err := w.conn.Exec(ctx, "ALTER TABLE "+w.qualified(name)+" MODIFY SETTING enable_block_number_column = 1"); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func docsTables() []string {
	out := make([]string, len(readTables))
	for i, t := range readTables {
		out[i] = t + docsSuffix
	}
	return out
}

func (w *Warehouse) mark(ctx context.Context, ids map[string]string) (Mark, error) {
	m := Mark{}
	for _, t := range readTables {
		m[t] = TableMark{UUID: ids[t+docsSuffix]}
	}
	sql := "SELECT table, name, min_block_number, max_block_number FROM system.parts WHERE active AND database = " + literal(w.database) +
		" AND table IN (" + literals(docsTables()) + ") ORDER BY table, min_block_number"
	err := w.each(ctx, sql, func(row []any) error {
		name, from, to := strings.TrimSuffix(row[0].(string), docsSuffix), row[2].(int64), row[3].(int64)
		t := m[name]
		if parts := strings.Split(row[1].(string), "_"); len(parts) > 4 { // partition, first, last, level, mutation
			n, err := strconv.ParseInt(parts[4], 10, 64)
			if err != nil {
				return fmt.Errorf("part %s of %s: %w", row[1], name, err)
			}
			t.Mutation = max(t.Mutation, n)
		}
		t.Parts, t.Last, t.names = append(t.Parts, [2]int64{from, to}), max(t.Last, to), append(t.names, row[1].(string))
		m[name] = t
		return nil
	})
	return m, err
}

// Changes are the rows that came after a [Mark].
type Changes struct {
	Rows      int64
	Customers map[string]bool     // named by the rows themselves
	Keys      map[uint32]bool     // of the rows, and of the documents that they name: see ledger.KeyOf
	IDs       map[string][]string // identifiers of the rows, by table
	Named     map[string][]string // identifiers of documents: the rows' own and those that they name, by side
	Companies map[string]bool
	Masters   map[string]bool   // customers whose own rows are among them
	rows      map[string]string // condition on the rows, by table that has any
	version   map[string]uint64 // highest version before them, by table
}

// Changes finds what came after a mark; now is the mark of this moment, taken with
// the earlier one, and is completed. why is not empty where only a full read will do.
func (w *Warehouse) Changes(ctx context.Context, since, now Mark) (c Changes, why string, err error) {
	c = Changes{Customers: map[string]bool{}, Keys: map[uint32]bool{}, IDs: map[string][]string{}, Named: map[string][]string{}, Companies: map[string]bool{},
		Masters: map[string]bool{}, rows: map[string]string{}, version: map[string]uint64{}}
	for _, t := range readTables {
		if why := since[t].continuedBy(now[t]); why != "" {
			return c, "table " + t + " " + why, nil
		}
		if now[t].Last == since[t].Last {
			continue
		}
		c.rows[t], c.version[t] = since[t].later(now[t]), since[t].Version
		highest, err := w.changed(ctx, t, &c)
		if err != nil {
			return c, "", w.explain("look for changes of "+t, err)
		}
		of := now[t]
		of.Version = max(of.Version, highest)
		now[t] = of
	}
	return c, "", nil
}

// later is the condition on rows that came after a mark. Parts that have none are
// passed over by name: one that is merged in the meantime has another name then.
func (t TableMark) later(now TableMark) string {
	where := fmt.Sprintf("_block_number > %d", t.Last)
	var earlier []string
	for i, p := range now.Parts {
		if p[1] <= t.Last {
			earlier = append(earlier, now.names[i])
		}
	}
	if len(earlier) > 0 {
		where += " AND _part NOT IN (" + literals(earlier) + ")"
	}
	return where
}

// continuedBy tells what keeps a table from being read on from a mark.
func (t TableMark) continuedBy(now TableMark) string {
	if t.UUID == "" || t.UUID != now.UUID {
		return "was made anew"
	}
	if t.Mutation != now.Mutation {
		return "was changed in place (ALTER TABLE … UPDATE or DELETE)"
	}
	for _, part := range t.Parts {
		if !slices.ContainsFunc(now.Parts, func(p [2]int64) bool { return p[0] <= part[0] && part[1] <= p[1] }) {
			return "has lost rows without a trace"
		}
	}
	return ""
}

// changedColumns says of each table which columns name what, beside source:
// the row's own kind and identifier, the documents it names, its customer.
var changedColumns = map[string]struct {
	kind, id string
	names    map[string]string // column → kind
	customer bool
}{
	"account_owners":        {customer: true},
	"allocations":           {kind: ledger.KindAlloc, id: "allocation_id", names: map[string]string{"invoice_id": ledger.SideInvoice, "payment_id": ledger.SidePayment}},
	"credit_allocations":    {kind: ledger.KindCreditAlloc, id: "credit_allocation_id", names: map[string]string{"invoice_id": ledger.SideInvoice, "credit_note_id": ledger.SideCreditNote}},
	"credit_notes":          {kind: ledger.SideCreditNote, id: "credit_note_id", customer: true},
	"customers":             {customer: true},
	"disputes":              {kind: ledger.KeyDispute, id: "dispute_id", names: map[string]string{"invoice_id": ledger.SideInvoice}},
	"instalment_plan_lines": {names: map[string]string{"plan_id": ledger.KeyPlan}},
	"instalment_plans":      {kind: ledger.KeyPlan, id: "plan_id", customer: true},
	"instalments":           {names: map[string]string{"invoice_id": ledger.SideInvoice}},
	"invoice_rep_splits":    {names: map[string]string{"invoice_id": ledger.SideInvoice}},
	"invoices":              {kind: ledger.SideInvoice, id: "invoice_id", customer: true},
	"payments":              {kind: ledger.SidePayment, id: "payment_id", customer: true},
	"promises":              {kind: ledger.KeyPromise, id: "promise_id", customer: true},
	"visits":                {kind: ledger.KeyVisit, id: "visit_id", customer: true},
	"write_offs":            {kind: ledger.KindWriteOff, id: "write_off_id", names: map[string]string{"invoice_id": ledger.SideInvoice}},
}

// changed adds the rows of one table's later blocks and returns their highest version.
func (w *Warehouse) changed(ctx context.Context, table string, c *Changes) (highest uint64, err error) {
	d := changedColumns[table]
	selected := []string{"source", "_version"}
	if d.id != "" {
		selected = append(selected, d.id)
	}
	named := slices.Sorted(maps.Keys(d.names))
	selected = append(selected, named...)
	if d.customer {
		selected = append(selected, "customer_id")
	}
	withCompany := slices.Contains([]string{"invoices", "payments", "credit_notes"}, table)
	if withCompany {
		selected = append(selected, "company")
	}
	sql := fmt.Sprintf("SELECT %s FROM %s WHERE %s", strings.Join(selected, ", "), w.qualified(table+docsSuffix), c.rows[table])
	err = w.readAll(ctx, []string{sql}, func(_ int, rec arrow.Record) error {
		cols := &columns{rec: rec}
		if versions := columnOf[*array.Uint64](cols, "_version"); versions != nil && versions.Len() > 0 {
			highest = max(highest, slices.Max(versions.Uint64Values()))
		}
		source, own, customer, company := cols.text("source"), cols.text(d.id), cols.text("customer_id"), cols.text("company")
		for i := range cols.rows() {
			if d.id != "" {
				c.Keys[ledger.KeyOf(d.kind, source.at(i), own.at(i))] = true
				c.IDs[table] = append(c.IDs[table], strings.Clone(own.at(i)))
				c.Named[d.kind] = append(c.Named[d.kind], c.IDs[table][len(c.IDs[table])-1])
			}
			if d.customer {
				id := strings.Clone(customer.at(i))
				c.Customers[id] = true
				if table == "customers" {
					c.Masters[id] = true
				}
			}
			if withCompany {
				c.Companies[strings.Clone(company.at(i))] = true
			}
		}
		for _, column := range named {
			id := cols.text(column)
			for i := range cols.rows() {
				c.Keys[ledger.KeyOf(d.names[column], source.at(i), id.at(i))] = true
				c.Named[d.names[column]] = append(c.Named[d.names[column]], strings.Clone(id.at(i)))
			}
		}
		c.Rows += rec.NumRows()
		return cols.err
	})
	return highest, err
}
