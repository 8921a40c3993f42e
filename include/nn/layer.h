/* layer.h: layers as compositions of ops. A layer has no backward code: its call applies
 * ops to vars, and everything else (training plan, drawings, gradient checks) follows.
 *
 *     struct nn_layer *d;
 *     nn_layer_new(&d, "Dense", e);
 *     nn_options_set_number(&d->options, "units", 128, e);
 *     nn_options_set_text(&d->options, "activation", "relu", e);
 *     nn_model_add(m, d, e);                          the model owns it from here
 *
 * A layer may be made of others: nn_layer_add_child gives a Residual or a Concatenate its
 * parts, which may have parts in turn. Parameters are named by the way to them,
 * "residual/dense_1/kernel".
 *
 * One row per type; a new type is a new row. Shapes: without the batch axis in build and
 * out_shape, with it in call. Ownership: a layer belongs to one model or one parent, which
 * releases it; whoever else holds it keeps a reference. */
#ifndef NN_LAYER_H
#define NN_LAYER_H

#include "nn/option.h"
#include "nn/tape.h"

struct nn_rng;
struct nn_layer;

#define NN_LAYER_MAX_PARAMS 8
#define NN_LAYER_MAX_DEPTH  8   /* layers within layers */
#define NN_LAYER_PATH       112 /* "residual/dense_1" with its 0 */

/* What a type is made of: nothing, layers one after the other, layers side by side. */
enum nn_layer_parts { NN_PARTS_NONE, NN_PARTS_CHAIN, NN_PARTS_BRANCHES };

/* What call needs to know beside the input. */
struct nn_call_mode {
    bool training;
    uint64_t *step;   /* counts training steps: which dropout mask */
    bool skip_output; /* last layer: leave out a final softmax or sigmoid, because the
                         loss works on what goes into it */
};

struct nn_layer_type {
    const char *name; /* Keras' class: "Dense" */
    const char *stem; /* of automatic names: "dense" -> "dense", "dense_1" */
    const char *help; /* one line in Spanish */
    const struct nn_option_row *row;
    int n_rows;
    int n_positional; /* how many options may be given by position, in row order */
    enum nn_layer_parts parts;
    bool takes_shortcut; /* one more child, beside the chain */
    /* Creates parameters for the input shape; fills l->out_*. */
    int (*build)(struct nn_layer *l, struct nn_rng *r, struct err *e);
    int (*call)(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                const struct nn_call_mode *m, struct err *e);
};

/* l1 sum |w| + l2 sum w^2, part of the loss. */
struct nn_penalty {
    double l1, l2;
};

struct nn_layer_param {
    struct nn_var *var; /* name "dense_1/kernel" */
    bool trainable;     /* false: moving statistics; an optimizer leaves it alone */
    struct nn_penalty penalty;
};

struct nn_layer {
    int refs;
    const struct nn_layer_type *type;
    struct nn_options options;
    char name[NN_OPTION_TEXT]; /* unique among its siblings once added */
    bool named;                /* the user chose it: never changed */
    bool built, trainable;
    bool adopted; /* part of a model or of another layer */
    bool kept;    /* was built before it was added: its numbers survive a failed build */
    uint64_t calls;          /* training calls outside of a model: which dropout mask */
    struct nn_layer *parent; /* borrowed; NULL at the top */
    int n_children;
    struct nn_layer **child; /* a reference each; the shortcut, if any, is the last */
    bool has_shortcut;
    uint64_t seed;      /* of its dropout masks */
    size_t param_limit; /* elements that all its parameters may have, and 1; 0: no limit.
                           Set while loading a file, whose size bounds what it may ask
                           for; then the file's numbers are the first values, too */
    int in_ndim, out_ndim;
    size_t in_shape[NN_MAX_DIMS], out_shape[NN_MAX_DIMS];
    int n_params;
    struct nn_layer_param param[NN_LAYER_MAX_PARAMS];
};

const struct nn_layer_type *nn_layer_type_find(const char *name);
const struct nn_layer_type *nn_layer_type_row(int i); /* NULL past the end */

/* ERR_NOTFOUND suggests the nearest type. */
int nn_layer_new(struct nn_layer **out, const char *type, struct err *e);
struct nn_layer *nn_layer_retain(struct nn_layer *l);
void nn_layer_free(struct nn_layer *l); /* drops a reference; NULL is allowed */
/* ERR_ARG for an empty name, a long one or one with "/"; ERR_STATE once it was added. */
int nn_layer_set_name(struct nn_layer *l, const char *name, struct err *e);

/* Takes child when it returns 0, and gives it a name of its own. ERR_ARG: the type has no
 * parts, or no shortcut; ERR_STATE: built, or the child belongs to somebody; ERR_RANGE:
 * too deep. */
int nn_layer_add_child(struct nn_layer *l, struct nn_layer *child, struct err *e);
int nn_layer_set_shortcut(struct nn_layer *l, struct nn_layer *child, struct err *e);
/* The name with those of the parents before it: "residual/dense". Returns text. */
char *nn_layer_path(char text[NN_LAYER_PATH], const struct nn_layer *l);
/* Of the layer and all below it: as Keras' setter. Takes effect on a model's training at
 * the next compile or fit. */
void nn_layer_set_trainable(struct nn_layer *l, bool on);
/* Parameters of the layer, then of its children in order. trainable may be NULL. NULL past
 * the end. */
int nn_layer_n_params(const struct nn_layer *l);
struct nn_var *nn_layer_param_at(const struct nn_layer *l, int i, bool *trainable);

/* Creates the parameters, also those of the children. A layer that is built already keeps
 * them: ERR_SHAPE when the shape is another. After a failure it is as before. */
int nn_layer_build(struct nn_layer *l, int ndim, const size_t *in_shape, struct nn_rng *r,
                   struct err *e);
int nn_layer_call(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                  const struct nn_call_mode *m, struct err *e);
/* Number of elements of all its parameters, children's too; trainable only when asked. */
size_t nn_layer_count_params(const struct nn_layer *l, bool trainable_only);
/* "softmax", "sigmoid" when that is the layer's last activation, else NULL. */
const char *nn_layer_final_activation(const struct nn_layer *l);

/* Units whose health can be told from their outputs. */
enum nn_unit { NN_UNIT_OTHER, NN_UNIT_RELU, NN_UNIT_SIGMOID, NN_UNIT_TANH };
enum nn_unit nn_layer_unit(const struct nn_layer *l);

/* For build functions: a new parameter with this initializer (glorot_uniform, he_normal,
 * zeros, ...). fan_in, fan_out: connections per unit. */
int nn_layer_add_param(struct nn_layer *l, const char *name, const char *initializer,
                       int ndim, const size_t *shape, size_t fan_in, size_t fan_out,
                       struct nn_rng *r, struct err *e);

/* Fills t, float32 or float64, by Keras' initializer of that name; ERR_NOTFOUND suggests.
 */
int nn_initialize(struct nn_tensor *t, const char *initializer, size_t fan_in,
                  size_t fan_out, struct nn_rng *r, struct err *e);
extern const char nn_initializer_names[]; /* "glorot_uniform|glorot_normal|..." */
/* An initializer or regularizer as an option keeps it: a name, or one with numbers,
 * "he_normal", "random_normal(0,0.1)", "l2(0.01)"; Keras' class names are taken as well. */
int nn_initializer_check(char text[NN_OPTION_TEXT], const char *given, struct err *e);
int nn_regularizer_check(char text[NN_OPTION_TEXT], const char *given, struct err *e);
int nn_regularizer_parse(struct nn_penalty *out, const char *text, struct err *e);
extern const char nn_regularizer_names[]; /* "l1|l2|l1_l2" */
extern const char nn_activation_names[];  /* "linear|relu|sigmoid|tanh|softmax|..." */

#endif
