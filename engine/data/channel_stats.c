/* channel_stats.c: mean and deviation of each channel of a data set. */
#include "nn/augment.h"

#include "base/i18n.h"
#include "nn/pool.h"

#include <math.h>

enum { CHANNELS = 4, PIECE = 1 << 16 /* pixels */ };

/* How often each byte occurs in each channel: whole numbers, in any order of arrival. */
struct counting {
    const unsigned char *x;
    size_t channels;
    atomic_uint_fast64_t count[CHANNELS][256];
};

static void count_pixels(void *ctx, size_t first, size_t last) {
    struct counting *c = ctx;
    uint32_t own[CHANNELS][256] = {{0}};
    for (size_t i = first; i < last; i++)
        for (size_t k = 0; k < c->channels; k++)
            own[k][c->x[i * c->channels + k]]++;
    for (size_t k = 0; k < c->channels; k++)
        for (int v = 0; v < 256; v++)
            if (own[k][v])
                atomic_fetch_add_explicit(&c->count[k][v], own[k][v],
                                          memory_order_relaxed);
}

static void byte_stats(double *mean, double *std, const struct nn_tensor *x,
                       size_t channels) {
    struct counting c = {.x = nn_tensor_u8(x), .channels = channels};
    size_t pixels = x->n / channels;
    double n = (double)pixels;
    nn_pool_run(count_pixels, &c, pixels, PIECE);
    for (size_t k = 0; k < channels; k++) {
        double sum = 0, squares = 0;
        for (int v = 0; v < 256; v++)
            sum += (double)c.count[k][v] * v;
        mean[k] = sum / n;
        for (int v = 0; v < 256; v++)
            squares += (double)c.count[k][v] * (v - mean[k]) * (v - mean[k]);
        std[k] = sqrt(squares / n);
    }
}

static void real_stats(double *mean, double *std, const struct nn_tensor *x,
                       size_t channels) {
    size_t pixels = x->n / channels;
    double n = (double)pixels;
    for (size_t k = 0; k < channels; k++) {
        double sum = 0, squares = 0;
        for (size_t i = k; i < x->n; i += channels)
            sum += nn_tensor_get(x, i);
        mean[k] = sum / n;
        for (size_t i = k; i < x->n; i += channels) {
            double d = nn_tensor_get(x, i) - mean[k];
            squares += d * d;
        }
        std[k] = sqrt(squares / n);
    }
}

int nn_channel_stats(double *mean, double *std, const struct nn_tensor *x,
                     struct err *e) {
    char shape[NN_SHAPE_TEXT];
    size_t channels = x->ndim > 0 ? x->shape[x->ndim - 1] : 1;
    if (channels > CHANNELS || x->n == 0)
        return err_set(
            e, ERR_SHAPE,
            _("la normalización por canal admite hasta %d canales en el último "
              "eje; los ejemplos tienen forma %s"),
            CHANNELS, nn_shape_text(shape, x->ndim, x->shape));
    if (x->dtype == NN_U8)
        byte_stats(mean, std, x, channels);
    else
        real_stats(mean, std, x, channels);
    return 0;
}
