/*
 * policy.c: verbs that tell the engine one thing: freeze, unfreeze, release, validate, stop.
 */
#include "cli/cli_int.h"

static int tell(struct cli *c, const char *method, const void *params, const char *done)
{
    struct wire_ok ok = {0};
    struct rk_err err = {0};

    if (cli_connect(c, CLI_FRESH, &err))
        return cli_fail(c, &err);
    if (cli_call(c, method, params, &ok, &err))
        return cli_refused(c, &err);
    cli_say(c, "%s: %s", c->operands[0], done);
    return CLI_DONE;
}

int cli_freeze(struct cli *c)
{
    struct wire_freeze_params p = {c->operands[0], cli_value(c, "reason"), true};

    if (!p.reason)
        return cli_usage(c, "--reason is missing: say why, for whoever meets the freeze");
    return tell(c, "freeze.set", &p, "frozen; `reckon unfreeze` ends it");
}

int cli_unfreeze(struct cli *c)
{
    struct wire_freeze_params p = {c->operands[0], cli_value(c, "reason"), false};

    return tell(c, "freeze.set", &p, "no longer frozen");
}

int cli_validate(struct cli *c)
{
    struct wire_validate_params p = {c->operands[0], cli_value(c, "reason")};

    return tell(c, "validate", &p, "validated: the next environment may take it");
}

int cli_release(struct cli *c)
{
    struct wire_release_params p = {c->operands[0], cli_value(c, "hold"),
                                    cli_value(c, "reason")};

    if (!p.reason)
        return cli_usage(c, "--reason is missing: it goes into the audit log");
    return tell(c, "hold.release", &p, "released");
}

int cli_stop(struct cli *c)
{
    bool now = cli_given(c, "now");
    struct wire_stop_params p = {c->operands[0], now ? "now" : "wave"};
    struct wire_ok ok = {0};
    struct rk_err err = {0};

    if (cli_connect(c, 0, &err))
        return cli_fail(c, &err);
    if (cli_call(c, "operation.stop", &p, &ok, &err))
        return cli_refused(c, &err);
    cli_say(c, "%s: stops %s", p.id, now ? "now" : "after its wave");
    return CLI_DONE;
}
