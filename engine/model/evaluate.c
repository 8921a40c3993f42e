/* evaluate.c: the model as it is on data: scores, outputs, classes. Rows go through one
 * inference plan of fixed batch size; the rows that a short last batch lacks are computed
 * and thrown away. */
#include "models.h"

#include "nn/vec.h"

#include <math.h>

#define USUAL_BATCH 256

/* What one batch gave: borrowed from the plan. */
struct piece {
    const struct nn_tensor *raw, *final;
    size_t first, rows;
};

typedef int piece_fn(void *ctx, const struct piece *p, struct err *e);

static struct nn_normalise input_of(const struct nn_model *m, const struct nn_tensor *x,
                                    const struct nn_normalise *given) {
    if (given)
        return *given;
    /* pixels as the training data's pixels; numbers as they are */
    return x->dtype == NN_U8 ? m->input : (struct nn_normalise){0};
}

/* The plan reads whole batches: a short one lies in the same memory as a full one, whose
 * further rows hold older samples. */
static struct nn_tensor whole_batch(const struct nn_tensor *x, size_t batch) {
    struct nn_tensor t = {.dtype = x->dtype, .ndim = x->ndim, .data = x->data};
    memcpy(t.shape, x->shape, sizeof t.shape);
    t.n = x->n / x->shape[0] * batch;
    t.shape[0] = batch;
    return t;
}

static int for_each_batch(struct nn_model *m, struct nn_tensor *x,
                          const struct nn_normalise *input, size_t batch, piece_fn *fn,
                          void *ctx, struct err *e) {
    struct nn_feed *feed = NULL;
    struct nn_plan *plan = NULL;
    struct nn_tensor *bx, *by;
    size_t first = 0;
    batch = MIN_OF(batch ? batch : USUAL_BATCH, x->shape[0]);
    struct nn_feed_options o = {.batch = batch, .input = input_of(m, x, input)};
    int rc = nn_feed_new(&feed, x, NULL, &o, e);
    if (rc == 0)
        rc = nn_plans_infer(&plan, m, batch, e);
    if (rc == 0)
        nn_feed_start(feed, 0);
    while (rc == 0 && nn_feed_next(feed, &bx, &by)) {
        struct nn_tensor whole = whole_batch(bx, batch);
        rc = nn_plan_bind(plan, 0, &whole, e);
        if (rc < 0)
            break;
        nn_plan_forward(plan);
        struct piece p = {.raw = nn_plan_kept(plan, 0),
                          .final = nn_plan_root(plan),
                          .first = first,
                          .rows = bx->shape[0]};
        rc = fn(ctx, &p, e);
        first += p.rows;
    }
    nn_feed_free(feed);
    return rc;
}

static int need_built(const struct nn_model *m, struct err *e) {
    return m->built ? 0
                    : err_set(e, ERR_STATE,
                              _("el modelo todavía no tiene pesos: entrénalo con fit o "
                                "declara su entrada con nn.Input"));
}

/* ---- evaluate */

struct scoring {
    struct nn_model *m;
    const struct nn_tensor *y;
    struct nn_tally tally;
    const struct nn_op *op;
};

/* Rows of y and of the output as vars for the loss op. */
static int rows_var(struct nn_var **out, const struct nn_tensor *t, size_t first,
                    size_t rows, struct err *e) {
    struct nn_tensor *part;
    size_t shape[NN_MAX_DIMS], cols = t->n / t->shape[0];
    memcpy(shape, t->shape, sizeof shape);
    shape[0] = rows;
    *out = NULL;
    int rc = nn_tensor_new(&part, t->dtype, t->ndim, shape, e);
    if (rc < 0)
        return rc;
    size_t row = cols * nn_dtype_size(t->dtype);
    memcpy(part->data, (char *)t->data + first * row, rows * row);
    rc = nn_var_new(out, part, e);
    nn_tensor_release(part);
    return rc;
}

static int score_piece(void *ctx, const struct piece *p, struct err *e) {
    struct scoring *s = ctx;
    struct nn_var *raw = NULL, *y = NULL, *loss = NULL;
    struct nn_passes before = nn_passes_get();
    int rc = rows_var(&raw, p->raw, 0, p->rows, e);
    if (rc == 0)
        rc = rows_var(&y, s->y, p->first, p->rows, e);
    struct nn_var *in[2] = {raw, y};
    if (rc == 0)
        rc = nn_var_apply(&loss, s->op, &(struct nn_attrs){.value = s->m->loss_value}, 2,
                          in, e);
    nn_passes_set(before); /* the plan has counted this pass */
    if (rc == 0)
        nn_tally_add(&s->tally, s->m, nn_tensor_get(loss->value, 0), p->raw, p->final,
                     y->value, p->rows);
    nn_var_release(raw);
    nn_var_release(y);
    nn_var_release(loss);
    return rc;
}

int nn_evaluate_prepared(struct nn_scores *out, struct nn_model *m, struct nn_tensor *x,
                         struct nn_tensor *y, const struct nn_normalise *input,
                         size_t batch, struct err *e) {
    struct scoring s = {.m = m, .y = y, .op = nn_op_find(m->loss->op)};
    int rc = for_each_batch(m, x, input, batch, score_piece, &s, e);
    *out = nn_tally_scores(&s.tally, m);
    out->loss += nn_model_penalty(m);
    return rc;
}

int nn_model_evaluate(struct nn_scores *out, struct nn_model *m, struct nn_tensor *x,
                      struct nn_tensor *y, size_t batch_size, struct err *e) {
    struct nn_tensor *px = NULL, *py = NULL;
    *out = (struct nn_scores){0};
    if (!m->loss)
        return err_set(e, ERR_STATE, _("llama a compile antes de evaluate"));
    int rc = need_built(m, e);
    if (rc == 0)
        rc = nn_prepare_x(&px, m, x, e);
    if (rc == 0)
        rc = nn_prepare_y(&py, m, y, e);
    if (rc == 0)
        rc = nn_check_targets(m, px, py, "evaluate", e);
    if (rc == 0)
        rc = nn_evaluate_prepared(out, m, px, py, NULL, batch_size, e);
    nn_tensor_release(px);
    nn_tensor_release(py);
    return rc;
}

/* ---- predict and classify */

static int copy_piece(void *ctx, const struct piece *p, struct err *e) {
    struct nn_tensor *out = ctx;
    (void)e;
    size_t row = out->n / out->shape[0] * sizeof(float);
    memcpy((char *)out->data + p->first * row, p->final->data, p->rows * row);
    return 0;
}

int nn_model_predict(struct nn_tensor **out, struct nn_model *m, struct nn_tensor *x,
                     size_t batch_size, struct err *e) {
    struct nn_tensor *px = NULL;
    *out = NULL;
    int rc = need_built(m, e);
    if (rc == 0)
        rc = nn_prepare_x(&px, m, x, e);
    if (rc < 0)
        return rc;
    const struct nn_layer *last = m->layer[m->n_layers - 1];
    size_t shape[NN_MAX_DIMS] = {px->shape[0]};
    memcpy(shape + 1, last->out_shape, (size_t)last->out_ndim * sizeof *shape);
    rc = nn_tensor_new(out, NN_F32, last->out_ndim + 1, shape, e);
    if (rc == 0)
        rc = for_each_batch(m, px, NULL, batch_size, copy_piece, *out, e);
    nn_tensor_release(px);
    if (rc < 0) {
        nn_tensor_release(*out);
        *out = NULL;
    }
    return rc;
}

struct naming {
    int32_t *label;
    double threshold;
};

static int name_piece(void *ctx, const struct piece *p, struct err *e) {
    struct naming *c = ctx;
    (void)e;
    nn_output_classes(c->label + p->first, p->raw, p->rows, c->threshold);
    return 0;
}

/* What one unit has to exceed to mean yes: half for a probability, 0 for a logit. */
static double yes_threshold(const struct nn_model *m) {
    const char *last = nn_layer_final_activation(m->layer[m->n_layers - 1]);
    bool logit = m->loss && m->loss->fuses && (nn_model_fuses_output(m) || !last);
    return logit ? 0 : 0.5;
}

int nn_model_classify(struct nn_tensor **out, struct nn_model *m, struct nn_tensor *x,
                      size_t batch_size, struct err *e) {
    struct nn_tensor *px = NULL;
    *out = NULL;
    int rc = need_built(m, e);
    if (rc == 0)
        rc = nn_prepare_x(&px, m, x, e);
    if (rc == 0)
        rc = nn_tensor_new(out, NN_I32, 1, px->shape, e);
    if (rc == 0) {
        struct naming c = {nn_tensor_i32(*out), yes_threshold(m)};
        rc = for_each_batch(m, px, NULL, batch_size, name_piece, &c, e);
    }
    nn_tensor_release(px);
    if (rc < 0) {
        nn_tensor_release(*out);
        *out = NULL;
    }
    return rc;
}
