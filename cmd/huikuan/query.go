package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
)

// maxTableRows is how many rows a table in the terminal shows.
const maxTableRows = 1000

func (c *cli) queryCmd() *cobra.Command {
	format := "table"
	cmd := &cobra.Command{
		Use:   "query [SQL]",
		Short: "Ask the warehouse in SQL; without an argument the statement is read from standard input",
		Example: `  huikuan query "SELECT as_of, dso_90, bpdso FROM dso WHERE scope = 'group' ORDER BY as_of DESC LIMIT 12"
  huikuan query --format csv "SELECT * FROM overdue_by_customer" > overdue.csv`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			write, err := writerOf(format)
			if err != nil {
				return err
			}
			stmt, err := statement(cmd, args)
			if err != nil {
				return err
			}
			c.quiet = true
			s, _, err := c.open(cmd.Context(), reading)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			rows, err := s.Query(cmd.Context(), stmt)
			if err != nil {
				return err
			}
			defer rows.Close()
			return c.show(write, rows)
		},
	}
	formatFlag(cmd, &format)
	return cmd
}

func formatFlag(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVarP(format, "format", "f", *format, "table, json (an array of objects, decimals as text) or csv")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"table", "json", "csv"}, cobra.ShellCompDirectiveNoFileComp))
}

// writerOf is how results are written in a format.
func writerOf(format string) (func(io.Writer, pipeline.Table) error, error) {
	write, ok := formats[format]
	if !ok {
		return nil, usageError{fmt.Errorf("--format: found %q, allowed: table, json, csv", format)}
	}
	return write, nil
}

// show writes a result to where the command writes to.
func (c *cli) show(write func(io.Writer, pipeline.Table) error, rows pipeline.Table) error {
	out := buffered{bufio.NewWriterSize(c.out, 1<<16), terminalWidth(c.out)}
	if err := write(out, rows); err != nil {
		return errors.Join(err, out.Flush())
	}
	return out.Flush()
}

func statement(cmd *cobra.Command, args []string) (string, error) {
	var stmt string
	if len(args) == 1 && args[0] != "-" {
		stmt = args[0]
	} else {
		if f, ok := cmd.InOrStdin().(*os.File); ok && len(args) == 0 {
			if st, err := f.Stat(); err == nil && st.Mode()&os.ModeCharDevice != 0 {
				return "", usageError{errors.New(`no statement; write it behind the command, as in huikuan query "SELECT 1"`)}
			}
		}
		b, err := io.ReadAll(cmd.InOrStdin())
		if err != nil {
			return "", fmt.Errorf("read the statement from standard input: %w", err)
		}
		stmt = string(b)
	}
	stmt = strings.TrimRight(strings.TrimSpace(stmt), "; \n")
	if stmt == "" {
		return "", usageError{errors.New("the statement is empty")}
	}
	return stmt, nil
}

// formats write a result.
var formats = map[string]func(io.Writer, pipeline.Table) error{"table": writeTable, "json": writeJSON, "csv": writeCSV}

func writeTable(w io.Writer, r pipeline.Table) error {
	cols := r.Columns()
	t := newTable(w)
	t.tall = true
	for i, col := range cols {
		t.header = append(t.header, col.Name)
		t.right[i] = numeric(col.Type)
	}
	n := 0
	for r.Next() {
		if n++; n > maxTableRows {
			continue
		}
		row := make(table.Row, len(cols))
		for i, v := range r.Row() {
			row[i] = cell(v)
		}
		t.AppendRow(row)
	}
	for i, col := range cols {
		if numeric(col.Type) && strings.Contains(col.Type, "Decimal(") {
			alignDecimals(t.rows, i)
		}
	}
	if err := r.Err(); err != nil {
		return err
	}
	if len(cols) == 0 {
		_, err := fmt.Fprintln(w, "Done.")
		return err
	}
	t.Render()
	switch {
	case n > maxTableRows:
		_, err := fmt.Fprintf(w, "The first %d of %d rows; --format csv or json gives all.\n", maxTableRows, n)
		return err
	case n == 0:
		_, err := fmt.Fprintln(w, "No rows.")
		return err
	}
	return nil
}

// alignDecimals gives the exact decimals of a column as many places each, at
// least two where any has one, and thousands separators.
func alignDecimals(rows []table.Row, column int) {
	places := 0
	for _, r := range rows {
		if _, frac, ok := strings.Cut(r[column].(string), "."); ok {
			places = max(places, len(frac), 2)
		}
	}
	for _, r := range rows {
		if s := r[column].(string); s != none {
			r[column] = grouped(fixed(s, places))
		}
	}
}

func numeric(chType string) bool {
	for _, p := range []string{"Int", "UInt", "Float", "Decimal"} {
		if strings.Contains(chType, p) && !strings.Contains(chType, "Array") && !strings.Contains(chType, "Map") {
			return true
		}
	}
	return false
}

// grouped writes an exact decimal with thousands separators.
func grouped(s string) string {
	whole, frac, has := strings.Cut(s, ".")
	neg := strings.HasPrefix(whole, "-")
	whole = strings.TrimPrefix(whole, "-")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if has {
		whole += "." + frac
	}
	if neg {
		whole = "-" + whole
	}
	return whole
}

// none is how NULL looks.
const none = "–"

// cell is a value as people read it.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return none
	case string:
		return v
	case []any, map[string]any:
		b, _ := marshal(v)
		return string(b)
	}
	return fmt.Sprint(v)
}

func writeJSON(w io.Writer, r pipeline.Table) error {
	cols := r.Columns()
	names := make([][]byte, len(cols))
	for i, col := range cols {
		names[i], _ = marshal(col.Name)
	}
	out := &errWriter{w: w}
	out.text("[")
	for n := 0; r.Next(); n++ {
		if n > 0 {
			out.text(",")
		}
		out.text("\n  {")
		for i, v := range r.Row() {
			if i > 0 {
				out.text(", ")
			}
			b, err := marshal(v)
			if err != nil {
				return fmt.Errorf("write column %s as JSON: %w", cols[i].Name, err)
			}
			out.bytes(names[i])
			out.text(": ")
			out.bytes(b)
		}
		out.text("}")
	}
	if err := r.Err(); err != nil {
		return err
	}
	out.text("\n]\n")
	return out.err
}

// marshal is JSON without escaping of <, > and &.
func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}

// printJSON writes a value as indented JSON, without escaping of <, > and &.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

type errWriter struct {
	w   io.Writer
	err error
}

func (e *errWriter) text(s string) { e.bytes([]byte(s)) }
func (e *errWriter) bytes(b []byte) {
	if e.err == nil {
		_, e.err = e.w.Write(b)
	}
}

func writeCSV(w io.Writer, r pipeline.Table) error {
	out := csv.NewWriter(w)
	record := make([]string, len(r.Columns()))
	for i, col := range r.Columns() {
		record[i] = col.Name
	}
	if err := out.Write(record); err != nil {
		return err
	}
	for r.Next() {
		for i, v := range r.Row() {
			if record[i] = cell(v); v == nil {
				record[i] = ""
			}
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return errors.Join(r.Err(), out.Error())
}
