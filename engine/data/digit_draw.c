/* digit_draw.c: a skeleton becomes ink: shaken points, a smooth curve through them, the
 * writer's slant and proportions, a fit into the frame as in MNIST, and a pen.
 *
 * Only + - * / and sqrt are used, which IEEE 754 fixes to the last bit, so that the same
 * seed draws the same bytes on every machine. */
#include "digit_draw.h"

#include "digit_styles.h"

#include <math.h>

enum {
    SIDE = 28,
    SPAN = 6, /* straight pieces between two points of the skeleton */
    MAX_POINTS = 16,
    MAX_PIECES = 160
};

struct vec {
    double x, y;
};

/* A straight piece of ink with half the pen's width at it. */
struct piece {
    struct vec a, b;
    double half;
};

struct ink {
    size_t n;
    struct piece piece[MAX_PIECES];
};

/* How one image is written. */
struct hand {
    double shake;          /* of the skeleton's points, in boxes */
    double slant, turn;    /* dx per dy; radians, small */
    double wide;           /* width over height */
    double bend_x, bend_y; /* quadratic warps */
    double lean_x, lean_y; /* trapezium warps */
    double pen;            /* half the width, pixels */
    double peak;           /* brightest ink, 0..1 */
};

static double clamp(double v, double low, double high) {
    return v < low ? low : v > high ? high : v;
}

static double normal(struct nn_rng *r, double sd, double limit) {
    return clamp(nn_rng_normal(r), -limit, limit) * sd;
}

static struct hand new_hand(struct nn_rng *r) {
    struct hand h;
    double sloppy = nn_rng_uniform(r);
    h.shake = 0.024 + 0.036 * sloppy * sloppy;
    h.slant = -0.10 + normal(r, 0.22, 2.2);
    h.turn = normal(r, 0.11, 2.2);
    h.wide = 0.76 + 0.33 * nn_rng_uniform(r);
    h.bend_x = normal(r, 0.24, 2.5);
    h.bend_y = normal(r, 0.20, 2.5);
    h.lean_x = normal(r, 0.24, 2.5);
    h.lean_y = normal(r, 0.20, 2.5);
    h.pen = 0.75 + 0.95 * nn_rng_uniform(r);
    h.peak = 0.82 + 0.18 * nn_rng_uniform(r);
    return h;
}

/* From the skeleton's box, centred on 0, to the written shape. */
static struct vec warp(const struct hand *h, struct vec p) {
    double x = p.x + h->bend_x * (p.y * p.y - 0.1) + h->lean_x * p.x * p.y;
    double y = p.y + h->bend_y * (p.x * p.x - 0.1) + h->lean_y * p.x * p.y;
    x = x * h->wide + h->slant * y;
    double c = 1 - h->turn * h->turn / 2, s = h->turn; /* cos, sin of a small angle */
    return (struct vec){c * x - s * y, s * x + c * y};
}

/* Uniform Catmull-Rom curve between b and c. */
static double curve(double a, double b, double c, double d, double t) {
    return 0.5 *
           (2 * b +
            t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * b - a - 3 * c + d))));
}

static struct vec curve_at(const struct vec *p, size_t n, size_t i, double t) {
    const struct vec *a = &p[i ? i - 1 : 0], *b = &p[i], *c = &p[i + 1],
                     *d = &p[i + 2 < n ? i + 2 : n - 1];
    return (struct vec){curve(a->x, b->x, c->x, d->x, t),
                        curve(a->y, b->y, c->y, d->y, t)};
}

/* The curve through n points, in pieces whose width runs from one end's to the other's. */
static void add_stroke(struct ink *ink, const struct vec *p, size_t n,
                       const struct hand *h, struct nn_rng *r) {
    double from = h->pen * (0.85 + 0.3 * nn_rng_uniform(r));
    double to = h->pen * (0.75 + 0.35 * nn_rng_uniform(r));
    struct vec last = warp(h, p[0]);
    for (size_t k = 1; k <= (n - 1) * SPAN && ink->n < MAX_PIECES; k++) {
        size_t i = (k - 1) / SPAN;
        double t = (double)((k - 1) % SPAN + 1) / SPAN,
               part = (double)k / (double)((n - 1) * SPAN);
        struct vec next = warp(h, curve_at(p, n, i, t));
        ink->piece[ink->n++] = (struct piece){last, next, from + (to - from) * part};
        last = next;
    }
}

/* The whole stroke may sit a little off its place. Points given twice stay together. */
static const signed char *read_stroke(struct vec *p, size_t *n, const signed char *s,
                                      const struct hand *h, struct nn_rng *r) {
    double dx = normal(r, h->shake * 0.6, 2), dy = normal(r, h->shake * 0.6, 2);
    *n = 0;
    for (; *s >= 0 && *n < MAX_POINTS; s += 2, ++*n) {
        if (*n && s[0] == s[-2] && s[1] == s[-1]) {
            p[*n] = p[*n - 1];
            continue;
        }
        p[*n].x = s[0] / 100.0 - 0.5 + dx + normal(r, h->shake, 2.5);
        p[*n].y = s[1] / 100.0 - 0.5 + dy + normal(r, h->shake, 2.5);
    }
    return s + 1;
}

static void write_skeleton(struct ink *ink, int digit, const struct hand *h,
                           struct nn_rng *r) {
    size_t k = nn_rng_below(r, nn_digit_style_count(digit));
    const signed char *s = nn_digit_styles[digit][k];
    ink->n = 0;
    while (*s != NN_DIGIT_END_STYLE) {
        struct vec p[MAX_POINTS];
        size_t n;
        s = read_stroke(p, &n, s, h, r);
        add_stroke(ink, p, n, h, r);
    }
}

/* Scales the longer side to about 20 pixels and puts the centre of mass into the middle,
 * as MNIST was made; a small shift remains. */
static void fit_frame(struct ink *ink, struct nn_rng *r) {
    struct vec low = {1e9, 1e9}, high = {-1e9, -1e9}, mid = {0, 0};
    double mass = 1e-9;
    for (size_t i = 0; i < ink->n; i++) {
        struct vec a = ink->piece[i].a, b = ink->piece[i].b;
        double dx = b.x - a.x, dy = b.y - a.y, len = sqrt(dx * dx + dy * dy);
        low = (struct vec){fmin(low.x, fmin(a.x, b.x)), fmin(low.y, fmin(a.y, b.y))};
        high = (struct vec){fmax(high.x, fmax(a.x, b.x)), fmax(high.y, fmax(a.y, b.y))};
        mid.x += len * (a.x + b.x) / 2;
        mid.y += len * (a.y + b.y) / 2;
        mass += len;
    }
    mid = (struct vec){mid.x / mass, mid.y / mass};
    double side = fmax(high.x - low.x, high.y - low.y);
    double scale = (16.2 + 3.0 * nn_rng_uniform(r)) / side;
    struct vec centre = {13.5 + normal(r, 0.8, 2), 13.5 + normal(r, 0.8, 2)};
    for (size_t i = 0; i < ink->n; i++) {
        struct piece *p = &ink->piece[i];
        p->a = (struct vec){centre.x + (p->a.x - mid.x) * scale,
                            centre.y + (p->a.y - mid.y) * scale};
        p->b = (struct vec){centre.x + (p->b.x - mid.x) * scale,
                            centre.y + (p->b.y - mid.y) * scale};
    }
}

/* Distance of pixel (x, y) from the piece's edge: negative inside. */
static double edge_distance(const struct piece *p, double x, double y) {
    double dx = p->b.x - p->a.x, dy = p->b.y - p->a.y;
    double px = x - p->a.x, py = y - p->a.y, len2 = dx * dx + dy * dy;
    double t = len2 > 0 ? clamp((px * dx + py * dy) / len2, 0, 1) : 0;
    double ex = px - t * dx, ey = py - t * dy;
    return sqrt(ex * ex + ey * ey) - p->half;
}

static int pixel_index(double v) {
    return (int)clamp(v, 0, SIDE - 1);
}

static void lower_distance(double *edge, const struct piece *p) {
    double reach = p->half + 1.0;
    int x0 = pixel_index(fmin(p->a.x, p->b.x) - reach);
    int x1 = pixel_index(fmax(p->a.x, p->b.x) + reach + 1);
    int y0 = pixel_index(fmin(p->a.y, p->b.y) - reach);
    int y1 = pixel_index(fmax(p->a.y, p->b.y) + reach + 1);
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++) {
            double d = edge_distance(p, x, y);
            edge[y * SIDE + x] = fmin(edge[y * SIDE + x], d);
        }
}

void nn_digit_draw(unsigned char pixels[28 * 28], int digit, struct nn_rng *r) {
    struct hand h = new_hand(r);
    struct ink ink;
    write_skeleton(&ink, digit, &h, r);
    fit_frame(&ink, r);
    double edge[SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++)
        edge[i] = 1.0;
    for (size_t i = 0; i < ink.n; i++)
        lower_distance(edge, &ink.piece[i]);
    for (int i = 0; i < SIDE * SIDE; i++) {
        double cover = clamp((0.75 - edge[i]) / 1.5, 0, 1); /* an edge 1.5 pixels soft */
        if (cover > 0)
            cover *= h.peak * (1 - 0.12 * nn_rng_uniform(r));
        pixels[i] = (unsigned char)(255 * cover + 0.5);
    }
}
