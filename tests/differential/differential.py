#!/usr/bin/env python3
"""differential.py: random kustomizations, built by Reckon and by the real tool, compared: the bytes
that are printed, and the fact that a build fails.

    differential.py [--seconds N] [--seeds FROM-TO] [--keep FILE.case]

Without --seeds it goes on from a random one for 20 s. A seed gives the same tree everywhere. A difference prints its seed and the smallest tree that still
differs; --keep adds that as a golden case. RECKON: the program (build/reckon). The real tool is
kubectl v1.35: $KUBECTL, else $KUBEBIN/kubectl, else kubectl. Exit 1 on a difference, 77 without it.
"""
import argparse, difflib, os, random, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "tests", "golden")]
import cases, kustomizations

RECKON = os.environ.get("RECKON", os.path.join(ROOT, "build", "reckon"))
MINIMISE = 300  # builds spent on making one difference small


def reckon(folder):
    r = subprocess.run([RECKON, "render", folder], capture_output=True, check=False)
    if r.returncode not in (0, 1):
        return None, f"exit {r.returncode}: " + r.stderr.decode("utf-8", "replace")
    return (r.stdout, "") if r.returncode == 0 else (None, r.stderr.decode("utf-8", "replace"))


class Difference:
    def __init__(self, want, have):
        (self.want, self.why_want), (self.have, self.why_have) = want, have
        self.kind = "the real tool fails" if self.want is None else \
            "reckon fails" if self.have is None else "other bytes"
        if "exit" in self.why_have[:4]:
            self.kind = "reckon ends badly"

    def text(self):
        if self.kind == "other bytes":
            old, new = (b.decode("utf-8", "replace").splitlines() for b in (self.want, self.have))
            return "\n".join(list(difflib.unified_diff(old, new, "real", "reckon", n=2, lineterm=""))[:60])
        return (self.why_want or self.why_have).strip()[-500:]


def compare(files, build, work):
    """(does the real tool build it, None or the difference)"""
    folder = os.path.join(work, "tree")
    cases.unpack(files, folder)
    want = cases.real(os.path.join(folder, build))
    have = reckon(os.path.join(folder, build))
    if want[0] == have[0] and not have[1].startswith("exit"):
        return want[0] is not None, None
    return want[0] is not None, Difference(want, have)


def minimise(files, build, work, kind):
    """A smaller tree that differs in the same way."""
    budget = MINIMISE

    def still(tree):
        nonlocal budget
        budget -= 1
        _, d = compare(tree, build, work) if budget > 0 else (True, None)
        return d is not None and d.kind == kind
    changed = True
    while changed and budget > 0:
        changed = False
        for path in sorted(files):
            less = {p: b for p, b in files.items() if p != path}
            if still(less):
                files, changed = less, True
                continue
            lines, size = files[path].split(b"\n"), len(files[path].split(b"\n")) // 2 or 1
            while size:
                at = 0
                while at < len(lines) and budget > 0:
                    fewer = lines[:at] + lines[at + size:]
                    less = {**files, path: b"\n".join(fewer)}
                    if fewer != lines and still(less):
                        lines, files, changed = fewer, less, True
                    else:
                        at += size
                size //= 2
    return files


def keep(path, seed, files, build):
    comment, shared, known = cases.read(path) if os.path.exists(path) else (b"# Found by tests/differential.\n", {}, [])
    case = cases.Case(f"seed-{seed}", build)
    case.files = {p: cases.encoded(b) for p, b in sorted(files.items())}
    case.words = []
    cases.write(path, comment, shared, known + [case])
    print(f"kept in {path}: run tests/golden/make {path}")


def report(seed, files, build, work, d, into):
    print(f"\nseed {seed}: {d.kind}", flush=True)
    files = minimise(files, build, work, d.kind)
    for path in sorted(files):
        print(f"-- {path}\n{files[path].decode('utf-8', 'backslashreplace')}")
    print(f"-- built: {build}\n{compare(files, build, work)[1].text()}", flush=True)
    if into:
        keep(into, seed, files, build)


def seeds(args):
    first, _, last = (args.seeds or str(random.SystemRandom().randrange(1 << 31))).partition("-")
    start, end = int(first), time.monotonic() + (args.seconds or (1e9 if args.seeds else 20))
    last = int(last or first) if args.seeds else start + (1 << 31)
    print(f"from seed {start}")
    while start <= last and time.monotonic() < end:
        yield start
        start += 1


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seconds", type=float)
    p.add_argument("--seeds")
    p.add_argument("--keep")
    args = p.parse_args()
    if "KUBECTL" not in os.environ and os.environ.get("KUBEBIN"):
        cases.KUBECTL = os.path.join(os.environ["KUBEBIN"], "kubectl")
    if not cases.is_v571():
        print("kustomize v5.7.1 (kubectl v1.35) is not here")
        return 77
    n = failing = different = 0
    with tempfile.TemporaryDirectory() as work:
        for seed in seeds(args):
            files, build = kustomizations.tree(seed)
            builds, d = compare(files, build, work)
            n += 1
            failing += not builds
            if d:
                different += 1
                report(seed, files, build, work, d, args.keep)
                if different == 5:
                    break
    print(f"differential: {n} trees, {failing} that the real tool refuses, {different} differ")
    return 1 if different or n == failing else 0


if __name__ == "__main__":
    sys.exit(main())
