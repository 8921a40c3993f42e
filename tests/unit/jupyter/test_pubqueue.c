/* test_pubqueue.c: what is joined, what waits, what gives way, and in which order. */
#include "../../../kernel/jupyter/pubqueue.h"

#include "../fail_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct world {
    struct jup_pubqueue q;
    struct jup_origin *a, *b;
    double now;
};

static struct jup_origin *new_origin(void) {
    return jup_origin_new(copy_text("{}"), 2, NULL, 0);
}

static int set_up(void **state) {
    struct world *w = calloc(1, sizeof *w);
    *state = w;
    w->a = new_origin();
    w->b = new_origin();
    w->now = clock_seconds();
    return jup_pubqueue_init(&w->q, 1000000, NULL);
}

static int tear_down(void **state) {
    struct world *w = *state;
    jup_pubqueue_release(&w->q);
    jup_origin_unref(w->a);
    jup_origin_unref(w->b);
    free(w);
    return 0;
}

static void say(struct world *w, struct jup_origin *o, enum host_stream to,
                const char *text) {
    jup_pubqueue_stream(&w->q, o, to, text, strlen(text));
}

static void show(struct world *w, const char *text, const char *id, bool update) {
    const char *type = update ? "update_display_data" : "display_data";
    assert_true(jup_pubqueue_message(&w->q, w->a, type, copy_text(text), id, update));
}

/* Takes one: its text or content has to be this; NULL: nothing may be due. */
static void expect(struct world *w, const char *text) {
    double wait = 0;
    struct jup_pub *p = jup_pubqueue_take(&w->q, w->now, &wait);
    if (!text) {
        assert_null(p);
        return;
    }
    assert_non_null(p);
    const char *got = p->literal ? p->literal : p->content ? p->content : p->text.data;
    assert_string_equal(got, text);
    jup_pub_free(p);
}

static void text_waits_and_joins(void **state) {
    struct world *w = *state;
    double wait = 0;
    say(w, w->a, HOST_STDOUT, "one ");
    say(w, w->a, HOST_STDOUT, "two");
    assert_null(jup_pubqueue_take(&w->q, w->now, &wait));
    assert_true(wait > 0 && wait <= 0.11);
    w->now += 0.2;
    expect(w, "one two");
    assert_null(jup_pubqueue_take(&w->q, w->now, &wait));
    assert_true(wait == -1);
}

static void firm_ones_push(void **state) {
    struct world *w = *state;
    say(w, w->a, HOST_STDOUT, "x");
    show(w, "{}", NULL, false);
    say(w, w->a, HOST_STDOUT, "y");
    expect(w, "x");
    expect(w, "{}");
    expect(w, NULL);
    jup_pubqueue_flush(&w->q);
    expect(w, "y");
    say(w, w->a, HOST_STDOUT, "z");
    jup_pubqueue_status(&w->q, w->a, &w->a->idle);
    expect(w, "z");
    expect(w, "{\"execution_state\":\"idle\"}");
}

static void full_text_does_not_wait(void **state) {
    struct world *w = *state;
    char line[1024];
    memset(line, 'x', sizeof line);
    for (int i = 0; i < 64; i++)
        jup_pubqueue_stream(&w->q, w->a, HOST_STDOUT, line, sizeof line);
    say(w, w->a, HOST_STDOUT, "rest");
    double wait;
    struct jup_pub *p = jup_pubqueue_take(&w->q, w->now, &wait);
    assert_int_equal(p->text.len, JUP_STREAM_FULL);
    jup_pub_free(p);
    expect(w, NULL);
}

static void streams_and_cells_stay_apart(void **state) {
    struct world *w = *state;
    say(w, w->a, HOST_STDOUT, "1");
    say(w, w->a, HOST_STDERR, "2");
    say(w, w->a, HOST_STDOUT, "3");
    say(w, w->b, HOST_STDOUT, "4");
    say(w, w->a, HOST_STDOUT, "5");
    w->now += 1;
    for (const char *s = "12345"; *s; s++)
        expect(w, (char[]){*s, '\0'});
    for (int i = 0; i < 1000; i++) /* but not without end */
        say(w, w->a, i % 2 ? HOST_STDERR : HOST_STDOUT, "x");
    assert_true(w->q.n <= JUP_STREAM_RUN + 2);
}

static void updates_give_way(void **state) {
    struct world *w = *state;
    show(w, "first", "f", false);
    show(w, "1", "f", true);
    show(w, "2", "f", true);
    show(w, "other", "g", true);
    show(w, "3", "f", true);
    expect(w, "first");
    expect(w, "3");
    expect(w, "other");
    expect(w, NULL);
}

static void but_not_past_what_moves_the_figure(void **state) {
    struct world *w = *state;
    show(w, "1", "f", true);
    jup_pubqueue_message(&w->q, w->a, "clear_output", copy_text("clear"), NULL, false);
    show(w, "again", "f", false);
    show(w, "2", "f", true);
    jup_pubqueue_status(&w->q, w->a, &w->a->idle);
    show(w, "3", "f", true);
    expect(w, "1");
    expect(w, "clear");
    expect(w, "again");
    expect(w, "2");
    expect(w, "{\"execution_state\":\"idle\"}");
    expect(w, "3");
}

static void rates(void **state) {
    struct world *w = *state;
    int sent = 0;
    for (double end = w->now + 3; w->now < end; w->now += 0.001) {
        double wait;
        show(w, "u", "f", true);
        struct jup_pub *p = jup_pubqueue_take(&w->q, w->now, &wait);
        sent += p != NULL;
        jup_pub_free(p);
    }
    assert_in_range(sent, 100, 131); /* at most 10 + 3 * 40, and not much less */
}

static void split_characters(void **state) {
    struct world *w = *state;
    say(w, w->a, HOST_STDOUT, "\xC3");
    say(w, w->b, HOST_STDOUT, "\xE2\x82");
    say(w, w->a, HOST_STDOUT, "\xB1");
    jup_pubqueue_finish(&w->q, w->b);
    jup_pubqueue_finish(&w->q, w->a);
    w->now += 1;
    double wait;
    char all[64] = "";
    for (struct jup_pub *p; (p = jup_pubqueue_take(&w->q, w->now, &wait));) {
        strcat(all, p->text.data ? p->text.data : "");
        jup_pub_free(p);
    }
    assert_string_equal(all, "ñ\xEF\xBF\xBD");
}

static void cap(void **state) {
    struct world *w = *state;
    w->q.output_cap = 21;
    say(w, w->a, HOST_STDOUT, "0123456789\n"); /* 12 bytes as JSON */
    say(w, w->a, HOST_STDERR, "01234567ñññ");  /* 9 more: cut before half a character */
    say(w, w->a, HOST_STDOUT, "lost");
    say(w, w->b, HOST_STDOUT, "another cell");
    w->now += 1;
    expect(w, "0123456789\n");
    double wait;
    struct jup_pub *p = jup_pubqueue_take(&w->q, w->now, &wait);
    assert_memory_equal(p->text.data, "01234567\n[", 10);
    jup_pub_free(p);
    expect(w, "another cell");
    expect(w, NULL);
}

static void closed(void **state) {
    struct world *w = *state;
    double wait;
    say(w, w->a, HOST_STDOUT, "last words");
    jup_pubqueue_close(&w->q);
    say(w, w->a, HOST_STDOUT, "too late");
    assert_false(jup_pubqueue_message(&w->q, w->a, "t", copy_text("{}"), NULL, false));
    expect(w, "last words");
    assert_null(jup_pubqueue_take(&w->q, w->now, &wait));
    assert_true(wait == JUP_QUEUE_END);
}

static void silent(void **state) {
    struct world *w = *state;
    w->a->silent = true;
    say(w, w->a, HOST_STDOUT, "x");
    assert_int_equal(w->q.n, 0);
}

static void short_memory(void **state) {
    struct world *w = *state;
    if (!fail_alloc_supported())
        skip();
    for (long n = 0;; n++) {
        char *content = copy_text("{}");
        fail_alloc_after(n);
        bool in = jup_pubqueue_message(&w->q, w->a, "display_data", content, "id", true);
        say(w, w->b, HOST_STDOUT, "text that may be lost");
        jup_pubqueue_status(&w->q, w->b, &w->b->idle); /* needs no memory */
        bool failed = fail_alloc_stop();
        double wait;
        bool idle = false;
        for (struct jup_pub *p; (p = jup_pubqueue_take(&w->q, w->now, &wait));) {
            idle = idle || p == &w->b->idle;
            jup_pub_free(p);
        }
        assert_true(idle);
        if (!failed) {
            assert_true(in);
            break;
        }
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {TEST(text_waits_and_joins),
                                       TEST(firm_ones_push),
                                       TEST(full_text_does_not_wait),
                                       TEST(streams_and_cells_stay_apart),
                                       TEST(updates_give_way),
                                       TEST(but_not_past_what_moves_the_figure),
                                       TEST(rates),
                                       TEST(split_characters),
                                       TEST(cap),
                                       TEST(closed),
                                       TEST(silent),
                                       TEST(short_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
