/* test_experiments.c: the store of runs, an interrupt between them, and short memory. */
#include "../fail_alloc.h"
#include "session.h"

#include "../../../kernel/command/runs.h"
#include "cell/stop.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static void new_folder(void) {
    (void)snprintf(folder, sizeof folder, "/tmp/nabla-runs-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

static void remove_folder(void) {
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r '%s'", folder);
    assert_int_equal(system(command), 0);
}

static void rows_are_kept(void **state) {
    (void)state;
    struct cmd_runs *r;
    struct err e = {0};
    char *json;
    new_folder();
    for (int round = 0; round < 2; round++) {
        assert_int_equal(cmd_runs_open(&r, folder, &e), 0);
        assert_int_equal(cmd_runs_get(r, "nothing", &json, &e), 0);
        assert_null(json);
        if (round == 0)
            assert_int_equal(cmd_runs_put(r, "key", "a", "{\"x\": \"ñ'\"}", &e), 0);
        assert_int_equal(cmd_runs_get(r, "key", &json, &e), 0);
        assert_string_equal(json, "{\"x\": \"ñ'\"}");
        free(json);
        cmd_runs_close(r);
    }
    remove_folder();
    cmd_runs_close(NULL);
}

static void bad_folders_are_refused(void **state) {
    (void)state;
    struct cmd_runs *r;
    struct err e = {0};
    char path[5000];
    assert_int_equal(cmd_runs_open(&r, "/proc/none", &e), ERR_IO);
    assert_null(r);
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_int_equal(cmd_runs_open(&r, path, &e), ERR_IO);
    new_folder();
    (void)snprintf(path, sizeof path, "%s/runs.db", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 500; i++)
        (void)fputs("this is no database\n", f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(cmd_runs_open(&r, folder, &e), ERR_IO);
    assert_null(r);
    assert_non_null(strstr(e.msg, "runs.db"));
    remove_folder();
}

static void store_survives_short_memory(void **state) {
    (void)state;
    new_folder();
    for (long n = 0; fail_alloc_supported(); n++) {
        struct cmd_runs *r;
        struct err e = {0};
        char *json = NULL;
        fail_alloc_after(n);
        int rc = cmd_runs_open(&r, folder, &e);
        if (rc == 0)
            rc = cmd_runs_put(r, "key", "a", "{}", &e);
        if (rc == 0)
            rc = cmd_runs_get(r, "key", &json, &e);
        bool hit = fail_alloc_stop();
        free(json);
        cmd_runs_close(r);
        assert_true(rc == 0 || e.msg[0]);
        if (!hit) {
            assert_int_equal(rc, 0);
            break;
        }
    }
    remove_folder();
}

static int stop_now(lua_State *L) {
    cell_stop_request_gentle(cell_stop_of(L));
    return 0;
}

static void define_stop(struct session *s) {
    lua_State *L = cell_lua(s->cell);
    lua_pushglobaltable(L);
    lua_pushstring(L, "stop_now");
    lua_pushcfunction(L, stop_now);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

static const char series[] =
    "d = data.digits{n_train = 60, n_test = 20} trained = {} function go() return "
    "lab.experiments{a = {units = 2}, b = {units = 3}, c = {units = 4}, data = d, "
    "store = folder, base = {epochs = 2, callbacks = {function() "
    "if now == stop_at then stop_now() end end}}, "
    "model = function(cfg) now = cfg.name trained[#trained + 1] = cfg.name "
    "return nn.Sequential{nn.Flatten(), nn.Dense(cfg.units), nn.Dense(10)} end} end";

/* The interrupted run is not kept, the finished one is; the next time goes on there, in
 * another session as well. */
static void an_interrupt_is_resumed(void **state) {
    struct session *s = *state;
    char set[128];
    new_folder();
    (void)snprintf(set, sizeof set, "folder = \"%s\" now = \"\" stop_at = \"b\"", folder);
    define_stop(s);
    session_do(s, set);
    session_do(s, series);
    session_do(s, "r = go() assert(#r == 1 and r.best.name == \"a\") "
                  "assert(tostring(r):find(\"sigue donde quedó\")) "
                  "assert(table.concat(trained) == \"ab\")");
    (void)session_close(state);
    assert_int_equal(session_open(state), 0);
    s = *state;
    define_stop(s);
    session_do(s, set);
    session_do(s, "stop_at = \"\"");
    session_do(s, series);
    session_do(s, "r = go() assert(#r == 3) assert(table.concat(trained) == \"bc\") "
                  "assert(r:model(\"a\").n_params == 784 * 2 + 2 + 3 * 10)");
    remove_folder();
}

static void stops_between_runs(void **state) {
    struct session *s = *state;
    define_stop(s);
    session_do(s, "r = lab.experiments{a = {}, b = {}, store = false, run = function() "
                  "stop_now() return {val_loss = 1} end} assert(#r == 1)");
    session_shows(s, "1 + 1", "2");
}

static bool said(const struct recorder *r, const char *part) {
    for (size_t i = 0; i < r->n_shown; i++) {
        const struct mime_item *m = mime_get(&r->shown[i].bundle, "text/plain");
        if (m && strstr(m->data, part))
            return true;
    }
    return false;
}

/* One line on one display: each run, its first and last epoch at least, the end. A callback
 * that outlives the series may still be called. */
static void the_line_says_run_and_epoch(void **state) {
    struct session *s = *state;
    session_do(
        s, "lab.experiments{a = {}, b = {}, data = data.gauss{n = 60}, store = false, "
           "base = {epochs = 3}, model = function() return "
           "nn.Sequential{nn.Dense(2)} end}");
    assert_true(said(&s->r, "Experimento 1 de 2: a"));
    assert_true(said(&s->r, "Experimento 2 de 2: b · época 1 de 3 · exactitud val. "));
    assert_true(said(&s->r, "Experimento 2 de 2: b · época 3 de 3"));
    assert_true(said(&s->r, "2 experimentos"));
    for (size_t i = 0; i < s->r.n_shown; i++)
        assert_string_equal(s->r.shown[i].id, s->r.shown[0].id);
    recorder_reset(&s->r);
    session_do(s,
               "lab.experiments{a = {}, store = false, run = function(cfg, d, line) "
               "kept = line line{epoch = 4, val_loss = 0.25} return {val_loss = 1} end}");
    assert_true(said(&s->r, "Experimento 1 de 1: a · época 4 · pérdida val. 0.25"));
    session_do(s, "collectgarbage() kept{epoch = 5} kept() kept{}");
}

static void short_memory_is_survived(void **state) {
    struct session *s = *state;
    static const char code[] =
        "return lab.experiments{a = {n = 1}, b = {n = 2}, store = false, run = "
        "function(c) return {val_loss = c.n, history = {val_loss = {3, c.n}}} end}";
    session_do(s, code);
    for (long n = 0; fail_alloc_supported() && n < 5000; n++) {
        fail_alloc_after(n);
        struct interp_result out = recorder_run(s->cell, code);
        bool hit = fail_alloc_stop(), ok = out.ok;
        interp_result_release(&out);
        recorder_reset(&s->r);
        if (!hit && ok)
            break;
    }
    session_shows(s, "1 + 1", "2");
}

#define T(f) cmocka_unit_test_setup_teardown(f, session_open, session_close)

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_are_kept),
                                       cmocka_unit_test(bad_folders_are_refused),
                                       cmocka_unit_test(store_survives_short_memory),
                                       T(an_interrupt_is_resumed),
                                       T(stops_between_runs),
                                       T(the_line_says_run_and_epoch),
                                       T(short_memory_is_survived)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
