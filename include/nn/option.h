/* option.h: named options with defaults and limits, described by rows. Layers, optimizers
 * and schedules share it; the command layer makes help and checks from the rows, and the
 * store writes the values as JSON.
 *
 *     struct nn_options o;
 *     nn_options_init(&o, rows, n_rows, "Dense");
 *     nn_options_set_number(&o, "units", 128, e);     ERR_NOTFOUND suggests the nearest
 *     nn_options_check(&o, e);                        ERR_ARG when a required one is
 * missing nn_option_number(&o, "units")
 *
 * Ownership: values live in the struct, rows are constant. */
#ifndef NN_OPTION_H
#define NN_OPTION_H

#include "nn/tensor.h"

#define NN_OPTIONS_MAX 16
#define NN_OPTION_TEXT 64

/* A pair is (rows, columns), given as two whole numbers or as one that stands for both. */
enum nn_option_kind {
    NN_OPT_INT,
    NN_OPT_NUMBER,
    NN_OPT_BOOL,
    NN_OPT_TEXT,
    NN_OPT_SHAPE,
    NN_OPT_PAIR
};

struct nn_option_row {
    const char *name; /* as in Keras */
    enum nn_option_kind kind;
    bool required;
    double number;       /* default of int, number, bool and pair (0: not set) */
    const char *text;    /* default of text; NULL: not set */
    double min, max;     /* limits of int and number, inclusive */
    const char *choices; /* text: "relu|sigmoid|tanh"; NULL: anything */
    /* Text: decides instead of choices, which are only the usual ones then; writes the one
     * spelling that is kept: "L2(0.010)" as "l2(0.01)". NULL: none. */
    int (*check)(char text[NN_OPTION_TEXT], const char *given, struct err *e);
    const char *help; /* N_("...") one line in Spanish */
};

struct nn_option_value {
    bool set; /* given by the user, not the default */
    double number;
    char text[NN_OPTION_TEXT]; /* "" for not set */
    int ndim;                  /* shape; an int gives {k}. Pair: 2, or 0 for not set */
    size_t shape[NN_MAX_DIMS];
};

struct nn_options {
    const struct nn_option_row *row;
    int n;
    const char *owner; /* "Dense": stands in the sentences */
    struct nn_option_value value[NN_OPTIONS_MAX];
};

void nn_options_init(struct nn_options *o, const struct nn_option_row *row, int n,
                     const char *owner);
int nn_options_set_number(struct nn_options *o, const char *name, double v,
                          struct err *e);
int nn_options_set_bool(struct nn_options *o, const char *name, bool v, struct err *e);
int nn_options_set_text(struct nn_options *o, const char *name, const char *v,
                        struct err *e);
int nn_options_set_shape(struct nn_options *o, const char *name, int ndim,
                         const size_t *shape, struct err *e);
int nn_options_check(const struct nn_options *o, struct err *e);

/* -1 when there is no such option. */
int nn_options_index(const struct nn_options *o, const char *name);
/* The name must exist: these are for the code that wrote the rows. */
const struct nn_option_value *nn_option_get(const struct nn_options *o, const char *name);
double nn_option_number(const struct nn_options *o, const char *name);
bool nn_option_bool(const struct nn_options *o, const char *name);
const char *nn_option_text(const struct nn_options *o, const char *name);

/* The entry of a '|'-separated list nearest to word, written into out; false when nothing
 * is near. For "¿querías decir ...?". */
bool nn_nearest_word(char out[NN_OPTION_TEXT], const char *word, const char *list);

#endif
