package main

import (
	"bufio"
	"io"
	"maps"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// serving is a process that serves, with what it printed about itself.
type serving struct {
	cmd    *exec.Cmd
	values map[string]string // setting of the data source → value
	rest   chan string       // what it printed after that
}

func (i *instance) serve(args ...string) *serving {
	i.t.Helper()
	cmd := i.command(args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		i.t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		i.t.Fatal(err)
	}
	i.t.Cleanup(func() { _ = cmd.Process.Kill() })
	s := &serving{cmd: cmd, values: map[string]string{}, rest: make(chan string, 1)}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "Serving read-only") {
		fields := strings.Fields(strings.NewReplacer("│", " ", "|", " ").Replace(lines.Text()))
		if n := len(fields); n > 1 {
			s.values[strings.Join(fields[:n-1], " ")] = fields[n-1]
		}
	}
	if s.values["port"] == "" {
		_ = cmd.Wait()
		i.t.Fatalf("huikuan %s did not come up: %v %s", strings.Join(args, " "), s.values, stderr.String())
	}
	go func() {
		var b strings.Builder
		for lines.Scan() {
			b.WriteString(lines.Text() + "\n")
		}
		s.rest <- b.String()
	}()
	return s
}

func (s *serving) ask(t *testing.T, sql string) (int, string) {
	t.Helper()
	req, err := http.NewRequest("POST", "http://"+s.values["server address"]+":"+s.values["port"]+"/?database="+s.values["default database"], strings.NewReader(sql))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(s.values["username"], s.values["password"])
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// The scheduler and Grafana's address live in one process, because a second one
// cannot open the warehouse.
func TestOneProcessSyncsAndServes(t *testing.T) {
	i := newInstance(t, "data: data\nserve: {max_result_rows: 5}\nsources: [{name: exports, connector: files, settings: {path: exports}, schedule: \"0 0 1 1 *\"}]\n")
	s := i.serve("run", "--listen", "127.0.0.1:0")
	if said := strings.Join(slices.Sorted(maps.Keys(s.values)), "\n"); !strings.Contains(said, "Nothing is built yet") {
		t.Errorf("of a warehouse without models it said %s", said)
	}
	if status, text := s.ask(t, "SELECT count() FROM invoices"); status != 200 || text != "0\n" {
		t.Errorf("a read gave %d %s", status, text)
	}
	if status, text := s.ask(t, "TRUNCATE TABLE invoices_docs"); status != 403 || !strings.Contains(text, "Code: 164") {
		t.Errorf("a write gave %d %s", status, text)
	}
	if _, text := s.ask(t, "SELECT number FROM numbers(6)"); !strings.Contains(text, "Code: 396") {
		t.Errorf("more rows than serve.max_result_rows gave %.100s", text)
	}
	out, err := i.command("sync").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "in use by another process") {
		t.Errorf("a second process said %s", out)
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest := <-s.rest
	if err := s.cmd.Wait(); err != nil || !strings.Contains(rest, "schedule") {
		t.Errorf("stopped with %v after printing %s", err, rest)
	}
}
