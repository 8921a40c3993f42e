/* spec.h: values that are a word with numbers, as options hold them: "l2(0.01)",
 * "random_normal(0,0.1)". Names are taken in Keras' two spellings, he_normal and
 * HeNormal. */
#ifndef ENGINE_MODEL_SPEC_H
#define ENGINE_MODEL_SPEC_H

#include "nn/option.h"

#define NN_SPEC_ARGS 2

struct nn_spec {
    char name[NN_OPTION_TEXT]; /* in small letters: "random_normal" */
    int n;
    double arg[NN_SPEC_ARGS];
};

/* false: no such form, or a number that is none or not finite. */
bool nn_spec_parse(struct nn_spec *s, const char *text);
/* The shortest text that reads as the same numbers to 15 digits. */
void nn_spec_text(char text[NN_OPTION_TEXT], const struct nn_spec *s);

#endif
