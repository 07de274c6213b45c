#!/usr/bin/env bash
# All tests, with a summary of what ran and what was skipped and why. Called by `make test`; docs/testing.md tells about it.
#
# What is fetched (by apt, npm and go) comes at the same time and while programs compile. All the rest is work for the
# processors, and stands one after another.
set -uo pipefail
cd "$(dirname "$0")/../.."
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
fail=0
started=$SECONDS
# step begins a part and tells the seconds until then: by the clock, and of processor time.
step() {
  local cpu
  times >"$log/cpu" # in a pipe it would tell of the pipe
  cpu=$(awk -F'[ms ]+' 'END { printf "%d", $1 * 60 + $2 + $3 * 60 + $4 }' "$log/cpu")
  printf '\n== %s (after %d s, %d s of processor time)\n' "$1" "$((SECONDS - started))" "$cpu"
}

deploy/ci/apt.sh >"$log/apt" 2>&1 &
apt=$!

step "the engine and the program"
make --no-print-directory -j2 setup build || exit 1

step "formatting, vet, staticcheck"
make --no-print-directory lint || fail=1

# The sql connector is tested against real servers, the report in a real browser, a connector beside a real Tryton. Without
# them those tests are skipped, and the summary says so.
step "what the tests use beside Go and Node"
wait "$apt"
cat "$log/apt"
grep -q '^tryton: installed' "$log/apt" && export HUIKUAN_TRYTON=installed

# -trimpath as `make build` has it, so that what it compiled serves here; vet has run; no symbols to link.
export HUIKUAN_TEST_ROOT=$PWD HUIKUAN_TEST_TIMES=$log/times
flags=(-trimpath -vet=off -ldflags '-s -w' -exec "$PWD/deploy/ci/measured.sh")

# The packages that share state between goroutines. Their tests run once, under the race detector, which costs
# them less than a second run without it: the engine is the most of them. load/embedded is not among them, for
# the program that is shipped has no cgo, and the detector needs it.
racing="extract|load|sql|internal/pipeline|internal/progress|transform/mapping"
# Processes that are killed tell nothing about races: that test runs without the detector.
killing='^(TestKilledInABuildOfChangedCustomers.*|TestAProcessThatIsKilled)$'
# These are tested without it and once more in short with it.
also=(./load/embedded ./transform/metrics)
# The longest begin first, so that none runs alone at the end.
longest="cmd/huikuan|internal/systems|dashboards|internal/faults/dolibarr|internal/pipeline"

all=$(go list ./...) || fail=1
all=$(grep -E "^[^/]+/($longest)\$" <<<"$all"; grep -vE "^[^/]+/($longest)\$" <<<"$all")
raced=""
packages=$all
if command -v gcc >/dev/null 2>&1; then
  raced=$(grep -E "^[^/]+/($racing)\$" <<<"$all")
  packages=$(grep -vE "^[^/]+/($racing)\$" <<<"$all")
else
  echo "the race detector is left out: it needs a C compiler and apt could not install one; every test runs without it"
fi

# raced_tests runs the tests under the race detector; what it prints is for the end.
raced_tests() {
  local failed=0
  export HUIKUAN_TEST_RACE=yes CGO_ENABLED=1
  # shellcheck disable=SC2086
  go test "${flags[@]}" -race -skip "$killing" -timeout 20m -json $raced >"$log/race" 2>&1 || failed=1
  go test "${flags[@]}" -race -short -timeout 15m "${also[@]}" >"$log/short" 2>&1 ||
    { failed=1; grep -v '^ok\|no test files' "$log/short" | tail -60; }
  echo "$(($(grep -c '"Action":"pass","Package":"[^"]*","Elapsed"' "$log/race") + $(grep -c '^ok' "$log/short"))) packages clean under the race detector"
  return "$failed"
}

# Both at the same time: many tests wait for another process or a timeout, and the longest package of one is long done
# when that of the other ends.
step "tests, with and without the race detector"
logs=("$log/plain")
if [ -n "$raced" ]; then
  raced_tests >"$log/raced" 2>&1 &
  race=$!
  logs+=("$log/race")
fi
# shellcheck disable=SC2086
go test "${flags[@]}" -timeout 20m -json $packages >"$log/plain" 2>&1 || fail=1
if [ -n "$raced" ]; then
  go test "${flags[@]}" -run "$killing" -timeout 10m -json ./internal/pipeline >>"$log/plain" 2>&1 || fail=1
fi
echo "without it: done after $((SECONDS - started)) s"
if [ -n "$raced" ]; then
  wait "$race" || fail=1
  cat "$log/raced"
fi

step "summary"
echo "seconds by the clock and of processor time, of the packages that used most of it:"
sort -k2,2nr "$log/times" | head -15 | awk '{ printf "%8.1f %8.1f  %s\n", $1, $2, $3 " " $4 }'
go run -trimpath ./internal/testsummary "${logs[@]}" || fail=1

step "all of it"
exit "$fail"
