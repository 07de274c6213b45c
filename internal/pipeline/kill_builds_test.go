package pipeline

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"huikuan/config"
)

// killedStep tells a process of this test binary what to do in which folder:
// "fill DIR", "build DIR" or "show DIR".
const killedStep = "HUIKUAN_TEST_KILLED_STEP"

// TestAProcessThatIsKilled is the process that the test below kills.
func TestAProcessThatIsKilled(t *testing.T) {
	step, dir, ok := strings.Cut(os.Getenv(killedStep), " ")
	if !ok {
		t.Skip("run by another test")
	}
	cfg, err := config.Load(config.Options{Path: filepath.Join(dir, "huikuan.yaml"), Env: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(t.Context(), cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	e := &ledgerEditor{t: t, a: a, r: rand.New(rand.NewPCG(8, 8))}
	build := func() BuildReport {
		r, err := a.Build(t.Context(), BuildOptions{AsOf: time.Date(2024, 3, 3, 0, 0, 0, 0, time.UTC), MetricsOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	switch step {
	case "fill": // built, and changed since
		for range 20 {
			e.invoice()
		}
		build()
		for _, kind := range []int{1, 2, 4, 6, 8, 9, 10, 12} {
			e.edit(kind)
		}
	case "build":
		fmt.Printf("full: %s\n", build().FullBecause)
	case "show":
		tables := e.tables()
		for name := range tables {
			if strings.HasPrefix(name, "build_state") {
				continue // compared with a full build's elsewhere
			}
			fmt.Printf("%s %q\n", name, tables[name])
		}
	}
}

// process begins a step in a process of its own.
func process(step, dir string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestAProcessThatIsKilled$", "-test.count=1")
	cmd.Env = append(os.Environ(), killedStep+"="+step+" "+dir)
	out := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	return cmd, out
}

func completed(t *testing.T, step, dir string) string {
	t.Helper()
	cmd, out := process(step, dir)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", step, err, out)
	}
	return out.String()
}

// shown are the tables of a folder, without what differs from process to process.
func shown(t *testing.T, dir string) []string {
	t.Helper()
	rows := slices.DeleteFunc(strings.Split(completed(t, "show", dir), "\n"), func(line string) bool { return !strings.Contains(line, ` "`) })
	slices.Sort(rows)
	return rows
}

// A build of changed customers that is killed at any moment leaves the tables of
// one that was left alone, and the next one goes on from changed customers too.
func TestKilledInABuildOfChangedCustomersTheTablesAreThoseOfAnUndisturbedRun(t *testing.T) {
	if testing.Short() {
		t.Skip("kills real processes; not in short mode")
	}
	dirs := []string{t.TempDir(), t.TempDir()}
	if err := os.WriteFile(filepath.Join(dirs[0], "huikuan.yaml"), []byte("data: data\nreporting_currency: CNY\nbuild: {daily_days: 5}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	completed(t, "fill", dirs[0])
	if out, err := exec.Command("cp", "-a", dirs[0]+"/.", dirs[1]).CombinedOutput(); err != nil { // symbolic links included, which os.CopyFS refuses
		t.Fatalf("copy the warehouse: %v %s", err, out)
	}
	begin := time.Now()
	if out := completed(t, "build", dirs[0]); !strings.Contains(out, "full: \n") {
		t.Fatalf("the build was no build of changed customers: %s", out)
	}
	takes := time.Since(begin)
	kills := 0
	for n := range 5 { // spread over the build, the last ones near its end, where tables are exchanged
		cmd, _ := process("build", dirs[1])
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(takes*time.Duration(n+3)/8, func() { _ = cmd.Process.Signal(syscall.SIGKILL) })
		_ = cmd.Wait()
		timer.Stop()
		if cmd.ProcessState.ExitCode() == -1 {
			kills++
		}
	}
	if kills == 0 {
		t.Error("no build was killed before its end")
	}
	if out := completed(t, "build", dirs[1]); !strings.Contains(out, "full: \n") {
		t.Errorf("the build after the kills was full: %s", out)
	}
	want, got := shown(t, dirs[0]), shown(t, dirs[1])
	if len(want) < 20 || !slices.Equal(got, want) {
		t.Errorf("%d tables after %d kills, want %d\n%s", len(got), kills, len(want), difference(strings.Join(got, "\n"), strings.Join(want, "\n")))
	}
}
