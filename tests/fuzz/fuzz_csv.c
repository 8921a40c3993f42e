/* fuzz_csv.c: any text as a table: last column, first column, regression, test part. */
#include "nn/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static const struct nn_csv_opts opts[] = {
        {0}, {.label = "1"}, {.label = "clase"}, {.regression = true}, {.test = 0.5}};
    for (size_t i = 0; i < ARRAY_LEN(opts); i++) {
        struct nn_dataset *d;
        struct err e;
        if (nn_csv_parse(&d, (const char *)bytes, n, "fuzz", &opts[i], &e) == 0)
            nn_dataset_release(d);
    }
    return 0;
}
