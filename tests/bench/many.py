"""Many applications with four objects each: a first look at how it grows."""
import json
import queue
import threading
import time

import layout
from measure import median, mib, ms, process_cpu_s, process_kib
from world import World

CONNECTIONS = 8


# ---- the floor: what the API server needs when 8 connections apply it all at once ----
def documents(name):
    import re
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


def first(bench, world, names):
    t = bench.table
    hand = [world.name("hand") for _ in names]
    by_hand = layout.by_hand_all(world.work, hand)
    bare = floor(world, [world.name("bare") for _ in names])
    for name in names:
        world.add_application(name)
    world.push(f"{len(names)} applications")
    cpu, mark, begin = process_cpu_s(world.engine.pid), world.watch.mark(), time.perf_counter()
    world.client.call("refresh", all=True, limit=300)
    ours = world.client.wait("all Synced", lambda c: all_synced(c, names), 300) - begin
    cpu = process_cpu_s(world.engine.pid) - cpu
    seen = world.watch.wait_all("Deployments", names, lambda n, r, i: True, mark) - begin
    theirs = world.kubectl("apply", "-k", by_hand)
    t.row("all new -> all Synced", ms(ours * 1000), ms(theirs * 1000) + " (one apply -k)", theirs / ours,
          "<= 4 s", ours <= 4, ours_s=ours, theirs_s=theirs, floor_s=bare)
    t.row("  bare floor (8 connections)", "-", ms(bare * 1000), bare / ours)
    t.row("  last Deployment there; engine's CPU", f"{ms(seen * 1000)}; {cpu:.2f} s")
    return by_hand


def unchanged(bench, world, by_hand):
    walls = []
    for _ in range(bench.rounds(8)):
        begin = time.perf_counter()
        world.client.call("refresh", all=True)
        walls.append((time.perf_counter() - begin) * 1000)
    theirs = world.kubectl("diff", "-k", by_hand) * 1000
    ours = median(walls)
    bench.table.row("refresh of all, nothing changed", ms(ours), ms(theirs) + " (diff -k)", theirs / ours,
                    "<= 100 ms", ours <= 100, ours_ms=walls, theirs_ms=theirs)


def one_commit(bench, world, names, by_hand):
    tag = "9.9.9"
    base = "apps/base/config.yaml"
    layout.write(world.work, {base: layout.CONFIG + f"  RELEASE: {tag}\n"})
    deployment = layout.DEPLOYMENT.replace("50m", "60m").replace("replicas: 1", "replicas: 2")
    layout.write(world.work, {"apps/base/deployment.yaml": deployment})
    head = world.push("one commit for all")
    cpu, mark, begin = process_cpu_s(world.engine.pid), world.watch.mark(), time.perf_counter()
    world.client.call("refresh", all=True, limit=300)
    seen = world.watch.wait_all("Deployments", names, lambda n, r, i: r == 2, mark, 300) - begin
    ours = world.client.wait(
        "all Synced", lambda c: all_synced(c, names) and
        all(c.apps.get(n, {}).get("revision") == head for n in names), 300) - begin
    cpu = process_cpu_s(world.engine.pid) - cpu
    theirs = world.kubectl("apply", "-k", by_hand)
    bench.table.row("one commit for all -> all applied", ms(seen * 1000),
                    ms(theirs * 1000) + " (one apply -k)", theirs / seen, "<= 4 s", seen <= 4, ours_s=seen,
                    theirs_s=theirs)
    bench.table.row("  all Synced; engine's CPU", f"{ms(ours * 1000)}; {cpu:.2f} s")


def many_on(bench, kind):
    n = bench.applications
    bench.table.part(f"{n} applications x 4 objects ({kind})")
    world = World(bench, kind)
    try:
        world.start_engine()
        names = [world.name() for _ in range(n)]
        by_hand = first(bench, world, names)
        rss = process_kib(world.engine.pid) / 1024
        peak = process_kib(world.engine.pid, "VmHWM") / 1024
        bench.table.row("memory; peak", f"{mib(rss)}; {mib(peak)}", "-", None, "<= 40 MiB", rss <= 40,
                        ours_mib=rss, peak_mib=peak)
        unchanged(bench, world, by_hand)
        one_commit(bench, world, names, by_hand)
        rss = process_kib(world.engine.pid) / 1024
        bench.table.row("memory after it", mib(rss))
        bench.table.note("status: " + json.dumps({k: v for k, v in world.client.call("status").items()
                                                  if isinstance(v, int)}))
    finally:
        world.stop()


def many(bench):
    for kind in bench.clusters:
        many_on(bench, kind)
