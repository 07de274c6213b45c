package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"huikuan/config"
	"huikuan/internal/pipeline"
)

// instance is one warehouse with its configuration, worked on by processes.
type instance struct {
	t   *testing.T
	dir string
	env []string
}

func newInstance(t *testing.T, config string, env ...string) *instance {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "huikuan.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return &instance{t: t, dir: dir, env: append([]string{"HUIKUAN_LIBCHDB=" + library(t), "PATH=" + os.Getenv("PATH"), "HOME=" + dir}, env...)}
}

func (i *instance) command(args ...string) *exec.Cmd {
	config := filepath.Join(i.dir, "huikuan.yaml")
	cmd := exec.Command("huikuan", append([]string{"-q", "-c", config}, args...)...)
	if args[0] == buildAFew {
		cmd = exec.Command(buildAFew, config, args[1])
	}
	cmd.Env = i.env
	return cmd
}

func (i *instance) run(args ...string) string {
	i.t.Helper()
	cmd := i.command(args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		i.t.Fatalf("huikuan %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	return string(out)
}

// content is every table's rows, without what differs from run to run: the runs'
// own tables, the state of builds, what is kept of loads and builds that happened
// more often ([instance.kept]), and what the engine was making of a view when it
// was killed, which a later start removes.
func (i *instance) content() map[string]string {
	i.t.Helper()
	var each []string
	for _, table := range strings.Fields(i.run("query", "--format", "csv", `
		SELECT name FROM system.tables
		WHERE database = currentDatabase() AND name NOT LIKE '%\\_docs' AND name NOT LIKE 'ops\\_%' AND name NOT LIKE 'raw\\_%' AND name NOT LIKE '\\_tmp\\_replace\\_%'
			AND name NOT LIKE '%\\_\\_base' AND name NOT LIKE 'document\\_%' AND name NOT IN ('build_state', 'cash_forecast_ledger')
		ORDER BY name`))[1:] {
		each = append(each, fmt.Sprintf("SELECT '%[1]s' AS name, count() AS n, sum(cityHash64(toString(tuple(* EXCEPT('^(_.*|run_id|rejected_at|resolved_at|recorded_at|known_at|page|page_version)$'))))) AS digest FROM `%[1]s`", table))
	}
	out := map[string]string{}
	for _, line := range strings.Split(i.run("query", "--format", "csv", strings.Join(each, " UNION ALL ")), "\n")[1:] {
		table, digest, _ := strings.Cut(line, ",")
		out[table] = digest
	}
	return out
}

// kept looks at what only grows: pages read again are no new versions of their
// documents, and each forecast that was published is there once and whole.
func (i *instance) kept() {
	i.t.Helper()
	for what, query := range map[string]string{
		"documents with several contents":      "SELECT count() AS n FROM (SELECT 1 FROM document_versions GROUP BY source, stream, document_id, instalment_seq HAVING count() > 1)",
		"forecasts unlike the one that serves": "SELECT countIf((n, total) != (SELECT count(), sum(expected_rc) FROM cash_forecast)) + (count() = 0) AS wrong FROM (SELECT count() AS n, sum(expected_rc) AS total FROM cash_forecast_ledger GROUP BY build_id)",
	} {
		if got := strings.Fields(i.run("query", "--format", "csv", query)); len(got) != 2 || got[1] != "0" {
			i.t.Errorf("%s after the kills: %v", what, got)
		}
	}
}

// buildAFew is a process that does what `huikuan build` does, with a dozen models:
// views, tables on views, tables on tables. Eighty are only more of the same, and
// take five times as long to be killed in.
const buildAFew = "huikuan-build-a-few"

func aFewModels(path, day string) int {
	cfg, err := config.Load(config.Options{Path: path})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	asOf, err := time.Parse(time.DateOnly, day)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	ctx := context.Background()
	a, err := pipeline.Open(ctx, cfg, pipeline.Options{})
	if err == nil {
		_, err = a.Build(ctx, pipeline.BuildOptions{AsOf: asOf, Select: pipeline.ModelSelection{Models: []string{"+worklist", "top_exposures", "overdue_by_customer"}}})
		err = errors.Join(err, a.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

const demoSources = `
data: data
reporting_currency: CNY
sync: {batch_rows: 500}
sources:
  - name: erp
    connector: erpnext
    settings: {url: "%s", api_key: "%s", api_secret: "%s", timezone: Asia/Shanghai}
  - name: crm
    connector: hubspot
    settings: {url: "%s", token: "%s", timezone: Asia/Shanghai}
`

// A process that is killed at any moment, twenty times and more, and started
// again each time, leaves the tables of one that was left alone.
func TestKilledAtAnyMomentTheTablesAreThoseOfAnUndisturbedRun(t *testing.T) {
	if testing.Short() {
		t.Skip("kills real processes for about a minute; not in short mode")
	}
	company, servers := small(t, 0)
	config := fmt.Sprintf(demoSources, servers.ERPURL, servers.ERPKey, servers.ERPSecret, servers.CRMURL, servers.CRMToken)
	asOf := company.End().String()

	calm := newInstance(t, config)
	begin := time.Now()
	calm.run("sync")
	syncTime := time.Since(begin)
	begin = time.Now()
	calm.run(buildAFew, asOf)
	buildTime := time.Since(begin)
	want := calm.content()

	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d; an undisturbed sync took %s, a build %s", seed, syncTime, buildTime)
	rnd := rand.New(rand.NewPCG(seed, 1))
	hurt := newInstance(t, config)
	kills := hurt.killUntilDone(rnd, syncTime, 12, "sync")
	kills += hurt.killUntilDone(rnd, buildTime, 8, buildAFew, asOf)
	t.Logf("killed %d times", kills)
	if kills < 20 {
		t.Errorf("only %d processes were killed before their end", kills)
	}
	got := hurt.content()
	for table, w := range want {
		if got[table] != w {
			t.Errorf("%s differs after the kills:\n got %s\nwant %s", table, got[table], w)
		}
	}
	hurt.kept()
	if len(got) != len(want) {
		t.Errorf("%d tables after the kills, want %d", len(got), len(want))
	}
	if len(want) < 30 || !strings.Contains(want["invoices"], ",") || strings.HasPrefix(want["worklist"]+"0,", "0,") {
		t.Errorf("too little was compared: %v", want)
	}
}

// killUntilDone starts the command and kills it after a random part of the time
// it takes, until n were killed before their end; then it lets one end. A process
// that ends before it is killed tells how little there was left to do.
func (i *instance) killUntilDone(rnd *rand.Rand, takes time.Duration, n int, args ...string) (kills int) {
	i.t.Helper()
	for attempts := 0; kills < n && attempts < 4*n; attempts++ {
		cmd := i.command(args...)
		begin := time.Now()
		if err := cmd.Start(); err != nil {
			i.t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(rnd.Int64N(int64(takes))), func() { _ = cmd.Process.Signal(syscall.SIGKILL) })
		_ = cmd.Wait() // killed, or done before its time
		timer.Stop()
		if cmd.ProcessState.ExitCode() == -1 {
			kills++
		} else {
			takes = min(takes, time.Since(begin))
		}
	}
	i.run(args...)
	return kills
}
