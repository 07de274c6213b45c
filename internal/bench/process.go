package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// usage is what a process took, by the account of the operating system.
type usage struct {
	wall, cpu time.Duration // cpu: user and system time of all its threads
	peak      int64         // bytes of memory at most
}

// run runs a process to its end and returns what it took and printed.
func run(ctx context.Context, name string, args ...string) (usage, string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return usage{}, "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, errs.String())
	}
	u := usage{wall: time.Since(begin), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	u.peak = cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss * 1024 // kilobytes on Linux
	return u, out.String(), nil
}

// self runs this command again in a process of its own.
func self(ctx context.Context, args ...string) (usage, string, error) {
	path, err := os.Executable()
	if err != nil {
		return usage{}, "", err
	}
	return run(ctx, path, args...)
}

// medianOf runs a measurement several times and takes the median of each of its figures.
func medianOf(runs int, measure func() (usage, error)) (usage, error) {
	var wall, cpu []time.Duration
	var peak []int64
	for range runs {
		u, err := measure()
		if err != nil {
			return usage{}, err
		}
		wall, cpu, peak = append(wall, u.wall), append(cpu, u.cpu), append(peak, u.peak)
	}
	return usage{median(wall), median(cpu), median(peak)}, nil
}

func megabytes(bytes int64) string { return fmt.Sprintf("%d MB", (bytes+500_000)/1_000_000) }

// api is the load generator, running in a process of its own. It makes pages as
// they are asked for.
type api struct {
	url, key, secret string
	stop             func()
}

func (b *bench) serve(ctx context.Context, invoices int, latency time.Duration) (api, error) {
	cmd := exec.CommandContext(ctx, b.binary, "bench-server", "--invoices", fmt.Sprint(invoices), "--latency", latency.String())
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return api{}, err
	}
	if err := cmd.Start(); err != nil {
		return api{}, fmt.Errorf("start %s: %w; run `make build` first", b.binary, err)
	}
	a := api{stop: func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		a.stop()
		return api{}, fmt.Errorf("read the load generator's address: %w", err)
	}
	_, err = fmt.Sscan(line, &a.url, &a.key, &a.secret)
	return a, err
}
