package extract

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	mssql "github.com/microsoft/go-mssqldb"
)

var (
	errStatementTimeout = errors.New("the statement took longer than statement_timeout allows")
	errConnectTimeout   = errors.New("the server did not answer in time")
)

// sqlFault is what kind of trouble a database reports.
type sqlFault int

const (
	sqlOther sqlFault = iota
	sqlSignIn
	sqlNoDatabase
	sqlNoTable
	sqlNoColumn
	sqlDenied
	sqlTimeout
	sqlSyntax
	sqlPassing // trying again may help
	sqlNoSnapshot
)

// postgresFaults and the others map the databases' own codes.
var postgresFaults = map[string]sqlFault{
	"28P01": sqlSignIn, "28000": sqlSignIn, "3D000": sqlNoDatabase, "42P01": sqlNoTable, "3F000": sqlNoTable, "42703": sqlNoColumn, "42501": sqlDenied,
	"57014": sqlTimeout, "42601": sqlSyntax, "57P01": sqlPassing, "57P02": sqlPassing, "57P03": sqlPassing, "40001": sqlPassing, "40P01": sqlPassing,
	"53300": sqlPassing, "25P03": sqlPassing, "55P03": sqlPassing,
}

var mysqlFaults = map[uint16]sqlFault{
	1045: sqlSignIn, 1698: sqlSignIn, 1130: sqlSignIn, 1044: sqlDenied, 1049: sqlNoDatabase, 1146: sqlNoTable, 1054: sqlNoColumn, 1142: sqlDenied, 1143: sqlDenied,
	1227: sqlDenied, 3024: sqlTimeout, 1969: sqlTimeout, 1064: sqlSyntax, 1205: sqlPassing, 1213: sqlPassing, 1040: sqlPassing, 1053: sqlPassing, 1317: sqlPassing,
	1927: sqlPassing, 2006: sqlPassing, 2013: sqlPassing,
}

var mssqlFaults = map[int32]sqlFault{
	18456: sqlSignIn, 18452: sqlSignIn, 4060: sqlNoDatabase, 911: sqlNoDatabase, 208: sqlNoTable, 207: sqlNoColumn, 229: sqlDenied, 230: sqlDenied, 916: sqlDenied,
	102: sqlSyntax, 156: sqlSyntax, 1033: sqlSyntax, 1222: sqlTimeout, 1205: sqlPassing, 40613: sqlPassing, 40197: sqlPassing, 40501: sqlPassing, 3960: sqlPassing,
	3952: sqlNoSnapshot,
}

// faultOf tells what kind of trouble an error is, and what the database says of it.
func faultOf(err error) (fault sqlFault, said string) {
	var pg *pgconn.PgError
	var my *mysql.MySQLError
	var ms mssql.Error
	switch {
	case errors.As(err, &pg):
		said = pg.Message
		if pg.Hint != "" {
			said += " (" + pg.Hint + ")"
		}
		if fault = postgresFaults[pg.Code]; fault == sqlOther && strings.HasPrefix(pg.Code, "08") {
			fault = sqlPassing
		}
		return fault, said
	case errors.As(err, &my):
		return mysqlFaults[my.Number], my.Message
	case errors.As(err, &ms):
		return mssqlFaults[ms.Number], ms.Message
	case errors.Is(err, errStatementTimeout):
		return sqlTimeout, ""
	}
	return sqlOther, ""
}

// passes says whether trying again may help: the connection was lost, the
// server restarts, another transaction was in the way.
func passes(err error) bool {
	var own *Error
	if errors.As(err, &own) {
		return own.Temporary
	}
	if fault, said := faultOf(err); said != "" || fault != sqlOther {
		return fault == sqlPassing
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.IsTemporary || dns.IsTimeout
	}
	if isTLS(err) {
		return false
	}
	var network net.Error
	var closed mssql.ServerError
	var stream mssql.StreamError
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, errConnectTimeout) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.As(err, &network) || errors.As(err, &closed) || errors.As(err, &stream) || strings.Contains(err.Error(), "conn closed")
}

func isTLS(err error) bool {
	var unknown x509.UnknownAuthorityError
	var wrongHost x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &unknown) || errors.As(err, &wrongHost) || errors.As(err, &invalid) || errors.As(err, &verify) || errors.As(err, &record) ||
		errors.Is(err, mysql.ErrNoTLS) || strings.Contains(err.Error(), "refused TLS connection") || strings.Contains(err.Error(), "TLS Handshake failed")
}

// explain turns what a database or driver reports into one sentence of cause and one of remedy.
func (r *sqlReader) explain(err error) error {
	var own *Error
	if errors.As(err, &own) || errors.Is(err, context.Canceled) {
		return err
	}
	e := &Error{}
	fault, said := faultOf(err)
	if said != "" {
		said = ": " + r.scrub(said)
	}
	switch fault {
	case sqlSignIn:
		e.Err, e.Hint = fmt.Errorf("the database did not let the user in%s", said), "Check user and password, and that this user may connect from here"
	case sqlNoDatabase:
		e.Err, e.Hint = fmt.Errorf("the database cannot be opened%s", said), "Check database, and that the user may connect to it"
	case sqlNoTable:
		e.Err, e.Hint = fmt.Errorf("a table is not there%s", said), "Check its name and schema, and that the user may see it"
	case sqlNoColumn:
		e.Err, e.Hint = fmt.Errorf("a column is not there%s", said), "Check its name in the query, in key and in incremental"
	case sqlDenied:
		e.Err, e.Hint = fmt.Errorf("the user may not read this%s", said), "Let the database's operator grant SELECT on it; docs/connectors/sql.md has the statements"
	case sqlTimeout:
		e.Temporary = true
		e.Err, e.Hint = fmt.Errorf("a statement was ended after statement_timeout (%s)%s", r.opts.statementTimeout, said),
			"Put an index on the columns of incremental and key, lower fetch_size, or raise statement_timeout"
	case sqlSyntax:
		e.Err, e.Hint = fmt.Errorf("the database does not understand the query%s", said), "Try the query in the database's own console"
	case sqlNoSnapshot:
		e.Err, e.Hint = fmt.Errorf("a database of the query does not allow snapshots%s", said), "Set snapshot: false, or let its operator set ALLOW_SNAPSHOT_ISOLATION ON"
	case sqlPassing:
		e.Temporary = true
		e.Err, e.Hint = fmt.Errorf("the database ended the work%s", said), "Try again later"
	default:
		if said != "" {
			e.Err, e.Hint = fmt.Errorf("the database reports an error%s", said), "Try the query in the database's own console"
			break
		}
		r.explainConnection(e, err)
	}
	return e
}

func (r *sqlReader) explainConnection(e *Error, err error) {
	e.Temporary = true
	var dns *net.DNSError
	var network net.Error
	switch {
	case errors.As(err, &dns):
		e.Err, e.Hint = fmt.Errorf("there is no host named %s", dns.Name), "Check host for a typing mistake"
	case isTLS(err):
		e.Temporary = false
		e.Err, e.Hint = fmt.Errorf("no secure connection to %s: %s", r.place, r.scrub(err.Error())), "Name the authority's certificate in tls_ca, or set tls to what the server can do (prefer, off)"
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Err, e.Hint = fmt.Errorf("nothing answers at %s", r.place), "Check host and port, and that the database runs and listens to the network"
	case errors.Is(err, errConnectTimeout), errors.As(err, &network) && network.Timeout():
		e.Err, e.Hint = fmt.Errorf("%s did not answer within %s", r.place, r.opts.connectTimeout), "Check host, port and firewall, or raise connect_timeout"
	case passes(err):
		e.Err, e.Hint = fmt.Errorf("the connection to %s was lost: %s", r.place, r.scrub(err.Error())), "Try again later"
	default:
		e.Temporary = false
		e.Err = errors.New(r.scrub(err.Error()))
	}
}

// scrub takes secrets out of a text.
func (r *sqlReader) scrub(text string) string {
	for _, secret := range []string{r.opts.dsn, r.opts.password} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return strings.TrimSpace(text)
}

// missing explains why the columns of a stream cannot be had: it names the
// tables and columns that are there where one is not.
func (r *sqlReader) missing(ctx context.Context, st *streamSpec, err error) error {
	fault, said := faultOf(err)
	explained := r.explain(err)
	var e *Error
	if !errors.As(explained, &e) || fault != sqlNoTable && fault != sqlNoColumn {
		return err
	}
	if fault == sqlNoTable {
		tables := r.tables(ctx)
		name := said
		if t := st.sql.table; len(t) > 0 {
			name = t[len(t)-1]
		}
		if len(tables) == 0 {
			e.Hint = "The user sees no table at all: let the database's operator grant SELECT; docs/connectors/sql.md has the statements"
			return e
		}
		near := tables
		slices.SortStableFunc(near, func(a, b string) int { return distanceIn(name, a) - distanceIn(name, b) })
		e.Hint = "The user sees " + strings.Join(near[:min(len(near), 10)], ", ") + andMore(len(near)-10)
		return e
	}
	columns := r.columns(ctx, st)
	if columns == nil {
		return e
	}
	if names := lacking(columns, st); len(names) > 0 {
		e.Err, e.Found = fmt.Errorf("the column %s is not there", names[0]), "the columns "+strings.Join(columns, ", ")
		if near := nearest(names[0], columns); near != "" {
			e.Hint = "Did you mean " + near + "?"
		}
	}
	return e
}

func andMore(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

// distanceIn is the distance of a table's name to the nearest word of a text.
func distanceIn(text, table string) int {
	_, name, ok := strings.Cut(table, ".")
	if !ok {
		name = table
	}
	best := 1 << 20
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" .'\"`()", c) }) {
		best = min(best, distance(strings.ToLower(word), strings.ToLower(name)))
	}
	return best
}
