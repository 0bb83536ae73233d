/* store_int.h: what store.c tells watch.c. */
#ifndef RK_SANDBOX_STORE_INT_H
#define RK_SANDBOX_STORE_INT_H

#include "sandbox/sandbox_int.h"

/* One change to everyone who watches its kind. Never changes the store. */
void sb_watch_tell(struct sandbox *sb, const struct sb_event *e);

#endif
