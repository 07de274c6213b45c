package extract

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"
)

// open prepares connections; none is made yet.
func (r *sqlReader) open() error {
	if r.opts.tlsCA != "" && !filepath.IsAbs(r.opts.tlsCA) {
		r.opts.tlsCA = filepath.Join(r.src.opts.BaseDir, r.opts.tlsCA)
	}
	var err error
	switch r.opts.driver {
	case driverPostgres:
		err = r.openPostgres()
	case driverMySQL:
		err = r.openMySQL()
	default:
		err = r.openSQLServer()
	}
	var own *Error
	if err == nil || errors.As(err, &own) {
		return err
	}
	if r.opts.dsn != "" { // what a driver says of an address may repeat the password
		return &Error{Field: "dsn", Err: errors.New("it cannot be read as an address of a " + r.opts.driver + " database"), Hint: "Set host, database, user and password in its place"}
	}
	return err
}

// address joins host and port for messages and for drivers.
func (r *sqlReader) address(usual int) (host string, port int) {
	if port = r.opts.port; port == 0 {
		port = usual
	}
	return r.opts.host, port
}

func (r *sqlReader) openPostgres() error {
	dsn := r.opts.dsn
	host, port := r.address(5432)
	if dsn == "" {
		quote := func(v string) string {
			return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v) + "'"
		}
		mode := map[string]string{"off": "disable", "prefer": "prefer", "require": "require", "verify": "verify-full"}[r.opts.tls]
		dsn = fmt.Sprintf("host=%s port=%d sslmode=%s", quote(host), port, mode)
		if r.opts.tlsCA != "" {
			dsn += " sslrootcert=" + quote(r.opts.tlsCA)
		}
	}
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return r.badCA(err)
	}
	for dst, v := range map[*string]string{&cfg.User: r.opts.user, &cfg.Password: r.opts.password, &cfg.Database: r.opts.database} {
		if v != "" {
			*dst = v
		}
	}
	cfg.ConnectTimeout = r.opts.connectTimeout
	cfg.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec // nothing stays on the server, so poolers in between do no harm
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "huikuan"
	}
	r.place = placeOf("postgres", net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port))), cfg.Database)
	r.db = stdlib.OpenDB(*cfg)
	return nil
}

func (r *sqlReader) openMySQL() error {
	cfg := mysql.NewConfig()
	host, port := r.address(3306)
	if r.opts.dsn != "" {
		var err error
		if cfg, err = mysql.ParseDSN(r.opts.dsn); err != nil {
			return err
		}
	} else if cfg.Net, cfg.Addr = "tcp", net.JoinHostPort(host, strconv.Itoa(port)); strings.HasPrefix(host, "/") {
		cfg.Net, cfg.Addr = "unix", host
	}
	for dst, v := range map[*string]string{&cfg.User: r.opts.user, &cfg.Passwd: r.opts.password, &cfg.DBName: r.opts.database} {
		if v != "" {
			*dst = v
		}
	}
	if cfg.DBName == "" {
		cfg.DBName = r.opts.schema
	}
	if r.opts.dsn == "" {
		if err := r.mysqlTLS(cfg, host); err != nil {
			return err
		}
	}
	cfg.Timeout, cfg.ParseTime, cfg.InterpolateParams, cfg.MultiStatements = r.opts.connectTimeout, false, false, false
	cfg.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return err
	}
	r.place = placeOf("mysql", cfg.Addr, cfg.DBName)
	r.db = sql.OpenDB(connector)
	return nil
}

func (r *sqlReader) mysqlTLS(cfg *mysql.Config, host string) error {
	cfg.TLSConfig = map[string]string{"off": "false", "prefer": "preferred", "require": "skip-verify", "verify": "true"}[r.opts.tls]
	if r.opts.tls != "verify" || r.opts.tlsCA == "" {
		return nil
	}
	pem, err := os.ReadFile(r.opts.tlsCA)
	roots := x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM(pem) {
		return r.badCA(err)
	}
	cfg.TLSConfig, cfg.TLS = "", &tls.Config{RootCAs: roots, ServerName: host, MinVersion: tls.VersionTLS12}
	return nil
}

func (r *sqlReader) openSQLServer() error {
	dsn := r.opts.dsn
	if dsn == "" {
		host, instance, _ := strings.Cut(r.opts.host, `\`)
		u := url.URL{Scheme: "sqlserver", Host: host, Path: instance}
		if r.opts.port != 0 {
			u.Host = net.JoinHostPort(host, strconv.Itoa(r.opts.port))
		}
		if r.opts.user != "" {
			u.User = url.UserPassword(r.opts.user, r.opts.password)
		}
		// prefer: the sign-in is always encrypted, the rest where the server insists.
		q := url.Values{"app name": {"huikuan"}, "ApplicationIntent": {"ReadOnly"}, "dial timeout": {strconv.Itoa(max(1, int(r.opts.connectTimeout.Seconds())))},
			"encrypt":                {map[string]string{"off": "disable", "prefer": "false", "require": "true", "verify": "true"}[r.opts.tls]},
			"TrustServerCertificate": {strconv.FormatBool(r.opts.tls != "verify")}}
		if r.opts.database != "" {
			q.Set("database", r.opts.database)
		} else {
			q.Del("ApplicationIntent") // which needs a database
		}
		if r.opts.tlsCA != "" {
			q.Set("certificate", r.opts.tlsCA)
		}
		u.RawQuery = q.Encode()
		dsn = u.String()
	}
	cfg, err := msdsn.Parse(dsn)
	if err != nil {
		return r.badCA(err)
	}
	for dst, v := range map[*string]string{&cfg.User: r.opts.user, &cfg.Password: r.opts.password, &cfg.Database: r.opts.database} {
		if v != "" {
			*dst = v
		}
	}
	r.place = placeOf("sqlserver", cfg.Host, cfg.Database)
	r.db = sql.OpenDB(mssql.NewConnectorConfig(cfg))
	return nil
}

// badCA names the certificate file if that is what is wrong.
func (r *sqlReader) badCA(err error) error {
	if r.opts.tlsCA == "" {
		return err
	}
	if _, missing := os.Stat(r.opts.tlsCA); missing != nil {
		return &Error{Field: "tls_ca", Err: missingPath(r.opts.tlsCA, missing), Hint: "Name a file with the authority's certificate as PEM; it is relative to the folder of the configuration file"}
	}
	pem, _ := os.ReadFile(r.opts.tlsCA)
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return &Error{Field: "tls_ca", Err: fmt.Errorf("%s holds no certificate", r.opts.tlsCA), Hint: "Name a file with the authority's certificate as PEM"}
	}
	return err
}

func placeOf(scheme, address, database string) string {
	u := url.URL{Scheme: scheme, Host: address, Path: "/" + database}
	if strings.HasPrefix(address, "/") {
		u = url.URL{Scheme: scheme, Path: address + "/" + database}
	}
	return u.String()
}
