package demo

import (
	"slices"
	"strings"
	"sync"
)

// doctype is a table of the ERP: documents of one kind, and how to read their
// fields. Documents are numbered 0 … n-1.
type doctype struct {
	name     string
	child    bool // rows of other documents, listed only with a parent
	n        int
	fields   map[string]func(i int) value
	order    []string          // of the fields, as declared
	children map[string]string // table field → child DocType

	once       sync.Once
	byModified []int32 // document numbers ordered by modified, then name
	modified   []stamp // of byModified
	byName     map[string]int
	byParent   map[string][]int
}

// field is a named reader of rows of type T.
type field[T any] struct {
	name string
	read func(T) value
}

// standard are the columns that every document has.
type standard struct {
	name                            string
	touched                         touched
	docstatus, idx                  int
	parent, parentType, parentField string
}

// declare builds a DocType over rows.
func declare[T any](name string, rows []T, std func(T) standard, fields ...field[T]) *doctype {
	d := &doctype{name: name, n: len(rows), fields: map[string]func(int) value{}}
	add := func(name string, read func(T) value) {
		d.fields[name] = func(i int) value { return read(rows[i]) }
		d.order = append(d.order, name)
	}
	add("name", func(t T) value { return str(std(t).name) })
	add("owner", func(T) value { return str("Administrator") })
	add("creation", func(t T) value { return when(std(t).touched.created) })
	add("modified", func(t T) value { return when(std(t).touched.modified) })
	add("modified_by", func(T) value { return str("Administrator") })
	add("docstatus", func(t T) value { return num(std(t).docstatus) })
	add("idx", func(t T) value { return num(std(t).idx) })
	if len(rows) > 0 && std(rows[0]).parent != "" {
		d.child = true
		add("parent", func(t T) value { return str(std(t).parent) })
		add("parenttype", func(t T) value { return str(std(t).parentType) })
		add("parentfield", func(t T) value { return str(std(t).parentField) })
	}
	for _, f := range fields {
		add(f.name, f.read)
	}
	return d
}

// blank adds fields that the DocType has and this business leaves empty.
func (d *doctype) blank(names ...string) *doctype {
	for _, name := range names {
		d.fields[name] = func(int) value { return value{} }
		d.order = append(d.order, name)
	}
	return d
}

// index sorts the table, once, when it is first asked for.
func (d *doctype) index() {
	d.once.Do(func() {
		type key struct {
			at   stamp
			name string
			i    int32
		}
		keys := make([]key, d.n)
		d.byName = make(map[string]int, d.n)
		d.byParent = map[string][]int{}
		for i := range keys {
			keys[i] = key{stamp(d.fields["modified"](i).n), d.fields["name"](i).s, int32(i)}
			d.byName[keys[i].name] = i
			if d.child {
				parent := d.fields["parent"](i).s
				d.byParent[parent] = append(d.byParent[parent], i)
			}
		}
		slices.SortFunc(keys, func(a, b key) int {
			if a.at != b.at {
				return compare(value{kind: instant, n: int64(a.at)}, value{kind: instant, n: int64(b.at)})
			}
			return strings.Compare(a.name, b.name)
		})
		d.byModified = make([]int32, d.n)
		d.modified = make([]stamp, d.n)
		for k, x := range keys {
			d.byModified[k], d.modified[k] = x.i, x.at
		}
	})
}
