/* test_callback.c: EarlyStopping, ModelCheckpoint, ReduceLROnPlateau and CSVLogger. */
#include "train.h"

#include <stdio.h>
#include <unistd.h>

#include "../fail_alloc.h"
#include "nn/callback.h"
#include "nn/store.h"

static struct nn_tensor *x, *y;
static char lines[4096]; /* notes of the last training */

static int hear(void *ctx, const struct nn_fit_event *ev) {
    (void)ctx;
    if (ev->kind == NN_FIT_BEGIN)
        lines[0] = '\0';
    size_t n = strlen(lines);
    if (ev->kind == NN_FIT_NOTE)
        snprintf(lines + n, sizeof lines - n, "%s\n", ev->note);
    return 0;
}

static struct nn_callback *make(const char *type) {
    struct nn_callback *c;
    must(nn_callback_new(&c, type, &e));
    return c;
}

static void set(struct nn_callback *c, const char *name, double v) {
    must(nn_options_set_number(&c->options, name, v, &e));
}

static struct nn_fit_options with(struct nn_callback *const *c, int epochs) {
    return (struct nn_fit_options){.epochs = epochs,
                                   .batch_size = 16,
                                   .callback = c,
                                   .n_callbacks = 1,
                                   .on_event = hear};
}

static void says(const char *part) {
    if (!strstr(lines, part))
        fail_msg("no «%s» in: %s", part, lines);
}

/* No loss falls by 10 in an epoch: the first epoch stays the best. */
static void early_stopping_waits_and_gives_the_best_back(void **state) {
    (void)state;
    struct nn_callback *c = make("EarlyStopping");
    must(nn_options_set_text(&c->options, "monitor", "loss", &e));
    must(nn_options_set_bool(&c->options, "restore_best_weights", true, &e));
    set(c, "patience", 3);
    set(c, "min_delta", 10);
    struct nn_model *m = network("relu", "Adam", 0.01),
                    *one = network("relu", "Adam", 0.01);
    struct nn_fit_options o = with(&c, 50);
    must(fit(m, x, y, &o));
    assert_int_equal(m->history->n, 4); /* the best and three without improvement */
    assert_int_equal(m->history->best, 1);
    assert_true(m->history->stopped);
    says("loss no mejora desde la época 1");
    says("termina en la época 4");
    says("vuelven los pesos de la época 1");
    must(fit(one, x, y, &(struct nn_fit_options){.epochs = 1, .batch_size = 16}));
    same_weights(m, one, true);
    /* a second training begins anew; without restoring, the last weights stay */
    must(nn_options_set_bool(&c->options, "restore_best_weights", false, &e));
    must(fit(m, x, y, &o));
    assert_int_equal(m->history->n, 4);
    same_weights(m, one, false);
    nn_callback_free(c);
    nn_model_free(m);
    nn_model_free(one);
}

static void early_stopping_runs_on_while_it_improves(void **state) {
    (void)state;
    struct nn_callback *c = make("EarlyStopping");
    struct nn_model *m = network("relu", "SGD", 0.01);
    struct nn_fit_options o = with(&c, 6);
    set(c, "patience", 1);
    o.validation_split = 0.2;
    must(fit(m, x, y, &o));
    assert_int_equal(m->history->n, 6);
    assert_int_equal(m->history->best, 6);
    assert_false(m->history->stopped);
    assert_string_equal(lines, "");
    nn_callback_free(c);
    nn_model_free(m);
}

/* Accuracy improves upwards. */
static void mode_follows_from_the_name(void **state) {
    (void)state;
    struct nn_callback *c = make("EarlyStopping");
    struct nn_model *m = network("relu", "Adam", 0.01);
    struct nn_fit_options o = with(&c, 4);
    must(nn_options_set_text(&c->options, "monitor", "accuracy", &e));
    set(c, "patience", 10);
    must(fit(m, x, y, &o));
    assert_true(c->larger);
    const double *a = nn_history_column(m->history, "accuracy");
    for (int i = 0; i < 4; i++)
        assert_true(a[m->history->best - 1] >= a[i]);
    must(nn_options_set_text(&c->options, "mode", "min", &e));
    must(fit(m, x, y, &o));
    assert_false(c->larger);
    nn_callback_free(c);
    nn_model_free(m);
}

static void a_plateau_lowers_the_rate(void **state) {
    (void)state;
    struct nn_callback *c = make("ReduceLROnPlateau");
    must(nn_options_set_text(&c->options, "monitor", "loss", &e));
    set(c, "patience", 2);
    set(c, "min_delta", 10);
    set(c, "factor", 0.5);
    set(c, "min_lr", 0.03);
    struct nn_model *m = network("relu", "SGD", 0.1);
    struct nn_fit_options o = with(&c, 8);
    must(fit(m, x, y, &o));
    assert_true(m->optim->learning_rate == 0.03); /* 0.1, 0.05, 0.03 and no lower */
    says("learning_rate baja de 0.1 a 0.05");
    says("learning_rate baja de 0.05 a 0.03");
    assert_null(strstr(lines, "0.03 a"));
    struct nn_schedule s;
    must(nn_schedule_init(&s, "StepDecay", &e));
    must(nn_options_set_number(&s.options, "initial_learning_rate", 0.1, &e));
    must(nn_options_set_number(&s.options, "decay_steps", 10, &e));
    must(nn_options_set_number(&s.options, "decay_rate", 0.5, &e));
    must(nn_optim_set_schedule(m->optim, &s, &e));
    assert_int_equal(fit(m, x, y, &o), ERR_STATE);
    nn_callback_free(c);
    nn_model_free(m);
}

static bool there(const char *path) {
    return access(path, R_OK) == 0;
}

static void checkpoints_can_be_loaded(void **state) {
    (void)state;
    struct nn_callback *c = make("ModelCheckpoint");
    must(nn_callback_set_path(c, "/tmp/nabla-test-{epoch}.safetensors", &e));
    struct nn_model *m = network("relu", "Adam", 0.01), *l;
    struct nn_fit_options o = with(&c, 2);
    must(fit(m, x, y, &o));
    says("época 2: guardado en «/tmp/nabla-test-02.safetensors»");
    assert_true(there("/tmp/nabla-test-01.safetensors"));
    must(nn_model_load(&l, "/tmp/nabla-test-02.safetensors", &e));
    same_weights(m, l, true);
    nn_model_free(l);
    unlink("/tmp/nabla-test-01.safetensors");
    unlink("/tmp/nabla-test-02.safetensors");
    /* only the best one */
    must(nn_options_set_bool(&c->options, "save_best_only", true, &e));
    must(nn_options_set_text(&c->options, "monitor", "loss", &e));
    must(
        nn_options_set_text(&c->options, "mode", "max", &e)); /* the first is the worst */
    must(fit(m, x, y, &o));
    assert_true(there("/tmp/nabla-test-01.safetensors"));
    assert_false(there("/tmp/nabla-test-02.safetensors"));
    unlink("/tmp/nabla-test-01.safetensors");
    /* a path that cannot be written ends the training with a sentence */
    must(nn_callback_set_path(c, "/nowhere/at/all.safetensors", &e));
    assert_int_equal(fit(m, x, y, &o), ERR_IO);
    assert_int_equal(m->history->n, 1);
    nn_callback_free(c);
    nn_model_free(m);
}

static void the_csv_has_a_line_per_epoch(void **state) {
    (void)state;
    const char *path = "/tmp/nabla-test-log.csv";
    char text[2048] = {0};
    struct nn_callback *c = make("CSVLogger");
    must(nn_callback_set_path(c, path, &e));
    struct nn_model *m = network("relu", "Adam", 0.01);
    struct nn_fit_options o = with(&c, 2);
    o.validation_split = 0.2;
    must(fit(m, x, y, &o));
    must(nn_options_set_bool(&c->options, "append", true, &e));
    must(fit(m, x, y, &o));
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    unlink(path);
    int count = 0;
    for (const char *p = text; (p = strchr(p, '\n')); p++)
        count++;
    assert_int_equal(count, 1 + 4);
    assert_non_null(strstr(text, "epoch,loss,accuracy,val_loss,val_accuracy,"));
    assert_non_null(strstr(text, "\n1,"));
    assert_non_null(strstr(text, "\n2,"));
    nn_callback_free(c);
    nn_model_free(m);
}

static void refused(struct nn_callback *c, int code, const char *part) {
    struct nn_model *m = network("relu", "Adam", 0.01);
    struct nn_fit_options o = with(&c, 2);
    err_clear(&e);
    assert_int_equal(fit(m, x, y, &o), code);
    if (!strstr(e.msg, part))
        fail_msg("no «%s» in: %s", part, e.msg);
    nn_model_free(m);
}

static void what_cannot_be_watched_is_a_sentence(void **state) {
    (void)state;
    struct nn_callback *c = make("EarlyStopping");
    refused(c, ERR_STATE, "validation_split");
    must(nn_options_set_text(&c->options, "monitor", "perdida", &e));
    refused(c, ERR_NOTFOUND, "loss, accuracy");
    assert_int_equal(nn_options_set_text(&c->options, "mode", "up", &e), ERR_NOTFOUND);
    assert_int_equal(nn_options_set_number(&c->options, "patience", -1, &e), ERR_RANGE);
    nn_callback_free(c);
    assert_int_equal(nn_callback_new(&c, "EarlyStop", &e), ERR_NOTFOUND);
    assert_null(c);
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    for (long n = 0;; n++) {
        struct nn_callback *c = NULL;
        struct nn_model *m = network("relu", "Adam", 0.01);
        fail_alloc_after(n);
        int rc = nn_callback_new(&c, "EarlyStopping", &e);
        if (rc == 0)
            rc = nn_options_set_text(&c->options, "monitor", "loss", &e);
        if (rc == 0)
            rc = nn_options_set_bool(&c->options, "restore_best_weights", true, &e);
        struct nn_fit_options o = {.epochs = 1, .callback = &c, .n_callbacks = 1};
        if (rc == 0)
            rc = fit(m, x, y, &o);
        bool failed = fail_alloc_stop();
        nn_callback_free(c);
        nn_model_free(m);
        assert_int_equal(rc, failed ? ERR_NOMEM : 0);
        if (!failed)
            break;
    }
}

static int make_data(void **state) {
    (void)state;
    points(&x, &y, 60);
    return 0;
}

static int drop_data(void **state) {
    (void)state;
    nn_tensor_release(x);
    nn_tensor_release(y);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(early_stopping_waits_and_gives_the_best_back),
        cmocka_unit_test(early_stopping_runs_on_while_it_improves),
        cmocka_unit_test(mode_follows_from_the_name),
        cmocka_unit_test(a_plateau_lowers_the_rate),
        cmocka_unit_test(checkpoints_can_be_loaded),
        cmocka_unit_test(the_csv_has_a_line_per_epoch),
        cmocka_unit_test(what_cannot_be_watched_is_a_sentence),
        cmocka_unit_test(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_data, drop_data);
}
