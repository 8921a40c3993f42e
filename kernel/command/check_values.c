/* check_values.c: answers of any type beside the expected ones. */
#include "check.h"

#include "base/i18n.h"
#include "cell/error.h"

enum { DEPTH_MAX = 16 };

static void keep(struct cmd_check *c) {
    lua_rawseti(c->L, c->keep, (lua_Integer)lua_rawlen(c->L, c->keep) + 1);
}

static int convert(lua_State *L) {
    cmd_to_var(L, 1, NN_F64, "lab.check");
    lua_settop(L, 1);
    return 1;
}

struct nn_var *cmd_check_tensor(struct cmd_check *c, int idx, struct err *e) {
    lua_State *L = c->L;
    idx = lua_absindex(L, idx);
    err_clear(e);
    if (!cmd_is_tensorlike(L, idx))
        return NULL;
    lua_pushcfunction(L, convert);
    lua_pushvalue(L, idx);
    if (cell_pcall(L, 1, 1, e) != LUA_OK) {
        if (e->code == ERR_INTERRUPT || e->code == ERR_NOMEM)
            cmd_raise(L, e);
        return NULL;
    }
    struct nn_var *v = cmd_var_test(L, -1);
    keep(c);
    return v;
}

/* A string that lives as long as the check. */
static const char *kept_text(struct cmd_check *c, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    const char *s = lua_pushvfstring(c->L, fmt, ap);
    va_end(ap);
    keep(c);
    return s;
}

static void note_pair(struct cmd_check *c, const struct nn_tensor *got,
                      const struct nn_tensor *want, bool count) {
    if (c->n_pairs == c->max_pairs) {
        size_t more = c->max_pairs ? 2 * c->max_pairs : 16;
        struct cmd_pair *p = cmd_scratch(c->L, more, sizeof *p);
        if (c->n_pairs)
            memcpy(p, c->pair, c->n_pairs * sizeof *p);
        keep(c);
        c->pair = p;
        c->max_pairs = more;
    }
    struct cmd_pair *p = &c->pair[c->n_pairs++];
    *p = (struct cmd_pair){
        .got = got, .want = want, .where = c->where, .n = c->n, .count = count};
    memcpy(p->factor, c->factor, sizeof p->factor);
}

static void say_nothing(struct cmd_check *c) {
    if (c->cases)
        cmd_check_say(c, "%s", _("La función no devuelve nada: ¿le falta el return?"));
    else if (c->where)
        cmd_check_say(c, _("Falta «%s»."), c->where);
    else
        cmd_check_say(c, "%s", _("Todavía no tiene un valor: falta la respuesta."));
}

static void say_type(struct cmd_check *c, int got, int want) {
    lua_State *L = c->L;
    if (lua_isfunction(L, got) && !lua_isfunction(L, want)) {
        cmd_check_say(c, "%s", _("Es una función: falta llamarla, con paréntesis."));
        return;
    }
    const char *is = cell_type_name(L, got), *should = cell_type_name(L, want);
    if (c->where)
        cmd_check_say(c, _("Es de tipo %s y se espera %s (en %s)."), is, should,
                      c->where);
    else
        cmd_check_say(c, _("Es de tipo %s y se espera %s."), is, should);
}

/* Numbers against numbers. false: what is expected is no block of numbers. */
static bool numeric_value(struct cmd_check *c, int got, int want) {
    struct err e = {0};
    struct nn_var *w = cmd_check_tensor(c, want, &e);
    if (!w)
        return false;
    bool boolean = lua_isboolean(c->L, got);
    struct nn_var *g = cmd_check_tensor(c, got, &e);
    if (g)
        note_pair(c, g->value, w->value, c->cases < 2 && lua_isinteger(c->L, want));
    else if (lua_istable(c->L, got) && lua_rawlen(c->L, got) > 0 && e.code)
        cmd_check_say(c, "%s",
                      _("No es una lista de números bien formada: o hay algo que no es "
                        "un número, o las filas tienen distinto largo."));
    else if (boolean || !lua_istable(c->L, got))
        say_type(c, got, want);
    else
        cmd_check_say(c, "%s", _("La lista está vacía o no tiene números."));
    return true;
}

static void compare(struct cmd_check *c, int got, int want, int depth);

/* "loss", "filas[2].nombre": where in a table. */
static const char *path(struct cmd_check *c, int key) {
    lua_State *L = c->L;
    const char *base = c->where ? c->where : "";
    if (lua_type(L, key) == LUA_TSTRING)
        return kept_text(c, "%s%s%s", base, base[0] ? "." : "", lua_tostring(L, key));
    return kept_text(c, "%s[%I]", base, lua_tointeger(L, key));
}

/* Replaces the name on top of the stack (nil: before the first) by the one that follows in
 * the alphabet; pops it and returns false after the last: the order of a table says
 * nothing, and the first mistake is told. */
static bool next_name(lua_State *L, int table) {
    int last = lua_gettop(L);
    lua_pushnil(L); /* the best so far */
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            continue;
        bool after = lua_isnil(L, last) || lua_compare(L, last, -2, LUA_OPLT);
        if (!after ||
            (!lua_isnil(L, last + 1) && !lua_compare(L, -2, last + 1, LUA_OPLT)))
            continue;
        lua_pushvalue(L, -2);
        lua_replace(L, last + 1);
    }
    lua_replace(L, last);
    if (!lua_isnil(L, last))
        return true;
    lua_pop(L, 1);
    return false;
}

/* The field whose key is on top of the stack, which is popped. */
static void compare_field(struct cmd_check *c, int got, int want, int depth) {
    lua_State *L = c->L;
    int key = lua_gettop(L);
    const char *outer = c->where;
    c->where = path(c, key);
    lua_pushvalue(L, key);
    lua_rawget(L, want);
    lua_pushvalue(L, key);
    lua_rawget(L, got);
    compare(c, key + 2, key + 1, depth + 1);
    lua_settop(L, key - 1);
    c->where = outer;
}

static void compare_tables(struct cmd_check *c, int got, int want, int depth) {
    lua_State *L = c->L;
    luaL_checkstack(L, 8, "lab.check");
    if (lua_rawlen(L, got) != lua_rawlen(L, want)) {
        cmd_check_say(c, _("Su largo es %d y se espera %d."), (int)lua_rawlen(L, got),
                      (int)lua_rawlen(L, want));
        return;
    }
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, want) && !c->wrong; i++) {
        lua_pushinteger(L, i);
        compare_field(c, got, want, depth);
    }
    lua_pushnil(L);
    while (!c->wrong && next_name(L, want)) {
        lua_pushvalue(L, -1);
        compare_field(c, got, want, depth);
    }
    lua_pop(L, c->wrong ? 1 : 0);
}

static void compare(struct cmd_check *c, int got, int want, int depth) {
    lua_State *L = c->L;
    if (depth > DEPTH_MAX)
        cell_raisef(L, ERR_ARG, _("%s: expected: más de %d tablas, una dentro de otra"),
                    c->a->row->name, DEPTH_MAX);
    if (lua_isnil(L, got) && !lua_isnil(L, want))
        say_nothing(c);
    else if (numeric_value(c, got, want) || lua_rawequal(L, got, want))
        return;
    else if (lua_type(L, got) != lua_type(L, want))
        say_type(c, got, want);
    else if (lua_istable(L, want))
        compare_tables(c, got, want, depth);
    else if (c->where)
        cmd_check_say(c, _("No es lo que se espera (en %s)."), c->where);
    else
        cmd_check_say(c, "%s", _("No es lo que se espera."));
}

void cmd_check_value(struct cmd_check *c, int got, int want) {
    compare(c, lua_absindex(c->L, got), lua_absindex(c->L, want), 0);
}
