package load

import (
	"context"
	"maps"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// How a statement may name many values
//
// The engine parses no more than max_query_size bytes of a statement, 256 KiB if
// nobody says otherwise. SETTINGS at the end of the statement come too late: they
// are known when all of it has been parsed. So the setting goes before it, with
// the request. A list of literals in brackets or parentheses is one element of
// the syntax tree, however long, so the limits on these do not matter.

// longFrom is the length in bytes from which a statement is given the settings;
// all others work for users who may set nothing.
const longFrom = 128 << 10

// longSettings lift the limit on the length.
var longSettings = clickhouse.Settings{"max_query_size": maxStatement}

// maxStatement is the longest statement that the embedded engine takes, in bytes.
const maxStatement = 64 << 20

// longConn sends long statements with their settings, and with what [WithSetting]
// asks for. Other settings that the context of such a statement carries are lost;
// [Warehouse.QueryArrow], which has some, joins them itself.
type longConn struct{ driver.Conn }

func long(ctx context.Context, sql string) context.Context {
	asked, _ := ctx.Value(askedSettings{}).(clickhouse.Settings)
	if len(sql) < longFrom && len(asked) == 0 {
		return ctx
	}
	settings := clickhouse.Settings{}
	if len(sql) >= longFrom {
		maps.Copy(settings, longSettings)
	}
	maps.Copy(settings, asked)
	return clickhouse.Context(ctx, clickhouse.WithSettings(settings))
}

type askedSettings struct{}

// WithSetting has [Warehouse.Query] and Exec send a setting with every statement
// under ctx. A reader, whose statements may change no setting themselves, may
// send some with the request; a clause that then says the same changes nothing.
func WithSetting(ctx context.Context, name string, value any) context.Context {
	before, _ := ctx.Value(askedSettings{}).(clickhouse.Settings)
	settings := clickhouse.Settings{}
	maps.Copy(settings, before)
	settings[name] = value
	return context.WithValue(ctx, askedSettings{}, settings)
}

// Exec implements driver.Conn.
func (c longConn) Exec(ctx context.Context, sql string, args ...any) error {
	return c.Conn.Exec(long(ctx, sql), sql, args...)
}

// Query implements driver.Conn.
func (c longConn) Query(ctx context.Context, sql string, args ...any) (driver.Rows, error) {
	return c.Conn.Query(long(ctx, sql), sql, args...)
}
