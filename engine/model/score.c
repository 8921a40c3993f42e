/* score.c: losses and metrics counted over batches, weighted by their rows. */
#include "models.h"

int nn_metric_index(const struct nn_model *m, const char *name) {
    for (int i = 0; i < m->n_metrics; i++)
        if (strcmp(m->metric[i], name) == 0)
            return i;
    return -1;
}

bool nn_metrics_want_output(const struct nn_model *m) {
    for (int i = 0; i < m->n_metrics; i++)
        if (nn_metric_find(m->metric[i])->output)
            return true;
    return false;
}

void nn_tally_add(struct nn_tally *t, const struct nn_model *m, double loss,
                  const struct nn_tensor *logits, const struct nn_tensor *out,
                  const struct nn_tensor *y, size_t rows) {
    struct nn_metric_batch b = {
        .raw = logits,
        .out = out,
        .y = y,
        .rows = rows,
        /* what the loss works on is a logit when the loss contains the sigmoid */
        .threshold = m->loss->fuses ? 0 : 0.5,
    };
    t->loss += loss * (double)rows;
    t->rows += rows;
    for (int i = 0; i < m->n_metrics; i++)
        t->metric[i] += nn_metric_find(m->metric[i])->add(&b);
}

struct nn_scores nn_tally_scores(const struct nn_tally *t, const struct nn_model *m) {
    double n = t->rows ? (double)t->rows : 1;
    struct nn_scores s = {.loss = t->loss / n};
    for (int i = 0; i < m->n_metrics; i++)
        s.metric[i] = t->metric[i] / n;
    return s;
}
