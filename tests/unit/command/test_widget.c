/* test_widget.c: what widgets send and take, interact while something moves, and short
 * memory. */
#include "../fail_alloc.h"
#include "session.h"

#include "cell/stop.h"

#include <lauxlib.h>

static struct session *here;
static struct buf sent;     /* the data of each message to the page, a line each */
static char opened[64][33]; /* ids in order */
static size_t n_opened;
static int refuse;

static int to_page(void *self, uint64_t origin, const struct host_comm *m,
                   struct err *e) {
    (void)self;
    (void)origin;
    if (refuse)
        return err_set(e, refuse, "no caben más");
    if (m->kind == HOST_COMM_OPEN && n_opened < 64)
        (void)snprintf(opened[n_opened++], 33, "%s", m->id);
    static const char *const kinds[] = {"open", "msg", "close"};
    buf_printf(&sent, "%s %s", kinds[m->kind], m->data ? m->data : "-");
    for (size_t i = 0; i < m->n_buffers; i++)
        buf_printf(&sent, " <%zu>", m->buffer[i].len);
    buf_putc(&sent, '\n');
    return 0;
}

static bool from_page(enum host_comm_kind kind, const char *id, const char *data) {
    const struct interp *in = cell_interp(here->cell);
    struct host_comm m = {
        .kind = kind, .id = id, .target = "jupyter.widget.control", .data = data};
    return in->comm(in->self, &m);
}

static const char *newest(void) {
    return n_opened ? opened[n_opened - 1] : "";
}

static int set_up(void **state) {
    buf_init(&sent, 4 << 20);
    n_opened = 0;
    refuse = 0;
    int rc = session_open(state);
    here = *state;
    here->r.host.comm = to_page;
    return rc;
}

static int tear_down(void **state) {
    buf_release(&sent);
    return session_close(state);
}

static void want_sent(const char *part) {
    const char *text = sent.len ? sent.data : "";
    if (!strstr(text, part))
        print_message("sent: %s\nwanted: %s\n", text, part);
    assert_non_null(strstr(text, part));
}

static void states_on_the_wire(void **state) {
    struct session *s = *state;
    session_do(s, "r = widget.slider{log = true, value = 0.01, min = 0.001, max = 10}");
    want_sent("\"_model_name\":\"FloatLogSliderModel\"");
    want_sent("\"max\":1.0,\"min\":-3.0");
    want_sent("\"_model_name\":\"LayoutModel\"");
    want_sent("\"_model_name\":\"SliderStyleModel\"");
    want_sent("\"layout\":\"IPY_MODEL_");
    buf_clear(&sent);
    session_do(s, "r.value = 1 r.value = 1");
    assert_string_equal(
        sent.data,
        "msg {\"method\":\"update\",\"state\":{\"value\":1.0},\"buffer_paths\":[]}\n");
    buf_clear(&sent);
    session_do(s, "i = widget.image('12345')");
    want_sent("\"buffer_paths\":[[\"value\"]]} <5>");
    session_do(s, "d = widget.dropdown{options = {'a', 7}, value = 7}");
    want_sent("\"_options_labels\":[\"a\",\"7\"]");
    want_sent("\"index\":1");
    buf_clear(&sent);
    session_do(s, "i = nil d:close() collectgarbage() collectgarbage()");
    assert_string_equal(sent.data, "close -\nclose -\n");
}

static void messages_of_the_page(void **state) {
    struct session *s = *state;
    session_do(s, "n = 0 x = widget.slider{value = 2, max = 5}"
                  "x:observe(function(c) n = n + 1 last = c.new end)");
    char id[33];
    (void)snprintf(id, sizeof id, "%s", newest());
    buf_clear(&sent);
    from_page(HOST_COMM_MSG, id,
              "{\"method\":\"update\",\"state\":{\"value\":9,\"nada\":1}}");
    assert_string_equal(sent.data, "msg {\"method\":\"echo_update\",\"state\":{\"value\":"
                                   "5},\"buffer_paths\":[]}\n");
    session_shows(s, "n, last, x.value", "1\t5\t5");
    from_page(HOST_COMM_MSG, id, "{\"method\":\"update\",\"state\":{\"value\":\"q\"}}");
    assert_non_null(strstr(recorder_stderr(&s->r), "se esperaba un número"));
    from_page(HOST_COMM_MSG, id, "{\"method\":7}");
    from_page(HOST_COMM_MSG, id, "{\"method\":\"custom\",\"content\":{}}");
    from_page(HOST_COMM_MSG, id, "{\"method\":\"update\",\"state\":[]}");
    session_shows(s, "n, x.value", "1\t5");
    buf_clear(&sent);
    from_page(HOST_COMM_MSG, id, "{\"method\":\"request_state\"}");
    want_sent("\"method\":\"update\",\"state\":{\"_model_module\"");
    assert_true(from_page(HOST_COMM_OPEN, "ctl", "{}"));
    buf_clear(&sent);
    from_page(HOST_COMM_MSG, "ctl", "{\"method\":\"request_states\"}");
    want_sent("{\"method\":\"update_states\",\"states\":{");
    want_sent(
        "\"model_name\":\"LayoutModel\",\"model_module\":\"@jupyter-widgets/base\"");
    from_page(HOST_COMM_CLOSE, id, "{}");
    session_fails(s, "x.value = 3", "StateError", "cerró");
    assert_false(from_page(HOST_COMM_MSG, id, "{}"));
}

static void what_the_kernel_refuses(void **state) {
    struct session *s = *state;
    refuse = ERR_RANGE;
    session_fails(s, "widget.slider()", "IndexError", "no caben");
    refuse = 0;
    session_do(s, "w = widget.slider()");
    refuse = ERR_STATE; /* closed by the page: w lives on */
    session_do(s, "w.value = 3");
    refuse = 0;
}

/* A loop sets a bar as often as it likes; the page hears of some values, and of the last. */
static void many_changes_are_few_messages(void **state) {
    struct session *s = *state;
    session_do(s, "p = widget.progress{max = 100000} q = widget.progress{max = 100000}");
    buf_clear(&sent);
    session_do(s, "for i = 1, 100000 do p.value = i if i < 9 then q.value = i end end");
    size_t n = 0;
    for (size_t i = 0; i < sent.len; i++)
        n += sent.data[i] == '\n';
    assert_in_range(n, 2, 5000);
    want_sent("{\"value\":100000.0}");
    want_sent("{\"value\":8.0}");
    buf_clear(&sent);
    struct interp_result out =
        recorder_run(s->cell, "p.value = 1 p.value = 2 error('no')");
    interp_result_release(&out);
    want_sent("{\"value\":2.0}");
}

/* The slider shows what a callback sets, and sets nothing where it ends before. */
static void the_rate_slider_follows(void **state) {
    struct session *s = *state;
    session_do(s, "o = optim.SGD{learning_rate = 0.001} m = nn.Sequential{nn.Dense(2)} "
                  "m:compile{optimizer = o, loss = 'mse'}");
    session_do(s, "m:fit{{{1, 2}, {3, 4}}, {{1, 2}, {3, 4}}, verbose = 0, epochs = 2, "
                  "controls = true, callbacks = {function(log) rate = o.learning_rate "
                  "o.learning_rate = log.epoch == 1 and 0.25 or 5 end}}");
    want_sent("{\"value\":0.25}");
    session_shows(s, "rate, o.learning_rate", "0.25\t5.0");
}

/* ----------------------------------------------------- a slider moves while f runs */

static char slider[33];

static void visit(struct recorder *r) {
    (void)r;
    const struct interp *in = cell_interp(here->cell);
    assert_true(in->begin_visit(in->self));
    from_page(HOST_COMM_MSG, slider, "{\"method\":\"update\",\"state\":{\"value\":4}}");
    struct interp_result out = recorder_run(here->cell, "print('fuera')");
    interp_result_release(&out);
    in->end_visit(in->self);
}

static int l_knock(lua_State *L) {
    (void)L;
    const struct interp *in = cell_interp(here->cell);
    in->attend(in->self);
    return 0;
}

static void a_change_in_the_middle(void **state) {
    struct session *s = *state;
    lua_register(cell_lua(s->cell), "knock", l_knock);
    session_do(s, "k = widget.slider{value = 1, max = 9}");
    (void)snprintf(slider, sizeof slider, "%s", newest());
    s->r.visit = visit;
    recorder_reset(&s->r);
    session_do(s, "seen = {} interact{k = k, function(p) seen[#seen + 1] = p.k "
                  "if #seen == 1 then knock() for i = 1, 99 do end end "
                  "print('k', p.k) end}");
    session_shows(s, "table.concat(seen, ' ')", "1 4");
    /* The visitor's line went out, not into the figure. */
    assert_string_equal(recorder_stdout(&s->r), "fuera\n");
    bool first = false, then = false;
    for (size_t i = 0; i < s->r.n_shown; i++) {
        const char *text = recorder_shown(&s->r, i, "text/plain");
        first = first || (strcmp(text, "k\t1") == 0 && !s->r.shown[i].update);
        then = then || (strcmp(text, "k\t4") == 0 && s->r.shown[i].update);
    }
    assert_true(first && then);
    s->r.visit = NULL;
}

static void an_error_gives_the_output_back(void **state) {
    struct session *s = *state;
    session_do(s, "k = widget.slider{value = 1, max = 9}");
    session_fails(s, "interact{k = k, function(p) if p.k == 1 then error('uno') end end}",
                  "RuntimeError", "uno");
    recorder_reset(&s->r);
    session_do(s, "print('después')");
    assert_string_equal(recorder_stdout(&s->r), "después\n");
    session_fails(s, "k.value = 2 k.value = 1", "StateError", "uno");
    session_do(s, "print('después')");
    assert_string_equal(recorder_stdout(&s->r), "después\ndespués\n");
}

/* ------------------------------------------------------------------------ short memory */

static void walk(struct session *s, const char *code, long step) {
    session_do(s, code); /* warm: what is made once */
    for (long n = 0; n < 6000; n += step) {
        fail_alloc_after(n);
        struct interp_result out = recorder_run(s->cell, code);
        bool hit = fail_alloc_stop(), ok = out.ok;
        interp_result_release(&out);
        recorder_reset(&s->r);
        buf_clear(&sent);
        if (!hit && ok)
            break;
    }
    session_shows(s, "1 + 1", "2");
    session_do(s, "collectgarbage()");
}

static void short_memory_is_survived(void **state) {
    struct session *s = *state;
    if (!fail_alloc_supported())
        return;
    walk(s, "local s = widget.slider{value = 1, max = 3} s.value = 2 s:close()", 1);
    walk(s, "local d = widget.dropdown{options = {1, 2}} return widget.hbox{d}", 1);
    walk(s,
         "local k = widget.slider{value = 1, max = 3} interact{k = k, function(p) "
         "print(p.k) return p.k end} k.value = 2 k:close()",
         1);
    recorder_reset(&s->r);
    session_do(s, "print('sigue')");
    assert_string_equal(recorder_stdout(&s->r), "sigue\n");
    walk(s,
         "m = nn.Sequential{nn.Dense(2)} m:compile{loss = \"mse\"} "
         "m:fit{{{1, 2}, {3, 4}}, {{1, 2}, {3, 4}}, verbose = 0, controls = true}",
         7);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {T(states_on_the_wire),
                                       T(messages_of_the_page),
                                       T(what_the_kernel_refuses),
                                       T(many_changes_are_few_messages),
                                       T(the_rate_slider_follows),
                                       T(a_change_in_the_middle),
                                       T(an_error_gives_the_output_back),
                                       T(short_memory_is_survived)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
