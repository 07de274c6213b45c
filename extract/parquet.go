package extract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/big"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// parquetPages reads a Parquet file row group by row group into pages of arrays
// of texts, so that decimals and dates come out exactly. Null and the empty
// text are the same here. Columns of lists and groups are not records of this
// kind and are refused where the mapping asks for them.
func (r *fileReader) parquetPages(ctx context.Context, st *streamSpec, file string) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		f, err := os.Open(file)
		if err != nil {
			yield(Page{}, &Error{Field: "path", Err: missingPath(file, err)})
			return
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			yield(Page{}, err)
			return
		}
		pf, err := parquet.OpenFile(f, info.Size(), parquet.SkipBloomFilters(true))
		if err != nil {
			yield(Page{}, &Error{Err: fmt.Errorf("not readable as Parquet: %w", err), Hint: "Check that the file is complete"})
			return
		}
		columns, leaves := parquetColumns(pf)
		if err := missingColumns(columns, st); err != nil {
			yield(Page{}, err)
			return
		}
		first := int64(1)
		for _, group := range pf.RowGroups() {
			n, err := r.rowGroup(ctx, group, columns, leaves, first, yield)
			if err != nil {
				if !errors.Is(err, errStopped) {
					yield(Page{}, err)
				}
				return
			}
			first += n
		}
	}
}

// errStopped: the caller broke off its loop.
var errStopped = errors.New("stopped")

func (r *fileReader) rowGroup(ctx context.Context, group parquet.RowGroup, columns []string, leaves []parquetLeaf,
	first int64, yield func(Page, error) bool) (read int64, err error) {
	rows := group.Rows()
	defer rows.Close()
	buf := make([]parquet.Row, 256)
	texts := make([][]byte, len(columns))
	p := Page{First: first}
	for {
		if err := ctx.Err(); err != nil {
			return read, err
		}
		n, err := rows.ReadRows(buf)
		for _, row := range buf[:n] {
			p.Body = appendParquetRow(p.Body, row, texts, leaves, p.Count == 0)
			p.Count++
		}
		read += int64(n)
		if p.Count >= r.rows || len(p.Body) > 8<<20 || err == io.EOF && p.Count > 0 {
			p.Body, p.Columns = append(p.Body, ']'), columns
			if !yield(p, nil) {
				return read, errStopped
			}
			p = Page{First: first + read}
		}
		if err == io.EOF {
			return read, nil
		}
		if err != nil {
			return read, fmt.Errorf("row %d cannot be read: %w", first+read, err)
		}
	}
}

func appendParquetRow(body []byte, row parquet.Row, texts [][]byte, leaves []parquetLeaf, first bool) []byte {
	for i := range texts {
		texts[i] = texts[i][:0]
	}
	for _, v := range row {
		if c := v.Column(); c >= 0 && c < len(leaves) && leaves[c].write != nil && !v.IsNull() {
			texts[leaves[c].column] = leaves[c].write(texts[leaves[c].column], v)
		}
	}
	if first {
		body = append(body, '[', '[')
	} else {
		body = append(body, ',', '[')
	}
	for i, t := range texts {
		if i > 0 {
			body = append(body, ',')
		}
		body = appendJSONText(body, t)
	}
	return append(body, ']')
}

// parquetLeaf is a column as the file stores it: where it goes, and how its values are written; nil = left out.
type parquetLeaf struct {
	column int
	write  func([]byte, parquet.Value) []byte
}

// parquetColumns lists the plain columns, and the leaves of the file in its own order.
func parquetColumns(f *parquet.File) (columns []string, leaves []parquetLeaf) {
	var walk func(c *parquet.Column, depth int, plain bool)
	walk = func(c *parquet.Column, depth int, plain bool) {
		plain = plain && !c.Repeated()
		if c.Leaf() {
			leaf := parquetLeaf{column: len(columns)}
			if plain && depth == 1 {
				leaf.write = parquetWriter(c.Type())
				columns = append(columns, c.Name())
			}
			leaves = append(leaves, leaf)
			return
		}
		for _, child := range c.Columns() {
			walk(child, depth+1, plain)
		}
	}
	walk(f.Root(), 0, true)
	return columns, leaves
}

func parquetWriter(t parquet.Type) func([]byte, parquet.Value) []byte {
	if logical := t.LogicalType(); logical != nil {
		switch l := logical.Value.(type) {
		case *format.DecimalType:
			return decimalWriter(int(l.Scale))
		case *format.DateType:
			return dateWriter
		case *format.TimestampType:
			unit := time.Millisecond
			if l.Unit.Value != nil {
				unit = l.Unit.Value.Duration()
			}
			return instantWriter(unit, l.IsAdjustedToUTC)
		}
	} else if converted := t.ConvertedType(); converted != nil {
		switch *converted {
		case deprecated.Date:
			return dateWriter
		case deprecated.TimestampMillis:
			return instantWriter(time.Millisecond, true)
		case deprecated.TimestampMicros:
			return instantWriter(time.Microsecond, true)
		}
	}
	switch t.Kind() {
	case parquet.Boolean:
		return func(b []byte, v parquet.Value) []byte { return strconv.AppendBool(b, v.Boolean()) }
	case parquet.Int32:
		return func(b []byte, v parquet.Value) []byte { return strconv.AppendInt(b, int64(v.Int32()), 10) }
	case parquet.Int64:
		return func(b []byte, v parquet.Value) []byte { return strconv.AppendInt(b, v.Int64(), 10) }
	case parquet.Int96: // instants of old writers: nanoseconds of the day, Julian day
		return func(b []byte, v parquet.Value) []byte {
			i := v.Int96()
			days := int64(i[2]) - 2440588
			nanos := int64(i[1])<<32 | int64(i[0])
			return time.Unix(days*86400, nanos).UTC().AppendFormat(b, "2006-01-02T15:04:05.999999999Z07:00")
		}
	case parquet.Float: // the shortest text that stands for the same number
		return func(b []byte, v parquet.Value) []byte { return strconv.AppendFloat(b, float64(v.Float()), 'f', -1, 32) }
	case parquet.Double:
		return func(b []byte, v parquet.Value) []byte { return strconv.AppendFloat(b, v.Double(), 'f', -1, 64) }
	}
	return func(b []byte, v parquet.Value) []byte { return append(b, v.ByteArray()...) }
}

func dateWriter(b []byte, v parquet.Value) []byte {
	return time.Unix(int64(v.Int32())*86400, 0).UTC().AppendFormat(b, "2006-01-02")
}

func instantWriter(unit time.Duration, utc bool) func([]byte, parquet.Value) []byte {
	layout := "2006-01-02T15:04:05.999999999"
	if utc {
		layout += "Z07:00"
	}
	perSecond := int64(time.Second / unit)
	return func(b []byte, v parquet.Value) []byte {
		s := floor(v.Int64(), perSecond)
		return time.Unix(s, (v.Int64()-s*perSecond)*int64(unit)).UTC().AppendFormat(b, layout)
	}
}

// decimalWriter writes an unscaled integer of any width with its decimal places, exactly.
func decimalWriter(scale int) func([]byte, parquet.Value) []byte {
	return func(b []byte, v parquet.Value) []byte {
		var digits string
		switch v.Kind() {
		case parquet.Int32:
			digits = strconv.FormatInt(int64(v.Int32()), 10)
		case parquet.Int64:
			digits = strconv.FormatInt(v.Int64(), 10)
		default: // big-endian two's complement
			raw := v.ByteArray()
			n := new(big.Int).SetBytes(raw)
			if len(raw) > 0 && raw[0]&0x80 != 0 {
				n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(raw)*8)))
			}
			digits = n.String()
		}
		if rest, negative := strings.CutPrefix(digits, "-"); negative {
			b, digits = append(b, '-'), rest
		}
		if scale <= 0 {
			return append(b, digits...)
		}
		if len(digits) <= scale {
			digits = strings.Repeat("0", scale-len(digits)+1) + digits
		}
		b = append(b, digits[:len(digits)-scale]...)
		b = append(b, '.')
		return append(b, digits[len(digits)-scale:]...)
	}
}
