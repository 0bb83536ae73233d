#!/usr/bin/env python3
"""The include law, from the sources: levels, doors, foreign headers, cycles, banned functions, sizes.

Prints a line a violation and a closing count; exit 1 when there is one.
The table is design.md section 3; a change of the law changes it here and in the room's README.
"""
import os, re, sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
LEVEL = {
    "base": 0, "doc": 1, "wire": 1, "run": 1, "kube": 2, "client": 2, "gitcmd": 2, "net": 2,
    "model": 3, "git": 3, "render": 3, "cluster": 3, "seal": 3, "notify": 3, "record": 4,
    "drift": 4, "plan": 5, "sync": 6, "core": 7, "sandbox": 7, "demo": 7, "admin": 7, "cli": 7,
    "programs": 8, "console": 3,  # the door include/reckon/console.h; its room is tui/console
}
# Doors in include/reckon and the room each belongs to.
SHARED = {h: "base" for h in ("base", "error", "str", "arena", "map", "text", "time")}
SHARED |= {h: h for h in ("doc", "run", "wire", "client", "console")}
FOREIGN = {
    "sha2.h": "base", "yaml.h": "doc", "cJSON.h": "wire", "cjson/cJSON.h": "wire", "uv.h": "run",
    "curl/curl.h": "net", "microhttpd.h": "net", "lua.h": "model", "lauxlib.h": "model",
    "lualib.h": "model", "git2.h": "git", "curses.h": "tui/term", "ncurses.h": "tui/term",
}
NEVER = {  # room -> rooms it must not know, beyond the levels
    "sandbox": {"core", "sync", "drift", "plan", "cluster"},
}
ONLY = {"cli": {"base", "doc", "run", "wire", "client", "kube", "gitcmd", "model", "render",
                "drift", "plan", "console"}}
PURE = {"doc", "kube", "model", "render", "drift", "plan"}
IMPURE_CALLS = re.compile(r"\b(rk_mono_ms|rk_wall_ms|rk_mono_us|time|clock_gettime|getenv|rk_log|"
                          r"fork|socket|connect)\s*\(")
BANNED = re.compile(r"\b(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|system|popen|strtok|"
                    r"strtok_r|gets|alloca|atoi|atol|atoll|gmtime|localtime|rand|strerror)\s*\(")
TUI = ["term", "widget", "view", "console"]
bad = []


def say(path, line, text):
    bad.append(f"{path}:{line}: {text}")


def room_of(path):
    parts = path.split("/")
    if parts[0] == "engine" and len(parts) > 2:
        return parts[1]
    if parts[0] == "tui":
        return "tui/" + parts[1] if len(parts) > 2 else "tui"
    if path.startswith("include/reckon/"):
        return SHARED.get(os.path.basename(path)[:-2])
    return None


def strip(text):
    """Comments and strings away, lines kept."""
    keep = lambda m: "\n" * m.group(0).count("\n")
    text = re.sub(r"/\*.*?\*/", keep, text, flags=re.S)
    text = re.sub(r"//[^\n]*", "", text)
    return text


def is_test(path):
    """Tests, and headers that only they include."""
    return path.endswith(("_test.c", "_fuzz.c", "_test.h", "/testing.h", "/scripted.h", "/shop.h"))


def check_include(path, room, line, name, system):
    if system:
        owner = FOREIGN.get(name)
        if name.startswith("git2/"):
            owner = "git"
        if name.startswith("openssl/"):
            owner = "seal"
        if owner and owner != room:
            say(path, line, f"<{name}> belongs to room {owner} alone")
        return None
    if name.startswith("reckon/"):
        target = SHARED.get(name[7:-2])
        if target is None:
            say(path, line, f"no such door: {name}")
    else:
        target, _, rest = name.partition("/")
        if not rest:  # a header of one's own room
            if not os.path.exists(os.path.join(ROOT, os.path.dirname(path), name)):
                say(path, line, f"\"{name}\" is not in this room: name it room/{name}")
            return None
        if target == room or "tui/" + target == room:
            return None
        if target in TUI and room.startswith("tui/"):
            if rest != target + ".h" and not (rest == "testing.h" and is_test(path)):
                say(path, line, f"{name} is not the door of tui/{target}")
            if TUI.index(target) >= TUI.index(room[4:]):
                say(path, line, f"{room} may not include tui/{target}: term < widget < view < console")
            return "tui/" + target
        if target not in LEVEL:
            say(path, line, f"unknown room {target}")
            return None
        if target != "base" and rest != target + ".h":
            say(path, line, f"{name} is not the door of {target}")
    if target == room or target is None:
        return None
    if room.startswith("tui"):
        if not name.startswith("reckon/"):
            say(path, line, f"the console includes include/reckon only, not {name}")
        return None
    if target == "console":
        if room not in ("cli", "programs", "demo"):
            say(path, line, "the console's door is for cli and programs")
        return None
    if LEVEL[target] >= LEVEL[room]:
        say(path, line, f"{room} (level {LEVEL[room]}) may not include {target} "
                        f"(level {LEVEL[target]})")
    if target in NEVER.get(room, ()):
        say(path, line, f"{room} never includes {target}")
    if room in ONLY and target not in ONLY[room]:
        say(path, line, f"{room} may not include {target}")
    return target


def functions(text):
    """(line, length) of each function body: a brace in column 0 to its end in column 0."""
    start = None
    for i, line in enumerate(text.split("\n"), 1):
        if line.startswith("{"):
            start = i
        elif line.startswith("}") and start:
            yield start, i - start
            start = None


def main():
    files = []
    for top in ("engine", "tui", "include"):
        for d, _, names in os.walk(os.path.join(ROOT, top)):
            files += [os.path.relpath(os.path.join(d, n), ROOT) for n in names
                      if n.endswith((".c", ".h"))]
    edges, lengths = {}, []
    for path in sorted(files):
        room = room_of(path)
        if room is None:
            say(path, 1, "in no room")
            continue
        if not room.startswith("tui") and room not in LEVEL and room != "console":
            say(path, 1, f"room {room} is not in the plan")
            continue
        raw = open(os.path.join(ROOT, path), encoding="utf-8").read()
        text = strip(raw)
        test = path.endswith(("_test.c", "_fuzz.c"))
        for i, line in enumerate(text.split("\n"), 1):
            m = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if m and not (test and m.group(1) == "<"):
                t = check_include(path, room, i, m.group(2), m.group(1) == "<")
                if t:
                    edges.setdefault(room, set()).add(t)
            code = re.sub(r'"(\\.|[^"\\])*"', '""', line)
            m = BANNED.search(code)
            if m:
                say(path, i, f"banned function {m.group(1)}")
            m = IMPURE_CALLS.search(code)
            if m and room in PURE and not test and path != "engine/render/disk.c":
                say(path, i, f"pure room {room} calls {m.group(1)}")
        n = raw.count("\n")
        if path.endswith(".c") and n > 800:
            say(path, 1, f"{n} lines: over 800, is it one idea?")
        if path.endswith(".c") and not raw.lstrip().startswith("/*"):
            say(path, 1, "does not open with what it is for")
        if not test:
            lengths += [(size, path, at) for at, size in functions(text)]
    over = sorted((x for x in lengths if x[0] > 60), reverse=True)
    for size, path, at in over:
        if size > 100:
            say(path, at, f"function of {size} lines: over 100")
    if len(over) > max(1, len(lengths) * 3 // 100):
        for size, path, at in over[:20]:
            say(path, at, f"function of {size} lines: more than 3% are over 60")
    for a, targets in edges.items():
        for b in targets:
            if a in edges.get(b, ()):
                say(a, 0, f"cycle with {b}")
    for r in [os.path.join("engine", r) for r in LEVEL] + [os.path.join("tui", r) for r in TUI]:
        d = os.path.join(ROOT, r)
        if os.path.isdir(d) and not os.path.exists(os.path.join(d, "README.md")):
            say(r, 0, "has no README.md")
    print("\n".join(bad))
    print(f"arch: {len(files)} files, {len(lengths)} functions, {len(bad)} violations")
    return 1 if bad else 0


sys.exit(main())
