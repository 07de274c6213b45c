package sql

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// sweep is what one statement says of all tests of a model: most of a test's cost
// is the statement around it, and nearly all tests pass.
type sweep struct {
	rows     int64   // of the model
	found    []int64 // for each test 0 if it passes; else it is run by itself, which tells the rows
	duration time.Duration
}

// sweepQuery writes one SELECT whose rows are the position of a branch and its
// counts. Branch 0 is the scan of the table for the number of its rows and all
// tests of columns; every other test, n of the list, is branch n+1.
func (m Model) sweepQuery(n names) string {
	scan := []string{"count()"}
	branches := []string{""}
	for i, t := range m.Tests {
		if c := t.inScan(); c != "" {
			scan = append(scan, c)
			continue
		}
		branches = append(branches, fmt.Sprintf("SELECT '%d', toString(count()) FROM (\n%s\n)", i+1, t.failingRows(n.this, n)))
	}
	for i, c := range scan {
		scan[i] = "toString(" + c + ")"
	}
	branches[0] = fmt.Sprintf("SELECT '0' AS _branch, arrayStringConcat([%s], ',') AS _counts FROM %s", strings.Join(scan, ", "), n.this)
	return strings.Join(branches, "\nUNION ALL\n")
}

// inScan is the aggregate over the whole table that is 0 exactly if the test
// finds no row; empty where a test needs a query of its own.
func (t Test) inScan() string {
	switch t.Kind {
	case NotNull:
		return fmt.Sprintf("countIf(%s IS NULL)", quoteName(t.Columns[0]))
	case Unique: // in a tuple NULL is a value like any other, as it is in GROUP BY
		return fmt.Sprintf("count() - uniqExact(tuple(%s))", quoteNames(t.Columns))
	case AcceptedValues:
		return fmt.Sprintf("countIf(%s)", t.notAccepted())
	}
	return ""
}

// sweep runs the statement of [Model.sweepQuery].
func (b *build) sweep(ctx context.Context, m Model, n names) (out sweep, err error) {
	started := b.runner.options.Now()
	answer, _, err := b.runner.engine.Query(ctx, m.sweepQuery(n))
	out.duration = b.runner.options.Now().Sub(started)
	if err != nil {
		return out, err
	}
	branches := map[string][]int64{}
	for _, row := range answer {
		if len(row) != 2 {
			return out, errNoAnswer
		}
		var counts []int64
		for _, text := range strings.Split(asText(row[1]), ",") {
			c, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return out, fmt.Errorf("count what tests find: %w", err)
			}
			counts = append(counts, c)
		}
		branches[asText(row[0])] = counts
	}
	scan := branches["0"]
	take := func(from []int64) ([]int64, int64, error) {
		if len(from) == 0 {
			return nil, 0, errNoAnswer
		}
		return from[1:], from[0], nil
	}
	if scan, out.rows, err = take(scan); err != nil {
		return out, err
	}
	out.found = make([]int64, len(m.Tests))
	for i, t := range m.Tests {
		if t.inScan() != "" {
			scan, out.found[i], err = take(scan)
		} else {
			_, out.found[i], err = take(branches[strconv.Itoa(i+1)])
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}
