package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const syncConfig = `
data: data
sources:
  - name: erp
    connector: erpnext
    only: [invoices]
    settings: {url: "%s", api_key: "%s", api_secret: "%s", timezone: UTC, rate: 0, page_size: 5000, invoice_fields: []}
`

// benchSync starts the load generator in a process of its own and syncs from it
// in another, whose wall time and peak memory (engine included) are measured.
func benchSync(ctx context.Context, binary string, invoices, runs int) error {
	server := exec.CommandContext(ctx, binary, "bench-server", "--invoices", fmt.Sprint(invoices))
	server.Cancel = func() error { return server.Process.Signal(syscall.SIGTERM) }
	out, err := server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return fmt.Errorf("start %s: %w; run `make build` first", binary, err)
	}
	defer func() { _ = server.Process.Kill(); _ = server.Wait() }()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("read the load generator's address: %w", err)
	}
	address := strings.Fields(line)
	var times []time.Duration
	var peaks []int64
	for range runs {
		d, rss, err := syncOnce(ctx, binary, fmt.Sprintf(syncConfig, address[0], address[1], address[2]), invoices)
		if err != nil {
			return err
		}
		times, peaks = append(times, d), append(peaks, rss)
	}
	d := median(times)
	fmt.Printf("sync    %d invoices, 5,000 a page, local API → embedded warehouse: %s, %s, peak memory %d MB (engine included)\n",
		invoices, d.Round(10*time.Millisecond), perSecond(invoices, d), median(peaks))
	return nil
}

func syncOnce(ctx context.Context, binary, config string, invoices int) (time.Duration, int64, error) {
	dir, err := os.MkdirTemp("", "huikuan-bench-")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "huikuan.yaml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		return 0, 0, err
	}
	cmd := exec.CommandContext(ctx, binary, "-q", "-c", path, "sync")
	begin := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("sync: %w\n%s", err, out)
	}
	took := time.Since(begin)
	rss := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss / 1000 // kilobytes on Linux
	out, err := exec.CommandContext(ctx, binary, "-c", path, "query", "-f", "csv", "SELECT count() FROM invoices").Output()
	if err != nil {
		return 0, 0, fmt.Errorf("count what was loaded: %w", err)
	}
	if got := strings.Fields(string(out)); len(got) != 2 || got[1] != fmt.Sprint(invoices) {
		return 0, 0, fmt.Errorf("%v invoices were loaded, want %d", got, invoices)
	}
	return took, rss, nil
}
