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
    """The size of the output in MiB when both print the same, else 0."""
    ours = subprocess.run([bench.reckon, "render", path], capture_output=True, check=False)
    theirs = subprocess.run([bench.kubectl, "kustomize", path], capture_output=True, check=False)
    if ours.returncode or theirs.returncode or ours.stdout != theirs.stdout:
        bench.table.note(f"{path}: the two outputs DIFFER {ours.stderr.decode()[:200]}")
        return 0
    return len(ours.stdout) / (1 << 20)


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
    """Our three sizes take turns, so that a busy minute does not pass for growth."""
    t, sizes = bench.table, (200, 600, 2000)
    t.part("render many objects: is the time an object flat?")
    paths = {n: layout.many_objects(scratch(f"n{n}"), n) for n in sizes}
    output = {n: same_bytes(bench, paths[n]) for n in sizes}  # warms the page cache of both, too
    runs = dict(zip(sizes, interleaved(bench.tools, bench.rounds(20),
                                       *([bench.reckon, "render", paths[n]] for n in sizes))))
    each = {n: runs[n].wall / n * 1000 for n in sizes}
    for n, ours in runs.items():
        kubectl, = interleaved(bench.tools, 1, [bench.kubectl, "kustomize", paths[n]])
        ratio, last = kubectl.wall / ours.wall, n == sizes[-1]
        t.row(f"{n} objects ({each[n]:.0f} us an object)", ms(ours.wall), ms(kubectl.wall), ratio,
              "<= 0.5 s, >= 30 x" if last else "-",
              ours.wall <= 500 and ratio >= 30 and output[n] > 0 if last else None,
              ours_ms=ours.wall, theirs_ms=kubectl.wall)
        t.row("  memory", mib(ours.memory), mib(kubectl.memory), kubectl.memory / ours.memory)
    growth = each[2000] / each[200]
    t.row("time an object, 2,000 against 200", f"{growth:.2f} x", "-", None, "<= 1.2 x", growth <= 1.2)


def memory_row(t, ours, kubectl, output):
    times = ours.memory / max(output, 0.001)
    t.row(f"  memory ({times:.1f} x the {output:.1f} MiB printed)", mib(ours.memory), mib(kubectl.memory),
          kubectl.memory / ours.memory, "<= 8 x output", times <= 8)


def crds(bench):
    t = bench.table
    t.part("render manifests of an operator: few objects, much text")
    path = layout.many_crds(scratch("crds"), 9)
    output = same_bytes(bench, path)
    ours, kubectl = interleaved(bench.tools, bench.rounds(10), [bench.reckon, "render", path],
                                [bench.kubectl, "kustomize", path])
    ratio = kubectl.wall / ours.wall
    t.row(f"9 definitions, {output:.1f} MiB printed", ms(ours.wall), ms(kubectl.wall), ratio, ">= 6 x",
          ratio >= 6 and output > 0, ours_ms=ours.wall, theirs_ms=kubectl.wall)
    memory_row(t, ours, kubectl, output)


def render(bench):
    overlays(bench)
    scale(bench)
    crds(bench)
