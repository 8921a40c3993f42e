/* probe.c: looks into a model while it trains: a forward pass that keeps the output of
 * every layer. The diagnostics read it once an epoch; when the loss stops being a number
 * it says where the first bad number appeared. */
#include "fits.h"

#include "nn/vec.h"

#include <math.h>

#define ROWS_MAX 256
#define FLOATS   (1u << 20) /* of all outputs together: 4 MB */

struct nn_probe {
    const struct nn_model *m;
    struct nn_plan *plan;
    struct nn_tensor *x;  /* the probe's own rows */
    unsigned char *alive; /* one per unit of the widest layer */
};

enum nn_unit nn_layer_unit(const struct nn_layer *l) {
    const char *a = nn_option_text(&l->options, "activation");
    if (strcmp(a, "relu") == 0)
        return NN_UNIT_RELU;
    if (strcmp(a, "sigmoid") == 0)
        return NN_UNIT_SIGMOID;
    return strcmp(a, "tanh") == 0 ? NN_UNIT_TANH : NN_UNIT_OTHER;
}

static size_t out_size(const struct nn_layer *l) {
    size_t n = 1;
    for (int k = 0; k < l->out_ndim; k++)
        n *= l->out_shape[k];
    return n;
}

/* An eighth of the data, so that small data sets do not wait for it, and few enough rows
 * for the outputs to stay small. */
static size_t rows_for(const struct nn_model *m, size_t n) {
    size_t floats = 1, rows = MIN_OF(n, MAX_OF(n / 8, (size_t)32));
    for (int i = 0; i < m->n_layers; i++)
        floats += out_size(m->layer[i]);
    rows = MIN_OF(rows, (size_t)ROWS_MAX);
    return MIN_OF(rows, MAX_OF(FLOATS / floats, (size_t)4));
}

static int trace(struct nn_probe *p, struct nn_model *m, size_t rows, struct err *e) {
    struct nn_call_mode mode = {.step = &m->steps};
    struct nn_var **v = calloc((size_t)m->n_layers + 1, sizeof(struct nn_var *));
    size_t shape[NN_MAX_DIMS] = {rows};
    if (!v)
        return err_set(e, ERR_NOMEM, _("no hay memoria para el plan de entrenamiento"));
    memcpy(shape + 1, m->in_shape, (size_t)m->in_ndim * sizeof *shape);
    int rc = nn_var_deferred(&v[0], NN_F32, m->in_ndim + 1, shape, e), n = m->n_layers;
    for (int i = 0; rc == 0 && i < n; i++)
        rc = nn_layer_call(m->layer[i], &v[i + 1], v[i], &mode, e);
    if (rc == 0)
        rc = nn_plan_new(&p->plan, v[n], 1, v, n, v + 1, NN_PLAN_FORWARD, e);
    for (int i = 0; i <= n; i++)
        nn_var_release(v[i]);
    free(v);
    return rc;
}

static int make_rows(struct nn_probe *p, const struct nn_run *r, size_t rows,
                     struct err *e) {
    struct nn_tensor *x = NULL, *first, *y;
    struct nn_feed *feed = NULL;
    struct nn_feed_options fo = {.batch = rows, .input = r->input};
    int rc = nn_tensor_rows(&x, r->x, 0, rows, e);
    if (rc == 0)
        rc = nn_feed_new(&feed, x, NULL, &fo, e);
    if (rc == 0) {
        nn_feed_start(feed, 0);
        nn_feed_next(feed, &first, &y);
        rc = nn_tensor_copy(&p->x, first, e);
    }
    nn_feed_free(feed);
    nn_tensor_release(x);
    return rc;
}

int nn_probe_new(struct nn_probe **out, const struct nn_run *r, struct err *e) {
    size_t rows = rows_for(r->m, r->x->shape[0]), widest = 1;
    struct nn_probe *p = calloc(1, sizeof *p);
    *out = p;
    for (int i = 0; i < r->m->n_layers; i++)
        widest = MAX_OF(widest, out_size(r->m->layer[i]));
    if (p)
        p->alive = malloc(widest);
    if (!p || !p->alive)
        return err_set(e, ERR_NOMEM, _("no hay memoria para el plan de entrenamiento"));
    p->m = r->m;
    int rc = trace(p, r->m, rows, e);
    return rc == 0 ? make_rows(p, r, rows, e) : rc;
}

void nn_probe_free(struct nn_probe *p) {
    if (!p)
        return;
    nn_plan_free(p->plan);
    nn_tensor_release(p->x);
    free(p->alive);
    free(p);
}

static void run(const struct nn_probe *p, struct nn_tensor *x) {
    struct nn_passes before = nn_passes_get();
    struct err e = {0};
    nn_plan_bind(p->plan, 0, x, &e); /* always fits: rows and shape are its own */
    nn_plan_forward(p->plan);
    nn_passes_set(before); /* not a pass that anybody asked for */
}

void nn_probe_run(struct nn_probe *p) {
    run(p, p->x);
}

const struct nn_tensor *nn_probe_output(const struct nn_probe *p, int layer) {
    return nn_plan_kept(p->plan, layer);
}

double nn_probe_dead(const struct nn_probe *p, int layer) {
    const struct nn_tensor *t = nn_plan_kept(p->plan, layer);
    if (nn_layer_unit(p->m->layer[layer]) != NN_UNIT_RELU)
        return NAN;
    size_t units = t->shape[t->ndim - 1], dead = 0;
    const float *v = nn_tensor_f32(t);
    memset(p->alive, 0, units);
    for (size_t i = 0; i < t->n; i += units)
        for (size_t k = 0; k < units; k++)
            p->alive[k] |= v[i + k] > 0;
    for (size_t k = 0; k < units; k++)
        dead += !p->alive[k];
    return (double)dead / (double)units;
}

double nn_probe_saturated(const struct nn_probe *p, int layer) {
    const struct nn_tensor *t = nn_plan_kept(p->plan, layer);
    enum nn_unit unit = nn_layer_unit(p->m->layer[layer]);
    if (unit != NN_UNIT_SIGMOID && unit != NN_UNIT_TANH)
        return NAN;
    const float *v = nn_tensor_f32(t);
    size_t flat = 0;
    for (size_t i = 0; i < t->n; i++) {
        float a = unit == NN_UNIT_TANH ? v[i] : 2 * v[i] - 1; /* slope ~ 1 - a^2 */
        flat += 1 - a * a < 0.1f;
    }
    return (double)flat / (double)t->n;
}

/* ---- where the first bad number comes from */

static bool all_finite(const struct nn_tensor *t) {
    return nn_vec_all_finite(t->dtype, t->data, t->n);
}

/* The name of the first parameter of the layer that is not finite, or NULL. */
static const char *bad_param(const struct nn_model *m, const struct nn_layer *l) {
    size_t n = strlen(l->name);
    for (int i = 0; i < nn_model_count(m); i++) {
        const struct nn_var *p = nn_model_param(m, i, NULL);
        if (strncmp(p->name, l->name, n) == 0 && p->name[n] == '/' &&
            !all_finite(p->value))
            return p->name;
    }
    return NULL;
}

/* Fills the probe's rows with those of x from `first` on, over again where x ends. */
static void copy_rows(struct nn_tensor *to, const struct nn_tensor *x, size_t first) {
    size_t row = x->n / x->shape[0] * sizeof(float), n = x->shape[0];
    for (size_t i = 0; i < to->shape[0]; i++)
        memcpy((char *)to->data + i * row, (char *)x->data + (first + i) % n * row, row);
}

/* The first layer, at most `last`, whose output is not finite for these rows. */
static int first_bad(const struct nn_probe *p, struct nn_tensor *rows, int last) {
    run(p, rows);
    for (int i = 0; i < last; i++)
        if (!all_finite(nn_plan_kept(p->plan, i)))
            return i;
    return last;
}

void nn_probe_blame(const struct nn_probe *p, const struct nn_tensor *x, char *text,
                    size_t size) {
    const struct nn_model *m = p->m;
    int bad = m->n_layers;
    const char *name = NULL;
    if (x && !all_finite(x)) {
        snprintf(text, size, "%s", _("ya los datos del lote traen NaN o infinito"));
        return;
    }
    for (size_t first = 0; x && first < x->shape[0]; first += p->x->shape[0]) {
        copy_rows(p->x, x, first);
        bad = first_bad(p, p->x, bad);
    }
    for (int i = 0; !name && i < m->n_layers && i <= bad; i++)
        name = bad_param(m, m->layer[i]);
    if (name)
        snprintf(text, size, _("el primer parámetro que no es finito es %s"), name);
    else if (bad < m->n_layers)
        snprintf(text, size, _("la primera salida no finita es la de %s"),
                 m->layer[bad]->name);
    else
        snprintf(text, size, "%s",
                 _("las salidas de todas las capas son finitas: no lo es la pérdida"));
}
