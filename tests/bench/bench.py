#!/usr/bin/python3
"""bench.py [--build DIR] [--rounds PART] [--json FILE] [--cluster real|sandbox] [PART...]

How fast and how small Reckon is, beside what a user would run instead, in one interleaved run. Without
a part: all of them. README.md of this folder says what each part does.
"""
import argparse
import functools
import json
import os
import signal
import subprocess
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

import console   # noqa: E402
import live      # noqa: E402
import many      # noqa: E402
import offline   # noqa: E402
from measure import Table  # noqa: E402

PARTS = {
    "start": offline.start,
    "render": offline.render,
    "new": live.new,
    "commit": live.commit,
    "drift": live.drift,
    "memory": live.memory,
    "incident": live.incident,
    "idle": live.idle,
    "many": many.many,
    "console": console.console,
}


class Bench:
    def __init__(self, args):
        build = os.path.abspath(args.build)
        self.table = Table()
        self.reckon = build + "/reckon"
        self.engine = build + "/reckon-engine"
        self.tools = build + "/bench"
        self.share = args.rounds
        self.clusters = args.cluster.split(",")
        self.applications = args.applications
        self.beforehand = args.namespaces == "beforehand"
        self.worlds = {}

    @functools.cached_property
    def kubectl(self):
        return os.path.join(kube_programs(), "kubectl")

    def rounds(self, n):
        return max(2, round(n * self.share))


def kube_programs():
    out = subprocess.run([ROOT + "/tests/kube/kube", "bin"], stdout=subprocess.PIPE, text=True,
                         check=True)
    return out.stdout.strip()


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("parts", nargs="*", metavar="PART", help=" ".join(PARTS))
    p.add_argument("--build", default=ROOT + "/build")
    p.add_argument("--rounds", type=float, default=1.0, help="0.5: half as many of each")
    p.add_argument("--cluster", default="real,sandbox", help="for the parts with an engine")
    p.add_argument("--applications", type=int, default=100, help="of the part many")
    p.add_argument("--namespaces", choices=("engine", "beforehand"), default="engine",
                   help="who makes an application's namespace: its CreateNamespace=true, or this script")
    p.add_argument("--json", help="write the rows there, too")
    args = p.parse_args()
    for part in args.parts:
        if part not in PARTS:
            p.error(f"no part {part}; there are: {' '.join(PARTS)}")
    return args


def main():
    args = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))     # what was started is stopped, too
    bench = Bench(args)
    failed = []
    try:
        for part in args.parts or PARTS:
            try:
                PARTS[part](bench)
            except Exception:  # one part that breaks must not hide the others
                failed.append(part)
                traceback.print_exc()
    finally:
        for world in bench.worlds.values():
            world.stop()
    rows = bench.table.rows
    over = [row["what"].strip() for row in rows if row["ok"] is False]
    checked = sum(row["ok"] is not None for row in rows)
    print(f"\n{checked - len(over)} of {checked} budgets held; over: {'; '.join(over) or 'none'}")
    if failed:
        print(f"parts that broke: {' '.join(failed)}")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(rows, f, indent=1)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
