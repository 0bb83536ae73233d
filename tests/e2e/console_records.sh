#!/bin/bash
# console_records.sh: history, audit, commits, matrix and log of the console on a real engine
# (test_console_records.py).
cd "$(dirname "$0")" || exit 2
/usr/bin/python3 -c 'import pyte' 2>/dev/null || { echo "python3-pyte is missing"; exit 77; }
exec "${PY:-/usr/bin/python3}" -W ignore::ResourceWarning -m unittest "$@" test_console_records
