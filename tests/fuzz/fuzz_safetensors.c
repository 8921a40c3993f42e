/* fuzz_safetensors.c: a stored model may come from anywhere, and so may weights. */
#include "nn/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Flatten and Dense(3) for examples of (2, 1, 2); made once. */
static struct nn_model *receiver(void) {
    static struct nn_model *m;
    struct nn_layer *flat, *dense;
    if (m)
        return m;
    if (nn_model_new(&m, NULL) < 0 || nn_layer_new(&flat, "Flatten", NULL) < 0 ||
        nn_layer_new(&dense, "Dense", NULL) < 0 ||
        nn_options_set_number(&dense->options, "units", 3, NULL) < 0 ||
        nn_model_add(m, flat, NULL) < 0 || nn_model_add(m, dense, NULL) < 0 ||
        nn_model_build(m, 3, (size_t[]){2, 1, 2}, NULL) < 0)
        abort();
    return m;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct nn_model *m;
    struct err e = {0};
    if (nn_model_parse(&m, data, n, &e) == 0)
        nn_model_free(m);
    for (int k = 0; k < 2; k++) {
        struct nn_weights_options o = {.layout = (enum nn_weights_layout)k};
        (void)nn_model_parse_weights(receiver(), data, n, &o, &e);
    }
    return 0;
}
