/* history.c: what training remembers of each epoch. Memory for all epochs is taken at the
 * start, so that adding one cannot fail. */
#include "models.h"

#include <math.h>

/* One block of doubles serves all columns. */
static size_t columns(const struct nn_history *h) {
    return 4 + 2 * (size_t)h->n_metrics;
}

int nn_history_new(struct nn_history **out, const struct nn_model *m, int epochs,
                   bool has_val, struct err *e) {
    struct nn_history *h = calloc(1, sizeof *h);
    double *block = NULL;
    size_t bytes;
    *out = NULL;
    if (h) {
        h->n_metrics = m->n_metrics;
        if (mul_size(&bytes, columns(h), (size_t)epochs) &&
            mul_size(&bytes, bytes, sizeof(double)))
            block = malloc(MAX_OF(bytes, (size_t)1));
    }
    if (!block) {
        free(h);
        return err_set(e, ERR_NOMEM, _("no hay memoria para el historial de %d épocas"),
                       epochs);
    }
    h->cap = h->epochs = epochs;
    h->has_val = has_val;
    double **column[4] = {&h->loss, &h->val_loss, &h->seconds, &h->learning_rate};
    for (int i = 0; i < 4; i++, block += epochs)
        *column[i] = block;
    for (int i = 0; i < h->n_metrics; i++) {
        memcpy(h->metric[i], m->metric[i], NN_OPTION_TEXT);
        h->value[i] = block;
        h->val_value[i] = block + epochs;
        block += 2 * epochs;
    }
    *out = h;
    return 0;
}

void nn_history_free(struct nn_history *h) {
    if (!h)
        return;
    free(h->loss); /* the block */
    free(h->layer_block);
    free(h->layer);
    free(h);
}

void nn_history_add(struct nn_history *h, const struct nn_scores *train,
                    const struct nn_scores *val, double seconds, double learning_rate) {
    int i = h->n;
    if (i >= h->cap)
        return;
    h->loss[i] = train->loss;
    h->val_loss[i] = val ? val->loss : NAN;
    h->seconds[i] = seconds;
    h->learning_rate[i] = learning_rate;
    for (int k = 0; k < h->n_metrics; k++) {
        h->value[k][i] = train->metric[k];
        h->val_value[k][i] = val ? val->metric[k] : NAN;
    }
    h->n++;
    const double *judge = h->has_val ? h->val_loss : h->loss;
    if (isfinite(judge[i]) && (h->best == 0 || judge[i] < judge[h->best - 1]))
        h->best = h->n;
}

const char *nn_history_column_name(const struct nn_history *h, int i, char text[64]) {
    int n = h->n_metrics, train = 1 + n;
    if (i == 0)
        snprintf(text, 64, "loss");
    else if (i < train)
        snprintf(text, 64, "%s", h->metric[i - 1]);
    else if (h->has_val && i == train)
        snprintf(text, 64, "val_loss");
    else if (h->has_val && i < 2 * train)
        snprintf(text, 64, "val_%s", h->metric[i - train - 1]);
    else if (i == (h->has_val ? 2 * train : train))
        snprintf(text, 64, "seconds");
    else if (i == (h->has_val ? 2 * train : train) + 1)
        snprintf(text, 64, "learning_rate");
    else
        return NULL;
    return text;
}

const double *nn_history_column(const struct nn_history *h, const char *name) {
    bool val = strncmp(name, "val_", 4) == 0;
    if (val && !h->has_val)
        return NULL;
    if (strcmp(name, "loss") == 0)
        return h->loss;
    if (strcmp(name, "val_loss") == 0)
        return h->val_loss;
    if (strcmp(name, "seconds") == 0)
        return h->seconds;
    if (strcmp(name, "learning_rate") == 0)
        return h->learning_rate;
    for (int k = 0; k < h->n_metrics; k++)
        if (strcmp(name + (val ? 4 : 0), h->metric[k]) == 0)
            return val ? h->val_value[k] : h->value[k];
    return NULL;
}
