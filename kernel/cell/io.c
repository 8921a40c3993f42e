/* io.c: print, io and input go through the host: what a cell writes is part of the cell, and
 * what it reads is asked of the user. Real files keep Lua's own library. */
#include "state.h"

enum stream_kind { STREAM_IN, STREAM_OUT, STREAM_ERR };

static const char *const stream_type = "cell.stream";
static const char *const output_key = "cell.output";
static const char *const input_key = "cell.input";

static void send(lua_State *L, enum stream_kind to, const struct buf *b) {
    const struct host *h = cell_host(L);
    if (b->failed)
        cell_raisef(L, ERR_NOMEM, "%s", _("no hay memoria para escribir el texto"));
    if (b->len)
        h->stream(h->self, ORIGIN_CURRENT, to == STREAM_ERR ? HOST_STDERR : HOST_STDOUT,
                  b->data, b->len);
}

static int l_print(lua_State *L) {
    int n = lua_gettop(L);
    struct buf *b = cell_buf_push(L, cell_memory_max(L));
    for (int i = 1; i <= n; i++) {
        size_t len;
        const char *s = luaL_tolstring(L, i, &len);
        if (i > 1)
            buf_putc(b, '\t');
        buf_add(b, s, len);
        lua_pop(L, 1);
    }
    buf_putc(b, '\n');
    send(L, STREAM_OUT, b);
    return 0;
}

static bool is_stream(lua_State *L, int idx, enum stream_kind *kind) {
    const enum stream_kind *s = luaL_testudata(L, idx, stream_type);
    if (s)
        *kind = *s;
    return s != NULL;
}

static enum stream_kind check_stream(lua_State *L) {
    return *(const enum stream_kind *)luaL_checkudata(L, 1, stream_type);
}

/* Writes the arguments from first on; leaves nothing on the stack. */
static void write_all(lua_State *L, enum stream_kind to, int first) {
    int n = lua_gettop(L);
    if (to == STREAM_IN)
        cell_raisef(L, ERR_ARG, "%s", _("io.stdin es para leer"));
    struct buf *b = cell_buf_push(L, cell_memory_max(L));
    for (int i = first; i <= n; i++) {
        size_t len;
        const char *s = luaL_checklstring(L, i, &len);
        buf_add(b, s, len);
    }
    send(L, to, b);
    lua_pop(L, 1);
}

static int stream_write(lua_State *L) {
    write_all(L, check_stream(L), 2);
    lua_pushvalue(L, 1);
    return 1;
}

/* ------------------------------------------------------------------------------- reading */

/* Asks for one more line; false at the end of the input. */
static bool ask_line(lua_State *L) {
    struct cell *c = cell_of(L);
    const struct host *h = cell_host(L);
    struct err e = {0};
    char *line = NULL;
    int rc = h->input(h->self, "", false, &line, &e);
    if (rc == ERR_IO)
        return false;
    if (rc < 0) {
        if (!e.code)
            err_set(&e, rc, "%s", _("no se pudo leer la entrada"));
        cell_raise(L, &e);
    }
    buf_puts(&c->input, line ? line : "");
    buf_putc(&c->input, '\n');
    free(line);
    return true;
}

static void push_used(lua_State *L, size_t n, size_t skip) {
    struct buf *b = &cell_of(L)->input;
    lua_pushlstring(L, n ? b->data : "", n);
    size_t used = MIN_OF(n + skip, b->len);
    if (used)
        memmove(b->data, b->data + used, b->len - used);
    b->len -= used;
}

static void read_line(lua_State *L, bool keep) {
    struct buf *b = &cell_of(L)->input;
    const char *nl;
    while (!(nl = b->len ? memchr(b->data, '\n', b->len) : NULL)) {
        if (ask_line(L))
            continue;
        if (b->len)
            push_used(L, b->len, 0);
        else
            lua_pushnil(L);
        return;
    }
    size_t n = (size_t)(nl - b->data);
    push_used(L, keep ? n + 1 : n, keep ? 0 : 1);
}

static void read_bytes(lua_State *L, size_t n) {
    struct buf *b = &cell_of(L)->input;
    while (b->len < n && ask_line(L)) {
    }
    if (n && !b->len)
        lua_pushnil(L);
    else
        push_used(L, MIN_OF(n, b->len), 0);
}

static void read_number(lua_State *L) {
    read_line(L, false);
    if (lua_isnil(L, -1))
        return;
    if (lua_stringtonumber(L, lua_tostring(L, -1)) == 0)
        lua_pushnil(L);
    lua_remove(L, -2);
}

static void read_format(lua_State *L, int i) {
    if (lua_type(L, i) == LUA_TNUMBER) {
        lua_Integer n = luaL_checkinteger(L, i);
        luaL_argcheck(L, n >= 0, i, "out of range");
        read_bytes(L, (size_t)n);
        return;
    }
    const char *s = luaL_checkstring(L, i);
    s += *s == '*';
    if (*s == 'l' || *s == 'L')
        read_line(L, *s == 'L');
    else if (*s == 'n')
        read_number(L);
    else if (*s == 'a') {
        while (ask_line(L)) {
        }
        push_used(L, cell_of(L)->input.len, 0);
    } else {
        luaL_argerror(L, i, "invalid format");
    }
}

static int read_all(lua_State *L, int first) {
    int last = lua_gettop(L);
    luaL_checkstack(L, last + 2, NULL);
    if (last < first) {
        read_line(L, false);
        return 1;
    }
    int n = 0;
    for (int i = first; i <= last; i++) {
        read_format(L, i);
        n++;
        if (lua_isnil(L, -1))
            break;
    }
    return n;
}

static int stream_read(lua_State *L) {
    if (check_stream(L) != STREAM_IN)
        return cell_raisef(L, ERR_ARG, "%s", _("ese flujo es para escribir"));
    return read_all(L, 2);
}

static int next_line(lua_State *L) {
    read_line(L, false);
    return 1;
}

static int stream_lines(lua_State *L) {
    if (check_stream(L) != STREAM_IN)
        return cell_raisef(L, ERR_ARG, "%s", _("ese flujo es para escribir"));
    lua_pushcfunction(L, next_line);
    return 1;
}

static int stream_nothing(lua_State *L) {
    check_stream(L);
    lua_settop(L, 1);
    return 1;
}

static int stream_true(lua_State *L) {
    check_stream(L);
    lua_pushboolean(L, 1);
    return 1;
}

static int stream_no_seek(lua_State *L) {
    check_stream(L);
    lua_pushnil(L);
    lua_pushstring(L, _("un flujo no tiene posiciones"));
    return 2;
}

static int stream_text(lua_State *L) {
    static const char *const names[] = {"io.stdin", "io.stdout", "io.stderr"};
    lua_pushstring(L, names[check_stream(L)]);
    return 1;
}

static int stream_display(lua_State *L) {
    (void)L; /* io.write(...) as the last expression shows nothing more */
    return 0;
}

/* ---------------------------------------------------------------- the functions of io */

/* Calls method name of the value at the top with the arguments below it. */
static int forward(lua_State *L, const char *name) {
    int n = lua_gettop(L) - 1;
    lua_insert(L, 1);
    if (lua_getfield(L, 1, name) == LUA_TNIL)
        return luaL_error(L, "attempt to use a closed file");
    lua_insert(L, 1);
    lua_call(L, n + 1, LUA_MULTRET);
    return lua_gettop(L);
}

static int l_write(lua_State *L) {
    enum stream_kind kind;
    lua_getfield(L, LUA_REGISTRYINDEX, output_key);
    if (!is_stream(L, -1, &kind))
        return forward(L, "write");
    lua_pop(L, 1);
    write_all(L, kind, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, output_key);
    return 1;
}

static int l_read(lua_State *L) {
    enum stream_kind kind;
    lua_getfield(L, LUA_REGISTRYINDEX, input_key);
    if (!is_stream(L, -1, &kind))
        return forward(L, "read");
    lua_pop(L, 1);
    return read_all(L, 1);
}

/* io.output and io.input: upvalues io.open, the registry key and the mode. */
static int l_redirect(lua_State *L) {
    const char *key = lua_tostring(L, lua_upvalueindex(2));
    if (!lua_isnoneornil(L, 1)) {
        if (lua_type(L, 1) == LUA_TSTRING) {
            lua_pushvalue(L, lua_upvalueindex(1));
            lua_pushvalue(L, 1);
            lua_pushvalue(L, lua_upvalueindex(3));
            lua_call(L, 2, 2);
            if (lua_isnil(L, -2))
                return luaL_error(L, "%s", lua_tostring(L, -1));
            lua_pop(L, 1);
        } else {
            enum stream_kind kind;
            if (!is_stream(L, 1, &kind))
                luaL_checkudata(L, 1, LUA_FILEHANDLE);
            lua_pushvalue(L, 1);
        }
        lua_setfield(L, LUA_REGISTRYINDEX, key);
    }
    lua_getfield(L, LUA_REGISTRYINDEX, key);
    return 1;
}

static int l_lines(lua_State *L) {
    enum stream_kind kind;
    if (!lua_isnoneornil(L, 1)) {
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_insert(L, 1);
        lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
        return lua_gettop(L);
    }
    lua_settop(L, 0);
    lua_getfield(L, LUA_REGISTRYINDEX, input_key);
    if (!is_stream(L, -1, &kind))
        return forward(L, "lines");
    lua_pushcfunction(L, next_line);
    return 1;
}

static int l_close(lua_State *L) {
    enum stream_kind kind;
    if (lua_isnone(L, 1))
        lua_getfield(L, LUA_REGISTRYINDEX, output_key);
    if (is_stream(L, 1, &kind)) {
        lua_pushboolean(L, 1);
        return 1;
    }
    luaL_checkudata(L, 1, LUA_FILEHANDLE);
    return forward(L, "close");
}

static int l_type(lua_State *L) {
    enum stream_kind kind;
    luaL_checkany(L, 1);
    if (is_stream(L, 1, &kind)) {
        lua_pushliteral(L, "file");
        return 1;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static int l_flush(lua_State *L) {
    lua_getfield(L, LUA_REGISTRYINDEX, output_key);
    enum stream_kind kind;
    if (!is_stream(L, -1, &kind)) {
        lua_replace(L, 1);
        lua_settop(L, 1);
        return forward(L, "flush");
    }
    return 1;
}

/* input("Nombre: ") and input{"Clave: ", password = true}: a line, or nil at the end. */
static int l_input(lua_State *L) {
    const struct host *h = cell_host(L);
    bool password = false;
    if (lua_istable(L, 1)) {
        lua_getfield(L, 1, "password");
        password = lua_toboolean(L, -1);
        if (lua_getfield(L, 1, "prompt") == LUA_TNIL)
            lua_rawgeti(L, 1, 1);
        lua_replace(L, 1);
        lua_settop(L, 1);
    }
    const char *prompt = luaL_optstring(L, 1, "");
    struct err e = {0};
    char *line = NULL;
    int rc = h->input(h->self, prompt, password, &line, &e);
    if (rc == ERR_IO) {
        lua_pushnil(L);
        return 1;
    }
    if (rc < 0) {
        if (!e.code)
            err_set(&e, rc, "%s", _("no se pudo leer la entrada"));
        return cell_raise(L, &e);
    }
    struct buf *b = cell_buf_push(L, SIZE_MAX / 4);
    buf_puts(b, line ? line : "");
    free(line);
    lua_pushlstring(L, b->data ? b->data : "", b->len);
    return 1;
}

static int l_exit(lua_State *L) {
    int status =
        lua_isboolean(L, 1) ? !lua_toboolean(L, 1) : (int)luaL_optinteger(L, 1, 0);
    if (cell_of(L)->cfg.script)
        return cell_raise_exit(L, status);
    return cell_raisef(
        L, ERR_STATE, "%s",
        _("os.exit no cierra el cuaderno: para detener la celda usa error, y "
          "para cerrar el núcleo, el menú Kernel"));
}

static int l_setlocale(lua_State *L) {
    const char *asked = luaL_optstring(L, 1, NULL);
    if (!asked || strcmp(asked, "C") == 0)
        lua_pushliteral(L, "C");
    else
        lua_pushnil(L); /* another locale would change how numbers are read */
    return 1;
}

static void make_stream(lua_State *L, enum stream_kind kind, const char *name) {
    enum stream_kind *s = lua_newuserdatauv(L, sizeof *s, 0);
    *s = kind;
    luaL_setmetatable(L, stream_type);
    if (kind != STREAM_ERR) {
        lua_pushvalue(L, -1);
        lua_setfield(L, LUA_REGISTRYINDEX, kind == STREAM_IN ? input_key : output_key);
    }
    lua_setfield(L, -2, name);
}

static void make_type(lua_State *L) {
    static const luaL_Reg methods[] = {
        {"write", stream_write},   {"read", stream_read},
        {"lines", stream_lines},   {"close", stream_true},
        {"flush", stream_nothing}, {"setvbuf", stream_true},
        {"seek", stream_no_seek},  {NULL, NULL}};
    luaL_newmetatable(L, stream_type);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, stream_text);
    lua_setfield(L, -2, "__tostring");
    lua_pushcfunction(L, stream_display);
    lua_setfield(L, -2, "__display");
    lua_pop(L, 1);
}

/* Replaces io[name] by fn with what was there as its upvalue. */
static void wrap(lua_State *L, const char *name, lua_CFunction fn) {
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, fn, 1);
    lua_setfield(L, -2, name);
}

static void redirect(lua_State *L, const char *name, const char *key, const char *mode) {
    lua_getfield(L, -1, "open");
    lua_pushstring(L, key);
    lua_pushstring(L, mode);
    lua_pushcclosure(L, l_redirect, 3);
    lua_setfield(L, -2, name);
}

void cell_io_open(lua_State *L) {
    static const luaL_Reg io[] = {{"write", l_write},
                                  {"read", l_read},
                                  {"close", l_close},
                                  {"flush", l_flush},
                                  {NULL, NULL}};
    make_type(L);
    lua_getglobal(L, "io");
    luaL_setfuncs(L, io, 0);
    make_stream(L, STREAM_IN, "stdin");
    make_stream(L, STREAM_OUT, "stdout");
    make_stream(L, STREAM_ERR, "stderr");
    wrap(L, "lines", l_lines);
    wrap(L, "type", l_type);
    redirect(L, "output", output_key, "w");
    redirect(L, "input", input_key, "r");
    lua_pop(L, 1);
    lua_register(L, "print", l_print);
    lua_register(L, "input", l_input);
    lua_getglobal(L, "os");
    lua_pushcfunction(L, l_exit);
    lua_setfield(L, -2, "exit");
    lua_pushcfunction(L, l_setlocale);
    lua_setfield(L, -2, "setlocale");
    lua_getglobal(L, "debug");
    lua_pushnil(L);
    lua_setfield(L, -2, "debug"); /* reads the terminal, which a kernel has not */
    lua_pop(L, 2);
}
