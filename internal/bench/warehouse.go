package main

import (
	"context"
	"os"

	"huikuan/load"
	"huikuan/load/embedded"
)

// freshWarehouse starts an engine on a folder of its own and opens its
// warehouse, which has no tables yet. end closes both and removes the folder.
func freshWarehouse(ctx context.Context) (srv *embedded.Server, wh *load.Warehouse, end func(), err error) {
	dir, err := os.MkdirTemp("", "huikuan-bench-")
	if err != nil {
		return nil, nil, nil, err
	}
	end = func() {
		if wh != nil {
			_ = wh.Close()
		}
		if srv != nil {
			_ = srv.Close()
		}
		_ = os.RemoveAll(dir)
	}
	if srv, err = embedded.Start(ctx, embedded.Options{Path: dir}); err != nil {
		end()
		return nil, nil, nil, err
	}
	user, password := srv.Credentials()
	if wh, err = load.Open(ctx, load.Options{URL: "http://" + srv.Addr() + "/huikuan", Dial: srv.Dial, User: user, Password: password}); err != nil {
		end()
		return nil, nil, nil, err
	}
	return srv, wh, end, nil
}
