package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"

	"huikuan/internal/pipeline"
	"huikuan/load"
	"huikuan/load/embedded"
)

// engineChild is this command's first argument in the process that is little
// more than the engine.
const engineChild = "engine-child"

// engineAlone gives an engine the rows of a sync, prepared beforehand as files
// of 100,000 rows, and nothing else: what it takes is the engine's own.
func (b *bench) engineAlone(ctx context.Context, server api) (usage, error) {
	dir, err := os.MkdirTemp("", "huikuan-bench-")
	if err != nil {
		return usage{}, err
	}
	defer os.RemoveAll(dir)
	if err := prepareRows(ctx, server, dir); err != nil {
		return usage{}, fmt.Errorf("prepare rows for the engine: %w", err)
	}
	return medianOf(b.runs, func() (usage, error) {
		u, _, err := self(ctx, engineChild, "-rows", dir, "-invoices", fmt.Sprint(b.invoices))
		return u, err
	})
}

// prepareRows writes the batches of all invoices into files of Arrow streams.
func prepareRows(ctx context.Context, server api, dir string) error {
	var file *os.File
	var out *ipc.Writer
	rows := int64(0)
	end := func() error {
		if out == nil {
			return nil
		}
		return errors.Join(out.Close(), file.Close())
	}
	_, _, err := readInvoices(ctx, server.settings(5000), func(rec arrow.Record) (err error) {
		if rows%load.DefaultMaxInsertRows == 0 {
			if err := end(); err != nil {
				return err
			}
			if file, err = os.Create(filepath.Join(dir, fmt.Sprintf("%09d.arrows", rows))); err != nil {
				return err
			}
			out = ipc.NewWriter(file, ipc.WithSchema(rec.Schema()))
		}
		rows += rec.NumRows()
		return out.Write(rec)
	})
	return errors.Join(err, end())
}

// runEngine is the process that is little more than the engine: it starts it,
// makes the tables, and hands file after file to it.
func runEngine(args []string) error {
	flags := flag.NewFlagSet(engineChild, flag.ExitOnError)
	rows, invoices := flags.String("rows", "", "folder of Arrow streams"), flags.Int("invoices", 0, "expected")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx := context.Background()
	srv, wh, end, err := freshWarehouse(ctx)
	if err != nil {
		return err
	}
	defer end()
	if _, err := wh.Migrate(ctx, pipeline.Tables(), nil); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(*rows, "*.arrows"))
	if err != nil {
		return err
	}
	slices.Sort(files)
	for _, file := range files {
		if err := post(ctx, srv, file); err != nil {
			return fmt.Errorf("insert %s: %w", file, err)
		}
	}
	result, err := wh.Query(ctx, "SELECT count() FROM invoices")
	if err != nil {
		return err
	}
	defer result.Close()
	if !result.Next() || fmt.Sprint(result.Row()[0]) != fmt.Sprint(*invoices) {
		return errors.Join(fmt.Errorf("the engine has not %d invoices", *invoices), result.Err())
	}
	return nil
}

// post inserts a file of invoices by plain HTTP, a piece at a time.
func post(ctx context.Context, srv *embedded.Server, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	query := url.Values{"query": {"INSERT INTO huikuan.invoices_docs FORMAT ArrowStream"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+srv.Addr()+"/?"+query.Encode(), file)
	if err != nil {
		return err
	}
	req.SetBasicAuth(srv.Credentials())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, text)
	}
	return err
}
