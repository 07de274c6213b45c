package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Definition is who may read a warehouse, and how much.
type Definition struct {
	Database  string
	Users     []User
	Relations []Relation
	Limits    Limits
	Quota     Quota
}

// Limits bound one query; a zero is no limit.
type Limits struct {
	Memory, ResultRows int64
	Time               time.Duration
}

// Quota bounds what one user may do in an hour; a zero is no limit.
type Quota struct {
	Queries, Seconds, ReadRows int64
}

// Statement is one statement for a server. Text never holds a password: where
// SQL differs from it, SQL holds the hash of one.
type Statement struct{ SQL, Text string }

// The names of what is created; users that hold one of the roles and are no
// longer defined are dropped.
const (
	RoleAll     = "huikuan_reader"
	RoleLimited = "huikuan_limited"
	profile     = "huikuan_reader"
	quota       = "huikuan_reader"
)

// Statements render the definition for a ClickHouse server. They may be run any
// number of times: what is there is replaced.
func Statements(d Definition) ([]Statement, error) {
	if d.Database == "" {
		return nil, fmt.Errorf("access: no database is named")
	}
	s := &statements{definition: d}
	s.profile()
	s.roles()
	for _, u := range d.Users {
		if u.Name == "" || u.Password == "" {
			return nil, fmt.Errorf("access: user %q needs a name and a password", u.Name)
		}
		s.user(u)
	}
	s.quota()
	s.policies()
	return s.list, nil
}

type statements struct {
	definition Definition
	list       []Statement
}

func (s *statements) add(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	s.list = append(s.list, Statement{text, text})
}

// profile bounds a query. readonly = 1 refuses writes and every change of a
// setting but those that a client may lower.
func (s *statements) profile() {
	l := s.definition.Limits
	settings := []string{"readonly = 1"}
	bound := func(name string, limit int64, changeable bool) {
		if limit <= 0 {
			return
		}
		text := fmt.Sprintf("%s = %d MAX %d", name, limit, limit)
		if changeable { // data sources send these with each query
			text = fmt.Sprintf("%s = %d MIN 1 MAX %d CHANGEABLE_IN_READONLY", name, limit, limit)
		}
		settings = append(settings, text)
	}
	bound("max_memory_usage", l.Memory, false)
	bound("max_execution_time", int64(l.Time.Seconds()), true)
	bound("max_result_rows", l.ResultRows, true)
	s.add("CREATE SETTINGS PROFILE OR REPLACE %s SETTINGS %s", profile, strings.Join(settings, ", "))
}

func (s *statements) roles() {
	d := s.definition
	db := ident(d.Database)
	s.add("CREATE ROLE IF NOT EXISTS %s, %s", RoleAll, RoleLimited)
	s.add("REVOKE ALL ON *.* FROM %s, %s", RoleAll, RoleLimited)
	s.add("GRANT SELECT, SHOW ON %s.* TO %s", db, RoleAll)
	for _, r := range d.Relations {
		switch {
		case slices.Contains(Hidden(), r.Name):
			s.add("REVOKE SELECT ON %s.%s FROM %s", db, ident(r.Name), RoleAll)
			if r.Base != "" {
				s.add("REVOKE SELECT ON %s.%s FROM %s", db, ident(r.Base), RoleAll)
			}
		case Decided(r) && !slices.Contains(Closed(), r.Name):
			s.add("GRANT SELECT ON %s.%s TO %s", db, ident(r.Name), RoleLimited)
			if r.Base != "" {
				s.add("GRANT SELECT ON %s.%s TO %s", db, ident(r.Base), RoleLimited)
			}
		}
	}
}

func (s *statements) user(u User) {
	role := RoleAll
	if u.Restricted() {
		role = RoleLimited
	}
	salt := rand.Text()
	sum := sha256.Sum256([]byte(u.Password + salt))
	const format = "CREATE USER OR REPLACE %s IDENTIFIED WITH sha256_hash BY '%s' SALT '%s' DEFAULT ROLE NONE DEFAULT DATABASE %s SETTINGS PROFILE '%s'"
	s.list = append(s.list, Statement{
		SQL:  fmt.Sprintf(format, ident(u.Name), hex.EncodeToString(sum[:]), salt, ident(s.definition.Database), profile),
		Text: fmt.Sprintf(format, ident(u.Name), "…", "…", ident(s.definition.Database), profile),
	})
	s.add("GRANT %s TO %s", role, ident(u.Name))
	s.add("ALTER USER %s DEFAULT ROLE %s", ident(u.Name), role)
}

func (s *statements) quota() {
	q := s.definition.Quota
	var limits []string
	for name, n := range map[string]int64{"queries": q.Queries, "execution_time": q.Seconds, "read_rows": q.ReadRows} {
		if n > 0 {
			limits = append(limits, fmt.Sprintf("%s = %d", name, n))
		}
	}
	slices.Sort(limits)
	if len(limits) == 0 {
		s.add("DROP QUOTA IF EXISTS %s", quota)
		return
	}
	s.add("CREATE QUOTA OR REPLACE %s KEYED BY user_name FOR INTERVAL 1 hour MAX %s TO %s, %s", quota, strings.Join(limits, ", "), RoleAll, RoleLimited)
}

// policies say for each table which rows a restricted user sees, and that all
// others see all: a table with a policy for some shows nothing to the rest where
// the server is set so. They stand on the tables; a view shows what they show.
func (s *statements) policies() {
	d := s.definition
	var restricted []User
	for _, u := range d.Users {
		if u.Restricted() {
			restricted = append(restricted, u)
		}
	}
	for _, r := range d.Relations {
		if r.View || !Decided(r) || slices.Contains(Closed(), r.Name) {
			continue
		}
		table := ident(d.Database) + "." + ident(r.Name)
		if r.Base != "" {
			table = ident(d.Database) + "." + ident(r.Base)
		}
		for _, u := range restricted {
			s.add("CREATE ROW POLICY OR REPLACE %s ON %s FOR SELECT USING %s TO %s", ident("huikuan_"+u.Name), table, u.Filter(d.Database, r), ident(u.Name))
		}
		s.add("CREATE ROW POLICY OR REPLACE huikuan_all ON %s FOR SELECT USING 1 TO ALL%s", table, except(restricted))
	}
}

func except(users []User) string {
	if len(users) == 0 {
		return ""
	}
	names := make([]string, len(users))
	for i, u := range users {
		names[i] = ident(u.Name)
	}
	return " EXCEPT " + strings.Join(names, ", ")
}

// Leftovers is a query for what earlier definitions made and this one does not
// have: rows of the statement that removes it.
func Leftovers(d Definition) string {
	names := []string{"''"}
	for _, u := range d.Users {
		names = append(names, literal(u.Name))
	}
	list := strings.Join(names, ", ")
	return fmt.Sprintf(`SELECT DISTINCT concat('DROP USER IF EXISTS ', '`+"`"+`', replaceAll(assumeNotNull(user_name), '`+"`"+`', '\\`+"`"+`'), '`+"`"+`') AS statement
FROM system.role_grants
WHERE granted_role_name IN ('%s', '%s') AND isNotNull(user_name) AND user_name NOT IN (%s)
UNION ALL
SELECT concat('DROP ROW POLICY IF EXISTS `+"`"+`', replaceAll(short_name, '`+"`"+`', '\\`+"`"+`'), '`+"`"+` ON `+"`"+`', database, '`+"`"+`.`+"`"+`', table, '`+"`"+`') AS statement
FROM system.row_policies
WHERE database = %s AND startsWith(short_name, 'huikuan_') AND short_name != 'huikuan_all' AND substring(short_name, 9) NOT IN (%s)`,
		RoleAll, RoleLimited, list, literal(d.Database), list)
}
