"""The console beside tig (Debian's package): applications of a scripted engine (scripted.py) beside as
many commits. Both run in the same kind of pseudo terminal and take turns."""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from scripted import SUBJECTS, WORDS
from measure import median, mib, ms, percentile, process_cpu_s, process_kib, scratch
from world import git, until

HERE = os.path.dirname(os.path.abspath(__file__))
MANY, FEW = 10000, 1000
PAGE, LAST, FIRST = "\x1b[6~", "G", "g"
BUDGETS = {(80, 24): (6000, 700, 3000), (120, 40): (12000, 1200, 6000)}
IDLE_S = 60
RATE, RTT, HELD_S, A_SECOND = 16 * 1024, 0.15, 2, 30
CLEAR, FRAME = b"\x1b[H\x1b[2J", b"\x1b[?2026h"


def byte_text(n):
    return "-" if n is None else f"{n / 1000:.1f} kB" if n >= 10000 else f"{n:.0f} B"


# ---- the two programs ----
class Ours:
    shown, back = "api-0000", FIRST

    def __init__(self, bench, n, number):
        self.dir, self.socket = scratch("console"), scratch(f"engine{number}") + "/s"
        self.engine = subprocess.Popen([sys.executable, HERE + "/scripted.py", self.socket, str(n)],
                                       stdin=subprocess.PIPE)
        until("the scripted engine", lambda: os.path.exists(self.socket))
        self.argv = [bench.reckon, "--socket", self.socket]
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("RECKON", "XDG_", "NO_COLOR"))}
        self.env.update(HOME=self.dir, XDG_STATE_HOME=self.dir, XDG_CONFIG_HOME=self.dir, LANG="C.UTF-8")

    def tell(self, line):
        self.engine.stdin.write(line.encode() + b"\n")
        self.engine.stdin.flush()

    def open(self, cols, rows, before=()):
        from terminals import Tty
        return Tty([*before, *self.argv], cols, rows, self.env, self.dir)

    def stop(self):
        self.engine.stdin.close()
        self.engine.wait()


class Tig(Ours):
    shown, back = "commit 09999", "\x1b[H"

    def __init__(self, n):
        self.dir = scratch("tig")
        git(self.dir, "init", "-q", "--initial-branch=main", ".")
        stream = "".join(f"commit refs/heads/main\ncommitter operator <operator@example.org> {1700000000 + i * 60}"
                         f" +0000\ndata {len(text)}\n{text}\n" for i in range(n)
                         for text in [f"commit {i:05d}: {WORDS[i % 13]}-{i % 97:03d} with {SUBJECTS[i % 5]}"])
        subprocess.run(["git", "fast-import", "--quiet"], input=stream.encode(), cwd=self.dir, check=True)
        self.argv = [shutil.which("tig")]
        self.env = dict(os.environ, HOME=self.dir, XDG_CONFIG_HOME=self.dir, GIT_CONFIG_NOSYSTEM="1",
                        LANG="C.UTF-8")

    def stop(self):
        pass


def opened(program, cols, rows, before=()):
    """In the terminal, with its rows, at rest."""
    t = program.open(cols, rows, before)
    t.settle(0.3)
    t.wait(program.shown)
    t.settle(0.5)
    return t


def close(t):
    t.keys("Q")
    t.end()
    t.__exit__()


# ---- the first frame ----
def first_frame(bench, ours, tig):
    t = bench.table
    t.part(f"console: {MANY} applications, {MANY} commits for tig; from exec")
    for cols, rows in BUDGETS:
        seen = {p: ([], [], []) for p in (ours, tig) if p}
        for _ in range(bench.rounds(8)):
            for program, (frame, filled, size) in seen.items():
                tty = opened(program, cols, rows)
                frame.append((drawn(tty, program is ours) - tty.began) * 1000)
                filled.append(tty.first_shown(program.shown))
                size.append(len(tty.got))
                close(tty)
        o, g = seen[ours], seen.get(tig)
        both(t, f"{cols}x{rows}: first frame", o[0], g and g[0], ms, "<= 50 ms", 50)
        both(t, "  rows are there", o[1], g and g[1], ms)
        limit = BUDGETS[cols, rows][0]
        both(t, "  bytes until it rests", o[2], g and g[2], byte_text, f"<= {limit} B", limit)


def drawn(tty, framed):
    """When the first frame was complete; of a program that marks none: its first byte."""
    got = b""
    for when, data in tty.pieces:
        got += data
        if not framed or b"\x1b[?2026l" in got:
            return when
    raise AssertionError("no frame came")


def both(t, what, ours, theirs, text, budget="-", limit=None, value=median):
    o, g = value(ours), value(theirs) if theirs else None
    t.row(what, text(o), text(g), g / o if g and o else None, budget, None if limit is None else o <= limit,
          ours_values=ours, theirs_values=theirs)


# ---- keys ----
def p99(values):
    return percentile(values, 99)


class Presses:
    def __init__(self, tty, keys):
        before = process_cpu_s(tty.pid)
        came = [p for p in map(tty.press, keys) if p]
        self.cpu = (process_cpu_s(tty.pid) - before) * 1000 / len(keys)
        self.last, self.bytes = [p[0] for p in came], [p[1] for p in came]


def press_all(bench, tty, back):
    """{name: Presses}; from the top, so that every press moves."""
    tty.press(back)
    Presses(tty, "jj")          # off the heading: what an application says changes to another's
    moves = Presses(tty, ("j" * 10 + "k" * 10) * bench.rounds(5))
    Presses(tty, "j" * tty.screen.lines)
    return {"move": moves, "scroll": Presses(tty, "j" * bench.rounds(100)),
            "page": Presses(tty, [PAGE] * bench.rounds(100))}


def keys(bench, ours, tig):
    t = bench.table
    for cols, rows in BUDGETS:
        t.part(f"console: keys at {cols}x{rows}, {MANY} rows; the detail beside comes from the engine, too")
        seen = {}
        for program in filter(None, (ours, tig)):
            tty = opened(program, cols, rows)
            seen[program] = press_all(bench, tty, program.back)
            close(tty)
        o, g = seen[ours], seen.get(tig)
        _, move, page = BUDGETS[cols, rows]
        for name, what, limit in (("move", "cursor move", move), ("scroll", "a move that scrolls", None),
                                  ("page", "page", page)):
            key_rows(t, what, limit, o[name], g and g[name])


def key_rows(t, what, limit, ours, theirs):
    last = ours.last, theirs and theirs.last
    both(t, f"{what}: key to last byte, median", *last, ms)
    both(t, "  p99", *last, ms, "<= 10 ms", 10, p99)
    both(t, "  CPU of the program itself", [ours.cpu], theirs and [theirs.cpu], ms)
    both(t, "  bytes, median", ours.bytes, theirs and theirs.bytes, byte_text,
         f"<= {limit} B" if limit else "-", limit)


# ---- a slow link ----
def held(program, key, cols, rows):
    from terminals import Link
    tty = opened(program, cols, rows)
    link, before = Link(tty, RATE, RTT), tty.got
    last = link.hold(key, HELD_S, A_SECOND)
    link.settle(3)
    late, picture = link.right_after(last, cols, rows, before)
    size = sum(len(d) for _, d in link.arrived)
    local = opened(program, cols, rows)
    for _ in range(HELD_S * A_SECOND):
        local.press(key, 0.02)
    local.settle(0.5)
    same = local.text() == picture
    for one in (tty, local):
        os.kill(one.pid, signal.SIGTERM)
        one.end()
        one.__exit__()
    return late, size, link.most, same


def slow_link(bench, ours, tig):
    t = bench.table
    t.part(f"console: a key held {HELD_S} s at {A_SECOND}/s, {RATE // 1024} KiB/s, {RTT * 1000:.0f} ms there and back")
    for cols, rows, key, name in ((120, 40, "j", "cursor"), (120, 40, PAGE, "page"), (80, 24, PAGE, "page")):
        late, size, most, same = held(ours, key, cols, rows)
        their_late, their_size, their_most, _ = held(tig, key, cols, rows) if tig else (None, None, None, None)
        t.row(f"{name} at {cols}x{rows}: right after the last key", ms(late), ms(their_late),
              their_late and their_late / max(late, 1), "<= 500 ms, right", late <= 500 and same, ours_ms=late,
              theirs_ms=their_late)
        if not same:
            t.note("the far end's screen is NOT what the same keys show without the link")
        t.row("  bytes in all; most on the way", f"{byte_text(size)}; {byte_text(most)}",
              f"{byte_text(their_size)}; {byte_text(their_most)}" if tig else "-")


# ---- idle, memory ----
def wakeups(pid):
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="utf-8") as f:
            total += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", f.read(), re.M)[1])
    return total


def idle(bench, ours, tig):
    t = bench.table
    seconds = max(10, IDLE_S * min(bench.share, 1))
    t.part(f"console: idle {seconds:.0f} s, no news")
    programs = [p for p in (ours, tig) if p]
    ttys = [opened(p, 120, 40) for p in programs]
    for tty in ttys:
        tty.settle(3)           # the header's look at the engine after the start is over
    before = [(len(tty.got), wakeups(tty.pid)) for tty in ttys]
    time.sleep(seconds)
    after = [(len(tty.got) + pending(tty), wakeups(tty.pid)) for tty in ttys]
    seen = [(a[0] - b[0], a[1] - b[1]) for a, b in zip(after, before)]
    their = seen[1] if tig else (None, None)
    t.row("bytes", byte_text(seen[0][0]), byte_text(their[0]), None, "0", seen[0][0] == 0)
    t.row("wake-ups", str(seen[0][1]), str(their[1]) if tig else "-", None, "0", seen[0][1] == 0)
    for tty in ttys:
        close(tty)


def pending(tty):
    before = len(tty.got)
    while tty._read(0):
        pass
    return len(tty.got) - before


def memory(bench, tig):
    t = bench.table
    t.part(f"console: memory, {FEW} applications with 20 objects; walked through, 20 of them unfolded")
    few = Ours(bench, FEW, 2)
    try:
        tty = opened(few, 120, 40)
        walk(tty, few)
        peak, now = (process_kib(tty.pid, f) / 1024 for f in ("VmHWM", "VmRSS"))
        close(tty)
    finally:
        few.stop()
    theirs = None
    if tig:
        tty = opened(tig, 120, 40)
        tty.press(LAST, 0.3)
        theirs = process_kib(tty.pid, "VmHWM") / 1024
        close(tty)
    t.row("most it had", mib(peak), mib(theirs) + f" ({MANY} commits)", theirs and theirs / peak, "<= 40 MiB",
          peak <= 40)
    t.row("  afterwards", mib(now))


def walk(tty, few):
    for _ in range(20):
        tty.press("j", 0.02)
        tty.press("l", 0.05)
        tty.press("h", 0.02)
        tty.press("l", 0.05)
    tty.press(few.back)
    for _ in range(60):
        tty.press(PAGE, 0.03)
    tty.press(LAST)


# ---- frames ----
def traced_writes(tty, trace, action):
    """Writes to the terminal, frames and full draws while action runs."""
    began, before = time.time(), len(tty.got)
    action()
    tty.settle(0.4)
    ended = time.time()
    got = tty.got[before:]
    return lambda: (writes_in(trace, began, ended), got.count(FRAME), got.count(CLEAR), len(got))


def writes_in(trace, began, ended):
    """-ttt and -y: `1764331451.123456 write(5</dev/pts/3>, ...`."""
    n = 0
    with open(trace, encoding="utf-8", errors="replace") as f:
        for line in f:
            m = re.match(r"(?:\d+ +)?(\d+\.\d+) writev?\(\d+</dev/(?:pts/\d+|tty)>", line)
            n += bool(m) and began <= float(m[1]) <= ended
    return n


def storm(tty):
    sizes = [(120 + i % 7, 40 - i % 5) for i in range(19)] + [(110, 36)]
    began = time.perf_counter()
    for i, (cols, rows) in enumerate(sizes):
        tty.resize(cols, rows)
        tty.settle(max(0, began + (i + 1) / 20 - time.perf_counter()), max(0, began + (i + 1) / 20 - time.perf_counter()))


def frames_of(bench, program, trace):
    strace = shutil.which("strace")
    before = [strace, "-f", "-qq", "-ttt", "-y", "-e", "trace=write,writev", "-o", trace] if strace else []
    tty = opened(program, 120, 40, before)
    tty.press(program.back)

    def pages():
        for _ in range(bench.rounds(10)):
            tty.press(PAGE)
    paged = traced_writes(tty, trace, pages)
    stormed = traced_writes(tty, trace, lambda: storm(tty))
    tty.press("Q")
    tty.end()
    tty.__exit__()
    return (paged() if strace else None), (stormed() if strace else None)


def frames(bench, ours, tig):
    t = bench.table
    t.part("console: writes and draws at 120x40 (strace)")
    if not shutil.which("strace"):
        t.note("strace is missing: skipped")
        return
    paged, stormed = frames_of(bench, ours, ours.dir + "/trace")
    their_paged, their_stormed = frames_of(bench, tig, tig.dir + "/trace") if tig else (None, None)
    n = bench.rounds(10)
    each = paged[0] / max(1, paged[1])
    t.row("writes a frame, paging", f"{each:.2f} ({paged[1]} frames)",
          f"{their_paged[0] / n:.0f} a key" if tig else "-", None, "1", each == 1)
    t.row("20 sizes in 1 s: full draws", f"{stormed[2]} ({byte_text(stormed[3])})",
          byte_text(their_stormed[3]) if tig else "-", None, "<= 3", 1 <= stormed[2] <= 3)


# ---- news, and the end ----
def news(bench, ours):
    t = bench.table
    t.part("console: news, and the terminal's end")
    tty = opened(ours, 120, 40)
    size = []
    for _ in range(bench.rounds(10)):
        before = len(tty.got)
        ours.tell("row ingress-0005-dev")
        tty.settle(0.15)
        size.append(len(tty.got) - before)
    t.row("one row changes: bytes", byte_text(median(size)), "-", None, "<= 150 B", median(size) <= 150)
    before = len(tty.pieces)
    ours.tell("rows 200 2")
    tty.settle(0.5)
    a_second = rate([when for when, data in tty.pieces[before:] if FRAME in data])
    t.row("100 changes a second: frames a second", f"{a_second:.1f}", "-", None, "<= 10", round(a_second) <= 10)
    tty.settle(2.5)
    began = time.perf_counter()
    os.close(tty.fd)
    os.waitpid(tty.pid, 0)
    gone = (time.perf_counter() - began) * 1000
    t.row("the terminal is closed: the console is gone", ms(gone), "-", None, "<= 200 ms", gone <= 200)


def rate(times):
    return (len(times) - 1) / (times[-1] - times[0])


def console(bench):
    try:
        import pyte  # noqa: F401
    except ImportError:
        bench.table.part("console")
        bench.table.note("python3-pyte is missing: skipped")
        return
    tig = Tig(MANY) if shutil.which("tig") else None
    ours = Ours(bench, MANY, 1)
    if not tig:
        bench.table.note("tig is missing: nothing beside ours")
    try:
        first_frame(bench, ours, tig)
        keys(bench, ours, tig)
        slow_link(bench, ours, tig)
        memory(bench, tig)
        frames(bench, ours, tig)
        news(bench, ours)
        idle(bench, ours, tig)
    finally:
        ours.stop()
