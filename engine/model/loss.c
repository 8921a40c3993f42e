/* loss.c: losses by Keras' names. */
#include "nn/model.h"

#include "base/i18n.h"

static const struct nn_loss_type rows[] = {
    {.name = "sparse_categorical_crossentropy",
     .aliases = "cross_entropy|crossentropy|softmax_cross_entropy",
     .op = "softmax_cross_entropy",
     .fuses = "softmax",
     .sparse = true,
     .classes = true,
     .help = N_("entropía cruzada con etiquetas 0, 1, 2...")},
    {.name = "categorical_crossentropy",
     .op = "softmax_cross_entropy",
     .fuses = "softmax",
     .classes = true,
     .help = N_("entropía cruzada con etiquetas en one-hot")},
    {.name = "binary_crossentropy",
     .aliases = "bce|binary_cross_entropy",
     .op = "sigmoid_cross_entropy",
     .fuses = "sigmoid",
     .classes = true,
     .help = N_("entropía cruzada de una respuesta sí o no")},
    {.name = "mean_squared_error",
     .aliases = "mse",
     .op = "mse",
     .help = N_("error cuadrático medio")},
    {.name = "mean_absolute_error",
     .aliases = "mae",
     .op = "mae",
     .help = N_("error absoluto medio")},
};

const struct nn_loss_type *nn_loss_row(int i) {
    return i >= 0 && (size_t)i < ARRAY_LEN(rows) ? &rows[i] : NULL;
}

static bool in_list(const char *word, const char *list) {
    size_t len = strlen(word);
    while (list && *list) {
        size_t n = strcspn(list, "|");
        if (n == len && memcmp(list, word, n) == 0)
            return true;
        list += n + (list[n] == '|');
    }
    return false;
}

const struct nn_loss_type *nn_loss_find(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].name, name) == 0 || in_list(name, rows[i].aliases))
            return &rows[i];
    return NULL;
}
