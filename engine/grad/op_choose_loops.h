/* op_choose_loops.h: comparisons and where over one run of elements; included once per
 * REAL. Steps are 0 where an operand repeats. */

#define COMPARE(op, symbol)                                                              \
    static void FN(op##_run)(REAL * out, const REAL *a, size_t sa, const REAL *b,        \
                             size_t sb, size_t n) {                                      \
        for (size_t i = 0; i < n; i++)                                                   \
            out[i] = a[i * sa] symbol b[i * sb] ? (REAL)1 : (REAL)0;                     \
    }

COMPARE(greater, >)
COMPARE(greater_equal, >=)
COMPARE(less, <)
COMPARE(less_equal, <=)
COMPARE(equal, ==)
COMPARE(not_equal, !=)
#undef COMPARE

static void FN(where)(struct nn_call *c) {
    const REAL *in[3] = {c->in[0]->data, c->in[1]->data, c->in[2]->data};
    REAL *out = c->out->data;
    struct lattice l;
    lattice_init(&l, c);
    for (size_t r = 0; r < l.rows; r++, out += l.run) {
        size_t at[3];
        lattice_row(&l, r, at);
        for (size_t i = 0; i < l.run; i++)
            out[i] = in[0][at[0] + i * l.step[0]] != 0 ? in[1][at[1] + i * l.step[1]]
                                                       : in[2][at[2] + i * l.step[2]];
    }
}

/* Each element of the gradient goes to the one that was chosen. */
static void FN(where_back)(struct nn_call *c) {
    const REAL *chooser = c->in[0]->data, *g = c->d_out->data;
    REAL *d[3] = {NULL, c->d_in[1] ? c->d_in[1]->data : NULL,
                  c->d_in[2] ? c->d_in[2]->data : NULL};
    struct lattice l;
    lattice_init(&l, c);
    for (size_t r = 0; r < l.rows; r++, g += l.run) {
        size_t at[3];
        lattice_row(&l, r, at);
        for (size_t i = 0; i < l.run; i++) {
            int to = chooser[at[0] + i * l.step[0]] != 0 ? 1 : 2;
            if (d[to])
                d[to][at[to] + i * l.step[to]] += g[i];
        }
    }
}
