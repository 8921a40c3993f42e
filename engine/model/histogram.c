/* histogram.c: how the numbers of a layer are spread, for the diagnostics of a training. */
#include "fits.h"

#include <math.h>

/* Of a larger tensor every second, third, ... number is looked at. */
#define LOOKED_AT 65536

static size_t stride_of(const struct nn_tensor *t) {
    return t->n / LOOKED_AT + 1;
}

/* Orders of magnitude: log10 |v|; zeros are counted aside. */
static double place(double v, bool magnitude) {
    return magnitude ? log10(fabs(v)) : v;
}

void nn_histogram_widen(struct nn_histogram *h, const struct nn_tensor *t) {
    for (size_t i = 0; i < t->n; i += stride_of(t)) {
        double v = nn_tensor_get(t, i);
        if (!isfinite(v))
            continue;
        h->low = fmin(h->low, v);
        h->high = fmax(h->high, v);
    }
}

void nn_histogram_add(struct nn_histogram *h, const struct nn_tensor *t, bool magnitude) {
    double width = (h->high - h->low) / NN_HISTOGRAM_BINS;
    for (size_t i = 0; i < t->n; i += stride_of(t)) {
        double v = nn_tensor_get(t, i);
        if (!isfinite(v))
            continue;
        h->n++;
        if (magnitude && v == 0) {
            h->zeros++;
            continue;
        }
        double bin = width > 0 ? floor((place(v, magnitude) - h->low) / width) : 0;
        bin = fmin(fmax(bin, 0), NN_HISTOGRAM_BINS - 1);
        h->count[(size_t)bin]++;
    }
}
