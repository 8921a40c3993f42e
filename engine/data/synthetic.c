/* synthetic.c: the playground's four clouds: circle, xor, gauss, spiral. */
#include "nn/synthetic.h"

#include "base/i18n.h"
#include "nn/rng.h"

#include <math.h>

struct point {
    double x, y;
    int label;
};

typedef struct point make_point(struct nn_rng *r, size_t i, size_t n, double noise);

static double between(struct nn_rng *r, double low, double high) {
    return low + (high - low) * nn_rng_uniform(r);
}

/* Disc of radius 2.5 inside a ring 3.5..5; noise shakes the point that decides the label,
 * not the one that is kept. */
static struct point circle(struct nn_rng *r, size_t i, size_t n, double noise) {
    const double radius = 5.0;
    bool inner = i < n / 2;
    double d = inner ? between(r, 0, radius * 0.5) : between(r, radius * 0.7, radius);
    double angle = between(r, 0, 2 * M_PI);
    struct point p = {d * sin(angle), d * cos(angle), 0};
    double dx = between(r, -radius, radius) * noise;
    double dy = between(r, -radius, radius) * noise;
    p.label = hypot(p.x + dx, p.y + dy) < radius * 0.5;
    return p;
}

/* Quadrants of a square of half-side 5, kept 0.3 apart; noise as for the circle. */
static struct point xor_point(struct nn_rng *r, size_t i, size_t n, double noise) {
    (void)i, (void)n;
    struct point p = {between(r, -5, 5), between(r, -5, 5), 0};
    p.x += p.x > 0 ? 0.3 : -0.3;
    p.y += p.y > 0 ? 0.3 : -0.3;
    double dx = between(r, -5, 5) * noise, dy = between(r, -5, 5) * noise;
    p.label = (p.x + dx) * (p.y + dy) >= 0;
    return p;
}

/* Normal clouds about (2, 2) and (-2, -2); noise 0..0.5 is variance 0.5..4. */
static struct point gauss(struct nn_rng *r, size_t i, size_t n, double noise) {
    bool upper = i < n / 2;
    double centre = upper ? 2 : -2, sd = sqrt(0.5 + noise * 7.0);
    double x = centre + sd * nn_rng_normal(r), y = centre + sd * nn_rng_normal(r);
    return (struct point){x, y, upper};
}

/* Two arms of 1.75 turns, radius 0..5, half a turn apart; noise moves the points. */
static struct point spiral(struct nn_rng *r, size_t i, size_t n, double noise) {
    bool first = i < n / 2;
    size_t k = first ? i : i - n / 2, arm = first ? n / 2 : n - n / 2;
    double part = (double)k / (double)arm;
    double t = 1.75 * part * 2 * M_PI + (first ? 0 : M_PI), d = 5 * part;
    double x = d * sin(t) + between(r, -1, 1) * noise;
    double y = d * cos(t) + between(r, -1, 1) * noise;
    return (struct point){x, y, first};
}

static const struct {
    const char *name;
    make_point *make;
} kinds[] = {[NN_CIRCLE] = {"circle", circle},
             [NN_XOR] = {"xor", xor_point},
             [NN_GAUSS] = {"gauss", gauss},
             [NN_SPIRAL] = {"spiral", spiral}};

const char *nn_synthetic_name(enum nn_synthetic kind) {
    return (size_t)kind < ARRAY_LEN(kinds) ? kinds[kind].name : "?";
}

static int check_opts(enum nn_synthetic kind, const struct nn_synthetic_opts *o,
                      struct err *e) {
    if ((size_t)kind >= ARRAY_LEN(kinds))
        return err_set(e, ERR_ARG, _("no hay un conjunto sintético número %d"),
                       (int)kind);
    const char *name = kinds[kind].name;
    if (o->n < 4 || o->n > NN_SYNTHETIC_MAX)
        return err_set(e, ERR_RANGE, _("%s: n = %zu; se admite de 4 a %d"), name, o->n,
                       NN_SYNTHETIC_MAX);
    if (!(o->noise >= 0 && o->noise <= 0.5))
        return err_set(e, ERR_RANGE, _("%s: noise = %g; se admite de 0 a 0.5"), name,
                       o->noise);
    if (!(o->test > 0 && o->test < 1))
        return err_set(e, ERR_RANGE,
                       _("%s: test = %g; debe ser mayor que 0 y menor que 1"), name,
                       o->test);
    return 0;
}

/* All points, mixed, in x_train and y_train. */
static int draw(struct nn_dataset *d, enum nn_synthetic kind,
                const struct nn_synthetic_opts *o, struct err *e) {
    int rc = nn_tensor_new(&d->x_train, NN_F32, 2, (size_t[]){o->n, 2}, e);
    if (rc == 0)
        rc = nn_tensor_new(&d->y_train, NN_I32, 1, &o->n, e);
    size_t *order = rc == 0 ? malloc(o->n * sizeof *order) : NULL;
    if (rc == 0 && !order)
        rc = err_set(e, ERR_NOMEM, _("%s: falta memoria para %zu puntos"), d->name, o->n);
    if (rc < 0)
        return rc;
    struct nn_rng root, points, mix;
    nn_rng_seed(&root, o->seed);
    points = nn_rng_split(&root, (uint64_t)kind);
    mix = nn_rng_split(&root, ARRAY_LEN(kinds));
    nn_rng_permutation(&mix, order, o->n);
    for (size_t i = 0; i < o->n; i++) {
        struct point p = kinds[kind].make(&points, i, o->n, o->noise);
        nn_tensor_f32(d->x_train)[2 * order[i]] = (float)p.x;
        nn_tensor_f32(d->x_train)[2 * order[i] + 1] = (float)p.y;
        nn_tensor_i32(d->y_train)[order[i]] = p.label;
    }
    free(order);
    return 0;
}

static int name_all(struct nn_dataset *d, struct err *e) {
    static const char *const es[] = {"naranja", "azul"}, *const en[] = {"orange", "blue"};
    static const char *const axes[] = {"x1", "x2"};
    int rc = nn_dataset_set_classes(d, 2, es, en, e);
    return rc == 0 ? nn_dataset_set_features(d, 2, axes, e) : rc;
}

int nn_synthetic_new(struct nn_dataset **out, enum nn_synthetic kind,
                     const struct nn_synthetic_opts *opts, struct err *e) {
    *out = NULL;
    struct nn_synthetic_opts o = opts ? *opts : (struct nn_synthetic_opts){0};
    o.n = o.n ? o.n : 500;
    o.test = o.test != 0 ? o.test : 0.25;
    int rc = check_opts(kind, &o, e);
    struct nn_dataset *d = NULL;
    if (rc == 0)
        rc = nn_dataset_new(&d, kinds[kind].name, e);
    if (rc == 0)
        rc = name_all(d, e);
    if (rc == 0)
        rc = draw(d, kind, &o, e);
    if (rc == 0)
        rc = nn_dataset_cut_test(out, d, o.test, o.seed, e);
    nn_dataset_release(d);
    return rc;
}
