package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"huikuan/transform/money"
)

// Company is a legal entity.
type Company struct{ ID, Name, Base, Reporting string }

// Rep is a sales representative.
type Rep struct{ ID, Name, Team, Company string }

// Target is a collection target of one month.
type Target struct {
	Rep, Currency string
	Month         Day
	Amount        money.Amount
}

// Orphan is a row that refers to an unknown document.
type Orphan struct {
	Source, Kind, ID, Missing, MissingID string
	Amount                               money.Amount
}

// Reference is what does not hang on one customer.
type Reference struct {
	Companies []Company
	Reps      map[string]Rep
	Targets   []Target // basis collected only
	Quotes    []Quote
	Calendar  map[Day]bool // days of which the source says whether they are workdays
	Orphans   []Orphan     // the first [MaxOrphans] of OrphanCount
	// OrphanCount counts all rows of in_orphans.
	OrphanCount int64
	// First is the earliest document date, NoDay where there are no documents.
	First Day
}

// MaxOrphans is how many orphans are kept for messages.
const MaxOrphans = 100

// ReadReference reads the small tables.
func ReadReference(ctx context.Context, src Source) (*Reference, error) {
	ref := &Reference{Reps: map[string]Rep{}, Calendar: map[Day]bool{}, First: NoDay}
	readers := []struct {
		table string
		read  func(b *binder, rows int)
	}{
		{InCompanies, ref.companies}, {InReps, ref.reps}, {InTargets, ref.targets},
		{InFXRates, ref.quotes}, {InCalendar, ref.calendar}, {InOrphans, ref.orphans}, {InHistory, ref.history},
	}
	for _, t := range readers {
		if err := scan(ctx, src, t.table, t.read); err != nil {
			return nil, err
		}
	}
	if ref.First == NoDay {
		if err := scan(ctx, src, InDocuments, ref.documents); err != nil {
			return nil, err
		}
	}
	return ref, nil
}

// scan reads a whole table batch by batch.
func scan(ctx context.Context, src Source, table string, read func(b *binder, rows int)) error {
	t, _ := Input(table)
	seen := int64(0)
	for rec, err := range src.Rows(ctx, table) {
		if err != nil {
			return fmt.Errorf("read %s: %w", table, err)
		}
		b := &binder{table: t, rec: rec, first: seen + 1}
		if read(b, int(rec.NumRows())); b.err != nil {
			return b.err
		}
		seen += rec.NumRows()
	}
	return ctx.Err()
}

func (ref *Reference) companies(b *binder, rows int) {
	id, name, base, reporting := b.text("company"), b.text("name"), b.text("base_currency"), b.text("reporting_currency")
	for i := 0; i < rows && b.err == nil; i++ {
		ref.Companies = append(ref.Companies, Company{keep(id, i), keep(name, i), keep(base, i), keep(reporting, i)})
	}
}

func (ref *Reference) reps(b *binder, rows int) {
	id, name, team, company := b.text("rep_id"), b.text("name"), b.text("team"), b.text("company")
	for i := 0; i < rows && b.err == nil; i++ {
		ref.Reps[keep(id, i)] = Rep{keep(id, i), keep(name, i), keep(team, i), keep(company, i)}
	}
}

func (ref *Reference) targets(b *binder, rows int) {
	rep, month, basis, amount, currency := b.text("rep_id"), b.day("month"), b.text("basis"), b.money("amount"), b.text("currency")
	for i := 0; i < rows && b.err == nil; i++ {
		if what := basis.at(i); what == "" || what == "collected" {
			ref.Targets = append(ref.Targets, Target{keep(rep, i), keep(currency, i), month.at(i).MonthStart(), amount.at(i)})
		}
	}
}

func (ref *Reference) quotes(b *binder, rows int) {
	day, from, to, kind, rate := b.day("rate_date"), b.text("from_currency"), b.text("to_currency"), b.text("rate_type"), b.rate("rate")
	for i := 0; i < rows && b.err == nil; i++ {
		ref.Quotes = append(ref.Quotes, Quote{day.at(i), keep(from, i), keep(to, i), keep(kind, i), rate.at(i)})
	}
}

func (ref *Reference) calendar(b *binder, rows int) {
	day, works := b.day("day"), b.flag("is_workday")
	for i := 0; i < rows && b.err == nil; i++ {
		ref.Calendar[day.at(i)] = works.Value(i)
	}
}

func (ref *Reference) orphans(b *binder, rows int) {
	source, kind, id, missing, missingID, amount := b.text("source"), b.text("kind"), b.text("application_id"), b.text("missing"), b.text("missing_id"), b.money("amount")
	for i := 0; i < rows && b.err == nil; i++ {
		if ref.OrphanCount++; len(ref.Orphans) < MaxOrphans {
			ref.Orphans = append(ref.Orphans, Orphan{keep(source, i), keep(kind, i), keep(id, i), keep(missing, i), keep(missingID, i), amount.at(i)})
		}
	}
}

func (ref *Reference) history(b *binder, rows int) {
	first := b.day("first_date")
	for i := 0; i < rows && b.err == nil; i++ {
		ref.earliest(first.at(i))
	}
}

func (ref *Reference) documents(b *binder, rows int) {
	date := b.day("doc_date")
	for i := 0; i < rows && b.err == nil; i++ {
		ref.earliest(date.at(i))
	}
}

func (ref *Reference) earliest(d Day) {
	if d != NoDay && (ref.First == NoDay || d < ref.First) {
		ref.First = d
	}
}

// keep copies a text out of its batch.
func keep(c textColumn, i int) string { return strings.Clone(c.at(i)) }

// FirstCurrency returns the currency of the first row of in_documents; empty
// where there is none.
func FirstCurrency(ctx context.Context, src Source) (string, error) {
	t, _ := Input(InDocuments)
	for rec, err := range src.Rows(ctx, InDocuments) {
		if err != nil {
			return "", fmt.Errorf("read %s: %w", InDocuments, err)
		}
		b := &binder{table: t, rec: rec, first: 1}
		currency := b.text("currency")
		if b.err != nil {
			return "", b.err
		}
		if rec.NumRows() > 0 {
			return keep(currency, 0), nil
		}
	}
	return "", ctx.Err()
}

// Fingerprint is a short text that differs where anything of the reference data
// does, but for orphans and the span of the documents.
func (ref *Reference) Fingerprint() string {
	h := sha256.New()
	fmt.Fprintln(h, ref.Companies, ref.Targets, ref.Quotes)
	for _, id := range slices.Sorted(maps.Keys(ref.Reps)) {
		fmt.Fprintf(h, "%q\n", ref.Reps[id])
	}
	for _, day := range slices.Sorted(maps.Keys(ref.Calendar)) {
		fmt.Fprintln(h, day, ref.Calendar[day])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
