package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library is libchdb.so, loaded once a process, with the functions that this
// package uses. All of them may be called from any thread, but a connection
// runs one statement at a time.
type library struct {
	path string

	setSignalHandlers func(enabled int32)
	connect           func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	closeConn         func(conn unsafe.Pointer)

	query        func(conn unsafe.Pointer, q unsafe.Pointer, ql uintptr, f unsafe.Pointer, fl uintptr, names, nameLens, values, valueLens unsafe.Pointer, n uintptr) unsafe.Pointer
	streamQuery  func(conn unsafe.Pointer, q unsafe.Pointer, ql uintptr, f unsafe.Pointer, fl uintptr, names, nameLens, values, valueLens unsafe.Pointer, n uintptr) unsafe.Pointer
	streamFetch  func(conn, stream unsafe.Pointer) unsafe.Pointer
	streamCancel func(conn, stream unsafe.Pointer)

	insertStart   func(conn unsafe.Pointer, q unsafe.Pointer, ql uintptr, f unsafe.Pointer, fl uintptr, names, nameLens, values, valueLens unsafe.Pointer, n uintptr) unsafe.Pointer
	insertAppend  func(stream unsafe.Pointer, data unsafe.Pointer, n uintptr) int32
	insertDone    func(stream unsafe.Pointer) unsafe.Pointer
	insertCancel  func(stream unsafe.Pointer)
	insertError   func(stream unsafe.Pointer) unsafe.Pointer
	insertDestroy func(stream unsafe.Pointer)

	resultDestroy      func(r unsafe.Pointer)
	resultBuffer       func(r unsafe.Pointer) unsafe.Pointer
	resultLength       func(r unsafe.Pointer) uintptr
	resultError        func(r unsafe.Pointer) unsafe.Pointer
	resultRowsRead     func(r unsafe.Pointer) uint64
	resultBytesRead    func(r unsafe.Pointer) uint64
	resultRowsWritten  func(r unsafe.Pointer) uint64
	resultBytesWritten func(r unsafe.Pointer) uint64

	classify func(conn unsafe.Pointer, q unsafe.Pointer, ql uintptr, db unsafe.Pointer, dl uintptr, out unsafe.Pointer) int32
}

// loadLibrary opens libchdb at path and binds its functions. The engine's own
// signal handlers are switched off before anything else, because they would
// take SIGSEGV from the Go runtime and a nil dereference would hang the process
// instead of panicking.
func loadLibrary(path string) (*library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load the embedded engine from %s: %w", path, err)
	}
	lib := &library{path: path}
	for _, f := range []struct {
		name string
		into any
	}{
		{"chdb_set_signal_handlers_enabled", &lib.setSignalHandlers},
		{"chdb_connect", &lib.connect},
		{"chdb_close_conn", &lib.closeConn},
		{"chdb_query_with_params_n", &lib.query},
		{"chdb_stream_query_with_params_n", &lib.streamQuery},
		{"chdb_stream_fetch_result", &lib.streamFetch},
		{"chdb_stream_cancel_query", &lib.streamCancel},
		{"chdb_stream_insert_with_params_n", &lib.insertStart},
		{"chdb_stream_append", &lib.insertAppend},
		{"chdb_stream_done", &lib.insertDone},
		{"chdb_stream_cancel_insert", &lib.insertCancel},
		{"chdb_stream_insert_error", &lib.insertError},
		{"chdb_destroy_insert_stream", &lib.insertDestroy},
		{"chdb_destroy_query_result", &lib.resultDestroy},
		{"chdb_result_buffer", &lib.resultBuffer},
		{"chdb_result_length", &lib.resultLength},
		{"chdb_result_error", &lib.resultError},
		{"chdb_result_storage_rows_read", &lib.resultRowsRead},
		{"chdb_result_storage_bytes_read", &lib.resultBytesRead},
		{"chdb_result_rows_written", &lib.resultRowsWritten},
		{"chdb_result_bytes_written", &lib.resultBytesWritten},
		{"chdb_classify_query_n", &lib.classify},
	} {
		symbol, err := purego.Dlsym(handle, f.name)
		if err != nil {
			return nil, fmt.Errorf("the engine library %s has no function %s; it is of another version: run `npm ci` in the project folder", path, f.name)
		}
		purego.RegisterFunc(f.into, symbol)
	}
	lib.setSignalHandlers(0)
	return lib, nil
}

// findLibrary returns the path of libchdb: the explicit path, else
// $HUIKUAN_LIBCHDB, else the first of the usual places that has it.
func findLibrary(explicit string) (string, error) {
	if explicit == "" {
		explicit = os.Getenv("HUIKUAN_LIBCHDB")
	}
	if explicit != "" {
		if info, err := os.Stat(explicit); err != nil || info.IsDir() {
			return "", fmt.Errorf("no libchdb.so at %s: %w", explicit, ErrLibraryMissing)
		}
		return filepath.Abs(explicit)
	}
	for _, candidate := range libraryPlaces() {
		if info, err := os.Stat(candidate); err == nil && !info.IsDir() {
			return candidate, nil
		}
	}
	return "", ErrLibraryMissing
}

// libraryPlaces lists where libchdb may lie, in the order of preference:
// beside the executable, in node_modules of the executable's project, in
// node_modules of the working directory and the folders above it, and in the
// system's library folders.
func libraryPlaces() []string {
	inModules := filepath.Join("node_modules", "@chdb", platformPackage(), "libchdb.so")
	var places []string
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		dir := filepath.Dir(exe)
		places = append(places,
			filepath.Join(dir, "libchdb.so"),
			filepath.Join(dir, inModules),
			filepath.Join(dir, "..", inModules))
	}
	if dir, err := os.Getwd(); err == nil {
		for {
			places = append(places, filepath.Join(dir, inModules))
			parent := filepath.Dir(dir)
			if parent == dir {
				break
			}
			dir = parent
		}
	}
	return append(places, "/usr/local/lib/libchdb.so", "/usr/lib/libchdb.so")
}

// platformPackage is the name of the npm package, without its scope, that
// carries libchdb for this platform.
func platformPackage() string {
	arch := map[string]string{"amd64": "x64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	if runtime.GOOS == "linux" {
		return "lib-linux-" + arch + "-gnu"
	}
	return "lib-" + runtime.GOOS + "-" + arch
}

// cString copies a NUL-terminated C string; nil gives "".
func cString(p unsafe.Pointer) string {
	if p == nil {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(p, n)) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(p), n))
}

// bytesOf returns the address and length of s for the duration of a call;
// C code only reads from it.
func bytesOf(s string) (unsafe.Pointer, uintptr) {
	return unsafe.Pointer(unsafe.StringData(s)), uintptr(len(s))
}
