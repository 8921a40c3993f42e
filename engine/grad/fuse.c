/* fuse.c: the planner's peephole: chains of steps that one pass over memory can do. */
#include "planner.h"

#include "nn/gemm.h"

/* The only step that reads slot s, or NULL. */
static struct step *only_reader(struct nn_plan *p, size_t s, int *which) {
    if (p->slot[s].uses != 1)
        return NULL;
    for (size_t i = 0; i < p->n_steps; i++)
        for (int k = 0; !p->step[i].dead && k < p->step[i].call.n_in; k++)
            if (p->step[i].in[k] == s) {
                *which = k;
                return &p->step[i];
            }
    return NULL;
}

static bool is_op(const struct step *s, const char *name) {
    return strcmp(s->call.op->name, name) == 0;
}

/* from's work moves into s, which now makes what from made. */
static void absorb(struct nn_plan *p, struct step *s, struct step *from) {
    p->slot[from->out].step = (int)(s - p->step);
    p->slot[s->out].step = -1;
    p->slot[s->out].uses = 0;
    s->out = from->out;
    from->dead = true;
    p->fused++;
}

/* x w + b, b one number per column and known when the product is. */
static void fuse_bias(struct nn_plan *p, struct step *s) {
    int which = 0;
    struct step *add = only_reader(p, s->out, &which);
    if (!add || !is_op(add, "add"))
        return;
    size_t bias = add->in[1 - which];
    const struct nn_var *b = p->slot[bias].var, *w = p->slot[s->in[1]].var;
    bool leaf = !b->op && b->value;
    if (!leaf || b->ndim != 1 || b->shape[0] != w->shape[1] || b->dtype != w->dtype)
        return;
    s->in[s->call.n_in++] = bias;
    absorb(p, s, add);
}

static void fuse_activation(struct nn_plan *p, struct step *s) {
    static const struct {
        const char *name;
        enum nn_act act;
    } known[] = {
        {"relu", NN_ACT_RELU}, {"sigmoid", NN_ACT_SIGMOID}, {"tanh", NN_ACT_TANH}};
    int which = 0;
    struct step *next = only_reader(p, s->out, &which);
    for (size_t i = 0; next && i < ARRAY_LEN(known); i++)
        if (is_op(next, known[i].name)) {
            s->attrs.activation = (int)known[i].act;
            absorb(p, s, next);
            return;
        }
}

/* conv2d adds its bias itself; its epilogue and that of batch_norm know the ReLU. */
static void fuse_relu(struct nn_plan *p, struct step *s) {
    int which = 0;
    struct step *next = only_reader(p, s->out, &which);
    if (!next || !is_op(next, "relu"))
        return;
    s->attrs.activation = (int)NN_ACT_RELU;
    absorb(p, s, next);
}

/* A maximum over windows that tile the result of a convolution joins it. */
static void fuse_pooling(struct nn_plan *p, struct step *s) {
    int which = 0;
    struct step *next = only_reader(p, s->out, &which);
    if (!next || !is_op(next, "maxpool2d") || s->attrs.groups > 1)
        return;
    const struct nn_attrs *a = &next->attrs;
    bool tiles = !a->same && a->window[0] && a->window[1];
    for (int i = 0; i < 2; i++)
        tiles &= a->stride[i] == 0 || a->stride[i] == a->window[i];
    if (!tiles)
        return;
    memcpy(s->attrs.window, a->window, sizeof a->window);
    s->call.op = nn_op_find("conv2d_maxpool2d");
    absorb(p, s, next);
}

/* The step that makes what s reads first and nobody else does, behind views; or NULL. */
static struct step *maker(struct nn_plan *p, const struct step *s) {
    size_t at = s->in[0];
    for (int k = 1; k < s->call.n_in; k++)
        if (s->in[k] == at)
            return NULL;
    while (p->slot[at].step >= 0 && p->slot[at].uses == 1) {
        struct step *made = &p->step[p->slot[at].step];
        if (!(made->call.op->flags & NN_OP_VIEW))
            return made;
        at = made->in[0];
    }
    return NULL;
}

/* Has an activation in its epilogue, if any. */
static bool has_relu(const struct step *s) {
    return is_op(s, "linear") || is_op(s, "conv2d") || is_op(s, "batch_norm");
}

/* Can put the mask of a ReLU on the gradient of its first input. */
static bool can_mask(const struct step *s) {
    return is_op(s, "linear") || is_op(s, "maxpool2d") || is_op(s, "batch_norm") ||
           is_op(s, "conv2d_maxpool2d") || (is_op(s, "conv2d") && s->attrs.groups <= 1);
}

/* The gradient that comes out of a step passes the ReLU below in its epilogue. */
static void mark_masks(struct nn_plan *p) {
    for (size_t i = 0; i < p->n_steps; i++) {
        struct step *s = &p->step[i];
        if (s->dead || !can_mask(s))
            continue;
        struct step *below = maker(p, s);
        if (below && has_relu(below) && below->attrs.activation == (int)NN_ACT_RELU) {
            s->call.mask_in = true;
            below->call.masked = true;
        }
    }
}

void nn_plan_fuse(struct nn_plan *p) {
    const struct nn_op *linear = nn_op_find("linear");
    for (size_t i = 0; i < p->n_steps; i++) {
        struct step *s = &p->step[i];
        if (s->dead)
            continue;
        if (is_op(s, "conv2d") || is_op(s, "batch_norm"))
            fuse_relu(p, s);
        if (is_op(s, "conv2d"))
            fuse_pooling(p, s);
        if (!is_op(s, "matmul") || p->slot[s->in[0]].var->ndim != 2 ||
            p->slot[s->in[1]].var->ndim != 2)
            continue;
        s->call.op = linear;
        fuse_bias(p, s);
        fuse_activation(p, s);
    }
    mark_masks(p);
}
