/* test_use.h: how many models were measured on the same test part. A model chosen by the
 * test part makes its accuracy no honest estimate, so the second model is told. */
#ifndef COMMAND_TEST_USE_H
#define COMMAND_TEST_USE_H

#include "nn/dataset.h"
#include "nn/model.h"

#include <lua.h>

/* Notes that m was measured on d's test part; returns by how many models it was until now.
 * The same weights again do not count. From the second on it says so on the cell's
 * output. */
int cmd_test_use(lua_State *L, const struct nn_dataset *d, const struct nn_model *m);

/* How many models an output says were measured, when it holds such a sentence; else 0. */
int cmd_test_use_told(const char *text);

#endif
