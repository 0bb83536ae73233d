/*
 * review.c: questions about rights and identity. The sandbox has one user, an administrator: every
 * answer is yes. In: POST of a review. Out: it with its status; nothing is stored.
 */
#include "sandbox/sandbox_int.h"

#define AUTHZ "/apis/authorization.k8s.io/v1/"
#define AUTHN "/apis/authentication.k8s.io/v1/"

static const char yes[] = "{\"allowed\":true,\"reason\":\"the sandbox allows everything\"}";
static const char rules[] =
    "{\"resourceRules\":[{\"verbs\":[\"*\"],\"apiGroups\":[\"*\"],\"resources\":[\"*\"]}],"
    "\"nonResourceRules\":[{\"verbs\":[\"*\"],\"nonResourceURLs\":[\"*\"]}],\"incomplete\":false}";
static const char me[] =
    "{\"userInfo\":{\"username\":\"sandbox-admin\",\"uid\":\"sandbox-admin\","
    "\"groups\":[\"system:masters\",\"system:authenticated\"]}}";

static const struct {
    const char *path, *kind, *version, *status;
} reviews[] = {
    {AUTHZ "selfsubjectaccessreviews", "SelfSubjectAccessReview", "authorization.k8s.io/v1", yes},
    {AUTHZ "subjectaccessreviews", "SubjectAccessReview", "authorization.k8s.io/v1", yes},
    {AUTHZ "selfsubjectrulesreviews", "SelfSubjectRulesReview", "authorization.k8s.io/v1", rules},
    {AUTHN "selfsubjectreviews", "SelfSubjectReview", "authentication.k8s.io/v1", me},
};

bool sb_review(struct sb_request *r)
{
    struct doc_node *doc, *status;
    struct rk_err err;
    size_t i = 0;
    while (i < RK_LEN(reviews) && !rk_streq(reviews[i].path, r->x->path))
        i++;
    if (i == RK_LEN(reviews) || !rk_streq(r->x->method, "POST"))
        return false;
    if (sb_read_body(r, &doc) < 0) {
        sb_reply_failure(r);
        return true;
    }
    if (doc_json_read(r->arena, rk_str_c(reviews[i].status), NULL, &status, &err) < 0)
        rk_fatal("review: %s", err.text);
    sb_set_str(r->arena, doc, "kind", reviews[i].kind);
    sb_set_str(r->arena, doc, "apiVersion", reviews[i].version);
    doc_set_c(r->arena, doc, "status", status);
    sb_reply_doc(r, 201, doc);
    return true;
}
