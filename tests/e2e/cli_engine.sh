#!/bin/bash
# cli_engine.sh: every verb that speaks with an engine, against a scripted one (cli_engine.py).
exec /usr/bin/python3 "$(dirname "$0")/cli_engine.py"
