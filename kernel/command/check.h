/* check.h: a student's answer against the expected one, with the likely mistake in words.
 *
 *     struct cmd_check c;
 *     cmd_check_run(&c, &a);              a: the arguments of lab.check, or a row of lab.grade
 *     c.wrong, c.text                     what is wrong; never the expected value
 *
 * Values that are numbers are noted as pairs of tensors first and judged together, since a
 * mistake shows itself in all of them at once: always the sign, always one factor. Whatever
 * a student wrote is no error: a function that fails, a ragged list or nil gets its own
 * sentence. What the teacher wrote is: a wrong option raises. Ownership: all lies on the
 * Lua stack until the command ends. */
#ifndef COMMAND_CHECK_H
#define COMMAND_CHECK_H

#include "args.h"
#include "tensor.h"

enum { CMD_FACTORS_MAX = 8, CMD_RESULTS_MAX = 8, CMD_CASES_MAX = 1000 };

/* Numbers that must be equal. */
struct cmd_pair {
    const struct nn_tensor *got, *want;
    const struct nn_tensor *factor[CMD_FACTORS_MAX]; /* NULL: none of that name here */
    const char *where; /* "loss[2]", the arguments; or NULL */
    double n;          /* samples: length of the argument */
    bool count;        /* a whole number: its multiples would tell the answer */
};

struct cmd_check {
    lua_State *L;
    const struct cmd_args *a;
    int keep; /* stack index of the list that keeps the values alive */
    bool wrong;
    bool untouched; /* still the stub: no hint yet */
    struct buf *text;

    struct cmd_pair *pair;
    size_t n_pairs, max_pairs;
    size_t cases; /* examples that a function was tried on; 0: a plain value */
    int n_factors;
    const char *factor_name[CMD_FACTORS_MAX];
    const struct nn_tensor *factor[CMD_FACTORS_MAX]; /* of the case that is looked at */
    double n;
    const char *where;
};

/* The parameters that lab.check and a row of lab.grade share. */
#define CMD_CHECK_PARAMS                                                                 \
    {.name = "name",                                                                     \
     .types = CELL_STRING,                                                               \
     .flags = CELL_REQUIRED,                                                             \
     .doc = N_("cómo se llama lo que se revisa")},                                       \
        {.name = "got",                                                                  \
         .types = CELL_ANY | CELL_NIL,                                                   \
         .doc = N_("la respuesta: un valor o una función")},                             \
        {.name = "expected",                                                             \
         .types = CELL_ANY,                                                              \
         .flags = CELL_NAMED,                                                            \
         .doc = N_("lo correcto: un valor, una función, o con on la lista de sus "      \
                   "valores")},                                                          \
        {.name = "on",                                                                   \
         .types = CELL_TABLE,                                                            \
         .flags = CELL_NAMED,                                                            \
         .doc = N_("ejemplos en que se prueba la función: una lista de listas de "      \
                   "argumentos")},                                                       \
        {.name = "factors",                                                              \
         .types = CELL_TABLE,                                                            \
         .flags = CELL_NAMED,                                                            \
         .doc = N_("factores por su nombre, para decir cuál falta o sobra; n es el "    \
                   "número de ejemplos por el que se divide")},                          \
        {.name = "loss",                                                                 \
         .types = CELL_TENSOR | CELL_FUNCTION_VALUE,                                     \
         .flags = CELL_NAMED,                                                            \
         .doc =                                                                          \
             N_("la pérdida con su grafo: los gradientes se comparan con los suyos")},   \
        {.name = "params",                                                               \
         .types = CELL_TENSOR | CELL_TABLE,                                              \
         .flags = CELL_NAMED,                                                            \
         .doc = N_("las variables (var) de esos gradientes")},                           \
        {.name = "global",                                                               \
         .types = CELL_STRING,                                                           \
         .flags = CELL_NAMED,                                                            \
         .doc = N_("nombre de la variable que tiene la respuesta, que puede no existir " \
                   "todavía")},                                                          \
        {.name = "tolerance",                                                            \
         .types = CELL_NUMBER,                                                           \
         .flags = CELL_NAMED | CELL_MIN,                                                 \
         .min = 0,                                                                       \
         .fallback = "1e-6",                                                             \
         .doc = N_("error relativo que se acepta")},                                     \
    {                                                                                    \
        .name = "hint", .types = CELL_STRING, .flags = CELL_NAMED,                       \
        .doc = N_("pista que se muestra si la respuesta no es correcta")                 \
    }

void cmd_check_run(struct cmd_check *c, const struct cmd_args *a);

/* Says what is wrong; the first one counts. */
__attribute__((format(printf, 2, 3))) void cmd_check_say(struct cmd_check *c,
                                                         const char *fmt, ...);
/* An error of the student's code, in words; what nobody may catch is raised again. */
void cmd_check_say_error(struct cmd_check *c, const struct err *e);
/* The value at idx as a tensor that the check keeps alive; NULL with e for what is no
 * rectangular list of numbers. */
struct nn_var *cmd_check_tensor(struct cmd_check *c, int idx, struct err *e);
/* The numbers t are not all finite. */
bool cmd_check_has_nan(const struct nn_tensor *t);

/* Compares two values on the stack: numbers become pairs, the rest is decided at once. */
void cmd_check_value(struct cmd_check *c, int got, int want);
/* Decides all pairs and names the mistake. */
void cmd_check_judge(struct cmd_check *c);
/* Gradients against those of the graph. */
void cmd_check_gradients(struct cmd_check *c);

/* What a pair's mistake is called. */
struct cmd_guess {
    double k;    /* got is k times what is expected, beside the factors */
    int a, b;    /* factors by index, -1: none */
    int power;   /* of the factors: -1 missing, 1 there twice */
    int n;       /* 1: not divided by n; -1: divided once too often */
    bool sign;   /* and the sign is wrong */
    bool turned; /* rows and columns are changed */
};
void cmd_check_say_guess(struct cmd_check *c, const struct cmd_guess *g);
void cmd_check_say_nan(struct cmd_check *c, const struct cmd_pair *p);
void cmd_check_say_shape(struct cmd_check *c, const struct cmd_pair *p, bool turned);
/* error: relative; failed: pairs that are wrong, the first of them p. */
void cmd_check_say_off(struct cmd_check *c, const struct cmd_pair *p, size_t failed,
                       double error, bool opposite);

#endif
