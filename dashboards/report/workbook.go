package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// book is the workbook while it is written.
type book struct {
	*excelize.File
	pack   *Pack
	styles map[string]int
}

// Formats of cells.
const (
	amountFormat  = `#,##0.00;[Red]-#,##0.00`
	percentFormat = `0.0%`
	daysFormat    = `0.0`
	countFormat   = `#,##0`
	dayFormat     = `yyyy-mm-dd`
)

func formatOf(u Unit) string {
	return []string{amountFormat, percentFormat, daysFormat, countFormat}[u]
}

// style gives the number of a style, made once.
func (b *book) style(format string, bold bool) (int, error) {
	key := fmt.Sprint(format, bold)
	if id, ok := b.styles[key]; ok {
		return id, nil
	}
	s := &excelize.Style{Font: &excelize.Font{Bold: bold}}
	if format != "" {
		s.CustomNumFmt = &format
	}
	id, err := b.NewStyle(s)
	b.styles[key] = id
	return id, err
}

// formula is a cell that is computed; value is what it comes to now, for
// programs that do not compute.
type formula struct {
	text  string
	value Figure
}

// cell is a value with how it is shown.
type cell struct {
	value  any // text, Figure, time.Time, formula, nil
	format string
	bold   bool
}

func amount(f Figure) cell { return cell{value: f, format: amountFormat} }
func share(f Figure) cell  { return cell{value: f, format: percentFormat} }
func number(f Figure) cell { return cell{value: f, format: countFormat} }
func onDay(t time.Time) cell {
	return cell{value: t, format: dayFormat}
}

// computed is a formula cell.
func computed(format string, value Figure, text string, args ...any) cell {
	return cell{value: formula{fmt.Sprintf(text, args...), value}, format: format}
}

// grid is one sheet's table.
type grid struct {
	name    string
	note    string
	headers []string
	widths  []float64
	rows    [][]cell
	total   []cell // below a line; nil: none
}

// headerRow is the row of the headers: a title and a note stand above.
const headerRow = 3

// write puts a grid on a sheet of its own, row by row in a stream, so that a
// hundred thousand items need little memory.
func (b *book) write(g grid) error {
	if _, err := b.NewSheet(g.name); err != nil {
		return err
	}
	s, err := b.NewStreamWriter(g.name)
	if err != nil {
		return err
	}
	for i, w := range g.widths {
		if err := s.SetColWidth(i+1, i+1, w); err != nil {
			return err
		}
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, XSplit: 1, YSplit: headerRow, TopLeftCell: fmt.Sprintf("B%d", headerRow+1), ActivePane: "bottomRight"}); err != nil {
		return err
	}
	top := [][]cell{{{value: g.name + " · " + b.pack.month(b.pack.AsOf) + b.pack.companySuffix(), bold: true}}, {{value: g.note}}}
	header := make([]cell, len(g.headers))
	for i, h := range g.headers {
		header[i] = cell{value: h, bold: true}
	}
	rows := append(append(top, header), g.rows...)
	if g.total != nil {
		for i := range g.total {
			g.total[i].bold = true
		}
		rows = append(rows, g.total)
	}
	for i, row := range rows {
		line := make([]any, len(row))
		for k, c := range row {
			if line[k], err = b.cell(c); err != nil {
				return err
			}
		}
		if err := s.SetRow(fmt.Sprintf("A%d", i+1), line); err != nil {
			return err
		}
	}
	if err := s.Flush(); err != nil {
		return err
	}
	if len(g.rows) == 0 {
		return nil
	}
	return b.AutoFilter(g.name, fmt.Sprintf("A%d:%s", headerRow, at1(len(g.headers), headerRow+len(g.rows))), nil)
}

func (b *book) cell(c cell) (any, error) {
	style, err := b.style(c.format, c.bold)
	out := excelize.Cell{StyleID: style}
	switch v := c.value.(type) {
	case Figure:
		if v.Known {
			out.Value = v.Float()
		}
	case time.Time:
		out.Value = v
	case formula:
		out.Formula = v.text
		if v.value.Known {
			out.Value = v.value.Float()
		}
	case string:
		out.Value = safe(v)
	default:
		out.Value = v
	}
	return out, err
}

// safe keeps a text from a source a text: a name that begins like a formula is
// quoted, as spreadsheets would run it after an export to CSV.
func safe(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// at1 is the name of a cell, columns and rows from 1.
func at1(column, row int) string {
	s, _ := excelize.CoordinatesToCellName(column, row)
	return s
}

func (p *Pack) companySuffix() string {
	if p.Company == "" {
		return ""
	}
	return " · " + p.Company
}

// totals sums columns by SUBTOTAL, so that a filter changes the total.
func totals(label string, n, columns int, formats map[int]string, sums map[int]Figure) []cell {
	out := make([]cell, columns)
	out[0] = cell{value: label}
	for column, format := range formats {
		name, _ := excelize.ColumnNumberToName(column)
		out[column-1] = computed(format, sums[column], "SUBTOTAL(9,%s%d:%s%d)", name, headerRow+1, name, headerRow+n)
	}
	return out
}
