/* metrics.h: the confusion matrix as a Lua table, shared with plot.confusion. */
#ifndef COMMAND_METRICS_H
#define COMMAND_METRICS_H

#include "args.h"

#include "base/mime.h"

/* Names of n classes from the list at slot (the strings stay in the list), or from
 * fallback (may be NULL); NULL when there are none. Raises when the list is too short. */
const char *const *cmd_names(lua_State *L, int slot, size_t n, char *const *fallback,
                             size_t n_fallback);

/* Pushes the matrix of n labels each as a Lua table; classes: names or NULL. */
void cmd_confusion_push(lua_State *L, const int32_t *y_true, const int32_t *y_pred,
                        size_t n, size_t n_classes, const char *const *names);
/* Draws the table at idx. */
void cmd_confusion_figure(lua_State *L, int idx, struct mime_bundle *out,
                          const char *title, const char *caption, const char *label);

#endif
