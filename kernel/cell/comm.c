/* comm.c: comms: who waits for a message of which comm, and the messages on their way. */
#include "cell/comm.h"
#include "state.h"

static const char *const comms_key = "cell.comms";     /* id -> function */
static const char *const targets_key = "cell.targets"; /* name -> function */

const struct host *cell_host_set(lua_State *L, const struct host *to) {
    struct cell *c = cell_of(L);
    const struct host *before = c->cfg.host;
    c->cfg.host = to;
    return before;
}

void cell_at_end(lua_State *L, lua_CFunction f) {
    cell_of(L)->at_end = f;
}

/* ------------------------------------------------------------------- to the front end */

static int send(lua_State *L, struct host_comm *c, const struct cell_comm_message *m,
                struct err *e) {
    const struct host *h = cell_of(L)->true_host;
    if (!h->comm)
        return 0;
    if (m) {
        c->data = m->data;
        c->metadata = m->metadata;
        c->buffer = m->buffer;
        c->n_buffers = m->n_buffers;
    }
    return h->comm(h->self, ORIGIN_CURRENT, c, e);
}

/* comms[id] = the value at the top, which is popped. */
static void set_entry(lua_State *L, const char *key, const char *name) {
    luaL_getsubtable(L, LUA_REGISTRYINDEX, key);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, name);
    lua_pop(L, 2);
}

int cell_comm_open(lua_State *L, char id[CELL_COMM_ID], const char *target,
                   const struct cell_comm_message *m, struct err *e) {
    cell_display_id(id);
    set_entry(L, comms_key, id);
    struct host_comm c = {.kind = HOST_COMM_OPEN, .id = id, .target = target};
    int rc = send(L, &c, m, e);
    if (rc < 0) {
        lua_pushnil(L);
        set_entry(L, comms_key, id);
    }
    return rc;
}

int cell_comm_send(lua_State *L, const char *id, const struct cell_comm_message *m,
                   struct err *e) {
    struct host_comm c = {.kind = HOST_COMM_MSG, .id = id};
    return send(L, &c, m, e);
}

void cell_comm_close(lua_State *L, const char *id) {
    if (cell_of(L)->closing)
        return;
    luaL_getsubtable(L, LUA_REGISTRYINDEX, comms_key);
    bool known = lua_getfield(L, -1, id) != LUA_TNIL;
    lua_pop(L, 2);
    if (!known)
        return;
    lua_pushnil(L);
    set_entry(L, comms_key, id);
    struct host_comm c = {.kind = HOST_COMM_CLOSE, .id = id};
    struct err e = {0};
    (void)send(L, &c, NULL, &e); /* closed from the other side already: as it should be */
}

void cell_comm_target(lua_State *L, const char *target) {
    set_entry(L, targets_key, target);
}

/* ----------------------------------------------------------------- from the front end */

struct arrival {
    const struct host_comm *m;
    bool known;
};

static void push_buffers(lua_State *L, const struct host_comm *m) {
    lua_createtable(L, (int)MIN_OF(m->n_buffers, (size_t)1024), 0);
    for (size_t i = 0; i < m->n_buffers; i++) {
        lua_pushlstring(L, m->buffer[i].len ? m->buffer[i].data : "", m->buffer[i].len);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* The function that waits for this message at the top, or false and nothing. */
static bool push_receiver(lua_State *L, const struct host_comm *m) {
    bool open = m->kind == HOST_COMM_OPEN;
    luaL_getsubtable(L, LUA_REGISTRYINDEX, open ? targets_key : comms_key);
    bool there = lua_getfield(L, -1, open ? m->target : m->id) == LUA_TFUNCTION;
    if (!there) {
        lua_pop(L, 2);
        return false;
    }
    lua_remove(L, -2);
    if (m->kind == HOST_COMM_MSG)
        return true;
    if (open)
        lua_pushvalue(L, -1);
    else
        lua_pushnil(L);
    set_entry(L, comms_key, m->id);
    return true;
}

static int arrive(lua_State *L) {
    static const char *const kinds[] = {"open", "msg", "close"};
    struct arrival *a = lua_touserdata(L, 1);
    struct err e = {0};
    if (!push_receiver(L, a->m))
        return 0;
    a->known = true;
    lua_pushstring(L, a->m->id);
    lua_pushstring(L, kinds[a->m->kind]);
    const char *data = a->m->data ? a->m->data : "{}";
    if (cell_json_load(L, data, strlen(data), &e) < 0)
        return cell_raise(L, &e);
    push_buffers(L, a->m);
    lua_call(L, 4, 0);
    return 0;
}

static void print_error(struct cell *c, const struct interp_error *x) {
    const struct host *h = c->cfg.host;
    for (size_t i = 0; i < x->lines; i++) {
        h->stream(h->self, ORIGIN_CURRENT, HOST_STDERR, x->traceback[i],
                  strlen(x->traceback[i]));
        h->stream(h->self, ORIGIN_CURRENT, HOST_STDERR, "\n", 1);
    }
}

bool cell_comm(void *self, const struct host_comm *m) {
    struct cell *c = self;
    struct arrival a = {.m = m};
    struct interp_result out = {0};
    cell_run_protected(c, arrive, &a, NULL, &out);
    if (!out.ok)
        print_error(c, &out.error);
    bool known = a.known && (out.ok || m->kind != HOST_COMM_OPEN);
    interp_result_release(&out);
    return known;
}
