/*
 * application_fields.c: the fields that an Argo CD Application may have (API/types.go by way of
 * reference/argocd.md section 1.1), one row each: name, type, and what happens instead where a
 * field is not implemented. Data only.
 */
#include "model/model_int.h"

#define BY_RENDER "Reckon renders with its own Kustomize"

static const struct field metadata_fields[] = {
    {"name", FIELD_TEXT, NULL, NULL, false},
    {"namespace", FIELD_TEXT, NULL, NULL, false},
    {"labels", FIELD_TEXT_MAP, NULL, NULL, false},
    {"annotations", FIELD_TEXT_MAP, NULL, NULL, false},
    {"finalizers", FIELD_TEXTS, NULL, NULL, false},
    {"uid", FIELD_ANY, NULL, NULL, false}, /* these come with exports from a cluster */
    {"generation", FIELD_ANY, NULL, NULL, false},
    {"resourceVersion", FIELD_ANY, NULL, NULL, false},
    {"creationTimestamp", FIELD_ANY, NULL, NULL, false},
    {"deletionTimestamp", FIELD_ANY, NULL, NULL, false},
    {"deletionGracePeriodSeconds", FIELD_ANY, NULL, NULL, false},
    {"managedFields", FIELD_ANY, NULL, NULL, false},
    {"ownerReferences", FIELD_ANY, NULL, NULL, false},
    {0},
};
static const struct field replica_fields[] = {
    {"name", FIELD_TEXT, NULL, NULL, false},
    {"count", FIELD_ANY, NULL, NULL, false}, /* a number, or a text of one */
    {0},
};
static const struct field target_fields[] = {
    {"group", FIELD_TEXT, NULL, NULL, false},
    {"version", FIELD_TEXT, NULL, NULL, false},
    {"kind", FIELD_TEXT, NULL, NULL, false},
    {"name", FIELD_TEXT, NULL, NULL, false},
    {"namespace", FIELD_TEXT, NULL, NULL, false},
    {"labelSelector", FIELD_TEXT, NULL, NULL, false},
    {"annotationSelector", FIELD_TEXT, NULL, NULL, false},
    {0},
};
static const struct field patch_option_fields[] = {
    {"allowNameChange", FIELD_BOOL, NULL, NULL, false},
    {"allowKindChange", FIELD_BOOL, NULL, NULL, false},
    {0},
};
static const struct field patch_fields[] = {
    {"path", FIELD_TEXT, NULL, NULL, false},
    {"patch", FIELD_TEXT, NULL, NULL, false},
    {"target", FIELD_MAP, target_fields, NULL, false},
    {"options", FIELD_MAP, patch_option_fields, NULL, false},
    {0},
};
static const struct field kustomize_fields[] = {
    {"namePrefix", FIELD_TEXT, NULL, NULL, false},
    {"nameSuffix", FIELD_TEXT, NULL, NULL, false},
    {"images", FIELD_TEXTS, NULL, NULL, false},
    {"replicas", FIELD_LIST, replica_fields, NULL, false},
    {"commonLabels", FIELD_TEXT_MAP, NULL, NULL, false},
    {"commonAnnotations", FIELD_TEXT_MAP, NULL, NULL, false},
    {"namespace", FIELD_TEXT, NULL, NULL, false},
    {"components", FIELD_TEXTS, NULL, NULL, false},
    {"patches", FIELD_LIST, patch_fields, NULL, false},
    {"labelWithoutSelector", FIELD_BOOL, NULL, NULL, false},
    {"labelIncludeTemplates", FIELD_BOOL, NULL, NULL, false},
    {"commonAnnotationsEnvsubst", FIELD_BOOL, NULL, NULL, false},
    {"forceCommonLabels", FIELD_BOOL, NULL, NULL, false},
    {"forceCommonAnnotations", FIELD_BOOL, NULL, NULL, false},
    {"ignoreMissingComponents", FIELD_BOOL, NULL, NULL, false},
    {"version", FIELD_TEXT, NULL, BY_RENDER ", v5.7.1", false},
    {"kubeVersion", FIELD_TEXT, NULL, NULL, false},
    {"apiVersions", FIELD_TEXTS, NULL, NULL, false},
    {0},
};
static const struct field directory_fields[] = {
    {"recurse", FIELD_BOOL, NULL, NULL, false},
    {"include", FIELD_TEXT, NULL, NULL, false},
    {"exclude", FIELD_TEXT, NULL, NULL, false},
    {"jsonnet", FIELD_MAP, NULL, "render Jsonnet to YAML and commit that", true},
    {"disableExtensionFilter", FIELD_BOOL, NULL, NULL, false},
    {0},
};
static const struct field parameter_fields[] = {
    {"name", FIELD_TEXT, NULL, NULL, false},
    {"value", FIELD_TEXT, NULL, NULL, false},
    {"forceString", FIELD_BOOL, NULL, NULL, false},
    {0},
};
static const struct field file_parameter_fields[] = {
    {"name", FIELD_TEXT, NULL, NULL, false},
    {"path", FIELD_TEXT, NULL, NULL, false},
    {0},
};
static const struct field helm_fields[] = {
    {"valueFiles", FIELD_TEXTS, NULL, NULL, false},
    {"ignoreMissingValueFiles", FIELD_BOOL, NULL, NULL, false},
    {"values", FIELD_TEXT, NULL, NULL, false},
    {"valuesObject", FIELD_MAP, NULL, NULL, false},
    {"parameters", FIELD_LIST, parameter_fields, NULL, false},
    {"fileParameters", FIELD_LIST, file_parameter_fields, NULL, false},
    {"releaseName", FIELD_TEXT, NULL, NULL, false},
    {"namespace", FIELD_TEXT, NULL, NULL, false},
    {"skipCrds", FIELD_BOOL, NULL, NULL, false},
    {"skipTests", FIELD_BOOL, NULL, NULL, false},
    {"skipSchemaValidation", FIELD_BOOL, NULL, NULL, false},
    {"kubeVersion", FIELD_TEXT, NULL, NULL, false},
    {"apiVersions", FIELD_TEXTS, NULL, NULL, false},
    {"version", FIELD_TEXT, NULL, NULL, false}, /* read_helm_version */
    {"passCredentials", FIELD_BOOL, NULL, "credentials go to their own host only", false},
    {0},
};
#define SOURCE_FIELDS \
    {"repoURL", FIELD_TEXT, NULL, NULL, false}, \
    {"targetRevision", FIELD_TEXT, NULL, NULL, false}, \
    {"path", FIELD_TEXT, NULL, NULL, false}, \
    {"kustomize", FIELD_MAP, kustomize_fields, NULL, false}, \
    {"directory", FIELD_MAP, directory_fields, NULL, false}, \
    {"chart", FIELD_TEXT, NULL, NULL, false}, \
    {"helm", FIELD_MAP, helm_fields, NULL, false}, \
    {"plugin", FIELD_MAP, NULL, "Reckon runs no foreign code; commit what it renders", true}
static const struct field source_fields[] = {
    SOURCE_FIELDS,
    {"ref", FIELD_TEXT, NULL, "it names a source for value files of spec.sources", false},
    {"name", FIELD_TEXT, NULL, "it names a source of spec.sources", false},
    {"tagPrefix", FIELD_TEXT, NULL, "name the tag or branch in targetRevision", true},
    {0},
};
static const struct field sources_fields[] = {
    SOURCE_FIELDS,
    {"ref", FIELD_TEXT, NULL, NULL, false},
    {"name", FIELD_TEXT, NULL, NULL, false},
    {"tagPrefix", FIELD_TEXT, NULL, "name the tag or branch in targetRevision", true},
    {0},
};
static const struct field destination_fields[] = {
    {"server", FIELD_TEXT, NULL, NULL, false},
    {"name", FIELD_TEXT, NULL, NULL, false},
    {"namespace", FIELD_TEXT, NULL, NULL, false},
    {0},
};
static const struct field automated_fields[] = {
    {"enabled", FIELD_BOOL, NULL, NULL, false},
    {"prune", FIELD_BOOL, NULL, NULL, false},
    {"selfHeal", FIELD_BOOL, NULL, NULL, false},
    {"allowEmpty", FIELD_BOOL, NULL, NULL, false},
    {0},
};
static const struct field backoff_fields[] = {
    {"duration", FIELD_TEXT, NULL, NULL, false},
    {"factor", FIELD_INT, NULL, NULL, false},
    {"maxDuration", FIELD_TEXT, NULL, NULL, false},
    {0},
};
static const struct field retry_fields[] = {
    {"limit", FIELD_INT, NULL, NULL, false},
    {"backoff", FIELD_MAP, backoff_fields, NULL, false},
    {"refresh", FIELD_BOOL, NULL, NULL, false},
    {0},
};
static const struct field policy_fields[] = {
    {"automated", FIELD_MAP, automated_fields, NULL, false},
    {"syncOptions", FIELD_TEXTS, NULL, NULL, false},
    {"retry", FIELD_MAP, retry_fields, NULL, false},
    {"managedNamespaceMetadata", FIELD_MAP, NULL,
     "put a Namespace manifest with these labels into git", false},
    {0},
};
static const struct field ignore_fields[] = {
    {"group", FIELD_TEXT, NULL, NULL, false},
    {"kind", FIELD_TEXT, NULL, NULL, false},
    {"name", FIELD_TEXT, NULL, NULL, false},
    {"namespace", FIELD_TEXT, NULL, NULL, false},
    {"jsonPointers", FIELD_TEXTS, NULL, NULL, false},
    {"jqPathExpressions", FIELD_TEXTS, NULL, NULL, false},
    {"managedFieldsManagers", FIELD_TEXTS, NULL, NULL, false},
    {0},
};
static const struct field spec_fields[] = {
    {"project", FIELD_TEXT, NULL, NULL, false},
    {"source", FIELD_MAP, source_fields, NULL, false},
    {"sources", FIELD_LIST, sources_fields, NULL, false},
    {"sourceHydrator", FIELD_MAP, NULL,
     "name the branch with the rendered manifests in spec.source", true},
    {"destination", FIELD_MAP, destination_fields, NULL, false},
    {"syncPolicy", FIELD_MAP, policy_fields, NULL, false},
    {"ignoreDifferences", FIELD_LIST, ignore_fields, NULL, false},
    {"info", FIELD_LIST, NULL, "it is not shown", false},
    {"revisionHistoryLimit", FIELD_INT, NULL, "the audit log keeps every entry", false},
    {0},
};
const struct field application_fields[] = {
    {"apiVersion", FIELD_TEXT, NULL, NULL, false},
    {"kind", FIELD_TEXT, NULL, NULL, false},
    {"metadata", FIELD_MAP, metadata_fields, NULL, false},
    {"spec", FIELD_MAP, spec_fields, NULL, false},
    {"status", FIELD_ANY, NULL, NULL, false}, /* of an export; git does not say what is live */
    {"operation", FIELD_MAP, NULL, "an operator starts operations: reckon sync", false},
    {0},
};
