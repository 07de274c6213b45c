package extract

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

// sqlReader reads streams from an ERP's own database. It only ever reads: in
// read-only transactions where the database has them, by statements that wrap
// the user's SELECT.
type sqlReader struct {
	src     *Source
	opts    sqlOptions
	dialect sqlDialect
	db      *sql.DB
	place   string // the database without secrets, for messages and pages

	unshared atomic.Bool // SQL Server: the database does not allow snapshots
}

const (
	sqlAttempts = 6        // at a statement that fails for a reason that may pass, without a row in between
	sqlPrefetch = 16 << 20 // bytes of pages read ahead
	sqlPageSize = 4 << 20  // bytes of a page
)

func newSQLReader(s *Source) (*sqlReader, error) {
	o, err := s.connector.sql.open(s)
	if err != nil {
		return nil, err
	}
	r := &sqlReader{src: s, opts: o, dialect: sqlDialects[o.driver]}
	for i := range s.connector.streams {
		decl := &s.connector.streams[i]
		st, keep, err := decl.openSQL(s, o.driver)
		if err != nil {
			return nil, s.wrap(decl.name, err)
		}
		if keep {
			s.streams = append(s.streams, st)
		}
	}
	if len(s.streams) == 0 {
		return nil, &Error{Source: s.name, Err: errors.New("the source has no streams"), Hint: "Add streams with a query, a key and an emit section under the source"}
	}
	if err := r.open(); err != nil {
		return nil, &Error{Source: s.name, Err: err}
	}
	r.db.SetMaxOpenConns(4)
	r.db.SetMaxIdleConns(2)
	r.db.SetConnMaxIdleTime(time.Minute)
	return r, nil
}

// openSQL fills in the settings of a stream. keep is false where only_if leaves it out.
func (st *streamDecl) openSQL(s *Source, driver string) (spec *streamSpec, keep bool, err error) {
	data := s.settings.data()
	if keep, err := on(st.onlyIf, data); err != nil || !keep {
		return nil, false, err
	}
	spec = &streamSpec{name: st.name, title: st.title, pass: passChanged, sweep: st.sweep, mapping: canonicalMapping()}
	if st.emit != nil {
		if spec.mapping, err = s.connector.expand(st.emit, data); err != nil {
			return nil, false, err
		}
	}
	if spec.sql, err = st.sql.open(s, driver); err != nil {
		return nil, false, err
	}
	for i := range st.passes {
		if err := spec.openSQLPass(s, driver, &st.passes[i]); err != nil {
			return nil, false, err
		}
	}
	return spec, true, nil
}

// openSQLPass adds a further read: the stream's rows without a cursor, or the
// rows of the pass's own query.
func (spec *streamSpec) openSQLPass(s *Source, driver string, p *passDecl) error {
	every, err := p.every.span(s.settings.data(), "every")
	if err != nil {
		return err
	}
	own := *spec
	own.passes, own.pass, own.sql.inc = nil, p.name, nil
	if !p.sql.query.empty() {
		text, err := p.sql.query.render(s.settings.data())
		if err != nil {
			return err
		}
		if own.sql.query, err = oneSelect(text, driver); err != nil {
			return &Error{Field: "passes." + p.name + ".query", Err: err}
		}
		own.sql.table, own.sql.columns = nil, nil
	}
	pass := passSpec{name: p.name, kind: passKind([]*passDecl{p}), every: every, sweep: p.sweep, spec: &own}
	switch pass.kind {
	case "keys":
		own.keys, pass.sweep = true, true
		if own.keysMapping, err = s.connector.expand(p.emit, s.settings.data()); err != nil {
			return err
		}
		own.mapping, spec.keysMapping = own.keysMapping, own.keysMapping
	case "open":
		pass.sweep = false
	}
	spec.passes = append(spec.passes, pass)
	return nil
}

func (r *sqlReader) close() error { return r.db.Close() }

// pages reads a stream; rows that come while an earlier page is worked on wait within bounds of bytes.
func (r *sqlReader) pages(ctx context.Context, st *streamSpec, state cursorState) iter.Seq2[Page, error] {
	return ahead(ctx, sqlPrefetch, func(ctx context.Context) iter.Seq2[Page, error] {
		return func(yield func(Page, error) bool) {
			run := &sqlRun{r: r, st: st, state: state.clone(), first: len(state.Cursors)+len(state.Passes) == 0, yield: yield}
			if err := run.all(ctx); err != nil && !errors.Is(err, errStopped) {
				yield(Page{}, err)
			}
		}
	})
}

// url names the place of a page without secrets.
func (r *sqlReader) url(stream string) string { return r.place + "#" + url.PathEscape(stream) }

// sqlSession is a transaction on a connection of its own.
type sqlSession struct {
	r    *sqlReader
	conn *sql.Conn
	tx   *sql.Tx
	now  time.Time     // the server's clock at the begin
	skew time.Duration // the same less ours
}

// session connects and begins a read-only transaction; with snapshots it sees the database as of now, however long it takes.
func (r *sqlReader) session(ctx context.Context) (*sqlSession, error) {
	connecting, cancel := context.WithTimeoutCause(ctx, r.opts.connectTimeout+time.Second, errConnectTimeout)
	defer cancel()
	conn, err := r.db.Conn(connecting)
	if err != nil {
		if connecting.Err() != nil && ctx.Err() == nil {
			err = errConnectTimeout
		}
		return nil, err
	}
	s := &sqlSession{r: r, conn: conn}
	if err := s.begin(ctx); err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func (s *sqlSession) begin(ctx context.Context) error {
	o := &sql.TxOptions{Isolation: sql.LevelReadCommitted, ReadOnly: true}
	if s.r.opts.snapshot {
		o.Isolation = sql.LevelRepeatableRead
	}
	if s.r.opts.driver == driverSQLServer { // which has no read-only transactions: the user's rights keep it from writing
		o.ReadOnly = false
		if s.r.opts.snapshot {
			var err error
			if o.Isolation, err = s.snapshotLevel(ctx); err != nil {
				return err
			}
		}
	}
	for _, setting := range s.r.beforeBegin() {
		if _, err := s.conn.ExecContext(ctx, setting); err != nil {
			return err
		}
	}
	var err error
	if s.tx, err = s.conn.BeginTx(ctx, o); err != nil {
		return err
	}
	if s.r.opts.driver == driverPostgres {
		query, args := s.r.postgresSettings()
		if err := s.tx.QueryRowContext(ctx, query, args...).Scan(new(any), new(any), new(any), new(any)); err != nil {
			return err
		}
	}
	clock := map[string]string{driverPostgres: "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS bigint)",
		driverMySQL:     "SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)",
		driverSQLServer: "SELECT DATEDIFF_BIG(millisecond, '1970-01-01T00:00:00', SYSUTCDATETIME())"}
	var ms int64
	asked := s.r.src.opts.Now()
	if err := s.tx.QueryRowContext(ctx, clock[s.r.opts.driver]).Scan(&ms); err != nil {
		return err
	}
	s.now = time.UnixMilli(ms).UTC()
	answered := s.r.src.opts.Now()
	s.skew = s.now.Sub(asked.Add(answered.Sub(asked) / 2)).Round(time.Millisecond)
	return nil
}

// snapshotLevel is the isolation that SQL Server's database allows for reading as of one instant.
func (s *sqlSession) snapshotLevel(ctx context.Context) (sql.IsolationLevel, error) {
	var allowed bool
	err := s.conn.QueryRowContext(ctx, "SELECT CAST(CASE WHEN snapshot_isolation_state = 1 THEN 1 ELSE 0 END AS bit) FROM sys.databases WHERE database_id = DB_ID()").Scan(&allowed)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	s.r.unshared.Store(!allowed)
	if allowed {
		return sql.LevelSnapshot, nil
	}
	return sql.LevelReadCommitted, nil
}

// beforeBegin are the settings of a connection, for the databases whose settings do not belong to the transaction.
func (r *sqlReader) beforeBegin() []string {
	ms := max(r.opts.statementTimeout.Milliseconds(), 1)
	switch r.opts.driver {
	case driverMySQL:
		return []string{
			// Instants in UTC; a zero date stays one instead of an error; no limit that the server's operator has set for people at a console.
			"SET SESSION time_zone = '+00:00', sql_select_limit = 18446744073709551615, net_write_timeout = 600, " +
				"sql_mode = REPLACE(REPLACE(REPLACE(@@SESSION.sql_mode, 'TRADITIONAL', ''), 'NO_ZERO_IN_DATE', ''), 'NO_ZERO_DATE', '')",
			// Each of the two families knows one of these; the comment hides it from the other.
			"SET SESSION /*M! max_statement_time = " + strconv.FormatFloat(float64(ms)/1000, 'f', 3, 64) + ", */ /*!50708 max_execution_time = " + strconv.FormatInt(ms, 10) + ", */ net_read_timeout = 600",
		}
	case driverSQLServer:
		return []string{fmt.Sprintf("SET LOCK_TIMEOUT %d; SET ROWCOUNT 0", ms)}
	}
	return nil
}

// postgresSettings are those of the transaction.
func (r *sqlReader) postgresSettings() (string, []any) {
	query := "SELECT set_config('statement_timeout', $1, true), set_config('TimeZone', $2, true), set_config('lc_monetary', 'C', true), "
	args := []any{strconv.FormatInt(max(r.opts.statementTimeout.Milliseconds(), 1), 10), r.src.location.String()}
	if r.opts.schema == "" {
		return query + "1", args
	}
	return query + "set_config('search_path', $3, true)", append(args, r.dialect.quote(r.opts.schema))
}

// end gives the connection back. Nothing was written, so there is nothing to commit.
func (s *sqlSession) end() {
	if s.tx != nil {
		_ = s.tx.Rollback() // a lost connection cannot be rolled back, and needs not be
	}
	_ = s.conn.Close()
}

// query runs a statement. The server ends one that takes too long; where it has
// no such limit, or does not answer at all, the wait for the first row is
// limited here. done must be called behind the rows.
func (s *sqlSession) query(ctx context.Context, text string, args ...any) (rows *sql.Rows, done func(), err error) {
	limit := s.r.opts.statementTimeout
	if s.r.opts.driver != driverSQLServer {
		limit += 10 * time.Second
	}
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(limit, func() { cancel(errStatementTimeout) })
	rows, err = s.tx.QueryContext(ctx, text, args...)
	if !timer.Stop() {
		if err == nil {
			rows.Close()
		}
		err = errStatementTimeout
	}
	if err != nil {
		cancel(nil)
		return nil, nil, err
	}
	return rows, func() { rows.Close(); cancel(nil) }, nil
}
