/* plot.h: what the figures share. */
#ifndef COMMAND_PLOT_H
#define COMMAND_PLOT_H

#include "objects.h"

/* What a model says of a part of a data set; tensors in boxes on the stack. */
struct cmd_outcome {
    struct cmd_part part;
    size_t n, classes;
    const struct nn_tensor *predicted; /* (n,) int32 */
    const double *chance;              /* (n, classes) probabilities; NULL unless asked */
    const char *const *names;          /* of the classes, or NULL */
};

/* Runs the model in parameter "model" on "x", "y". Raises. */
void cmd_outcome_read(const struct cmd_args *a, bool with_chance, struct cmd_outcome *o);

/* A chart of one panel with the command's title, caption and label, shown; height in px, 0:
 * the usual one. What the command returns. Raises. */
struct viz_panel;
int cmd_show_panel(const struct cmd_args *a, const struct viz_panel *panel,
                   double height);

/* A weight or output as a colour: white 0, blue positive, vermillion negative; top: the
 * largest. */
void cmd_signed_color(uint8_t rgb[3], double v, double top);

/* The numbers of the list or tensor at idx as doubles in scratch; *n of them. Raises. */
double *cmd_read_list(lua_State *L, int idx, const char *what, size_t *n);

#define CMD_MODEL_XY                                                                     \
    {.name = "model",                                                                    \
     .types = CELL_MODEL,                                                                \
     .flags = CELL_REQUIRED,                                                             \
     .doc = N_("el modelo entrenado")},                                                  \
        {.name = "x",                                                                    \
         .types = CELL_DATASET | CELL_TENSOR,                                            \
         .flags = CELL_REQUIRED | CELL_AUTO,                                             \
         .doc = N_("un conjunto de datos (su parte de prueba) o los ejemplos")},         \
    {                                                                                    \
        .name = "y", .types = CELL_TENSOR, .flags = CELL_AUTO,                           \
        .doc = N_("las clases verdaderas, cuando x es un tensor")                        \
    }
#define CMD_TITLE                                                                        \
    {                                                                                    \
        .name = "title", .types = CELL_STRING, .flags = CELL_NAMED,                      \
        .doc = N_("título de la figura")                                                 \
    }

#endif
