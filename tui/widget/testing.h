/* testing.h: cmocka, for this room's tests. */
#ifndef RK_WIDGET_TESTING_H
#define RK_WIDGET_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "widget/widget.h"

#endif
