/* cover.h: the fields of the report's cover, for lab.cover and for the check of what is
 * missing. */
#ifndef COMMAND_COVER_H
#define COMMAND_COVER_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* The key of field i ("institucion") with its name for the reader and whether a report
 * needs it; NULL behind the last. */
const char *cmd_cover_field(size_t i, const char **name, bool *need);

void cmd_cover_open(lua_State *L); /* lab.cover */
void cmd_latex_open(lua_State *L); /* lab.latex */

#endif
