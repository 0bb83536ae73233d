"""Many applications with four objects each: a first look at how it grows."""
import queue
import re
import threading
import time

import layout
from measure import median, mib, ms, process_cpu_s, process_kib
from world import World

CONNECTIONS = 8


# ---- the floor: what the API server needs when 8 connections apply it all at once ----
def documents(name):
    for text in layout.SMALL.values():
        kind = re.search(r"^kind: (\S+)", text, re.M)[1]
        group = ("/apis/apps/v1" if kind == "Deployment" else "/api/v1")
        yield (f"{group}/namespaces/{name}/{kind.lower()}s/simple-app?fieldManager=bench&force=true",
               text)


def apply_all(api, work):
    """Server-side applies from a queue of (path, YAML); the first refusal is raised."""
    todo, refused = queue.Queue(), []
    for item in work:
        todo.put(item)

    def worker():
        link = api.connect()
        while True:
            try:
                path, body = todo.get_nowait()
            except queue.Empty:
                return
            link.request("PATCH", path, body, api.headers("application/apply-patch+yaml"))
            answer = link.getresponse()
            text = answer.read()
            if answer.status >= 300:
                refused.append(f"{path}: {answer.status} {text[:200]}")

    threads = [threading.Thread(target=worker) for _ in range(CONNECTIONS)]
    begin = time.perf_counter()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if refused:
        raise RuntimeError(refused[0])
    return time.perf_counter() - begin


def floor(world, names):
    spaces = [(f"/api/v1/namespaces/{n}?fieldManager=bench&force=true", layout.namespace(n))
              for n in names]
    return apply_all(world.api, spaces) + apply_all(
        world.api, [item for n in names for item in documents(n)])


def all_synced(client, names):
    counts = getattr(client, "counts", {})
    return client.total >= len(names) and counts.get("synced", 0) >= len(names)


def timed_ours(world, names, message, ready, commit=False):
    """A push, a refresh, then: seconds until every Deployment is there, until all are Synced, CPU."""
    head = world.push(message)
    pid, client = world.engine.pid, world.client
    cpu, mark, begin = process_cpu_s(pid), world.watch.mark(), time.perf_counter()
    client.call("refresh", all=True, limit=300)
    synced = client.wait("all Synced", lambda c: all_synced(c, names) and (not commit or all(
        c.apps.get(n, {}).get("target") == head for n in names)), 300) - begin
    seen = world.watch.wait_all("Deployments", names, ready, mark, 300) - begin
    return max(seen, synced) if not commit else seen, synced, process_cpu_s(pid) - cpu


def finish(world, names):
    """Until no operation runs: rollouts of our own changes must not spoil the next measurement."""
    return world.client.wait("the operations", lambda c: c.counts.get("operations", 0) == 0, 300)


def memory_row(bench, world, what, budget=True):
    rss = process_kib(world.engine.pid) / 1024
    peak = process_kib(world.engine.pid, "VmHWM") / 1024
    status = world.client.call("status")
    bench.table.row(f"{what} ({status['objects']} live objects)", f"{mib(rss)}; {mib(peak)}", "-", None,
                    "<= 40 MiB" if budget else "-", rss <= 40 if budget else None, ours_mib=rss,
                    peak_mib=peak)
    return status


def unchanged(bench, world):
    walls = []
    for _ in range(bench.rounds(8)):
        begin = time.perf_counter()
        world.client.call("refresh", all=True)
        walls.append((time.perf_counter() - begin) * 1000)
    return median(walls)


def change_all(world):
    layout.write(world.work, {
        "apps/base/config.yaml": layout.CONFIG + "  RELEASE: next\n",
        "apps/base/deployment.yaml": layout.DEPLOYMENT.replace("replicas: 1", "replicas: 2")})


def ours(bench, world, names):
    """All of ours before all of theirs: their objects would stand in our watches and our memory."""
    for name in names:
        world.add_application(name)
    numbers = {"first": timed_ours(world, names, "all new", lambda n, r, i: True)}
    finish(world, names)
    memory_row(bench, world, "memory; peak")
    numbers["unchanged"] = unchanged(bench, world)
    change_all(world)
    numbers["commit"] = timed_ours(world, names, "one for all", lambda n, r, i: r == 2, True)
    begin = time.perf_counter()
    numbers["healthy"] = finish(world, names) - begin + numbers["commit"][1]
    status = memory_row(bench, world, "memory after it; peak", False)
    bench.table.note(f"loop lag {status['lag_us'] / 1000:.1f} ms")
    return numbers


def theirs(world, names, old, new):
    """kubectl with all overlays in one call; new and old text of the shared base are swapped in."""
    layout.write(world.work, old)
    path = layout.by_hand_all(world.work, [world.name("hand") for _ in names])
    numbers = {"first": world.kubectl("apply", "-k", path), "unchanged": world.kubectl("diff", "-k", path)}
    layout.write(world.work, new)
    numbers["commit"] = world.kubectl("apply", "-k", path)
    return numbers


def rows(bench, ours_n, theirs_n, bare):
    row = bench.table.row
    wall, _, cpu = ours_n["first"]
    row("all new -> all Synced", ms(wall * 1000), ms(theirs_n["first"] * 1000) + " (one apply -k)",
        theirs_n["first"] / wall, "<= 4 s", wall <= 4, ours_s=wall, theirs_s=theirs_n["first"])
    row("  beside the bare floor; engine's CPU", f"{ms(wall * 1000)}; {cpu:.2f} s",
        ms(bare * 1000) + f" ({CONNECTIONS} connections)", bare / wall, floor_s=bare)
    wall = ours_n["unchanged"]
    row("refresh of all, nothing changed", ms(wall), ms(theirs_n["unchanged"] * 1000) + " (diff -k)",
        theirs_n["unchanged"] * 1000 / wall, "<= 100 ms", wall <= 100)
    wall, synced, cpu = ours_n["commit"]
    row("one commit for all -> all applied", ms(wall * 1000),
        ms(theirs_n["commit"] * 1000) + " (one apply -k)", theirs_n["commit"] / wall, "<= 4 s", wall <= 4)
    row("  all Synced; engine's CPU", f"{ms(synced * 1000)}; {cpu:.2f} s")
    row("  all rolled out, operations ended", ms(ours_n["healthy"] * 1000))


def many_on(bench, kind):
    n = bench.applications
    bench.table.part(f"{n} applications x 4 objects ({kind})")
    world = World(bench, kind)
    try:
        world.start_engine()
        names = [world.name() for _ in range(n)]
        ours_n = ours(bench, world, names)
        world.stop_engine()
        bare = floor(world, [world.name("bare") for _ in names])
        old = {f"apps/base/{f}": text for f, text in layout.SMALL.items()}
        change_all(world)
        changed = {}
        for path in ("apps/base/config.yaml", "apps/base/deployment.yaml"):
            with open(world.work + "/" + path, encoding="utf-8") as f:
                changed[path] = f.read()
        rows(bench, ours_n, theirs(world, names, old, changed), bare)
    finally:
        world.stop()


def many(bench):
    for kind in bench.clusters:
        many_on(bench, kind)
