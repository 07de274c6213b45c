package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// pathSet collects the paths that a mapping reads from one kind of object (the
// record, or the element of an `each`) and numbers them as slots.
type pathSet struct {
	root  *node
	paths []*pathUse // by slot
	slots map[string]int
	nodes int
}

// pathUse is one path and how it is used.
type pathUse struct {
	text string // as written
	must bool   // a column that a header has to have
}

// node is a step in the trie of paths.
type node struct {
	id    int // of the nodes with children, for the key cache of a worker
	slot  int // -1 if no path ends here
	kids  map[string]*node
	items []item // kids whose key is an array index
	under []int  // slots of the kids and their kids
}

type item struct {
	index int
	node  *node
}

func newPathSet() *pathSet {
	return &pathSet{root: &node{slot: -1}, slots: map[string]int{}, nodes: 1}
}

// slot returns the slot of a path, adding it if it is new.
func (s *pathSet) slot(text string, must bool) (int, error) {
	if slot, ok := s.slots[text]; ok {
		s.paths[slot].must = s.paths[slot].must || must
		return slot, nil
	}
	keys, err := splitPath(text)
	if err != nil {
		return 0, err
	}
	n := s.root
	slot := len(s.paths)
	for _, key := range keys {
		if !slices.Contains(n.under, slot) {
			n.under = append(n.under, slot)
		}
		kid := n.kids[key]
		if kid == nil {
			if n.kids == nil {
				n.kids = map[string]*node{}
				if n != s.root {
					n.id = s.nodes
					s.nodes++
				}
			}
			kid = &node{slot: -1}
			n.kids[key] = kid
			if index, err := strconv.Atoi(key); err == nil && index >= 0 {
				n.items = append(n.items, item{index, kid})
			}
		}
		n = kid
	}
	if n.slot >= 0 { // the same path spelled in another way
		s.slots[text] = n.slot
		return n.slot, nil
	}
	n.slot = slot
	s.slots[text] = slot
	s.paths = append(s.paths, &pathUse{text: text, must: must})
	return slot, nil
}

// splitPath cuts a path at its dots; a backslash takes the next byte as it is.
func splitPath(text string) ([]string, error) {
	if text == "" {
		return nil, fmt.Errorf("a path is empty")
	}
	var keys []string
	var key strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			key.WriteByte(text[i])
		case c == '.':
			keys = append(keys, key.String())
			key.Reset()
		default:
			key.WriteByte(c)
		}
	}
	keys = append(keys, key.String())
	if slices.Contains(keys, "") {
		return nil, fmt.Errorf(`path %q has an empty part; write \. for a dot inside a key`, text)
	}
	return keys, nil
}

// column returns the name that a path has as the column of a file: files have
// no nesting, so dots are part of the name.
func column(path string) string {
	return strings.TrimSpace(strings.ReplaceAll(path, `\`, ""))
}

// columnSlots assigns the columns of a header to slots, and lists the columns
// that no path reads.
func (s *pathSet) columnSlots(columns []string) (slots [][]int, unmapped []int, err error) {
	slots = make([][]int, len(columns))
	at := make(map[string]int, len(columns))
	for i, name := range columns {
		if _, double := at[strings.TrimSpace(name)]; !double {
			at[strings.TrimSpace(name)] = i
		}
	}
	for slot, use := range s.paths {
		i, ok := at[strings.TrimSpace(use.text)]
		if !ok {
			i, ok = at[column(use.text)]
		}
		if !ok {
			if use.must {
				return nil, nil, missingColumn(column(use.text), columns)
			}
			continue
		}
		slots[i] = append(slots[i], slot)
	}
	for i := range columns {
		if len(slots[i]) == 0 {
			unmapped = append(unmapped, i)
		}
	}
	return slots, unmapped, nil
}

func missingColumn(name string, columns []string) error {
	hint := "its columns are " + listed(columns, 30)
	if near := nearest(name, columns); near != "" {
		hint = fmt.Sprintf("did you mean %q? %s", near, hint)
	}
	return fmt.Errorf("the data has no column %q; %s", name, hint)
}

// keyCache remembers the keys of the previous object of a node in their order:
// records of a page mostly look alike, so the next key is known before it is read.
type keyCache struct {
	keys []cachedKey
}

type cachedKey struct {
	text   []byte
	quoted []byte // as it stands in JSON, with its colon; empty if it is not plain
	kid    *node  // nil: not mapped
}

const (
	maxCachedKeys = 512
	maxCachedKey  = 64
)

// find returns the child of n for the key at this position.
func (c *keyCache) find(n *node, key []byte, position int) *node {
	if position < len(c.keys) {
		if k := &c.keys[position]; string(k.text) == string(key) {
			return k.kid
		}
	}
	kid := n.kids[string(key)]
	if position < maxCachedKeys && len(key) <= maxCachedKey {
		for len(c.keys) <= position {
			c.keys = append(c.keys, cachedKey{text: []byte{}})
		}
		k := &c.keys[position]
		k.text, k.quoted, k.kid = append(k.text[:0], key...), k.quoted[:0], kid
		if isPlain(key) {
			k.quoted = append(append(append(k.quoted, '"'), key...), '"', ':')
		}
	}
	return kid
}
