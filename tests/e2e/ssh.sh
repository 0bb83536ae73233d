#!/usr/bin/env bash
# ssh.sh: a repository behind a real sshd and behind git daemon, and an engine that is reached by
# `reckon --host` (test_ssh.py). Skipped where there is no sshd: its package would start a server,
# so `make check` does not install it; tests/deps ci does.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ -x /usr/sbin/sshd ] || { echo "no /usr/sbin/sshd (Debian's package openssh-server)"; exit 77; }
exec "${PY:-/usr/bin/python3}" "$here/test_ssh.py"
