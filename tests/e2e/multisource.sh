#!/usr/bin/env bash
# multisource.sh: Applications of several sources (test_multisource.py): of this repository, of others,
# of charts, with value files of each; with the helm in PATH when it is version 3, else with a stand-in.
# RECKON, RECKON_ENGINE: the programs; PY: the Python.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export RECKON=${RECKON:-$here/../../build/reckon}
export RECKON_ENGINE=${RECKON_ENGINE:-$(dirname "$RECKON")/reckon-engine}
for program in "$RECKON" "$RECKON_ENGINE"; do
    [ -x "$program" ] || { echo "multisource.sh: $program is not built"; exit 77; }
done
exec "${PY:-/usr/bin/python3}" "$here/test_multisource.py" "$@"
