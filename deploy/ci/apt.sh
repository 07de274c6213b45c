#!/usr/bin/env bash
# Installs with apt what the tests need beside Go and Node, as root or with sudo -n: real databases for the sql connector, a browser
# for the report, Tryton, and a C compiler for the race detector. What cannot be installed leaves tests that are skipped and say so.
# usage: apt.sh      prints a line for each thing: where it is, or why it is missing; exit status 0 always
set -uo pipefail
cd "$(dirname "$0")/../.."

has() { command -v "$1" >/dev/null 2>&1; }
found() { command -v "$1" || ls /usr/sbin/"$1" /usr/lib/postgresql/*/bin/"$1" 2>/dev/null | tail -1; }
browser() { found chromium || found chromium-browser || found google-chrome; }

missing=()
[ -n "$(found postgres)" ] || missing+=(postgresql)
[ -n "$(found mariadbd)" ] || missing+=(mariadb-server-core mariadb-client-core)
[ -n "$(browser)" ] || missing+=(chromium fonts-noto-cjk)
has gcc || missing+=(gcc libc6-dev)
mapfile -t tryton < <(deploy/ci/tryton.sh missing 2>/dev/null)

if [ $((${#missing[@]} + ${#tryton[@]})) -gt 0 ] && has apt-get; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  apt=(timeout 400 "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0)
  install=("${apt[@]}" install -y --no-install-recommends)
  # All at once is quickest; where one of them is unknown to apt, the rest is installed without it.
  { "${apt[@]}" update && { "${install[@]}" "${missing[@]}" "${tryton[@]}" || for p in "${missing[@]}"; do "${install[@]}" "$p"; done; }; } >/dev/null 2>&1
fi

for what in postgres mariadbd gcc; do
  path=$(found "$what")
  echo "$what: ${path:-not installed}"
done
path=$(browser)
echo "browser: ${path:-not installed}"
if reason=$(deploy/ci/tryton.sh install 2>&1); then
  echo "tryton: installed; the tests start it"
else
  echo "tryton: not installed: $reason"
fi
