"""cases.py: files of many small builds, `tests/golden/kustomize/*.case`.

    @@ file PATH [escaped] [no-newline]     before the first case: a file that all cases have
    @@ case NAME [FOLDER]                   FOLDER is built; default: the top
    @@ file PATH ...                        a file of this case; its lines follow
    @@ output                               what kustomize v5.7.1 prints
    @@ fails WORD ...                       or: it fails, and Reckon's message holds each WORD

`escaped`: \\r \\t \\\\ \\xNN stand for bytes. `no-newline`: the last line has no end. Lines that begin
with # before the first @@ are a comment. engine/render/golden_test.c reads the same.
"""
import os, re, shutil, subprocess

KUBECTL = os.environ.get("KUBECTL", "kubectl")


class Case:
    def __init__(self, name, folder=""):
        self.name, self.folder = name, folder
        self.files = {}     # path -> (bytes as they stand in the file, flags)
        self.output, self.words = None, None

    def content(self):
        return {p: decoded(b, f) for p, (b, f) in self.files.items()}


def decoded(body, flags):
    if "no-newline" in flags:
        body = body.removesuffix(b"\n")
    if "escaped" in flags:
        body = re.sub(rb"\\(x[0-9a-f]{2}|.)", lambda m: bytes([int(m[1][1:], 16)]) if m[1][:1] == b"x" and
                      len(m[1]) == 3 else {b"r": b"\r", b"t": b"\t"}.get(m[1], m[1]), body)
    return body


def encoded(content):
    """(bytes, flags) that decode to content."""
    flags = []
    odd = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f-\xff\t\r]")
    if odd.search(content) and (b"\r" in content or b"\t" in content or not printable(content)):
        flags.append("escaped")
        content = re.sub(rb"[\x00-\x09\x0b-\x1f\\\x7f-\xff]", lambda m: {b"\r": b"\\r", b"\t": b"\\t", b"\\": b"\\\\"}
                         .get(m[0], b"\\x%02x" % m[0][0]), content)
    if not content.endswith(b"\n"):
        flags.append("no-newline")
        content += b"\n"
    return content, flags


def printable(content):
    try:
        return all(c.isprintable() or c == "\n" for c in content.decode())
    except UnicodeDecodeError:
        return False


def read(path):
    """(comment, shared files, cases)"""
    comment, shared, cases, into = b"", {}, [], None
    with open(path, "rb") as f:
        lines = f.read().split(b"\n")
    for line in lines[:-1] if lines[-1] == b"" else lines:
        if not line.startswith(b"@@ "):
            if into:
                into(line + b"\n")
            else:
                comment += line + b"\n"
            continue
        word, *rest = line[3:].decode().split()
        into = start(word, rest, shared, cases)
    return comment, shared, cases


def start(word, rest, shared, cases):
    case = cases[-1] if cases else None
    if word == "case":
        cases.append(Case(*rest))
        return None
    if word == "file":
        files = case.files if case else shared
        files[rest[0]] = (b"", rest[1:])

        def add(line):
            files[rest[0]] = (files[rest[0]][0] + line, rest[1:])
        return add
    if word == "output":
        case.output = b""

        def out(line):
            case.output += line
        return out
    if word != "fails":
        raise ValueError(f"@@ {word}")
    case.words = rest
    return None


def write(path, comment, shared, cases):
    out = [comment]

    def section(words, body=b""):
        out.append(b"@@ " + " ".join(w for w in words if w).encode() + b"\n" + body)
    for p, (body, flags) in shared.items():
        section(["file", p, *flags], body)
    for c in cases:
        section(["case", c.name, c.folder])
        for p, (body, flags) in c.files.items():
            section(["file", p, *flags], body)
        if c.output is not None:
            section(["output"], c.output)
        else:
            section(["fails", *(c.words or [])])
    with open(path, "wb") as f:
        f.write(b"".join(out))


def unpack(files, folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for path, content in files.items():
        at = os.path.join(folder, path)
        os.makedirs(os.path.dirname(at), exist_ok=True)
        with open(at, "wb") as f:
            f.write(content)


def real(folder):
    """What the real tool prints, or None with its message."""
    r = subprocess.run([KUBECTL, "kustomize", folder], capture_output=True, check=False)
    return (r.stdout, "") if r.returncode == 0 else (None, r.stderr.decode("utf-8", "replace"))


def is_v571():
    try:
        r = subprocess.run([KUBECTL, "version", "--client"], capture_output=True, check=False, text=True)
    except OSError:
        return False
    return "Kustomize Version: v5.7.1" in r.stdout
