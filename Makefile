# Two commands do everything on a fresh machine with Go, Node with npm and apt:
#   make demo   sets up what is missing, runs the main job end to end, shows the result
#   make test   all tests
SHELL := /bin/bash
export CGO_ENABLED := 0

GOFILES := $(shell find . -name '*.go' -not -path './node_modules/*')
LDFLAGS := -s -w
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.1

.PHONY: all setup build demo test race lint bench clean

all: build

# The embedded engine, libchdb, pinned with its hash in package-lock.json.
setup: node_modules/.package-lock.json

node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

build: bin/huikuan

bin/huikuan: $(GOFILES) go.mod go.sum $(shell find extract sql dashboards config -type f -not -name '*.go' 2>/dev/null)
	go build -trimpath -ldflags '$(LDFLAGS)' -o $@ ./cmd/huikuan

demo: setup build
	bin/huikuan demo

# Sets up and builds; vet, formatting, staticcheck; every test, those of packages with goroutines under the race detector.
test:
	deploy/ci/test.sh

lint:
	@test -z "$$(gofmt -l $(GOFILES))" || { echo "not gofmt-clean:"; gofmt -l $(GOFILES); exit 1; }
	go vet -trimpath ./...
	go run -trimpath $(STATICCHECK) ./...

bench: setup build
	deploy/ci/bench.sh

clean:
	rm -rf bin demo
