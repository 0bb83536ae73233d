#!/bin/bash
# console_incident.sh: one incident on `reckon demo` in a terminal (test_console_incident.py).
cd "$(dirname "$0")" || exit 2
/usr/bin/python3 -c 'import pyte' 2>/dev/null || { echo "python3-pyte is missing"; exit 77; }
exec "${PY:-/usr/bin/python3}" -W ignore::ResourceWarning -m unittest "$@" test_console_incident
