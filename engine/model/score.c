/* score.c: losses and metrics counted over batches, weighted by their rows. */
#include "models.h"

#include "nn/vec.h"

#include <math.h>

#define CHUNK 64 /* rows whose classes fit on the stack */

int nn_metric_index(const struct nn_model *m, const char *name) {
    for (int i = 0; i < m->n_metrics; i++)
        if (strcmp(m->metric[i], name) == 0)
            return i;
    return -1;
}

bool nn_metrics_want_output(const struct nn_model *m) {
    for (int i = 0; i < m->n_metrics; i++)
        if (strcmp(m->metric[i], "accuracy") != 0)
            return true;
    return false;
}

void nn_output_classes(int32_t *label, const struct nn_tensor *out, size_t rows,
                       double threshold) {
    size_t cols = out->n / out->shape[0];
    if (cols > 1) {
        nn_vec_argmax_rows(out->dtype, label, out->data, rows, cols);
        return;
    }
    for (size_t i = 0; i < rows; i++)
        label[i] = nn_tensor_f32(out)[i] > (float)threshold;
}

/* Rows first..first+n-1 of t as a tensor header on its memory. */
static struct nn_tensor part(const struct nn_tensor *t, size_t first, size_t n) {
    struct nn_tensor p = {.dtype = t->dtype, .ndim = t->ndim};
    size_t cols = t->n / t->shape[0];
    memcpy(p.shape, t->shape, sizeof p.shape);
    p.shape[0] = n;
    p.n = n * cols;
    p.data = (char *)t->data + first * cols * nn_dtype_size(t->dtype);
    return p;
}

static size_t count_right(const struct nn_tensor *logits, const struct nn_tensor *y,
                          size_t rows, double threshold) {
    int32_t said[CHUNK], is[CHUNK];
    size_t right = 0;
    for (size_t first = 0; first < rows; first += CHUNK) {
        size_t n = MIN_OF((size_t)CHUNK, rows - first);
        struct nn_tensor out = part(logits, first, n), target = part(y, first, n);
        nn_output_classes(said, &out, n, threshold);
        const int32_t *truth = is;
        if (y->dtype == NN_I32)
            truth = nn_tensor_i32(&target);
        else
            nn_output_classes(is, &target, n, 0.5);
        for (size_t i = 0; i < n; i++)
            right += said[i] == truth[i];
    }
    return right;
}

/* Mean over rows of the mean distance per row. Class numbers have no distance: NaN. */
static double distance(const struct nn_tensor *out, const struct nn_tensor *y,
                       size_t rows, bool squared) {
    size_t cols = out->n / out->shape[0];
    if (y->dtype != NN_F32 || y->n / y->shape[0] != cols)
        return NAN;
    double sum = 0;
    for (size_t i = 0; i < rows * cols; i++) {
        double d = (double)nn_tensor_f32(out)[i] - (double)nn_tensor_f32(y)[i];
        sum += squared ? d * d : fabs(d);
    }
    return sum / (double)cols;
}

void nn_tally_add(struct nn_tally *t, const struct nn_model *m, double loss,
                  const struct nn_tensor *logits, const struct nn_tensor *out,
                  const struct nn_tensor *y, size_t rows) {
    /* what the loss works on is a logit when the loss contains the sigmoid */
    double threshold = m->loss->fuses ? 0 : 0.5;
    t->loss += loss * (double)rows;
    t->rows += rows;
    for (int i = 0; i < m->n_metrics; i++) {
        if (strcmp(m->metric[i], "accuracy") == 0)
            t->metric[i] += (double)count_right(logits, y, rows, threshold);
        else
            t->metric[i] += distance(out, y, rows, strcmp(m->metric[i], "mse") == 0);
    }
}

struct nn_scores nn_tally_scores(const struct nn_tally *t, const struct nn_model *m) {
    double n = t->rows ? (double)t->rows : 1;
    struct nn_scores s = {.loss = t->loss / n};
    for (int i = 0; i < m->n_metrics; i++)
        s.metric[i] = t->metric[i] / n;
    return s;
}
