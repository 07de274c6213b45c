// Package metrics turns replayed customers into the metric tables: events, open
// items, snapshots, roll-forward, DSO and collection by rep.
//
// In: a [huikuan/transform/ledger.Source]. Out: Arrow batches of [Tables] to a
// sink. Never here: SQL, HTTP, floats for money.
package metrics
