#!/usr/bin/env bash
# All tests, with a summary of what ran and what was skipped and why.
# Called by `make test`, which has set up libchdb and built bin/huikuan.
set -uo pipefail
cd "$(dirname "$0")/../.."
log=$(mktemp)
trap 'rm -f "$log" "$log.race" "$log.short"' EXIT
fail=0
started=$SECONDS
step() { printf '\n== %s (after %d s)\n' "$1" "$((SECONDS - started))"; }

step "formatting, vet, staticcheck"
make --no-print-directory lint || fail=1

# The sql connector is tested against real servers, the report in a real browser. Without them those tests are
# skipped, and the summary says so.
step "databases and a browser for the tests"
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
missing=""
command -v postgres >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="postgresql"
command -v mariadbd >/dev/null 2>&1 || [ -x /usr/sbin/mariadbd ] || missing="$missing mariadb-server-core mariadb-client-core"
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing="$missing chromium fonts-noto-cjk"
if [ -n "$missing" ] && command -v apt-get >/dev/null 2>&1; then
  apt="timeout 300 $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120"
  # shellcheck disable=SC2086
  { $apt update; $apt install -y --no-install-recommends $missing; } >/dev/null 2>&1 || echo "apt could not install:$missing"
fi
for server in postgres mariadbd; do
  path=$(command -v "$server" || ls /usr/sbin/"$server" /usr/lib/postgresql/*/bin/"$server" 2>/dev/null | tail -1)
  echo "$server: ${path:-not installed}"
done

step "a real Tryton, which the connector is compared with"
if reason=$(deploy/ci/tryton.sh install 2>&1); then
  export HUIKUAN_TRYTON=installed
  echo "installed; the tests start it"
else
  echo "skipped: $reason"
fi

# -trimpath as `make build` has it, so that what it compiled serves here; vet has run; no symbols to link.
flags=(-trimpath -vet=off -ldflags '-s -w')

# The packages that share state between goroutines. Their tests run once, under the race detector, which costs
# them less than a second run without it: the engine is the most of them. load/embedded is not among them, for
# the program that is shipped has no cgo, and the detector needs it.
racing="extract|load|internal/pipeline|internal/progress|transform/mapping"
# These are tested without it and once more in short with it.
also=(./load/embedded ./sql ./transform/metrics)

step "a C compiler for the race detector"
if ! command -v gcc >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
  { $as_root apt-get -qq update && $as_root apt-get -qq install -y gcc libc6-dev; } >/dev/null 2>&1
fi
packages=$(go list ./...) || fail=1
raced=""
if command -v gcc >/dev/null 2>&1; then
  raced=$(grep -E "^[^/]+/($racing)\$" <<<"$packages")
  packages=$(grep -vE "^[^/]+/($racing)\$" <<<"$packages")
  command -v gcc
else
  echo "skipped: the race detector needs a C compiler and apt could not install one; every test runs without it"
fi

step "tests"
# shellcheck disable=SC2086
go test "${flags[@]}" -timeout 20m -json $packages >"$log" 2>&1 || fail=1

if [ -n "$raced" ]; then
  step "tests under the race detector"
  # shellcheck disable=SC2086
  CGO_ENABLED=1 go test "${flags[@]}" -race -timeout 20m -json $raced >"$log.race" 2>&1 || fail=1
  CGO_ENABLED=1 go test "${flags[@]}" -race -short -timeout 15m "${also[@]}" >"$log.short" 2>&1 ||
    { fail=1; grep -v '^ok\|no test files' "$log.short" | tail -60; }
  echo "$(($(grep -c '"Action":"pass","Package":"[^"]*","Elapsed"' "$log.race") + $(grep -c '^ok' "$log.short"))) packages clean under the race detector"
fi

step "summary"
logs=("$log")
[ -n "$raced" ] && logs+=("$log.race")
go run -trimpath ./internal/testsummary "${logs[@]}" || fail=1

printf '\nall of it took %d s\n' "$((SECONDS - started))"
exit "$fail"
