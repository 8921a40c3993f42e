/* onnx.c: a model as an ONNX file: its layers one after the other, then the graph with its
 * input, output and metadata. Field numbers are those of onnx.proto. */
#include "nn/onnx.h"

#include "files.h"
#include "onnxs.h"
#include "stores.h"

enum { IR_VERSION = 8, OPSET = 17 };
/* A message of protobuf is smaller than 2 GiB. */
#define FILE_MAX ((size_t)INT32_MAX - (1u << 20))

static const struct nn_onnx_row *const families[] = {nn_onnx_basic, nn_onnx_image,
                                                     nn_onnx_nested, nn_onnx_norm};

void nn_onnx_enter(struct nn_onnx *g, const struct nn_layer *l) {
    nn_layer_path(g->prefix, l);
}

int nn_onnx_layer(struct nn_onnx *g, struct nn_onnx_value *v, const struct nn_layer *l,
                  struct err *e) {
    for (size_t f = 0; f < ARRAY_LEN(families); f++)
        for (const struct nn_onnx_row *r = families[f]; r->type; r++)
            if (strcmp(r->type, l->type->name) == 0) {
                nn_onnx_enter(g, l);
                return r->write(g, v, l, e);
            }
    return err_set(e, ERR_ARG,
                   _("export_onnx: la capa %s es de tipo %s, que no se puede escribir en "
                     "ONNX"),
                   l->name, l->type->name);
}

/* ---- normalisation as the first nodes: x * scale + offset */

static bool all_are(const struct nn_normalise *in, bool scale, float want) {
    for (size_t k = 0; k < nn_normalise_count(in); k++) {
        float s, o;
        nn_normalise_get(in, NN_U8, k, &s, &o);
        if ((scale ? s : o) != want)
            return false;
    }
    return true;
}

/* One number per channel, repeated where the last axis holds several pixels. */
static void normalise_node(struct nn_onnx *g, struct nn_onnx_value *v,
                           const struct nn_normalise *in, bool scale) {
    size_t pairs = nn_normalise_count(in);
    size_t n = pairs == 1 ? 1 : v->shape[v->ndim - 1];
    struct nn_onnx_node *node = nn_onnx_add(g, scale ? "Mul" : "Add", v);
    char name[NN_ONNX_NAME];
    nn_onnx_name(name, g, scale ? "scale" : "offset");
    nn_onnx_input(node, name);
    unsigned char *at = nn_onnx_weight(g, name, 1, &n);
    for (size_t i = 0; at && i < n; i++) {
        float s, o;
        nn_normalise_get(in, NN_U8, i % pairs, &s, &o);
        nn_onnx_put(at, i, scale ? s : o);
    }
}

static int normalise(struct nn_onnx *g, struct nn_onnx_value *v,
                     const struct nn_normalise *in, struct err *e) {
    size_t pairs = nn_normalise_count(in);
    if (v->shape[v->ndim - 1] % pairs != 0)
        return err_set(e, ERR_ARG,
                       _("export_onnx: los datos se normalizan con %zu canales y el "
                         "último eje de la entrada mide %zu"),
                       pairs, v->shape[v->ndim - 1]);
    (void)snprintf(g->prefix, sizeof g->prefix, "normalise");
    if (!all_are(in, true, 1))
        normalise_node(g, v, in, true);
    if (!all_are(in, false, 0))
        normalise_node(g, v, in, false);
    return 0;
}

/* ---- from nodes to bytes */

/* ValueInfoProto: name 1, type 2; TypeProto's tensor_type 1: elem_type 1, shape 2;
 * TensorShapeProto's dim 1: dim_value 1, dim_param 2. */
static void value_add(struct buf *to, unsigned field, const char *name,
                      const struct nn_onnx_value *v) {
    struct buf shape = {.max = 4096}, dim = {.max = 64}, tensor = {.max = 4096},
               type = {.max = 4096}, value = {.max = 4096};
    pb_text(&dim, 2, "N");
    pb_message(&shape, 1, &dim);
    for (int k = 0; k < v->ndim; k++) {
        int axis = !v->first ? k : k == 0 ? v->ndim - 1 : k - 1;
        buf_clear(&dim);
        pb_int(&dim, 1, (int64_t)v->shape[axis]);
        pb_message(&shape, 1, &dim);
    }
    pb_int(&tensor, 1, 1); /* float32 */
    pb_message(&tensor, 2, &shape);
    pb_message(&type, 1, &tensor);
    pb_text(&value, 1, name);
    pb_message(&value, 2, &type);
    pb_message(to, field, &value);
    buf_release(&shape);
    buf_release(&dim);
    buf_release(&tensor);
    buf_release(&type);
    buf_release(&value);
}

/* The names inside the graph, but for the last node's: that is the output's. */
static const char *public_name(const struct nn_onnx *g, const char *name) {
    const char *last = g->node[g->n_nodes - 1].out.name;
    return strcmp(name, last) == 0 ? "output" : name;
}

/* NodeProto: input 1, output 2, name 3, op_type 4, attribute 5; node is GraphProto's 1. */
static void node_add(struct buf *graph, const struct nn_onnx *g,
                     const struct nn_onnx_node *n) {
    struct buf b = {.max = 1 << 17};
    for (int i = 0; i < n->n_in; i++)
        pb_text(&b, 1, public_name(g, n->in[i]));
    pb_text(&b, 2, public_name(g, n->out.name));
    pb_text(&b, 3, n->out.name);
    pb_text(&b, 4, n->op);
    buf_add(&b, n->attrs.data, n->attrs.len);
    b.failed = b.failed || n->attrs.failed;
    pb_message(graph, 1, &b);
    buf_release(&b);
}

/* GraphProto but for the weights: node 1, name 2, input 11, output 12, value_info 13. */
static void graph_add(struct buf *graph, const struct nn_onnx *g,
                      const struct nn_onnx_value *input) {
    for (size_t i = 0; i < g->n_nodes; i++)
        node_add(graph, g, &g->node[i]);
    pb_text(graph, 2, "nabla");
    value_add(graph, 11, "input", input);
    value_add(graph, 12, "output", &g->node[g->n_nodes - 1].out);
    for (size_t i = 0; i + 1 < g->n_nodes; i++)
        value_add(graph, 13, g->node[i].out.name, &g->node[i].out);
}

/* StringStringEntryProto: key 1, value 2; metadata_props is ModelProto's 14. value may be
 * NULL where memory was short. */
static void metadata_add(struct buf *model, const char *key, const char *value) {
    struct buf b = {.max = 1 << 24};
    pb_text(&b, 1, key);
    pb_text(&b, 2, value ? value : "");
    b.failed = b.failed || !value;
    pb_message(model, 14, &b);
    buf_release(&b);
}

static void json_metadata(struct buf *model, const char *key, json_t *j, bool failed) {
    char *text =
        j && !failed ? json_dumps(j, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    metadata_add(model, key, text);
    free(text);
    json_decref(j);
}

/* {"scale": [...], "offset": [...], "applied": false}: what bytes have to go through, or go
 * through in the graph. */
static void normalise_metadata(struct buf *model, const struct nn_normalise *in,
                               bool applied) {
    json_t *scale = json_array(), *offset = json_array();
    bool failed = false;
    for (size_t k = 0; k < nn_normalise_count(in); k++) {
        float s, o;
        nn_normalise_get(in, NN_U8, k, &s, &o);
        nn_json_append(scale, json_real((double)s), &failed);
        nn_json_append(offset, json_real((double)o), &failed);
    }
    json_metadata(model, "normalise",
                  json_pack("{s:o, s:o, s:b}", "scale", scale, "offset", offset,
                            "applied", applied),
                  failed);
}

/* ModelProto: ir_version 1, producer_name 2, producer_version 3, graph 7, opset_import 8
 * (version 2). The graph comes last and in pieces, so that the weights are copied once. */
static void model_add(struct buf *model, const struct nn_model *m,
                      const struct nn_onnx_options *o) {
    struct buf opset = {.max = 64};
    pb_int(model, 1, IR_VERSION);
    pb_text(model, 2, "nabla");
    pb_text(model, 3, NABLA_VERSION);
    pb_text(&opset, 1, "");
    pb_int(&opset, 2, OPSET);
    pb_message(model, 8, &opset);
    buf_release(&opset);
    normalise_metadata(model, &m->input, o->normalise);
    if (m->n_classes == 0)
        return;
    json_t *names = json_array();
    bool failed = false;
    for (int i = 0; i < m->n_classes; i++)
        nn_json_append(names, json_string(m->class_name[i]), &failed);
    json_metadata(model, "classes", names, failed);
}

static int write_graph(const struct nn_onnx *g, const struct nn_onnx_value *input,
                       const struct nn_model *m, const char *path,
                       const struct nn_onnx_options *o, struct err *e) {
    struct buf graph = {.max = FILE_MAX}, model = {.max = 1 << 24};
    graph_add(&graph, g, input);
    model_add(&model, m, o);
    pb_head(&model, 7, graph.len + g->weights.len);
    struct nn_piece piece[] = {{model.data, model.len},
                               {graph.data, graph.len},
                               {g->weights.data, g->weights.len}};
    int rc;
    if (graph.failed || model.failed)
        rc = err_set(e, ERR_NOMEM, _("no hay memoria para guardar «%s»"), path);
    else
        rc = nn_file_replace(path, piece, ARRAY_LEN(piece), e);
    buf_release(&graph);
    buf_release(&model);
    return rc;
}

static int weights_failed(const struct nn_model *m, const char *path, struct err *e) {
    size_t bytes = nn_model_count_params(m, false) * sizeof(float);
    if (bytes > FILE_MAX - (1u << 20))
        return err_set(e, ERR_RANGE,
                       _("export_onnx: el modelo ocupa %zu MiB y un archivo ONNX puede "
                         "tener a lo más 2047"),
                       bytes >> 20);
    return err_set(e, ERR_NOMEM, _("no hay memoria para guardar «%s»"), path);
}

static void graph_release(struct nn_onnx *g) {
    for (size_t i = 0; i < g->n_nodes; i++)
        buf_release(&g->node[i].attrs);
    free(g->node);
    buf_release(&g->weights);
}

int nn_onnx_export(struct nn_model *m, const char *path, const struct nn_onnx_options *o,
                   struct err *e) {
    struct nn_onnx g = {.weights = {.max = FILE_MAX}, .prefix = "nabla"};
    if (!m->built)
        return err_set(e, ERR_STATE,
                       _("el modelo todavía no tiene pesos que guardar: entrénalo "
                         "antes"));
    struct nn_onnx_value input = {.name = "input", .ndim = m->in_ndim}, v;
    memcpy(input.shape, m->in_shape, sizeof input.shape);
    v = input;
    int rc = o->normalise ? normalise(&g, &v, &m->input, e) : 0;
    for (int i = 0; rc == 0 && i < m->n_layers; i++)
        rc = nn_onnx_layer(&g, &v, m->layer[i], e);
    if (rc == 0) {
        nn_onnx_last(&g, &v);
        if (g.n_nodes == 0) /* nothing but Dropout and the like */
            nn_onnx_add(&g, "Identity", &v);
        rc = g.failed || g.weights.failed ? weights_failed(m, path, e)
                                          : write_graph(&g, &input, m, path, o, e);
    }
    graph_release(&g);
    return rc;
}
