#!/bin/bash
# console.sh: the console in a terminal, on a real engine (test_console*.py), and `reckon demo` in one.
cd "$(dirname "$0")" || exit 2
/usr/bin/python3 -c 'import pyte' 2>/dev/null || { echo "python3-pyte is missing"; exit 77; }
exec "${PY:-/usr/bin/python3}" -W ignore::ResourceWarning -m unittest "$@" test_console test_console_plans
