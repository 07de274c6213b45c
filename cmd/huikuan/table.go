package main

import (
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// newTable is the one look of tables in the terminal.
func newTable(w io.Writer, header ...any) table.Writer {
	// Terminals draw box characters narrow in every language, Chinese too; the
	// library would count them as wide under a Chinese locale.
	text.OverrideRuneWidthEastAsianWidth(false)
	t := table.NewWriter()
	t.SetOutputMirror(w)
	style := table.StyleRounded
	style.Format.Header = text.FormatDefault
	style.Format.Footer = text.FormatDefault
	style.Options.SeparateRows = false
	t.SetStyle(style)
	t.AppendHeader(table.Row(header))
	return t
}
