/* rescue.h: what is to be saved when the process is about to end by a fatal signal.
 *
 *     struct cell_rescue r = {.save = save_model, .ctx = m};
 *     cell_rescue_begin(L, &r);
 *     ... long work that must not be lost; no Lua error may pass through here ...
 *     cell_rescue_end(L, &r);
 *
 * They nest; the innermost one is saved. save runs in another thread while the one that
 * runs cells is held for ever in its signal handler: it may read what that thread was
 * writing, takes no lock that it may hold, and touches no Lua state. It writes one sentence
 * that says where things are into text, "" when there was nothing to save. */
#ifndef CELL_RESCUE_H
#define CELL_RESCUE_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

struct cell_rescue {
    void (*save)(void *ctx, char *text, size_t size);
    void *ctx;
    struct cell_rescue *outer;
};

/* What a command was at when it crashed, as a few words behind the line's number: "matmul:
 * (2, 3) × (3, 4) → (2, 4)". Called as save is; false: nothing to say. One per interpreter. */
void cell_rescue_detail(lua_State *L, bool (*detail)(char *text, size_t size));

void cell_rescue_begin(lua_State *L, struct cell_rescue *r);
void cell_rescue_end(lua_State *L, struct cell_rescue *r);

#endif
