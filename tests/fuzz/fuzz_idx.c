/* fuzz_idx.c: any bytes as IDX images and as IDX labels, packed or not. */
#include "nn/idx.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    nn_memory_set_limit((size_t)64 << 20); /* a header may promise gigabytes */
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    struct nn_tensor *t;
    struct err e;
    if (nn_idx_parse_images(&t, bytes, n, "fuzz", &e) == 0)
        nn_tensor_release(t);
    if (nn_idx_parse_labels(&t, bytes, n, 10, "fuzz", &e) == 0)
        nn_tensor_release(t);
    return 0;
}
