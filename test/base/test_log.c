#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/log.h"

typedef struct lines {
    size_t count;
    uint32_t level;
    char last[1024];
} lines;

static void keep_line(void *context, uint32_t level, const char *line)
{
    lines *kept = context;
    kept->count++;
    kept->level = level;
    assert_true(strlen(line) < sizeof kept->last);
    strcpy(kept->last, line);
}

static bc_log host_log(lines *kept, uint32_t level)
{
    bc_log log = BC_LOG_INIT;
    log.level = level;
    log.context = kept;
    log.write = keep_line;
    return log;
}

static void writes_up_to_its_level(void **state)
{
    (void)state;
    for (uint32_t highest = BC_LOG_ERROR; highest <= BC_LOG_DEBUG; highest++) {
        for (uint32_t level = BC_LOG_ERROR; level <= BC_LOG_DEBUG; level++) {
            lines kept = {.count = 0};
            bc_log given = host_log(&kept, highest);
            bc_log log;
            assert_int_equal(bc__log_read(&log, &given, NULL), BC_OK);
            bc__log(&log, level, "%d and %s", 1, "two");
            assert_int_equal(kept.count, level <= highest);
            if (kept.count > 0) {
                assert_int_equal(kept.level, level);
                assert_string_equal(kept.last, "1 and two");
            }
        }
    }
}

static void writes_information_by_default(void **state)
{
    (void)state;
    lines kept = {.count = 0};
    bc_log given = host_log(&kept, 0);
    bc_log log;
    assert_int_equal(bc__log_read(&log, &given, NULL), BC_OK);
    bc__log(&log, BC_LOG_DEBUG, "unseen");
    assert_int_equal(kept.count, 0);
    bc__log(&log, BC_LOG_INFO, "seen");
    assert_int_equal(kept.count, 1);
}

static void writes_nothing_without_a_log(void **state)
{
    (void)state;
    bc_log log;
    assert_int_equal(bc__log_read(&log, NULL, NULL), BC_OK);
    bc__log(&log, BC_LOG_ERROR, "unseen");
    assert_null(log.write);
}

static void cuts_a_long_line(void **state)
{
    (void)state;
    char text[600];
    lines kept = {.count = 0};
    bc_log given = host_log(&kept, BC_LOG_INFO);
    bc_log log;
    memset(text, 'm', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(bc__log_read(&log, &given, NULL), BC_OK);
    bc__log(&log, BC_LOG_INFO, "%s", text);
    assert_int_equal(strlen(kept.last), 511);
    assert_memory_equal(kept.last, text, 511);
}

static void write_text(lines *kept, const char *text)
{
    bc_log given = host_log(kept, BC_LOG_INFO);
    bc_log log;
    assert_int_equal(bc__log_read(&log, &given, NULL), BC_OK);
    bc__log(&log, BC_LOG_INFO, "%s", text);
}

/* No name of a peer may look like a line of its own. */
static void writes_one_line(void **state)
{
    (void)state;
    lines kept = {.count = 0};
    write_text(&kept, "peer a\n2026 tip: forged\r\t\x1b\x7f");
    assert_int_equal(kept.count, 1);
    assert_string_equal(kept.last, "peer a?2026 tip: forged????");
}

static void writes_utf8(void **state)
{
    (void)state;
    lines kept = {.count = 0};
    write_text(&kept, "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x99\x82 bad \xff\xfe bytes \xc3");
    assert_string_equal(kept.last, "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x99\x82 bad ?? bytes ?");
}

/* The cut at 511 bytes falls into the last character. */
static void cuts_no_character_in_two(void **state)
{
    (void)state;
    char text[513];
    lines kept = {.count = 0};
    memset(text, 'm', 510);
    memcpy(text + 510, "\xc3\xa4", 3);
    write_text(&kept, text);
    assert_int_equal(strlen(kept.last), 511);
    assert_memory_equal(kept.last, text, 510);
    assert_int_equal(kept.last[510], '?');
}

static void refuses_a_log_without_its_function(void **state)
{
    (void)state;
    lines kept = {.count = 0};
    bc_log given = host_log(&kept, BC_LOG_INFO);
    bc_log log;
    bc_error error = {0};
    given.write = NULL;
    assert_int_equal(bc__log_read(&log, &given, &error), BC_ERR_ARGUMENT);
    assert_int_equal(error.code, BC_ERR_ARGUMENT);
    given = host_log(&kept, BC_LOG_INFO);
    given.struct_size = 4;
    assert_int_equal(bc__log_read(&log, &given, &error), BC_ERR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_up_to_its_level),
        cmocka_unit_test(writes_information_by_default),
        cmocka_unit_test(writes_nothing_without_a_log),
        cmocka_unit_test(cuts_a_long_line),
        cmocka_unit_test(writes_one_line),
        cmocka_unit_test(writes_utf8),
        cmocka_unit_test(cuts_no_character_in_two),
        cmocka_unit_test(refuses_a_log_without_its_function),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
