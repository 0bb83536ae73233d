#!/usr/bin/env bash
# sources.sh: what an Application says about its source (test_sources.py), each test in a world of its
# own on the sandbox. RECKON, RECKON_ENGINE: the programs; PY: the Python.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export RECKON=${RECKON:-$here/../../build/reckon}
export RECKON_ENGINE=${RECKON_ENGINE:-$(dirname "$RECKON")/reckon-engine}
for program in "$RECKON" "$RECKON_ENGINE"; do
    [ -x "$program" ] || { echo "sources.sh: $program is not built"; exit 77; }
done
exec "${PY:-/usr/bin/python3}" "$here/test_sources.py"
