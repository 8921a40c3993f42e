/* check_compare.c: are the numbers right, and if not, what would make them so? Each way of
 * going wrong is one guess, "got = k * factors * expected"; the first that holds for every
 * number is the one that is told. */
#include "check.h"

#include "nn/fault.h"

#include <math.h>

static double at(const struct nn_tensor *t, size_t i) {
    return nn_tensor_get(t, t->n == 1 ? 0 : i);
}

bool cmd_check_has_nan(const struct nn_tensor *t) {
    for (size_t i = 0; i < t->n; i++)
        if (!isfinite(nn_tensor_get(t, i)))
            return true;
    return false;
}

static double largest(const struct nn_tensor *t) {
    double m = 0;
    for (size_t i = 0; i < t->n; i++)
        m = fmax(m, fabs(nn_tensor_get(t, i)));
    return m;
}

/* Equal shapes; between a matrix and a list axes of length 1 do not count. A row for a column
 * is a slip that has to be seen. */
static bool same_shape(const struct nn_tensor *a, const struct nn_tensor *b) {
    if (a->n == 1 && b->n == 1)
        return true;
    return a->ndim == b->ndim ? nn_tensor_same_shape(a, b) : nn_same_but_ones(a, b);
}

static bool turned_shape(const struct nn_tensor *a, const struct nn_tensor *b) {
    return a->ndim == 2 && b->ndim == 2 && a->shape[0] == b->shape[1] &&
           a->shape[1] == b->shape[0];
}

/* float32 holds seven digits, of which sums lose two. */
static double tolerance_of(const struct cmd_check *c, const struct cmd_pair *p) {
    double t = cmd_number(c->a, "tolerance");
    return p->got->dtype == NN_F32 || p->want->dtype == NN_F32 ? fmax(t, 1e-5) : t;
}

/* Numeric derivatives of functions near 1 are known to ten decimals: a zero among them
 * is no exact one. */
static bool close_to(double a, double b, double tolerance, double scale) {
    if (a == b)
        return true;
    return fabs(a - b) <= tolerance * fmax(fabs(a), fabs(b)) + 1e-4 * tolerance * scale +
                              (tolerance > 0 ? 1e-10 * fmin(1, tolerance / 1e-6) : 0);
}

/* What the guess makes of element i of the expected value. */
static double guessed(const struct cmd_pair *p, const struct cmd_guess *g, size_t i) {
    size_t j = i;
    if (g->turned) {
        size_t rows = p->got->shape[0], cols = p->got->shape[1];
        j = i % cols * rows + i / cols;
    }
    double v = at(p->want, j) * g->k * (g->sign ? -1 : 1);
    if (g->a >= 0)
        v *= pow(at(p->factor[g->a], i), g->power);
    if (g->b >= 0)
        v *= pow(at(p->factor[g->b], i), g->power);
    return v * pow(p->n, g->n);
}

static bool applies(const struct cmd_pair *p, const struct cmd_guess *g) {
    const int index[] = {g->a, g->b};
    for (size_t k = 0; k < ARRAY_LEN(index); k++) {
        const struct nn_tensor *f = index[k] < 0 ? NULL : p->factor[index[k]];
        if (index[k] >= 0 && (!f || (f->n != 1 && f->n != p->want->n)))
            return false;
    }
    if (g->turned && !turned_shape(p->got, p->want))
        return false;
    return !(p->count && (g->k != 1 || g->n));
}

static bool holds_for(const struct cmd_check *c, const struct cmd_pair *p,
                      const struct cmd_guess *g) {
    if (!applies(p, g) || p->got->n != p->want->n)
        return false;
    double tolerance = tolerance_of(c, p), scale = largest(p->got);
    for (size_t i = 0; i < p->got->n; i++)
        if (!close_to(nn_tensor_get(p->got, i), guessed(p, g, i), tolerance, scale))
            return false;
    return true;
}

static bool holds(const struct cmd_check *c, const struct cmd_guess *g) {
    for (size_t i = 0; i < c->n_pairs; i++)
        if (!holds_for(c, &c->pair[i], g))
            return false;
    return true;
}

static const struct cmd_guess nothing = {.k = 1, .a = -1, .b = -1};

static bool try_named(const struct cmd_check *c, struct cmd_guess *g) {
    for (int power = -1; power <= 1; power += 2)
        for (int a = 0; a < c->n_factors; a++) {
            g->a = a;
            g->power = power;
            if (holds(c, g))
                return true;
        }
    return false;
}

static bool try_two_named(const struct cmd_check *c, struct cmd_guess *g) {
    g->power = -1;
    for (g->a = 0; g->a < c->n_factors; g->a++)
        for (g->b = g->a + 1; g->b < c->n_factors; g->b++)
            if (holds(c, g))
                return true;
    return false;
}

/* Not divided by the number of samples, or once too often. */
static bool try_mean(const struct cmd_check *c, struct cmd_guess *g) {
    bool any = false;
    for (size_t i = 0; i < c->n_pairs; i++)
        any = any || c->pair[i].n > 1;
    for (g->n = 1; any && g->n >= -1; g->n -= 2)
        if (holds(c, g))
            return true;
    return false;
}

static bool try_two(const struct cmd_check *c, struct cmd_guess *g) {
    g->k = 2;
    if (holds(c, g))
        return true;
    g->k = 0.5;
    return holds(c, g);
}

/* The factor 2 beside a named one, as when a square loses its whole derivative. */
static bool try_two_and_named(const struct cmd_check *c, struct cmd_guess *g) {
    g->k = 2;
    if (try_named(c, g))
        return true;
    g->k = 0.5;
    return try_named(c, g);
}

/* One factor between all numbers, when there are two at least: one number is always some
 * multiple of another. */
static bool try_any(const struct cmd_check *c, struct cmd_guess *g) {
    size_t n = 0;
    double k = 0;
    for (size_t i = 0; i < c->n_pairs; i++)
        for (size_t j = 0; j < c->pair[i].want->n; j++) {
            double want = nn_tensor_get(c->pair[i].want, j);
            if (want == 0)
                continue;
            if (n++ == 0)
                k = nn_tensor_get(c->pair[i].got, j) / want;
        }
    if (n < 2 || !(fabs(k) > 1e-6) || !isfinite(k))
        return false;
    g->sign = k < 0;
    g->k = fabs(k);
    return holds(c, g);
}

static bool try_turned(const struct cmd_check *c, struct cmd_guess *g) {
    g->turned = true;
    return holds(c, g);
}

static bool try_plain(const struct cmd_check *c, struct cmd_guess *g) {
    return g->sign && holds(c, g);
}

static bool find_guess(const struct cmd_check *c, struct cmd_guess *g) {
    static bool (*const ways[])(const struct cmd_check *, struct cmd_guess *) = {
        try_plain,  try_named,     try_mean,         try_two,
        try_turned, try_two_named, try_two_and_named};
    for (int sign = 0; sign < 2; sign++)
        for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
            *g = nothing;
            g->sign = sign;
            if (ways[i](c, g))
                return true;
        }
    *g = nothing;
    return try_any(c, g);
}

/* How far p is from right, relative to the largest expected number. */
static double error_of(const struct cmd_pair *p) {
    double e = 0, scale = largest(p->want);
    for (size_t i = 0; i < p->got->n; i++)
        e = fmax(e, fabs(nn_tensor_get(p->got, i) - nn_tensor_get(p->want, i)));
    return scale > 0 ? e / scale : INFINITY;
}

static bool all_opposite(const struct cmd_pair *p) {
    for (size_t i = 0; i < p->got->n; i++)
        if (!(nn_tensor_get(p->got, i) * nn_tensor_get(p->want, i) < 0))
            return false;
    return true;
}

static void explain(struct cmd_check *c, const struct cmd_pair *first, size_t failed) {
    struct cmd_guess g;
    if (find_guess(c, &g))
        cmd_check_say_guess(c, &g);
    else
        cmd_check_say_off(c, first, failed, error_of(first), all_opposite(first));
}

/* Shapes and NaN: what needs no numbers. */
static bool comparable(struct cmd_check *c, const struct cmd_pair *p) {
    if (!same_shape(p->got, p->want)) {
        bool turned = turned_shape(p->got, p->want);
        struct cmd_guess g = nothing;
        g.turned = true;
        cmd_check_say_shape(c, p, turned && holds_for(c, p, &g));
        return false;
    }
    if (cmd_check_has_nan(p->got) && !cmd_check_has_nan(p->want)) {
        cmd_check_say_nan(c, p);
        return false;
    }
    return true;
}

void cmd_check_judge(struct cmd_check *c) {
    const struct cmd_pair *first = NULL;
    size_t failed = 0;
    if (c->wrong)
        return;
    for (size_t i = 0; i < c->n_pairs; i++)
        if (!comparable(c, &c->pair[i]))
            return;
    for (size_t i = 0; i < c->n_pairs; i++) {
        if (holds_for(c, &c->pair[i], &nothing))
            continue;
        failed++;
        if (!first)
            first = &c->pair[i];
    }
    if (first)
        explain(c, first, failed);
}
