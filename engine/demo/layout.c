/*
 * layout.c: the sample repository, as data: one row a file. {dev}, {staging}, {production} stand
 * for the namespaces, {sealed:ENV} for that environment's sealed database secret.
 */
#include <string.h>

#include "demo/demo_int.h"

static const char *const environments[] = {"dev", "staging", "production"};

const char *demo_namespace(struct demo *d, const char *environment)
{
    return rk_arena_f(d->arena, DEMO_APP "-%s%s", environment, d->suffix);
}

#define APPLICATION(env, policy) \
    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: simple-app-" env "\n" \
    "  labels: {app.kubernetes.io/name: simple-app}\nspec:\n  project: simple-app\n  source:\n" \
    "    repoURL: {repo}\n    targetRevision: main\n" \
    "    path: k8s/apps/simple-app/overlays/" env "\n  destination:\n" \
    "    server: https://kubernetes.default.svc\n    namespace: {" env "}\n" policy

static const struct { const char *path, *text; } files[] = {
    {"README.md",
     "# simple-app\n\n"
     "- `k8s/apps/simple-app/base`: what every environment runs; `overlays/ENV`: what differs.\n"
     "- `k8s/argocd-apps`: one Application an environment; `reckon.yaml`: who may what, where.\n\n"
     "Promotion: `reckon promote simple-app --to staging` commits the image tag of dev into the\n"
     "overlay of staging; staging follows by itself, production by a reviewed plan.\n\n"
     "Rollback: `reckon revert simple-app-production --commit ID` reverts in git and syncs.\n"},
    {"reckon.yaml",
     "apiVersion: reckon.dev/v1\napplications: [k8s/argocd-apps]\nenvironments:\n"
     "- name: shared\n  match: [{paths: [\"k8s/namespaces\"]}]\n  sync: auto\n  prune: false\n"
     "  selfHeal: true\n"
     "- name: dev\n  match: [{namespaces: [\"simple-app-dev*\"]}]\n  sync: auto\n  prune: true\n"
     "  selfHeal: true\n"
     "- name: staging\n  match: [{namespaces: [\"simple-app-staging*\"]}]\n  sync: auto\n"
     "  prune: true\n  selfHeal: false\n"
     "- name: production\n  match: [{namespaces: [\"simple-app-production*\"]}]\n  sync: manual\n"
     "  locked: true\n  approvals: 0\n  pruneBudget: 5\n"},
    {"k8s/namespaces/kustomization.yaml", "resources:\n- namespaces.yaml\n"},
    {"k8s/namespaces/namespaces.yaml",
     "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {dev}\n---\n"
     "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {staging}\n---\n"
     "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {production}\n"},
    {"k8s/argocd-apps/project.yaml",
     "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata:\n  name: simple-app\nspec:\n"
     "  sourceRepos: ['{repo}']\n  destinations:\n"
     "  - {server: 'https://kubernetes.default.svc', namespace: 'simple-app-*'}\n"
     "  - {server: 'https://kubernetes.default.svc', namespace: default}\n"
     "  clusterResourceWhitelist:\n  - {group: '', kind: Namespace}\n"},
    {"k8s/argocd-apps/namespaces.yaml",
     "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: namespaces\nspec:\n"
     "  project: simple-app\n  source:\n    repoURL: {repo}\n    targetRevision: main\n"
     "    path: k8s/namespaces\n  destination:\n    server: https://kubernetes.default.svc\n"
     "    namespace: default\n"
     "  syncPolicy:\n    automated: {selfHeal: true}\n"},
    {"k8s/argocd-apps/simple-app-dev.yaml",
     APPLICATION("dev", "  syncPolicy:\n    automated: {prune: true, selfHeal: true}\n")},
    {"k8s/argocd-apps/simple-app-staging.yaml",
     APPLICATION("staging", "  syncPolicy:\n    automated: {prune: true}\n")},
    {"k8s/argocd-apps/simple-app-production.yaml", APPLICATION("production", "")},

    {"k8s/apps/simple-app/base/kustomization.yaml",
     "resources:\n- rbac.yaml\n- config.yaml\n- storage.yaml\n- deployment.yaml\n- service.yaml\n"
     "- ingress.yaml\nlabels:\n- pairs: {app.kubernetes.io/name: simple-app}\n"
     "  includeSelectors: true\n"},
    {"k8s/apps/simple-app/base/rbac.yaml",
     "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: simple-app\n"
     "  annotations: {argocd.argoproj.io/sync-wave: \"-2\"}\n---\n"
     "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: simple-app\n"
     "  annotations: {argocd.argoproj.io/sync-wave: \"-2\"}\nrules:\n"
     "- {apiGroups: [\"\"], resources: [configmaps], verbs: [get, list, watch]}\n---\n"
     "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: simple-app\n"
     "  annotations: {argocd.argoproj.io/sync-wave: \"-2\"}\nroleRef:\n"
     "  {apiGroup: rbac.authorization.k8s.io, kind: Role, name: simple-app}\nsubjects:\n"
     "- {kind: ServiceAccount, name: simple-app}\n"},
    {"k8s/apps/simple-app/base/config.yaml",
     "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: simple-app\n"
     "  annotations: {argocd.argoproj.io/sync-wave: \"-1\"}\ndata:\n  LOG_LEVEL: info\n"
     "  DEBUG: \"false\"\n  GREETING: hello\n"},
    {"k8s/apps/simple-app/base/storage.yaml",
     "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: simple-app\n"
     "  annotations: {argocd.argoproj.io/sync-wave: \"-1\"}\nspec:\n"
     "  accessModes: [ReadWriteOnce]\n  storageClassName: \"\"\n"
     "  resources: {requests: {storage: 1Gi}}\n"},
    {"k8s/apps/simple-app/base/deployment.yaml",
     "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: simple-app\n"
     "  annotations: {argocd.argoproj.io/sync-wave: \"0\"}\nspec:\n  replicas: 1\n"
     "  progressDeadlineSeconds: 10\n  selector:\n    matchLabels: {component: web}\n  template:\n"
     "    metadata:\n      labels: {component: web}\n    spec:\n"
     "      serviceAccountName: simple-app\n      containers:\n      - name: web\n"
     "        image: registry.example/simple-app:1.0.0\n        ports:\n"
     "        - {name: http, containerPort: 8080}\n        envFrom:\n"
     "        - configMapRef: {name: simple-app}\n        - secretRef: {name: database}\n"
     "        readinessProbe:\n          httpGet: {path: /ready, port: http}\n"
     "          periodSeconds: 5\n        livenessProbe:\n"
     "          httpGet: {path: /live, port: http}\n          periodSeconds: 10\n"
     "        resources:\n          requests: {cpu: 50m, memory: 64Mi}\n"
     "          limits: {memory: 128Mi}\n        volumeMounts:\n"
     "        - {name: data, mountPath: /data}\n      volumes:\n"
     "      - name: data\n        persistentVolumeClaim: {claimName: simple-app}\n"},
    {"k8s/apps/simple-app/base/service.yaml",
     "apiVersion: v1\nkind: Service\nmetadata:\n  name: simple-app\n"
     "  annotations: {argocd.argoproj.io/sync-wave: \"0\"}\nspec:\n"
     "  selector: {component: web}\n  ports:\n  - {name: http, port: 80, targetPort: http}\n"},
    {"k8s/apps/simple-app/base/ingress.yaml",
     "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: simple-app\n"
     "  annotations: {argocd.argoproj.io/sync-wave: \"1\"}\nspec:\n  rules:\n"
     "  - host: simple-app.example\n    http:\n      paths:\n"
     "      - path: /\n        pathType: Prefix\n        backend:\n"
     "          service: {name: simple-app, port: {name: http}}\n"},

    {"k8s/apps/simple-app/overlays/dev/kustomization.yaml",
     "namespace: {dev}\nresources:\n- ../../base\n- database.yaml\n- feature-flags.yaml\n"
     "- notes.yaml\npatches:\n- path: config.yaml\n# the tag that promotion carries on to staging\n"
     "images:\n- name: registry.example/simple-app\n  newTag: 1.0.0\n"},
    {"k8s/apps/simple-app/overlays/dev/config.yaml",
     "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: simple-app\ndata:\n"
     "  LOG_LEVEL: debug\n  DEBUG: \"true\"\n"},
    {"k8s/apps/simple-app/overlays/dev/database.yaml", "{sealed:dev}"},
    {"k8s/apps/simple-app/overlays/dev/feature-flags.yaml",
     "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: feature-flags\ndata:\n  new-cart: \"on\"\n"},
    {"k8s/apps/simple-app/overlays/dev/notes.yaml",
     "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: notes\ndata:\n  owner: platform\n"},
    {"k8s/apps/simple-app/overlays/staging/kustomization.yaml",
     "namespace: {staging}\nresources:\n- ../../base\n- database.yaml\npatches:\n"
     "- path: config.yaml\nreplicas:\n- name: simple-app\n  count: 2\nimages:\n"
     "- name: registry.example/simple-app\n  newTag: 1.0.0  # promoted from dev\n"},
    {"k8s/apps/simple-app/overlays/staging/config.yaml",
     "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: simple-app\ndata:\n"
     "  GREETING: hello from staging\n"},
    {"k8s/apps/simple-app/overlays/staging/database.yaml", "{sealed:staging}"},
    {"k8s/apps/simple-app/overlays/production/kustomization.yaml",
     "namespace: {production}\nresources:\n- ../../base\n- database.yaml\npatches:\n"
     "- path: deployment.yaml\nreplicas:\n- name: simple-app\n  count: 3\nimages:\n"
     "- name: registry.example/simple-app\n  newTag: \"1.0.0\"\n"},
    {"k8s/apps/simple-app/overlays/production/deployment.yaml",
     "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: simple-app\nspec:\n  template:\n"
     "    spec:\n      containers:\n      - name: web\n        readinessProbe:\n"
     "          periodSeconds: 2\n          failureThreshold: 2\n        resources:\n"
     "          requests: {cpu: 200m, memory: 128Mi}\n          limits: {memory: 256Mi}\n"},
    {"k8s/apps/simple-app/overlays/production/database.yaml", "{sealed:production}"},
};

/* The database secret of one environment, sealed with the cluster's certificate. */
static int sealed_secret(struct demo *d, rk_str cert, const char *env, struct rk_buf *out,
                         struct rk_err *err)
{
    struct rk_arena *a = rk_arena_new_wiping();
    uint8_t random[12];
    char password[25];
    int rc = rk_random(random, sizeof random, err);
    rk_hex(random, sizeof random, password);
    char *text = rk_asprintf("apiVersion: v1\nkind: Secret\nmetadata:\n  name: database\n"
                             "  namespace: %s\n  annotations:\n"
                             "    argocd.argoproj.io/sync-wave: \"-1\"\nstringData:\n"
                             "  USERNAME: %s\n  PASSWORD: \"%s\"\n",
                             demo_namespace(d, env), DEMO_APP, password);
    struct doc_node *secret = NULL, *sealed = NULL;
    struct doc_read how = {.typing = DOC_RESOURCE};
    if (rc == 0)
        rc = doc_yaml_read_one(a, rk_str_c(text), &how, &secret, err);
    if (rc == 0)
        rc = seal_secret(a, cert, true, SEAL_STRICT, NULL, secret, &sealed, err);
    if (rc == 0) { /* the wave belongs to the sealed object, too */
        struct doc_node *notes = doc_make(a, sealed, "metadata.annotations");
        doc_set_c(a, notes, "argocd.argoproj.io/sync-wave", doc_string_c(a, "-1"));
        rc = doc_yaml_write(out, sealed, err);
    }
    rk_wipe(text, strlen(text));
    rk_wipe(password, sizeof password);
    free(text);
    rk_arena_free(a);
    return rc;
}

static int expand(struct demo *d, const char *text, rk_str cert, struct rk_buf *out,
                  struct rk_err *err)
{
    while (*text) {
        bool found = false;
        for (size_t i = 0; i < RK_LEN(environments) && !found; i++) {
            char *plain = rk_asprintf("{%s}", environments[i]);
            char *sealed = rk_asprintf("{sealed:%s}", environments[i]);
            size_t n = strlen(plain), m = strlen(sealed);
            if (strncmp(text, plain, n) == 0) {
                rk_buf_c(out, demo_namespace(d, environments[i]));
                text += n;
                found = true;
            } else if (strncmp(text, sealed, m) == 0) {
                text += m;
                found = true;
                if (sealed_secret(d, cert, environments[i], out, err)) {
                    free(plain);
                    free(sealed);
                    return rk_wrap(err, "sealing the database secret of %s", environments[i]);
                }
            }
            free(plain);
            free(sealed);
        }
        if (!found && strncmp(text, "{repo}", 6) == 0) {
            rk_buf_f(out, "file://%s", d->bare);
            text += 6;
        } else if (!found) {
            rk_buf_ch(out, *text++);
        }
    }
    return 0;
}

static int write_file(struct demo *d, const char *path, rk_str bytes, struct rk_err *err)
{
    char *full = rk_path_join(d->work, path), *dir = rk_strdup(full);
    *strrchr(dir, '/') = 0;
    int rc = rk_mkdirs(dir, 0755, err);
    if (rc == 0)
        rc = rk_file_write(full, bytes, 0644, err);
    free(full);
    free(dir);
    return rc;
}

int demo_layout(struct demo *d, rk_str cert, struct rk_err *err)
{
    for (size_t i = 0; i < RK_LEN(files); i++) {
        struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
        if (expand(d, files[i].text, cert, &text, err) ||
            write_file(d, files[i].path, rk_buf_view(&text), err))
            return -1;
    }
    return 0;
}
