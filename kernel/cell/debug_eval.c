/* debug_eval.c: Lua that sees a stopped frame. The text is compiled with an environment of
 * its own, whose reads and writes reach the frame's locals, then what its function uses from
 * outside, then the globals. */
#include "debug.h"

static const char result_key; /* its address: the value's place in the registry */

struct eval {
    const struct debug_frame *f; /* or NULL */
    const char *code;
    bool bad_syntax;
    bool show; /* a bundle is wanted, not the value */
    struct mime_bundle bundle;
};

/* The evaluation that runs; a closure that outlives it finds NULL and sees globals alone. */
static struct eval *of_closure(lua_State *L) {
    struct eval **box = lua_touserdata(L, lua_upvalueindex(1));
    return *box;
}

static int read_name(lua_State *L) {
    struct eval *v = of_closure(L);
    struct debug_place at;
    if (v && v->f && lua_type(L, 2) == LUA_TSTRING &&
        cell_debug_find(L, v->f, lua_tostring(L, 2), &at))
        return 1;
    lua_pushglobaltable(L);
    lua_pushvalue(L, 2);
    lua_gettable(L, -2);
    return 1;
}

static int write_name(lua_State *L) {
    struct eval *v = of_closure(L);
    struct debug_place at;
    if (v && v->f && lua_type(L, 2) == LUA_TSTRING &&
        cell_debug_find(L, v->f, lua_tostring(L, 2), &at)) {
        lua_settop(L, 3);
        cell_debug_assign(L, v->f, at);
        return 0;
    }
    lua_settop(L, 3);
    lua_pushglobaltable(L);
    lua_insert(L, 2);
    lua_settable(L, 2);
    return 0;
}

/* Pushes the environment; *box is set to NULL when the evaluation ends. */
static struct eval **push_environment(lua_State *L, struct eval *v) {
    struct eval **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = v;
    lua_newtable(L);
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, -3);
    lua_pushcclosure(L, read_name, 1);
    lua_setfield(L, -2, "__index");
    lua_pushvalue(L, -3);
    lua_pushcclosure(L, write_name, 1);
    lua_setfield(L, -2, "__newindex");
    lua_setmetatable(L, -2);
    return box;
}

/* An expression, else statements. */
static bool compile(lua_State *L, const char *code) {
    const char *name = lua_pushfstring(L, "=%s", _("expresión"));
    size_t n;
    lua_pushfstring(L, "return %s", code);
    const char *s = lua_tolstring(L, -1, &n);
    int status = luaL_loadbufferx(L, s, n, name, "t");
    if (status != LUA_OK) {
        lua_pop(L, 1);
        status = luaL_loadbufferx(L, code, strlen(code), name, "t");
    }
    lua_replace(L, 2);
    lua_settop(L, 2);
    return status == LUA_OK;
}

static int eval_body(lua_State *L) {
    struct eval *v = lua_touserdata(L, 1);
    size_t n;
    if (!compile(L, v->code)) {
        const char *msg = lua_tolstring(L, -1, &n);
        cell_trace_syntax(cell_of(L), msg ? msg : "", n);
        v->bad_syntax = true;
        return 0;
    }
    struct eval **box = push_environment(L, v);
    lua_setupvalue(L, 2, 1);
    lua_pushvalue(L, 2);
    int status = lua_pcall(L, 0, 1, 0);
    *box = NULL;
    if (status != LUA_OK)
        return lua_error(L);
    if (v->show)
        cell_display_value(L, -1, &v->bundle);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &result_key);
    return 0;
}

static bool run(struct cell *c, struct eval *v, char **why) {
    struct interp_result out = {0};
    cell_run_protected(c, eval_body, v, &v->bad_syntax, &out);
    if (!out.ok) {
        *why = out.error.evalue;
        out.error.evalue = NULL;
        mime_release(&v->bundle);
    }
    bool ok = out.ok;
    interp_result_release(&out);
    return ok;
}

bool cell_debug_eval(struct cell *c, const struct debug_frame *f, const char *code,
                     char **why) {
    struct eval v = {.f = f, .code = code};
    if (!run(c, &v, why))
        return false;
    lua_rawgetp(c->L, LUA_REGISTRYINDEX, &result_key);
    lua_pushnil(c->L);
    lua_rawsetp(c->L, LUA_REGISTRYINDEX, &result_key);
    return true;
}

/* ------------------------------------------------------------------------ the requests */

/* The frame that a request names; *f NULL when it names none. false: refused. */
static bool frame_of(struct debug_ask *a, const char *key, const struct debug_frame **f) {
    const json_t *id = json_object_get(a->args, key);
    *f = NULL;
    if (!json_is_integer(id) || (json_integer_value(id) == 0 && !a->d->stopped))
        return true;
    *f = cell_debug_frame(a->d, json_integer_value(id));
    if (!*f && a->d->stopped)
        cell_debug_refuse(a,
                          _("no hay ningún nivel %lld: la ejecución no está detenida "
                            "ahí"),
                          (long long)json_integer_value(id));
    return *f || !a->d->stopped;
}

/* Evaluates for a request: true with the value on the stack. */
static bool value_of(struct debug_ask *a, const struct debug_frame *f, const char *code) {
    char *why = NULL;
    bool ok = cell_debug_eval(a->c, f, code, &why);
    if (!ok)
        cell_debug_refuse(a, "%s", why ? why : _("no hay memoria"));
    free(why);
    return ok;
}

void cell_debug_evaluate(lua_State *L, struct debug_ask *a) {
    const char *code = cell_debug_string(a->args, "expression");
    const struct debug_frame *f;
    if (!code) {
        cell_debug_refuse(a, _("a %s le falta «%s»"), a->command, "expression");
        return;
    }
    if (!frame_of(a, "frameId", &f) || !value_of(a, f, code))
        return;
    json_t *v = cell_debug_variable(L, -1, "", false);
    a->body = json_pack("{s:O, s:s, s:O}", "result", json_object_get(v, "value"), "type",
                        cell_type_name(L, -1), "variablesReference",
                        json_object_get(v, "variablesReference"));
    json_decref(v);
}

/* A field by the name that variables shows: "x" or "[3]". The value is on the top. */
static void set_field(lua_State *L, struct debug_ask *a, json_int_t r, const char *name) {
    long long index;
    char close;
    if (!cell_debug_referred(L, r)) {
        cell_debug_refuse(a, _("el valor %lld ya no existe"), (long long)r);
        return;
    }
    if (sscanf(name, "[%lld%c", &index, &close) == 2 && close == ']')
        lua_pushinteger(L, index);
    else
        lua_pushstring(L, name);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

static void set_in_frame(lua_State *L, struct debug_ask *a, const struct debug_frame *f,
                         const char *name) {
    struct debug_place at;
    if (!cell_debug_find(L, f, name, &at)) {
        cell_debug_refuse(a, _("la variable «%s» no existe"), name);
        return;
    }
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    cell_debug_assign(L, f, at);
}

void cell_debug_set_variable(lua_State *L, struct debug_ask *a) {
    const char *name = cell_debug_string(a->args, "name");
    const char *code = cell_debug_string(a->args, "value");
    json_int_t r = json_integer_value(json_object_get(a->args, "variablesReference"));
    json_int_t i = r % DEBUG_LOCALS;
    bool in_frame = r >= DEBUG_LOCALS && r < DEBUG_VALUES;
    const struct debug_frame *f = a->d->stopped && i < (json_int_t)a->d->n_frames
                                      ? &a->d->frame[MAX_OF(i, 0)]
                                      : NULL;
    if (!name || !code || (in_frame && !f)) {
        cell_debug_refuse(a, _("a %s le falta «%s»"), a->command,
                          !name   ? "name"
                          : !code ? "value"
                                  : "variablesReference");
        return;
    }
    if (!value_of(a, in_frame ? f : NULL, code))
        return;
    if (in_frame) {
        set_in_frame(L, a, f, name);
    } else if (r >= DEBUG_VALUES) {
        set_field(L, a, r, name);
    } else {
        lua_pushvalue(L, -1);
        lua_setglobal(L, name);
    }
    if (!a->message[0])
        a->body = cell_debug_variable(L, -1, name, false);
}

void cell_debug_copy(lua_State *L, struct debug_ask *a) {
    const char *from = cell_debug_string(a->args, "srcVariableName");
    const char *to = cell_debug_string(a->args, "dstVariableName");
    const struct debug_frame *f;
    if (!from || !to) {
        cell_debug_refuse(a, _("a %s le falta «%s»"), a->command,
                          from ? "dstVariableName" : "srcVariableName");
        return;
    }
    if (!frame_of(a, "srcFrameId", &f) || !value_of(a, f, from))
        return;
    lua_setglobal(L, to);
    a->body = json_object();
}

void cell_debug_rich(lua_State *L, struct debug_ask *a) {
    (void)L;
    struct eval v = {.code = cell_debug_string(a->args, "variableName"), .show = true};
    if (!v.code) {
        cell_debug_refuse(a, _("a %s le falta «%s»"), a->command, "variableName");
        return;
    }
    char *why = NULL;
    if (!frame_of(a, "frameId", &v.f))
        return;
    if (run(a->c, &v, &why)) {
        json_t *metadata =
            v.bundle.metadata ? json_loads(v.bundle.metadata, 0, NULL) : NULL;
        a->body = json_pack("{s:o, s:o}", "data", cell_debug_data(&v.bundle), "metadata",
                            metadata ? metadata : json_object());
    } else {
        cell_debug_refuse(a, "%s", why ? why : _("no hay memoria"));
    }
    mime_release(&v.bundle);
    free(why);
}
