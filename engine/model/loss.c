/* loss.c: losses by Keras' names. */
#include "nn/model.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct nn_option_row smoothing = {
    .name = "label_smoothing",
    .kind = NN_OPT_NUMBER,
    .min = 0,
    .max = 0.999,
    .help = N_("parte de cada objetivo que se reparte entre todas las clases")};
static const struct nn_option_row delta = {
    .name = "delta",
    .kind = NN_OPT_NUMBER,
    .number = 1,
    .min = 1e-6,
    .max = 1e6,
    .help = N_("error desde el que la pérdida crece en línea recta")};

static const struct nn_loss_type rows[] = {
    {.name = "sparse_categorical_crossentropy",
     .title = "SparseCategoricalCrossentropy",
     .aliases = "cross_entropy|crossentropy|softmax_cross_entropy",
     .op = "softmax_cross_entropy",
     .fuses = "softmax",
     .sparse = true,
     .classes = true,
     .option = &smoothing,
     .help = N_("entropía cruzada con etiquetas 0, 1, 2...")},
    {.name = "categorical_crossentropy",
     .title = "CategoricalCrossentropy",
     .op = "softmax_cross_entropy",
     .fuses = "softmax",
     .classes = true,
     .option = &smoothing,
     .help = N_("entropía cruzada con etiquetas en one-hot")},
    {.name = "binary_crossentropy",
     .title = "BinaryCrossentropy",
     .aliases = "bce|binary_cross_entropy",
     .op = "sigmoid_cross_entropy",
     .fuses = "sigmoid",
     .classes = true,
     .option = &smoothing,
     .help = N_("entropía cruzada de una respuesta sí o no")},
    {.name = "mean_squared_error",
     .title = "MeanSquaredError",
     .aliases = "mse",
     .op = "mse",
     .help = N_("error cuadrático medio")},
    {.name = "mean_absolute_error",
     .title = "MeanAbsoluteError",
     .aliases = "mae",
     .op = "mae",
     .help = N_("error absoluto medio")},
    {.name = "huber",
     .title = "Huber",
     .aliases = "huber_loss|smooth_l1",
     .op = "huber",
     .option = &delta,
     .help = N_("cuadrática cerca de 0 y recta lejos")},
    {.name = "hinge",
     .title = "Hinge",
     .op = "hinge",
     .help = N_("pérdida de margen, con objetivos -1 y 1 (o bien 0 y 1)")},
};

const struct nn_loss_type *nn_loss_row(int i) {
    return i >= 0 && (size_t)i < ARRAY_LEN(rows) ? &rows[i] : NULL;
}

const struct nn_loss_type *nn_loss_find(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].name, name) == 0 || text_in_list(name, rows[i].aliases))
            return &rows[i];
    return NULL;
}
