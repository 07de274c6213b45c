package load

import "huikuan/transform/schema"

// The tables in which the warehouse remembers what ran, what came and what
// fell short.
const (
	rawPagesTable    = "raw_pages"
	rawLookupsTable  = "raw_lookups"
	seenKeysTable    = "ops_seen_keys"
	lostKeysTable    = "ops_lost_keys"
	rejectedTable    = "rejected_rows"
	runsTable        = "ops_runs"
	slicesTable      = "ops_slices"
	receiptsTable    = "ops_receipts"
	modelRunsTable   = "ops_model_runs"
	testResultsTable = "ops_test_results"
	stateTable       = "ops_state"
	migrationsTable  = "ops_migrations"
)

// RawPagesDays is the age in days at which pages as received expire.
const RawPagesDays = 90

// SeenKeysDays is the age in days at which the keys met by a keys pass expire:
// a pass that was begun longer ago than that has to begin anew.
const SeenKeysDays = 7

// OpsTables describes the operational tables. Those of class Document are keyed,
// so that a repeated run replaces its rows instead of doubling them; the others
// are logs.
func OpsTables() []schema.Table {
	return []schema.Table{
		{
			Name: rawPagesTable, Class: schema.Document, TTLDays: RawPagesDays, TTLColumn: "fetched_at",
			Comment: "every page as received, so that a mended mapping can be replayed without asking the source",
			Key:     []string{"source", "stream", "hash"},
			Columns: versioned(
				must("source", schema.Label, "configured source"), must("stream", schema.Label, "stream of the source"),
				must("hash", schema.Text, "SHA-256 of body and of what is stored with it to map it, hexadecimal"), must("slice", schema.Text, "part of the stream that the page belongs to"),
				must("ordinal", schema.Int, "1, 2, … within the slice"), must("url", schema.Text, "address of the request, without secrets"),
				must("records_path", schema.Text, "dotted path to the records; empty = the body is the list"),
				must("columns", schema.Text, "names of the columns as a JSON list where records are lists; else empty"),
				must("record_count", schema.Int, "number of records"), must("first_record", schema.Int, "ordinal of the first record in the stream's read"),
				must("fetched_at", schema.Instant, "instant of receipt, UTC"), must("run_id", schema.Text, "run that fetched it"),
				must("body", schema.Bytes, "the page as received, as one Zstandard frame"), must("body_bytes", schema.Int, "bytes of the page before compression"),
				must("page_version", schema.Uint, "_version of the rows that the page gave; 0 = kept before there was this column"),
				must("pass", schema.Label, "changed, open, full; empty = changed"), must("file", schema.Text, "file it was read from; empty for APIs"),
				must("lookups", schema.Text, "dictionaries of the page as JSON: name to entries, or to the hash of a row of raw_lookups"),
				must("lines", schema.Text, "line numbers of the records as a JSON list, where they do not simply follow on first_record"),
				must("replaces", schema.Text, "as JSON, the parents whose rows are all on the page: tables, column, values; empty if none"),
			),
		},
		{
			Name: rawLookupsTable, Class: schema.Document, TTLDays: RawPagesDays, TTLColumn: "saved_at",
			Comment: "dictionaries that raw pages were mapped with, each content once",
			Key:     []string{"source", "hash"},
			Columns: versioned(
				must("source", schema.Label, "configured source"), must("hash", schema.Text, "SHA-256 of the dictionary, hexadecimal"),
				must("name", schema.Text, "name of the dictionary"), must("entries", schema.Int, "number of entries"),
				must("saved_at", schema.Instant, "instant at which a page last needed it, UTC"),
				must("body", schema.Bytes, "the dictionary as a JSON object, as one Zstandard frame"), must("body_bytes", schema.Int, "bytes of it before compression"),
			),
		},
		{
			Name: seenKeysTable, Class: schema.Document, TTLDays: SeenKeysDays, TTLColumn: "seen_at",
			Comment: "keys that a keys pass under way has met in the source; compared with the tables at its end and then dropped",
			Key:     []string{"source", "stream", "table_name", "row_key"},
			Columns: versioned(
				must("source", schema.Label, "configured source"), must("stream", schema.Label, "stream of the source"),
				must("table_name", schema.Label, "table whose key it is"), must("row_key", schema.Text, "parts of the key joined by the character 31"),
				must("seen_at", schema.Instant, "instant at which the page with it was received, UTC"),
			),
		},
		{
			Name: lostKeysTable, Class: schema.Document,
			Comment: "keys that a keys pass met in the source and the tables lack",
			Key:     []string{"source", "stream", "table_name", "row_key"},
			Columns: versioned(
				must("source", schema.Label, "configured source"), must("stream", schema.Label, "stream of the source"),
				must("table_name", schema.Label, "table whose key it is"), must("row_key", schema.Text, "parts of the key joined by the character 31"),
				must("state", schema.Label, "suspected: it may have been made since; absent: a read of everything did not bring it either, as the mapping leaves it out"),
				must("noted_at", schema.Instant, "instant at which it was missed, UTC"), must("run_id", schema.Text, "run that missed it"),
			),
		},
		{
			Name: rejectedTable, Class: schema.Document,
			Comment: "records that could not be mapped, each with its reason: loaded or rejected, never lost",
			Key:     []string{"source", "stream", "record_hash"},
			Columns: versioned(
				must("source", schema.Label, "configured source"), must("stream", schema.Label, "stream of the source"),
				must("record_hash", schema.Text, "SHA-256 of the raw record, hexadecimal"), must("table_name", schema.Label, "table the record was meant for"),
				must("record", schema.Int, "ordinal in the read; for files the line number"), must("record_key", schema.Text, "identifier of the record where it is known"),
				must("field", schema.Text, "field at fault"), must("found", schema.Text, "value found"), must("expected", schema.Text, "value expected"),
				must("reason", schema.Text, "what is wrong"), must("hint", schema.Text, "how to mend it"), must("raw", schema.Text, "the record as received"),
				must("run_id", schema.Text, "run that last met it"), must("rejected_at", schema.Instant, "instant of the last rejection, UTC"),
				must("id", schema.Text, "short name of the record: the first twelve digits of record_hash"),
				must("status", schema.Label, "open or resolved; empty = open, rejected before there was this column"),
				maybe("resolved_at", schema.Instant, "instant at which the record was loaded after all, UTC"),
				must("page", schema.Text, "hash of the row of raw_pages that holds it; empty if pages are not kept"),
				must("page_version", schema.Uint, "_version that the rows of its page have"), must("pass", schema.Label, "pass of the stream that met it"),
			),
		},
		{
			Name: runsTable, Class: schema.Document, Comment: "runs of sync and build", Key: []string{"run_id"},
			Columns: versioned(
				must("run_id", schema.Text, "identifier, sorts by time"), must("kind", schema.Label, "sync, build, replay, models (a build of models alone)"),
				must("status", schema.Label, "running, ok, partial (rejected rows or failed tests), failed"),
				must("started_at", schema.Instant, "begin, UTC"), maybe("finished_at", schema.Instant, "end, UTC; empty while running or killed"),
				must("rows_loaded", schema.Int, "rows loaded"), must("rows_rejected", schema.Int, "records rejected"),
				must("version", schema.Label, "version of huikuan"), must("host", schema.Label, "machine"), must("error", schema.Text, "first error; empty if none"),
				must("full_because", schema.Text, "why a build replayed all documents, else which tables it computed anew from all customers; empty where the changed customers were enough"),
			),
		},
		{
			Name: slicesTable, Class: schema.Document, Comment: "what each stream brought in each run", Key: []string{"run_id", "source", "stream", "slice"},
			Columns: versioned(
				must("run_id", schema.Text, "run"), must("source", schema.Label, "configured source"), must("stream", schema.Label, "stream"),
				must("slice", schema.Text, "part of the stream; empty = all"), must("status", schema.Label, "ok, partial, failed"),
				must("started_at", schema.Instant, "begin, UTC"), must("finished_at", schema.Instant, "end, UTC"),
				must("pages", schema.Int, "pages read"), must("records_read", schema.Int, "records read = mapped + filtered + rejected"),
				must("records_filtered", schema.Int, "records skipped by the mapping's conditions"), must("records_rejected", schema.Int, "records rejected"),
				must("rows_loaded", schema.Int, "rows loaded; one record may give several"), must("bytes", schema.Int, "bytes of Arrow data sent"),
				must("error", schema.Text, "error that ended it; empty if none"),
			),
		},
		{
			Name: receiptsTable, Class: schema.Log, Comment: "every acknowledged insert", OrderBy: []string{"written_at", "run_id"},
			TTLDays: 400, TTLColumn: "written_at",
			Columns: []schema.Column{
				must("written_at", schema.Instant, "instant of the acknowledgement, UTC"), must("run_id", schema.Text, "run"),
				must("source", schema.Label, "configured source"), must("stream", schema.Label, "stream"), must("slice", schema.Text, "part of the stream"),
				must("table_name", schema.Label, "table written"), must("rows", schema.Int, "rows"), must("bytes", schema.Int, "bytes of Arrow data"),
				must("token", schema.Text, "deduplication token"), must("hash", schema.Text, "hash of the payload"), must("seconds", schema.Float, "duration, seconds"),
			},
		},
		{
			Name: modelRunsTable, Class: schema.Log, Comment: "every build of a SQL model", OrderBy: []string{"model", "started_at"},
			TTLDays: 400, TTLColumn: "started_at",
			Columns: []schema.Column{
				must("run_id", schema.Text, "run"), must("model", schema.Label, "model"), must("status", schema.Label, "ok, failed, skipped"),
				must("started_at", schema.Instant, "begin, UTC"), must("seconds", schema.Float, "duration, seconds"), must("rows", schema.Int, "rows of the model"),
				must("hash", schema.Text, "hashes of the model's file, of the values of its variables and of what the models that it reads were built from"), must("error", schema.Text, "error; empty if none"),
			},
		},
		{
			Name: testResultsTable, Class: schema.Log, Comment: "every data test", OrderBy: []string{"tested_at", "test"},
			TTLDays: 400, TTLColumn: "tested_at",
			Columns: []schema.Column{
				must("run_id", schema.Text, "run"), must("test", schema.Label, "name of the test"), must("table_name", schema.Label, "table or model tested"),
				must("status", schema.Label, "passed, failed, error"), must("severity", schema.Label, "error blocks the publication, warn does not"),
				must("failed_rows", schema.Int, "rows that break the rule"), must("detail", schema.Text, "what broke, with an example"),
				must("tested_at", schema.Instant, "instant, UTC"), must("seconds", schema.Float, "duration, seconds"),
			},
		},
		{
			Name: stateTable, Class: schema.Document, Comment: "cursors, moved only after their data is acknowledged", Key: []string{"source", "stream", "slice"},
			Columns: versioned(
				must("source", schema.Label, "configured source"), must("stream", schema.Label, "stream"), must("slice", schema.Text, "part of the stream; empty = all"),
				must("state", schema.Text, "cursor as JSON"), must("run_id", schema.Text, "run that moved it"), must("saved_at", schema.Instant, "instant, UTC"),
			),
		},
		{
			Name: migrationsTable, Class: schema.Document, Comment: "numbered migrations that were applied", Key: []string{"number"},
			Columns: versioned(
				must("number", schema.Int, "number of the file"), must("name", schema.Text, "file"), must("checksum", schema.Text, "SHA-256 of the file, hexadecimal"),
				must("statements", schema.Int, "statements in it"), must("applied_at", schema.Instant, "instant, UTC"),
			),
		},
	}
}

func opsTable(name string) schema.Table {
	for _, t := range OpsTables() {
		if t.Name == name {
			return t
		}
	}
	panic("load: no operational table " + name)
}

func versioned(columns ...schema.Column) []schema.Column {
	return append(columns,
		must("_version", schema.Uint, "the highest version of a key wins"),
		must("_deleted", schema.Flag8, "1 = withdrawn"))
}

func must(name string, k schema.Kind, comment string) schema.Column {
	return schema.Column{Name: name, Kind: k, Required: true, Comment: comment}
}

func maybe(name string, k schema.Kind, comment string) schema.Column {
	return schema.Column{Name: name, Kind: k, Nullable: true, Comment: comment}
}
