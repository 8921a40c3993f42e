/* diagnose.c: how the layers fare while a model trains: norms of gradients and weights, the
 * size of a step beside that of the weights, silent and saturated units.
 *
 * One step of each epoch is measured, the last whole batch; with o->track every step, and
 * the epoch's numbers are means. Activations are looked at once an epoch, by the probe. */
#include "fits.h"

#include "nn/vec.h"

#include <math.h>

#define COLUMNS 5

/* The name of the layer that holds a parameter: "dense_1" of "dense_1/kernel". */
static void owner(char name[NN_RECORD_NAME], const char *param) {
    const char *slash = strrchr(param, '/');
    size_t n = slash ? (size_t)(slash - param) : strlen(param);
    snprintf(name, NN_RECORD_NAME, "%.*s", (int)MIN_OF(n, (size_t)NN_RECORD_NAME - 1),
             param);
}

static int find(const struct nn_history *h, const char *name) {
    for (int i = 0; i < h->n_layers; i++)
        if (strcmp(h->layer[i].name, name) == 0)
            return i;
    return -1;
}

static void add(struct nn_history *h, const char *name, int index) {
    int i = find(h, name);
    if (i < 0) {
        i = h->n_layers++;
        snprintf(h->layer[i].name, NN_RECORD_NAME, "%s", name);
        h->layer[i].index = -1;
    }
    if (index >= 0)
        h->layer[i].index = index;
}

static bool inside(const char *param, const char *layer) {
    size_t n = strlen(layer);
    return strncmp(param, layer, n) == 0 && param[n] == '/';
}

/* Records in the order of the layers; parameters of layers in layers follow theirs. */
static void list_layers(struct nn_history *h, const struct nn_model *m) {
    char name[NN_RECORD_NAME];
    for (int l = 0; l < m->n_layers; l++) {
        for (int i = 0; i < nn_model_count(m); i++) {
            bool trainable;
            const struct nn_var *p = nn_model_param(m, i, &trainable);
            if (!trainable || !inside(p->name, m->layer[l]->name))
                continue;
            owner(name, p->name);
            add(h, name, -1);
        }
        if (nn_layer_unit(m->layer[l]) != NN_UNIT_OTHER)
            add(h, m->layer[l]->name, l);
    }
}

int nn_diagnose_new(struct nn_run *r, struct err *e) {
    struct nn_history *h = r->h;
    size_t most = (size_t)nn_model_count(r->m) + (size_t)r->m->n_layers, n = 0, cells;
    h->layer = calloc(most + 1, sizeof *h->layer);
    if (h->layer)
        list_layers(h, r->m);
    bool ok = h->layer && mul_size(&n, (size_t)h->n_layers * COLUMNS, (size_t)h->cap) &&
              mul_size(&cells, n, sizeof(double));
    double *block = ok ? malloc(cells + 1) : NULL;
    if (!block)
        return err_set(e, ERR_NOMEM, _("no hay memoria para el historial de %d épocas"),
                       h->cap);
    for (size_t i = 0; i < n; i++)
        block[i] = NAN;
    h->layer_block = block;
    for (int i = 0; i < h->n_layers; i++) {
        struct nn_layer_record *l = &h->layer[i];
        double **column[COLUMNS] = {&l->gradient_norm, &l->weight_norm, &l->update_ratio,
                                    &l->dead, &l->saturated};
        for (int k = 0; k < COLUMNS; k++, block += h->cap)
            *column[k] = block;
    }
    return nn_snapshot_init(&r->before, r->m, e);
}

/* The last batch that is whole; the only one where none is. */
bool nn_diagnose_wanted(const struct nn_run *r, size_t batch) {
    size_t batches = r->h->batches, rest = r->h->samples % r->h->batch_size;
    return r->o->track || batch == (rest && batches > 1 ? batches - 1 : batches);
}

/* Sum of squares over the parameters of record i: of the gradient, the value, or what the
 * value changed by, which is left in the copy. */
enum what { GRADIENT, VALUE, CHANGE };

static double squares(struct nn_run *r, const struct nn_layer_record *l, enum what what) {
    double sum = 0;
    char name[NN_RECORD_NAME];
    for (int i = 0; i < nn_model_count(r->m); i++) {
        bool trainable;
        const struct nn_var *p = nn_model_param(r->m, i, &trainable);
        owner(name, p->name);
        if (!trainable || strcmp(name, l->name) != 0)
            continue;
        const struct nn_tensor *t = what == VALUE ? p->value : p->grad;
        if (what == CHANGE) {
            t = r->before.copy[i];
            nn_vec_axpy(t->dtype, t->data, -1, p->value->data, t->n);
        }
        if (t)
            sum += nn_vec_dot(t->dtype, t->data, t->data, t->n);
    }
    return sum;
}

void nn_diagnose_epoch_begin(struct nn_run *r) {
    int at = r->h->n;
    r->measured = 0;
    for (int i = 0; i < r->h->n_layers; i++) {
        struct nn_layer_record *l = &r->h->layer[i];
        l->gradient_norm[at] = l->weight_norm[at] = l->update_ratio[at] = 0;
    }
}

/* Gradients from 1e-10 to 100, four bins to a decade. */
static const struct nn_histogram magnitudes = {.low = -10, .high = 2};

/* Over the parameters of record i. */
static void spread(struct nn_run *r, struct nn_layer_record *l, enum what what) {
    struct nn_histogram *h = what == GRADIENT ? &l->gradients : &l->weights;
    char name[NN_RECORD_NAME];
    *h = what == GRADIENT ? magnitudes
                          : (struct nn_histogram){.low = INFINITY, .high = -INFINITY};
    for (int pass = what == GRADIENT; pass < 2; pass++)
        for (int i = 0; i < nn_model_count(r->m); i++) {
            bool trainable;
            const struct nn_var *p = nn_model_param(r->m, i, &trainable);
            owner(name, p->name);
            const struct nn_tensor *t = what == GRADIENT ? p->grad : p->value;
            if (!trainable || !t || strcmp(name, l->name) != 0)
                continue;
            if (pass == 0)
                nn_histogram_widen(h, t);
            else
                nn_histogram_add(h, t, what == GRADIENT);
        }
}

static void spread_activations(struct nn_run *r, struct nn_layer_record *l) {
    const struct nn_tensor *t = nn_probe_output(r->probe, l->index);
    l->activations = (struct nn_histogram){.low = INFINITY, .high = -INFINITY};
    nn_histogram_widen(&l->activations, t);
    nn_histogram_add(&l->activations, t, false);
}

void nn_diagnose_before(struct nn_run *r) {
    for (int i = 0; i < r->h->n_layers; i++) {
        struct nn_layer_record *l = &r->h->layer[i];
        l->gradient_norm[r->h->n] += sqrt(squares(r, l, GRADIENT));
        spread(r, l, GRADIENT);
    }
    nn_snapshot_take(&r->before, r->m);
}

void nn_diagnose_after(struct nn_run *r) {
    int at = r->h->n;
    for (int i = 0; i < r->h->n_layers; i++) {
        struct nn_layer_record *l = &r->h->layer[i];
        double weight = sqrt(squares(r, l, VALUE));
        l->weight_norm[at] += weight;
        l->update_ratio[at] += sqrt(squares(r, l, CHANGE)) / weight;
    }
    r->measured++;
}

static bool has_params(const struct nn_model *m, const char *layer) {
    char name[NN_RECORD_NAME];
    for (int i = 0; i < nn_model_count(m); i++) {
        bool trainable;
        const struct nn_var *p = nn_model_param(m, i, &trainable);
        owner(name, p->name);
        if (trainable && strcmp(name, layer) == 0)
            return true;
    }
    return false;
}

void nn_diagnose_epoch_end(struct nn_run *r) {
    int at = r->h->n;
    nn_probe_run(r->probe);
    for (int i = 0; i < r->h->n_layers; i++) {
        struct nn_layer_record *l = &r->h->layer[i];
        double n = has_params(r->m, l->name) && r->measured ? (double)r->measured : NAN;
        l->gradient_norm[at] /= n;
        l->weight_norm[at] /= n;
        spread(r, l, VALUE);
        l->update_ratio[at] = log10(l->update_ratio[at] / n);
        if (!isfinite(l->update_ratio[at])) /* weights or step are 0: no ratio */
            l->update_ratio[at] = NAN;
        if (l->index >= 0) {
            l->dead[at] = nn_probe_dead(r->probe, l->index);
            l->saturated[at] = nn_probe_saturated(r->probe, l->index);
            spread_activations(r, l);
        }
    }
}
