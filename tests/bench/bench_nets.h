/* bench_nets.h: the four networks of the training benchmark, as rows. */
#ifndef TESTS_BENCH_NETS_H
#define TESTS_BENCH_NETS_H

#include "nn/model.h"

/* value: units, filters or nothing. */
struct bench_layer {
    const char *type, *activation;
    double value;
};

struct bench_net {
    const char *name;
    size_t shape[3]; /* of one example: rows, columns, channels */
    size_t batch;
    struct bench_layer layer[12];
};

#define CONV(n)                                                                          \
    { .type = "Conv2D", .activation = "relu", .value = n }
#define POOL                                                                             \
    { .type = "MaxPooling2D" }
#define FLAT                                                                             \
    { .type = "Flatten" }
#define HIDDEN(n)                                                                        \
    { .type = "Dense", .activation = "relu", .value = n }
#define LOGITS                                                                           \
    { .type = "Dense", .value = 10 }

static const struct bench_net bench_nets[] = {
    {"mlp1", {28, 28, 1}, 64, {FLAT, HIDDEN(128), LOGITS}},
    {"mlp2", {28, 28, 1}, 128, {FLAT, HIDDEN(512), HIDDEN(256), LOGITS}},
    {"cnn-a",
     {28, 28, 1},
     64,
     {CONV(32), POOL, CONV(64), POOL, FLAT, HIDDEN(128), LOGITS}},
    {"cnn-b",
     {32, 32, 3},
     64,
     {CONV(32), CONV(32), POOL, CONV(64), CONV(64), POOL, FLAT, HIDDEN(512), LOGITS}},
};
#define BENCH_NETS ARRAY_LEN(bench_nets)

static inline const struct bench_net *bench_net_find(const char *name) {
    for (size_t i = 0; i < BENCH_NETS; i++)
        if (strcmp(bench_nets[i].name, name) == 0)
            return &bench_nets[i];
    return NULL;
}

static inline int bench_layer_new(struct nn_layer **out, const struct bench_layer *l,
                                  struct err *e) {
    bool conv = strcmp(l->type, "Conv2D") == 0;
    int rc = nn_layer_new(out, l->type, e);
    if (rc < 0)
        return rc;
    struct nn_options *o = &(*out)->options;
    if (conv) {
        rc = nn_options_set_number(o, "kernel_size", 3, e);
        if (rc == 0)
            rc = nn_options_set_text(o, "padding", "same", e);
    }
    if (rc == 0 && l->value > 0)
        rc = nn_options_set_number(o, conv ? "filters" : "units", l->value, e);
    if (rc == 0 && l->activation)
        rc = nn_options_set_text(o, "activation", l->activation, e);
    if (rc < 0)
        nn_layer_free(*out);
    return rc;
}

/* Compiled with SGD, softmax cross-entropy and accuracy. */
static inline int bench_net_new(struct nn_model **out, const struct bench_net *net,
                                struct err *e) {
    static const char *const accuracy[] = {"accuracy"};
    struct nn_optim *o;
    int rc = nn_model_new(out, e);
    for (const struct bench_layer *l = net->layer; rc == 0 && l->type; l++) {
        struct nn_layer *layer;
        rc = bench_layer_new(&layer, l, e);
        if (rc == 0)
            rc = nn_model_add(*out, layer, e);
    }
    if (rc == 0)
        rc = nn_optim_new(&o, "SGD", e);
    if (rc == 0)
        rc = nn_model_compile(*out, o, "sparse_categorical_crossentropy", 1, accuracy, e);
    if (rc == 0)
        nn_model_set_seed(*out, 1);
    else
        nn_model_free(*out);
    return rc;
}

#endif
