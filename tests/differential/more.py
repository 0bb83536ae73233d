"""more.py: the fields of a kustomization that fewer people use: configurations, crds, openapi,
plugins that generate and validate, files of replacements, vars that objects use, and what patches
may hold beside fields ($setElementOrder, several documents, a list of items)."""
import copy, json

from objects import NAMES, name, some
from odd import Raw, document

KINDS = ["Deployment", "Service", "ConfigMap", "Thing", "App", "Secret", "CronJob", "Ingress", "ServiceAccount"]
PATHS = ["spec/x", "spec/template/metadata/labels", "metadata/labels", "spec/a/b", "spec/template/spec/containers/image",
         "spec/template/spec/containers[]/name", "spec/ref/name", "data/k", "metadata/annotations/tier", "spec/x\\/y",
         "spec/containers/image", "spec/template/spec/containers/env/value", "metadata/name", "spec/made"]
SCHEMA = {
    "definitions": {
        "org.example.v1.Thing": {
            "properties": {
                "metadata": {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"},
                "spec": {"properties": {
                    "containers": {"type": "array", "items": {"$ref": "#/definitions/io.k8s.api.core.v1.Container"},
                                   "x-kubernetes-patch-merge-key": "name", "x-kubernetes-patch-strategy": "merge"},
                    "template": {"$ref": "#/definitions/io.k8s.api.core.v1.PodTemplateSpec"}}}},
            "x-kubernetes-group-version-kind": [{"group": "example.org", "version": "v1", "kind": "Thing"}]}},
    "paths": {"/apis/x.example.org/v1beta1/apps/{name}": {"get": {"x-kubernetes-group-version-kind": {
        "group": "x.example.org", "version": "v1beta1", "kind": "App"}}}}}


def fieldspec(rng, create=True):
    s = {"path": rng.choice(PATHS)}
    if some(rng, 0.6):
        s["kind"] = rng.choice(KINDS)
    if some(rng, 0.1):
        s["group"] = rng.choice(["apps", "example.org"])
    if some(rng, 0.1):
        s["version"] = rng.choice(["v1", "v1beta1"])
    if create and some(rng, 0.5):
        s["create"] = Raw(rng.choice(["true", "true", "false"]))
    return s


def fieldspecs(rng, create=True):
    return [fieldspec(rng, create) for _ in range(rng.randint(1, 3))]


def refer(rng, objects):
    """Writes $(NAME) into texts of objects that are to be made."""
    for o in objects:
        spec = o.get("spec")
        inner = spec.get("template", {}).get("spec") if isinstance(spec, dict) and isinstance(spec.get("template"), dict) else None
        for c in (inner or {}).get("containers", []) if isinstance(inner, dict) else []:
            if isinstance(c, dict) and some(rng, 0.5):
                c["args"] = [rng.choice(["$(A)", "--x=$(A)", "$$(A)", "$(X)-$(A)", "$(NO)", "$(A", "plain", "$(A)$(A)", "$"])
                             for _ in range(rng.randint(1, 3))]
        if some(rng, 0.2) and isinstance(o["metadata"].setdefault("annotations", {}), dict):
            o["metadata"]["annotations"]["uses"] = rng.choice(["$(A)", "a $(X) b", "$$(X)"])


class More:
    """Mixed into Folder: self.rng, self.objects, self.write, self.doc, self.k."""

    def configurations(self):
        rng, c = self.rng, {}
        for section in rng.sample(["namePrefix", "nameSuffix", "namespace", "commonLabels", "commonAnnotations", "images",
                                   "replicas", "varReference", "labels", "templateLabels"], rng.randint(1, 2)):
            c[section] = fieldspecs(rng, section != "varReference")
        if some(rng, 0.6):
            c["nameReference"] = [{"kind": rng.choice(KINDS), **({"version": "v1"} if some(rng, 0.3) else {}),
                                   "fieldSpecs": fieldspecs(rng, False)} for _ in range(rng.randint(1, 2))]
        return [self.write(".config.yaml", document(rng, c))]

    def crds(self):
        rng = self.rng
        marks = {"x-kubernetes-annotation": "", "x-kubernetes-label-selector": "", "x-kubernetes-identity": ""}
        ref = {"x-kubernetes-object-ref-api-version": "v1", "x-kubernetes-object-ref-kind": rng.choice(["ConfigMap", "Secret", "Thing"])}
        if some(rng, 0.3):
            ref["x-kubernetes-object-ref-name-key"] = "name"
        mark = rng.choice(list(marks))
        types = {
            "example.org/v1.Thing": {"Schema": {"properties": {"kind": {}, "apiVersion": {}, "metadata": {},
                                                               "spec": {"$ref": "example.org/v1.ThingSpec"}}}},
            "example.org/v1.ThingSpec": {"Schema": {"properties": {
                "ref": ref, "k": {mark: marks[mark]}, "a": {"$ref": "example.org/v1.Inner"}}}},
            "example.org/v1.Inner": {"Schema": {"properties": {"b": ref}}}}
        return [self.write(".types.json", json.dumps(types))]

    def openapi(self):
        schema = copy.deepcopy(SCHEMA)
        if some(self.rng, 0.2):
            return {"version": self.rng.choice(["v1.21.2", "v1.21.2", "v1.20.4"])}
        text = json.dumps(schema) if some(self.rng) else json.dumps(schema, indent=1).replace("\t", " ")
        return {"path": self.write(".schema.json", text)}

    def plugin(self, kind, more):
        config = {"apiVersion": "builtin", "kind": kind, "metadata": {"name": self.rng.choice(["x", name(self.rng)])}, **more}
        text = document(self.rng, config)
        return text if some(self.rng, 0.5) else self.write(".plugin.yaml", text)

    def generators(self):
        rng = self.rng
        g = self.generator(some(rng, 0.3))
        kind = "SecretGenerator" if "type" in g else "ConfigMapGenerator"
        if some(rng, 0.2):
            return [self.plugin("IAMPolicyGenerator", {"cloud": "gke", "kubernetesService": {"name": name(rng)},
                                                       "serviceAccount": {"name": "gsa", "projectId": "p"}})]
        return [self.plugin(kind, g)]

    def validators(self):
        return [self.plugin(*self.rng.choice([
            ("LabelTransformer", {"labels": {"validated-by": "x"}, "fieldSpecs": [{"path": "metadata/labels", "create": Raw("true")}]}),
            ("LabelTransformer", {"labels": {"a": "x"}, "fieldSpecs": [{"path": "spec/never"}]}),
            ("AnnotationsTransformer", {"annotations": {"a": "b"}, "fieldSpecs": [{"path": "metadata/annotations"}]})]))]

    def more_transformers(self):
        rng, o = self.rng, self.rng.choice(self.objects)
        return [self.plugin(*rng.choice([
            ("LabelTransformer", {"labels": self.texts(), "fieldSpecs": fieldspecs(rng)}),
            ("AnnotationsTransformer", {"annotations": self.texts(), "fieldSpecs": fieldspecs(rng)}),
            ("PrefixTransformer", {"prefix": "q-", "fieldSpecs": fieldspecs(rng)}),
            ("PrefixSuffixTransformer", {"prefix": "q-", "suffix": "-r", "fieldSpecs": [{"path": "metadata/name"}]}),
            ("NamespaceTransformer", {"metadata": {"name": "x", "namespace": "n3"}, "fieldSpecs": fieldspecs(rng),
                                      "setRoleBindingSubjects": rng.choice(["defaultOnly", "allServiceAccounts", "none"])}),
            ("ImageTagTransformer", {"imageTag": self.images()[0], "fieldSpecs": fieldspecs(rng)}),
            ("PatchTransformer", {"patch": self.doc_text(o), "target": {"kind": o["kind"]}}),
            ("PatchStrategicMergeTransformer", {"patches": self.doc_text(o)}),
            ("ReplacementTransformer", {"replacements": self.replacements()}),
            ("ValueAddTransformer", {"value": "v", "targets": [{"selector": {"kind": o["kind"]}, "fieldPath": rng.choice(PATHS),
                                                                **({"filePathPosition": Raw("1")} if some(rng) else {})}]}),
            ("HashTransformer", {})]))]

    def doc_text(self, o):
        return self.patch_text(o)[0].replace("\r", "")

    def more_patches(self):
        """Several documents, directives for lists, a target by annotation."""
        rng, out = self.rng, []
        docs = [self.doc_text(rng.choice(self.objects)) for _ in range(rng.choice([1, 2, 2]))]
        out.append({"path": self.write(".patches.yaml", "---\n".join(docs))})
        o = rng.choice(self.objects)
        p = {k: o[k] for k in ("apiVersion", "kind")}
        p["metadata"] = {k: o["metadata"][k] for k in ("name", "namespace") if k in o["metadata"]}
        spec = {"$setElementOrder/containers": [{"name": "side"}, {"name": "web"}], "containers": [{"name": "web", "image": "z"}]}
        if some(rng):
            spec = {"$retainKeys": ["containers"], "containers": [{"name": rng.choice(NAMES), "image": "z"}]}
        if some(rng, 0.3):
            spec = {"$deleteFromPrimitiveList/args": ["a"], "containers": [{"$patch": "replace"}, {"name": "new", "image": "z"}]}
        p["spec"] = {"template": {"spec": spec}} if some(rng, 0.7) else {"$patch": "replace", **spec}
        out.append({"patch": document(rng, p)})
        if some(rng):
            out[-1]["target"] = rng.choice([{"annotationSelector": "tier=web"}, {"labelSelector": "app,tier!=x"},
                                            {"kind": o["kind"], "namespace": ".*"}, {"name": "^w"}, {"name": "["},
                                            {"labelSelector": "a in"}])
        return out

    def more_replacements(self):
        """A file of them, over whole trees, with wildcards and missing places."""
        rng, o = self.rng, self.rng.choice(self.objects)
        paths = ["spec.template.spec.containers.*.image", "spec.template.spec.containers.[name=web].env.[name=A].value",
                 "metadata.labels.app", "metadata.labels.[x.y/z]", "spec.list.0", "spec.list.-", "spec.*", "spec.ports.*.name",
                 "data.k", "metadata", "spec.template.spec.containers.[image=nginx:1.0].image", "spec.made.-.k", "metadata.name"]
        r = {"source": {"kind": rng.choice([o["kind"], "Deployment", "ConfigMap|Secret"]), "fieldPath": rng.choice(paths)},
             "targets": [{"select": {"kind": rng.choice(KINDS + [o["kind"], ".*"])}, "fieldPaths": rng.sample(paths, rng.randint(1, 2))}]}
        if some(rng, 0.4):
            r["source"] = {**self.aim(o), **({"fieldPath": "metadata.name"} if some(rng) else {})}
        if some(rng, 0.4):
            r["targets"][0]["options"] = {"create": Raw("true")}
        if some(rng, 0.3):
            r["targets"][0]["reject"] = [rng.choice([{"kind": o["kind"]}, {"name": name(rng)}, {"labelSelector": "app=web"}])]
        rest = self.replacements()
        made = [r] + (rest if some(rng, 0.3) else [])
        if some(rng):
            return [{"path": self.write(".replacements.yaml", document(rng, made if some(rng) or len(made) > 1 else made[0]))}]
        return made


FIELDS = ["configurations", "crds", "openapi", "generators", "validators", "more_transformers", "more_patches",
          "more_replacements"]
