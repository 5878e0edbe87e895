/* Whole chains as JSON, from peers and files that may say anything. */
#include "test/sync/sync_fixture.h"

#include "src/sync/whole_chain.h"

enum { BLOCKS = 5 };

typedef struct given {
    bc_params *params;
    fixture_text whole; /* of BLOCKS blocks, one with text of all kinds */
} given;

static int open_given(void **state)
{
    given *with = calloc(1, sizeof *with);
    assert_non_null(with);
    with->params = fixture_params(1, NULL);
    bc_chain *chain = fixture_chain(with->params, NULL);
    fixture_add_tx(chain,
                   "{\"k\": \"\\ud83d\\ude00 \\\"], [\\\\ \xc3\xa9 \\ud800\", \"f\": 1e400}");
    fixture_mine(chain, 1);
    fixture_add_tx(chain, "[[[]], {}, null, -0.0, 123456789012345678901234567890]");
    fixture_mine(chain, BLOCKS - 2);
    with->whole = fixture_whole(chain);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    *state = with;
    return 0;
}

static int close_given(void **state)
{
    given *with = *state;
    free(with->whole.data);
    bc_params_unref(with->params);
    free(with);
    return 0;
}

typedef struct judgement {
    bc_status status;
    bc_verification result;
    bc_error error;
} judgement;

static judgement judge(const bc_params *params, const char *text, size_t length)
{
    judgement made = {.result = BC_VERIFICATION_INIT};
    made.status = bc_verify_chain(params, &made.result, (const uint8_t *)text, length, NULL, NULL,
                                  &made.error);
    if (made.status != BC_OK) {
        assert_int_equal(made.error.code, made.status);
        assert_int_equal(made.result.verdict, BC_VERDICT_NONE);
        assert_true(made.error.message[0] != '\0');
    } else if (made.result.verdict != BC_VERDICT_ACCEPTED) {
        assert_int_equal(made.error.code, BC_OK);
        assert_true(made.error.message[0] != '\0');
        assert_int_not_equal(made.result.reason, BC_REASON_NONE);
    } else {
        assert_int_equal(made.result.verdict, BC_VERDICT_ACCEPTED);
        assert_int_equal(made.result.reason, BC_REASON_NONE);
        assert_string_equal(made.error.message, "");
    }
    return made;
}

static void assert_status(const bc_params *params, const char *text, bc_status status)
{
    judgement made = judge(params, text, strlen(text));
    if (made.status != status) {
        fail_msg("%.60s: %s (%s)", text, bc_status_name(made.status), made.error.message);
    }
}

static void assert_says(const bc_params *params, const char *text, const char *expected)
{
    judgement made = judge(params, text, strlen(text));
    if (strstr(made.error.message, expected) == NULL) {
        fail_msg("%s: %s", text, made.error.message);
    }
}

static void assert_invalid(const bc_params *params, const char *text, uint32_t reason,
                           uint64_t blocks)
{
    judgement made = judge(params, text, strlen(text));
    if (made.status != BC_OK || made.result.verdict != BC_VERDICT_INVALID ||
        made.result.reason != reason || made.result.blocks != blocks) {
        fail_msg("%.60s: status %d, reason %s at %llu: %s", text, made.status,
                 bc_reason_name(made.result.reason), (unsigned long long)made.result.blocks,
                 made.error.message);
    }
}

static void assert_whole(const bc_params *params, const char *text, size_t length)
{
    judgement made = judge(params, text, length);
    assert_int_equal(made.status, BC_OK);
    assert_int_equal(made.result.verdict, BC_VERDICT_ACCEPTED);
    assert_int_equal(made.result.blocks, BLOCKS);
    assert_int_equal(made.result.transactions, 2 + BLOCKS - 1);
}

/* The list of blocks alone, to be freed. */
static char *list_of(const fixture_text *whole)
{
    const char *end = strstr(whole->data, "], \"length\": 5}");
    assert_non_null(end);
    size_t length = (size_t)(end + 1 - whole->data) - strlen("{\"chain\": ");
    char *list = malloc(length + 1);
    assert_non_null(list);
    memcpy(list, whole->data + strlen("{\"chain\": "), length);
    list[length] = '\0';
    return list;
}

static char *format(const char *pattern, const char *text)
{
    size_t size = strlen(pattern) + strlen(text) + 1;
    char *made = malloc(size);
    assert_non_null(made);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(made, size, pattern, text);
#pragma GCC diagnostic pop
    return made;
}

static void every_form_is_read(void **state)
{
    given *with = *state;
    static const char *const forms[] = {
        "%s",
        " \n\r\t%s \n",
        "{\"chain\":%s}",
        "{\"length\": 999999, \"chain\": %s, \"length\": -1}", /* a lie; nobody asks */
        "{\"length\": \"x\", \"chain\": %s , \"more\": {\"chain\": 0, \"a\": [[]]} }",
        "{\"chain\": 7, \"chain\": %s}", /* the last counts, as in Python */
        "{\"chain\": [{}], \"ch\\u0061in\": %s}",
        " {\"\\u0063hain\" : %s\n}\n",
    };
    char *list = list_of(&with->whole);
    uint8_t tip[BC_ID_BYTES];
    judgement made = judge(with->params, with->whole.data, with->whole.length);
    memcpy(tip, made.result.tip, sizeof tip);
    for (size_t at = 0; at < sizeof forms / sizeof forms[0]; at++) {
        char *text = format(forms[at], list);
        uint64_t count;
        assert_whole(with->params, text, strlen(text));
        made = judge(with->params, text, strlen(text));
        assert_memory_equal(made.result.tip, tip, sizeof tip);
        assert_int_equal(
            bc__whole_chain_count(with->params, &count, (const uint8_t *)text, strlen(text), NULL),
            BC_OK);
        assert_int_equal(count, BLOCKS);
        free(text);
    }
    char *hidden = format("{\"chain\": %s, \"chain\": []}", list);
    assert_invalid(with->params, hidden, BC_REASON_FRAMING, 0);
    free(hidden);
    free(list);
}

static void what_is_no_chain_is_refused(void **state)
{
    given *with = *state;
    static const char *const texts[] = {
        "",
        " ",
        "null",
        "7",
        "\"[]\"",
        "{}",
        "{\"length\": 1}",
        "{\"chain\": null}",
        "{\"chain\": 7}",
        "{\"chain\": \"[]\"}",
        "{\"chain\": {\"chain\": []}}",
        "{\"Chain\": []}",
        "[,]",
        "[}",
        "[]]",
        "[] []",
        "{\"chain\": []} x",
        "\xef\xbb\xbf[]",
        "{\"chain\": [], \"a\": \"\xff\"}",
        "[{\"a\": \"\xc0\x80\"}]",
        "<html>502 Bad Gateway</html>",
    };
    for (size_t at = 0; at < sizeof texts / sizeof texts[0]; at++) {
        assert_status(with->params, texts[at], BC_ERR_FORMAT);
    }
    judgement made = judge(with->params, "\0\0\0\0", 4);
    assert_int_equal(made.status, BC_ERR_FORMAT);
}

static void an_empty_chain_is_invalid(void **state)
{
    given *with = *state;
    assert_invalid(with->params, "[]", BC_REASON_FRAMING, 0);
    assert_invalid(with->params, "{\"chain\": [ ]}", BC_REASON_FRAMING, 0);
}

static void a_truncated_text_is_never_a_chain(void **state)
{
    given *with = *state;
    char *list = list_of(&with->whole);
    size_t list_length = strlen(list);
    for (size_t length = 0; length < with->whole.length; length++) {
        /* A copy, so that a read behind the end is seen. */
        char *text = malloc(length + 1);
        uint64_t count;
        assert_non_null(text);
        memcpy(text, with->whole.data, length);
        assert_int_equal(judge(with->params, text, length).status, BC_ERR_FORMAT);
        assert_int_equal(
            bc__whole_chain_count(with->params, &count, (const uint8_t *)text, length, NULL),
            BC_ERR_FORMAT);
        if (length < list_length) {
            memcpy(text, list, length);
            assert_int_equal(judge(with->params, text, length).status, BC_ERR_FORMAT);
        }
        free(text);
    }
    free(list);
}

static void garbage_behind_it_is_refused(void **state)
{
    given *with = *state;
    static const char *const tails[] = {"%s,", "%s]", "%s}", "%s{}", "%s\"", "%s null", "%s\x01"};
    char *list = list_of(&with->whole);
    for (size_t at = 0; at < sizeof tails / sizeof tails[0]; at++) {
        char *text = format(tails[at], with->whole.data);
        assert_status(with->params, text, BC_ERR_FORMAT);
        free(text);
        text = format(tails[at], list);
        assert_status(with->params, text, BC_ERR_FORMAT);
        free(text);
    }
    /* A zero byte is garbage too. */
    assert_int_equal(judge(with->params, with->whole.data, with->whole.length + 1).status,
                     BC_ERR_FORMAT);
    free(list);
}

static void what_is_no_block_is_invalid_where_it_stands(void **state)
{
    given *with = *state;
    static const char *const no_blocks[] = {
        "7",
        "null",
        "[]",
        "\"{}\"",
        "{}",
        "{\"previous_hash\": 1}",
        "{\"previous_hash\": 1}",
        "{\"previous_hash\": 1, \"proof\": [1]}",
        "{\"previous_hash\": 1, \"proof\": {}}",
    };
    char *list = list_of(&with->whole);
    for (size_t at = 0; at < sizeof no_blocks / sizeof no_blocks[0]; at++) {
        char *first = format("[%s]", no_blocks[at]);
        assert_invalid(with->params, first, BC_REASON_FRAMING, 0);
        free(first);
        list[strlen(list) - 1] = '\0';
        char *front = format("%s, ", list);
        char *whole = format("{\"chain\": %s", front);
        char *tail = format("%s]}", no_blocks[at]);
        char *text = malloc(strlen(whole) + strlen(tail) + 1);
        assert_non_null(text);
        memcpy(text, whole, strlen(whole));
        memcpy(text + strlen(whole), tail, strlen(tail) + 1);
        assert_invalid(with->params, text, BC_REASON_FRAMING, BLOCKS);
        list[strlen(list)] = ']';
        free(text);
        free(tail);
        free(whole);
        free(front);
    }
    free(list);
}

/* One changed byte in a block breaks the link of the next; in the last one it is a block like any. */
static void a_changed_block_breaks_the_next_link(void **state)
{
    given *with = *state;
    for (unsigned block = 1; block <= BLOCKS; block++) {
        char after[40];
        char from[40];
        char to[40];
        (void)snprintf(after, sizeof after, "%s", block == 1 ? "{\"chain\": [" : "}, {\"");
        (void)snprintf(from, sizeof from, "\"index\": %u", block);
        (void)snprintf(to, sizeof to, "\"index\": %u", block + 90);
        fixture_text changed =
            block == 1
                ? fixture_replace(&with->whole, "{\"chain\": [", "{\"index\": 1", "{\"index\": 91")
                : fixture_replace(&with->whole, "{\"chain\": [", from, to);
        judgement made = judge(with->params, changed.data, changed.length);
        assert_int_equal(made.status, BC_OK);
        if (block == BLOCKS) {
            assert_int_equal(made.result.verdict, BC_VERDICT_ACCEPTED);
        } else {
            assert_invalid(with->params, changed.data, BC_REASON_PREVIOUS, block);
        }
        free(changed.data);
    }
}

static void a_proof_that_does_not_hold_is_found(void **state)
{
    given *with = *state;
    /* Of the last block, so that all links hold; half a dozen, of which one may hold by chance. */
    unsigned refused = 0;
    for (unsigned proof = 1000; proof < 1006; proof++) {
        char to[40];
        (void)snprintf(to, sizeof to, "\"proof\": %u, \"was\": ", proof);
        fixture_text changed = fixture_replace(&with->whole, "\"index\": 5", "\"proof\": ", to);
        judgement made = judge(with->params, changed.data, changed.length);
        assert_int_equal(made.status, BC_OK);
        if (made.result.verdict == BC_VERDICT_INVALID) {
            assert_int_equal(made.result.reason, BC_REASON_PROOF);
            assert_int_equal(made.result.blocks, BLOCKS - 1);
            refused++;
        }
        free(changed.data);
    }
    assert_true(refused >= 4);
}

static void a_repeated_or_missing_block_is_found(void **state)
{
    given *with = *state;
    char *list = list_of(&with->whole);
    char *second = strstr(list, "{\"index\": 2");
    char *third = strstr(list, "{\"index\": 3");
    assert_non_null(second);
    assert_non_null(third);
    size_t size = 2 * strlen(list);
    char *text = malloc(size);
    assert_non_null(text);
    (void)snprintf(text, size, "%.*s%.*s%s", (int)(third - list), list, (int)(third - second),
                   second, third);
    assert_invalid(with->params, text, BC_REASON_PREVIOUS, 2);
    (void)snprintf(text, size, "%.*s%s", (int)(second - list), list, third);
    assert_invalid(with->params, text, BC_REASON_PREVIOUS, 1);
    free(text);
    free(list);
}

/* Levels of a block are counted from the block, whether or not an object stands around the list. */
static void depth_has_a_limit(void **state)
{
    given *with = *state;
    for (unsigned levels = 60; levels <= 66; levels++) {
        char nest[200] = {0};
        memset(nest, '[', levels);
        memset(nest + levels, ']', levels);
        char *block = format("{\"previous_hash\": 1, \"proof\": 1, \"x\": %s}", nest);
        char *list = format("[%s]", block);
        char *whole = format("{\"chain\": %s}", list);
        bc_status expected = levels + 1 <= 64 ? BC_OK : BC_ERR_LIMIT;
        assert_status(with->params, list, expected);
        assert_status(with->params, whole, expected);
        free(whole);
        free(list);
        free(block);
    }
    size_t deep = 3000000;
    char *text = malloc(deep);
    assert_non_null(text);
    memset(text, '[', deep);
    assert_int_equal(judge(with->params, text, deep).status, BC_ERR_LIMIT);
    free(text);
}

static void sizes_have_limits(void **state)
{
    (void)state;
    bc_params *params = fixture_params(1, NULL);
    assert_int_equal(bc_params_set_limit(params, BC_LIMIT_BLOCK_BYTES, 1024, NULL), BC_OK);
    assert_int_equal(bc_params_set_limit(params, BC_LIMIT_CHAIN_BYTES, 4096, NULL), BC_OK);
    char filling[2000];
    memset(filling, 'x', sizeof filling);
    filling[1024] = '\0';
    char *list = format("[{\"previous_hash\": 1, \"proof\": 1, \"x\": \"%s\"}]", filling);
    while (strlen(list) - 2 > 1024) { /* to just 1,024 bytes in canonical form */
        filling[strlen(filling) - 1] = '\0';
        free(list);
        list = format("[{\"previous_hash\": 1, \"proof\": 1, \"x\": \"%s\"}]", filling);
    }
    assert_int_equal(strlen(list) - 2, 1024);
    assert_status(params, list, BC_OK);
    free(list);
    filling[strlen(filling)] = 'x';
    list = format("[{\"previous_hash\": 1, \"proof\": 1, \"x\": \"%s\"}]", filling);
    judgement made = judge(params, list, strlen(list));
    assert_int_equal(made.status, BC_OK);
    assert_int_equal(made.result.verdict, BC_VERDICT_REFUSED);
    assert_int_equal(made.result.reason, BC_REASON_SIZE);
    free(list);
    char *text = malloc(4098);
    assert_non_null(text);
    memset(text, ' ', 4098);
    memcpy(text, "[7]", 3);
    assert_int_equal(judge(params, text, 4096).status, BC_OK);
    assert_int_equal(judge(params, text, 4097).status, BC_ERR_LIMIT);
    free(text);
    char digits[4400];
    memset(digits, '9', sizeof digits - 1);
    digits[4300] = '\0';
    bc_params *large = fixture_params(1, NULL);
    list = format("[{\"previous_hash\": 1, \"proof\": %s}]", digits);
    assert_status(large, list, BC_OK);
    free(list);
    digits[4300] = '9';
    digits[4301] = '\0';
    list = format("{\"chain\": [{\"previous_hash\": 1, \"proof\": %s}]}", digits);
    assert_status(large, list, BC_ERR_LIMIT);
    free(list);
    bc_params_unref(large);
    bc_params_unref(params);
}

/* Nothing of a chain that fails is kept, and it is said where it failed. */
static void a_broken_chain_leaves_ours_whole(void **state)
{
    given *with = *state;
    bc_chain *chain = fixture_chain(with->params, NULL);
    fixture_mine(chain, 1);
    fixture_text before = fixture_whole(chain);
    fixture_text broken =
        fixture_replace(&with->whole, "{\"chain\": [", "\"index\": 4", "\"index\": 44");
    uint32_t verdict;
    uint32_t reason;
    uint64_t position;
    bc_error error = {0};
    assert_int_equal(bc_chain_submit_chain(chain, &verdict, &reason, &position,
                                           (const uint8_t *)broken.data, broken.length, &error),
                     BC_OK);
    assert_int_equal(verdict, BC_VERDICT_INVALID);
    assert_int_equal(reason, BC_REASON_PREVIOUS);
    assert_int_equal(position, 4);
    assert_int_equal(error.code, BC_OK);
    assert_non_null(strstr(error.message, "previous_hash"));
    assert_int_equal(bc_chain_submit_chain(chain, &verdict, &reason, &position,
                                           (const uint8_t *)broken.data, broken.length - 1, &error),
                     BC_ERR_FORMAT);
    assert_int_equal(verdict, BC_VERDICT_NONE);
    fixture_text after = fixture_whole(chain);
    assert_string_equal(before.data, after.data);
    bc_info info = BC_INFO_INIT;
    assert_int_equal(bc_chain_info(chain, &info), BC_OK);
    assert_int_equal(info.blocks, 2);
    free(broken.data);
    free(after.data);
    free(before.data);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
}

static void only_a_longer_chain_replaces_ours(void **state)
{
    given *with = *state;
    bc_chain *chain = fixture_chain(with->params, NULL);
    uint32_t verdict;
    uint32_t reason;
    uint64_t position;
    const uint8_t *bytes = (const uint8_t *)with->whole.data;
    fixture_mine(chain, BLOCKS - 1);
    assert_int_equal(
        bc_chain_submit_chain(chain, &verdict, &reason, NULL, bytes, with->whole.length, NULL),
        BC_OK);
    assert_int_equal(verdict, BC_VERDICT_REFUSED);
    assert_int_equal(reason, BC_REASON_LENGTH);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    chain = fixture_chain(with->params, NULL);
    fixture_mine(chain, BLOCKS - 2);
    assert_int_equal(
        bc_chain_submit_chain(chain, &verdict, &reason, &position, bytes, with->whole.length, NULL),
        BC_OK);
    assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
    fixture_text after = fixture_whole(chain);
    assert_string_equal(after.data, with->whole.data);
    free(after.data);
    assert_int_equal(bc_chain_verify(chain, NULL, NULL, NULL, NULL), BC_OK);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
}

typedef struct watch {
    unsigned calls;
    unsigned stop_at; /* the call that says stop; 0: none */
    uint64_t last;
    uint64_t total;
} watch;

static bc_status watch_progress(void *context, uint64_t done, uint64_t total)
{
    watch *seen = context;
    seen->calls++;
    assert_true(done >= seen->last);
    assert_true(done <= total);
    seen->last = done;
    seen->total = total;
    return seen->calls == seen->stop_at ? BC_ERR_HOST : BC_OK;
}

/* However fast it was, the end is shown. */
static void progress_is_shown_and_may_stop_it(void **state)
{
    given *with = *state;
    const uint8_t *bytes = (const uint8_t *)with->whole.data;
    bc_verification result = BC_VERIFICATION_INIT;
    bc_error error = {0};
    watch seen = {0};
    assert_int_equal(bc_verify_chain(with->params, &result, bytes, with->whole.length,
                                     watch_progress, &seen, NULL),
                     BC_OK);
    assert_int_equal(result.blocks, BLOCKS);
    assert_true(seen.calls >= 1);
    assert_int_equal(seen.last, seen.total);
    assert_true(seen.total > 0 && seen.total <= with->whole.length);
    seen = (watch){.stop_at = 1};
    assert_int_equal(bc_verify_chain(with->params, &result, bytes, with->whole.length,
                                     watch_progress, &seen, &error),
                     BC_ERR_INTERRUPTED);
    assert_int_equal(error.code, BC_ERR_INTERRUPTED);
    assert_int_equal(seen.calls, 1);
    assert_int_equal(result.verdict, BC_VERDICT_NONE);
}

static void arguments_are_checked(void **state)
{
    given *with = *state;
    bc_verification result = BC_VERIFICATION_INIT;
    const uint8_t *bytes = (const uint8_t *)with->whole.data;
    bc_chain *chain = fixture_chain(with->params, NULL);
    assert_int_equal(bc_verify_chain(NULL, &result, bytes, 1, NULL, NULL, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_verify_chain(with->params, NULL, bytes, 1, NULL, NULL, NULL),
                     BC_ERR_ARGUMENT);
    assert_int_equal(bc_verify_chain(with->params, &result, NULL, 0, NULL, NULL, NULL),
                     BC_ERR_ARGUMENT);
    assert_int_equal(bc_chain_submit_chain(NULL, NULL, NULL, NULL, bytes, 1, NULL),
                     BC_ERR_ARGUMENT);
    assert_int_equal(bc_chain_submit_chain(chain, NULL, NULL, NULL, NULL, 0, NULL),
                     BC_ERR_ARGUMENT);
    bc_verification short_one = BC_VERIFICATION_INIT; /* of an older program */
    memset(&short_one, 0x55, sizeof short_one);
    short_one.struct_size = (uint32_t)offsetof(bc_verification, transactions);
    assert_int_equal(
        bc_verify_chain(with->params, &short_one, bytes, with->whole.length, NULL, NULL, NULL),
        BC_OK);
    assert_int_equal(short_one.blocks, BLOCKS);
    assert_int_equal(short_one.tip[0], 0x55);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
}

#define GIVEN(test) cmocka_unit_test_setup_teardown(test, open_given, close_given)

/* Bytes are counted from the beginning of what was given, wherever the list stands in it. */
static void messages_count_bytes_from_the_beginning(void **state)
{
    given *with = *state;
    assert_says(with->params, "[1]", "from byte 1:");
    assert_says(with->params, " \n[ 1]", "from byte 4:");
    assert_says(with->params, "{\"chain\":[1]}", "from byte 10:");
    assert_says(with->params, "{\"length\": 1, \"chain\": [1]}", "from byte 24:");
    assert_says(with->params, "{\"chain\":5}", "at byte 9 ");
    assert_says(with->params, "{\"chain\":[1 2]}", "at byte 12 ");
    uint64_t count;
    bc_error error = {0};
    const char *broken = "  [1 2]";
    assert_int_equal(bc__whole_chain_count(with->params, &count, (const uint8_t *)broken,
                                           strlen(broken), &error),
                     BC_ERR_FORMAT);
    assert_non_null(strstr(error.message, "at byte 5 "));
    broken = "  [1, {\"a\" 2}]";
    assert_int_equal(bc__whole_chain_count(with->params, &count, (const uint8_t *)broken,
                                           strlen(broken), &error),
                     BC_ERR_FORMAT);
    assert_non_null(strstr(error.message, "at byte 11 "));
    fixture_text cut = fixture_replace(&with->whole, "{\"chain\": [{", "}, {", "} {");
    const char *list = strstr(cut.data, "[{");
    const char *second = strstr(list + 2, "} {");
    assert_non_null(second);
    char expected[64];
    char text[20000];
    (void)snprintf(text, sizeof text, "   %s", list);
    (void)snprintf(expected, sizeof expected, "at byte %zu ", (size_t)(second - list) + 2 + 3);
    assert_says(with->params, text, expected);
    free(cut.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GIVEN(every_form_is_read),
        GIVEN(what_is_no_chain_is_refused),
        GIVEN(an_empty_chain_is_invalid),
        GIVEN(a_truncated_text_is_never_a_chain),
        GIVEN(garbage_behind_it_is_refused),
        GIVEN(what_is_no_block_is_invalid_where_it_stands),
        GIVEN(a_changed_block_breaks_the_next_link),
        GIVEN(a_proof_that_does_not_hold_is_found),
        GIVEN(a_repeated_or_missing_block_is_found),
        GIVEN(depth_has_a_limit),
        cmocka_unit_test(sizes_have_limits),
        GIVEN(a_broken_chain_leaves_ours_whole),
        GIVEN(only_a_longer_chain_replaces_ours),
        GIVEN(messages_count_bytes_from_the_beginning),
        GIVEN(progress_is_shown_and_may_stop_it),
        GIVEN(arguments_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
