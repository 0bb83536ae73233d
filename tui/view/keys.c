/*
 * keys.c: what can be done and which key does it: the two tables that the key loop, the hint line,
 * the help and console.yaml read. A key means the same in every view (reference/console.md 4.10);
 * a lower-case verb only opens a preview.
 */
#include "view/view.h"

#define ROW(act, name_, hint_, group_, help_) \
    [act] = {.name = name_, .hint = hint_, .help = help_, .group = group_}
#define WRITES(act, name_, hint_, group_, help_) \
    [act] = {.name = name_, .hint = hint_, .help = help_, .group = group_, .writes = true}

const struct view_action_row view_actions[ACT_MAX] = {
    ROW(ACT_NONE, "none", "", VIEW_OTHER, "no key"),

    ROW(ACT_DOWN, "down", "down", VIEW_MOVE, "next row"),
    ROW(ACT_UP, "up", "up", VIEW_MOVE, "previous row"),
    ROW(ACT_LEFT, "left", "close", VIEW_MOVE, "close, column to the left"),
    ROW(ACT_RIGHT, "right", "open", VIEW_MOVE, "open, column to the right"),
    ROW(ACT_FIRST, "first", "first", VIEW_MOVE, "first row"),
    ROW(ACT_LAST, "last", "last", VIEW_MOVE, "last row"),
    ROW(ACT_PAGE_DOWN, "page-down", "page", VIEW_MOVE, "a page down"),
    ROW(ACT_PAGE_UP, "page-up", "page up", VIEW_MOVE, "a page up"),
    ROW(ACT_HALF_DOWN, "half-down", "half page", VIEW_MOVE, "half a page down"),
    ROW(ACT_HALF_UP, "half-up", "half page up", VIEW_MOVE, "half a page up"),
    ROW(ACT_OPEN, "open", "open", VIEW_MOVE, "look closer; never changes anything"),
    ROW(ACT_BACK, "back", "back", VIEW_MOVE, "back"),
    ROW(ACT_NEXT_PANE, "next-pane", "pane", VIEW_MOVE, "next pane"),
    ROW(ACT_PREV_PANE, "previous-pane", "pane back", VIEW_MOVE, "previous pane"),
    ROW(ACT_NEXT_PROBLEM, "next-problem", "problem", VIEW_MOVE, "next problem or change"),
    ROW(ACT_PREV_PROBLEM, "previous-problem", "problem", VIEW_MOVE, "previous problem or change"),
    ROW(ACT_NEXT_UNIT, "next-unit", "next part", VIEW_MOVE, "next environment, wave, object"),
    ROW(ACT_PREV_UNIT, "previous-unit", "part", VIEW_MOVE, "previous environment, wave, object"),

    ROW(ACT_SYNC, "sync", "sync", VIEW_ACT, "preview what a sync would do"),
    ROW(ACT_PROMOTE, "promote", "promote", VIEW_ACT, "preview the step to the next environment"),
    ROW(ACT_REVERT, "revert", "revert", VIEW_ACT, "preview taking a change back in git"),
    ROW(ACT_ADOPT, "adopt", "adopt", VIEW_ACT, "preview writing the live value into git"),
    ROW(ACT_IGNORE, "ignore", "ignore", VIEW_ACT, "preview a rule that ignores the difference"),

    WRITES(ACT_APPLY, "apply", "APPLY", VIEW_ACT, "start the plan that is armed"),
    WRITES(ACT_STOP, "stop", "stop", VIEW_ACT, "stop the operation after its wave"),
    WRITES(ACT_ABORT, "abort", "abort", VIEW_ACT, "stop the operation now"),
    WRITES(ACT_FREEZE, "freeze", "freeze", VIEW_ACT, "freeze automation, or end that"),
    WRITES(ACT_UNLOCK, "unlock", "unlock", VIEW_ACT, "unlock production for 15 minutes"),
    WRITES(ACT_RELEASE, "release", "release", VIEW_ACT, "release what is held"),
    WRITES(ACT_VALIDATE, "validate", "validate", VIEW_ACT, "say that this revision is good"),

    ROW(ACT_DIFF, "diff", "diff", VIEW_LOOK, "what differs, who wrote it, which line wants it"),
    ROW(ACT_HISTORY, "history", "history", VIEW_LOOK, "history and audit of it"),
    ROW(ACT_EVENTS, "events", "events", VIEW_LOOK, "events of the cluster"),
    ROW(ACT_LOGS, "logs", "logs", VIEW_LOOK, "logs of its pods"),
    ROW(ACT_WHO, "who", "who", VIEW_LOOK, "who changed it live"),
    ROW(ACT_BLAME, "blame", "git line", VIEW_LOOK, "which commit wrote the line in git"),
    ROW(ACT_SPLIT, "split", "split", VIEW_LOOK, "one column or side by side"),
    ROW(ACT_FOLD, "fold", "fold", VIEW_LOOK, "fold or unfold"),
    ROW(ACT_LESS, "less", "less", VIEW_LOOK, "less context"),
    ROW(ACT_MORE, "more", "more", VIEW_LOOK, "more context"),
    ROW(ACT_WRAP, "wrap", "wrap", VIEW_LOOK, "wrap long lines or cut them"),
    ROW(ACT_TURN, "turn", "turn", VIEW_LOOK, "turn the tree: by environment, by application"),

    ROW(ACT_MARK, "mark", "mark", VIEW_MARK, "mark the row"),
    ROW(ACT_MARK_ALL, "mark-all", "mark all", VIEW_MARK, "mark all that is shown"),
    ROW(ACT_UNMARK, "unmark", "unmark", VIEW_MARK, "unmark everything"),
    ROW(ACT_COPY, "copy", "copy", VIEW_MARK, "copy something of the row"),
    ROW(ACT_FIND, "find", "find", VIEW_MARK, "find text"),
    ROW(ACT_FIND_NEXT, "find-next", "next", VIEW_MARK, "find it again"),
    ROW(ACT_FIND_PREV, "find-previous", "previous", VIEW_MARK, "find it backwards"),
    ROW(ACT_FILTER, "filter", "filter", VIEW_MARK, "show only rows with these words"),

    ROW(ACT_VIEW_APPLICATIONS, "view-applications", "apps", VIEW_OTHER, "applications"),
    ROW(ACT_VIEW_MATRIX, "view-matrix", "matrix", VIEW_OTHER, "environments side by side"),
    ROW(ACT_VIEW_HISTORY, "view-history", "audit", VIEW_OTHER, "the audit of all environments"),
    ROW(ACT_VIEW_OPERATIONS, "view-operations", "operations", VIEW_OTHER, "operations"),
    ROW(ACT_VIEW_LOG, "view-log", "log", VIEW_OTHER, "activity"),
    ROW(ACT_PALETTE, "palette", "cmd", VIEW_OTHER, "commands by name"),
    ROW(ACT_HELP, "help", "help", VIEW_OTHER, "the keys of this view"),
    ROW(ACT_REFRESH, "refresh", "refresh", VIEW_OTHER, "ask git and clusters now"),
    ROW(ACT_REDRAW, "redraw", "redraw", VIEW_OTHER, "draw everything again"),
    ROW(ACT_CANCEL, "cancel", "cancel", VIEW_OTHER, "cancel what is typed or fetched"),
    ROW(ACT_THEME, "theme", "theme", VIEW_OTHER, "next theme"),
    ROW(ACT_SUSPEND, "suspend", "suspend", VIEW_OTHER, "give the terminal to the shell"),
    ROW(ACT_QUIT, "quit", "quit", VIEW_OTHER, "leave; the engine works on"),
};

const struct view_key_row view_keys[] = {
    {"*", "j", ACT_DOWN}, {"*", "down", ACT_DOWN},
    {"*", "k", ACT_UP}, {"*", "up", ACT_UP},
    {"*", "h", ACT_LEFT}, {"*", "left", ACT_LEFT},
    {"*", "l", ACT_RIGHT}, {"*", "right", ACT_RIGHT},
    {"*", "g", ACT_FIRST}, {"*", "home", ACT_FIRST},
    {"*", "G", ACT_LAST}, {"*", "end", ACT_LAST},
    {"*", "pgdn", ACT_PAGE_DOWN}, {"*", "pgup", ACT_PAGE_UP},
    {"*", "ctrl-d", ACT_HALF_DOWN}, {"*", "ctrl-u", ACT_HALF_UP},
    {"*", "enter", ACT_OPEN},
    {"*", "q", ACT_BACK}, {"*", "esc", ACT_BACK},
    {"*", "tab", ACT_NEXT_PANE}, {"*", "shift-tab", ACT_PREV_PANE},
    {"*", "]", ACT_NEXT_PROBLEM}, {"*", "[", ACT_PREV_PROBLEM},
    {"*", "}", ACT_NEXT_UNIT}, {"*", "{", ACT_PREV_UNIT},

    {"*", "s", ACT_SYNC}, {"*", "p", ACT_PROMOTE}, {"*", "r", ACT_REVERT},
    {"*", "a", ACT_ADOPT}, {"*", "x", ACT_IGNORE},

    {"*", "A", ACT_APPLY}, {"*", "X", ACT_STOP}, {"*", "K", ACT_ABORT},
    {"*", "F", ACT_FREEZE}, {"*", "U", ACT_UNLOCK}, {"*", "H", ACT_RELEASE},
    {"*", "V", ACT_VALIDATE},

    {"*", "d", ACT_DIFF}, {"*", "L", ACT_HISTORY}, {"*", "e", ACT_EVENTS},
    {"*", "o", ACT_LOGS}, {"*", "m", ACT_WHO}, {"*", "b", ACT_BLAME},
    {"*", "|", ACT_SPLIT}, {"*", "z", ACT_FOLD}, {"*", "<", ACT_LESS}, {"*", ">", ACT_MORE},
    {"*", "w", ACT_WRAP}, {"*", "T", ACT_TURN},

    {"*", "space", ACT_MARK}, {"*", "*", ACT_MARK_ALL}, {"*", "u", ACT_UNMARK},
    {"*", "y", ACT_COPY}, {"*", "/", ACT_FIND}, {"*", "n", ACT_FIND_NEXT},
    {"*", "N", ACT_FIND_PREV}, {"*", "f", ACT_FILTER},

    {"*", "1", ACT_VIEW_APPLICATIONS}, {"*", "2", ACT_VIEW_MATRIX},
    {"*", "3", ACT_VIEW_HISTORY}, {"*", "4", ACT_VIEW_OPERATIONS}, {"*", "5", ACT_VIEW_LOG},
    {"*", ":", ACT_PALETTE}, {"*", "?", ACT_HELP}, {"*", "R", ACT_REFRESH},
    {"*", "ctrl-l", ACT_REDRAW}, {"*", "ctrl-c", ACT_CANCEL}, {"*", "t", ACT_THEME},
    {"*", "ctrl-z", ACT_SUSPEND}, {"*", "Q", ACT_QUIT},
    {NULL, NULL, ACT_NONE},
};

enum view_action view_action_named(rk_str name)
{
    for (int a = ACT_NONE + 1; a < ACT_MAX; a++)
        if (rk_str_is(name, view_actions[a].name))
            return (enum view_action)a;
    return ACT_NONE;
}
