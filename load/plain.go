package load

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// newDestination makes a pointer for Scan to write a value of the type into.
func newDestination(t reflect.Type) any { return reflect.New(t).Interface() }

// plain turns a scanned value into the few types that [Result.Row] promises.
// chType is the engine's type of it.
func plain(chType string, pointer any) any {
	return plainValue(chType, reflect.ValueOf(pointer).Elem())
}

func plainValue(chType string, v reflect.Value) any {
	chType = unwrap(unwrap(chType, "LowCardinality"), "Nullable")
	if !v.IsValid() {
		return nil
	}
	if (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil() {
		return nil
	}
	switch value := v.Interface().(type) {
	case time.Time:
		return value.Format(timeLayout(chType))
	case []byte:
		if strings.HasPrefix(chType, "Array(") { // of UInt8
			return plainList(chType, v)
		}
		return string(value)
	case fmt.Stringer: // exact decimals, UUIDs, addresses, 128-bit integers
		if at, ok := value.(*time.Time); ok {
			return at.Format(timeLayout(chType))
		}
		return value.String()
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return plainValue(chType, v.Elem())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return v.Uint()
	case reflect.Float32, reflect.Float64:
		return v.Float()
	case reflect.Bool:
		return v.Bool()
	case reflect.String:
		return v.String()
	case reflect.Slice, reflect.Array:
		return plainList(chType, v)
	case reflect.Map:
		return plainMap(chType, v)
	}
	return fmt.Sprint(v.Interface())
}

func plainList(chType string, v reflect.Value) any {
	out := make([]any, v.Len())
	elements := arguments(chType)
	for i := range out {
		element := ""
		switch {
		case strings.HasPrefix(chType, "Array("):
			element = elements[0]
		case i < len(elements): // a tuple
			element = elements[i]
		}
		out[i] = plainValue(element, v.Index(i))
	}
	return out
}

func plainMap(chType string, v reflect.Value) any {
	out := make(map[string]any, v.Len())
	item := ""
	if of := arguments(chType); strings.HasPrefix(chType, "Map(") && len(of) == 2 {
		item = of[1]
	}
	for it := v.MapRange(); it.Next(); {
		out[fmt.Sprint(it.Key().Interface())] = plainValue(item, it.Value())
	}
	return out
}

// arguments splits "Map(String, Array(Date32))" into "String" and "Array(Date32)".
func arguments(chType string) []string {
	open := strings.IndexByte(chType, '(')
	if open < 0 || !strings.HasSuffix(chType, ")") {
		return nil
	}
	var out []string
	depth, from := 0, open+1
	for i := open + 1; i < len(chType)-1; i++ {
		switch chType[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out, from = append(out, strings.TrimSpace(chType[from:i])), i+1
			}
		}
	}
	return append(out, strings.TrimSpace(chType[from:len(chType)-1]))
}

func timeLayout(chType string) string {
	switch {
	case chType == "Date" || chType == "Date32":
		return time.DateOnly
	case strings.HasPrefix(chType, "DateTime64("):
		if places := atoi(arguments(chType)[0]); places > 0 {
			return time.DateTime + "." + strings.Repeat("0", int(places))
		}
	}
	return time.DateTime
}
