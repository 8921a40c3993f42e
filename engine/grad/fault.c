/* fault.c: which mistake explains a gradient that was written by hand. */
#include "faults.h"

#include <math.h>

enum { ANY_FACTOR = 12 }; /* cost: a number that means nothing */

/* A mistake together with a multiple, and the parameters whose gradients it explains. */
struct explanation {
    struct nn_finding d;
    int cost;
    uint64_t params; /* bit p: explains params[p] */
};

struct search {
    struct nn_study study;
    struct nn_counts counts;
    int n;
    struct nn_var *const *params;
    struct nn_tensor *const *given;
    struct nn_tensor *truth[NN_FAULT_PARAMS];
    uint64_t open, right; /* parameters to explain; parameters that are right */
    struct explanation *list;
    size_t n_list, cap;
};

static struct nn_tensor *gradient(const struct search *s, int p) {
    return s->study.grad[s->params[p]->slot];
}

static bool same_kind(const struct nn_finding *a, const struct nn_finding *b) {
    return a->fault == b->fault && a->sign == b->sign && a->n == b->n &&
           fabs(a->factor - b->factor) <= 1e-3 * fabs(b->factor);
}

/* Notes that d explains p; first: where the explanations of this mistake begin. */
static int note(struct search *s, size_t first, const struct nn_finding *d, int cost,
                int p, struct err *e) {
    for (size_t i = first; i < s->n_list; i++)
        if (same_kind(&s->list[i].d, d)) {
            s->list[i].params |= (uint64_t)1 << p;
            return 0;
        }
    if (s->n_list == s->cap) {
        size_t cap = s->cap ? 2 * s->cap : 32;
        struct explanation *list = realloc(s->list, cap * sizeof *list);
        if (!list)
            return err_set(e, ERR_NOMEM, _("gradcheck: no hay memoria"));
        s->list = list;
        s->cap = cap;
    }
    s->list[s->n_list++] =
        (struct explanation){.d = *d, .cost = cost, .params = (uint64_t)1 << p};
    return 0;
}

/* What a multiple costs beside a mistake: a sign or the samples are often forgotten too,
 * any other number would explain everything. -1: not accepted. */
static int multiple_cost(struct nn_finding *d, double k, const struct nn_counts *c) {
    if (isnan(k))
        return -1;
    enum nn_fault f = nn_ratio_fault(k, c, &d->sign, &d->n);
    d->factor = f == NN_FAULT_NONE ? 1 : fabs(k);
    if (f == NN_FAULT_FACTOR)
        return -1;
    return (d->sign ? 6 : 0) + (f == NN_FAULT_NONE ? 0 : 7);
}

/* The gradient itself, times a number. */
static int note_multiple(struct search *s, int p, struct err *e) {
    double k = nn_ratio(s->given[p], s->truth[p], false);
    struct nn_finding d = {.factor = 1};
    if (isnan(k))
        return 0;
    d.fault = nn_ratio_fault(k, &s->counts, &d.sign, &d.n);
    if (d.fault == NN_FAULT_NONE && !d.sign) {
        s->right |= (uint64_t)1 << p;
        s->open &= ~((uint64_t)1 << p);
        return 0;
    }
    int cost = d.fault == NN_FAULT_MEAN ? 3 : d.fault == NN_FAULT_MEAN_TWICE ? 4 : 2;
    if (d.fault == NN_FAULT_FACTOR) {
        double f = fabs(k);
        d.factor = f;
        cost = fabs(f - 2) < 2e-3 || fabs(f - 0.5) < 5e-4 ? 5 : ANY_FACTOR;
    }
    if (d.fault == NN_FAULT_NONE) {
        d.fault = NN_FAULT_SIGN;
        d.sign = false;
    } else if (d.sign) {
        cost += 6;
    }
    return note(s, 0, &d, cost, p, e);
}

static bool is_matrix(const struct nn_tensor *t) {
    return t->ndim == 2 && t->shape[0] > 1 && t->shape[1] > 1;
}

/* Rows and columns exchanged, which a square matrix does not show by its shape. */
static int note_transposed(struct search *s, int p, struct err *e) {
    const struct nn_tensor *g = s->given[p], *t = s->truth[p];
    struct nn_finding d = {.fault = NN_FAULT_TRANSPOSED, .factor = 1};
    if (!is_matrix(t) || g->ndim != 2 || g->shape[0] != t->shape[1] ||
        g->shape[1] != t->shape[0])
        return 0;
    int more = multiple_cost(&d, nn_ratio(g, t, true), &s->counts);
    return more < 0 ? 0 : note(s, s->n_list, &d, 2 + more, p, e);
}

static int note_unsummed(struct search *s, int p, struct err *e) {
    const struct nn_tensor *g = s->given[p];
    struct nn_finding d = {.fault = NN_FAULT_NOT_SUMMED, .factor = 1};
    int more = multiple_cost(&d, nn_ratio_summed(g, s->truth[p]), &s->counts);
    if (more < 0)
        return 0;
    d.n = g->shape[0];
    return note(s, s->n_list, &d, 2 + more, p, e);
}

static void set_name(struct nn_finding *d, const struct nn_var *v) {
    snprintf(d->name, sizeof d->name, "%s", v->name ? v->name : "");
}

/* The gradient of the product that the parameter goes into: what would multiply it is
 * missing. */
static int note_product(struct search *s, int p, struct err *e) {
    for (size_t i = 0; i < s->study.n; i++) {
        const struct nn_var *v = s->study.order[i];
        if (!nn_is_product(v) || !s->study.grad[i])
            continue;
        for (int j = 0; j < 2; j++) {
            struct nn_finding d = {.fault = NN_FAULT_INPUT, .factor = 1};
            if (v->in[j] != s->params[p] ||
                !nn_same_but_ones(s->given[p], s->study.grad[i]))
                continue;
            int more = multiple_cost(&d, nn_ratio(s->given[p], s->study.grad[i], false),
                                     &s->counts);
            set_name(&d, v->in[1 - j]);
            int rc = more < 0 ? 0 : note(s, s->n_list, &d, 3 + more, p, e);
            if (rc < 0)
                return rc;
        }
    }
    return 0;
}

/* What the right gradients alone explain. */
static int explain_plainly(struct search *s, struct err *e) {
    int rc = nn_study_walk(&s->study, &(struct nn_variant){0}, e);
    for (int p = 0; rc == 0 && p < s->n; p++) {
        rc = nn_tensor_copy(&s->truth[p], gradient(s, p), e);
        if (rc < 0 || !s->given[p])
            continue;
        s->open |= (uint64_t)1 << p;
        if (nn_same_but_ones(s->given[p], s->truth[p]))
            rc = note_multiple(s, p, e);
    }
    for (int p = 0; rc == 0 && p < s->n; p++) {
        if (!(s->open >> p & 1))
            continue;
        rc = note_transposed(s, p, e);
        if (rc == 0)
            rc = note_unsummed(s, p, e);
        if (rc == 0)
            rc = note_product(s, p, e);
    }
    return rc;
}

static int fault_cost(enum nn_fault f) {
    switch (f) {
    case NN_FAULT_SLOPE:
    case NN_FAULT_INPUT:
        return 3;
    case NN_FAULT_WEIGHT:
    case NN_FAULT_BEFORE:
        return 4;
    case NN_FAULT_SLOPE_TWICE:
        return 6;
    default:
        return 5;
    }
}

/* The mistake shows in the gradient of params[p]. */
static bool touches(const struct search *s, int p) {
    double k = nn_ratio(s->truth[p], gradient(s, p), false);
    return !(fabs(k - 1) < 1e-6);
}

/* It would show where a gradient was given right. */
static int contradictions(const struct search *s) {
    int count = 0;
    for (int p = 0; p < s->n; p++)
        count += (s->right >> p & 1) && touches(s, p);
    return count;
}

static int try_variant(struct search *s, const struct nn_variant *h, struct err *e) {
    const struct nn_var *v = s->study.order[h->node];
    size_t first = s->n_list;
    int rc = nn_study_walk(&s->study, h, e);
    int base = rc < 0 ? 0 : fault_cost(h->fault) + 2 * contradictions(s);
    for (int p = 0; rc == 0 && p < s->n; p++) {
        struct nn_finding d = {.fault = h->fault, .factor = 1, .op = v->op};
        if (!(s->open >> p & 1) || !touches(s, p) ||
            !nn_same_but_ones(s->given[p], gradient(s, p)))
            continue;
        int more =
            multiple_cost(&d, nn_ratio(s->given[p], gradient(s, p), false), &s->counts);
        if (more < 0)
            continue;
        if (h->fault == NN_FAULT_BEFORE)
            d.op = v->in[h->operand]->op;
        set_name(&d, nn_is_product(v) ? v->in[h->operand] : v);
        rc = note(s, first, &d, base + more, p, e);
    }
    return rc;
}

static int explain_by_mistakes(struct search *s, struct err *e) {
    struct nn_variant h[8];
    int rc = 0;
    for (size_t i = s->study.n; rc == 0 && s->open && i-- > 0;) {
        int count = nn_study_variants(&s->study, i, s->n, s->params, h);
        for (int k = 0; rc == 0 && k < count; k++)
            rc = try_variant(s, &h[k], e);
    }
    return rc;
}

/* The cheapest explanation, each further gradient that it covers counting in its favour. */
static void choose(struct nn_finding *out, const struct search *s, int p) {
    int best = 0;
    bool found = false;
    for (size_t i = 0; i < s->n_list; i++) {
        const struct explanation *x = &s->list[i];
        int cost = x->cost - 4 * (__builtin_popcountll(x->params) - 1);
        /* one number is always some multiple of another */
        bool empty = x->cost >= ANY_FACTOR && x->d.fault == NN_FAULT_FACTOR &&
                     s->truth[p]->n == 1 && x->params == (uint64_t)1 << p;
        if (!(x->params >> p & 1) || empty || (found && cost >= best))
            continue;
        found = true;
        best = cost;
        *out = x->d;
    }
    if (!found)
        out->fault = nn_same_but_ones(s->given[p], s->truth[p]) ? NN_FAULT_UNKNOWN
                                                                : NN_FAULT_SHAPE;
}

static int check_params(const struct search *s, struct err *e) {
    for (int p = 0; p < s->n; p++) {
        const struct nn_var *v = s->params[p];
        size_t i = v->slot;
        if (i >= s->study.n || s->study.order[i] != v || !s->study.grad[i])
            return err_set(e, ERR_ARG,
                           _("grad: el resultado no depende de «%s», o este no se marcó "
                             "con var(...)"),
                           v->name ? v->name : "?");
    }
    return 0;
}

int nn_fault_find(struct nn_finding out[], int n, struct nn_var *y,
                  struct nn_var *const params[], struct nn_tensor *const given[],
                  struct err *e) {
    struct search s = {.n = n, .params = params, .given = given};
    for (int p = 0; p < n; p++)
        out[p] = (struct nn_finding){.factor = 1};
    if (n > NN_FAULT_PARAMS)
        return err_set(e, ERR_RANGE, _("gradcheck: son %d parámetros; el máximo es %d"),
                       n, NN_FAULT_PARAMS);
    int rc = nn_study_init(&s.study, y, e);
    if (rc < 0)
        return rc;
    rc = check_params(&s, e);
    nn_counts_read(&s.counts, &s.study);
    if (rc == 0)
        rc = explain_plainly(&s, e);
    if (rc == 0)
        rc = explain_by_mistakes(&s, e);
    for (int p = 0; rc == 0 && p < n; p++)
        if (s.open >> p & 1)
            choose(&out[p], &s, p);
    for (int p = 0; p < n; p++)
        nn_tensor_release(s.truth[p]);
    free(s.list);
    nn_study_release(&s.study);
    return rc;
}
