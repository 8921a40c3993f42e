/* initializer.c: the first values of a layer's parameters, by Keras' names.
 *
 * glorot: variance 2/(fan_in+fan_out) (Glorot and Bengio 2010); he: 2/fan_in (He et al.
 * 2015); lecun: 1/fan_in. uniform: the interval of that variance; normal: Keras truncates
 * at two deviations and widens so that the variance stays. */
#include "nn/layer.h"

#include "base/i18n.h"

#include "nn/rng.h"

#include <math.h>

const char nn_initializer_names[] =
    "glorot_uniform|glorot_normal|he_uniform|he_normal|lecun_uniform|lecun_normal|"
    "zeros|ones|uniform|normal|random_uniform|random_normal|truncated_normal";

enum shape_of { FIXED, UNIFORM, NORMAL, TRUNCATED };

static const struct {
    const char *name;
    enum shape_of shape;
    double scale; /* of the variance, or the value when FIXED */
    int fan;      /* divides the scale: 0 nothing, 1 in, 2 mean of in and out */
} kinds[] = {
    {"glorot_uniform", UNIFORM, 1, 2},
    {"glorot_normal", TRUNCATED, 1, 2},
    {"he_uniform", UNIFORM, 2, 1},
    {"he_normal", TRUNCATED, 2, 1},
    {"lecun_uniform", UNIFORM, 1, 1},
    {"lecun_normal", TRUNCATED, 1, 1},
    {"zeros", FIXED, 0, 0},
    {"ones", FIXED, 1, 0},
    {"uniform", UNIFORM, 0.05 * 0.05 / 3, 0},
    {"random_uniform", UNIFORM, 0.05 * 0.05 / 3, 0},
    {"normal", NORMAL, 0.05 * 0.05, 0},
    {"random_normal", NORMAL, 0.05 * 0.05, 0},
    {"truncated_normal", TRUNCATED, 0.05 * 0.05, 0},
};

/* Standard deviation of a unit normal cut off at -2 and 2. */
#define TRUNCATED_DEVIATION 0.87962566103423978

static void fill_truncated(struct nn_tensor *t, double deviation, struct nn_rng *r) {
    double sd = deviation / TRUNCATED_DEVIATION;
    for (size_t i = 0; i < t->n; i++) {
        double x;
        do {
            x = nn_rng_normal(r);
        } while (fabs(x) > 2);
        nn_tensor_set(t, i, x * sd);
    }
}

int nn_initialize(struct nn_tensor *t, const char *initializer, size_t fan_in,
                  size_t fan_out, struct nn_rng *r, struct err *e) {
    size_t k = 0;
    while (k < ARRAY_LEN(kinds) && strcmp(kinds[k].name, initializer) != 0)
        k++;
    if (k == ARRAY_LEN(kinds)) {
        char near[NN_OPTION_TEXT];
        if (!nn_nearest_word(near, initializer, nn_initializer_names))
            snprintf(near, sizeof near, "glorot_uniform");
        return err_set(e, ERR_NOTFOUND,
                       _("no existe el inicializador «%s»; ¿querías decir «%s»?"),
                       initializer, near);
    }
    double fan = kinds[k].fan == 0   ? 1
                 : kinds[k].fan == 1 ? (double)fan_in
                                     : ((double)fan_in + (double)fan_out) / 2;
    double variance = kinds[k].scale / fmax(fan, 1);
    double limit = sqrt(3 * variance);
    switch (kinds[k].shape) {
    case FIXED:
        nn_tensor_fill(t, kinds[k].scale);
        break;
    case UNIFORM:
        nn_rng_fill_uniform(r, t, -limit, limit);
        break;
    case NORMAL:
        nn_rng_fill_normal(r, t, 0, sqrt(variance));
        break;
    case TRUNCATED:
        fill_truncated(t, sqrt(variance), r);
        break;
    }
    return 0;
}
