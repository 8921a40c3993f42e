/* show.h: results that show themselves: tables that are Lua tables as well, and figures.
 *
 *     struct cmd_table *t = cmd_table_push(L, 2, headers, "lr", "Report");
 *     cmd_table_cell(L, t, "%s", name);  cmd_table_cell(L, t, "%.2f", f1);
 *     lua_setfield(L, -2, "accuracy");            the value is a Lua table with fields
 *
 * The pushed value is a Lua table whose metatable (__name as given) displays the cells as
 * HTML, LaTeX and text. Figures are shown when they are made, as students expect of
 * plot.xxx; the object that a command returns does not show itself a second time in the
 * same cell, and does in later ones. Threads: the cell's. */
#ifndef COMMAND_SHOW_H
#define COMMAND_SHOW_H

#include "args.h"
#include "viz/table.h"

struct cmd_table;

enum { CMD_TABLE_COLUMNS = 32 };

/* headers: n untranslated texts that live on (static); align: 'l', 'r' or 'c' each. */
struct cmd_table *cmd_table_push(lua_State *L, size_t n, const char *const headers[],
                                 const char *align, const char *type);
/* Replaces a header by a text that is copied and not translated: the student's own. */
void cmd_table_header(lua_State *L, struct cmd_table *t, size_t column, const char *text);
/* Left-aligned cells wider than this go on in the next line (viz/table.h). */
void cmd_table_wrap(struct cmd_table *t, size_t columns);
/* The next cell, row by row. Raises when memory is short. */
__attribute__((format(printf, 3, 4))) void
cmd_table_cell(lua_State *L, struct cmd_table *t, const char *fmt, ...);
/* A thin line below the last row; a note below the table; caption and label. */
void cmd_table_rule(struct cmd_table *t);
/* The colour of the cell that was added last. */
void cmd_table_tone(lua_State *L, struct cmd_table *t, enum viz_tone tone);
/* The last row in bold. */
void cmd_table_bold(struct cmd_table *t);
/* Before the first table of a type that has methods: rows "Type:f" may be registered. */
void cmd_table_class(lua_State *L, const char *type);
void cmd_table_note(lua_State *L, struct cmd_table *t, const char *note);
void cmd_table_caption(lua_State *L, struct cmd_table *t, const struct cmd_args *a);

/* Sends the value on top of the stack now; later in this cell it shows nothing. */
void cmd_show_now(lua_State *L);

/* Pushes a Figure with an empty bundle for the caller to fill. */
struct mime_bundle *cmd_figure_push(lua_State *L);

void cmd_show_open(lua_State *L);

#define CMD_CAPTION                                                                      \
    {.name = "caption",                                                                  \
     .types = CELL_STRING,                                                               \
     .flags = CELL_NAMED,                                                                \
     .doc = N_("pie de la figura o tabla en el informe")},                               \
    {                                                                                    \
        .name = "label", .types = CELL_STRING, .flags = CELL_NAMED,                      \
        .doc = N_("etiqueta para citarla en el informe: \"fig:...\" o \"tab:...\"")      \
    }

#endif
