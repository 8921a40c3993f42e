/* schedule.c: learning rates as functions of the step. */
#include "nn/schedule.h"

#include "base/i18n.h"

#include <math.h>

#define RATE_MIN 1e-30 /* above 0 */
#define RATE_MAX 1e6
#define STEP_MAX 1e12
#define PI       3.14159265358979323846

static double option(const struct nn_schedule *s, const char *name) {
    return nn_option_number(&s->options, name);
}

static double exponential(const struct nn_schedule *s, double step) {
    double turns = step / option(s, "decay_steps");
    if (nn_option_bool(&s->options, "staircase"))
        turns = floor(turns);
    return option(s, "initial_learning_rate") * pow(option(s, "decay_rate"), turns);
}

static double stairs(const struct nn_schedule *s, double step) {
    return option(s, "initial_learning_rate") *
           pow(option(s, "decay_rate"), floor(step / option(s, "decay_steps")));
}

/* From a to b along half a cosine, at share t of the way. */
static double half_cosine(double a, double b, double t) {
    return b + (a - b) * (1 + cos(PI * fmin(t, 1))) / 2;
}

static double cosine(const struct nn_schedule *s, double step) {
    double top = option(s, "initial_learning_rate");
    if (nn_option_get(&s->options, "warmup_target")->set) {
        double warm = option(s, "warmup_steps"), low = top;
        top = option(s, "warmup_target");
        if (step < warm)
            return low + (top - low) * step / warm;
        step -= warm;
    }
    return half_cosine(top, top * option(s, "alpha"), step / option(s, "decay_steps"));
}

static double piecewise(const struct nn_schedule *s, double step) {
    int i = 0;
    while (i < s->n && step > s->boundary[i])
        i++;
    return s->value[i];
}

static double one_cycle(const struct nn_schedule *s, double step) {
    double top = option(s, "max_learning_rate"), total = option(s, "total_steps");
    double first = top / option(s, "div_factor");
    double last = first / option(s, "final_div_factor");
    double peak = option(s, "pct_start") * total - 1;
    if (step <= peak)
        return half_cosine(first, top, peak > 0 ? step / peak : 1);
    return half_cosine(top, last, (step - peak) / fmax(total - 1 - peak, 1));
}

#define RATE_ROW(title, text)                                                            \
    {                                                                                    \
        .name = title, .kind = NN_OPT_NUMBER, .required = true, .min = RATE_MIN,         \
        .max = RATE_MAX, .help = text                                                    \
    }
#define STEPS_ROW(title, text)                                                           \
    {                                                                                    \
        .name = title, .kind = NN_OPT_INT, .required = true, .min = 1, .max = STEP_MAX,  \
        .help = text                                                                     \
    }
#define FACTOR_ROW                                                                       \
    {                                                                                    \
        .name = "decay_rate", .kind = NN_OPT_NUMBER, .required = true, .min = 1e-6,      \
        .max = 1, .help = N_("factor por el que se multiplica la tasa")                  \
    }

static const struct nn_option_row step_rows[] = {
    RATE_ROW("initial_learning_rate", N_("tasa del primer paso")),
    STEPS_ROW("decay_steps", N_("pasos (lotes) entre una bajada y la siguiente")),
    FACTOR_ROW,
};
static const struct nn_option_row exponential_rows[] = {
    RATE_ROW("initial_learning_rate", N_("tasa del primer paso")),
    STEPS_ROW("decay_steps", N_("pasos (lotes) en que la tasa baja una vez")),
    FACTOR_ROW,
    {.name = "staircase", .kind = NN_OPT_BOOL, .help = N_("baja a saltos")},
};
static const struct nn_option_row cosine_rows[] = {
    RATE_ROW("initial_learning_rate", N_("tasa del primer paso")),
    STEPS_ROW("decay_steps", N_("pasos (lotes) hasta el final de la bajada")),
    {.name = "alpha",
     .kind = NN_OPT_NUMBER,
     .min = 0,
     .max = 1,
     .help = N_("parte de la tasa que queda al final")},
    {.name = "warmup_target",
     .kind = NN_OPT_NUMBER,
     .min = 0,
     .max = RATE_MAX,
     .help = N_("tasa a la que sube primero")},
    {.name = "warmup_steps",
     .kind = NN_OPT_INT,
     .min = 0,
     .max = STEP_MAX,
     .help = N_("pasos de esa subida")},
};
static const struct nn_option_row cycle_rows[] = {
    RATE_ROW("max_learning_rate", N_("tasa más alta")),
    STEPS_ROW("total_steps", N_("pasos (lotes) del entrenamiento entero")),
    {.name = "pct_start",
     .kind = NN_OPT_NUMBER,
     .number = 0.3,
     .min = 0,
     .max = 1,
     .help = N_("parte de los pasos en que la tasa sube")},
    {.name = "div_factor",
     .kind = NN_OPT_NUMBER,
     .number = 25,
     .min = 1,
     .max = 1e9,
     .help = N_("cuántas veces menor es la primera tasa")},
    {.name = "final_div_factor",
     .kind = NN_OPT_NUMBER,
     .number = 1e4,
     .min = 1,
     .max = 1e9,
     .help = N_("cuántas veces menor que la primera es la última")},
};

#define OPTIONS(rows) .row = rows, .n_rows = ARRAY_LEN(rows)
static const struct nn_schedule_type types[] = {
    {.name = "StepDecay",
     .help = N_("La tasa baja de golpe cada cierto número de pasos."),
     .formula = "\\eta_t = \\eta_0\\, r^{\\lfloor t/d \\rfloor}",
     OPTIONS(step_rows),
     .rate = stairs},
    {.name = "ExponentialDecay",
     .help = N_("La tasa baja poco a poco, siempre en la misma proporción."),
     .formula = "\\eta_t = \\eta_0\\, r^{t/d}",
     OPTIONS(exponential_rows),
     .rate = exponential},
    {.name = "CosineDecay",
     .help = N_("La tasa baja como media onda de coseno; puede subir antes."),
     .formula = "\\eta_t = \\tfrac{1}{2}\\eta_0\\,(1+\\cos(\\pi t/d))",
     OPTIONS(cosine_rows),
     .rate = cosine},
    {.name = "OneCycle",
     .help = N_("La tasa sube hasta su máximo y baja hasta casi cero."),
     OPTIONS(cycle_rows),
     .rate = one_cycle},
    {.name = "PiecewiseConstant",
     .help = N_("Una tasa por tramo: cambia en los pasos que se dan."),
     .pieces = true,
     .rate = piecewise},
};

const struct nn_schedule_type *nn_schedule_type_row(int i) {
    return i >= 0 && (size_t)i < ARRAY_LEN(types) ? &types[i] : NULL;
}

const struct nn_schedule_type *nn_schedule_type_find(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

int nn_schedule_init(struct nn_schedule *s, const char *type, struct err *e) {
    const struct nn_schedule_type *t = nn_schedule_type_find(type);
    *s = (struct nn_schedule){.type = t};
    if (!t)
        return err_set(e, ERR_NOTFOUND, _("no existe el plan de tasas «%s»"), type);
    nn_options_init(&s->options, t->row, t->n_rows, t->name);
    return 0;
}

int nn_schedule_set_pieces(struct nn_schedule *s, int n, const double *boundary,
                           const double *value, struct err *e) {
    if (n < 1 || n > NN_SCHEDULE_PIECES)
        return err_set(e, ERR_RANGE, _("%s: hay %d límites y deben ser entre 1 y %d"),
                       s->type->name, n, NN_SCHEDULE_PIECES);
    for (int i = 0; i < n; i++)
        if (!(boundary[i] > (i ? boundary[i - 1] : 0) && boundary[i] <= STEP_MAX))
            return err_set(e, ERR_RANGE,
                           _("%s: los límites son pasos que crecen desde más de 0 y el "
                             "número %d es %g"),
                           s->type->name, i + 1, boundary[i]);
    for (int i = 0; i <= n; i++)
        if (!(value[i] >= RATE_MIN && value[i] <= RATE_MAX))
            return err_set(e, ERR_RANGE,
                           _("%s: la tasa %d es %g y debe ser mayor que 0 y a lo más %g"),
                           s->type->name, i + 1, value[i], RATE_MAX);
    s->n = n;
    memcpy(s->boundary, boundary, (size_t)n * sizeof *boundary);
    memcpy(s->value, value, ((size_t)n + 1) * sizeof *value);
    return 0;
}

int nn_schedule_check(const struct nn_schedule *s, struct err *e) {
    if (s->type->pieces && s->n == 0)
        return err_set(e, ERR_ARG, _("%s: faltan «boundaries» y «values»"),
                       s->type->name);
    return nn_options_check(&s->options, e);
}

double nn_schedule_rate(const struct nn_schedule *s, uint64_t done) {
    return s->type->rate(s, (double)done);
}
