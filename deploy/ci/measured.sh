#!/usr/bin/env bash
# Runs a test binary for `go test -exec` and appends a line to $HUIKUAN_TEST_TIMES (else to standard error): seconds by the clock, seconds of processor time
# (its own and that of the processes it waited for), the package's folder, with "race" after it where the detector is on.
exec 3>&2
TIMEFORMAT='%R %U %S'
{ took=$({ time "$@" >&4 2>&3; } 2>&1); } 4>&1
status=$?
read -r wall user system <<<"$took"
awk -v w="$wall" -v u="$user" -v s="$system" -v p="${PWD#"$HUIKUAN_TEST_ROOT"/}${HUIKUAN_TEST_RACE:+ (race)}" \
  'BEGIN { printf "%.1f %.1f %s\n", w, u + s, p }' >>"${HUIKUAN_TEST_TIMES:-/dev/stderr}"
exit "$status"
