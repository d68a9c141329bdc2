#!/usr/bin/env bash
# Installs the servers that the tests start, from the packages of Debian: PostgreSQL and MariaDB.
# They are neither started nor configured here; if they are installed already, nothing is done.
set -euo pipefail

missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
{ command -v mariadbd || [ -x /usr/sbin/mariadbd ]; } >/dev/null || missing+=(mariadb-server)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "The tests need ${missing[*]}: install them (Debian: apt-get install ${missing[*]})." >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
# The packages would start a server of their own on the default port: this prevents it during the installation.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
