/* fault_match.c: is one gradient a multiple of another, and what does the multiple
 * say? */
#include "faults.h"

#include <math.h>

static void add_count(struct nn_counts *c, double v) {
    if (v < 2 || c->n == ARRAY_LEN(c->value))
        return;
    for (int i = 0; i < c->n; i++)
        if (c->value[i] == v)
            return;
    c->value[c->n++] = v;
}

/* sum(...) / n or sum(...) * (1 / n), with n as a bare number. */
static double written_count(const struct nn_var *v) {
    bool div = strcmp(v->op->name, "div") == 0;
    if (!div && strcmp(v->op->name, "mul") != 0)
        return 0;
    for (int i = 0; i < 2; i++) {
        const struct nn_var *total = v->in[i], *k = v->in[1 - i];
        bool sum = total->op && strcmp(total->op->name, "sum") == 0;
        if (!sum || k->requires_grad || k->value->n != 1 || (div && i == 1))
            continue;
        double by = nn_tensor_get(k->value, 0);
        by = div ? by : 1 / by;
        return fabs(by - round(by)) < 1e-9 ? round(by) : 0;
    }
    return 0;
}

/* What a mean divides by, and by what the student may think it divides: all elements, or
 * the rows. */
static void counts_of(struct nn_counts *c, const struct nn_var *v) {
    const struct nn_var *x = v->in[0];
    double all = (double)x->value->n;
    double rows = x->ndim > 0 ? (double)x->shape[0] : 1;
    add_count(c, written_count(v));
    if (v->op->flags & NN_OP_LOSS) {
        add_count(c, rows);
        add_count(c, all);
    } else if (strcmp(v->op->name, "mean") == 0) {
        add_count(c, all / (double)MAX_OF(v->value->n, (size_t)1));
        add_count(c, rows);
    } else if (strcmp(v->op->name, "matmul") == 0 && x->ndim == 2) {
        add_count(c, rows);
    }
}

void nn_counts_read(struct nn_counts *c, const struct nn_study *s) {
    *c = (struct nn_counts){0};
    for (size_t i = s->n; i-- > 0;)
        if (s->order[i]->op)
            counts_of(c, s->order[i]);
}

static double tolerance(const struct nn_tensor *a, const struct nn_tensor *b) {
    return a->dtype == NN_F32 || b->dtype == NN_F32 ? 1e-3 : 1e-6;
}

/* Element i of t, or of its transpose. */
static double read(const struct nn_tensor *t, size_t i, bool transposed) {
    if (!transposed)
        return nn_tensor_get(t, i);
    size_t rows = t->shape[0], cols = t->shape[1];
    return nn_tensor_get(t, i % rows * cols + i / rows);
}

/* Element i of the sum over `rows` parts of t. */
static double read_sum(const struct nn_tensor *t, size_t i, size_t rows) {
    size_t cols = t->n / rows;
    double s = 0;
    for (size_t r = 0; r < rows; r++)
        s += nn_tensor_get(t, r * cols + i);
    return s;
}

static double ratio(const struct nn_tensor *given, size_t rows,
                    const struct nn_tensor *cand, bool transposed) {
    double dot = 0, square = 0, most = 0, off = 0;
    size_t n = cand->n;
    for (size_t i = 0; i < n; i++) {
        double g = read_sum(given, i, rows), c = read(cand, i, transposed);
        dot += g * c;
        square += c * c;
        most = fmax(most, fabs(g));
    }
    if (!(square > 0) || !(most > 0))
        return NAN;
    double k = dot / square;
    for (size_t i = 0; i < n; i++)
        off = fmax(off, fabs(read_sum(given, i, rows) - k * read(cand, i, transposed)));
    return off <= tolerance(given, cand) * most ? k : NAN;
}

double nn_ratio(const struct nn_tensor *given, const struct nn_tensor *cand,
                bool transposed) {
    return given->n == cand->n ? ratio(given, 1, cand, transposed) : NAN;
}

double nn_ratio_summed(const struct nn_tensor *given, const struct nn_tensor *cand) {
    size_t rows = given->ndim > 0 ? given->shape[0] : 1;
    if (rows < 2 || given->n != rows * cand->n)
        return NAN;
    return ratio(given, rows, cand, false);
}

static bool near(double a, double b) {
    return fabs(a - b) <= 1e-3 * fabs(b);
}

enum nn_fault nn_ratio_fault(double k, const struct nn_counts *c, bool *sign, size_t *n) {
    *sign = k < 0;
    *n = 0;
    k = fabs(k);
    if (near(k, 1))
        return NN_FAULT_NONE;
    for (int i = 0; i < c->n; i++) {
        *n = (size_t)c->value[i];
        if (near(k, c->value[i]))
            return NN_FAULT_MEAN;
        if (near(k, 1 / c->value[i]))
            return NN_FAULT_MEAN_TWICE;
    }
    *n = 0;
    return NN_FAULT_FACTOR;
}

bool nn_same_but_ones(const struct nn_tensor *a, const struct nn_tensor *b) {
    int i = 0, j = 0;
    for (;;) {
        while (i < a->ndim && a->shape[i] == 1)
            i++;
        while (j < b->ndim && b->shape[j] == 1)
            j++;
        if (i == a->ndim || j == b->ndim)
            return i == a->ndim && j == b->ndim;
        if (a->shape[i++] != b->shape[j++])
            return false;
    }
}
