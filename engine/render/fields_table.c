/*
 * fields_table.c: the fields of a kustomization and of the files that it names, one row each: name,
 * shape of the value, and what to do instead where a field is not built here. Data only.
 */
#include "render/fields_int.h"

static const struct field options_rows[] = {
    {.name = "labels", .shape = TEXT_MAP},
    {.name = "annotations", .shape = TEXT_MAP},
    {.name = "disableNameSuffixHash", .shape = BOOL},
    {.name = "immutable", .shape = BOOL},
    {.name = NULL},
};
static const struct field generator_rows[] = {
    {.name = "name", .shape = TEXT},
    {.name = "namespace", .shape = TEXT},
    {.name = "behavior", .shape = TEXT},
    {.name = "literals", .shape = TEXTS},
    {.name = "files", .shape = TEXTS},
    {.name = "envs", .shape = TEXTS},
    {.name = "env", .shape = TEXT},
    {.name = "options", .shape = STRUCT, .sub = options_rows},
    {.name = NULL},
};
static const struct field secret_rows[] = {
    {.name = "name", .shape = TEXT},
    {.name = "namespace", .shape = TEXT},
    {.name = "behavior", .shape = TEXT},
    {.name = "literals", .shape = TEXTS},
    {.name = "files", .shape = TEXTS},
    {.name = "envs", .shape = TEXTS},
    {.name = "env", .shape = TEXT},
    {.name = "options", .shape = STRUCT, .sub = options_rows},
    {.name = "type", .shape = TEXT},
    {.name = NULL},
};
static const struct field spec_rows[] = {
    {.name = "path", .shape = TEXT},
    {.name = "group", .shape = TEXT},
    {.name = "version", .shape = TEXT},
    {.name = "kind", .shape = TEXT},
    {.name = "create", .shape = BOOL},
    {.name = NULL},
};
static const struct field label_rows[] = {
    {.name = "pairs", .shape = TEXT_MAP},
    {.name = "includeSelectors", .shape = BOOL},
    {.name = "includeTemplates", .shape = BOOL},
    {.name = "fields", .shape = STRUCTS, .sub = spec_rows},
    {.name = NULL},
};
static const struct field target_rows[] = {
    {.name = "group", .shape = TEXT},
    {.name = "version", .shape = TEXT},
    {.name = "kind", .shape = TEXT},
    {.name = "name", .shape = TEXT},
    {.name = "namespace", .shape = TEXT},
    {.name = "labelSelector", .shape = TEXT},
    {.name = "annotationSelector", .shape = TEXT},
    {.name = NULL},
};
static const struct field patch_rows[] = {
    {.name = "path", .shape = TEXT},
    {.name = "patch", .shape = TEXT},
    {.name = "target", .shape = STRUCT, .sub = target_rows},
    {.name = "options", .shape = BOOL_MAP},
    {.name = NULL},
};
static const struct field image_rows[] = {
    {.name = "name", .shape = TEXT},
    {.name = "newName", .shape = TEXT},
    {.name = "tagSuffix", .shape = TEXT},
    {.name = "newTag", .shape = TEXT},
    {.name = "digest", .shape = TEXT},
    {.name = NULL},
};
static const struct field replica_rows[] = {
    {.name = "name", .shape = TEXT},
    {.name = "count", .shape = INT},
    {.name = NULL},
};
static const struct field legacy_rows[] = {
    {.name = "orderFirst", .shape = TEXTS},
    {.name = "orderLast", .shape = TEXTS},
    {.name = NULL},
};
static const struct field sort_rows[] = {
    {.name = "order", .shape = TEXT},
    {.name = "legacySortOptions", .shape = STRUCT, .sub = legacy_rows},
    {.name = NULL},
};

static const struct field field_options_rows[] = {
    {.name = "delimiter", .shape = TEXT},
    {.name = "index", .shape = INT},
    {.name = "encoding", .shape = TEXT},
    {.name = "create", .shape = BOOL},
    {.name = NULL},
};
static const struct field source_rows[] = {
    {.name = "group", .shape = TEXT},
    {.name = "version", .shape = TEXT},
    {.name = "kind", .shape = TEXT},
    {.name = "name", .shape = TEXT},
    {.name = "namespace", .shape = TEXT},
    {.name = "fieldPath", .shape = TEXT},
    {.name = "options", .shape = STRUCT, .sub = field_options_rows},
    {.name = NULL},
};
static const struct field goal_rows[] = {
    {.name = "select", .shape = STRUCT, .sub = target_rows},
    {.name = "reject", .shape = STRUCTS, .sub = target_rows},
    {.name = "fieldPaths", .shape = TEXTS},
    {.name = "options", .shape = STRUCT, .sub = field_options_rows},
    {.name = NULL},
};
static const struct field replacement_rows[] = {
    {.name = "source", .shape = STRUCT, .sub = source_rows},
    {.name = "targets", .shape = STRUCTS, .sub = goal_rows},
    {.name = "sourceValue", .shape = TEXT},
    {.name = "path", .shape = TEXT},
    {.name = NULL},
};
static const struct field object_rows[] = {
    {.name = "apiVersion", .shape = TEXT},
    {.name = "group", .shape = TEXT},
    {.name = "version", .shape = TEXT},
    {.name = "kind", .shape = TEXT},
    {.name = "name", .shape = TEXT},
    {.name = "namespace", .shape = TEXT},
    {.name = NULL},
};
static const struct field field_path_rows[] = {
    {.name = "fieldPath", .shape = TEXT},
    {.name = NULL},
};
static const struct field var_rows[] = {
    {.name = "name", .shape = TEXT},
    {.name = "objref", .shape = STRUCT, .sub = object_rows},
    {.name = "fieldref", .shape = STRUCT, .sub = field_path_rows},
    {.name = NULL},
};

/* ---- configurations of the built-in plugins ---- */
#define SPECS {.name = "fieldSpecs", .shape = STRUCTS, .sub = spec_rows}
#define END {.name = NULL}
static const struct field meta_rows[] = {
    {.name = "name", .shape = TEXT},
    {.name = "namespace", .shape = TEXT},
    {.name = "labels", .shape = TEXT_MAP},
    {.name = "annotations", .shape = TEXT_MAP},
    END,
};
static const struct field annotations_plugin[] = {
    {.name = "annotations", .shape = TEXT_MAP}, SPECS, END,
};
static const struct field labels_plugin[] = {{.name = "labels", .shape = TEXT_MAP}, SPECS, END};
static const struct field image_plugin[] = {
    {.name = "imageTag", .shape = STRUCT, .sub = image_rows}, SPECS, END,
};
static const struct field namespace_plugin[] = {
    {.name = "metadata", .shape = STRUCT, .sub = meta_rows},
    {.name = "unsetOnly", .shape = BOOL},
    {.name = "setRoleBindingSubjects", .shape = TEXT},
    SPECS, END,
};
static const struct field json6902_plugin[] = {
    {.name = "target", .shape = STRUCT, .sub = target_rows},
    {.name = "path", .shape = TEXT},
    {.name = "jsonOp", .shape = TEXT},
    END,
};
static const struct field merges_plugin[] = {
    {.name = "paths", .shape = TEXTS}, {.name = "patches", .shape = TEXT}, END,
};
static const struct field affixes_plugin[] = {
    {.name = "prefix", .shape = TEXT}, {.name = "suffix", .shape = TEXT}, SPECS, END,
};
static const struct field replacements_plugin[] = {
    {.name = "replacements", .shape = STRUCTS, .sub = replacement_rows}, END,
};
static const struct field replicas_plugin[] = {
    {.name = "replica", .shape = STRUCT, .sub = replica_rows}, SPECS, END,
};
static const struct field value_target_rows[] = {
    {.name = "selector", .shape = STRUCT, .sub = target_rows},
    {.name = "fieldPath", .shape = TEXT},
    {.name = "filePathPosition", .shape = INT},
    END,
};
static const struct field values_plugin[] = {
    {.name = "value", .shape = TEXT},
    {.name = "targets", .shape = STRUCTS, .sub = value_target_rows},
    {.name = "targetFilePath", .shape = TEXT},
    END,
};
static const struct field account_rows[] = {
    {.name = "name", .shape = TEXT},
    {.name = "namespace", .shape = TEXT},
    {.name = "projectId", .shape = TEXT},
    END,
};
static const struct field iam_plugin[] = {
    {.name = "cloud", .shape = TEXT},
    {.name = "kubernetesService", .shape = STRUCT, .sub = account_rows},
    {.name = "serviceAccount", .shape = STRUCT, .sub = account_rows},
    END,
};
static const struct field nothing_plugin[] = {END};

#define HELM_GLOBALS \
    {.name = "chartHome", .shape = TEXT}, {.name = "configHome", .shape = TEXT}
#define HELM_CHART \
    {.name = "name", .shape = TEXT}, {.name = "version", .shape = TEXT}, \
    {.name = "repo", .shape = TEXT}, {.name = "releaseName", .shape = TEXT}, \
    {.name = "namespace", .shape = TEXT}, {.name = "additionalValuesFiles", .shape = TEXTS}, \
    {.name = "valuesFile", .shape = TEXT}, {.name = "valuesInline", .shape = ANY}, \
    {.name = "valuesMerge", .shape = TEXT}, {.name = "includeCRDs", .shape = BOOL}, \
    {.name = "skipHooks", .shape = BOOL}, {.name = "apiVersions", .shape = TEXTS}, \
    {.name = "kubeVersion", .shape = TEXT}, {.name = "nameTemplate", .shape = TEXT}, \
    {.name = "skipTests", .shape = BOOL}, {.name = "debug", .shape = BOOL}, \
    {.name = "devel", .shape = BOOL}
static const struct field helm_global_rows[] = {HELM_GLOBALS, END};
static const struct field helm_chart_rows[] = {HELM_CHART, END};
static const struct field helm_plugin[] = {HELM_GLOBALS, HELM_CHART, END};
static const struct field helm_old_rows[] = {
    {.name = "chartName", .shape = TEXT}, {.name = "chartVersion", .shape = TEXT},
    {.name = "chartRepoUrl", .shape = TEXT}, {.name = "chartHome", .shape = TEXT},
    {.name = "chartRepoName", .shape = TEXT}, {.name = "helmBin", .shape = TEXT},
    {.name = "helmHome", .shape = TEXT}, {.name = "values", .shape = TEXT},
    {.name = "valuesLocal", .shape = ANY}, {.name = "valuesMerge", .shape = TEXT},
    {.name = "releaseName", .shape = TEXT}, {.name = "releaseNamespace", .shape = TEXT},
    {.name = "extraArgs", .shape = TEXTS}, END,
};

/* A file of `configurations`. */
static const struct field reference_rows[] = {
    {.name = "group", .shape = TEXT},
    {.name = "version", .shape = TEXT},
    {.name = "kind", .shape = TEXT},
    {.name = "fieldSpecs", .shape = STRUCTS, .sub = spec_rows},
    {.name = NULL},
};
static const struct field configuration_rows[] = {
    {.name = "namePrefix", .shape = STRUCTS, .sub = spec_rows},
    {.name = "nameSuffix", .shape = STRUCTS, .sub = spec_rows},
    {.name = "namespace", .shape = STRUCTS, .sub = spec_rows},
    {.name = "commonLabels", .shape = STRUCTS, .sub = spec_rows},
    {.name = "labels", .shape = STRUCTS, .sub = spec_rows},
    {.name = "templateLabels", .shape = STRUCTS, .sub = spec_rows},
    {.name = "commonAnnotations", .shape = STRUCTS, .sub = spec_rows},
    {.name = "nameReference", .shape = STRUCTS, .sub = reference_rows},
    {.name = "varReference", .shape = STRUCTS, .sub = spec_rows},
    {.name = "images", .shape = STRUCTS, .sub = spec_rows},
    {.name = "replicas", .shape = STRUCTS, .sub = spec_rows},
    {.name = NULL},
};

const struct field fields_rows[KUST_FIELD_MAX] = {
    [KUST_API_VERSION] = {.name = "apiVersion", .shape = TEXT},
    [KUST_KIND] = {.name = "kind", .shape = TEXT},
    [KUST_METADATA] = {.name = "metadata", .shape = STRUCT, .sub = meta_rows},
    [KUST_OPENAPI] = {.name = "openapi", .shape = TEXT_MAP},
    [KUST_NAME_PREFIX] = {.name = "namePrefix", .shape = TEXT},
    [KUST_NAME_SUFFIX] = {.name = "nameSuffix", .shape = TEXT},
    [KUST_NAMESPACE] = {.name = "namespace", .shape = TEXT},
    [KUST_COMMON_LABELS] = {.name = "commonLabels", .shape = TEXT_MAP},
    [KUST_LABELS] = {.name = "labels", .shape = STRUCTS, .sub = label_rows},
    [KUST_COMMON_ANNOTATIONS] = {.name = "commonAnnotations", .shape = TEXT_MAP},
    [KUST_PATCHES_STRATEGIC_MERGE] = {.name = "patchesStrategicMerge", .shape = TEXTS},
    [KUST_PATCHES_JSON6902] = {.name = "patchesJson6902", .shape = STRUCTS, .sub = patch_rows},
    [KUST_PATCHES] = {.name = "patches", .shape = STRUCTS, .sub = patch_rows},
    [KUST_IMAGES] = {.name = "images", .shape = STRUCTS, .sub = image_rows},
    [KUST_IMAGE_TAGS] = {.name = "imageTags", .shape = STRUCTS, .sub = image_rows},
    [KUST_REPLACEMENTS] = {.name = "replacements", .shape = STRUCTS, .sub = replacement_rows},
    [KUST_REPLICAS] = {.name = "replicas", .shape = STRUCTS, .sub = replica_rows},
    [KUST_VARS] = {.name = "vars", .shape = STRUCTS, .sub = var_rows},
    [KUST_SORT_OPTIONS] = {.name = "sortOptions", .shape = STRUCT, .sub = sort_rows},
    [KUST_RESOURCES] = {.name = "resources", .shape = TEXTS},
    [KUST_COMPONENTS] = {.name = "components", .shape = TEXTS},
    [KUST_CRDS] = {.name = "crds", .shape = TEXTS},
    [KUST_BASES] = {.name = "bases", .shape = TEXTS},
    [KUST_CONFIG_MAP_GENERATOR] = {.name = "configMapGenerator", .shape = STRUCTS,
        .sub = generator_rows},
    [KUST_SECRET_GENERATOR] = {.name = "secretGenerator", .shape = STRUCTS, .sub = secret_rows},
    [KUST_HELM_GLOBALS] = {.name = "helmGlobals", .shape = STRUCT, .sub = helm_global_rows},
    [KUST_HELM_CHARTS] = {.name = "helmCharts", .shape = STRUCTS, .sub = helm_chart_rows},
    [KUST_HELM_INFLATION] = {.name = "helmChartInflationGenerator", .shape = STRUCTS,
        .sub = helm_old_rows},
    [KUST_GENERATOR_OPTIONS] = {.name = "generatorOptions", .shape = STRUCT, .sub = options_rows},
    [KUST_CONFIGURATIONS] = {.name = "configurations", .shape = TEXTS},
    [KUST_GENERATORS] = {.name = "generators", .shape = TEXTS, .blank = true},
    [KUST_TRANSFORMERS] = {.name = "transformers", .shape = TEXTS, .blank = true},
    [KUST_VALIDATORS] = {.name = "validators", .shape = TEXTS, .blank = true},
    [KUST_BUILD_METADATA] = {.name = "buildMetadata", .shape = TEXTS, .blank = true},
};

const struct field *const fields_tables[FIELDS_MAX] = {
    [FIELDS_CONFIGURATION] = configuration_rows,
    [FIELDS_REPLACEMENT] = replacement_rows,
    [FIELDS_GENERATOR] = secret_rows,
    [FIELDS_METADATA] = meta_rows,
    [FIELDS_ANNOTATIONS] = annotations_plugin,
    [FIELDS_LABELS] = labels_plugin,
    [FIELDS_IMAGE] = image_plugin,
    [FIELDS_NAMESPACE] = namespace_plugin,
    [FIELDS_PATCH] = patch_rows,
    [FIELDS_JSON6902] = json6902_plugin,
    [FIELDS_MERGES] = merges_plugin,
    [FIELDS_AFFIXES] = affixes_plugin,
    [FIELDS_REPLACEMENTS] = replacements_plugin,
    [FIELDS_REPLICAS] = replicas_plugin,
    [FIELDS_VALUES] = values_plugin,
    [FIELDS_IAM] = iam_plugin,
    [FIELDS_HELM] = helm_plugin,
    [FIELDS_NOTHING] = nothing_plugin,
};
