#!/usr/bin/env bash
# All tests, with a summary of what ran and what was skipped and why.
# Called by `make test`, which has set up libchdb and built bin/huikuan.
set -uo pipefail
cd "$(dirname "$0")/../.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
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

step "tests"
go test -timeout 20m -json ./... >"$log" 2>&1 || fail=1
go run ./internal/testsummary "$log" || fail=1

step "race detector, packages with goroutines"
if ! command -v gcc >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
  { $as_root apt-get -qq update && $as_root apt-get -qq install -y gcc libc6-dev; } >/dev/null 2>&1
fi
if command -v gcc >/dev/null 2>&1; then
  CGO_ENABLED=1 go test -race -short -timeout 15m \
    ./extract/... ./load/... ./transform/metrics/... ./transform/mapping/... ./internal/pipeline/... ./internal/progress/... ./sql/... \
    >"$log" 2>&1 || { fail=1; grep -v '^ok\|no test files' "$log" | tail -60; }
  grep -c '^ok' "$log" | sed 's/$/ packages clean under the race detector/'
else
  echo "skipped: the race detector needs a C compiler and apt could not install one"
fi

printf '\nall of it took %d s\n' "$((SECONDS - started))"
exit "$fail"
