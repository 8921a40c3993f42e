/* store_history.c: the epochs of the last training as JSON: one list per column, NaN as
 * null. */
#include "stores.h"

#include <math.h>

/* Longer ones are left out of the file: they are no use to a reader. */
#define EPOCHS_MAX 20000

static json_t *column_json(const double *v, int n, bool *failed) {
    json_t *a = json_array();
    for (int i = 0; i < n; i++)
        nn_json_append(a, isfinite(v[i]) ? json_real(v[i]) : json_null(), failed);
    return a;
}

bool nn_history_worth(const struct nn_history *h) {
    return h->n <= EPOCHS_MAX;
}

json_t *nn_history_describe(const struct nn_history *h, bool *failed) {
    char name[64];
    json_t *columns = json_object();
    for (int i = 0; nn_history_column_name(h, i, name); i++)
        nn_json_set(columns, name, column_json(nn_history_column(h, name), h->n, failed),
                    failed);
    return json_pack("{s:i, s:i, s:i, s:b, s:b, s:I, s:I, s:I, s:o}", "n", h->n, "epochs",
                     h->epochs, "best", h->best, "stopped", h->stopped, "validation",
                     h->has_val, "samples", (json_int_t)h->samples, "batches",
                     (json_int_t)h->batches, "batch_size", (json_int_t)h->batch_size,
                     "columns", columns);
}

static size_t count_of(const json_t *j, const char *name) {
    json_int_t v = json_integer_value(json_object_get(j, name));
    return v > 0 ? (size_t)v : 0;
}

/* The column is the history's own memory; only its readers see it as constant. */
static double *writable(struct nn_history *h, const char *name) {
    union {
        const double *read;
        double *write;
    } column = {.read = nn_history_column(h, name)};
    return column.write;
}

static void fill(struct nn_history *h, const json_t *columns) {
    char name[64];
    for (int i = 0; nn_history_column_name(h, i, name); i++) {
        const json_t *a = json_object_get(columns, name);
        double *v = writable(h, name);
        for (int k = 0; v && k < h->n; k++) {
            const json_t *number = json_array_get(a, (size_t)k);
            v[k] = json_is_number(number) ? json_number_value(number) : NAN;
        }
    }
}

int nn_history_restore(struct nn_model *m, const json_t *j, struct err *e) {
    size_t n = count_of(j, "n"), asked = count_of(j, "epochs");
    struct nn_history *h;
    if (n > EPOCHS_MAX || asked > INT32_MAX)
        return err_set(e, ERR_FORMAT,
                       _("el modelo guardado no es válido: dice tener %zu épocas"), n);
    int rc =
        nn_history_new(&h, m, (int)n, json_is_true(json_object_get(j, "validation")), e);
    if (rc < 0)
        return rc;
    h->n = (int)n;
    h->best = (int)MIN_OF(count_of(j, "best"), n);
    h->epochs = (int)asked;
    h->stopped = json_is_true(json_object_get(j, "stopped"));
    h->samples = count_of(j, "samples");
    h->batches = count_of(j, "batches");
    h->batch_size = count_of(j, "batch_size");
    fill(h, json_object_get(j, "columns"));
    nn_history_free(m->history);
    m->history = h;
    return 0;
}
