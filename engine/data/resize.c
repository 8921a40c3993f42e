/* resize.c: pictures of bytes in another size, one axis after the other. */
#include "nn/png.h"

#include "base/i18n.h"

#include <math.h>

/* Where the pixels of one axis come from: to[i] = sum over k of weight[i][k] from[first[i]
 * + k], k below taps. */
struct axis {
    size_t n, taps;
    size_t *first;
    float *weight; /* n * taps */
};

static void axis_release(struct axis *a) {
    free(a->first);
    free(a->weight);
}

/* The share of each pixel that lies below the stretch [i step, (i + 1) step). */
static void cover(struct axis *a, size_t i, size_t from, double step) {
    double low = (double)i * step, high = low + step, sum = 0;
    size_t first = (size_t)low;
    float *w = a->weight + i * a->taps;
    a->first[i] = first;
    for (size_t k = 0; k < a->taps && first + k < from; k++) {
        double l = fmax(low, (double)(first + k)),
               h = fmin(high, (double)(first + k + 1));
        w[k] = (float)fmax(h - l, 0);
        sum += (double)w[k];
    }
    for (size_t k = 0; k < a->taps; k++)
        w[k] = (float)((double)w[k] / sum);
}

/* Between the two centres beside the centre of pixel i; the ends go on flat. */
static void interpolate(struct axis *a, size_t i, size_t from, double step) {
    double at = fmin(fmax(((double)i + 0.5) * step - 0.5, 0), (double)(from - 1));
    size_t first = MIN_OF((size_t)at, from > 1 ? from - 2 : 0);
    a->first[i] = first;
    a->weight[i * a->taps] = (float)(1 - (at - (double)first));
    if (a->taps > 1)
        a->weight[i * a->taps + 1] = (float)(at - (double)first);
}

static bool axis_init(struct axis *a, size_t to, size_t from) {
    double step = (double)from / (double)to;
    bool shrinks = to < from;
    *a = (struct axis){.n = to,
                       .taps = shrinks ? MIN_OF((size_t)ceil(step) + 1, from)
                                       : MIN_OF((size_t)2, from)};
    a->first = calloc(to, sizeof *a->first);
    a->weight = calloc(to * a->taps, sizeof *a->weight);
    if (!a->first || !a->weight)
        return false;
    for (size_t i = 0; i < to; i++) {
        if (shrinks)
            cover(a, i, from, step);
        else
            interpolate(a, i, from, step);
    }
    return true;
}

/* rows of from (n, inner) bytes or reals become rows of to: along the first of two axes. */
static void along_rows(float *to, const unsigned char *from, const struct axis *a,
                       size_t from_n, size_t inner) {
    for (size_t i = 0; i < a->n; i++) {
        float *out = to + i * inner;
        memset(out, 0, inner * sizeof *out);
        for (size_t k = 0; k < a->taps && a->first[i] + k < from_n; k++) {
            float w = a->weight[i * a->taps + k];
            const unsigned char *in = from + (a->first[i] + k) * inner;
            for (size_t j = 0; j < inner; j++)
                out[j] += w * (float)in[j];
        }
    }
}

static void along_columns(unsigned char *to, const float *from, const struct axis *a,
                          size_t rows, size_t from_n, size_t c) {
    for (size_t y = 0; y < rows; y++)
        for (size_t i = 0; i < a->n; i++)
            for (size_t j = 0; j < c; j++) {
                float sum = 0;
                for (size_t k = 0; k < a->taps && a->first[i] + k < from_n; k++)
                    sum += a->weight[i * a->taps + k] *
                           from[(y * from_n + a->first[i] + k) * c + j];
                to[(y * a->n + i) * c + j] =
                    (unsigned char)(fminf(fmaxf(sum, 0), 255) + 0.5f);
            }
}

int nn_resize_bytes(unsigned char *to, size_t to_h, size_t to_w,
                    const unsigned char *from, size_t h, size_t w, size_t c,
                    struct err *e) {
    struct axis down = {0}, across = {0};
    float *between = NULL;
    if (h == to_h && w == to_w) {
        memcpy(to, from, h * w * c);
        return 0;
    }
    bool ok = axis_init(&down, to_h, h) && axis_init(&across, to_w, w);
    if (ok)
        between = calloc(to_h * w * c, sizeof *between);
    if (between) {
        along_rows(between, from, &down, h, w * c);
        along_columns(to, between, &across, to_h, w, c);
    }
    axis_release(&down);
    axis_release(&across);
    free(between);
    return between ? 0
                   : err_set(e, ERR_NOMEM,
                             _("falta memoria para una imagen de %zu×%zu píxeles"), to_h,
                             to_w);
}
