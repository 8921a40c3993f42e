/* initializer.c: the first values of a layer's parameters, by Keras' names.
 *
 * glorot: variance 2/(fan_in+fan_out) (Glorot and Bengio 2010); he: 2/fan_in (He et al.
 * 2015); lecun: 1/fan_in. uniform: the interval of that variance; normal: Keras truncates
 * at two deviations and widens so that the variance stays. truncated_normal is truncated
 * and not widened, as Keras'. orthogonal: Saxe et al. 2014. */
#include "layers.h"
#include "spec.h"

#include "nn/rng.h"

#include <math.h>

const char nn_initializer_names[] =
    "glorot_uniform|glorot_normal|he_uniform|he_normal|lecun_uniform|lecun_normal|"
    "zeros|ones|constant|uniform|normal|random_uniform|random_normal|truncated_normal|"
    "orthogonal";

enum shape_of { FIXED, UNIFORM, NORMAL, TRUNCATED, SCALED, ORTHOGONAL };

static const struct kind {
    const char *name;
    enum shape_of shape;
    int fan;     /* divides the scale: 0 nothing, 1 in, 2 mean of in and out */
    int n_args;  /* numbers that may follow the name */
    double a, b; /* what they are when they do not: the value; from, to; mean, deviation;
                    the scale of a variance with a fan; the gain */
} kinds[] = {
    {"glorot_uniform", UNIFORM, 2, 0, 1, 0},
    {"glorot_normal", SCALED, 2, 0, 1, 0},
    {"he_uniform", UNIFORM, 1, 0, 2, 0},
    {"he_normal", SCALED, 1, 0, 2, 0},
    {"lecun_uniform", UNIFORM, 1, 0, 1, 0},
    {"lecun_normal", SCALED, 1, 0, 1, 0},
    {"zeros", FIXED, 0, 0, 0, 0},
    {"ones", FIXED, 0, 0, 1, 0},
    {"constant", FIXED, 0, 1, 0, 0},
    {"uniform", UNIFORM, 0, 2, -0.05, 0.05},
    {"random_uniform", UNIFORM, 0, 2, -0.05, 0.05},
    {"normal", NORMAL, 0, 2, 0, 0.05},
    {"random_normal", NORMAL, 0, 2, 0, 0.05},
    {"truncated_normal", TRUNCATED, 0, 2, 0, 0.05},
    {"orthogonal", ORTHOGONAL, 0, 1, 1, 0},
};

/* ---- names */

static const struct kind *find(struct nn_spec *s, const char *text) {
    if (!nn_spec_parse(s, text))
        return NULL;
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
        if (strcmp(kinds[k].name, s->name) == 0)
            return &kinds[k];
    return NULL;
}

static int unknown(const char *text, const char *name, struct err *e) {
    char near[NN_OPTION_TEXT];
    if (!nn_nearest_word(near, name[0] ? name : text, nn_initializer_names))
        snprintf(near, sizeof near, "glorot_uniform");
    return err_set(e, ERR_NOTFOUND,
                   _("no existe el inicializador «%.60s»; ¿querías decir «%s»?"), text,
                   near);
}

static int parse(const struct kind **out, double *a, double *b, const char *text,
                 struct nn_spec *s, struct err *e) {
    const struct kind *k = *out = find(s, text);
    if (!k)
        return unknown(text, s->name, e);
    if (s->n > k->n_args)
        return err_set(e, ERR_ARG,
                       _("el inicializador «%s» lleva a lo más %d números y llegaron %d"),
                       k->name, k->n_args, s->n);
    *a = s->n > 0 ? s->arg[0] : k->a;
    *b = s->n > 1 ? s->arg[1] : k->b;
    if ((k->shape == NORMAL || k->shape == TRUNCATED) && *b < 0)
        return err_set(
            e, ERR_RANGE,
            _("el inicializador «%s» tiene desviación %g y debe ser al menos 0"), k->name,
            *b);
    if (k->shape == UNIFORM && k->fan == 0 && *a > *b)
        return err_set(e, ERR_RANGE, _("el inicializador «%s» va de %g a %g: al revés"),
                       k->name, *a, *b);
    return 0;
}

int nn_initializer_check(char text[NN_OPTION_TEXT], const char *given, struct err *e) {
    const struct kind *k;
    struct nn_spec s;
    double a, b;
    int rc = parse(&k, &a, &b, given, &s, e);
    if (rc < 0)
        return rc;
    if (s.n == 1 && k->n_args == 2) { /* the second is part of the name from here on */
        s.arg[1] = b;
        s.n = 2;
    }
    nn_spec_text(text, &s);
    return 0;
}

/* ---- values */

/* Standard deviation of a unit normal cut off at -2 and 2. */
#define TRUNCATED_DEVIATION 0.87962566103423978

static void fill_truncated(struct nn_tensor *t, double mean, double sd,
                           struct nn_rng *r) {
    for (size_t i = 0; i < t->n; i++) {
        double x;
        do {
            x = nn_rng_normal(r);
        } while (fabs(x) > 2);
        nn_tensor_set(t, i, mean + x * sd);
    }
}

/* The n rows of length m of q become orthogonal to one another and of length 1: each
 * loses its part along the earlier ones, twice, because once leaves rounding behind. */
static void orthonormal_rows(double *q, size_t n, size_t m) {
    for (size_t i = 0; i < n; i++) {
        double *row = q + i * m, length = 0;
        for (int again = 0; again < 2; again++)
            for (size_t k = 0; k < i; k++) {
                const double *other = q + k * m;
                double along = 0;
                for (size_t c = 0; c < m; c++)
                    along += row[c] * other[c];
                for (size_t c = 0; c < m; c++)
                    row[c] -= along * other[c];
            }
        for (size_t c = 0; c < m; c++)
            length += row[c] * row[c];
        for (size_t c = 0; c < m; c++)
            row[c] /= sqrt(length);
    }
}

#define ORTHOGONAL_WORK 1e11 /* multiplications: a minute */

/* As a matrix with one column per unit: its columns, or its rows when there are fewer. */
static int fill_orthogonal(struct nn_tensor *t, double gain, struct nn_rng *r,
                           struct err *e) {
    size_t cols = t->ndim > 0 ? t->shape[t->ndim - 1] : 1, bytes;
    size_t rows = cols ? t->n / cols : 0;
    size_t n = MIN_OF(rows, cols), m = MAX_OF(rows, cols);
    if (4.0 * (double)n * (double)n * (double)m > ORTHOGONAL_WORK)
        return err_set(
            e, ERR_RANGE,
            _("el inicializador «orthogonal» es para matrices más pequeñas que "
              "%zu × %zu"),
            rows, cols);
    double *q = mul_size(&bytes, t->n, sizeof *q) ? malloc(bytes + 1) : NULL;
    if (!q)
        return err_set(e, ERR_NOMEM, _("no hay memoria para los pesos iniciales"));
    for (size_t i = 0; i < t->n; i++)
        q[i] = nn_rng_normal(r);
    orthonormal_rows(q, n, m);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++)
            nn_tensor_set(t, rows >= cols ? k * cols + i : i * cols + k,
                          gain * q[i * m + k]);
    free(q);
    return 0;
}

int nn_initialize(struct nn_tensor *t, const char *initializer, size_t fan_in,
                  size_t fan_out, struct nn_rng *r, struct err *e) {
    const struct kind *k;
    struct nn_spec s;
    double a, b;
    int rc = parse(&k, &a, &b, initializer, &s, e);
    if (rc < 0)
        return rc;
    double fan = k->fan == 1 ? (double)fan_in : ((double)fan_in + (double)fan_out) / 2;
    double variance = a / fmax(fan, 1), limit = sqrt(3 * variance);
    switch (k->shape) {
    case FIXED:
        nn_tensor_fill(t, a);
        break;
    case UNIFORM:
        nn_rng_fill_uniform(r, t, k->fan ? -limit : a, k->fan ? limit : b);
        break;
    case NORMAL:
        nn_rng_fill_normal(r, t, a, b);
        break;
    case TRUNCATED:
        fill_truncated(t, a, b, r);
        break;
    case SCALED:
        fill_truncated(t, 0, sqrt(variance) / TRUNCATED_DEVIATION, r);
        break;
    case ORTHOGONAL:
        rc = fill_orthogonal(t, a, r, e);
        break;
    }
    return rc;
}
