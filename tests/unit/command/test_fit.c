/* test_fit.c: training from a cell: the live figure's frames, the stop button, what is
 * shown and what is not. */
#include "session.h"

#include "base/util.h"

#include <pthread.h>
#include <time.h>

static const char model[] =
    "lab.seed(1) d = data.digits{n_train = 2000, n_test = 100} "
    "m = nn.Sequential{nn.Flatten(), nn.Dense{32, activation = \"relu\"}, nn.Dense(10)} "
    "m:compile{loss = \"sparse_categorical_crossentropy\"} "
    "w = m";

static size_t types_of(const struct recorder_output *o, const char *type) {
    return mime_get(&o->bundle, type) != NULL;
}

/* One id; the first output is no update, all others are; only the last is complete. */
static void check_frames(struct session *s, size_t least) {
    struct recorder *r = &s->r;
    assert_true(r->n_shown >= least && r->n_shown >= 2);
    for (size_t i = 0; i < r->n_shown; i++) {
        assert_string_equal(r->shown[i].id, r->shown[0].id);
        assert_int_equal(r->shown[i].update, i > 0);
        assert_true(types_of(&r->shown[i], "image/png"));
        assert_true(types_of(&r->shown[i], "image/svg+xml"));
        assert_true(types_of(&r->shown[i], "text/plain"));
        bool last = i + 1 == r->n_shown;
        assert_int_equal(types_of(&r->shown[i], "application/pdf"), last);
        assert_int_equal(types_of(&r->shown[i], "application/vnd.vegalite.v5+json"),
                         last);
    }
    assert_true(s->r.shown[0].id[0] != '\0');
}

static void figure_has_first_and_last_frame(void **state) {
    struct session *s = *state;
    session_do(s, model);
    session_do(s,
               "h = m:fit{d, epochs = 3, validation_split = 0.2, caption = \"Curvas\", "
               "label = \"fig:curvas\"}");
    check_frames(s, 2);
    const struct recorder_output *last = &s->r.shown[s->r.n_shown - 1];
    assert_non_null(strstr(last->bundle.metadata, "fig:curvas"));
    const char *text = mime_get(&last->bundle, "text/plain")->data;
    assert_non_null(strstr(text, "3 épocas · "));
    assert_non_null(strstr(text, "exactitud 0."));
    assert_non_null(strstr(text, " · val. "));
    assert_string_equal(recorder_stdout(&s->r), ""); /* no flood of lines */
    recorder_reset(&s->r);
    session_shows(s, "m.n_layers", "3");
    struct interp_result out;
    session_run(s, "h", &out); /* the history is one line, no second figure */
    assert_null(mime_get(&out.value, "image/png"));
    assert_null(strchr(mime_get(&out.value, "text/plain")->data, '\n'));
    interp_result_release(&out);
    assert_int_equal(s->r.n_shown, 0);
}

static void frames_are_at_most_four_a_second(void **state) {
    struct session *s = *state;
    session_do(s, model);
    double begin = clock_seconds();
    session_do(s, "local t = os.time() "
                  "m:fit{d, epochs = 100000, batch_size = 16, callbacks = function(log) "
                  "return os.time() - t < 3 end}");
    double seconds = clock_seconds() - begin;
    check_frames(s, 3); /* something moves */
    assert_true((double)s->r.n_shown <= 3 + 4 * seconds);
}

static void verbose_chooses(void **state) {
    struct session *s = *state;
    session_do(s, model);
    session_do(s, "m:fit{d, epochs = 2, verbose = 0} display = display");
    assert_int_equal(s->r.n_shown, 0);
    session_do(s, "m:fit{d, epochs = 2, verbose = 2}");
    assert_int_equal(s->r.n_shown, 0);
    const char *text = recorder_stdout(&s->r);
    assert_non_null(strstr(text, "Época 1/2 · 63/63 · "));
    assert_non_null(strstr(text, "Época 2/2 · 63/63 · "));
    assert_null(strchr(text, '\r'));
}

struct presser {
    struct session *s;
    int presses;
};

/* Waits until the first frame is there, then presses stop. */
static void *press_stop(void *arg) {
    struct presser *p = arg;
    const struct interp *in = cell_interp(p->s->cell);
    const struct timespec tick = {.tv_nsec = 5000000};
    for (int i = 0; i < 2000; i++) {
        pthread_mutex_lock(&p->s->r.lock);
        bool begun = p->s->r.n_shown > 0;
        pthread_mutex_unlock(&p->s->r.lock);
        if (begun)
            break;
        nanosleep(&tick, NULL);
    }
    for (int i = 0; i < p->presses; i++)
        in->interrupt(in->self);
    return NULL;
}

static struct interp_result run_and_stop(struct session *s, const char *code,
                                         int presses) {
    struct presser p = {s, presses};
    pthread_t t;
    assert_int_equal(pthread_create(&t, NULL, press_stop, &p), 0);
    struct interp_result out = recorder_run(s->cell, code);
    pthread_join(t, NULL);
    return out;
}

static void first_stop_keeps_weights(void **state) {
    struct session *s = *state;
    session_do(s, model);
    struct interp_result out = run_and_stop(
        s, "h = m:fit{d, epochs = 100000, batch_size = 8} after = h.stopped", 1);
    if (!out.ok)
        print_error("%s: %s\n", out.error.ename, out.error.evalue);
    assert_true(out.ok);
    interp_result_release(&out);
    assert_non_null(strstr(recorder_stdout(&s->r), "Entrenamiento detenido en la época"));
    assert_non_null(strstr(recorder_stdout(&s->r), "los pesos se conservan"));
    check_frames(s, 2);
    const struct recorder_output *last = &s->r.shown[s->r.n_shown - 1];
    assert_non_null(strstr(mime_get(&last->bundle, "text/plain")->data, "detenido"));
    session_shows(s, "after", "true"); /* the cell went on */
    session_do(s, "assert(h.epochs < 100000 and m:predict(d.x_test).shape[1] == 100)");
    recorder_reset(&s->r);
    session_do(s, "h = m:fit{d, epochs = 1, verbose = 0} assert(not h.stopped)");
}

static void second_stop_unwinds(void **state) {
    struct session *s = *state;
    session_do(s, model);
    struct interp_result out = run_and_stop(
        s, "reached = false h = m:fit{d, epochs = 100000, batch_size = 8} reached = true",
        2);
    assert_false(out.ok);
    assert_string_equal(out.error.ename, "KeyboardInterrupt");
    interp_result_release(&out);
    check_frames(s, 2); /* the last figure is drawn all the same */
    session_shows(s, "reached", "false");
    session_do(s, "m:fit{d, epochs = 1, verbose = 0}");
}

static void failures_are_sentences(void **state) {
    struct session *s = *state;
    session_do(s, model);
    session_fails(s, "m:fit{d, epoch = 3}", "ValueError", "¿Querías decir «epochs»?");
    session_fails(s, "m:fit{d.x_train, {1, 2}}", "ShapeError", "(2,)");
    session_fails(s,
                  "m:compile{optimizer = optim.SGD{learning_rate = 1e6}, loss = \"mse\"} "
                  "m:fit{d.x_train / 1e-9, tensor.randn{2000, 10}, epochs = 2}",
                  "FloatingPointError", "la pérdida se volvió");
    session_shows(s, "1 + 1", "2");
}

#define T(f) cmocka_unit_test_setup_teardown(f, session_open, session_close)

int main(void) {
    const struct CMUnitTest tests[] = {T(figure_has_first_and_last_frame),
                                       T(frames_are_at_most_four_a_second),
                                       T(verbose_chooses),
                                       T(first_stop_keeps_weights),
                                       T(second_stop_unwinds),
                                       T(failures_are_sentences)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
