/* fuzz_cifar.c: any bytes as CIFAR-10 records and as an archive of them. */
#include "nn/cifar.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    nn_memory_set_limit((size_t)64 << 20);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    struct nn_tensor *x, *y;
    struct nn_dataset *d;
    struct err e;
    if (nn_cifar_parse_records(&x, &y, bytes, n, "fuzz", &e) == 0) {
        nn_tensor_release(x);
        nn_tensor_release(y);
    }
    if (nn_cifar_parse_archive(&d, bytes, n, "fuzz", &e) == 0)
        nn_dataset_release(d);
    return 0;
}
