/* plan.c: a deferred graph becomes a list of steps with fixed buffers, run in order going
 * forward and in reverse going back. */
#include "planner.h"

#include "base/i18n.h"
#include "nn/watch.h"

#include "nn/gemm.h"

static int no_memory(struct err *e) {
    return err_set(e, ERR_NOMEM, _("no hay memoria para el plan de entrenamiento"));
}

void nn_plan_free(struct nn_plan *p) {
    if (!p)
        return;
    for (size_t i = 0; i < p->n_slots && p->slot; i++) {
        if (p->slot[i].own_value)
            nn_tensor_release(p->slot[i].value);
        if (p->slot[i].own_grad)
            nn_tensor_release(p->slot[i].grad);
    }
    for (size_t i = 0; i < p->n_steps && p->step; i++)
        free(p->step[i].call.saved);
    for (int i = 0; p->roots && i < p->n_keep + 1; i++)
        nn_var_release(p->roots[i]);
    free(p->work);
    free(p->roots);
    free(p->order);
    free(p->slot);
    free(p->step);
    free(p->input);
    free(p->keep);
    free(p);
}

/* Arrays for the graph below root and keep, which the plan holds from here on. */
static int plan_order(struct nn_plan *p, struct nn_var *root, struct nn_var *const keep[],
                      struct err *e) {
    p->roots = calloc((size_t)p->n_keep + 1, sizeof(struct nn_var *));
    p->input = calloc((size_t)p->n_inputs + 1, sizeof *p->input);
    p->keep = calloc((size_t)p->n_keep + 1, sizeof *p->keep);
    if (!p->roots || !p->input || !p->keep)
        return no_memory(e);
    p->roots[0] = nn_var_retain(root);
    for (int i = 0; i < p->n_keep; i++)
        p->roots[i + 1] = nn_var_retain(keep[i]);
    size_t n = 0;
    int rc = nn_var_order_many(&p->order, &n, p->n_keep + 1, p->roots, e);
    if (rc < 0)
        return rc;
    p->slot = calloc(n + 1, sizeof *p->slot);
    p->step = calloc(n + 1, sizeof *p->step);
    if (!p->slot || !p->step)
        return no_memory(e);
    p->n_slots = n;
    for (size_t i = 0; i < n; i++) {
        p->order[i]->slot = i;
        p->slot[i].var = p->order[i];
        p->slot[i].step = -1;
    }
    return 0;
}

static void plan_steps(struct nn_plan *p) {
    for (size_t i = 0; i < p->n_slots; i++) {
        struct nn_var *v = p->order[i];
        if (!v->op || (v->value && !v->requires_grad))
            continue; /* what parameters go into is computed anew at every run */
        struct step *s = &p->step[p->n_steps];
        nn_var_call(&s->call, v);
        s->attrs = v->attrs;
        s->out = i;
        p->slot[i].step = (int)p->n_steps++;
        for (int k = 0; k < v->n_in; k++) {
            s->in[k] = v->in[k]->slot;
            p->slot[s->in[k]].uses++;
        }
    }
    p->root = p->roots[0]->slot;
    p->slot[p->root].uses++;
    for (int i = 0; i < p->n_keep; i++) {
        p->keep[i] = p->roots[i + 1]->slot;
        p->slot[p->keep[i]].uses++;
    }
}

/* Every deferred leaf has to be one of the inputs that will be bound. */
static int plan_inputs(struct nn_plan *p, struct nn_var *const inputs[], struct err *e) {
    for (int i = 0; i < p->n_inputs; i++) {
        size_t s = inputs[i]->slot;
        p->input[i] = s < p->n_slots && p->order[s] == inputs[i] ? s : SIZE_MAX;
    }
    for (size_t k = 0; k < p->n_slots; k++) {
        bool known = p->order[k]->op || p->order[k]->value;
        for (int i = 0; i < p->n_inputs; i++)
            known |= p->input[i] == k;
        if (!known)
            return err_set(e, ERR_ARG,
                           _("el plan usa un valor sin calcular que no es una entrada"));
    }
    return 0;
}

/* The header of a tensor on somebody else's memory. */
static void view_header(struct nn_tensor *h, const struct nn_var *v, void *data) {
    atomic_init(&h->refs, 1);
    h->dtype = v->dtype;
    h->ndim = v->ndim;
    memcpy(h->shape, v->shape, sizeof v->shape);
    h->n = 1;
    for (int k = 0; k < v->ndim; k++)
        h->n *= v->shape[k];
    h->data = data;
}

static void count_buffer(struct nn_plan *p, const struct nn_tensor *t) {
    p->buffers++;
    p->bytes += t->n * nn_dtype_size(t->dtype);
}

static int plan_values(struct nn_plan *p, struct err *e) {
    for (size_t i = 0; i < p->n_slots; i++) {
        struct slot *s = &p->slot[i];
        struct nn_var *v = s->var;
        if (v->value && s->step < 0) {
            s->value = nn_tensor_retain(v->value);
            s->own_value = true;
        } else if (s->step >= 0 && !(v->op->flags & NN_OP_VIEW)) {
            int rc = nn_tensor_new(&s->value, v->dtype, v->ndim, v->shape, e);
            if (rc < 0)
                return rc;
            s->own_value = true;
            count_buffer(p, s->value);
        } else { /* a view, or an input before its first bind */
            view_header(&s->value_view, v, NULL);
            s->value = &s->value_view;
        }
    }
    return 0;
}

/* A leaf's gradient is its own; a view's input shares the view's when nobody else reads
 * it; the others get a buffer. Results come before their inputs here. */
static int plan_grad(struct nn_plan *p, size_t i, struct err *e) {
    struct slot *s = &p->slot[i];
    struct nn_var *v = s->var;
    if (!v->requires_grad || !s->below_root || (v->op && s->step < 0))
        return 0;
    if (!v->op) {
        int rc = v->grad ? 0 : nn_tensor_like(&v->grad, v->value, e);
        s->grad = nn_tensor_retain(v->grad);
        s->own_grad = s->grad != NULL;
        return rc;
    }
    for (size_t k = 0; s->uses == 1 && k < p->n_steps; k++) {
        struct step *t = &p->step[k];
        if (t->dead || t->in[0] != i || !(t->call.op->flags & NN_OP_VIEW) ||
            !p->slot[t->out].grad)
            continue;
        view_header(&s->grad_view, v, p->slot[t->out].grad->data);
        s->grad = &s->grad_view;
        return 0;
    }
    int rc = nn_tensor_new(&s->grad, v->dtype, v->ndim, v->shape, e);
    if (rc < 0)
        return rc;
    s->own_grad = true;
    count_buffer(p, s->grad);
    return 0;
}

/* Fills the calls: fused steps have another op and other inputs than their var had. */
static int plan_calls(struct nn_plan *p, struct err *e) {
    for (size_t i = 0; i < p->n_steps; i++) {
        struct step *s = &p->step[i];
        struct nn_call *c = &s->call;
        if (s->dead)
            continue;
        c->attrs = &s->attrs;
        for (int k = 0; k < c->n_in; k++) {
            const struct nn_var *v = p->slot[s->in[k]].var;
            c->in_dtype[k] = v->dtype;
            c->in_ndim[k] = v->ndim;
            memcpy(c->in_shape[k], v->shape, sizeof v->shape);
            c->in[k] = p->slot[s->in[k]].value;
        }
        int rc = nn_op_infer(c, e);
        if (rc == 0)
            rc = nn_saved_new(&c->saved, c->saved_bytes, e);
        if (rc < 0)
            return rc;
        p->bytes += c->saved_bytes;
        c->out = p->slot[s->out].value;
    }
    return 0;
}

/* Who writes each gradient first, going back, and who adds. */
static void plan_backward(struct nn_plan *p) {
    for (size_t i = 0; i < p->n_slots; i++)
        p->order[i]->slot = 0; /* 1: written */
    for (size_t i = p->n_steps; i-- > 0;) {
        struct step *s = &p->step[i];
        struct nn_call *c = &s->call;
        if (s->dead || !p->slot[s->out].grad)
            continue;
        c->d_out = p->slot[s->out].grad;
        for (int k = 0; k < c->n_in; k++) {
            struct slot *in = &p->slot[s->in[k]];
            if (!in->grad || (k == 1 && (c->op->flags & NN_OP_LABELS)))
                continue;
            c->d_in[k] = in->grad;
            if (in->var->slot)
                c->add |= 1u << k;
            in->var->slot = 1;
        }
    }
}

/* One piece of scratch memory serves the step that wants most, and so all. */
static int plan_work(struct nn_plan *p, struct err *e) {
    size_t most = 0;
    for (size_t i = 0; i < p->n_steps; i++)
        most = MAX_OF(most, nn_call_work(&p->step[i].call));
    int rc = nn_saved_new(&p->work, most, e);
    for (size_t i = 0; i < p->n_steps; i++)
        p->step[i].call.work = p->work;
    p->bytes += most;
    return rc;
}

static void mark_below_root(struct nn_plan *p) {
    p->slot[p->root].below_root = true;
    for (size_t i = p->n_steps; i-- > 0;)
        for (int k = 0; k < p->step[i].call.n_in; k++)
            if (p->slot[p->step[i].out].below_root)
                p->slot[p->step[i].in[k]].below_root = true;
}

static int plan_train(struct nn_plan *p, struct err *e) {
    const struct nn_var *root = p->roots[0];
    if (!root->requires_grad || root->ndim != 0)
        return err_set(e, ERR_ARG,
                       _("la pérdida debe ser un número que dependa de los "
                         "parámetros"));
    int rc = 0;
    mark_below_root(p);
    for (size_t i = p->n_slots; rc == 0 && i-- > 0;)
        rc = plan_grad(p, i, e);
    if (rc < 0)
        return rc;
    plan_backward(p);
    nn_tensor_set(p->slot[p->root].grad, 0, 1);
    return 0;
}

/* Steps in order without the ones that were fused away. */
static void plan_compact(struct nn_plan *p) {
    size_t n = 0;
    for (size_t i = 0; i < p->n_steps; i++) {
        if (p->step[i].dead)
            continue;
        if (n != i)
            p->step[n] = p->step[i];
        p->slot[p->step[n].out].step = (int)n;
        n++;
    }
    p->n_steps = n;
}

int nn_plan_new(struct nn_plan **out, struct nn_var *root, int n_inputs,
                struct nn_var *const inputs[], int n_keep, struct nn_var *const keep[],
                enum nn_plan_mode mode, struct err *e) {
    *out = NULL;
    struct nn_plan *p = calloc(1, sizeof *p);
    if (!p)
        return no_memory(e);
    p->mode = mode;
    p->n_inputs = n_inputs;
    p->n_keep = n_keep;
    int rc = plan_order(p, root, keep, e);
    if (rc == 0)
        rc = plan_inputs(p, inputs, e);
    if (rc == 0) {
        plan_steps(p);
        nn_plan_fuse(p);
        plan_compact(p);
        rc = plan_values(p, e);
    }
    if (rc == 0)
        rc = plan_calls(p, e);
    if (rc == 0 && mode == NN_PLAN_TRAIN)
        rc = plan_train(p, e);
    if (rc == 0)
        rc = plan_work(p, e);
    if (rc < 0) {
        nn_plan_free(p);
        return rc;
    }
    *out = p;
    return 0;
}

int nn_plan_bind(struct nn_plan *p, int i, struct nn_tensor *t, struct err *e) {
    if (p->input[i] == SIZE_MAX) /* the graph does not read it */
        return 0;
    struct slot *s = &p->slot[p->input[i]];
    if (t->dtype != s->var->dtype || t->ndim != s->var->ndim ||
        memcmp(t->shape, s->var->shape, (size_t)t->ndim * sizeof(size_t)) != 0) {
        char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
        return err_set(e, ERR_SHAPE, _("el plan espera %s %s y recibió %s %s"),
                       nn_dtype_name(s->var->dtype),
                       nn_shape_text(a, s->var->ndim, s->var->shape),
                       nn_dtype_name(t->dtype), nn_shape_text(b, t->ndim, t->shape));
    }
    s->value->data = t->data;
    return 0;
}

void nn_plan_forward(struct nn_plan *p) {
    nn_count_forward();
    for (size_t i = 0; i < p->n_steps; i++)
        nn_call_forward(&p->step[i].call);
}

/* Whoever dropped a leaf's gradient since (zero_grad) gets the plan's back. */
static void show_leaf_grads(struct nn_plan *p) {
    for (size_t i = 0; i < p->n_slots; i++) {
        struct slot *s = &p->slot[i];
        if (s->var->op || !s->own_grad || s->var->grad == s->grad)
            continue;
        nn_tensor_release(s->var->grad);
        s->var->grad = nn_tensor_retain(s->grad);
    }
}

static void run_backward(struct nn_plan *p) {
    nn_count_backward();
    for (size_t i = p->n_steps; i-- > 0;)
        if (p->step[i].call.d_out)
            nn_call_backward(&p->step[i].call);
}

void nn_plan_backward(struct nn_plan *p) {
    show_leaf_grads(p);
    run_backward(p);
}

/* The leaf that the step may move in place, or NULL: it alone reads it, and its gradient
 * is one product in one run. */
static struct nn_var *movable(struct nn_plan *p, const struct step *s) {
    const struct nn_call *c = &s->call;
    const struct slot *w = c->n_in > 1 ? &p->slot[s->in[1]] : NULL;
    if (!(c->op->flags & NN_OP_DESCENDS) || !c->d_out || !c->d_in[1])
        return NULL;
    bool alone = !w->var->op && w->uses == 1 && !(c->add & 2);
    return alone && c->d_out->n / c->d_in[1]->shape[1] <= NN_GEMM_RUN ? w->var : NULL;
}

void nn_plan_descend(struct nn_plan *p, double rate) {
    show_leaf_grads(p);
    for (size_t i = 0; i < p->n_steps; i++) {
        struct nn_var *w = movable(p, &p->step[i]);
        if (!w)
            continue;
        p->step[i].call.rate = rate;
        nn_tensor_release(w->grad);
        w->grad = NULL;
    }
    run_backward(p);
    for (size_t i = 0; i < p->n_steps; i++)
        p->step[i].call.rate = 0;
}

struct nn_tensor *nn_plan_root(struct nn_plan *p) {
    return p->slot[p->root].value;
}

struct nn_tensor *nn_plan_kept(struct nn_plan *p, int i) {
    return p->slot[p->keep[i]].value;
}

struct nn_plan_info nn_plan_get_info(const struct nn_plan *p) {
    return (struct nn_plan_info){
        .steps = p->n_steps, .fused = p->fused, .buffers = p->buffers, .bytes = p->bytes};
}

const char *nn_plan_step_name(const struct nn_plan *p, size_t i) {
    return i < p->n_steps ? p->step[i].call.op->name : NULL;
}
