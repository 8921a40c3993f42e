/* fuzz_safetensors.c: a stored model may come from anywhere. */
#include "nn/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct nn_model *m;
    struct err e = {0};
    if (nn_model_parse(&m, data, n, &e) == 0)
        nn_model_free(m);
    return 0;
}
