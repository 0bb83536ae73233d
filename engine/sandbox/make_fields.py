#!/usr/bin/env python3
"""Writes fields_table.c from a real API server's OpenAPI v3: make_fields.py KUBECTL KUBECONFIG.

One row a type: its name and "field:code" words. Codes: s string, i int32, l int64, b bool, f float,
q quantity, x int or string, t time, * anything, @T type T; [c list of c, {c map of c.
"""
import json
import re
import subprocess
import sys

CONSTANTS = {"APPS": "apps", "BATCH": "batch", "NETWORKING": "networking.k8s.io",
             "RBAC": "rbac.authorization.k8s.io", "STORAGE": "storage.k8s.io"}
SCALARS = {"Quantity": "q", "IntOrString": "x", "Time": "t", "MicroTime": "t", "FieldsV1": "*",
           "RawExtension": "*", "JSON": "*"}
VERSIONS = {"autoscaling": "v2"}


def get(path):
    cmd = [sys.argv[1], "--kubeconfig", sys.argv[2], "get", "--raw", path]
    return json.loads(subprocess.run(cmd, check=True, capture_output=True).stdout)


def kinds():
    for group, kind in re.findall(r'\{\.group = ("[^"]*"|\w+), \.kind = "(\w+)"',
                                  open("kinds.c").read()):
        group = CONSTANTS.get(group, group.strip('"'))
        if group not in ("bitnami.com", "apiextensions.k8s.io", "ADMISSION"):
            yield group, VERSIONS.get(group, "v1"), kind


def load():
    index, schemas, roots = get("/openapi/v3")["paths"], {}, []
    for group, version, kind in kinds():
        path = f"apis/{group}/{version}" if group else f"api/{version}"
        found = get(index[path]["serverRelativeURL"])["components"]["schemas"]
        schemas.update(found)
        gvk = {"group": group, "version": version, "kind": kind}
        roots += [n for n, s in found.items() if n.startswith("io.k8s.api.")
                  and gvk in s.get("x-kubernetes-group-version-kind", [])]
    return schemas, roots


def code(schema, todo):
    if len(schema.get("allOf", [])) == 1:
        schema = schema["allOf"][0]
    if "$ref" in schema:
        name = schema["$ref"].split("/")[-1]
        last = name.split(".")[-1]
        if last in SCALARS:
            return SCALARS[last]
        todo.append(name)
        return "@" + name
    kind = schema.get("type")
    if kind == "array":
        return "[" + code(schema["items"], todo)
    if kind == "object" and "additionalProperties" in schema:
        return "{" + code(schema["additionalProperties"], todo)
    if kind == "integer":
        return "l" if schema.get("format") == "int64" else "i"
    return {"string": "s", "boolean": "b", "number": "f"}.get(kind, "*")


def closure(schemas, roots):
    types, todo = {}, list(roots)
    while todo:
        name = todo.pop()
        if name not in types:
            types[name] = [(f, code(s, todo))
                           for f, s in sorted(schemas[name].get("properties", {}).items())]
    return types


def short_names(types):
    last = {}
    for name in types:
        last.setdefault(name.split(".")[-1], []).append(name)
    return {n: k if len(v) == 1 else f"{k}_{n.split('.')[-3]}" for k, v in last.items() for n in v}


def literal(text, width=92):
    lines, line = [], ""
    for word in text.split(" "):
        if len(line) + len(word) + 1 > width:
            lines.append(line)
            line = ""
        line += word + " "
    lines.append(line.rstrip())
    return "\n     ".join(f'"{x}"' for x in lines)


def main():
    schemas, roots = load()
    types = closure(schemas, roots)
    short = short_names(types)
    out = open("fields_table.c", "w")
    out.write("""/*
 * fields_table.c: the fields of the built-in types, so that a field which a kind does not have is
 * told as the real server tells it. Written by make_fields.py from a v1.35 server's OpenAPI v3; do
 * not edit. A row: a type and "field:code" words; the codes are explained in fields_int.h.
 */
#include "sandbox/fields_int.h"

const struct sb_fields sb_fields[] = {
""")
    for name in sorted(types, key=lambda n: short[n]):
        words = [f + ":" + re.sub("@(.*)$", lambda m: "@" + short[m.group(1)], c)
                 for f, c in types[name]]
        out.write(f'    {{"{short[name]}",\n     {literal(" ".join(words))}}},\n')
    out.write("};\nconst size_t sb_fields_n = RK_LEN(sb_fields);\n")


main()
