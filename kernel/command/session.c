/* session.c: the seed of the session and the stream that follows from it. */
#include "session.h"

#include "nn/seed.h"

struct session {
    uint64_t seed;
    struct nn_rng rng;
};

static const char session_key = 0;

static struct session *session_of(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &session_key);
    struct session *s = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return s;
}

struct nn_rng *cmd_session_rng(lua_State *L) {
    return &session_of(L)->rng;
}

uint64_t cmd_session_seed(lua_State *L) {
    return session_of(L)->seed;
}

void cmd_session_set_seed(lua_State *L, uint64_t seed) {
    struct session *s = session_of(L);
    s->seed = seed;
    nn_seed_set(seed); /* initial weights, order of the batches, masks */
    nn_rng_seed(&s->rng, seed);
}

void cmd_session_open(lua_State *L) {
    struct session *s = lua_newuserdatauv(L, sizeof *s, 0);
    *s = (struct session){0};
    lua_rawsetp(L, LUA_REGISTRYINDEX, &session_key);
    cmd_session_set_seed(L, NN_SEED_DEFAULT);
}
