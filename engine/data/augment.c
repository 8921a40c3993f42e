/* augment.c: one picture changed at random. Places are whole pixels, or fixed-point
 * numbers with 16 binary digits when the picture is turned. */
#include "nn/augment.h"

#include "base/i18n.h"
#include "nn/rng.h"

#include <math.h>

enum { POINT = 16, ONE = 1 << POINT };

/* What chance decided for one picture. */
struct choice {
    long dx, dy;
    bool flip;
    double angle;         /* radians */
    double light, spread; /* factors of brightness and contrast */
    long hole_x, hole_y;  /* centre */
};

static int64_t between(struct nn_rng *r, int most) {
    return (int64_t)nn_rng_below(r, 2 * (size_t)most + 1) - most;
}

static double around_one(struct nn_rng *r, double most) {
    return 1 + most * (2 * nn_rng_uniform(r) - 1);
}

/* Everything is drawn, used or not: switching one change off leaves the others alike. */
static struct choice choose(const struct nn_augment *a, uint64_t seed) {
    struct nn_rng r;
    struct choice c;
    nn_rng_seed(&r, seed);
    c.flip = nn_rng_below(&r, 2) && a->flip;
    c.dx = (long)between(&r, a->shift);
    c.dy = (long)between(&r, a->shift);
    c.angle = a->rotate * (2 * nn_rng_uniform(&r) - 1) * M_PI / 180;
    c.hole_x = (long)nn_rng_below(&r, a->w);
    c.hole_y = (long)nn_rng_below(&r, a->h);
    c.light = around_one(&r, a->brightness);
    c.spread = around_one(&r, a->contrast);
    return c;
}

/* Place i of a line of n, mirrored at the ends until it lies inside: 2 1 [0 1 2] 1 0. */
static long mirror(long i, long n) {
    if (n == 1)
        return 0;
    while (i < 0 || i >= n)
        i = i < 0 ? -i : 2 * (n - 1) - i;
    return i;
}

/* ---- moved and mirrored */

static inline void reverse_pixels(unsigned char *to, const unsigned char *last, size_t n,
                                  size_t c) {
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < c; k++)
            to[i * c + k] = last[-(long)(i * c) + (long)k];
}

/* n pixels, the first from `last` and on backwards. */
static void copy_backwards(unsigned char *to, const unsigned char *last, size_t n,
                           size_t c) {
    if (c == 3) /* the counts that there are, as constants for the compiler */
        reverse_pixels(to, last, n, 3);
    else if (c == 1)
        reverse_pixels(to, last, n, 1);
    else
        reverse_pixels(to, last, n, c);
}

static long clamp(long v, long high) {
    return v < 0 ? 0 : MIN_OF(v, high);
}

/* Pixels first..last-1 of a row that come from outside. */
static void fill_edge(const struct nn_augment *a, unsigned char *to,
                      const unsigned char *from, const struct choice *p, long first,
                      long last) {
    long w = (long)a->w;
    if (!a->reflect) {
        memset(to + (size_t)first * a->c, 0, (size_t)(last - first) * a->c);
        return;
    }
    for (long x = first; x < last; x++) {
        long s = mirror((p->flip ? w - 1 - x : x) - p->dx, w);
        memcpy(to + (size_t)x * a->c, from + (size_t)s * a->c, a->c);
    }
}

/* Pixel x comes from pixel x - dx, or w - 1 - x - dx when mirrored. */
static void move_row(const struct nn_augment *a, unsigned char *to,
                     const unsigned char *from, const struct choice *p) {
    long w = (long)a->w, by = p->flip ? -p->dx : p->dx;
    long first = clamp(by, w), last = clamp(w + by, w);
    size_t n = (size_t)(last - first);
    unsigned char *out = to + (size_t)first * a->c;
    fill_edge(a, to, from, p, 0, first);
    if (p->flip)
        copy_backwards(out, from + (size_t)(w - 1 - first - p->dx) * a->c, n, a->c);
    else
        memcpy(out, from + (size_t)(first - p->dx) * a->c, n * a->c);
    fill_edge(a, to, from, p, last, w);
}

static void move(const struct nn_augment *a, unsigned char *to, const unsigned char *from,
                 const struct choice *p) {
    size_t row = a->w * a->c;
    long h = (long)a->h;
    for (long y = 0; y < h; y++) {
        long s = y - p->dy;
        unsigned char *out = to + (size_t)y * row;
        if (s >= 0 && s < h)
            move_row(a, out, from + (size_t)s * row, p);
        else if (a->reflect)
            move_row(a, out, from + (size_t)mirror(s, h) * row, p);
        else
            memset(out, 0, row);
    }
}

/* ---- turned */

static const unsigned char *pixel(const struct nn_augment *a, const unsigned char *from,
                                  long x, long y) {
    static const unsigned char black[4];
    long w = (long)a->w, h = (long)a->h;
    if (x >= 0 && x < w && y >= 0 && y < h)
        return from + (size_t)(y * w + x) * a->c;
    return a->reflect ? from + (size_t)(mirror(y, h) * w + mirror(x, w)) * a->c : black;
}

/* Four neighbours of the place (u, v), weighed with 8 binary digits each way. */
static void blend(const struct nn_augment *a, unsigned char *to,
                  const unsigned char *from, int64_t u, int64_t v) {
    long x = (long)(u >> POINT), y = (long)(v >> POINT);
    unsigned fx = (unsigned)(u >> (POINT - 8)) & 255,
             fy = (unsigned)(v >> (POINT - 8)) & 255;
    const unsigned char *p = pixel(a, from, x, y), *q = pixel(a, from, x + 1, y),
                        *r = pixel(a, from, x, y + 1), *s = pixel(a, from, x + 1, y + 1);
    for (size_t k = 0; k < a->c; k++) {
        unsigned top = p[k] * (256 - fx) + q[k] * fx, low = r[k] * (256 - fx) + s[k] * fx;
        to[k] = (unsigned char)((top * (256 - fy) + low * fy + (1u << 15)) >> 16);
    }
}

/* Turned about the centre; the place that a pixel comes from moves by (cos, sin) along a
 * row, backwards when mirrored. */
static void turn(const struct nn_augment *a, unsigned char *to, const unsigned char *from,
                 const struct choice *p) {
    int64_t cosine = llround(cos(p->angle) * ONE), sine = llround(sin(p->angle) * ONE);
    int64_t w = (int64_t)a->w, h = (int64_t)a->h;
    for (int64_t y = 0; y < h; y++) {
        for (int64_t x = 0; x < w; x++) {
            /* twice the distance to the centre: whole also for even sides */
            int64_t ox = 2 * (p->flip ? w - 1 - x : x) - (w - 1) - 2 * p->dx;
            int64_t oy = 2 * y - (h - 1) - 2 * p->dy;
            int64_t u = (cosine * ox + sine * oy + (w - 1) * ONE) / 2;
            int64_t v = (cosine * oy - sine * ox + (h - 1) * ONE) / 2;
            blend(a, to + (size_t)(y * w + x) * a->c, from, u, v);
        }
    }
}

/* ---- light and hole */

static void relight(const struct nn_augment *a, unsigned char *to,
                    const struct choice *p) {
    unsigned char table[256];
    size_t n = a->h * a->w * a->c;
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += to[i];
    double mean = (double)sum / (double)n * p->light;
    for (int v = 0; v < 256; v++) {
        double x = (v * p->light - mean) * p->spread + mean;
        table[v] = (unsigned char)lround(fmin(fmax(x, 0), 255));
    }
    for (size_t i = 0; i < n; i++)
        to[i] = table[to[i]];
}

static void cut_hole(const struct nn_augment *a, unsigned char *to,
                     const struct choice *p) {
    long w = (long)a->w, h = (long)a->h, half = a->cutout / 2;
    long top = clamp(p->hole_y - half, h), low = clamp(p->hole_y - half + a->cutout, h);
    long left = clamp(p->hole_x - half, w),
         right = clamp(p->hole_x - half + a->cutout, w);
    for (long y = top; y < low; y++)
        for (long x = left; x < right; x++)
            memcpy(to + (size_t)(y * w + x) * a->c, a->fill, a->c);
}

void nn_augment_bytes(const void *ctx, void *to, const void *from, uint64_t seed) {
    const struct nn_augment *a = ctx;
    struct choice p = choose(a, seed);
    if (a->rotate > 0)
        turn(a, to, from, &p);
    else
        move(a, to, from, &p);
    if (a->brightness > 0 || a->contrast > 0)
        relight(a, to, &p);
    if (a->cutout > 0)
        cut_hole(a, to, &p);
}

/* ---- before the first */

bool nn_augment_any(const struct nn_augment *a) {
    return a->flip || a->shift > 0 || a->rotate > 0 || a->cutout > 0 ||
           a->brightness > 0 || a->contrast > 0;
}

static int in_range(const char *name, double v, double most, struct err *e) {
    return v >= 0 && v <= most
               ? 0
               : err_set(e, ERR_RANGE,
                         _("%s es %g; para estas imágenes se admite de 0 a %g"), name, v,
                         most);
}

int nn_augment_prepare(struct nn_augment *a, const struct nn_tensor *x, struct err *e) {
    char shape[NN_SHAPE_TEXT];
    double mean[4], std[4];
    if (x->dtype != NN_U8)
        return err_set(e, ERR_DTYPE,
                       _("solo se aumentan imágenes de bytes (%s); los ejemplos son %s"),
                       nn_dtype_name(NN_U8), nn_dtype_name(x->dtype));
    if (x->ndim != 4 || x->n == 0 || x->shape[3] > ARRAY_LEN(a->fill))
        return err_set(e, ERR_SHAPE,
                       _("solo se aumentan imágenes (n, alto, ancho, canales) con hasta "
                         "4 canales; los ejemplos tienen forma %s"),
                       nn_shape_text(shape, x->ndim, x->shape));
    size_t side = MIN_OF(x->shape[1], x->shape[2]), half = side / 2;
    int rc = in_range("shift", a->shift, (double)half, e);
    if (rc == 0)
        rc = in_range("cutout", a->cutout, (double)side, e);
    if (rc == 0)
        rc = in_range("rotate", a->rotate, 180, e);
    if (rc == 0)
        rc = in_range("brightness", a->brightness, 1, e);
    if (rc == 0)
        rc = in_range("contrast", a->contrast, 1, e);
    if (rc == 0)
        rc = nn_channel_stats(mean, std, x, e);
    if (rc < 0)
        return rc;
    a->h = x->shape[1];
    a->w = x->shape[2];
    a->c = x->shape[3];
    for (size_t k = 0; k < a->c; k++)
        a->fill[k] = (unsigned char)lround(mean[k]);
    return 0;
}
