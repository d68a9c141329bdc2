#!/usr/bin/env bash
# Installs the contenders of the benchmark in .venv-bench: Python packages, and the JDBC driver that Spark loads. Everything is pinned by
# hash; if the pins have not changed, nothing is done.
set -euo pipefail
cd "$(dirname "$0")/.."

pins=bench/requirements.txt
artifact=org.postgresql:postgresql:42.7.4
stamp=.venv-bench/installed.sha256

if [ -e "$stamp" ] && sha256sum --check --status "$stamp"; then exit 0; fi

for program in java mvn python3; do
  command -v "$program" >/dev/null || { echo "The bench needs $program (Debian: openjdk-17-jre-headless, maven, python3-venv)." >&2; exit 1; }
done
if ! python3 -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))'; then
  echo "The bench needs Python 3.11 or 3.12, not $(python3 --version)." >&2
  exit 1
fi

rm -rf .venv-bench
python3 -m venv .venv-bench
.venv-bench/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement "$pins"

mkdir -p .venv-bench/jars
mvn --batch-mode --quiet dependency:copy -Dartifact="$artifact" -DoutputDirectory="$PWD/.venv-bench/jars"
grep '/postgresql-' test/python/jars.sha256 | sed 's#  .*/#  .venv-bench/jars/#' | sha256sum --check --quiet

sha256sum "$pins" >"$stamp"
