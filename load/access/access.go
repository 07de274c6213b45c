// Package access turns one definition of users into what an engine enforces:
// row filters for the embedded warehouse, and statements for a server.
//
// In: users with what they may see, and the relations of the warehouse with
// their declared columns. Out: filter expressions and SQL statements as text.
// Never here: a connection, or a password in a text that is shown.
//
// What a restricted user sees of a relation follows from its columns:
//
//  1. customer_id: rows of customers that the user's reps or teams own today (by
//     the model customer_owners), of the user's companies where it has company;
//  2. rep_id or owner_id: rows of the user's reps or teams;
//  3. scope and scope_id: the scopes of the user's reps, customers, companies;
//  4. company alone: rows of the user's companies, nothing for who is limited to
//     reps or teams;
//  5. reference data (Open): everything;
//  6. anything else: nothing.
package access

import (
	"fmt"
	"slices"
	"strings"
)

// User may read. Without reps, teams and companies they see everything; reps
// and teams add up, companies narrow what is left.
type User struct {
	Name, Password         string
	Reps, Teams, Companies []string
}

// Restricted tells whether the user sees a part only.
func (u User) Restricted() bool { return len(u.Reps)+len(u.Teams)+len(u.Companies) > 0 }

func (u User) byPeople() bool { return len(u.Reps)+len(u.Teams) > 0 }

// Relation is a table or view of the warehouse as it is declared.
type Relation struct {
	Name    string
	Columns []string
	// View: what it shows is what its tables show, so it needs no rule of its own.
	View bool
	// Base is the table in which the rows of a view of documents lie.
	Base string
}

func (r Relation) has(column string) bool { return slices.Contains(r.Columns, column) }

// Owners is the model that says who owns a customer today.
const Owners = "customer_owners"

// Open is reference data that every user may read.
func Open() []string {
	return []string{"companies", "calendar_days", "calendar", "fx_rates", "fx_as_of", "ar_as_of", "macro_series", "policies"}
}

// Closed are relations of which nobody restricted sees anything, as their rows
// cannot be told apart by customer, rep or company, or are not for readers.
func Closed() []string {
	return []string{
		"allocations", "credit_allocations", "disputes", "evidence", "instalment_plan_lines", "instalments", "recoveries", "write_offs", // by document: ar_items and ar_settlements have them by customer
		"delay_cause_pareto", "dunning_response", "early_warning_quality", "escalation_ladder", "grade_migration", "loss_rates",
		"plan_performance", "promise_performance", "refusal_reasons", "top_exposures", "visit_effectiveness", "visit_process", "worklist_backtest",
		"raw_pages", "raw_lookups", "rejected_rows", "ops_seen_keys", "ops_lost_keys", "ops_runs", "ops_slices", "ops_receipts",
		"ops_model_runs", "ops_test_results", "ops_state", "ops_migrations", "build_state", "document_versions", "cash_forecast_ledger",
	}
}

// Hidden are tables that no reader sees: pages as received may hold anything.
func Hidden() []string { return []string{"raw_pages", "raw_lookups", "ops_state", "build_state"} }

// Decided tells whether somebody has thought of who may see the relation: by its
// columns or by a list.
func Decided(r Relation) bool {
	return slices.Contains(Open(), r.Name) || slices.Contains(Closed(), r.Name) || r.has("customer_id") || r.has("rep_id") || r.has("owner_id") ||
		r.has("scope") && r.has("scope_id") || r.has("company")
}

// nothing is the filter that no row passes.
const nothing = "0"

// Filter is the condition that the rows of a relation must meet for a restricted
// user; "0" shows none, "1" all.
func (u User) Filter(database string, r Relation) string {
	switch {
	case !u.Restricted(), slices.Contains(Open(), r.Name):
		return "1"
	case slices.Contains(Closed(), r.Name):
		return nothing
	case r.Name == Owners:
		return u.owned()
	case r.has("customer_id"):
		return u.byCustomer(database, r)
	case r.has("scope") && r.has("scope_id"):
		return u.byScope(database)
	case r.has("rep_id"):
		return u.byRep(database, r, "rep_id")
	case r.has("owner_id"):
		return u.byRep(database, r, "owner_id")
	case r.has("company") && !u.byPeople():
		return in("company", u.Companies)
	}
	return nothing
}

// owned is the condition on customer_owners itself.
func (u User) owned() string {
	var people, all []string
	if len(u.Reps) > 0 {
		people = append(people, in("owner_id", u.Reps))
	}
	if len(u.Teams) > 0 {
		people = append(people, in("team", u.Teams))
	}
	if len(people) > 0 {
		all = append(all, either(people))
	}
	if len(u.Companies) > 0 {
		all = append(all, "hasAny(companies, ["+literals(u.Companies)+"])")
	}
	return strings.Join(all, " AND ")
}

func (u User) customers(database string) string {
	return fmt.Sprintf("(SELECT customer_id FROM %s.%s WHERE %s)", ident(database), Owners, u.owned())
}

func (u User) byCustomer(database string, r Relation) string {
	own := "customer_id IN " + u.customers(database)
	switch {
	case len(u.Companies) == 0 || !r.has("company"):
		return own
	case !u.byPeople():
		return in("company", u.Companies)
	}
	return own + " AND " + in("company", u.Companies)
}

func (u User) byRep(database string, r Relation, column string) string {
	var people []string
	if len(u.Reps) > 0 {
		people = append(people, in(column, u.Reps))
	}
	if len(u.Teams) > 0 && r.has("team") {
		people = append(people, in("team", u.Teams))
	} else if len(u.Teams) > 0 {
		people = append(people, fmt.Sprintf("%s IN (SELECT owner_id FROM %s.%s WHERE %s)", column, ident(database), Owners, in("team", u.Teams)))
	}
	switch {
	case len(people) == 0 && !r.has("company"):
		return nothing
	case len(people) == 0:
		return in("company", u.Companies)
	case len(u.Companies) > 0 && r.has("company"):
		return either(people) + " AND " + in("company", u.Companies)
	}
	return either(people)
}

// byScope shows figures of the user's own scopes: those of the whole book, of
// segments and regions hold other customers too.
func (u User) byScope(database string) string {
	if !u.byPeople() {
		return "scope = 'company' AND " + in("scope_id", u.Companies)
	}
	owners := fmt.Sprintf("(SELECT owner_id FROM %s.%s WHERE %s)", ident(database), Owners, u.owned())
	return fmt.Sprintf("scope = 'owner' AND scope_id IN %s OR scope = 'customer' AND scope_id IN %s", owners, u.customers(database))
}

func either(conditions []string) string {
	if len(conditions) == 1 {
		return conditions[0]
	}
	return "(" + strings.Join(conditions, " OR ") + ")"
}

func in(column string, values []string) string { return column + " IN (" + literals(values) + ")" }

func literals(values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = literal(v)
	}
	return strings.Join(out, ", ")
}

func literal(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

func ident(s string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(s) + "`"
}
