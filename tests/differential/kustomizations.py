"""kustomizations.py: a whole tree of files from a seed: bases, overlays, components, patches of
objects that are there, generators. tree(seed) gives {path: bytes} and the folder to build."""
import copy, random

import more
from objects import IMAGES, NAMES, SPACES, env, container, name, number, port, some, thing, volume
from odd import ODD, Raw, document, key, tree as odd_tree

FIELDS = ["namespace", "namePrefix", "nameSuffix", "labels", "commonLabels", "commonAnnotations", "patches",
          "patchesStrategicMerge", "patchesJson6902", "images", "replicas", "configMapGenerator",
          "secretGenerator", "generatorOptions", "sortOptions", "replacements", "vars", "transformers",
          "buildMetadata"]


# ---- patches ----
def patch_value(rng, v):
    """Something to put over v."""
    if some(rng, 0.08):
        return Raw("null")
    if isinstance(v, dict):
        return patch_map(rng, v)
    if isinstance(v, list):
        return patch_list(rng, v)
    return ODD if some(rng, 0.4) else rng.choice(["new", Raw("7"), Raw("true"), "web"])


def patch_map(rng, v):
    out = {}
    for k, x in v.items():
        if some(rng, 0.5):
            out[k] = patch_value(rng, x)
    if some(rng, 0.2):
        out[key(rng)] = odd_tree(rng, 2)
    if some(rng, 0.06):
        out["$patch"] = rng.choice(["replace", "delete", "merge"])
    return out


MADE = {"name": [container, env, volume], "containerPort": [lambda r: port(r, "containerPort")],
        "port": [lambda r: port(r, "port")]}


def patch_list(rng, v):
    out = []
    for x in v:
        if not some(rng, 0.6):
            continue
        if isinstance(x, dict):
            keys = {k: x[k] for k in ("name", "containerPort", "port", "protocol", "mountPath", "ip", "topologyKey",
                                      "whenUnsatisfiable") if k in x}
            out.append({**patch_map(rng, x), **keys} if some(rng, 0.8) else {**keys, "$patch": "delete"})
        else:
            out.append(copy.deepcopy(x))
    if v and isinstance(v[0], dict) and some(rng, 0.5):
        for k, makers in MADE.items():
            if k in v[0]:
                out.append(rng.choice(makers)(rng))
                break
    elif some(rng, 0.4):
        out.append(rng.choice(["new", "a", Raw("1")]))
    if some(rng, 0.05):
        out.append({"$patch": rng.choice(["replace", "delete", "merge"])})
    rng.shuffle(out)
    return out


def strategic(rng, o):
    p = {k: o[k] for k in ("apiVersion", "kind")}
    p["metadata"] = {k: o["metadata"][k] for k in ("name", "namespace") if k in o["metadata"]}
    for field in ("labels", "annotations"):
        if some(rng, 0.2):
            p["metadata"][field] = patch_value(rng, o["metadata"].get(field, {"app": "web"}))
    for k, v in o.items():
        if k not in p and some(rng, 0.8):
            p[k] = patch_value(rng, v)
    if some(rng, 0.03):
        p["$patch"] = rng.choice(["delete", "replace", "merge"])
    return p


def pointers(v, at=""):
    yield at, v
    items = v.items() if isinstance(v, dict) else enumerate(v) if isinstance(v, list) else ()
    for k, x in items:
        yield from pointers(x, at + "/" + str(k).replace("~", "~0").replace("/", "~1"))


def operations(rng, o):
    identity = ("/kind", "/apiVersion", "/metadata/name", "/metadata/namespace")
    # the real tool keeps notes of its own in metadata.annotations, which whole maps would show
    never = ("", "/metadata", "/metadata/annotations", "/metadata/labels")
    places = [p for p in pointers(o) if p[0] not in never and (p[0] not in identity or some(rng, 0.1))]
    ops = []
    for _ in range(rng.randint(1, 3)) if places else ():
        at, v = rng.choice(places)
        if some(rng, 0.15) and isinstance(v, (list, dict)):
            at += "/-" if isinstance(v, list) else "/" + rng.choice(["new", "a~1b"])
        op = {"op": rng.choice(["add", "add", "replace", "replace", "replace", "remove", "copy", "move", "test"]), "path": at}
        if op["op"] in ("copy", "move"):
            op["from"] = rng.choice(places)[0]
        elif op["op"] != "remove":
            op["value"] = odd_tree(rng, 1) if some(rng, 0.5) else \
                v if not isinstance(v, (dict, list)) else {"k": ODD}
        ops.append(op)
    return ops


def field_path(rng, o, scalar=True):
    """A path of replacements to some field of o."""
    places = [(at, v) for at, v in pointers(o) if at and (not scalar or not isinstance(v, (dict, list)))]
    out, node = [], o
    for part in rng.choice(places)[0].split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        node = node[int(part)] if isinstance(node, list) else node[part]
        if part.isdigit() and isinstance(node, dict) and isinstance(node.get("name"), str) and some(rng, 0.7):
            part = f"[name={node['name']}]"
        elif part.isdigit() and some(rng, 0.2):
            part = "*"
        elif "." in part or "/" in part:
            part = f"[{part}]" if some(rng, 0.5) else part.replace(".", "\\.")
        out.append(part)
    return ".".join(out)


def target(rng, o):
    t = {}
    if some(rng, 0.9):
        t["kind"] = rng.choice([o["kind"], o["kind"], "Deployment|StatefulSet", ".*"])
    if some(rng, 0.6):
        t["name"] = rng.choice([o["metadata"]["name"], "w.*", "web|db", ".*"])
    if some(rng, 0.2):
        t["version"] = o["apiVersion"].split("/")[-1]
    if some(rng, 0.2) and "/" in o["apiVersion"]:
        t["group"] = o["apiVersion"].split("/")[0]
    if some(rng, 0.1):
        t["namespace"] = o["metadata"].get("namespace", "default")
    if some(rng, 0.1):
        t["labelSelector"] = rng.choice(["app=web", "app in (web,db)", "!app", "app!=web", "tier"])
    return t or {"kind": ".*"}


# ---- one folder ----
class Folder(more.More):
    def __init__(self, rng, files, path):
        self.rng, self.files, self.path = rng, files, path
        self.k, self.objects, self.n = {}, [], 0
        self.wide = rng.wide

    def write(self, suffix, text):
        self.n += 1
        at = f"f{self.n}{suffix}"
        self.files[f"{self.path}/{at}"] = text
        return at

    def doc(self, v):
        text = document(self.rng, v)
        return text.replace("\n", "\r\n") if some(self.rng, 0.01) else text

    def resources(self):
        made = [thing(self.rng) for _ in range(self.rng.choice([1, 1, 2, 3, 4]))]
        self.objects += made
        if self.wide:
            more.refer(self.rng, made)
        while made:
            n = self.rng.randint(1, len(made))
            text = self.rng.choice(["---\n", "--- # c\n", "---\n---\n"]).join(self.doc(o) for o in made[:n])
            if some(self.rng, 0.05):
                text = self.doc({"apiVersion": "v1", "kind": "List", "items": made[:n]})
            self.k.setdefault("resources", []).append(self.write(".yaml", text))
            made = made[n:]

    def patch_text(self, o):
        """(text, needs a target)"""
        if some(self.rng, 0.35):
            return self.doc(operations(self.rng, o)), True
        return self.doc(strategic(self.rng, o)), some(self.rng, 0.5)

    def patches(self):
        out = []
        for _ in range(self.rng.randint(1, 3)):
            o = self.rng.choice(self.objects)
            text, aimed = self.patch_text(o)
            p = {"target": target(self.rng, o)} if aimed else {}
            if some(self.rng, 0.5) and "\r" not in text:
                p["patch"] = text
            else:
                p["path"] = self.write(".patch.yaml", text)
            if some(self.rng, 0.1):
                p["options"] = {self.rng.choice(["allowNameChange", "allowKindChange"]): Raw("true")}
            out.append(p)
        return out

    def patchesStrategicMerge(self):
        o = self.rng.choice(self.objects)
        text = self.doc(strategic(self.rng, o))
        return [text if some(self.rng) and "\r" not in text else self.write(".patch.yaml", text)]

    def patchesJson6902(self):
        o = self.rng.choice(self.objects)
        aim = {"version": o["apiVersion"].split("/")[-1], "kind": o["kind"], "name": o["metadata"]["name"]}
        if "/" in o["apiVersion"]:
            aim["group"] = o["apiVersion"].split("/")[0]
        return [{"target": aim, "path": self.write(".json.yaml", self.doc(operations(self.rng, o)))}]

    def texts(self, names=("app", "tier", "team", "x.y/z")):
        return {self.rng.choice(names): self.rng.choice(["web", "v1", "1.10", "true", "a: b", "é", "", "012", "y",
                                                         "2020-01-01", "long " * 20 + "x"])
                for _ in range(self.rng.randint(1, 2))}

    def namespace(self):
        return self.rng.choice(["prod", "q", "default", "n1"])

    def namePrefix(self):
        return self.rng.choice(["p-", "a-", "1"])

    def nameSuffix(self):
        return self.rng.choice(["-s", "-v1"])

    def commonLabels(self):
        return self.texts()

    def commonAnnotations(self):
        return self.texts()

    def labels(self):
        out = []
        for _ in range(self.rng.choice([1, 1, 2])):
            e = {"pairs": self.texts()}
            if some(self.rng):
                e[self.rng.choice(["includeSelectors", "includeTemplates"])] = Raw("true")
            if some(self.rng, 0.1):
                e["fields"] = [{"path": "spec/" + self.rng.choice(["x", "template/metadata/labels", "a/b"]),
                                "create": Raw(self.rng.choice(["true", "false"]))}]
            out.append(e)
        return out

    def images(self):
        out = []
        for _ in range(self.rng.randint(1, 2)):
            e = {"name": self.rng.choice(IMAGES).split("@")[0].split(":")[0] if some(self.rng, 0.8) else
                 self.rng.choice(["nginx", "redis", "n.*x", "missing", "r.example.org:5000/x/app"])}
            for f, v in (("newName", "other/app"), ("newTag", "9.9"), ("digest", "sha256:fe"), ("tagSuffix", "-dbg")):
                if some(self.rng, 0.35):
                    e[f] = v
            out.append(e)
        return out

    def replicas(self):
        scaled = [o["metadata"]["name"] for o in self.objects if o["kind"] in ("Deployment", "StatefulSet")]
        return [{"name": self.rng.choice(scaled) if some(self.rng, 0.9) else "web", "count": Raw("5")}] if scaled else None

    def generator(self, secret):
        rng = self.rng
        g = {"name": rng.choice(["gen", "made", "made", rng.choice(NAMES)])}
        if some(rng, 0.15):
            g["namespace"] = rng.choice(["prod", "q"])
        there = [o["metadata"] for o in self.objects if o["kind"] == ("Secret" if secret else "ConfigMap")]
        if there and some(rng, 0.4):
            g["behavior"] = rng.choice(["merge", "replace"])
            g.update({k: v for k, v in rng.choice(there).items() if k in ("name", "namespace")})
        elif some(rng, 0.03):
            g["behavior"] = rng.choice(["create", "merge", "replace", "other"])
        if some(rng, 0.7):
            g["literals"] = [k + "=" + rng.choice(["1", "x y", "true", "'q'", '"q"', "a=b", "é😀", "long " * 20, " lead", "012", ""])
                             for k in rng.sample(["a", "b", "c", "k.x", "K_1"], rng.randint(1, 3))]
        if some(rng, 0.4):
            text = rng.choice(["a\nb\n", "tab\there\n", "no newline", "a \nb\n", "x" * 200, "\r\n", "", "#!/bin/sh\necho\n",
                               "é\n", "\x00\x01", "\xff\xfe", "k: v\nl:\n- a\n"])
            self.n += 1
            at = f"g{self.n}.txt"
            self.files[f"{self.path}/{at}"] = text.encode("latin-1") if "\xff" in text or "\x00" in text else text
            g["files"] = [at if some(rng, 0.6) else f"named={at}"]
        if some(rng, 0.25):
            g["envs"] = [self.write(".env", rng.choice(["A=1\nB=x y\n", "# c\nA=1\n\n  B=2 \n", "A\n", "A='q'\nexport B=1\n",
                                                        "A=1\r\nB=2\r\n", "\ufeffA=1\n", ""]))]
        if some(rng, 0.25):
            g["options"] = self.options()
        if secret and some(rng):
            g["type"] = "kubernetes.io/x"
        return g

    def options(self):
        rng, o = self.rng, {}
        if some(rng, 0.5):
            o["disableNameSuffixHash"] = Raw(rng.choice(["true", "false"]))
        if some(rng):
            o["immutable"] = Raw("true")
        if some(rng):
            o["labels"] = self.texts()
        if some(rng):
            o["annotations"] = self.texts()
        return o

    def configMapGenerator(self):
        return [self.generator(False) for _ in range(self.rng.randint(1, 2))]

    def secretGenerator(self):
        return [self.generator(True)]

    def generatorOptions(self):
        return self.options()

    def sortOptions(self):
        if some(self.rng, 0.5):
            return {"order": self.rng.choice(["fifo", "legacy"])}
        return {"order": "legacy", "legacySortOptions": {
            "orderFirst": self.rng.sample(["Deployment", "Thing", "Service", "ConfigMap"], 2),
            "orderLast": self.rng.sample(["Namespace", "Secret", "App"], 1)}}

    def aim(self, o):
        return {"kind": o["kind"], "name": o["metadata"]["name"]}

    def replacements(self):
        rng, source = self.rng, self.rng.choice(self.objects)
        r = {"source": {**self.aim(source), "fieldPath": field_path(rng, source)}}
        if some(rng, 0.15):
            r["source"]["options"] = {"delimiter": rng.choice(":-/"), "index": Raw(rng.choice("01"))}
        if some(rng, 0.1):
            r = {"sourceValue": rng.choice(["text", "1", "a b"])}
        r["targets"] = []
        for _ in range(rng.choice([1, 1, 2])):
            o = rng.choice(self.objects)
            t = {"select": self.aim(o) if some(rng, 0.8) else {"kind": o["kind"]}, "fieldPaths": [field_path(rng, o)]}
            if some(rng, 0.3):
                t["fieldPaths"] = ["metadata.annotations.new", "spec.made.[name=x].value"][:rng.randint(1, 2)]
                t["options"] = {"create": Raw("true")}
            elif some(rng, 0.2):
                t["options"] = {"delimiter": rng.choice(":-/"), "index": Raw(rng.choice(["0", "1", "-1", "5"]))}
            if some(rng, 0.1):
                t["reject"] = [{"name": name(rng)}]
            r["targets"].append(t)
        return [r]

    def vars(self):
        o = self.rng.choice(self.objects)
        v = {"name": self.rng.choice("AX"), "objref": {**self.aim(o), "apiVersion": o["apiVersion"]}}
        if some(self.rng, 0.4):
            v["fieldref"] = {"fieldPath": "metadata.namespace" if some(self.rng, 0.3) else "spec.replicas"}
        return [v]

    def transformers(self):
        rng = self.rng
        kind, more = rng.choice([
            ("PrefixTransformer", {"prefix": "q-", "fieldSpecs": [{"path": "metadata/name"}]}),
            ("SuffixTransformer", {"suffix": "-t", "fieldSpecs": [{"path": "metadata/name"}]}),
            ("LabelTransformer", {"labels": self.texts(), "fieldSpecs": [{"path": "metadata/labels", "create": Raw("true")}]}),
            ("AnnotationsTransformer", {"annotations": self.texts(), "fieldSpecs": [{"path": "metadata/annotations", "create": Raw("true")}]}),
            ("NamespaceTransformer", {"metadata": {"name": "x", "namespace": "n2"}, "unsetOnly": Raw(rng.choice(["true", "false"])),
                                      "fieldSpecs": [{"path": "metadata/namespace", "create": Raw("true")}]}),
            ("ImageTagTransformer", {"imageTag": {"name": "nginx", "newTag": "7"}, "fieldSpecs": [{"path": "spec/template/spec/containers[]/image"}]}),
            ("ReplicaCountTransformer", {"replica": {"name": name(rng), "count": Raw("4")}, "fieldSpecs": [{"path": "spec/replicas", "create": Raw("true"), "kind": "Deployment"}]})])
        config = {"apiVersion": "builtin", "kind": kind, "metadata": {"name": "x"}, **more}
        text = document(rng, config)
        return [text if some(rng, 0.5) else self.write(".transformer.yaml", text)]

    def buildMetadata(self):
        return self.rng.sample(["originAnnotations", "transformerAnnotations", "managedByLabel"], self.rng.randint(1, 3))

    def fields(self, n, root):
        fields = FIELDS + (more.FIELDS if self.wide else [])
        for f in self.rng.sample(fields, n):
            needs = f.startswith(("patches", "more_")) or f in ("replacements", "vars")
            if (needs and not self.objects) or (f in ("sortOptions", "buildMetadata") and not root):
                continue
            value = getattr(self, f)()
            if value:
                f = f.removeprefix("more_")
                self.k[f] = self.k[f] + value if f in self.k else value

    def finish(self, kind=None):
        if kind:
            self.k = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": kind, **self.k}
        items = list(self.k.items())
        if not kind:
            self.rng.shuffle(items)
        self.files[f"{self.path}/kustomization.yaml"] = document(self.rng, dict(items))


def tree(seed):
    rng, files = random.Random(seed), {}
    rng.wide = seed % 2 == 0  # every second seed has the fields of more.py
    base = Folder(rng, files, "base")
    base.resources()
    layers = rng.choice([1, 1, 2, 2, 3])
    base.fields(rng.choice([0, 1, 2, 3]) if layers > 1 else rng.choice([1, 2, 3, 4]), layers == 1)
    base.finish()
    last = base
    for i in range(1, layers):
        over = Folder(rng, files, f"layer{i}")
        over.k["resources"] = [f"../{last.path}"]
        over.objects = list(last.objects)
        if some(rng, 0.2):
            over.resources()
        if some(rng, 0.15):
            part = Folder(rng, files, f"part{i}")
            part.objects = list(over.objects)
            part.fields(rng.choice([1, 2]), False)
            part.finish("Component")
            over.k["components"] = [f"../{part.path}"]
        over.fields(rng.choice([1, 2, 3, 4]), i == layers - 1)
        over.finish()
        last = over
    return {p: t if isinstance(t, bytes) else t.encode("utf-8", "surrogatepass") for p, t in files.items()}, last.path
