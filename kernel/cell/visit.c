/* visit.c: another shell's request inside of a running cell. It runs on a coroutine of its
 * own, so that the interrupted run finds its stack, its interrupt and its traceback as it
 * left them. */
#include "state.h"

static int make_coroutine(lua_State *L) {
    struct cell_visit *v = lua_touserdata(L, 1);
    v->L = lua_newthread(L);
    v->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

/* Sets v->L and v->ref; memory may be short. */
static bool new_coroutine(lua_State *L, struct cell_visit *v) {
    if (!lua_checkstack(L, 4))
        return false;
    lua_pushcfunction(L, make_coroutine);
    lua_pushlightuserdata(L, v);
    bool ok = lua_pcall(L, 1, 0, 0) == LUA_OK;
    if (!ok)
        lua_pop(L, 1);
    return ok;
}

static void save_stop(struct cell_visit *v, struct cell_stop *s) {
    v->unwinding = s->unwinding;
    v->requests = atomic_load(&s->requests);
    v->pending = atomic_load(&s->pending);
    v->training = atomic_load(&s->training);
    v->last_ns = atomic_load(&s->last_ns);
}

/* An interrupt during the visit was meant for what the user sees running: both. */
static void restore_stop(const struct cell_visit *v, struct cell *c) {
    struct cell_stop *s = &c->stop;
    unsigned during = atomic_load(&s->requests) - v->requests;
    cell_stop_enter(c);
    s->unwinding = v->unwinding;
    atomic_store(&s->training, v->training);
    atomic_store(&s->last_ns, v->last_ns);
    atomic_store(&s->pending, v->pending);
    for (unsigned i = 0; i < MIN_OF(during, 2U); i++)
        cell_stop_request(s);
}

bool cell_visit_begin(void *self) {
    struct cell *c = self;
    struct cell_visit *v = calloc(1, sizeof *v);
    if (!v || !new_coroutine(c->running, v)) {
        free(v);
        return false;
    }
    lua_State *fresh = v->L;
    v->outer = c->visit;
    v->L = c->L;
    v->running = c->running;
    v->links = c->links;
    v->fault = c->fault;
    v->in_coroutine = c->in_coroutine;
    v->raised_ename = c->raised_ename;
    v->refused = c->mem.refused;
    v->count = c->count;
    v->exit_status = c->exit_status;
    v->host = c->cfg.host;
    save_stop(v, &c->stop);
    c->fault = (struct cell_fault){0};
    c->L = c->running = fresh;
    c->links = NULL;
    c->visit = v;
    c->cfg.host = c->true_host;
    return true;
}

void cell_visit_end(void *self) {
    struct cell *c = self;
    struct cell_visit *v = c->visit;
    cell_fault_clear(&c->fault);
    c->visit = v->outer;
    c->L = v->L;
    c->links = v->links;
    c->fault = v->fault;
    c->in_coroutine = v->in_coroutine;
    c->raised_ename = v->raised_ename;
    c->mem.refused = v->refused;
    c->count = v->count;
    c->exit_status = v->exit_status;
    c->cfg.host = v->host;
    restore_stop(v, c);
    c->running = v->running;
    luaL_unref(c->running, LUA_REGISTRYINDEX, v->ref);
    free(v);
}
