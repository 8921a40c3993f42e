/* onnx_graph.c: nodes, constants and layouts of an ONNX graph. Field numbers are those of
 * onnx.proto. */
#include "onnxs.h"

/* AttributeProto's types */
enum { ATTR_FLOAT = 1, ATTR_INT = 2, ATTR_STRING = 3, ATTR_INTS = 7 };
/* TensorProto's data types */
enum { DATA_FLOAT = 1, DATA_INT64 = 7 };

enum { ATTRS_MAX = 1 << 16 };

void nn_onnx_name(char name[NN_ONNX_NAME], const struct nn_onnx *g, const char *part) {
    (void)snprintf(name, NN_ONNX_NAME, "%.120s/%.60s", g->prefix, part);
}

/* ---- nodes */

static bool taken(const struct nn_onnx *g, const char *name) {
    for (size_t i = g->n_nodes; i-- > 0;) /* a layer's nodes are the last ones */
        if (strcmp(g->node[i].out.name, name) == 0)
            return true;
    return false;
}

/* "dense/Gemm"; "dense/Gemm_2" when the layer has another. */
static void give_name(char name[NN_ONNX_NAME], const struct nn_onnx *g, const char *op) {
    nn_onnx_name(name, g, op);
    for (int k = 2; taken(g, name); k++)
        (void)snprintf(name, NN_ONNX_NAME, "%.120s/%.50s_%d", g->prefix, op, k);
}

struct nn_onnx_node *nn_onnx_add(struct nn_onnx *g, const char *op,
                                 struct nn_onnx_value *v) {
    if (g->n_nodes == g->cap) {
        size_t cap = g->cap ? 2 * g->cap : 16, bytes;
        struct nn_onnx_node *grown =
            mul_size(&bytes, cap, sizeof *grown) ? realloc(g->node, bytes) : NULL;
        if (!grown) {
            g->failed = true;
            return NULL;
        }
        g->node = grown;
        g->cap = cap;
    }
    char name[NN_ONNX_NAME];
    give_name(name, g, op);
    struct nn_onnx_node *n = &g->node[g->n_nodes++];
    *n = (struct nn_onnx_node){.op = op};
    buf_init(&n->attrs, ATTRS_MAX);
    nn_onnx_input(n, v->name);
    memcpy(v->name, name, sizeof name);
    n->out = *v;
    return n;
}

void nn_onnx_input(struct nn_onnx_node *n, const char *name) {
    if (n && n->n_in < NN_ONNX_INPUTS)
        (void)snprintf(n->in[n->n_in++], NN_ONNX_NAME, "%s", name);
}

void nn_onnx_reshaped(struct nn_onnx_node *n, struct nn_onnx_value *v, int ndim,
                      const size_t *shape) {
    v->ndim = ndim;
    memcpy(v->shape, shape, (size_t)ndim * sizeof *shape);
    if (n)
        n->out = *v;
}

/* ---- attributes: name 1, f 2, i 3, s 4, ints 8, type 20; attribute is NodeProto's 5 */

static void attr_add(struct nn_onnx_node *n, struct buf *a, const char *name, int type) {
    pb_text(a, 1, name);
    pb_int(a, 20, type);
    pb_message(&n->attrs, 5, a);
    buf_release(a);
}

void nn_onnx_int(struct nn_onnx_node *n, const char *name, int64_t v) {
    struct buf a = {.max = ATTRS_MAX};
    if (!n)
        return;
    pb_int(&a, 3, v);
    attr_add(n, &a, name, ATTR_INT);
}

void nn_onnx_float(struct nn_onnx_node *n, const char *name, double v) {
    struct buf a = {.max = ATTRS_MAX};
    if (!n)
        return;
    pb_float(&a, 2, (float)v);
    attr_add(n, &a, name, ATTR_FLOAT);
}

void nn_onnx_text(struct nn_onnx_node *n, const char *name, const char *v) {
    struct buf a = {.max = ATTRS_MAX};
    if (!n)
        return;
    pb_text(&a, 4, v);
    attr_add(n, &a, name, ATTR_STRING);
}

void nn_onnx_ints(struct nn_onnx_node *n, const char *name, int count, const size_t *v) {
    struct buf a = {.max = ATTRS_MAX};
    if (!n)
        return;
    for (int i = 0; i < count; i++)
        pb_int(&a, 8, (int64_t)v[i]);
    attr_add(n, &a, name, ATTR_INTS);
}

/* ---- constants: TensorProto has dims 1, data_type 2, name 8, raw_data 9; initializer is
 * GraphProto's 5 */

static unsigned char *constant(struct nn_onnx *g, const char *name, int type, int ndim,
                               const size_t *shape, size_t bytes) {
    struct buf head = {.max = ATTRS_MAX};
    for (int k = 0; k < ndim; k++)
        pb_int(&head, 1, (int64_t)shape[k]);
    pb_int(&head, 2, type);
    pb_text(&head, 8, name);
    pb_head(&head, 9, bytes);
    struct buf *w = &g->weights;
    pb_head(w, 5, head.len + bytes);
    buf_add(w, head.data, head.len);
    w->failed = w->failed || head.failed;
    buf_release(&head);
    if (!buf_reserve(w, bytes))
        return NULL;
    unsigned char *at = (unsigned char *)w->data + w->len;
    w->len += bytes;
    w->data[w->len] = '\0';
    return at;
}

unsigned char *nn_onnx_weight(struct nn_onnx *g, const char *name, int ndim,
                              const size_t *shape) {
    size_t bytes = sizeof(float);
    for (int k = 0; k < ndim; k++)
        if (!mul_size(&bytes, bytes, shape[k])) {
            g->weights.failed = true;
            return NULL;
        }
    return constant(g, name, DATA_FLOAT, ndim, shape, bytes);
}

void nn_onnx_tensor(struct nn_onnx *g, const char *name, const struct nn_tensor *t) {
    unsigned char *at = nn_onnx_weight(g, name, t->ndim, t->shape);
    if (at)
        memcpy(at, t->data, t->n * sizeof(float));
}

void nn_onnx_longs(struct nn_onnx *g, struct nn_onnx_node *n, const char *part, int count,
                   const int64_t *v) {
    char name[NN_ONNX_NAME];
    size_t shape = (size_t)count, bytes = shape * sizeof *v;
    nn_onnx_name(name, g, part);
    nn_onnx_input(n, name);
    unsigned char *at = constant(g, name, DATA_INT64, 1, &shape, bytes);
    if (at)
        memcpy(at, v, bytes);
}

void nn_onnx_scalar(struct nn_onnx *g, const char *op, struct nn_onnx_value *v, float k) {
    char name[NN_ONNX_NAME];
    struct nn_onnx_node *n = nn_onnx_add(g, op, v);
    (void)snprintf(name, sizeof name, "%.180s/constant", v->name);
    nn_onnx_input(n, name);
    unsigned char *at = nn_onnx_weight(g, name, 0, NULL);
    if (at)
        nn_onnx_put(at, 0, k);
}

/* ---- layouts */

static void transpose(struct nn_onnx *g, struct nn_onnx_value *v, const size_t perm[4]) {
    struct nn_onnx_node *n = nn_onnx_add(g, "Transpose", v);
    v->first = !v->first;
    nn_onnx_ints(n, "perm", 4, perm);
    if (n)
        n->out.first = v->first;
}

void nn_onnx_last(struct nn_onnx *g, struct nn_onnx_value *v) {
    if (v->first)
        transpose(g, v, (const size_t[]){0, 2, 3, 1});
}

void nn_onnx_first(struct nn_onnx *g, struct nn_onnx_value *v) {
    if (!v->first && v->ndim == 3)
        transpose(g, v, (const size_t[]){0, 3, 1, 2});
}
