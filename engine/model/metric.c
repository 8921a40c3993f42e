/* metric.c: the metrics of compile by Keras' names: what each counts in a batch. */
#include "models.h"

#include "base/util.h"
#include "nn/vec.h"

#include <math.h>

#define CHUNK 64 /* rows whose classes fit on the stack */
#define TOP_K 5  /* Keras' default */

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

/* The true classes of at most CHUNK rows: y's own numbers, or found into room. */
static const int32_t *truth(int32_t room[CHUNK], const struct nn_tensor *y, size_t first,
                            size_t n) {
    struct nn_tensor p = part(y, first, n);
    if (y->dtype == NN_I32)
        return nn_tensor_i32(&p);
    nn_output_classes(room, &p, n, 0.5);
    return room;
}

static double count_right(const struct nn_metric_batch *b) {
    int32_t said[CHUNK], room[CHUNK];
    size_t right = 0;
    for (size_t first = 0; first < b->rows; first += CHUNK) {
        size_t n = MIN_OF((size_t)CHUNK, b->rows - first);
        struct nn_tensor out = part(b->raw, first, n);
        const int32_t *is = truth(room, b->y, first, n);
        nn_output_classes(said, &out, n, b->threshold);
        for (size_t i = 0; i < n; i++)
            right += said[i] == is[i];
    }
    return (double)right;
}

/* The label is among the k largest: fewer than k others are larger. */
static double count_top(const struct nn_metric_batch *b) {
    size_t cols = b->raw->n / b->raw->shape[0], hits = 0;
    int32_t room[CHUNK];
    for (size_t first = 0; first < b->rows; first += CHUNK) {
        size_t n = MIN_OF((size_t)CHUNK, b->rows - first);
        const int32_t *is = truth(room, b->y, first, n);
        for (size_t i = 0; i < n; i++) {
            const float *v = nn_tensor_f32(b->raw) + (first + i) * cols;
            size_t label = (size_t)is[i], larger = 0;
            for (size_t k = 0; label < cols && k < cols; k++)
                larger += v[k] > v[label];
            hits += label < cols && larger < TOP_K;
        }
    }
    return (double)hits;
}

/* Numbers of y beside those of the output; class numbers have no distance. */
static bool comparable(const struct nn_metric_batch *b) {
    return b->y->dtype == NN_F32 &&
           b->y->n / b->y->shape[0] == b->out->n / b->out->shape[0];
}

/* Share of a row's outputs that are on the side of 1/2 where the target is. */
static double binary_right(const struct nn_metric_batch *b) {
    size_t cols = b->out->n / b->out->shape[0], right = 0;
    if (!comparable(b))
        return NAN;
    for (size_t i = 0; i < b->rows * cols; i++)
        right += (nn_tensor_f32(b->out)[i] > 0.5f) == (nn_tensor_f32(b->y)[i] > 0.5f);
    return (double)right / (double)cols;
}

/* Sum over rows of the mean distance per row. */
static double distance(const struct nn_metric_batch *b, bool squared) {
    size_t cols = b->out->n / b->out->shape[0];
    double sum = 0;
    if (!comparable(b))
        return NAN;
    for (size_t i = 0; i < b->rows * cols; i++) {
        double d = (double)nn_tensor_f32(b->out)[i] - (double)nn_tensor_f32(b->y)[i];
        sum += squared ? d * d : fabs(d);
    }
    return sum / (double)cols;
}

static double absolute(const struct nn_metric_batch *b) {
    return distance(b, false);
}

static double squared(const struct nn_metric_batch *b) {
    return distance(b, true);
}

static const struct nn_metric types[] = {
    {"accuracy", "acc|categorical_accuracy|sparse_categorical_accuracy", false,
     count_right},
    {"binary_accuracy", NULL, true, binary_right},
    {"sparse_top_k_categorical_accuracy", NULL, false, count_top},
    {"top_k_categorical_accuracy", NULL, false, count_top},
    {"mae", "mean_absolute_error", true, absolute},
    {"mse", "mean_squared_error", true, squared},
};

const char nn_metric_names[] =
    "accuracy|binary_accuracy|sparse_top_k_categorical_accuracy|"
    "top_k_categorical_accuracy|mae|mse";

const struct nn_metric *nn_metric_find(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (strcmp(types[i].name, name) == 0 || text_in_list(name, types[i].aliases))
            return &types[i];
    return NULL;
}
