#!/bin/bash
# console_ends.sh: every way that the console ends, on a real engine (test_console_ends.py).
cd "$(dirname "$0")" || exit 2
/usr/bin/python3 -c 'import pyte' 2>/dev/null || { echo "python3-pyte is missing"; exit 77; }
[ -x /bin/dash ] || { echo "dash is missing"; exit 77; }
exec "${PY:-/usr/bin/python3}" -W ignore::ResourceWarning -m unittest "$@" test_console_ends
