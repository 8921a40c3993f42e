/* backward.c: reverse-mode differentiation over the graph of vars: inputs before results
 * going forward, so results before inputs going back. */
#include "graph.h"

#include "base/i18n.h"
#include "nn/watch.h"

#include "nn/vec.h"

static _Thread_local uint64_t walks; /* each walk has its own mark */

static int no_memory(struct err *e) {
    return err_set(e, ERR_NOMEM, _("no hay memoria para recorrer el grafo de cálculo"));
}

/* Vars waiting for their inputs, and those that are done, in one pair of arrays. */
struct order {
    struct nn_var **done, **open;
    size_t n_done, n_open, cap;
};

static bool order_grow(struct order *o) {
    size_t cap = o->cap ? o->cap * 2 : 64, bytes;
    if (!mul_size(&bytes, cap, sizeof *o->done))
        return false;
    struct nn_var **done = realloc(o->done, bytes);
    if (done)
        o->done = done;
    struct nn_var **open = done ? realloc(o->open, bytes) : NULL;
    if (open)
        o->open = open;
    if (!open)
        return false;
    o->cap = cap;
    return true;
}

/* Each var is opened and done once: both arrays stay below the number of vars. */
static bool order_open(struct order *o, struct nn_var *v, uint64_t mark) {
    if (v->mark == mark)
        return true;
    if (o->n_open + o->n_done == o->cap && !order_grow(o))
        return false;
    v->mark = mark;
    v->slot = 0; /* inputs looked at so far */
    o->open[o->n_open++] = v;
    return true;
}

int nn_var_order_many(struct nn_var ***out, size_t *n, int n_roots,
                      struct nn_var *const roots[], struct err *e) {
    struct order o = {0};
    uint64_t mark = ++walks;
    bool ok = true;
    *out = NULL;
    *n = 0;
    for (int r = 0; ok && r < n_roots; r++) {
        ok = order_open(&o, roots[r], mark);
        while (ok && o.n_open) {
            struct nn_var *v = o.open[o.n_open - 1];
            if (v->slot < (size_t)v->n_in)
                ok = order_open(&o, v->in[v->slot++], mark);
            else
                o.done[o.n_done++] = o.open[--o.n_open];
        }
    }
    free(o.open);
    if (!ok) {
        free(o.done);
        return no_memory(e);
    }
    *out = o.done;
    *n = o.n_done;
    return 0;
}

int nn_var_order(struct nn_var ***out, size_t *n, struct nn_var *y, struct err *e) {
    return nn_var_order_many(out, n, 1, &y, e);
}

static int check_root(const struct nn_var *y, const struct nn_tensor *seed,
                      struct err *e) {
    char text[NN_SHAPE_TEXT], other[NN_SHAPE_TEXT];
    if (!y->requires_grad)
        return err_set(e, ERR_STATE,
                       _("backward: nada en este cálculo requiere gradiente; marca las "
                         "hojas con var(...)"));
    if (!y->value)
        return err_set(e, ERR_STATE,
                       _("backward: este valor todavía no se ha calculado"));
    nn_shape_text(text, y->ndim, y->shape);
    if (!seed && y->value->n != 1)
        return err_set(e, ERR_SHAPE,
                       _("backward: se necesita un solo número y la forma es %s; usa "
                         ":sum() o :mean()"),
                       text);
    if (seed && (!nn_tensor_same_shape(seed, y->value) || seed->dtype != y->dtype))
        return err_set(e, ERR_SHAPE,
                       _("backward: el gradiente inicial es %s %s y el resultado %s %s"),
                       nn_dtype_name(seed->dtype),
                       nn_shape_text(other, seed->ndim, seed->shape),
                       nn_dtype_name(y->dtype), text);
    return 0;
}

static int check_fresh(size_t n, struct nn_var *const order[], struct err *e) {
    for (size_t i = 0; i < n; i++)
        if (order[i]->spent && order[i]->requires_grad)
            return err_set(
                e, ERR_STATE,
                _("backward: este cálculo ya se recorrió hacia atrás; vuelve a "
                  "calcular la pérdida, o usa backward{keep=true} la primera "
                  "vez"));
    return 0;
}

bool nn_var_wants(const struct nn_var *v, int i) {
    return v->in[i]->requires_grad && !(i == 1 && (v->op->flags & NN_OP_LABELS));
}

/* The gradients are not there yet: values stand in for them. */
int nn_work_new(void **out, size_t n, struct nn_var *const order[], struct err *e) {
    size_t most = 0;
    for (size_t k = 0; k < n; k++) {
        const struct nn_var *v = order[k];
        struct nn_call c;
        if (!v->op || !v->op->work || !v->requires_grad)
            continue;
        nn_var_call(&c, v);
        c.d_out = v->value;
        for (int i = 0; i < v->n_in; i++)
            c.d_in[i] = nn_var_wants(v, i) ? v->in[i]->value : NULL;
        c.add = ~0u;
        most = MAX_OF(most, nn_call_work(&c));
    }
    return nn_saved_new(out, most, e);
}

/* Room for every gradient before anything is written, so that short memory changes
 * nothing. Results start anew; leaves add to what they have. slot: 1 when a gradient is
 * there already. */
static int prepare(size_t n, struct nn_var *const order[], struct err *e) {
    for (size_t i = 0; i < n; i++) {
        struct nn_var *v = order[i];
        v->slot = 0;
        if (!v->requires_grad)
            continue;
        if (v->op)
            nn_var_zero_grad(v);
        else if (v->grad)
            v->slot = 1;
    }
    for (size_t i = 0; i < n; i++) {
        struct nn_var *v = order[i];
        if (!v->requires_grad || v->grad)
            continue;
        int rc = nn_tensor_new(&v->grad, v->dtype, v->ndim, v->shape, e);
        if (rc < 0) {
            for (size_t j = 0; j < n; j++)
                if (order[j]->requires_grad && !order[j]->slot)
                    nn_var_zero_grad(order[j]);
            return rc;
        }
    }
    return 0;
}

static void seed_root(struct nn_var *y, const struct nn_tensor *seed) {
    size_t n = y->grad->n;
    if (y->slot == 0)
        nn_tensor_fill(y->grad, 0);
    y->slot = 1;
    if (seed)
        nn_vec_axpy(y->dtype, y->grad->data, 1, seed->data, n);
    else
        nn_tensor_set(y->grad, 0, nn_tensor_get(y->grad, 0) + 1);
}

static void step_back(struct nn_var *v, void *work) {
    struct nn_call c;
    nn_var_call(&c, v);
    c.d_out = v->grad;
    c.work = work;
    for (int i = 0; i < v->n_in; i++) {
        struct nn_var *x = v->in[i];
        if (!nn_var_wants(v, i))
            continue;
        c.d_in[i] = x->grad;
        if (x->slot)
            c.add |= 1u << i;
        x->slot = 1;
    }
    nn_call_backward(&c);
}

static bool has_loss(size_t n, struct nn_var *const order[]) {
    for (size_t i = 0; i < n; i++)
        if (order[i]->op && order[i]->op->flags & NN_OP_LOSS)
            return true;
    return false;
}

static void walk_back(size_t n, struct nn_var *const order[], void *work) {
    for (size_t i = n; i-- > 0;)
        if (order[i]->op && order[i]->requires_grad && order[i]->slot)
            step_back(order[i], work);
}

static void spend(size_t n, struct nn_var *const order[]) {
    for (size_t i = 0; i < n; i++) {
        struct nn_var *v = order[i];
        if (!v->op || !v->requires_grad)
            continue;
        v->spent = true;
        free(v->saved);
        v->saved = NULL;
    }
}

int nn_var_backward(struct nn_var *y, struct nn_tensor *seed, bool keep, struct err *e) {
    struct nn_var **order = NULL;
    void *work = NULL;
    size_t n;
    int rc = check_root(y, seed, e);
    if (rc == 0)
        rc = nn_var_order(&order, &n, y, e);
    if (rc == 0)
        rc = check_fresh(n, order, e);
    if (rc == 0)
        rc = nn_work_new(&work, n, order, e);
    if (rc == 0)
        rc = prepare(n, order, e);
    if (rc == 0) {
        if (!has_loss(n, order))
            nn_count_forward();
        nn_count_backward();
        seed_root(y, seed);
        walk_back(n, order, work);
        if (!keep)
            spend(n, order);
    }
    free(work);
    free(order);
    return rc;
}

/* Puts the gradients that were there before back in place, and the new ones into out. */
static int collect(struct nn_tensor *out[], int n, struct nn_var *const x[],
                   const size_t at[], struct nn_var *const order[], struct err *e) {
    for (int i = 0; i < n; i++) {
        struct nn_var *v = at[i] == SIZE_MAX ? NULL : order[at[i]];
        if (!v || !v->grad)
            return err_set(e, ERR_ARG,
                           _("grad: el resultado no depende de «%s», o este no se marcó "
                             "con var(...)"),
                           x[i]->name ? x[i]->name : "?");
        out[i] = nn_tensor_retain(v->grad);
    }
    return 0;
}

int nn_var_gradients(struct nn_tensor *out[], struct nn_var *y, int n,
                     struct nn_var *const x[], bool keep, struct err *e) {
    struct nn_var **order = NULL;
    struct nn_tensor **before = NULL;
    size_t count = 0, *at = NULL;
    for (int i = 0; i < n; i++)
        out[i] = NULL;
    int rc = nn_var_order(&order, &count, y, e);
    if (rc < 0)
        return rc;
    before = calloc(count, sizeof(struct nn_tensor *));
    at = calloc((size_t)n + 1, sizeof *at);
    if (!before || !at) {
        rc = no_memory(e);
        goto done;
    }
    for (int i = 0; i < n; i++)
        at[i] = SIZE_MAX;
    for (size_t k = 0; k < count; k++) {
        before[k] = order[k]->grad;
        order[k]->grad = NULL;
        for (int i = 0; i < n; i++)
            if (order[k] == x[i])
                at[i] = k;
    }
    rc = nn_var_backward(y, NULL, keep, e);
    if (rc == 0)
        rc = collect(out, n, x, at, order, e);
    for (size_t k = 0; k < count; k++) {
        nn_tensor_release(order[k]->grad);
        order[k]->grad = before[k];
    }
    for (int i = 0; rc < 0 && i < n; i++) {
        nn_tensor_release(out[i]);
        out[i] = NULL;
    }
done:
    free(order);
    free(before);
    free(at);
    return rc;
}
