package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// grid is a table that fits its terminal: headers and texts wrap, and what still
// does not fit is shown otherwise. Elsewhere, as in a file, it is as wide as it
// likes. Rows are strings or numbers.
type grid struct {
	table.Writer
	out    io.Writer
	width  int // columns of the terminal; 0 = no terminal
	header []string
	right  map[int]bool // columns of figures, from 0: they never wrap
	tall   bool         // too wide even so: each row is a list of names and values; otherwise columns are left out
	rows   []table.Row
}

// newTable is the one look of tables in the terminal.
func newTable(w io.Writer, header ...any) *grid {
	// Terminals draw box characters narrow in every language, Chinese too; the
	// library would count them as wide under a Chinese locale.
	text.OverrideRuneWidthEastAsianWidth(false)
	g := &grid{Writer: table.NewWriter(), out: w, width: terminalWidth(w), right: map[int]bool{}}
	style := table.StyleRounded
	style.Format.Header = text.FormatDefault
	style.Format.Footer = text.FormatDefault
	style.Options.SeparateRows = false
	g.SetStyle(style)
	for _, h := range header {
		g.header = append(g.header, fmt.Sprint(h))
	}
	return g
}

// buffered is a buffer before a terminal of that many columns.
type buffered struct {
	*bufio.Writer
	width int
}

// terminalWidth is the columns of the terminal that w writes to; 0 = it is none.
func terminalWidth(w io.Writer) int {
	if b, ok := w.(buffered); ok {
		return b.width
	}
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// alignRight makes columns of figures, counted from 1.
func (g *grid) alignRight(from, to int) {
	for i := from; i <= to; i++ {
		g.right[i-1] = true
	}
}

func (g *grid) AppendRow(r table.Row, _ ...table.RowConfig) { g.rows = append(g.rows, r) }

// AppendSeparator draws a line below the rows so far.
func (g *grid) AppendSeparator() { g.rows = append(g.rows, nil) }

// Render writes the table.
func (g *grid) Render() string {
	shown, widths := g.fit()
	if shown < len(g.header) && g.tall {
		g.renderTall()
		return ""
	}
	var cc []table.ColumnConfig
	for i := range shown {
		c := table.ColumnConfig{Number: i + 1, WidthMax: widths[i], WidthMaxEnforcer: text.WrapSoft}
		if g.right[i] {
			c.Align, c.AlignHeader = text.AlignRight, text.AlignRight
		}
		cc = append(cc, c)
	}
	g.SetColumnConfigs(cc)
	header := make(table.Row, shown)
	for i := range shown {
		header[i] = g.header[i]
	}
	g.AppendHeader(header)
	for _, r := range g.rows {
		if r == nil {
			g.Writer.AppendSeparator()
			continue
		}
		g.Writer.AppendRow(r[:min(shown, len(r))])
	}
	fmt.Fprintln(g.out, g.Writer.Render())
	if more := slices.DeleteFunc(slices.Clone(g.header[shown:]), func(h string) bool { return h == "" }); len(more) > 0 {
		fmt.Fprintf(g.out, "A wider terminal also shows: %s.\n", strings.Join(more, ", "))
	}
	return ""
}

// A column of text may become as narrow as its longest word, within these bounds.
const (
	leastText = 14
	longWord  = 28
)

// fit says how many columns are shown, and how wide each may be at most.
func (g *grid) fit() (int, []int) {
	natural, least := make([]int, len(g.header)), make([]int, len(g.header))
	for i, h := range g.header {
		content, word := 0, leastText
		for _, r := range g.rows {
			if i >= len(r) {
				continue
			}
			s := fmt.Sprint(r[i])
			content = max(content, text.LongestLineLen(s))
			for w := range strings.FieldsSeq(s) {
				word = max(word, text.StringWidthWithoutEscSequences(w))
			}
		}
		natural[i] = max(content, text.StringWidthWithoutEscSequences(h))
		least[i] = content
		if !g.right[i] {
			least[i] = min(content, word, longWord)
		}
		for word := range strings.FieldsSeq(h) {
			least[i] = max(least[i], text.StringWidthWithoutEscSequences(word))
		}
	}
	if g.width == 0 {
		return len(natural), natural
	}
	shown := len(natural)
	for shown > 1 && total(least[:shown]) > g.width {
		shown--
	}
	widths := natural[:shown]
	for total(widths) > g.width {
		widest := -1
		for i := range widths {
			if widths[i] > least[i] && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return shown, widths
}

// total is the width of a table of such columns with its lines.
func total(widths []int) int {
	n := 3*len(widths) + 1
	for _, w := range widths {
		n += w
	}
	return n
}

// renderTall writes each row as a block of names and values.
func (g *grid) renderTall() {
	names := 0
	for _, h := range g.header {
		names = max(names, text.StringWidthWithoutEscSequences(h))
	}
	rows := slices.DeleteFunc(slices.Clone(g.rows), func(r table.Row) bool { return r == nil })
	for n, r := range rows {
		line := fmt.Sprintf("── row %d of %d ", n+1, len(rows))
		fmt.Fprintln(g.out, text.Pad(line, min(g.width, 60), '─'))
		for i, h := range g.header {
			fmt.Fprintf(g.out, "%s  %v\n", text.Pad(h, names, ' '), r[i])
		}
	}
}
