/* test_router.c: what counts as already received, when it is all in the socket at once. */
#include "../../../kernel/jupyter/frames.h"
#include "../../../kernel/jupyter/router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <zmq.h>

#include <cmocka.h>

enum { REQUESTS = 200 }; /* more than the router reads before it looks at its replies */

struct world {
    struct jup_sockets sockets;
    struct jup_identity self;
    struct jup_pubqueue pub;
    struct jup_interrupt interrupt;
    struct jup_router router;
    struct jup_wire client;
    void *shell;
};

static const struct jup_log quiet = {.fd = -1};

static bool never(void *self, struct jup_message *m) {
    (void)self;
    (void)m;
    return false;
}

/* inproc: what is sent is in the router's socket at once. */
static int set_up(void **state) {
    struct world *w = calloc(1, sizeof *w);
    *state = w;
    w->sockets.context = zmq_ctx_new();
    w->sockets.socket[JUP_SHELL] = zmq_socket(w->sockets.context, ZMQ_ROUTER);
    w->sockets.socket[JUP_STDIN] = zmq_socket(w->sockets.context, ZMQ_ROUTER);
    zmq_bind(w->sockets.socket[JUP_SHELL], "inproc://shell");
    w->shell = zmq_socket(w->sockets.context, ZMQ_DEALER);
    zmq_connect(w->shell, "inproc://shell");
    w->router = (struct jup_router){.pub = &w->pub,
                                    .sockets = &w->sockets,
                                    .interrupt = &w->interrupt,
                                    .log = &quiet,
                                    .urgent = never,
                                    .wire = {.self = &w->self}};
    w->client.self = &w->self;
    return jup_identity_init(&w->self, NULL) || jup_pubqueue_init(&w->pub, 1000, NULL) ||
           jup_interrupt_init(&w->interrupt, NULL) || jup_router_init(&w->router, NULL);
}

static int tear_down(void **state) {
    struct world *w = *state;
    jup_router_stop(&w->router);
    jup_router_release(&w->router);
    jup_pubqueue_release(&w->pub);
    jup_interrupt_release(&w->interrupt);
    jup_identity_release(&w->self);
    zmq_close(w->shell);
    jup_sockets_close(&w->sockets);
    free(w);
    return 0;
}

static void send(struct world *w, const char *type) {
    struct jup_outgoing m = {.type = type};
    assert_int_equal(jup_frames_send(&w->client, w->shell, &m, NULL), 0);
}

/* The request that a failed cell's reply goes to. */
static void reply(struct world *w, bool abort) {
    struct jup_message m = {.reply = calloc(1, sizeof *m.reply)};
    m.origin = jup_origin_new(copy_text("{}"), 2, NULL, 0);
    m.reply->abort = abort;
    jup_router_reply(&w->router, &m);
    jup_origin_unref(m.origin);
}

/* A request that was taken is done, without a reply. */
static struct jup_message *take(struct world *w) {
    struct jup_message *m = jup_router_take(&w->router);
    w->router.shells.depth = 0;
    return m;
}

static void take_all(struct world *w, bool aborted) {
    for (int i = 0; i < REQUESTS; i++) {
        struct jup_message *m = take(w);
        bool cell = strcmp(m->type, "execute_request") == 0;
        assert_true(m->aborted == (aborted && cell));
        assert_true(cell == (i % 10 != 0)); /* in the order they came */
        jup_message_free(m);
    }
}

static void run(struct world *w, bool abort) {
    for (int i = 0; i < REQUESTS; i++)
        send(w, i % 10 ? "execute_request" : "kernel_info_request");
    reply(w, abort);
    assert_int_equal(jup_router_start(&w->router, NULL), 0);
    take_all(w, abort);
    send(w, "execute_request"); /* sent after the reply: runs */
    struct jup_message *m = take(w);
    assert_false(m->aborted);
    jup_message_free(m);
}

static void a_failed_cell_aborts_all_that_came(void **state) {
    run(*state, true);
}

static void another_reply_aborts_nothing(void **state) {
    run(*state, false);
}

/* After close the cells that wait are aborted, the rest is answered, then comes the end. */
static void closing(void **state) {
    struct world *w = *state;
    send(w, "execute_request");
    send(w, "kernel_info_request");
    assert_int_equal(jup_router_start(&w->router, NULL), 0);
    struct jup_message *m = take(w);
    jup_message_free(m);
    jup_router_close(&w->router);
    while ((m = take(w)))
        jup_message_free(m);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {TEST(a_failed_cell_aborts_all_that_came),
                                       TEST(another_reply_aborts_nothing), TEST(closing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
