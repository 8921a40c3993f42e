/* test_comm.c: comms from both sides, their callbacks, errors, and the long wait that a
 * message ends. */
#include "fixture.h"

#include "cell/comm.h"
#include "cell/stop.h"

#include <lauxlib.h>
#include <unistd.h>

static struct buf
    sent; /* "open c target data metadata n;" of each message to the front end */
static char last_id[200];
static int refuse;

static int to_front(void *self, uint64_t origin, const struct host_comm *m,
                    struct err *e) {
    static const char *const kinds[] = {"open", "msg", "close"};
    (void)self;
    assert_int_equal(origin, ORIGIN_CURRENT);
    if (refuse)
        return err_set(e, refuse, "no se pudo");
    (void)snprintf(last_id, sizeof last_id, "%s", m->id);
    buf_printf(&sent, "%s %s %s %s", kinds[m->kind], m->target ? m->target : "-",
               m->data ? m->data : "-", m->metadata ? m->metadata : "-");
    for (size_t i = 0; i < m->n_buffers; i++)
        buf_printf(&sent, " <%.*s>", (int)m->buffer[i].len,
                   (const char *)m->buffer[i].data);
    buf_puts(&sent, ";");
    return 0;
}

static bool from_front(enum host_comm_kind kind, const char *id, const char *data) {
    const struct interp *in = cell_interp(cell);
    struct host_buffer b = {"a\0b", 3};
    struct host_comm m = {.kind = kind,
                          .id = id,
                          .target = kind == HOST_COMM_OPEN ? "aula" : NULL,
                          .data = data,
                          .metadata = "{}",
                          .buffer = &b,
                          .n_buffers = 1};
    return in->comm(in->self, &m);
}

static int set_up(void **state) {
    buf_init(&sent, 1 << 20);
    refuse = 0;
    int rc = fixture_setup(state);
    rec.host.comm = to_front;
    return rc;
}

static int tear_down(void **state) {
    buf_release(&sent);
    return fixture_teardown(state);
}

static void want_sent(const char *text) {
    assert_string_equal(sent.len ? sent.data : "", text);
    buf_clear(&sent);
}

static void opened_here(void **state) {
    (void)state;
    want("c = comm.open('aula', {n = 1}, {metadata = {v = '2'}, buffers = {'xy'}})", "");
    want_sent("open aula {\"n\":1} {\"v\":\"2\"} <xy>;");
    want("c.id == nil or #c.id, c.is_open", "32\ttrue");
    want("c:send({m = {1, 2}}, {'p', 'q'}) c:send()", "");
    want_sent("msg - {\"m\":[1,2]} - <p> <q>;msg - - -;");
    want("c.on_msg = function(d, b) print(d.x, #b[1]) end", "");
    recorder_reset(&rec);
    assert_true(from_front(HOST_COMM_MSG, last_id, "{\"x\": 7}"));
    assert_string_equal(recorder_stdout(&rec), "7\t3\n");
    want("c:close() c:close() return c.is_open", "false");
    want_sent("close - - -;");
    want_error("c:send{}", "StateError", "ya se cerró");
    assert_false(from_front(HOST_COMM_MSG, last_id, "{}"));
}

static void opened_there(void **state) {
    (void)state;
    assert_false(from_front(HOST_COMM_OPEN, "f1", "{}"));
    want("comm.register_target('aula', function(c, d, b) kept = c c:send{echo = d.q} "
         "c.on_msg = function(m) print('msg', m.k) end "
         "c.on_close = function() print('fin') end end)",
         "");
    assert_true(from_front(HOST_COMM_OPEN, "f1", "{\"q\": \"hola\"}"));
    want_sent("msg - {\"echo\":\"hola\"} -;");
    recorder_reset(&rec);
    assert_true(from_front(HOST_COMM_MSG, "f1", "{\"k\": true}"));
    assert_true(from_front(HOST_COMM_CLOSE, "f1", "{}"));
    assert_string_equal(recorder_stdout(&rec), "msg\ttrue\nfin\n");
    want("return kept.is_open, kept.id", "false\tf1");
    assert_false(from_front(HOST_COMM_MSG, "f1", "{}"));
}

/* The error of a callback is told where its message is answered, and nothing else breaks. */
static void errors_are_printed(void **state) {
    (void)state;
    want("comm.register_target('aula', function(c) c.on_msg = function(m)\n"
         "local t = nil\nreturn t.x end end)",
         "");
    assert_true(from_front(HOST_COMM_OPEN, "f2", "{}"));
    recorder_reset(&rec);
    assert_true(from_front(HOST_COMM_MSG, "f2", "{}"));
    assert_non_null(strstr(recorder_stderr(&rec), "línea 3"));
    want("return 1", "1");
    want("comm.register_target('aula', function(c) error('no quiero') end)", "");
    assert_false(from_front(HOST_COMM_OPEN, "f3", "{}"));
    assert_non_null(strstr(recorder_stderr(&rec), "no quiero"));
    assert_true(from_front(HOST_COMM_MSG, "f2", "{\"broken"));
    assert_non_null(strstr(recorder_stderr(&rec), "FormatError"));
}

static void refusals(void **state) {
    (void)state;
    refuse = ERR_RANGE;
    want_error("comm.open('aula')", "IndexError", "no se pudo");
    refuse = 0;
    want_error("comm.open('aula', {print})", "ValueError", "JSON");
    want_error("comm.open('aula', {}, {buffers = {1}})", "TypeError", "buffers");
    want_error("c = comm.open('aula') c.x = 1", "ValueError", "on_msg");
    want_error("return comm.opn", "NotFoundError", "open");
    want_error("return c.sen", "NotFoundError", "send");
    rec.host.comm = NULL; /* nobody there: nothing fails */
    want("c = comm.open('aula', {n = 1}) c:send{} c:close() return 1", "1");
}

/* ------------------------------------------------------------- a pause of long work */

static pthread_t other;
static int kind_of_wake;

static void *wake_it(void *arg) {
    (void)arg;
    const struct interp *in = cell_interp(cell);
    if (kind_of_wake == 0)
        in->attend(in->self);
    else
        in->interrupt(in->self);
    return NULL;
}

static void visit(struct recorder *r) {
    (void)r;
    const struct interp *in = cell_interp(cell);
    assert_true(in->begin_visit(in->self));
    from_front(HOST_COMM_MSG, "f1", "{}");
    in->end_visit(in->self);
}

/* rest(): waits until the global `go` is true or an interrupt comes. */
static int l_rest(lua_State *L) {
    struct cell_stop *s = cell_stop_of(L);
    cell_stop_begin(s);
    pthread_create(&other, NULL, wake_it, NULL);
    bool go = false;
    while (!go && cell_stop_poll(s) == CELL_GO) {
        cell_stop_wait(L);
        lua_getglobal(L, "go");
        go = lua_toboolean(L, -1);
        lua_pop(L, 1);
    }
    pthread_join(other, NULL);
    lua_pushstring(L, go ? "visited" : "interrupted");
    cell_stop_end(s);
    return 1;
}

static void a_message_ends_the_wait(void **state) {
    (void)state;
    lua_register(cell_lua(cell), "rest", l_rest);
    want("comm.register_target('aula', function(c) c.on_msg = function() go = true end "
         "end)",
         "");
    assert_true(from_front(HOST_COMM_OPEN, "f1", "{}"));
    rec.visit = visit;
    kind_of_wake = 0;
    for (int i = 0; i < 200; i++)
        want("go = false return rest()", "visited");
    kind_of_wake = 1;
    for (int i = 0; i < 200; i++)
        want("go = false return rest()", "interrupted");
}

#define COMM(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    alarm(60); /* a wait that nobody ends */
    const struct CMUnitTest tests[] = {COMM(opened_here), COMM(opened_there),
                                       COMM(errors_are_printed), COMM(refusals),
                                       COMM(a_message_ends_the_wait)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
