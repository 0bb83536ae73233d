"""Parts that need no engine: start of a program, rendering."""
import os
import subprocess

import layout
from measure import compile_empty, interleaved, median, mib, ms, scratch


def start(bench):
    t = bench.table
    t.part("start of `reckon`, an offline verb")
    empty = compile_empty(scratch("empty"))
    ours, none, kubectl = interleaved(bench.tools, bench.rounds(40), [bench.reckon, "version"],
                                      [empty], [bench.kubectl, "version", "--client"])
    above = ours.wall - none.wall
    t.row("reckon version, above an empty C program", f"+{ms(above)}", f"+{ms(kubectl.wall - none.wall)}",
          (kubectl.wall - none.wall) / max(above, 0.001), "<= 2 ms", above <= 2 and ours.status == 0,
          ours_ms=above, theirs_ms=kubectl.wall - none.wall)
    t.row("  whole process", ms(ours.wall), ms(kubectl.wall), kubectl.wall / ours.wall)
    t.row("  memory", mib(ours.memory), mib(kubectl.memory), kubectl.memory / ours.memory)


def same_bytes(bench, path):
    ours = subprocess.run([bench.reckon, "render", path], capture_output=True, check=False)
    theirs = subprocess.run([bench.kubectl, "kustomize", path], capture_output=True, check=False)
    if ours.returncode or theirs.returncode or ours.stdout != theirs.stdout:
        bench.table.note(f"{path}: the two outputs DIFFER {ours.stderr.decode()[:200]}")
        return False
    return True


def overlays(bench):
    t = bench.table
    t.part("render simple-app (9 objects an overlay)")
    root = scratch("simple")
    paths = layout.simple_app(root)
    full = [os.path.join(root, p) for p in paths]
    same = all(same_bytes(bench, p) for p in full)
    ours, kubectl, three, three_kubectl = interleaved(
        bench.tools, bench.rounds(30), [bench.reckon, "render", full[2]],
        [bench.kubectl, "kustomize", full[2]], [bench.tools + "/overlays", root, *paths],
        ["/bin/sh", "-c", "for p; do '%s' kustomize $p || exit 1; done" % bench.kubectl, "sh", *full])
    ratio = kubectl.wall / ours.wall
    t.row("one overlay, whole process", ms(ours.wall), ms(kubectl.wall), ratio, "<= 3 ms, >= 20 x",
          ours.wall <= 3 and ratio >= 20 and same, ours_ms=ours.wall, theirs_ms=kubectl.wall)
    t.row("  memory", mib(ours.memory), mib(kubectl.memory), kubectl.memory / ours.memory,
          "<= 10 MiB", ours.memory <= 10)
    ratio = three_kubectl.wall / three.wall
    t.row("three overlays, one process (theirs: three)", ms(three.wall), ms(three_kubectl.wall), ratio,
          "<= 3 ms, >= 20 x", three.wall <= 3 and ratio >= 20)
    t.row("  memory", mib(three.memory), mib(three_kubectl.memory), three_kubectl.memory / three.memory,
          "<= 10 MiB", three.memory <= 10)
    inside = []
    for _ in range(bench.rounds(15)):
        out = subprocess.run([bench.tools + "/overlays", root, *paths * 3], capture_output=True,
                             text=True, check=True).stdout
        inside += [int(line.split()[0]) / 1e6 for line in out.splitlines()[3:]]
    t.row("  one overlay in a running process", ms(median(inside)))


def scale(bench):
    t = bench.table
    t.part("render many objects: is the time an object flat?")
    each = {}
    for count in (200, 600, 2000):
        path = layout.many_objects(scratch(f"n{count}"), count)
        same = same_bytes(bench, path)  # warms the page cache of both, too
        ours, = interleaved(bench.tools, bench.rounds(10), [bench.reckon, "render", path])
        kubectl, = interleaved(bench.tools, 1, [bench.kubectl, "kustomize", path])
        again, = interleaved(bench.tools, bench.rounds(10), [bench.reckon, "render", path])
        wall = median(ours.walls + again.walls)
        each[count] = wall / count * 1000
        ratio, last = kubectl.wall / wall, count == 2000
        t.row(f"{count} objects ({each[count]:.0f} us an object)", ms(wall), ms(kubectl.wall), ratio,
              "<= 0.5 s, >= 30 x" if last else "-",
              wall <= 500 and ratio >= 30 and same if last else None, ours_ms=wall,
              theirs_ms=kubectl.wall)
        t.row("  memory", mib(ours.memory), mib(kubectl.memory), kubectl.memory / ours.memory)
    growth = each[2000] / each[200]
    t.row("time an object, 2,000 against 200", f"{growth:.2f} x", "-", None, "<= 1.3 x", growth <= 1.3)


def render(bench):
    overlays(bench)
    scale(bench)
