/* callback.c: callbacks whatever their kind: making them, and watching a number. */
#include "callbacks.h"

#include <math.h>
#include <stdarg.h>

static const struct nn_callback_type *const types[] = {
    &nn_early_stopping, &nn_model_checkpoint, &nn_reduce_rate, &nn_csv_logger};

const struct nn_callback_type *nn_callback_type_row(int i) {
    return i >= 0 && (size_t)i < ARRAY_LEN(types) ? types[i] : NULL;
}

const struct nn_callback_type *nn_callback_type_find(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (strcmp(types[i]->name, name) == 0)
            return types[i];
    return NULL;
}

int nn_callback_new(struct nn_callback **out, const char *type, struct err *e) {
    const struct nn_callback_type *t = nn_callback_type_find(type);
    *out = NULL;
    if (!t)
        return err_set(e, ERR_NOTFOUND, _("no existe el callback «%s»"), type);
    struct nn_callback *c = calloc(1, sizeof *c);
    if (!c)
        return err_set(e, ERR_NOMEM, _("no hay memoria para el callback %s"), type);
    c->type = t;
    nn_options_init(&c->options, t->row, t->n_rows, t->name);
    *out = c;
    return 0;
}

static void drop_weights(struct nn_callback *c) {
    if (c->weights)
        nn_snapshot_release(c->weights);
    free(c->weights);
    c->weights = NULL;
}

void nn_callback_free(struct nn_callback *c) {
    if (!c)
        return;
    drop_weights(c);
    free(c->path);
    free(c);
}

int nn_callback_set_path(struct nn_callback *c, const char *path, struct err *e) {
    char *own = copy_text(path);
    if (!own)
        return err_set(e, ERR_NOMEM, _("no hay memoria para el callback %s"),
                       c->type->name);
    free(c->path);
    c->path = own;
    return 0;
}

/* ---- watching */

int nn_callback_check_monitor(char text[NN_OPTION_TEXT], const char *given,
                              struct err *e) {
    (void)e;
    (void)snprintf(text, NN_OPTION_TEXT, "%s", given);
    return 0;
}

static int unknown_column(const struct nn_callback *c, const struct nn_history *h,
                          const char *monitor, struct err *e) {
    char list[512], name[64];
    size_t used = 0;
    list[0] = '\0';
    for (int i = 0; nn_history_column_name(h, i, name) && used < sizeof list; i++)
        if (strcmp(name, "seconds") != 0 && strcmp(name, "learning_rate") != 0)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                     i ? ", " : "", name);
    if (strncmp(monitor, "val_", 4) == 0 && !h->has_val)
        return err_set(e, ERR_STATE,
                       _("%s vigila «%s» y no hay datos de validación: da "
                         "validation_split, o monitor = \"loss\""),
                       c->type->name, monitor);
    return err_set(e, ERR_NOTFOUND,
                   _("%s vigila «%s», que este entrenamiento no mide; lo que mide es %s"),
                   c->type->name, monitor, list);
}

int nn_callback_watch(struct nn_callback *c, const struct nn_callback_run *r,
                      struct err *e) {
    const char *monitor = nn_option_text(&c->options, "monitor");
    const char *mode = nn_option_text(&c->options, "mode");
    drop_weights(c);
    c->best = NAN;
    c->best_entry = c->best_epoch = c->wait = c->cooldown = 0;
    c->larger = strcmp(mode, "max") == 0 ||
                (strcmp(mode, "auto") == 0 && strstr(monitor, "acc") != NULL);
    return nn_history_column(r->h, monitor) ? 0 : unknown_column(c, r->h, monitor, e);
}

double nn_callback_value(const struct nn_callback *c, const struct nn_callback_run *r) {
    const double *v = nn_history_column(r->h, nn_option_text(&c->options, "monitor"));
    return v && r->h->n > 0 ? v[r->h->n - 1] : NAN;
}

bool nn_callback_improved(struct nn_callback *c, const struct nn_callback_run *r,
                          double v, double min_delta) {
    bool better =
        isnan(c->best) || (c->larger ? v - min_delta > c->best : v + min_delta < c->best);
    if (better) {
        c->best = v;
        c->best_entry = r->h->n;
        c->best_epoch = r->epoch;
    }
    return better;
}

void nn_callback_say(struct nn_callback_run *r, const char *fmt, ...) {
    char line[512];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (r->note)
        r->note(r->ctx, line);
}
