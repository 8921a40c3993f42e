/* test_history.c: the history in memory and in a file. The protocol tests go further. */
#include "../../../kernel/jupyter/history.h"

#include "../fail_alloc.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct jup_log quiet = {.fd = -1};

static void expect(struct jup_history *h, const struct jup_history_query *q,
                   const char *json) {
    json_t *list = jup_history_query(h, q);
    char *text = json_dumps(list, JSON_COMPACT);
    assert_string_equal(text, json);
    free(text);
    json_decref(list);
}

static void store(struct jup_history *h, int line, const char *input,
                  const char *output) {
    jup_history_store(h, 0, line, input, strlen(input), output);
}

static void in_memory(void **state) {
    (void)state;
    struct jup_history h;
    assert_int_equal(jup_history_init(&h, "", &quiet, NULL), 0);
    assert_null(h.db); /* nothing is opened before it is needed */
    store(&h, 1, "a", "1");
    store(&h, 2, "b", NULL);
    store(&h, 3, "a", "3");
    expect(&h, &(struct jup_history_query){.access = JUP_HISTORY_TAIL, .n = 2},
           "[[1,2,\"b\"],[1,3,\"a\"]]");
    expect(&h, &(struct jup_history_query){.access = JUP_HISTORY_TAIL, .n = 0}, "[]");
    expect(&h,
           &(struct jup_history_query){
               .access = JUP_HISTORY_RANGE, .start = 1, .stop = 3, .output = true},
           "[[1,1,[\"a\",\"1\"]],[1,2,[\"b\",null]]]");
    expect(&h, &(struct jup_history_query){.access = JUP_HISTORY_RANGE, .session = -1},
           "[]");
    expect(&h,
           &(struct jup_history_query){
               .access = JUP_HISTORY_SEARCH, .n = -1, .pattern = "?", .unique = true},
           "[[1,2,\"b\"],[1,3,\"a\"]]");
    jup_history_release(&h);
}

static void bytes_as_they_are(void **state) {
    (void)state;
    struct jup_history h;
    assert_int_equal(jup_history_init(&h, "", &quiet, NULL), 0);
    jup_history_store(&h, 0, 1, "ñ\0'; DROP TABLE cells", 22, NULL);
    struct jup_history_query q = {.access = JUP_HISTORY_TAIL, .n = 1};
    json_t *list = jup_history_query(&h, &q);
    const json_t *input = json_array_get(json_array_get(list, 0), 2);
    assert_non_null(strstr(json_string_value(input), "'; DROP"));
    json_decref(list);
    jup_history_release(&h);
}

static void in_a_file(void **state) {
    (void)state;
    char folder[] = "/tmp/nabla_history_XXXXXX", path[200];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/x/h.sqlite", folder);
    for (int session = 1; session <= 3; session++) {
        struct jup_history h;
        assert_int_equal(jup_history_init(&h, path, &quiet, NULL), 0);
        store(&h, 1, "x", NULL);
        jup_history_flush(&h);
        assert_int_equal(h.session, session);
        if (session == 3) {
            expect(&h,
                   &(struct jup_history_query){
                       .access = JUP_HISTORY_RANGE, .session = -2, .stop = -1},
                   "[[1,1,\"x\"]]");
            expect(&h,
                   &(struct jup_history_query){
                       .access = JUP_HISTORY_RANGE, .session = 2, .stop = -1},
                   "[[2,1,\"x\"]]");
        }
        jup_history_release(&h);
    }
    snprintf(path, sizeof path, "rm -r %s", folder);
    assert_int_equal(system(path), 0);
}

/* The thread writes without being asked, all that is pending, in order; what comes while it
 * writes is not lost. */
static void by_the_thread(void **state) {
    (void)state;
    enum { N = 2000 };
    struct jup_history h;
    assert_int_equal(jup_history_init(&h, "", &quiet, NULL), 0);
    store(&h, 1, "1", NULL);
    bool pending = true;
    while (pending) { /* the test's own ceiling of seconds ends it otherwise */
        pthread_mutex_lock(&h.pending_lock);
        pending = h.first != NULL;
        pthread_mutex_unlock(&h.pending_lock);
        sched_yield();
    }
    for (int line = 2; line <= N; line++) {
        char code[16];
        snprintf(code, sizeof code, "%d", line);
        store(&h, line, code, NULL);
        if (line % 500 == 0)
            jup_history_flush(&h);
    }
    json_t *list = jup_history_query(
        &h, &(struct jup_history_query){.access = JUP_HISTORY_TAIL, .n = N + 1});
    assert_int_equal(json_array_size(list), N);
    for (int line = 1; line <= N; line++)
        assert_int_equal(
            json_integer_value(json_array_get(json_array_get(list, (size_t)line - 1), 1)),
            line);
    json_decref(list);
    jup_history_release(&h);
}

/* Short memory loses entries, never more. */
static void short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    for (long n = 0; n < 400; n++) {
        struct jup_history h;
        assert_int_equal(jup_history_init(&h, "", &quiet, NULL), 0);
        fail_alloc_after(n);
        store(&h, 1, "a", "1");
        json_t *list = jup_history_query(
            &h, &(struct jup_history_query){.access = JUP_HISTORY_TAIL, .n = 5});
        bool failed = fail_alloc_stop();
        assert_true(failed || json_array_size(list) == 1);
        json_decref(list);
        store(&h, 2, "b", NULL);
        jup_history_release(&h);
        if (!failed)
            return;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_memory), cmocka_unit_test(bytes_as_they_are),
        cmocka_unit_test(in_a_file), cmocka_unit_test(by_the_thread),
        cmocka_unit_test(short_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
