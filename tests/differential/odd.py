"""odd.py: YAML text made at random: scalars of every odd kind, and trees in any style.

A tree is made of dict, list, str (a text, written in some style that keeps it) and Raw (YAML as it
is: `012`, `|2-`, `*alias`). emit() turns it into block or flow YAML, with comments and blank lines.
"""
import json

WORDS = ["true", "True", "TRUE", "false", "False", "yes", "Yes", "no", "NO", "on", "Off", "y", "N",
         "null", "Null", "NULL", "~", "", "nul", "none", "tRue", "=", "<<", "!", "nan", "inf"]
NUMBERS = ["0", "-0", "+1", "1", "007", "012", "-012", "0o14", "0O14", "0x1F", "0X1f", "-0x1", "0b11",
           "0b12", "08", "0888", "1_000", "1__0", "_1", "1_", "0_7", "1e3", "1E3", "1e+3", "1e-7",
           "3.0e2", "1.", ".5", "-.5", "+.5", "1.0", "1.10", "-0.0", "0.1", "0.0001", "0.00001",
           "123456.7", "999999.5", "1234567.5", "12345678.9", "1e21", "1e22", "1e400", "1_0.5",
           "100000000000000000000", "18446744073709551615", "18446744073709551616",
           "9223372036854775807", "9223372036854775808", "-9223372036854775808",
           "-9223372036854775809", "9007199254740993", "4e-324", "1.7976931348623157e308",
           "0.1e1", "00", "0.", "0e0", "1e", "0x", "0b", "0o", "1.2.3", "12e03", "+012", "0x_1",
           "0.000001", "5e-5", "33.333333333333336", "1.5e-7"]
DATES = ["2020-01-01", "2020-1-1", "2020-13-01", "2020-02-30", "2001-12-14T21:59:43.10-05:00",
         "2001-12-14 21:59:43.10", "2001-12-14t21:59:43Z", "2001-12-14  21:59:43", "12:30:45", "1:1",
         "190:20:30.15", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00", "20-01-01", "2020-01-0x",
         "2001-12-14 21:59:43.10 -5", "2020-01-01T00:00:00+00:00"]
PLAIN = ["a", "web", "a b", "a  b", "a#b", "a:b", ":a", "-a", "--a", "?a", "a'b", 'a"b', "http://x/y?z=1",
         "a,b", "a]b", "{a", "$(X)", "${X}", "a\\nb", "x=y", "1.2.3-rc.1", "1Gi", "100m", "sha256:0a1",
         "0.0.0.0/0", "10.0.0.1", "Infinity", "NaN", "a@b", "é", "ü ö", "日本語", "Ω", "v1", "key:", "a -",
         "100%", "~a", "a~", ".a", "..", "...a", "-1a", "1a", "+", "-", "0.0.0", "e1", "1e1e", "<a>",
         "<<a", "=a", "&amp", "a\u00a0b", "a\u200bb", "a/b", "\\", "a\\", "_a", "a_", "y1", "n/a", "null_"]
TEXTS = ["", " ", "  ", "a ", " a", "a\n", "\na", "\n", "\n\n", "a\n\n", "a\nb", "a\nb\n", "a\n\nb", " a\nb",
         "a\n b\n", "a \nb", "a\n \nb", "tab\there", "a\tb\n", "a\r\nb", "'", '"', "''", "a: b", "a #b", "#a",
         "- a", "? a", "[a]", "{a: b}", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a", "---", "--- a", "...",
         "a\n---\nb", "a\n...\n", "😀", "a😀b\n", "\x07", "\x1b[0m", "a\u0085b", "a\u2028b",
         "é\nü\n", "x" * 100, "x " * 60, ("word " * 30).strip(), ("word " * 30).strip() + "\n",
         "a" * 79 + " b", "a" * 80 + " b", "a" * 81 + " b c", "key: " + "long " * 25, "'" + "long " * 25 + "'",
         "a\\b", "C:\\dir", "\\x41", "#!/bin/sh\nset -e\n\techo\n", "#!/bin/sh\nset -e\n  echo\n", "\n  a\n",
         "{\n  \"a\": 1\n}\n", "a\n\n\n", "  a\n", "a\n  ", ",a", "a,", "true", "null", "1", "1.0", "012", "~",
         "yes", "2020-01-01", "12:30", "0x1F", "1e3", ".inf", "=", "<<", "y", "long" * 30 + " " + "b" * 5,
         "é" * 50 + " " + "é" * 50 + " b", ("日本 " * 40).strip(), ("\"q\" " * 30).strip(), ("a: b " * 30).strip()]


class Raw(str):
    """YAML text that is written as it stands."""


def plain_safe(s, flow):
    if not s or s != s.strip() or s[0] in "-?:,[]{}#&*!|>'\"%@`=<~+.0123456789yYnNtTfFoO_":
        return False
    if any(ord(c) < 0x20 or ord(c) > 0x7e for c in s) or ": " in s or " #" in s or s.endswith(":"):
        return False
    return not (flow and any(c in ",[]{}:" for c in s))


def block_safe(s):
    return bool(s.strip("\n ")) and not any(ord(c) < 0x20 and c != "\n" for c in s) and \
        "\u0085" not in s and "\u2028" not in s and "\ufeff" not in s and s[0] not in "\n "


def literal(rng, s, pad):
    """A block scalar that reads as s."""
    body = s.rstrip("\n")
    trail = len(s) - len(body)
    chomp = "-" if trail == 0 else "" if trail == 1 else "+"
    lines = [pad + line if line else "" for line in body.split("\n")]
    blank = [rng.choice(["", pad, pad[:1]]) for _ in range(max(trail - 1, 0))]
    return "|" + chomp + rng.choice(["", "", " # c"]) + "\n" + "\n".join(lines + blank)


def folded(rng, pad):
    """Some folded or literal scalar: what it reads as is the reader's business."""
    head = rng.choice([">", ">-", ">+", "|", "|-", "|+", ">2", "|2", ">2-", "|1", ">1+"])
    digit = [c for c in head if c.isdigit()]
    # an indicator counts from the parent's indentation, which is one level (2) less than pad
    deep = (len(pad) - 2 + int(digit[0])) if digit else len(pad)
    lines = []
    for _ in range(rng.randint(1, 6)):
        lines.append(rng.choice(["", " " * deep, " " * (deep + 2)]) if rng.random() < 0.25 else
                     " " * deep + rng.choice(["", "", "", "", "  ", " "]) +
                     rng.choice(["a", "a b", "--flag=x", "word " * 20, "- b", "# c", "x: y", "a ", "é 😀",
                                 "c" * 85 + " d", "a\tb"]))
    if not digit and lines[0].strip(" ") == "":
        lines[0] = " " * deep + "first"
    return head + "\n" + "\n".join(lines)


def quoted(rng, s):
    if rng.random() < 0.4 and not any(ord(c) < 0x20 or c in "\u0085\u2028\ufeff" for c in s):
        return "'" + s.replace("'", "''") + "'"
    out = json.dumps(s, ensure_ascii=rng.random() < 0.3 and max(map(ord, s), default=0) < 0x10000)
    return out.replace("\x7f", "\\x7f").replace("\ufeff", "\\ufeff").replace("\u0085", "\\N")


def text(rng, s, flow, pad):
    """s in some style."""
    how = rng.random()
    if not flow and "\n" in s and block_safe(s) and how < 0.7:
        return literal(rng, s, pad)
    if plain_safe(s, flow) and how < 0.8:
        return s
    return quoted(rng, s)


def scalar(rng, flow=False, pad="  "):
    """Some scalar as YAML text."""
    kind = rng.random()
    if kind < 0.12:
        return rng.choice(WORDS) if not flow else rng.choice(WORDS[:16])
    if kind < 0.30:
        return rng.choice(NUMBERS)
    if kind < 0.38:
        return rng.choice(DATES)
    if kind < 0.55:
        s = rng.choice(PLAIN)
        return s if not flow or plain_safe(s, True) else quoted(rng, s)
    if kind < 0.67 and not flow:
        return folded(rng, pad)
    if kind < 0.70 and not flow:
        return ("\n" + pad).join(rng.choice(["a", "b c", "x" * 70, "word " * 8 + "e"])
                                 for _ in range(rng.randint(2, 4)))
    if kind < 0.73 and not flow:
        return rng.choice(["!!str 12", "!!str true", "!!int 12", "!!int '12'", "!!float 1", "!!binary YWJj",
                           "! a", "!!bool 'true'", "!!null ''", "!!str", "!custom x", "!!float 1.5"])
    return text(rng, rng.choice(TEXTS), flow, pad)


def tree(rng, depth=3):
    """Some value below a key."""
    kind = rng.random()
    if depth == 0 or kind < 0.6:
        return ODD
    if kind < 0.8:
        return {key(rng): tree(rng, depth - 1) for _ in range(rng.choice([0, 1, 2, 3]))}
    return [tree(rng, depth - 1) for _ in range(rng.choice([0, 1, 2, 3]))]


class _Odd:
    """Stands for a scalar that is chosen when it is written, so that its style fits the place."""

    def __deepcopy__(self, memo):
        return self


ODD = _Odd()


def key(rng):
    return rng.choice(["a", "b", "k", "k1", "k2", "k10", "k01", "A", "_k", "-k", "k.a", "k-a", "k_a", "a/b", "é",
                       "y", "n", "yes", "on", "key with space", "0a", "9", "10", "true_", "zeta", "ab", "a1b2",
                       "a01b", "x.y/z", "kß", "日", "x" * 30, "a b", "1.5a", "v1", "null_", "~a"])


def emit_key(rng, k):
    if k in ("9", "10") or not plain_safe(k, True):
        return quoted(rng, k) if k not in ("y", "n", "yes", "on") or rng.random() < 0.5 else k
    return k if rng.random() < 0.9 else quoted(rng, k)


def flow(rng, v):
    if isinstance(v, dict):
        return "{" + ", ".join(f"{emit_key(rng, k)}: {flow(rng, x)}" for k, x in v.items()) + "}"
    if isinstance(v, list):
        return "[" + ", ".join(flow(rng, x) or "''" for x in v) + "]"
    if v is ODD:
        return scalar(rng, True)
    return str(v) if isinstance(v, Raw) else text(rng, v, True, "")


def fits_flow(v):
    if isinstance(v, dict):
        return all(map(fits_flow, v.values()))
    if isinstance(v, list):
        return all(map(fits_flow, v))
    return v is ODD or "\n" not in v and (not isinstance(v, Raw) or v[:1] not in "|>" and
                                          plain_safe(v, True) or v in ("null", "{}", "[]") or v.isdigit())


def emit(rng, v, indent=0, inline=False):
    """YAML of v as what follows `key:` or `-` (inline: its first line stands behind a dash)."""
    pad = " " * indent
    if isinstance(v, (dict, list)) and (not v or (rng.random() < 0.08 and fits_flow(v))):
        return " " + flow(rng, v) + comment(rng) + "\n"
    if isinstance(v, dict):
        lines = []
        for k, x in v.items():
            lines.append(noise(rng, indent) + pad + emit_key(rng, k) + ":" + below(rng, x, indent))
        return join(lines, pad, inline)
    if isinstance(v, list):
        return join([noise(rng, indent) + pad + "-" + emit(rng, x, indent + 2, True) for x in v], pad, inline)
    if v is ODD:
        v = scalar(rng, False, pad)
    elif not isinstance(v, Raw):
        v = text(rng, v, False, pad)
    block = v[:1] in ("|", ">") and "\n" in v
    return (" " + v if v else "") + ("" if block or "\n" in v else comment(rng)) + "\n"


def below(rng, v, indent):
    if isinstance(v, list) and v and rng.random() < 0.5:
        return emit(rng, v, indent) # dashes under the key
    return emit(rng, v, indent + 2)


def join(lines, pad, inline):
    body = "".join(lines)
    if inline: # behind a dash the first key stands on its line
        return " " + body.lstrip("\n").removeprefix(pad) if body.startswith(pad) else "\n" + body
    return "\n" + body


def comment(rng):
    return rng.choice([" # c", "  # y: z", " #"]) if rng.random() < 0.03 else ""


def noise(rng, indent):
    if rng.random() > 0.02:
        return ""
    return rng.choice(["\n", " " * indent + "# comment: x\n", "# - y\n"])


def document(rng, v):
    return emit(rng, v).lstrip("\n")
