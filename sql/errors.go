package sql

import (
	"fmt"
	"sort"
	"strings"
)

// Error is a mistake in a model file: one sentence of cause, one of remedy.
type Error struct {
	File    string
	Line    int // in the file, from 1
	Column  int // in the line, in letters from 1; 0 = unknown
	Problem string
	Hint    string
}

func (e *Error) Error() string {
	at := fmt.Sprintf("%s:%d", e.File, e.Line)
	if e.Column > 0 {
		at += fmt.Sprintf(":%d", e.Column)
	}
	s := at + ": " + e.Problem
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// didYouMean returns `did you mean "x"?` for the candidate closest to word, or
// the list of candidates when none is close.
func didYouMean(word string, candidates []string) string {
	return nearestOf(word, candidates, "allowed: "+strings.Join(candidates, ", "))
}

// nearestOf is didYouMean with something else to say when no candidate is close.
func nearestOf(word string, candidates []string, otherwise string) string {
	best, bestDistance := "", len(word)/2+1
	for _, c := range candidates {
		if d := editDistance(strings.ToLower(word), strings.ToLower(c)); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return otherwise
}

func sortedKeys[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// editDistance is the number of letters to insert, delete or replace.
func editDistance(a, b string) int {
	s, t := []rune(a), []rune(b)
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		diagonal := row[0]
		row[0] = i + 1
		for j := range t {
			cost := diagonal
			if s[i] != t[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(t)]
}
