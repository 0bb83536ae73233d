"""Parts with an engine: one application, few applications. Ours and kubectl's take turns."""
import os
import shutil
import time

import layout
from measure import children, median, mib, ms, percentile, process_cpu_s, process_kib
from world import Counter, Watch, World, config_map, git

APPLICATIONS = 30
IDLE_S = 20


def in_world(bench, kind):
    """A running world with an engine, kept for the parts that follow."""
    if kind not in bench.worlds:
        bench.worlds[kind] = World(bench, kind)
    world = bench.worlds[kind]
    if not world.engine:
        world.start_engine()
    return world


def with_applications(world, count, prefix="bench", automated=True):
    """count applications, all Synced and stable; more are added where there are too few."""
    have = [n for n in world.client.apps if n.startswith(prefix + "-")]
    names = [world.name(prefix) for _ in range(count - len(have))]
    for name in names:
        world.add_application(name, automated)
    if names:
        world.push(f"{len(names)} applications")
        world.client.call("refresh", all=True)
    if automated:
        world.client.wait("all Synced", lambda c: c.synced(*names))
    else:
        world.client.wait("all known", lambda c: all(n in c.apps for n in names))
    return (have + names)[:count]


def worlds(bench, part, what):
    for kind in bench.clusters:
        bench.table.part(f"{what} ({kind})")
        part(bench, in_world(bench, kind), kind)


# ---- new application ----
def new_on(bench, world, kind):
    ours, applied, theirs = [], [], []
    with_applications(world, 3)
    for _ in range(bench.rounds(10)):
        name, hand = world.name(), world.name("hand")
        world.add_application(name)
        path = layout.by_hand(world.work, hand)
        world.push("new " + name)
        mark, begin = world.watch.mark(), time.perf_counter()
        world.client.call("refresh", all=True)
        ours.append((world.client.wait(name, lambda c, n=name: c.synced(n)) - begin) * 1000)
        when, _ = world.watch.wait(name, lambda ns, r, i, n=name: ns == n, mark)
        applied.append((when - begin) * 1000)
        theirs.append(world.kubectl("apply", "-k", path) * 1000)
    o, k = median(ours), median(theirs)
    bench.table.row("new application, told -> Synced", ms(o), ms(k) + " (apply -k)", k / o, "<= 150 ms",
                    o <= 150, ours_ms=ours, theirs_ms=theirs, cluster=kind)
    bench.table.row("  told -> its Deployment exists", ms(median(applied)))


def new(bench):
    worlds(bench, new_on, "new application, git already has it, engine told by refresh")


# ---- commit ----
def commit_on(bench, world, kind):
    ours, synced, theirs = [], [], []
    name, hand = with_applications(world, 3)[0], world.name("hand")
    world.kubectl("apply", "-k", layout.by_hand(world.work, hand))
    for i in range(bench.rounds(12)):
        tag = f"2.{world.serial}.{i}"
        world.set_tag(name, tag)
        world.push("tag " + tag)
        mark, begin = world.watch.mark(), time.perf_counter()
        world.client.call("refresh", all=True)
        when, _ = world.watch.wait(tag, lambda ns, r, im, t=tag: ns == name and im.endswith(t), mark)
        ours.append((when - begin) * 1000)
        head = git(world.work, "rev-parse", "HEAD")
        synced.append((world.client.wait("Synced", lambda c, h=head: c.synced(name) and
                                         c.apps[name].get("revision") == h) - begin) * 1000)
        theirs.append(world.kubectl("apply", "-k", layout.by_hand(world.work, hand, tag)) * 1000)
    o, k = median(ours), median(theirs)
    bench.table.row("commit, told -> applied", ms(o), ms(k) + " (apply -k)", k / o, "<= 200 ms", o <= 200,
                    ours_ms=ours, theirs_ms=theirs, cluster=kind)
    bench.table.row("  told -> Synced", ms(median(synced)))


def commit(bench):
    worlds(bench, commit_on, "commit")


# ---- drift ----
def heals(bench, world, names, watch, drifted, change, by_hand):
    """Times in ms: of each heal, from the request; of `kubectl apply -k`, which takes its turns."""
    ours, asked, theirs = [], [], []
    # One heal of an application is at once, the next after 2 s, then 6: so much is waited between rounds.
    for pause in (0, 2.5, 7)[:max(1, min(3, bench.rounds(3)))]:
        time.sleep(pause)
        for i, name in enumerate(names):
            mark, begin = watch.mark(), time.perf_counter()
            change(name)
            event, at = watch.wait("drift", lambda ns, v, _: ns == name and drifted(v), mark)
            healed, _ = watch.wait(f"heal of {name}", lambda ns, v, _: ns == name and not drifted(v), at)
            ours.append((healed - event) * 1000)
            asked.append((healed - begin) * 1000)
            if i % 6 == 0:
                change(by_hand[0])
                theirs.append(world.kubectl("apply", "-k", by_hand[1]) * 1000)
    return ours, asked, theirs


def drift_rows(bench, kind, what, ours, asked, theirs):
    o, p99, k = median(ours), percentile(ours, 99), median(theirs)
    bench.table.row(f"{what}, median", ms(o), ms(k) + " (apply -k)", k / o, "<= 50 ms", o <= 50,
                    ours_ms=ours, theirs_ms=theirs, cluster=kind)
    bench.table.row(f"  99th of 100 ({len(ours)} heals)", ms(p99), ms(percentile(theirs, 99)), None,
                    "<= 200 ms", p99 <= 200)
    bench.table.row("  from the request that made it", ms(median(asked)))


def drift_on(bench, world, kind):
    names, hand = with_applications(world, APPLICATIONS * 2), world.name("hand")
    by_hand = hand, layout.by_hand(world.work, hand)
    world.kubectl("apply", "-k", by_hand[1])
    maps = Watch(world.api, "/api/v1/configmaps", config_map)
    try:
        drift_rows(bench, kind, "ConfigMap edited -> healed", *heals(
            bench, world, names[:APPLICATIONS], maps, lambda v: v == "drift",
            lambda n: world.api.set_level(n, "drift"), by_hand))
        drift_rows(bench, kind, "Deployment scaled -> healed", *heals(
            bench, world, names[APPLICATIONS:], world.watch, lambda v: v == 4,
            lambda n: world.api.scale(n, 4), by_hand))
        failures(bench, world, names)
    finally:
        maps.stop()


def failures(bench, world, names):
    said = {}
    for name in names:
        for op in world.client.call("operation.list", app=name, limit=50)["operations"]:
            if op["state"] != "Succeeded":
                said[op["message"].replace(name, "APP")] = said.get(op["message"], 0) + 1
    for message, count in said.items():
        bench.table.note(f"{count} x failed: {message[:150]}")


def drift(bench):
    worlds(bench, drift_on, "drift: somebody edits through the API")


# ---- memory ----
def fresh(bench, kind, applications, **engine):
    """A world of its own, for what other parts' leftovers would spoil."""
    world = World(bench, kind)
    try:
        world.start_engine(**engine)
        with_applications(world, applications)
    except BaseException:
        world.stop()
        raise
    return world


def memory(bench):
    kind = bench.clusters[0]
    bench.table.part(f"memory of three applications, all own processes ({kind})")
    world = fresh(bench, kind, 3)
    try:
        tree = children(world.engine.pid)
        rss = sum(process_kib(p) for p in tree) / 1024
        peak = process_kib(world.engine.pid, "VmHWM") / 1024
        runs = bench_kubectl_memory(bench, world)
        bench.table.row("resident", mib(rss), mib(runs) + " a kubectl call", runs / rss, "<= 30 MiB",
                        rss <= 30, ours_mib=rss, peak_mib=peak)
        bench.table.row("  peak since the start", mib(peak))
        for field in ("RssAnon", "RssFile"):
            bench.table.row(f"  {field}", mib(process_kib(world.engine.pid, field) / 1024))
    finally:
        world.stop()


def bench_kubectl_memory(bench, world):
    from measure import interleaved
    path = layout.by_hand(world.work, world.name("hand"))
    run, = interleaved(bench.tools, 2, [bench.kubectl, "--kubeconfig", world.kubeconfig, "apply", "-k",
                                        path], env=world.env)
    return run.memory


# ---- incident ----
def operate(world, **request):
    """What a console does: preview, arm with everything that is asked for, start. The operation."""
    client = world.client
    plan = client.call("plan.create", **request)
    arm = {"fingerprint": plan["fingerprint"], "reason": "measured", "unlock": True}
    if plan.get("confirm"):
        arm["confirm"] = plan["confirm"]
    client.call("plan.arm", **arm)
    armed = time.perf_counter()
    operation = client.call("operation.start", fingerprint=plan["fingerprint"])
    client.operations[operation["id"]] = operation
    client.call("operation.watch", id=operation["id"])
    return operation["id"], armed


def finished(world, operation):
    world.client.wait("the operation", lambda c: c.operations[operation].get("finished"))
    end = world.client.operations[operation]
    if end["state"] != "Succeeded":
        raise RuntimeError(f"operation {end['kind']}: {end['state']} {end.get('message')}")
    return end


def incident_on(bench, world, kind):
    name = with_applications(world, 1, "guarded", automated=False)[0]
    hand = world.name("hand")
    if not world.client.synced(name):
        finished(world, operate(world, kind="sync", app=name)[0])
    asked, pressed, inside, theirs = [], [], [], []
    for i in range(bench.rounds(6)):
        good = bad = f"3.{world.serial}.{i}"
        for tag in (good := good, bad := bad + "-bad"):
            git(world.work, "pull", "-q", "--rebase")
            world.set_tag(name, tag)
            path = layout.by_hand(world.work, hand, tag)
            head = world.push("tag " + tag)
            world.client.call("refresh", all=True)
            finished(world, operate(world, kind="sync", app=name)[0])
        mark, begin = world.watch.mark(), time.perf_counter()
        operation, armed = operate(world, kind="revert", app=name, commit=head)
        when, _ = world.watch.wait("the revert", lambda ns, r, im: ns == name and im.endswith(good), mark)
        asked.append((when - begin) * 1000)
        pressed.append((when - armed) * 1000)
        end = finished(world, operation)
        inside.append(end["applied"] - end["started"])
        if not git(world.bare, "log", "-1", "--format=%s", "main").lower().startswith("revert"):
            raise RuntimeError("the revert is not in the repository")
        world.kubectl("apply", "-k", path)
        git(world.work, "pull", "-q", "--rebase")
        begin = time.perf_counter()
        layout.by_hand(world.work, hand, good + "-back")
        world.push("back")
        world.kubectl("apply", "-k", path)
        theirs.append((time.perf_counter() - begin) * 1000)
    o, k = median(pressed), median(theirs)
    bench.table.row("key -> reverted, pushed, applied", ms(o), ms(k) + " (git, apply -k)", k / o, "<= 1 s",
                    o <= 1000, ours_ms=pressed, theirs_ms=theirs, cluster=kind)
    bench.table.row("  with preview and arming", ms(median(asked)))
    bench.table.row("  the operation's own record", ms(median(inside)))


def incident(bench):
    worlds(bench, incident_on, "incident: a bad commit in a locked environment")


# ---- idle ----
def counting_git(folder):
    """A `git` first in PATH that notes how it was called."""
    real, log = shutil.which("git"), folder + "/git-calls"
    os.makedirs(folder + "/bin")
    with open(folder + "/bin/git", "w", encoding="utf-8") as f:
        f.write(f'#!/bin/sh\necho "$*" >>{log}\nexec {real} "$@"\n')
    os.chmod(folder + "/bin/git", 0o755)
    return folder + "/bin", log


def lines(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as f:
        return f.read().splitlines()


def settle(counter, limit=30):
    """Until the engine has asked the API nothing for 2 s."""
    end = time.perf_counter() + limit
    while counter.since(time.perf_counter() - 2) and time.perf_counter() < end:
        time.sleep(0.2)


def idle(bench):
    kind = bench.clusters[0]
    bench.table.part(f"idle engine, three applications, {IDLE_S} s ({kind})")
    world = World(bench, kind)
    counter = None
    try:
        folder, log = counting_git(world.dir)
        counter = Counter(world.api, world.dir)
        env = dict(world.env, PATH=folder + ":" + world.env["PATH"])
        world.start_engine(env=env, kubeconfig=counter.kubeconfig)
        with_applications(world, 3)
        settle(counter)
        pid, begin, calls = world.engine.pid, time.perf_counter(), len(lines(log))
        cpu, switches = process_cpu_s(pid), wakeups(pid)
        time.sleep(IDLE_S)
        cpu, switches = process_cpu_s(pid) - cpu, wakeups(pid) - switches
        asked = [r for r in counter.since(begin) if "watch=" not in r[1]]
        gits = [line for line in lines(log)[calls:]]
        remote = [line for line in gits if "ls-remote" in line]
        bench.table.row("API requests but watches", str(len(asked)), "-", None, "0", not asked)
        for method, path in sorted(set(asked))[:5]:
            bench.table.note(f"{method} {path}")
        # 20 s hold one or two turns of a poll every 15 s
        bench.table.row("git children (poll 15 s)", f"{len(gits)}, ls-remote {len(remote)}", "-", None,
                        "1 or 2 ls-remote", len(gits) == len(remote) <= 2)
        share = cpu / IDLE_S * 100
        bench.table.row("CPU of the engine", f"{share:.3f} %", "-", None, "<= 0.1 %", share <= 0.1)
        bench.table.row("wake-ups a second", f"{switches / IDLE_S:.1f}")
    finally:
        if counter:
            counter.stop()
        world.stop()


def wakeups(pid):
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="utf-8") as f:
            total += sum(int(line.split()[1]) for line in f
                         if line.startswith("voluntary_ctxt_switches"))
    return total
