/* layers.h: what the layer types share inside engine/model. */
#ifndef ENGINE_MODEL_LAYERS_H
#define ENGINE_MODEL_LAYERS_H

#include "base/i18n.h"

#include "nn/layer.h"

/* y = activation(x); "linear" or "" gives x itself. out yours. */
int nn_activation_apply(struct nn_var **out, const char *activation, struct nn_var *x,
                        struct err *e);

extern const struct nn_layer_type nn_layers_basic[]; /* ended by a row without a name */

#endif
