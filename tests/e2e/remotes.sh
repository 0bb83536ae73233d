#!/usr/bin/env bash
# remotes.sh: bases in other repositories (test_remotes.py): by branch, tag and commit, over file://
# and git://, moved, away, hanging, killed in between. RECKON, RECKON_ENGINE: the programs; PY: the
# Python.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export RECKON=${RECKON:-$here/../../build/reckon}
export RECKON_ENGINE=${RECKON_ENGINE:-$(dirname "$RECKON")/reckon-engine}
for program in "$RECKON" "$RECKON_ENGINE"; do
    [ -x "$program" ] || { echo "remotes.sh: $program is not built"; exit 77; }
done
exec "${PY:-/usr/bin/python3}" "$here/test_remotes.py" "$@"
