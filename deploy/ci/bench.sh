#!/usr/bin/env bash
# The figures of the README, each with the command that makes it. Called by `make bench`, which has set up libchdb and built bin/huikuan.
# usage: deploy/ci/bench.sh [runs]     (default 3; the median is printed)
set -euo pipefail
cd "$(dirname "$0")/../.."
go run ./internal/bench -runs "${1:-3}"
go test -run '^$' -bench 'BenchmarkERPNextInvoices' -benchtime 2s ./transform/mapping | grep -E 'Benchmark|cpu:'
go test -run '^$' -bench 'BenchmarkKeysetPages|BenchmarkCSV' -benchtime 2s ./extract | grep Benchmark
