/* commlib.c: what a cell writes: comm.open, comm.register_target, and the Comm object. */
#include "cell/comm.h"
#include "state.h"

static const char *const comm_type = "Comm";
static const char *const objects_key = "cell.comm_objects"; /* id -> Comm, while open */

struct comm {
    char id[129]; /* the front end's own may be long */
    bool open;
};

static struct comm *check(lua_State *L) {
    return luaL_checkudata(L, 1, comm_type);
}

/* objects[id] = the value at idx */
static void keep(lua_State *L, int idx, const char *id) {
    idx = lua_absindex(L, idx);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, objects_key);
    lua_pushvalue(L, idx);
    lua_setfield(L, -2, id);
    lua_pop(L, 1);
}

static void forget(lua_State *L, struct comm *c) {
    c->open = false;
    lua_pushnil(L);
    keep(L, -1, c->id);
    lua_pop(L, 1);
}

static struct comm *push_comm(lua_State *L, const char *id) {
    struct comm *c = lua_newuserdatauv(L, sizeof *c, 1);
    *c = (struct comm){.open = true};
    (void)snprintf(c->id, sizeof c->id, "%s", id);
    luaL_setmetatable(L, comm_type);
    lua_newtable(L); /* on_msg, on_close */
    lua_setiuservalue(L, -2, 1);
    return c;
}

/* ------------------------------------------------------------------------- arguments */

/* The frames of a message; every text that they borrow lies on the stack. */
struct frames {
    struct cell_comm_message m;
};

/* The JSON of the value at idx (nil: none), on the stack. */
static const char *json_at(lua_State *L, int idx) {
    struct err e = {0};
    char *json = NULL;
    size_t n;
    if (lua_isnoneornil(L, idx))
        return NULL;
    luaL_checktype(L, idx, LUA_TTABLE);
    struct buf *b = cell_buf_push(L, SIZE_MAX / 4);
    if (cell_json_dump(L, idx, &json, &n, &e) < 0)
        cell_raise(L, &e);
    b->data = json; /* the collector's from here on */
    b->len = n;
    b->cap = n + 1;
    return json;
}

static void read_buffers(lua_State *L, int idx, struct frames *f) {
    if (lua_isnoneornil(L, idx))
        return;
    luaL_checktype(L, idx, LUA_TTABLE);
    size_t n = lua_rawlen(L, idx);
    luaL_argcheck(L, n <= 1000, idx, _("son más de 1000 piezas"));
    struct host_buffer *b = lua_newuserdatauv(L, (n + 1) * sizeof *b, 0);
    for (size_t i = 0; i < n; i++) {
        if (lua_rawgeti(L, idx, (lua_Integer)i + 1) != LUA_TSTRING)
            cell_raisef(L, ERR_DTYPE, "%s", _("comm: buffers es una lista de textos"));
        b[i].data = lua_tolstring(L, -1, &b[i].len); /* the list keeps it */
        lua_pop(L, 1);
    }
    f->m.buffer = b;
    f->m.n_buffers = n;
}

/* -------------------------------------------------------------------------- messages */

/* Calls the object's function `name` with the values at data and data + 1, if there is one. */
static void call(lua_State *L, const char *id, const char *name, int data) {
    luaL_getsubtable(L, LUA_REGISTRYINDEX, objects_key);
    if (lua_getfield(L, -1, id) == LUA_TUSERDATA) {
        lua_getiuservalue(L, -1, 1);
        if (lua_getfield(L, -1, name) == LUA_TFUNCTION) {
            lua_pushvalue(L, data);
            lua_pushvalue(L, data + 1);
            lua_call(L, 2, 0);
        }
    }
}

/* f(id, kind, data, buffers) */
static int receive(lua_State *L) {
    const char *id = lua_tostring(L, 1);
    lua_settop(L, 4);
    if (strcmp(lua_tostring(L, 2), "msg") == 0) {
        call(L, id, "on_msg", 3);
        return 0;
    }
    luaL_getsubtable(L, LUA_REGISTRYINDEX, objects_key);
    lua_getfield(L, -1, id);
    struct comm *c = luaL_testudata(L, -1, comm_type);
    call(L, id, "on_close", 3);
    if (c)
        forget(L, c);
    return 0;
}

/* The same for a target of the student's: upvalue 1 is his function(comm, data, buffers). */
static int receive_target(lua_State *L) {
    if (strcmp(lua_tostring(L, 2), "open") != 0)
        return receive(L);
    push_comm(L, lua_tostring(L, 1));
    keep(L, -1, lua_tostring(L, 1));
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, -2);
    lua_pushvalue(L, 3);
    lua_pushvalue(L, 4);
    lua_call(L, 3, 0);
    return 0;
}

/* comm.open(target, data, {metadata =, buffers =}) */
static int l_open(lua_State *L) {
    const char *target = luaL_checkstring(L, 1);
    struct frames f = {0};
    struct err e = {0};
    char id[CELL_COMM_ID];
    lua_settop(L, 3);
    f.m.data = json_at(L, 2);
    if (!lua_isnil(L, 3)) {
        luaL_checktype(L, 3, LUA_TTABLE);
        lua_getfield(L, 3, "metadata");
        f.m.metadata = json_at(L, lua_gettop(L));
        lua_getfield(L, 3, "buffers");
        read_buffers(L, lua_gettop(L), &f);
    }
    struct comm *c = push_comm(L, "");
    lua_pushcfunction(L, receive);
    if (cell_comm_open(L, id, target, &f.m, &e) < 0)
        return cell_raise(L, &e);
    memcpy(c->id, id, sizeof id);
    keep(L, -1, id);
    return 1;
}

static int l_register_target(lua_State *L) {
    const char *target = luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    lua_pushcclosure(L, receive_target, 1);
    cell_comm_target(L, target);
    return 0;
}

static int comm_send(lua_State *L) {
    struct comm *c = check(L);
    struct frames f = {0};
    struct err e = {0};
    lua_settop(L, 3);
    if (!c->open)
        return cell_raisef(L, ERR_STATE, _("el comm «%s» ya se cerró"), c->id);
    f.m.data = json_at(L, 2);
    read_buffers(L, 3, &f);
    if (cell_comm_send(L, c->id, &f.m, &e) < 0)
        return cell_raise(L, &e);
    return 0;
}

static int comm_close(lua_State *L) {
    struct comm *c = check(L);
    if (c->open) {
        cell_comm_close(L, c->id);
        forget(L, c);
    }
    return 0;
}

/* ------------------------------------------------------------------------ the object */

static bool is_callback(const char *key) {
    return strcmp(key, "on_msg") == 0 || strcmp(key, "on_close") == 0;
}

static int comm_index(lua_State *L) {
    struct comm *c = check(L);
    const char *key = luaL_checkstring(L, 2);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    if (strcmp(key, "id") == 0) {
        lua_pushstring(L, c->id);
    } else if (strcmp(key, "is_open") == 0) {
        lua_pushboolean(L, c->open);
    } else if (is_callback(key)) {
        lua_getiuservalue(L, 1, 1);
        lua_getfield(L, -1, key);
    } else {
        return cell_raise_no_member(L, comm_type, 2, lua_upvalueindex(1));
    }
    return 1;
}

static int comm_newindex(lua_State *L) {
    check(L);
    const char *key = luaL_checkstring(L, 2);
    if (!is_callback(key) || (!lua_isfunction(L, 3) && !lua_isnil(L, 3)))
        return cell_raisef(L, ERR_ARG, "%s",
                           _("de un comm se asignan on_msg y on_close, que son "
                             "funciones"));
    lua_getiuservalue(L, 1, 1);
    lua_pushvalue(L, 3);
    lua_setfield(L, -2, key);
    return 0;
}

static int comm_text(lua_State *L) {
    const struct comm *c = check(L);
    lua_pushfstring(L, c->open ? _("Comm %s") : _("Comm %s (cerrado)"), c->id);
    return 1;
}

static const struct cell_help_param p_open[] = {
    {.name = "target",
     .types = CELL_STRING,
     .flags = CELL_REQUIRED,
     .doc = N_("el nombre que la otra parte registró")},
    {.name = "data", .types = CELL_TABLE, .doc = N_("una tabla que se vuelve JSON")},
    {.name = "metadata",
     .types = CELL_TABLE,
     .flags = CELL_NAMED,
     .doc = N_("otra tabla, que describe a la primera")},
    {.name = "buffers",
     .types = CELL_LIST_STRING,
     .flags = CELL_NAMED,
     .doc = N_("textos de bytes que viajan sin cambiar")},
};
static const struct cell_help_param p_target[] = {
    {.name = "target",
     .types = CELL_STRING,
     .flags = CELL_REQUIRED,
     .doc = N_("el nombre con el que la otra parte abre")},
    {.name = "f",
     .types = CELL_FUNCTION_VALUE,
     .flags = CELL_REQUIRED,
     .doc = N_("recibe el comm, la tabla y los bytes de la apertura")},
};
static const struct cell_help_param p_send[] = {
    {.name = "data", .types = CELL_TABLE, .doc = N_("una tabla que se vuelve JSON")},
    {.name = "buffers",
     .types = CELL_LIST_STRING,
     .doc = N_("textos de bytes que viajan sin cambiar")},
};
static const struct cell_help_row rows[] = {
    {.name = "comm",
     .kind = CELL_MODULE,
     .doc = N_("Mensajes entre el cuaderno y lo que se muestra en la página."),
     .see_also = "comm.open comm.register_target widget"},
    {.name = "comm.open",
     .kind = CELL_FUNCTION,
     .params = p_open,
     .n_params = ARRAY_LEN(p_open),
     .returns = N_("un comm"),
     .doc =
         N_("Abre un comm. Lo que llega lo recibe c.on_msg = function(data, buffers)."),
     .example = "c = comm.open(\"mi_canal\", {saludo = \"hola\"})",
     .see_also = "comm.register_target"},
    {.name = "comm.register_target",
     .kind = CELL_FUNCTION,
     .params = p_target,
     .n_params = ARRAY_LEN(p_target),
     .doc = N_("Deja que la página abra comms con este nombre."),
     .example = "comm.register_target(\"mi_canal\", function(c, data) c:send(data) end)",
     .see_also = "comm.open"},
    {.name = "Comm",
     .kind = CELL_CLASS,
     .doc = N_("Un canal abierto. on_msg y on_close son las funciones que reciben."),
     .see_also = "comm.open"},
    {.name = "Comm:send",
     .kind = CELL_METHOD,
     .params = p_send,
     .n_params = ARRAY_LEN(p_send),
     .doc = N_("Manda una tabla, y bytes si hace falta."),
     .example = "c = comm.open(\"mi_canal\"); c:send{n = 1}"},
    {.name = "Comm:close",
     .kind = CELL_METHOD,
     .doc = N_("Cierra el canal."),
     .example = "c = comm.open(\"mi_canal\"); c:close()"},
    {.name = "Comm.id",
     .kind = CELL_FIELD,
     .returns = N_("un texto"),
     .doc = N_("El nombre del canal.")},
    {.name = "Comm.is_open",
     .kind = CELL_FIELD,
     .returns = N_("true o false"),
     .doc = N_("Si el canal sigue abierto.")},
};

void cell_comm_lib_open(lua_State *L) {
    static const luaL_Reg methods[] = {
        {"send", comm_send}, {"close", comm_close}, {NULL, NULL}};
    static const luaL_Reg module[] = {
        {"open", l_open}, {"register_target", l_register_target}, {NULL, NULL}};
    luaL_newmetatable(L, comm_type);
    luaL_newlib(L, methods);
    lua_pushcclosure(L, comm_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, comm_newindex);
    lua_setfield(L, -2, "__newindex");
    lua_pushcfunction(L, comm_text);
    lua_setfield(L, -2, "__tostring");
    lua_pushboolean(L, false);
    lua_setfield(L, -2, "__metatable");
    luaL_newlib(L, module);
    cell_strict_module(L, lua_gettop(L), "comm");
    lua_setglobal(L, "comm");
    lua_pop(L, 1);
    cell_help_register(L, rows, ARRAY_LEN(rows));
}
