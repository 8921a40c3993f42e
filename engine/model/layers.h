/* layers.h: what the layer types share inside engine/model. */
#ifndef ENGINE_MODEL_LAYERS_H
#define ENGINE_MODEL_LAYERS_H

#include "base/i18n.h"

#include "nn/layer.h"

/* y = activation(x); "linear" or "" gives x itself. out yours. */
int nn_activation_apply(struct nn_var **out, const char *activation, struct nn_var *x,
                        struct err *e);

/* The layer's own activation on x, unless the loss contains it. out yours. */
int nn_layer_activate(struct nn_layer *l, struct nn_var **out, struct nn_var *x,
                      const struct nn_call_mode *m, struct err *e);
/* A build function: no parameters, the output looks like the input. */
int nn_layer_same_shape(struct nn_layer *l, struct nn_rng *r, struct err *e);

#define NN_ACTIVATION_ROW(must)                                                          \
    {                                                                                    \
        .name = "activation", .kind = NN_OPT_TEXT, .required = must,                     \
        .choices = nn_activation_names,                                                  \
        .help = N_("función de activación; sin ella la salida es lineal")                \
    }
#define NN_USE_BIAS_ROW                                                                  \
    {                                                                                    \
        .name = "use_bias", .kind = NN_OPT_BOOL, .number = 1,                            \
        .help = N_("suma un sesgo a cada neurona")                                       \
    }
#define NN_INITIALIZER_ROW(option, usual, text_)                                         \
    {                                                                                    \
        .name = option, .kind = NN_OPT_TEXT, .text = usual,                              \
        .choices = nn_initializer_names, .check = nn_initializer_check, .help = text_    \
    }
#define NN_REGULARIZER_ROW(option, text_)                                                \
    {                                                                                    \
        .name = option, .kind = NN_OPT_TEXT, .choices = nn_regularizer_names,            \
        .check = nn_regularizer_check, .help = text_                                     \
    }
/* Of an option that is called after the parameter: kernel_regularizer of "kernel". */
#define NN_KERNEL_REGULARIZER_ROW(option)                                                \
    NN_REGULARIZER_ROW(option, N_("castigo a los pesos grandes, parte de la pérdida"))
#define NN_BIAS_REGULARIZER_ROW                                                          \
    NN_REGULARIZER_ROW("bias_regularizer",                                               \
                       N_("castigo a los sesgos grandes, parte de la pérdida"))
#define NN_KERNEL_INITIALIZER_ROW(option)                                                \
    NN_INITIALIZER_ROW(option, "glorot_uniform", N_("valores iniciales de los pesos"))
#define NN_BIAS_INITIALIZER_ROW                                                          \
    NN_INITIALIZER_ROW("bias_initializer", "zeros", N_("valores iniciales del sesgo"))

/* Each ended by a row without a name. */
extern const struct nn_layer_type nn_layers_basic[], nn_layers_image[];
extern const struct nn_layer_type nn_layers_norm[], nn_layers_nested[];
extern const struct nn_layer_type nn_layers_features[];

/* The regularizer that the layer's options name for its next parameter. */
struct nn_penalty nn_layer_penalty(const struct nn_layer *l, const char *name);

/* n layers one after the other; skip_output concerns the last. out yours. */
int nn_chain_call(int n, struct nn_layer *const layer[], struct nn_var **out,
                  struct nn_var *x, const struct nn_call_mode *m, struct err *e);

/* ---- layer_tree.c */

int nn_layer_check_name(const char *name, struct err *e);

/* Puts l into the list of n siblings below parent (NULL: a model): checks its options and
 * the depth, and gives it a name that no sibling has. The list is the caller's. */
int nn_layer_adopt(struct nn_layer *l, struct nn_layer *parent, int n,
                   struct nn_layer *const sibling[], struct err *e);
/* What is left of a param_limit once so many elements are used. */
size_t nn_limit_left(size_t limit, size_t used);
/* Drops the parameters that a build made, here and below. */
void nn_layer_forget(struct nn_layer *l);
/* Parameters are called by the way to their layer, which an added layer changes. */
int nn_layer_rename_params(struct nn_layer *l, struct err *e);

#endif
