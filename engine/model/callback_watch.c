/* callback_watch.c: EarlyStopping and ReduceLROnPlateau: both wait for a number to
 * improve, as in Keras 3. */
#include "callbacks.h"

#include <math.h>

static const char *monitor_of(const struct nn_callback *c) {
    return nn_option_text(&c->options, "monitor");
}

/* ---- EarlyStopping */

static int stop_begin(struct nn_callback *c, struct nn_callback_run *r, struct err *e) {
    int rc = nn_callback_watch(c, r, e);
    if (rc < 0 || !nn_option_bool(&c->options, "restore_best_weights"))
        return rc;
    c->weights = calloc(1, sizeof *c->weights);
    if (!c->weights)
        return err_set(e, ERR_NOMEM, _("no hay memoria para guardar los pesos"));
    return nn_snapshot_init(c->weights, r->m, e);
}

static int stop_epoch(struct nn_callback *c, struct nn_callback_run *r, struct err *e) {
    double v = nn_callback_value(c, r);
    (void)e;
    if (isnan(v) || r->epoch <= nn_option_number(&c->options, "start_from_epoch"))
        return 0;
    if (nn_callback_improved(c, r, v, nn_option_number(&c->options, "min_delta"))) {
        c->wait = 0;
        if (c->weights)
            nn_snapshot_take(c->weights, r->m);
        return 0;
    }
    if (++c->wait < nn_option_number(&c->options, "patience"))
        return 0;
    r->stop = true;
    nn_callback_say(r,
                    _("EarlyStopping: %s no mejora desde la época %d (%.4g); el "
                      "entrenamiento termina en la época %d."),
                    monitor_of(c), c->best_epoch, c->best, r->epoch);
    return 0;
}

static void stop_end(struct nn_callback *c, struct nn_callback_run *r) {
    if (c->best_entry > 0)
        r->h->best = c->best_entry;
    if (!c->weights || c->best_entry == 0 || c->best_entry == r->h->n)
        return;
    nn_snapshot_restore(c->weights, r->m);
    nn_callback_say(r, _("EarlyStopping: vuelven los pesos de la época %d (%s %.4g)."),
                    c->best_epoch, monitor_of(c), c->best);
}

#define PATIENCE(v)                                                                      \
    {                                                                                    \
        .name = "patience", .kind = NN_OPT_INT, .number = v, .min = 0, .max = 1e6,       \
        .help = N_("épocas que se espera una mejora")                                    \
    }
#define MIN_DELTA(v)                                                                     \
    {                                                                                    \
        .name = "min_delta", .kind = NN_OPT_NUMBER, .number = v, .min = 0, .max = 1e9,   \
        .help = N_("lo mínimo que cuenta como mejora")                                   \
    }

static const struct nn_option_row stop_rows[] = {
    NN_MONITOR_ROWS,
    PATIENCE(0),
    MIN_DELTA(0),
    {.name = "restore_best_weights",
     .kind = NN_OPT_BOOL,
     .help = N_("termina con los pesos de la mejor época")},
    {.name = "start_from_epoch",
     .kind = NN_OPT_INT,
     .min = 0,
     .max = 1e6,
     .help = N_("épocas del comienzo que no cuentan")},
};

const struct nn_callback_type nn_early_stopping = {
    .name = "EarlyStopping",
    .help = N_("Termina el entrenamiento cuando lo que se vigila deja de mejorar."),
    .row = stop_rows,
    .n_rows = ARRAY_LEN(stop_rows),
    .begin = stop_begin,
    .epoch = stop_epoch,
    .end = stop_end};

/* ---- ReduceLROnPlateau */

static int reduce_begin(struct nn_callback *c, struct nn_callback_run *r, struct err *e) {
    if (r->m->optim->schedule.type)
        return err_set(e, ERR_STATE,
                       _("ReduceLROnPlateau no puede cambiar la tasa de %s, que pone %s "
                         "en cada paso"),
                       r->m->optim->type->name, r->m->optim->schedule.type->name);
    return nn_callback_watch(c, r, e);
}

static int lower_rate(struct nn_callback *c, struct nn_callback_run *r, struct err *e) {
    double old = r->m->optim->learning_rate;
    double least = nn_option_number(&c->options, "min_lr");
    double rate = fmax(old * nn_option_number(&c->options, "factor"), least);
    int waited = c->wait;
    c->cooldown = (int)nn_option_number(&c->options, "cooldown");
    c->wait = 0;
    if (!(rate < old))
        return 0;
    int rc = nn_optim_set_learning_rate(r->m->optim, rate, e);
    if (rc == 0)
        nn_callback_say(r,
                        ngettext_("ReduceLROnPlateau: %s no mejora en %d época; "
                                  "learning_rate baja de %.4g a %.4g.",
                                  "ReduceLROnPlateau: %s no mejora en %d épocas; "
                                  "learning_rate baja de %.4g a %.4g.",
                                  waited),
                        monitor_of(c), waited, old, rate);
    return rc;
}

static int reduce_epoch(struct nn_callback *c, struct nn_callback_run *r, struct err *e) {
    double v = nn_callback_value(c, r);
    if (isnan(v))
        return 0;
    if (c->cooldown > 0) {
        c->cooldown--;
        c->wait = 0;
    }
    if (nn_callback_improved(c, r, v, nn_option_number(&c->options, "min_delta"))) {
        c->wait = 0;
        return 0;
    }
    if (c->cooldown > 0 || ++c->wait < nn_option_number(&c->options, "patience"))
        return 0;
    return lower_rate(c, r, e);
}

static const struct nn_option_row reduce_rows[] = {
    NN_MONITOR_ROWS,
    {.name = "factor",
     .kind = NN_OPT_NUMBER,
     .number = 0.1,
     .min = 1e-6,
     .max = 0.999999,
     .help = N_("factor por el que se multiplica la tasa")},
    PATIENCE(10),
    MIN_DELTA(1e-4),
    {.name = "cooldown",
     .kind = NN_OPT_INT,
     .min = 0,
     .max = 1e6,
     .help = N_("épocas de pausa después de bajar la tasa")},
    {.name = "min_lr",
     .kind = NN_OPT_NUMBER,
     .min = 0,
     .max = 1e6,
     .help = N_("la tasa no baja de aquí")},
};

const struct nn_callback_type nn_reduce_rate = {
    .name = "ReduceLROnPlateau",
    .help = N_("Baja la tasa de aprendizaje cuando lo que se vigila deja de mejorar."),
    .row = reduce_rows,
    .n_rows = ARRAY_LEN(reduce_rows),
    .begin = reduce_begin,
    .epoch = reduce_epoch};
