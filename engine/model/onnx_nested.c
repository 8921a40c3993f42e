/* onnx_nested.c: layers made of layers as ONNX nodes. */
#include "onnxs.h"

static int write_chain(struct nn_onnx *g, struct nn_onnx_value *v,
                       const struct nn_layer *l, int n, struct err *e) {
    int rc = 0;
    for (int i = 0; rc == 0 && i < n; i++)
        rc = nn_onnx_layer(g, v, l->child[i], e);
    nn_onnx_enter(g, l); /* what follows is the layer's own */
    return rc;
}

static int write_sequential(struct nn_onnx *g, struct nn_onnx_value *v,
                            const struct nn_layer *l, struct err *e) {
    return write_chain(g, v, l, l->n_children, e);
}

/* y = act(s(x) + F(x)); both in the layout that F ends in. */
static int write_residual(struct nn_onnx *g, struct nn_onnx_value *v,
                          const struct nn_layer *l, struct err *e) {
    struct nn_onnx_value s = *v;
    int n = l->n_children - l->has_shortcut;
    int rc = write_chain(g, v, l, n, e);
    if (rc == 0 && l->has_shortcut)
        rc = nn_onnx_layer(g, &s, l->child[n], e);
    if (rc < 0)
        return rc;
    nn_onnx_enter(g, l);
    if (v->first)
        nn_onnx_first(g, &s);
    else
        nn_onnx_last(g, &s);
    nn_onnx_input(nn_onnx_add(g, "Add", v), s.name);
    return nn_onnx_activation(g, v, nn_option_text(&l->options, "activation"), e);
}

/* The axis of a value with its batch, where it is stored. */
static int stored_axis(const struct nn_layer *l, const struct nn_onnx_value *v) {
    int given = (int)nn_option_number(&l->options, "axis");
    int axis = given < 0 ? l->out_ndim + given : given - 2; /* of an example, from 0 */
    if (!v->first)
        return axis + 1;
    return axis == l->out_ndim - 1 ? 1 : axis + 2;
}

static void same_layout(struct nn_onnx *g, struct nn_onnx_value *branch, int n) {
    bool first = true; /* images that all come channels first stay so */
    for (int i = 0; i < n; i++)
        first = first && branch[i].first;
    for (int i = 0; !first && i < n; i++)
        nn_onnx_last(g, &branch[i]);
}

static int write_concatenate(struct nn_onnx *g, struct nn_onnx_value *v,
                             const struct nn_layer *l, struct err *e) {
    struct nn_onnx_value branch[NN_ONNX_INPUTS];
    int rc = 0, n = MIN_OF(l->n_children, NN_ONNX_INPUTS);
    for (int i = 0; rc == 0 && i < n; i++) {
        branch[i] = *v;
        rc = nn_onnx_layer(g, &branch[i], l->child[i], e);
    }
    if (rc < 0)
        return rc;
    nn_onnx_enter(g, l);
    same_layout(g, branch, n);
    *v = branch[0];
    struct nn_onnx_node *node = nn_onnx_add(g, "Concat", v);
    for (int i = 1; i < n; i++)
        nn_onnx_input(node, branch[i].name);
    nn_onnx_int(node, "axis", stored_axis(l, v));
    nn_onnx_reshaped(node, v, l->out_ndim, l->out_shape);
    return 0;
}

const struct nn_onnx_row nn_onnx_nested[] = {{"Sequential", write_sequential},
                                             {"Residual", write_residual},
                                             {"Concatenate", write_concatenate},
                                             {0}};
