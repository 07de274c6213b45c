package config

// varsKey is the one setting that is a map with names of the user's choice; it
// is read by [parser.vars].
const varsKey = "models.vars"

// usersKey is the list of users; it is read by [parser.users].
const usersKey = "access.users"

// structured settings are read by a parser of their own.
func (k Key) structured() bool { return k.Type == TypeMap || k.Type == TypeUsers }

// Type is the type of a setting's value as a user writes it.
type Type string

// The types of settings.
const (
	TypeText     Type = "text"
	TypePath     Type = "path"
	TypeURL      Type = "URL"
	TypeSecret   Type = "secret"
	TypeInteger  Type = "integer"
	TypeSize     Type = "size"     // 512MiB, 2GiB
	TypeSchedule Type = "schedule" // five cron fields, or @every 15m
	TypeList     Type = "list of text"
	TypeCurrency Type = "currency"
	TypeMap      Type = "map of values"
	TypeUsers    Type = "list of users"
	TypeShare    Type = "share" // 0 to 1
	TypeBool     Type = "true or false"
	TypeDate     Type = "date" // 2026-01-31
	TypeIntegers Type = "list of integers"
)

// Key declares one setting: its type, default, allowed values and meaning. The
// loader's defaults, the validation and the printed documentation all come from
// this one declaration.
type Key struct {
	Name    string
	Type    Type
	Default any
	Allowed []string
	// Min and Max bound an integer; a Max of 0 is no bound.
	Min, Max int
	Help     string
}

// Keys lists every setting of huikuan.yaml but those of `sources`.
func Keys() []Key {
	return append([]Key{
		{Name: "data", Type: TypePath, Default: "huikuan-data", Help: "folder of the embedded warehouse; relative to the configuration file"},
		{Name: "reporting_currency", Type: TypeCurrency, Default: "", Help: "currency of group figures; empty = that of the companies, else the currency most invoices are in"},
		{Name: "default_company", Type: TypeText, Default: "", Help: "company of records that name none"},

		{Name: "warehouse.url", Type: TypeURL, Default: "", Help: "http(s)://host:port/database of a ClickHouse server; empty = the embedded warehouse"},
		{Name: "warehouse.user", Type: TypeText, Default: "default", Help: "user on the server"},
		{Name: "warehouse.password", Type: TypeSecret, Default: "", Help: "password on the server, best as ${env:NAME} or ${file:PATH}"},
		{Name: "warehouse.database", Type: TypeText, Default: "huikuan", Help: "database; one in the URL wins"},
		{Name: "warehouse.cluster", Type: TypeText, Default: "", Help: "name of the cluster; makes tables replicated and distributed"},
		{Name: "warehouse.library", Type: TypePath, Default: "", Help: "libchdb.so of the embedded engine; empty = found by itself"},
		{Name: "warehouse.max_memory", Type: TypeSize, Default: "", Help: "memory a query of the embedded engine may use, such as 2GiB; empty = the engine's default"},
		{Name: "warehouse.threads", Type: TypeInteger, Default: 0, Help: "threads a query of the embedded engine may use; 0 = all cores"},

		{Name: "sync.schedule", Type: TypeSchedule, Default: "@every 15m", Help: "when `huikuan run` syncs sources without a schedule of their own; empty = by hand"},
		{Name: "sync.batch_rows", Type: TypeInteger, Default: 65536, Help: "rows gathered before they are written and the cursor moves"},
		{Name: "sync.batch_bytes", Type: TypeSize, Default: "32MiB", Help: "bytes of pages gathered before they are written, whichever comes first"},
		{Name: "sync.keep_raw_days", Type: TypeInteger, Default: 90, Help: "days that pages are kept as received; 0 = not at all"},
		{Name: "sync.parallel_streams", Type: TypeInteger, Default: 2, Help: "streams of one source that are read at the same time; they share its rate and its requests in flight"},
		{Name: "sync.max_deleted_share", Type: TypeShare, Default: 0.2, Help: "share of a table's rows that a comparison with the source may delete unasked; more needs --accept-deletions"},
		{Name: "sync.token_dir", Type: TypePath, Default: "", Help: "folder of sign-in tokens that sources renew; empty = tokens in the data folder"},

		{Name: "build.schedule", Type: TypeSchedule, Default: "", Help: "when `huikuan run` builds; empty = after every sync that brought something"},
		{Name: "build.workers", Type: TypeInteger, Default: 0, Help: "customers replayed at the same time; 0 = all cores"},
		{Name: "build.daily_days", Type: TypeInteger, Default: 92, Help: "days before the as-of date that get a daily snapshot, beside all month-ends"},

		{Name: "models.paths", Type: TypeList, Default: []string{}, Help: "folders of your own .sql models; a model of a shipped name replaces it"},
		{Name: varsKey, Type: TypeMap, Help: "values of the variables of models by name, such as {limit_warning: 0.85}; `huikuan models docs` lists them"},
		{Name: "connectors.paths", Type: TypeList, Default: []string{}, Help: "folders of your own connector .yaml files; one of a shipped name replaces it"},

		{Name: "serve.listen", Type: TypeText, Default: "127.0.0.1:8123", Help: "address at which `huikuan serve` answers ClickHouse clients and Grafana"},
		{Name: "serve.user", Type: TypeText, Default: "reader", Help: "read-only user for `huikuan serve`"},
		{Name: "serve.password", Type: TypeSecret, Default: "", Help: "its password; needed for any address but loopback; empty = a new one at each start, printed there"},
		{Name: "serve.tls_cert", Type: TypePath, Default: "", Help: "certificate in PEM; with tls_key makes `huikuan serve` speak HTTPS"},
		{Name: "serve.tls_key", Type: TypePath, Default: "", Help: "private key in PEM"},

		{Name: "serve.max_memory", Type: TypeSize, Default: "1GiB", Help: "memory that one query of a reader may use; empty = no limit"},
		{Name: "serve.max_seconds", Type: TypeInteger, Default: 60, Help: "seconds that one query of a reader may run; 0 = no limit"},
		{Name: "serve.max_result_rows", Type: TypeInteger, Default: 1000000, Help: "rows that one query of a reader may return; 0 = no limit"},
		{Name: "serve.max_queries", Type: TypeInteger, Default: 8, Min: 1, Help: "queries of readers that run at the same time; others wait"},

		{Name: usersKey, Type: TypeUsers, Help: "users who read a server or what `huikuan serve` offers, such as {name: wang, password: ${env:WANG}, reps: [R1]}; reps, teams or companies limit what they see"},
		{Name: "access.queries_per_hour", Type: TypeInteger, Default: 20000, Help: "queries of one user in an hour on a server; 0 = no limit"},
		{Name: "access.seconds_per_hour", Type: TypeInteger, Default: 3600, Help: "seconds that queries of one user may run in an hour on a server; 0 = no limit"},
		{Name: "access.read_rows_per_hour", Type: TypeInteger, Default: 0, Help: "rows that queries of one user may read in an hour on a server; 0 = no limit"},

		{Name: "alerts.dso_target", Type: TypeInteger, Default: 60, Help: "DSO of a company in days above which Grafana alerts"},
		{Name: "alerts.overdue_rise", Type: TypeInteger, Default: 3, Help: "rise of the overdue share since the last month-end, in percentage points, above which Grafana alerts"},
		{Name: "alerts.stale_hours", Type: TypeInteger, Default: 26, Min: 1, Help: "hours without a good read of a stream, or without a build, after which Grafana alerts"},

		{Name: "log.level", Type: TypeText, Default: "info", Allowed: []string{"debug", "info", "warn", "error"}, Help: "least severity that is logged"},
		{Name: "log.format", Type: TypeText, Default: "text", Allowed: []string{"text", "json"}, Help: "format of log lines"},
	}, metricsKeys()...)
}

// sourceKeys are the settings of one entry of `sources`.
var sourceKeys = []Key{
	{Name: "name", Type: TypeText, Help: "name of the source, part of every row's identity; never change it"},
	{Name: "connector", Type: TypeText, Help: "name of a shipped connector, or the path of your own .yaml"},
	{Name: "settings", Help: "settings of the connector, see `huikuan check` and its page in docs/connectors"},
	{Name: "streams", Help: "streams of your own, replacing or adding to the connector's"},
	{Name: "only", Type: TypeList, Help: "names of the streams to read; empty = all"},
	{Name: "schedule", Type: TypeSchedule, Help: "when `huikuan run` syncs this source"},
	{Name: "company", Type: TypeText, Help: "company of this source's records that name none"},
}
