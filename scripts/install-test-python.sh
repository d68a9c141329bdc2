#!/usr/bin/env bash
# Installs what the tests need besides Node: Python packages in .venv, and in .venv/jars the JDBC drivers that
# Spark loads. Everything is pinned by hash; if the pins have not changed, nothing is done.
set -euo pipefail
cd "$(dirname "$0")/.."

pins=test/python/requirements.txt
jars=test/python/jars.sha256
stamp=.venv/installed.sha256

if [ -e "$stamp" ] && sha256sum --check --status "$stamp"; then exit 0; fi

need() {
  command -v "$1" >/dev/null && return
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${@:2}" >/dev/null
  else
    echo "The tests need $1: install it (Debian: apt-get install ${*:2})." >&2
    exit 1
  fi
}
need java openjdk-17-jre-headless
need mvn maven
need python3 python3 python3-venv

if ! python3 -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))'; then
  echo "The tests need Python 3.10 to 3.12 (Spark 3.5 runs on no newer one), not $(python3 --version)." >&2
  exit 1
fi

rm -rf .venv
python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement "$pins"

# Maven uses its configured registry or mirror: group/name/version/file becomes group:name:version.
mkdir -p .venv/jars
while read -r _ path; do
  folder=${path%/*}
  version=${folder##*/} folder=${folder%/*}
  name=${folder##*/} group=${folder%/*}
  mvn --batch-mode --quiet dependency:copy -Dartifact="${group//\//.}:$name:$version" -DoutputDirectory="$PWD/.venv/jars"
done <"$jars"
sed 's#  .*/#  .venv/jars/#' "$jars" | sha256sum --check --quiet

sha256sum "$pins" "$jars" >"$stamp"
