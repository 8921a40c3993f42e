/* register.h: from a table of rows with their C functions to names in the language.
 *
 *     static const struct cmd_command commands[] = {
 *         {{.name = "nn.load", .kind = CELL_FUNCTION, ...}, nn_load},
 *         {{.name = "Model:fit", .kind = CELL_METHOD, ...}, model_fit},
 *     };
 *     cmd_class(L, "Model", release_model, model_fields);
 *     cmd_register(L, commands, ARRAY_LEN(commands));
 *
 * "f" becomes a global, "nn.f" a field of the module nn (made when it is missing),
 * "Model:f" a method of the class, which has to exist. A row without a function only
 * describes (modules, classes, fields). Each function finds its row in its first upvalue,
 * where the argument reader looks. */
#ifndef COMMAND_REGISTER_H
#define COMMAND_REGISTER_H

#include "args.h"

struct cmd_command {
    struct cell_help_row row;
    lua_CFunction run;
};

void cmd_register(lua_State *L, const struct cmd_command *commands, size_t n);
/* The same for one row made at run time, which must live as long as the state. */
void cmd_register_one(lua_State *L, const struct cell_help_row *row, lua_CFunction run);

/* Makes the module `name` reachable as a field of another one: nn.optim. */
void cmd_register_alias(lua_State *L, const char *module, const char *name);

/* Makes the module callable: tensor{...} beside tensor.zeros. f finds the module at 1. */
void cmd_register_module_call(lua_State *L, const char *module,
                              const struct cell_help_row *row, lua_CFunction f);

/* A field reader: value at 1, its C string key; pushes the value and returns true, or
 * pushes nothing. */
typedef bool cmd_fields_fn(lua_State *L, const char *key);

/* Makes the metatable of a class: freeing, methods by rows, fields by the function (may
 * be NULL), and a misspelt member is an error with the nearest name. */
void cmd_class(lua_State *L, const char *name, cmd_release_fn *release,
               cmd_fields_fn *fields);
/* Sets a metamethod ("__call") of a class; the row name stands for the argument reader. */
void cmd_class_meta(lua_State *L, const char *name, const char *event, lua_CFunction f);

/* Pushes the table of methods of a class. */
void cmd_push_methods(lua_State *L, const char *name);

/* self of a method: raises when the value at 1 is not such an object. */
void *cmd_self(lua_State *L, const char *name);

/* Seals the modules (strict names) once everything is registered. */
void cmd_modules_seal(lua_State *L);

#endif
