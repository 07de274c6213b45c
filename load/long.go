package load

import (
	"context"

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

// longConn sends long statements with their settings. Settings that the context
// of a long statement carries already are lost; [Warehouse.QueryArrow], which has
// some, joins them itself.
type longConn struct{ driver.Conn }

func long(ctx context.Context, sql string) context.Context {
	if len(sql) < longFrom {
		return ctx
	}
	return clickhouse.Context(ctx, clickhouse.WithSettings(longSettings))
}

// Exec implements driver.Conn.
func (c longConn) Exec(ctx context.Context, sql string, args ...any) error {
	return c.Conn.Exec(long(ctx, sql), sql, args...)
}

// Query implements driver.Conn.
func (c longConn) Query(ctx context.Context, sql string, args ...any) (driver.Rows, error) {
	return c.Conn.Query(long(ctx, sql), sql, args...)
}
