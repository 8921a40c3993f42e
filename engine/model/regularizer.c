/* regularizer.c: Keras' L1, L2 and L1L2: what they are called, and what they add to a
 * model's loss. A penalty is an op at the end of the training graph (op_penalty.c), so that
 * its gradient comes from the one backpropagation. */
#include "layers.h"
#include "models.h"
#include "spec.h"

#include "nn/op.h"

const char nn_regularizer_names[] = "l1|l2|l1_l2";

#define USUAL   0.01 /* Keras' "l1" and "l2" without a number */
#define LARGEST 1e6

int nn_regularizer_parse(struct nn_penalty *out, const char *text, struct err *e) {
    struct nn_spec s;
    *out = (struct nn_penalty){0};
    if (!text[0])
        return 0;
    bool known = nn_spec_parse(&s, text);
    bool l1 = known && strcmp(s.name, "l1") == 0, l2 = known && strcmp(s.name, "l2") == 0;
    bool both = known && (strcmp(s.name, "l1_l2") == 0 || strcmp(s.name, "l1l2") == 0);
    if ((!l1 && !l2 && !both) || s.n > 1 + both)
        return err_set(
            e, ERR_NOTFOUND,
            _("«%.60s» no es un regularizador; hay \"l1\", \"l2\", \"l1_l2\" y, "
              "con números, regularizers.L2(0.01)"),
            text);
    double first = s.n > 0 ? s.arg[0] : USUAL;
    double second = s.n > 1 ? s.arg[1] : s.n > 0 ? 0 : USUAL;
    if (first < 0 || second < 0 || first > LARGEST || second > LARGEST)
        return err_set(e, ERR_RANGE,
                       _("el factor de un regularizador es %g y debe estar entre 0 y %g"),
                       first < 0 || first > LARGEST ? first : second, LARGEST);
    out->l1 = l2 ? 0 : first;
    out->l2 = l2 ? first : l1 ? 0 : second;
    return 0;
}

int nn_regularizer_check(char text[NN_OPTION_TEXT], const char *given, struct err *e) {
    struct nn_penalty p;
    int rc = nn_regularizer_parse(&p, given, e);
    if (rc < 0)
        return rc;
    struct nn_spec s = {.name = "l1_l2", .n = 2, .arg = {p.l1, p.l2}};
    if (p.l1 == 0 || p.l2 == 0) {
        snprintf(s.name, sizeof s.name, p.l2 == 0 && p.l1 > 0 ? "l1" : "l2");
        s.n = 1;
        s.arg[0] = p.l1 + p.l2;
    }
    nn_spec_text(text, &s);
    return 0;
}

/* ---- the option of a layer that concerns its parameter name */

struct nn_penalty nn_layer_penalty(const struct nn_layer *l, const char *name) {
    char option[2 * NN_OPTION_TEXT];
    struct nn_penalty p = {0};
    size_t n = strlen(name), tail = strlen("_kernel");
    if (n > tail && strcmp(name + n - tail, "_kernel") == 0)
        n -= tail; /* depthwise_kernel: depthwise_regularizer */
    snprintf(option, sizeof option, "%.*s_regularizer", (int)MIN_OF(n, (size_t)40), name);
    /* the only kernel of a depthwise layer is called kernel and its options depthwise_ */
    if (nn_options_index(&l->options, option) < 0 && l->n_params == 0)
        snprintf(option, sizeof option, "depthwise_regularizer");
    /* options hold what their check let through */
    (void)nn_regularizer_parse(&p, nn_option_text(&l->options, option), NULL);
    return p;
}

/* ---- over a model */

typedef int penalty_fn(void *ctx, struct nn_var *p, const struct nn_penalty *k,
                       struct err *e);

/* Keras regularizes what is trained: a frozen layer adds nothing. */
static int for_each(const struct nn_layer *l, penalty_fn *f, void *ctx, struct err *e) {
    int rc = 0;
    for (int i = 0; rc == 0 && l->trainable && i < l->n_params; i++) {
        const struct nn_layer_param *p = &l->param[i];
        if (p->trainable && (p->penalty.l1 != 0 || p->penalty.l2 != 0))
            rc = f(ctx, p->var, &p->penalty, e);
    }
    for (int i = 0; rc == 0 && i < l->n_children; i++)
        rc = for_each(l->child[i], f, ctx, e);
    return rc;
}

static int add_value(void *ctx, struct nn_var *p, const struct nn_penalty *k,
                     struct err *e) {
    (void)e;
    *(double *)ctx += nn_penalty_value(p->value, k->l1, k->l2);
    return 0;
}

double nn_model_penalty(const struct nn_model *m) {
    double sum = 0;
    for (int i = 0; i < m->n_layers; i++)
        (void)for_each(m->layer[i], add_value, &sum, NULL);
    return sum;
}

static int add_op(void *ctx, struct nn_var *p, const struct nn_penalty *k,
                  struct err *e) {
    struct nn_var **loss = ctx, *more;
    struct nn_attrs a = {.value = k->l1, .upper = k->l2};
    int rc = nn_apply(&more, "penalty", &a, *loss, p, e);
    if (rc < 0)
        return rc;
    nn_var_release(*loss);
    *loss = more;
    return 0;
}

int nn_model_penalise(const struct nn_model *m, struct nn_var **loss, struct err *e) {
    int rc = 0;
    for (int i = 0; rc == 0 && i < m->n_layers; i++)
        rc = for_each(m->layer[i], add_op, loss, e);
    return rc;
}
