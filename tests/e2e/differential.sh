#!/bin/bash
# differential.sh: random kustomizations for 25 seconds, `reckon render` against kubectl v1.35's
# kustomize; skipped where that is not. A seed that differs is printed with its smallest tree.
set -u
cd "$(dirname "$0")/../.." || exit 2
exec "${PY:-/usr/bin/python3}" tests/differential/differential.py --seconds 25
