/* test_int.h: what the tests of this room share. */
#ifndef RECKON_DOC_TEST_INT_H
#define RECKON_DOC_TEST_INT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "doc/doc_int.h"

#define assert_str(str, expected)                                                                  \
    do {                                                                                           \
        rk_str s_ = (str);                                                                         \
        assert_int_equal(s_.n, strlen(expected));                                                  \
        assert_memory_equal(s_.p, expected, s_.n);                                                 \
    } while (0)

#endif
