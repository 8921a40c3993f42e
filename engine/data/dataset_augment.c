/* dataset_augment.c: data sets whose training examples are changed at random, and
 * normalisation by the numbers of the training part. */
#include "datasets.h"

#include "base/i18n.h"
#include "nn/feed.h"

#include <math.h>

/* x -> (x - mean) / std; a channel that never changes is only moved. */
static int normalise_bytes(struct nn_dataset *d, struct err *e) {
    double mean[NN_CHANNELS_MAX], std[NN_CHANNELS_MAX];
    const struct nn_tensor *x = d->x_train;
    int rc = nn_channel_stats(mean, std, x, e);
    if (rc < 0)
        return rc;
    d->input = (struct nn_normalise){.channels = (int)x->shape[x->ndim - 1]};
    for (int k = 0; k < d->input.channels; k++) {
        double scale = 1 / (std[k] > 0 ? std[k] : 255);
        d->input.channel_scale[k] = (float)scale;
        d->input.channel_offset[k] = (float)(-mean[k] * scale);
    }
    return 0;
}

/* ---- tables: the numbers themselves are changed, column by column */

static void column_stats(double *mean, double *std, const struct nn_tensor *x,
                         size_t column) {
    size_t rows = x->shape[0], cols = x->n / rows;
    const float *v = nn_tensor_f32(x) + column;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < rows; i++)
        sum += (double)v[i * cols];
    *mean = sum / (double)rows;
    for (size_t i = 0; i < rows; i++) {
        double c = (double)v[i * cols] - *mean;
        squares += c * c;
    }
    *std = sqrt(squares / (double)rows);
}

static void move_column(struct nn_tensor *x, size_t column, double mean, double scale) {
    size_t cols = x ? x->n / x->shape[0] : 0;
    for (size_t i = column; x && i < x->n; i += cols)
        nn_tensor_f32(x)[i] = (float)(((double)nn_tensor_f32(x)[i] - mean) * scale);
}

static int own_copy(struct nn_tensor **part, struct err *e) {
    struct nn_tensor *copy = NULL;
    int rc = *part ? nn_tensor_copy(&copy, *part, e) : 0;
    if (rc == 0) {
        nn_tensor_release(*part);
        *part = copy;
    }
    return rc;
}

static int normalise_table(struct nn_dataset *d, struct err *e) {
    int rc = own_copy(&d->x_train, e);
    if (rc == 0)
        rc = own_copy(&d->x_valid, e);
    if (rc == 0)
        rc = own_copy(&d->x_test, e);
    size_t cols = d->x_train->n / d->x_train->shape[0];
    for (size_t k = 0; rc == 0 && k < cols; k++) {
        double mean, std;
        column_stats(&mean, &std, d->x_train, k);
        double scale = std > 0 ? 1 / std : 1;
        move_column(d->x_train, k, mean, scale);
        move_column(d->x_valid, k, mean, scale);
        move_column(d->x_test, k, mean, scale);
    }
    return rc;
}

static void share_parts(struct nn_dataset *s, const struct nn_dataset *d) {
    s->x_train = nn_tensor_retain(d->x_train);
    s->y_train = nn_tensor_retain(d->y_train);
    s->x_valid = nn_tensor_retain(d->x_valid);
    s->y_valid = nn_tensor_retain(d->y_valid);
    s->x_test = nn_tensor_retain(d->x_test);
    s->y_test = nn_tensor_retain(d->y_test);
}

int nn_dataset_augment(struct nn_dataset **out, const struct nn_dataset *d,
                       const struct nn_augment *a, bool normalise, struct err *e) {
    *out = NULL;
    struct nn_dataset *s = NULL;
    int rc = nn_dataset_like(&s, d, e);
    if (rc < 0)
        return rc;
    share_parts(s, d);
    s->augment = *a;
    if (nn_augment_any(a))
        rc = nn_augment_prepare(&s->augment, d->x_train, e);
    if (rc == 0 && normalise)
        rc = d->x_train->dtype == NN_U8 ? normalise_bytes(s, e) : normalise_table(s, e);
    if (rc < 0) {
        nn_dataset_release(s);
        return rc;
    }
    *out = s;
    return 0;
}
