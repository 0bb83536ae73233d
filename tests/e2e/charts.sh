#!/usr/bin/env bash
# charts.sh: Helm charts that applications take (test_charts.py): of the repository, fetched, pinned,
# followed, refused by name; with the helm program in PATH when it is version 3, else with a stand-in.
# RECKON, RECKON_ENGINE: the programs; PY: the Python.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export RECKON=${RECKON:-$here/../../build/reckon}
export RECKON_ENGINE=${RECKON_ENGINE:-$(dirname "$RECKON")/reckon-engine}
for program in "$RECKON" "$RECKON_ENGINE"; do
    [ -x "$program" ] || { echo "charts.sh: $program is not built"; exit 77; }
done
exec "${PY:-/usr/bin/python3}" "$here/test_charts.py" "$@"
