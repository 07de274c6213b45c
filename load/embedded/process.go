package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// process holds what the engine makes process-wide whether we like it or not:
// the library is loaded once and never unloaded, and all sessions of a process
// share one data folder.
var process struct {
	sync.Mutex
	lib  *library
	path string // data folder of the open engine, "" when none is open
}

// engine is the open data folder. It keeps one session open all the time,
// because the engine stops when its last session closes.
type engine struct {
	lib      *library
	opts     Options
	lock     *os.File
	keeper   *connection
	version  string
	timezone string

	tableFunctions map[string]bool // their names in lower case
	harmless       harmless
	columns        emptyColumns
	idle           idleSessions
}

// openEngine takes the folder and starts the engine on it.
func openEngine(o Options) (_ *engine, err error) {
	path, err := findLibrary(o.Library)
	if err != nil {
		return nil, err
	}
	process.Lock()
	defer process.Unlock()
	if process.path != "" {
		if process.path == o.Path {
			return nil, fmt.Errorf("%w: %s is already open in this process; use the server that is running", ErrLocked, o.Path)
		}
		return nil, fmt.Errorf("%w: it is %s, not %s; close that one first", ErrOtherFolder, process.path, o.Path)
	}
	lock, err := takeFolder(o.Path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			lock.Close()
		}
	}()
	if process.lib == nil {
		if process.lib, err = loadLibrary(path); err != nil {
			return nil, err
		}
	}
	e := &engine{lib: process.lib, opts: o, lock: lock}
	if e.keeper, err = openConnection(e.lib, e.startArgs()); err != nil {
		return nil, fmt.Errorf("the embedded engine did not start on %s; another program may have it open, or its files are damaged", o.Path)
	}
	if err := e.prepare(); err != nil {
		e.keeper.close()
		return nil, fmt.Errorf("prepare the embedded warehouse in %s: %w", o.Path, err)
	}
	process.path = o.Path
	return e, nil
}

// startArgs are the arguments of the first session, which boots the engine.
func (e *engine) startArgs() []string {
	args := append(e.sessionArgs(),
		"--backups.allowed_path="+filepath.Join(e.opts.Path, "backups"),
		"--logger.console=false", // on a terminal the engine would fill it with its traces
		"--logger.level=fatal")
	if e.opts.MaxMemory > 0 {
		args = append(args, "--max_server_memory_usage="+strconv.FormatInt(e.opts.MaxMemory, 10))
	}
	return args
}

// sessionArgs are the arguments of every session.
func (e *engine) sessionArgs() []string {
	args := []string{
		"--path=" + e.opts.Path,
		"--async_insert=0",
		// Compiling expressions costs more than it saves: the queries of a warehouse in a
		// folder are short and many, and those over a million invoices are not slower without.
		"--compile_expressions=0",
		"--compile_aggregate_expressions=0",
		"--compile_sort_description=0",
	}
	if e.opts.Threads > 0 {
		args = append(args, "--max_threads="+strconv.Itoa(e.opts.Threads))
	}
	if e.opts.MaxMemory > 0 {
		args = append(args, "--max_memory_usage="+strconv.FormatInt(e.opts.MaxMemory, 10))
	}
	return args
}

func (e *engine) prepare() error {
	if err := e.keeper.exec("CREATE DATABASE IF NOT EXISTS " + quoteName(e.opts.Database) + " ENGINE = Atomic"); err != nil {
		return err
	}
	text, err := e.keeper.queryText("SELECT version(), timezone()")
	if err != nil {
		return err
	}
	e.version, e.timezone, _ = strings.Cut(text, "\t")
	names, err := e.keeper.queryText("SELECT lower(name) FROM system.table_functions")
	if err != nil {
		return err
	}
	e.tableFunctions = map[string]bool{}
	for name := range strings.SplitSeq(names, "\n") {
		e.tableFunctions[name] = true
	}
	return nil
}

// close stops the engine; all sessions but the idle ones must be closed.
func (e *engine) close() error {
	e.idle.close()
	process.Lock()
	defer process.Unlock()
	e.keeper.close()
	process.path = ""
	return e.lock.Close()
}

// lockName is the file in the data folder that says who has it.
const lockName = "huikuan.lock"

// takeFolder creates the data folder if need be and locks it for this process.
// The kernel releases the lock when the process ends, however it ends.
func takeFolder(path string) (*os.File, error) {
	const remedy = "choose another folder or change its owner"
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("cannot create the data folder %s: %w; %s", path, reason(err), remedy)
	}
	f, err := os.OpenFile(filepath.Join(path, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot write to the data folder %s: %w; %s", path, reason(err), remedy)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("cannot lock the data folder %s: %w; %s", path, err, remedy)
		}
		holder := ""
		if b, _ := io.ReadAll(io.LimitReader(f, 32)); len(b) > 0 {
			holder = " (process " + strings.TrimSpace(string(b)) + ")"
		}
		return nil, fmt.Errorf("%w: %s is open%s; stop it, connect to it instead, or choose another folder", ErrLocked, path, holder)
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot write to the data folder %s: %w; %s", path, reason(err), remedy)
	}
	return f, nil
}

// reason strips the operation and path that an os error repeats.
func reason(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
