package embedded

import (
	"crypto/sha256"
	"strings"
	"sync"
)

// emptyColumns remembers the columns of results that had no rows. To learn them
// takes a second look at the statement, which costs as much as a short query
// itself, and a dashboard with narrow filters asks many that find nothing.
//
// They hang on the tables as well as on the statement, so all are forgotten
// before and after a statement that may change a table's columns. What was
// looked up while such a statement ran is not kept.
type emptyColumns struct {
	mu      sync.Mutex
	changes int // statements since the start that may have changed columns
	of      map[[sha256.Size]byte][][2]string
}

const emptyResults = 4096 // all are forgotten when there are more

// emptyKey tells requests apart whose columns may differ.
func emptyKey(req *request, sql string) [sha256.Size]byte {
	var b strings.Builder
	write := func(texts ...string) {
		for _, s := range texts {
			b.WriteString(quoteString(s))
		}
		b.WriteByte(';')
	}
	write(req.database, sql)
	for _, p := range req.params {
		write(p.name, p.value)
	}
	write()
	for _, s := range req.settings {
		if s.name != "log_comment" {
			write(s.name, s.value)
		}
	}
	return sha256.Sum256([]byte(b.String()))
}

// get returns the columns, if they are known, and how many changes there were.
func (e *emptyColumns) get(key [sha256.Size]byte) (columns [][2]string, changes int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.of[key], e.changes
}

// put keeps columns that were looked up when there were so many changes.
func (e *emptyColumns) put(key [sha256.Size]byte, columns [][2]string, changes int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if changes != e.changes {
		return
	}
	if e.of == nil || len(e.of) >= emptyResults {
		e.of = map[[sha256.Size]byte][][2]string{}
	}
	e.of[key] = columns
}

func (e *emptyColumns) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.changes++
	e.of = nil
}
