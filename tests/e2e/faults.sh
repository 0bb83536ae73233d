#!/bin/bash
# faults.sh: what must hold when something else fails: clusters, disks, clients, sockets, and the
# engine itself, killed at every point of an operation. RECKON_KILL_POINTS=N: more of them (14).
cd "$(dirname "$0")" || exit 2
exec "${PY:-/usr/bin/python3}" -W ignore::ResourceWarning -m unittest "$@" test_faults test_crash
