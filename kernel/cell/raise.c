/* raise.c: error values. Ordinary ones are strings that begin with their place; the name that
 * front ends show is remembered beside the latest raised string. Two are objects that pcall
 * lets through: KeyboardInterrupt, and the end of a script by os.exit. */
#include "state.h"

static const char *const interrupt_key = "cell.interrupt";
static const char *const exit_key = "cell.exit";
static const char *const raised_key = "cell.raised";

static const char *ename_of(int code) {
    switch (code) {
    case ERR_NOMEM:
        return "MemoryError";
    case ERR_ARG:
        return "ValueError";
    case ERR_SHAPE:
        return "ShapeError";
    case ERR_DTYPE:
        return "TypeError";
    case ERR_RANGE:
        return "IndexError";
    case ERR_IO:
        return "OSError";
    case ERR_FORMAT:
        return "FormatError";
    case ERR_NET:
        return "NetworkError";
    case ERR_CHECKSUM:
        return "ChecksumError";
    case ERR_NAN:
        return "FloatingPointError";
    case ERR_STATE:
        return "StateError";
    case ERR_NOTFOUND:
        return "NotFoundError";
    case ERR_AUTH:
        return "AuthError";
    default:
        return "RuntimeError";
    }
}

void cell_where(lua_State *L, struct buf *out) {
    lua_Debug ar;
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0) {
            buf_puts(out, ar.short_src);
            buf_printf(out, _(", línea %d: "), ar.currentline);
            return;
        }
    }
}

void cell_raised_mark(lua_State *L, int idx, const char *ename) {
    cell_of(L)->raised_ename = ename;
    lua_pushvalue(L, idx);
    lua_setfield(L, LUA_REGISTRYINDEX, raised_key);
}

const char *cell_raised_name(lua_State *L, int idx) {
    const char *ename = cell_of(L)->raised_ename;
    int abs = lua_absindex(L, idx);
    bool same = ename && lua_getfield(L, LUA_REGISTRYINDEX, raised_key) != LUA_TNIL &&
                lua_rawequal(L, -1, abs);
    if (ename)
        lua_pop(L, 1);
    return same ? ename : NULL;
}

/* assert's message is the student's own or io.open's: no sentence of a command. */
bool cell_raised_own(const char *ename) {
    return ename && strcmp(ename, "AssertionError") != 0;
}

const char *cell_raised_text(lua_State *L, const char *msg, size_t len) {
    const char *ename = cell_of(L)->raised_ename;
    if (!cell_raised_own(ename))
        return NULL;
    size_t n = 0;
    bool text = lua_getfield(L, LUA_REGISTRYINDEX, raised_key) == LUA_TSTRING;
    const char *s = text ? lua_tolstring(L, -1, &n) : NULL;
    bool same = s && n == len && memcmp(s, msg, n) == 0;
    lua_pop(L, 1);
    return same ? ename : NULL;
}

static int raise_text(lua_State *L, int code, const char *text) {
    struct buf *b = cell_buf_push(L, CELL_TEXT_MAX);
    cell_where(L, b);
    /* what a function of the cell raised inside of a command has its place already */
    size_t place = b->len && strncmp(text, b->data, b->len) == 0 ? b->len : 0;
    cell_text_clean(b, text + place, strlen(text + place));
    lua_pushlstring(L, b->data ? b->data : "", b->len);
    cell_raised_mark(L, -1, ename_of(code));
    return lua_error(L);
}

int cell_raise(lua_State *L, const struct err *e) {
    luaL_checkstack(L, 8, NULL);
    if (e->code == ERR_INTERRUPT)
        return cell_raise_interrupt(L);
    return raise_text(L, e->code, e->msg);
}

int cell_raisef(lua_State *L, int code, const char *fmt, ...) {
    struct err e = {.code = code};
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(e.msg, sizeof e.msg, fmt, ap);
    va_end(ap);
    return cell_raise(L, &e);
}

static int special_text(lua_State *L) {
    lua_pushstring(L, lua_touserdata(L, lua_upvalueindex(1))
                          ? _("la ejecución se interrumpió")
                          : _("el programa terminó con os.exit"));
    return 1;
}

static void make_special(lua_State *L, const char *key, bool interrupt) {
    static char mark;
    lua_newuserdatauv(L, 0, 0);
    lua_createtable(L, 0, 2);
    lua_pushlightuserdata(L, interrupt ? &mark : NULL);
    lua_pushcclosure(L, special_text, 1);
    lua_setfield(L, -2, "__tostring");
    lua_pushstring(L, interrupt ? "KeyboardInterrupt" : "SystemExit");
    lua_setfield(L, -2, "__name");
    lua_setmetatable(L, -2);
    lua_setfield(L, LUA_REGISTRYINDEX, key);
}

void cell_raise_open(lua_State *L) {
    make_special(L, interrupt_key, true);
    make_special(L, exit_key, false);
    lua_pushboolean(L, false);
    lua_setfield(L, LUA_REGISTRYINDEX, raised_key);
}

static bool is_special(lua_State *L, int idx, const char *key) {
    lua_getfield(L, LUA_REGISTRYINDEX, key);
    bool same = lua_rawequal(L, -1, idx);
    lua_pop(L, 1);
    return same;
}

enum cell_special cell_special_at(lua_State *L, int idx) {
    idx = lua_absindex(L, idx);
    if (lua_type(L, idx) != LUA_TUSERDATA)
        return CELL_NO_SPECIAL;
    return is_special(L, idx, interrupt_key) ? CELL_IS_INTERRUPT
           : is_special(L, idx, exit_key)    ? CELL_IS_EXIT
                                             : CELL_NO_SPECIAL;
}

int cell_raise_exit(lua_State *L, int status) {
    cell_of(L)->exit_status = status;
    lua_getfield(L, LUA_REGISTRYINDEX, exit_key);
    return lua_error(L);
}

/* Writes the error value on the top into e, with its place, and pops it. */
static int err_from_top(lua_State *L, int status, struct err *e) {
    int code = cell_special_at(L, -1) == CELL_IS_INTERRUPT ? ERR_INTERRUPT
               : status == LUA_ERRMEM                      ? ERR_NOMEM
                                                           : ERR_STATE;
    size_t n = 0;
    const char *s = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : NULL;
    if (code == ERR_INTERRUPT)
        err_set(e, code, "%s", _("la ejecución se interrumpió"));
    else if (code == ERR_NOMEM)
        err_set(e, code, "%s", _("no queda memoria"));
    else if (s)
        err_set(e, code, "%s", s);
    else
        err_set(e, code, _("la función falló con un valor de tipo %s"),
                luaL_typename(L, -1));
    lua_pop(L, 1);
    return code;
}

static int translate_handler(lua_State *L) {
    size_t n;
    if (lua_type(L, 1) != LUA_TSTRING)
        return 1;
    const char *msg = lua_tolstring(L, 1, &n), *ename = NULL;
    struct buf *b = cell_buf_push(L, CELL_TEXT_MAX);
    if (!cell_translate(L, msg, n, b, &ename))
        lua_pushvalue(L, 1);
    else
        lua_pushlstring(L, b->data ? b->data : "", b->len);
    if (cell_of(L)->debug)
        cell_debug_fault(L, NULL, lua_tostring(L, -1));
    return 1;
}

int cell_pcall(lua_State *L, int nargs, int nresults, struct err *e) {
    int base = lua_gettop(L) - nargs;
    lua_pushcfunction(L, translate_handler);
    lua_insert(L, base);
    int status = lua_pcall(L, nargs, nresults, base);
    lua_remove(L, base);
    return status == LUA_OK ? LUA_OK : err_from_top(L, status, e);
}
