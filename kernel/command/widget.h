/* widget.h: what the page shows and the student moves: sliders, buttons, boxes, over the
 * comm target jupyter.widget (ipywidgets' message protocol, version 2.1).
 *
 * A Widget is a userdata: user value 1 is the table of its fields as the student sees them,
 * 2 the list of functions that wait for a change (of a button: for a click). widget.c is
 * the object, widget_sync.c its messages, widget_kinds.c the commands that make one.
 *
 * Lifetime: it closes in the page when it is collected or closed; one that was displayed
 * stays, as the student can still move it (the last SHOWN_MAX of them). The models for
 * layout and style are shared by all widgets of a kind. Threads: the cell's. */
#ifndef COMMAND_WIDGET_H
#define COMMAND_WIDGET_H

#include "args.h"

#define CMD_WIDGET "Widget"

enum cmd_widget_value {
    CMD_WIDGET_NOTHING, /* a button */
    CMD_WIDGET_INTEGER,
    CMD_WIDGET_NUMBER,
    CMD_WIDGET_LOG, /* a number; min and max travel as exponents of 10 */
    CMD_WIDGET_BOOLEAN,
    CMD_WIDGET_TEXT,
    CMD_WIDGET_IMAGE,  /* bytes of a PNG, which travel as a buffer */
    CMD_WIDGET_CHOICE, /* one of options; travels as its index */
    CMD_WIDGET_CHILDREN
};

struct cmd_widget_kind {
    const char *row;          /* "widget.slider": its parameters are the fields */
    const char *model, *view; /* "IntSliderModel", "IntSliderView" */
    const char *style;        /* "SliderStyleModel", or NULL */
    enum cmd_widget_value value;
};

struct cmd_widget {
    const struct cmd_widget_kind *kind; /* NULL: closed */
    char id[33];
    bool late; /* its value is kept back */
};

/* Makes a widget of the table of fields on top of the stack, which it takes, and opens it.
 * Raises. */
struct cmd_widget *cmd_widget_push(lua_State *L, const struct cmd_widget_kind *kind);
/* The widget at idx, or NULL (closed ones too). */
struct cmd_widget *cmd_widget_test(lua_State *L, int idx);
/* Calls the command "slider" with the table of options on top, which the widget replaces. */
void cmd_widget_make(lua_State *L, const char *command);
/* f at the top is called at each change of the widget at idx (each click); pops it. */
void cmd_widget_listen(lua_State *L, int idx);
/* The field of the widget at idx becomes the value on top, which is popped; the page and
 * who listens hear of it. Raises on what the field does not take. */
void cmd_widget_set(lua_State *L, int idx, const char *field);
/* Pushes the field. */
void cmd_widget_get(lua_State *L, int idx, const char *field);
void cmd_widget_close(lua_State *L, int idx);

/* ---- between the three files */
/* The value on top as the kind wants it; replaces it. Raises. */
void cmd_widget_coerce(lua_State *L, int idx);
/* Sets a field that is fit: keeps it, sends it (as an echo of the page's own change), tells
 * who listens. Pops it. */
void cmd_widget_change(lua_State *L, int idx, const char *field, bool echo);
void cmd_widget_click(lua_State *L, int idx);
void cmd_widget_forget(lua_State *L, int idx); /* closed from the other side */
void cmd_widget_open_comm(lua_State *L, int idx);
/* Sends field, or keeps a value back for a moment: a server drops what comes faster than it
 * allows, and a loop may set a progress bar a million times. The last value is always sent. */
void cmd_widget_post(lua_State *L, int idx, const char *field);
/* Sends field (NULL: all). */
void cmd_widget_send(lua_State *L, int idx, const char *method, const char *field);
/* Registry tables, at the top: widgets by id (weak), those that were displayed. */
void cmd_widget_table(lua_State *L);

void cmd_widget_open(lua_State *L);
void cmd_widget_sync_open(lua_State *L);
void cmd_widget_kinds_open(lua_State *L);
void cmd_interact_open(lua_State *L);

#endif
