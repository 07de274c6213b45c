package load

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// exchangeBreaker is a connection that dies at an EXCHANGE, after some others
// have gone through: what a kill between two exchanges leaves behind.
type exchangeBreaker struct {
	driver.Conn
	left int
}

func (b *exchangeBreaker) Exec(ctx context.Context, sql string, args ...any) error {
	if strings.HasPrefix(sql, "EXCHANGE") {
		if b.left == 0 {
			return errors.New("killed")
		}
		b.left--
	}
	return b.Conn.Exec(ctx, sql, args...)
}

// named is a parameter {name:Type} of a query.
func named(name string, value any) any { return clickhouse.Named(name, fmt.Sprint(value)) }

// serverOfVersion is a connection to a server that says it has this version.
type serverOfVersion struct {
	driver.Conn
	version [2]uint64
}

func (s serverOfVersion) ServerVersion() (*driver.ServerVersion, error) {
	v := &driver.ServerVersion{}
	v.Version.Major, v.Version.Minor = s.version[0], s.version[1]
	return v, nil
}
