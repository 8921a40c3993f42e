/* fuzz_png.c: any bytes as a picture, in colour and in grey, and brought to another size. */
#include "nn/png.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    for (int gray = 0; gray < 2; gray++) {
        struct nn_tensor *t;
        struct err e;
        unsigned char to[7 * 4 * 3];
        if (nn_png_decode(&t, bytes, n, gray, "fuzz", &e) < 0)
            continue;
        (void)nn_resize_bytes(to, 7, 4, nn_tensor_u8(t), t->shape[0], t->shape[1],
                              t->shape[2], &e);
        nn_tensor_release(t);
    }
    return 0;
}
