package embedded

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Readers are held by three nets, each of which would do for nearly all:
//
//  1. the engine's parser must call the text exactly one statement of the class
//     that leaves no trace, and its first word must be one of readWords;
//  2. the text may not call a function that reaches outside the warehouse,
//     because the engine's readonly mode lets through the scalar file(),
//     DESCRIBE of a table function, and clusters;
//  3. the session runs under readonly = 1, which refuses writes, other hosts,
//     files and every change of a setting, also by a SETTINGS clause, and
//     settings in the URL are taken from a short list only (allowSettings).

// readWords are the first words of the statements that readers may send.
var readWords = []string{"SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS"}

// insideTables are the table functions that stay within the warehouse. All
// others, also those a later engine brings, are refused to readers.
var insideTables = []string{
	"numbers", "numbers_mt", "zeros", "zeros_mt", "primes", "generateSeries", "generate_series",
	"generateRandom", "values", "SQLStandardValues", "view", "viewIfPermitted", "viewExplain", "null",
	"merge", "dictionary", "format", "mergeTreeIndex", "mergeTreeProjection", "mergeTreeTextIndex", "loop",
}

// outsideFunctions are scalar functions, or families of them, that read files,
// use the network or show the insides of the process.
var (
	outsideFunctions = []string{"file", "catboostEvaluate", "getServerPort", "demangle", "addressToLine", "addressToLineWithInlines", "addressToSymbol"}
	outsideFamilies  = []string{"ai", "naiveBayes", "python"}
)

// examine decides whether a request's statement may run at all.
func (s *session) examine(req *request) error {
	text := req.head
	if req.insert {
		text += " VALUES"
	}
	a, err := s.classify(text)
	if err != nil {
		return err
	}
	req.class = a.class
	if a.statements > 1 {
		return newException(codeSyntax, fmt.Sprintf("Syntax error (Multi-statements are not allowed): the request has %d statements; send them one by one", a.statements))
	}
	if !req.readOnly {
		if req.files { // as on a server, these are for clients that have files of their own
			return newException(codeOutfile, "INTO OUTFILE and FROM INFILE are not allowed over HTTP; read the result or send the data with the request")
		}
		return nil
	}
	if req.insert || a.class == classMutating || a.class == classGlobal || a.class == classControl {
		return newException(codeReadOnly, "Cannot execute query in readonly mode: this user may only read")
	}
	if a.class != classReadOnly || a.statements != 1 {
		return s.syntaxError(req)
	}
	if !slices.Contains(readWords, req.keyword) {
		return newException(codeReadOnly, "Cannot execute query in readonly mode: readers may send "+strings.Join(readWords, ", "))
	}
	return s.staysInside(req.head, req.rows)
}

// syntaxError lets the engine say what is wrong with a text that did not parse.
// Such a text cannot run; should it run all the same, its result is dropped and
// it is refused.
func (s *session) syntaxError(req *request) error {
	if r, err := s.query("EXPLAIN SYNTAX "+req.head, "Null", req.params); err != nil {
		return err
	} else {
		r.release()
	}
	return newException(codeSyntax, "Syntax error")
}

// staysInside refuses calls of functions that reach outside the warehouse. It
// looks at the text as the engine writes it back after parsing, so comments,
// escapes in names and unusual blanks cannot hide a call.
func (s *session) staysInside(sql string, rows *RowFilters) error {
	if s.engine.harmless.has(sql, rows != nil) {
		return nil
	}
	r, err := s.query("SELECT formatQuery({q:String})", "RawBLOB", []param{{"q", escapeTSV(sql)}})
	if err != nil {
		return err
	}
	defer r.release()
	if name := firstCall(string(r.data()), s.engine.reachesOutside); name != "" {
		return newException(codeReadOnly, "Cannot execute query in readonly mode: the function "+name+" reaches outside the warehouse, which readers may not")
	}
	if rows != nil {
		if name := firstCall(string(r.data()), s.engine.readsPastFilters); name != "" {
			return newException(codeAccessDenied, "Not enough privileges: the function "+name+" reads tables past the rows that this user may see")
		}
	}
	s.engine.harmless.add(sql, rows != nil)
	return nil
}

// harmless remembers the texts that were found to stay inside: a dashboard asks
// the same again and again, and what was found hangs on the text alone.
type harmless struct {
	mu    sync.Mutex
	texts map[[sha256.Size]byte]bool
}

const harmlessTexts = 8192 // all are forgotten when there are more

func digest(sql string, filtered bool) [sha256.Size]byte {
	if filtered {
		return sha256.Sum256([]byte("filtered\x00" + sql))
	}
	return sha256.Sum256([]byte("all\x00" + sql))
}

func (h *harmless) has(sql string, filtered bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.texts[digest(sql, filtered)]
}

func (h *harmless) add(sql string, filtered bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.texts == nil || len(h.texts) >= harmlessTexts {
		h.texts = map[[sha256.Size]byte]bool{}
	}
	h.texts[digest(sql, filtered)] = true
}

// firstCall returns the first function called in a formatted statement that is
// forbidden, or "". A call is a name before a parenthesis, or the name after
// APPLY, with or without a parenthesis.
func firstCall(sql string, forbidden func(name string) bool) string {
	l := lexer{sql: sql}
	var before, last token
	for t := l.next(); t.kind != tokenEnd; t = l.next() {
		named := t.kind == tokenWord || t.kind == tokenName
		applied := last.is("APPLY") || last.mark("(") && before.is("APPLY")
		if named && applied && forbidden(t.text) {
			return t.text
		}
		if t.mark("(") && (last.kind == tokenWord || last.kind == tokenName) && forbidden(last.text) {
			return last.text
		}
		before, last = last, t
	}
	return ""
}

func (e *engine) reachesOutside(name string) bool {
	same := func(other string) bool { return strings.EqualFold(name, other) }
	if slices.ContainsFunc(outsideFunctions, same) {
		return true
	}
	for _, family := range outsideFamilies {
		if len(name) > len(family) && strings.HasPrefix(name, family) && name[len(family)] >= 'A' && name[len(family)] <= 'Z' {
			return true
		}
	}
	return e.tableFunctions[strings.ToLower(name)] && !slices.ContainsFunc(insideTables, same)
}

// readerSettings are the settings that readers may send with a request: what
// bounds a query, and how its result is written.
var readerSettings = []string{
	"max_execution_time", "max_rows_to_read", "max_bytes_to_read", "max_result_rows", "max_result_bytes",
	"result_overflow_mode", "read_overflow_mode", "timeout_overflow_mode", "max_threads", "max_block_size",
	"max_memory_usage", "limit", "offset", "final", "extremes", "join_use_nulls", "session_timezone",
	"date_time_input_format", "date_time_output_format", "log_comment", "log_queries", "priority",
	"prefer_column_name_to_alias", "enable_analyzer", "allow_experimental_analyzer", "use_query_cache",
	"max_query_size", "interval_output_format", "bool_true_representation", "bool_false_representation",
	"format_csv_delimiter", "group_by_use_nulls", "aggregate_functions_null_for_empty", "union_default_mode",
	"do_not_merge_across_partitions_select_final", "async_insert", "wait_for_async_insert", "readonly",
	"enable_extended_results_for_datetime_functions",
}

func allowSettings(settings []setting) error {
	for _, v := range settings {
		output := strings.HasPrefix(v.name, "output_format_") && v.name != "output_format_schema"
		if !output && !slices.Contains(readerSettings, v.name) {
			return newException(codeReadOnly, "Cannot modify '"+v.name+"' setting in readonly mode")
		}
	}
	return nil
}
