#!/usr/bin/env bash
# A real Tryton 6.0 from Debian's packages, for the tests of the tryton connector.
#
#   tryton.sh missing          lists the packages that are not installed, one a line
#   tryton.sh install          installs what is missing with apt (as root or with sudo -n)
#   tryton.sh create DIR       makes DIR/tryton.sqlite with the modules that the connector reads; about 35 s.
#                              The file can be copied: each test starts from its own copy
#   tryton.sh serve DIR        serves DIR/tryton.sqlite on a free port of loopback: the first line on standard
#                              output is the address of the database, then trytond runs until it is killed
#
# TRYTON_PASSWORD is the password that `create` gives to the user admin.
# Exit status: 0 done, 2 wrong use, 3 there is no apt, 4 apt refuses or lacks a package, 5 Tryton fails.
set -uo pipefail

packages=(tryton-server tryton-modules-account-invoice tryton-modules-account-credit-limit tryton-proteus)
modules=(account_invoice account_credit_limit)

give_up() {
  printf 'tryton.sh: %s\n' "$2" >&2
  exit "$1"
}

missing() {
  local p
  for p in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q '^install ok installed$' || echo "$p"
  done
}

install() {
  local missing=()
  mapfile -t missing < <(missing)
  [ "${#missing[@]}" = 0 ] && return
  command -v apt-get >/dev/null 2>&1 || give_up 3 "there is no apt-get here, so Tryton's Debian packages cannot be installed"
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120)
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null 2>&1 && return
  "${apt[@]}" update >/dev/null 2>&1 || give_up 4 "apt-get update fails, as user $(id -un)"
  local answer
  answer=$("${apt[@]}" install -y --no-install-recommends "${missing[@]}" 2>&1) ||
    give_up 4 "apt-get cannot install ${missing[*]}: $(grep -m1 '^E:' <<<"$answer" || tail -1 <<<"$answer")"
}

# configure writes trytond's configuration for the database in $1; $2 is the address it listens on.
configure() {
  cat >"$1/trytond.conf" <<CONF
[database]
uri = sqlite://
path = $1
[web]
listen = $2
[session]
timeout = 600
CONF
}

create() {
  [ -n "${TRYTON_PASSWORD:-}" ] || give_up 2 "set TRYTON_PASSWORD to the password that admin is to have"
  mkdir -p "$1" || give_up 5 "cannot make the folder $1"
  configure "$1" 127.0.0.1:0
  secret=$(mktemp) && log=$(mktemp) || exit 5 # global: the trap runs when the function is done
  trap 'rm -f "$secret" "$log"' EXIT
  printf '%s\n' "$TRYTON_PASSWORD" >"$secret"
  : >"$1/tryton.sqlite" # trytond-admin fills an empty file, it does not make one
  local admin=(trytond-admin -c "$1/trytond.conf" -d tryton)
  TRYTONPASSFILE="$secret" "${admin[@]}" --all --email admin@example.com >"$log" 2>&1 ||
    give_up 5 "trytond-admin cannot make the database: $(tail -1 "$log")"
  "${admin[@]}" -u "${modules[@]}" --activate-dependencies >"$log" 2>&1 ||
    give_up 5 "trytond-admin cannot activate ${modules[*]}: $(tail -1 "$log")"
}

serve() {
  [ -s "$1/tryton.sqlite" ] || give_up 2 "there is no $1/tryton.sqlite; make it with: tryton.sh create $1"
  local port
  port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])') ||
    give_up 5 "python3 finds no free port"
  configure "$1" "127.0.0.1:$port"
  printf 'http://127.0.0.1:%s/tryton/\n' "$port"
  exec trytond -c "$1/trytond.conf" -d tryton >"$1/trytond.log" 2>&1
}

case "${1:-} $#" in
"missing 1") missing ;;
"install 1") install ;;
"create 2") create "$(realpath -m "$2")" ;;
"serve 2") serve "$(realpath -m "$2")" ;;
*) give_up 2 "use tryton.sh missing | install | create DIR | serve DIR" ;;
esac
