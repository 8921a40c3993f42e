/* display.h: how a value shows itself.
 *
 * A metatable's __display(value) gives the representations. It returns either
 *  - a bundle box (C): see cell_bundle_push, or
 *  - a table {["text/html"] = "...", ["text/plain"] = "...", metadata = {caption =
 * "..."}}; a table as the data of a JSON type is encoded, or
 *  - a string: the text/plain alone, or
 *  - nil or nothing: the value shows nothing (io.stdout does that).
 * text/plain is added from tostring when it is missing.
 *
 * Without __display: strings raw, numbers as Lua prints them, tables laid out (nested,
 * cycles marked, depth and length limited, keys sorted), __tostring and __name respected.
 * Text is UTF-8 on the way out whatever bytes were in: invalid ones become U+FFFD,
 * control bytes a readable escape. */
#ifndef CELL_DISPLAY_H
#define CELL_DISPLAY_H

#include "base/buf.h"
#include "base/mime.h"

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

/* Fills out (zeroed by the caller, who releases it) with the value at idx. Raises what
 * the value's metamethods raise, or MemoryError; out is untouched then. */
void cell_display_value(lua_State *L, int idx, struct mime_bundle *out);

/* Pushes a box with an empty bundle that the collector releases, for a C __display:
 *
 *     static int l_display(lua_State *L) {
 *         struct mime_bundle *b = cell_bundle_push(L);
 *         if (viz_figure_render(fig, b, &e) < 0) return cell_raise(L, &e);
 *         return 1;
 *     } */
struct mime_bundle *cell_bundle_push(lua_State *L);

/* Sends the value at idx to the host as a display_data of the running cell. display_id
 * may be NULL. May raise like cell_display_value. */
void cell_display_send(lua_State *L, int idx, const char *display_id, bool update);

/* The one-line text of a value (`tensor 784×30`, `{1, 2, 3, …}`), at most max bytes, for
 * inspect, completion and tracebacks: runs no Lua metamethod, C ones alone. */
void cell_brief(lua_State *L, int idx, struct buf *out);

/* Appends n bytes as valid UTF-8 without control bytes (newline and tab stay). */
void cell_text_clean(struct buf *out, const char *s, size_t n);

/* A fresh display_id, unique in this process and across kernels; 33 bytes with the NUL.
 */
void cell_display_id(char id[33]);

#endif
