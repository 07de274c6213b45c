package main

import (
	"context"
	"fmt"
	"os"
	"runtime/pprof"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/internal/pipeline"
	"huikuan/load"
	"huikuan/transform/behaviour"
	"huikuan/transform/bridge"
	"huikuan/transform/derive"
	"huikuan/transform/forecast"
	"huikuan/transform/history"
	"huikuan/transform/schema"
)

// derived measures the second step of a build part by part, in processor time
// of the process with the engine in it.
func (b *bench) derived(ctx context.Context) error {
	dir := b.data
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "huikuan-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	a, err := b.openBuilt(ctx, dir)
	if err != nil {
		return err
	}
	defer a.Close()
	wh := a.Warehouse()
	src := wh.Derived(func(table string) string { return table })
	stop, err := b.profiled()
	if err != nil {
		return err
	}
	defer stop()
	steps := []struct {
		name   string
		tables []schema.Table
		run    func(derive.Sink) error
	}{
		{"read the history", nil, func(derive.Sink) error { return readHistory(ctx, src, func(*history.Customer) error { return nil }) }},
		{"payment behaviour", behaviour.Tables(), func(to derive.Sink) error {
			w := behaviour.NewBuilder(to, behaviour.Options{AsOf: asOf})
			defer w.Close()
			if err := readHistory(ctx, src, func(c *history.Customer) error { return w.Add(ctx, c) }); err != nil {
				return err
			}
			return w.Finish(ctx)
		}},
		{"cash forecast", forecast.Tables(), func(to derive.Sink) error {
			f, err := forecast.NewBuilder(ctx, src, to, forecast.Options{AsOf: asOf, Currency: "CNY"})
			if err != nil {
				return err
			}
			if err := readHistory(ctx, src, func(c *history.Customer) error { return f.Add(ctx, c) }); err != nil {
				return err
			}
			return f.Finish(ctx)
		}},
		{"bridge of DSO", bridge.Tables(), func(to derive.Sink) error {
			_, err := bridge.Build(ctx, src, to, bridge.Options{Currency: "CNY"})
			return err
		}},
	}
	for _, s := range steps {
		var made, written []spent
		counted := counter{}
		for range b.runs {
			clear(counted)
			u, err := measured(func() error { return s.run(counted) })
			if err != nil {
				return err
			}
			made = append(made, u)
			if s.tables == nil {
				continue
			}
			if u, err = measured(func() error { return staged(ctx, wh, s.tables, s.run) }); err != nil {
				return err
			}
			written = append(written, u)
		}
		text := fmt.Sprintf("%s: %s", s.name, medianSpent(made))
		if written != nil {
			text += fmt.Sprintf(", with writing %s; rows %v", medianSpent(written), map[string]int64(counted))
		}
		b.figure("derived", "%s", text)
	}
	return nil
}

// profiled begins a profile of the processor, where one is asked for.
func (b *bench) profiled() (stop func(), err error) {
	if b.profile == "" {
		return func() {}, nil
	}
	f, err := os.Create(b.profile)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }, nil
}

func readHistory(ctx context.Context, src derive.Source, each func(*history.Customer) error) error {
	for c, err := range history.Read(ctx, src) {
		if err == nil {
			err = each(c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// staged runs a step into a stage that is thrown away afterwards.
func staged(ctx context.Context, wh *load.Warehouse, tables []schema.Table, run func(derive.Sink) error) error {
	st, err := wh.NewStage(ctx, fmt.Sprint(time.Now().UnixNano()), tables)
	if err != nil {
		return err
	}
	defer func() { _ = st.Abort(context.WithoutCancel(ctx)) }()
	if err := run(st); err != nil {
		return err
	}
	return st.Flush(ctx)
}

// openBuilt opens a filled warehouse whose metric tables are built; one that is
// there already is taken as it is.
func (b *bench) openBuilt(ctx context.Context, dir string) (*pipeline.App, error) {
	if _, err := os.Stat(dir + "/built"); err == nil {
		return openApp(ctx, dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	a, err := b.openFilled(ctx, dir)
	if err != nil {
		return nil, err
	}
	if _, err := a.Build(ctx, pipeline.BuildOptions{AsOf: time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC), Full: true, MetricsOnly: true}); err != nil {
		return nil, err
	}
	return a, os.WriteFile(dir+"/built", nil, 0o600)
}

// counter is a sink that counts rows by table.
type counter map[string]int64

func (c counter) Write(_ context.Context, table string, rec arrow.Record) error {
	c[table] += rec.NumRows()
	return nil
}
