"""Runs programs side by side, and the table of rows that comes of it."""
import atexit
import os
import shutil
import statistics
import subprocess
import tempfile


def median(values):
    return statistics.median(values)


def percentile(values, part):
    """Nearest rank: of few values the highest ones stand for themselves."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * part // 100) - 1)]


class Run:
    """What the stopwatch saw of one command: medians, in ms and MiB."""

    def __init__(self, lines):
        self.walls = [wall / 1e6 for wall, _, _, _ in lines]
        self.wall = median(self.walls)
        self.cpu = median([cpu / 1e3 for _, cpu, _, _ in lines])
        self.memory = max(kib for _, _, kib, _ in lines) / 1024
        self.status = max(status for _, _, _, status in lines)


def interleaved(tools, rounds, *commands, env=None):
    """Each command once a round, so that a busy second hits all of them alike."""
    argv = [tools + "/stopwatch", str(rounds)]
    for i, command in enumerate(commands):
        argv += (["--"] if i else []) + list(command)
    out = subprocess.run(argv, capture_output=True, text=True, env=env, check=True).stdout
    runs = [[] for _ in commands]
    for line in out.splitlines():
        index, wall, cpu, kib, status = map(int, line.split())
        runs[index].append((wall, cpu, kib, status))
    return [Run(lines) for lines in runs]


def compile_empty(folder):
    source = os.path.join(folder, "empty.c")
    with open(source, "w", encoding="utf-8") as f:
        f.write("int main(void) { return 0; }\n")
    subprocess.run(["cc", "-O2", "-o", folder + "/empty", source], check=True)
    return folder + "/empty"


def process_kib(pid, field="VmRSS"):
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        for line in f:
            if line.startswith(field + ":"):
                return int(line.split()[1])
    return 0


def process_cpu_s(pid):
    """CPU seconds of all threads; the scheduler's own count is finer than the tick of `stat`."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="utf-8") as f:
                total += int(f.read().split()[0])
        except FileNotFoundError:
            pass
    return total / 1e9


def children(pid):
    """Process ids below pid, itself first."""
    all_pids, found = {}, [pid]
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as f:
                all_pids.setdefault(int(f.read().rsplit(")", 1)[1].split()[1]), []).append(int(name))
        except (FileNotFoundError, ProcessLookupError):
            pass
    for parent in found:
        found += all_pids.get(parent, [])
    return found


# ---- the table ----
def ms(value):
    if value is None:
        return "-"
    return f"{value / 1000:.2f} s" if value >= 1000 else f"{value:.3g} ms" if value < 100 else f"{value:.0f} ms"


def mib(value):
    return "-" if value is None else f"{value:.1f} MiB"


class Table:
    """Rows are printed as they come, so that a run that is cut short has shown something."""

    COLUMNS = (("what", 46), ("ours", 20), ("theirs", 26), ("ratio", 8), ("budget", 18), ("", 4))

    def __init__(self):
        self.rows = []

    def part(self, title):
        print(f"\n{title}")
        print("  ".join(name.ljust(width) for name, width in self.COLUMNS).rstrip(), flush=True)

    def row(self, what, ours, theirs="-", ratio=None, budget="-", ok=None, **numbers):
        verdict = "" if ok is None else "ok" if ok else "OVER"
        ratio_text = "-" if ratio is None else f"{ratio:.3g} x"
        cells = (what, ours, theirs, ratio_text, budget, verdict)
        print("  ".join(c.ljust(w) for c, (_, w) in zip(cells, self.COLUMNS)).rstrip(), flush=True)
        self.rows.append({"what": what, "ours": ours, "theirs": theirs, "ratio": ratio,
                          "budget": budget, "ok": ok, **numbers})

    def note(self, text):
        print(f"    {text}", flush=True)


def scratch(prefix):
    """A folder that goes when this script ends."""
    folder = tempfile.mkdtemp(prefix=f"reckon-bench-{prefix}-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
