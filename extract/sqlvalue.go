package extract

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sqlKind is how values of a column are written as text.
type sqlKind int

const (
	sqlText    sqlKind = iota
	sqlPadded          // text filled up with blanks to the column's width
	sqlWhole           // whole numbers
	sqlDecimal         // exact numbers with decimals
	sqlFloat
	sqlBool
	sqlDate
	sqlNaive   // date and time without a zone
	sqlInstant // date and time with one
	sqlTime
	sqlBytes
	sqlGUID
	sqlBits
	sqlMoney  // of PostgreSQL: $1,234.50
	sqlListed // of MySQL: ENUM and SET, sorted otherwise than they compare
)

// sqlType is the type of a column.
type sqlType struct {
	driver string
	name   string // as the driver calls it, in upper case
	kind   sqlKind
	scale  int64 // decimals; of SQL Server only
}

var sqlKinds = map[string]map[string]sqlKind{
	driverPostgres: {
		"BPCHAR": sqlPadded, "INT2": sqlWhole, "INT4": sqlWhole, "INT8": sqlWhole, "OID": sqlWhole, "XID": sqlWhole,
		"NUMERIC": sqlDecimal, "FLOAT4": sqlFloat, "FLOAT8": sqlFloat, "BOOL": sqlBool, "DATE": sqlDate,
		"TIMESTAMP": sqlNaive, "TIMESTAMPTZ": sqlInstant, "TIME": sqlTime, "BYTEA": sqlBytes, "790": sqlMoney,
	},
	driverMySQL: {
		"TINYINT": sqlWhole, "SMALLINT": sqlWhole, "MEDIUMINT": sqlWhole, "INT": sqlWhole, "BIGINT": sqlWhole, "YEAR": sqlWhole,
		"UNSIGNED TINYINT": sqlWhole, "UNSIGNED SMALLINT": sqlWhole, "UNSIGNED MEDIUMINT": sqlWhole, "UNSIGNED INT": sqlWhole, "UNSIGNED BIGINT": sqlWhole,
		"DECIMAL": sqlDecimal, "FLOAT": sqlFloat, "DOUBLE": sqlFloat, "DATE": sqlDate, "DATETIME": sqlNaive, "TIMESTAMP": sqlInstant, "TIME": sqlTime,
		"BINARY": sqlBytes, "VARBINARY": sqlBytes, "TINYBLOB": sqlBytes, "BLOB": sqlBytes, "MEDIUMBLOB": sqlBytes, "LONGBLOB": sqlBytes, "GEOMETRY": sqlBytes,
		"BIT": sqlBits, "ENUM": sqlListed, "SET": sqlListed,
	},
	driverSQLServer: {
		"CHAR": sqlPadded, "NCHAR": sqlPadded, "TINYINT": sqlWhole, "SMALLINT": sqlWhole, "INT": sqlWhole, "BIGINT": sqlWhole,
		"DECIMAL": sqlDecimal, "MONEY": sqlDecimal, "SMALLMONEY": sqlDecimal, "REAL": sqlFloat, "FLOAT": sqlFloat, "BIT": sqlBool,
		"DATE": sqlDate, "DATETIME": sqlNaive, "DATETIME2": sqlNaive, "SMALLDATETIME": sqlNaive, "DATETIMEOFFSET": sqlInstant, "TIME": sqlTime,
		"BINARY": sqlBytes, "VARBINARY": sqlBytes, "IMAGE": sqlBytes, "UNIQUEIDENTIFIER": sqlGUID,
	},
}

func newSQLType(driver, name string, scale int64) sqlType {
	name = strings.ToUpper(name)
	return sqlType{driver: driver, name: name, kind: sqlKinds[driver][name], scale: scale}
}

// orders says why values of the type cannot put rows in order; empty if they can.
func (t sqlType) orders() string {
	switch {
	case t.kind == sqlFloat:
		return "is a floating-point number"
	case t.kind == sqlListed:
		return "is a " + t.name + ", which the database sorts otherwise than it compares"
	case t.kind == sqlMoney:
		return "is of the type money"
	case t.driver == driverSQLServer && slices.Contains([]string{"TEXT", "NTEXT", "IMAGE", "XML", "SQL_VARIANT"}, t.name):
		return "is of the type " + strings.ToLower(t.name)
	case t.name == "JSON" || t.name == "JSONB" || t.name == "GEOMETRY":
		return "is of the type " + strings.ToLower(t.name)
	}
	return ""
}

// sqlCell takes one value of a row from the driver and keeps it as canonical
// text: numbers as their digits, instants in UTC, dates with time as ISO text
// without a zone where the database keeps none.
type sqlCell struct {
	typ  sqlType
	text []byte
	null bool
}

// Scan implements sql.Scanner. The source's memory is the driver's; it is copied.
func (c *sqlCell) Scan(src any) error {
	c.text, c.null = c.text[:0], false
	switch v := src.(type) {
	case nil:
		c.null = true
	case int64:
		c.text = strconv.AppendInt(c.text, v, 10)
	case uint64:
		c.text = strconv.AppendUint(c.text, v, 10)
	case float32:
		c.text = strconv.AppendFloat(c.text, float64(v), 'f', -1, 32)
	case float64:
		c.text = strconv.AppendFloat(c.text, v, 'f', -1, c.bits())
	case bool:
		c.text = strconv.AppendBool(c.text, v)
	case time.Time:
		c.time(v)
	case string:
		c.string(append(c.text, v...))
	case []byte:
		c.bytes(v)
	default:
		return fmt.Errorf("a value of the type %s (%T) is not known", c.typ.name, src)
	}
	return nil
}

func (c *sqlCell) bits() int {
	if c.typ.name == "FLOAT4" || c.typ.name == "REAL" {
		return 32
	}
	return 64
}

func (c *sqlCell) time(v time.Time) {
	switch c.typ.kind {
	case sqlDate:
		c.text = v.AppendFormat(c.text, "2006-01-02")
	case sqlTime:
		c.text = v.AppendFormat(c.text, "15:04:05.9999999")
	case sqlNaive:
		if c.typ.name == "DATETIME" { // three digits that end in 0, 3 or 7; the driver gives the thirds of them too
			v = v.Round(time.Millisecond)
		}
		c.text = v.AppendFormat(c.text, "2006-01-02T15:04:05.999999999")
	default:
		c.text = v.UTC().AppendFormat(c.text, "2006-01-02T15:04:05.999999999Z")
	}
}

// bytes takes what a driver gives as bytes: binary values, or text of any type.
func (c *sqlCell) bytes(v []byte) {
	switch c.typ.kind {
	case sqlBytes:
		c.text = hex.AppendEncode(c.text, v)
	case sqlBits:
		var whole [8]byte
		copy(whole[max(0, 8-len(v)):], v)
		c.text = strconv.AppendUint(c.text, binary.BigEndian.Uint64(whole[:]), 10)
	case sqlGUID:
		if len(v) == 16 { // the first three groups stand with their bytes turned round
			c.text = fmt.Appendf(c.text, "%08X-%04X-%04X-%04X-%012X", binary.LittleEndian.Uint32(v), binary.LittleEndian.Uint16(v[4:]),
				binary.LittleEndian.Uint16(v[6:]), v[8:10], v[10:])
			return
		}
		c.string(append(c.text, v...))
	default:
		c.string(append(c.text, v...))
	}
}

// string brings a value that came as text to its canonical form.
func (c *sqlCell) string(text []byte) {
	c.text = text
	switch c.typ.kind {
	case sqlPadded:
		c.text = bytes.TrimRight(text, " ")
	case sqlDate, sqlNaive, sqlInstant:
		if c.typ.driver != driverMySQL {
			return // PostgreSQL's infinity
		}
		if bytes.HasPrefix(text, []byte("0000-00-00")) { // MySQL's way of writing no date
			c.null = true
		}
		if len(text) > 10 && text[10] == ' ' {
			text[10] = 'T'
		}
		if c.typ.kind == sqlInstant {
			c.text = append(text, 'Z') // the session runs in UTC
		}
	case sqlMoney:
		c.text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("$"), nil), []byte(","), nil)
	}
}

// appendJSON writes the value as JSON.
func (c *sqlCell) appendJSON(dst []byte) []byte {
	switch {
	case c.null:
		return append(dst, "null"...)
	case c.typ.kind == sqlBool:
		return append(dst, c.text...)
	}
	return appendJSONText(dst, c.text)
}

// argument turns a canonical text into the parameter that stands for it.
func (t sqlType) argument(text string) (any, error) {
	fail := func() error {
		return &Error{Field: "cursor", Found: strconv.Quote(text), Expected: "a value of the type " + strings.ToLower(t.name), Hint: "Check start, or read the stream anew from the beginning"}
	}
	switch {
	case t.kind == sqlBytes && t.driver != driverPostgres:
		raw, err := hex.DecodeString(text)
		if err != nil {
			return nil, fail()
		}
		return raw, nil
	case t.kind == sqlBytes:
		return `\x` + text, nil
	case t.kind == sqlBits, t.kind == sqlWhole && t.driver != driverPostgres:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return nil, fail()
		}
		return n, nil
	case t.kind == sqlWhole || t.kind == sqlDecimal:
		if _, ok := new(big.Rat).SetString(text); !ok && text != "NaN" {
			return nil, fail()
		}
	case t.kind == sqlInstant && t.driver == driverMySQL:
		return strings.TrimSuffix(text, "Z"), nil
	}
	return text, nil
}
