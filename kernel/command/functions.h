/* functions.h: what the files of differentiable functions share. */
#ifndef COMMAND_FUNCTIONS_H
#define COMMAND_FUNCTIONS_H

#include "register.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/error.h"

/* Two parameters that take a number, a tensor or a list. */
#define CMD_PAIR(first, first_doc, second, second_doc)                                   \
    {.name = first,                                                                      \
     .types = CELL_TENSOR | CELL_NUMBER,                                                 \
     .flags = CELL_REQUIRED | CELL_AUTO,                                                 \
     .doc = first_doc},                                                                  \
    {                                                                                    \
        .name = second, .types = CELL_TENSOR | CELL_NUMBER,                              \
        .flags = CELL_REQUIRED | CELL_AUTO, .doc = second_doc                            \
    }

/* The row of a function: name, parameters, text, formula, example. */
#define CMD_FUNCTION(title, list, text, tex, ex)                                         \
    .name = title, .kind = CELL_FUNCTION, .params = list, .n_params = ARRAY_LEN(list),   \
    .returns = N_("un número si recibe números; si no, un tensor"), .doc = text,         \
    .formula = tex, .example = ex

/* The result is on top. When no input was a tensor (plain), a result without axes becomes
 * a Lua number. Returns 1. */
int cmd_finish(lua_State *L, bool plain);

void cmd_loss_functions_open(lua_State *L);
void cmd_joins_open(lua_State *L);

#endif
