/* vars.c: the variables of a parameter, in an order that does not change from run to run:
 * the positions of a list first, then names, those of a layer together: W1 b1 W2 b2. */
#include "autograd.h"
#include "tensor.h"

#include "base/i18n.h"

enum { TAIL_DIGITS = 9 };

struct key {
    const char *text; /* NULL: a number */
    double number;    /* the number, or the one that the name ends in; 0 without */
};

static double tail_of(const char *s) {
    size_t n = strlen(s), from = n;
    while (from > 0 && n - from < TAIL_DIGITS && s[from - 1] >= '0' && s[from - 1] <= '9')
        from--;
    return strtod(s + from, NULL);
}

static int by_layer(const void *a, const void *b) {
    const struct key *p = a, *q = b;
    if (!p->text != !q->text)
        return p->text ? 1 : -1;
    if (p->number < q->number || p->number > q->number)
        return p->number < q->number ? -1 : 1;
    return p->text ? strcmp(p->text, q->text) : 0;
}

/* The keys of the table at slot into k, sorted; their strings live in the table. */
static int find_keys(const struct cmd_args *a, const char *name, int slot,
                     struct key k[CMD_VARS_MAX]) {
    lua_State *L = a->L;
    int n = 0;
    lua_pushnil(L);
    while (lua_next(L, slot)) {
        lua_pop(L, 1);
        if (n == CMD_VARS_MAX)
            cmd_refuse(a, name, _("son más de %d"), CMD_VARS_MAX);
        bool text = lua_type(L, -1) == LUA_TSTRING;
        if (!text && lua_type(L, -1) != LUA_TNUMBER)
            cmd_refuse(a, name, "%s",
                       _("las claves de la tabla son posiciones o nombres"));
        k[n].text = text ? lua_tostring(L, -1) : NULL;
        k[n].number = text ? tail_of(k[n].text) : lua_tonumber(L, -1);
        n++;
    }
    qsort(k, (size_t)n, sizeof *k, by_layer);
    return n;
}

static void push_key(lua_State *L, const struct key *k) {
    if (k->text)
        lua_pushstring(L, k->text);
    else if ((double)(lua_Integer)k->number == k->number)
        lua_pushinteger(L, (lua_Integer)k->number);
    else
        lua_pushnumber(L, k->number);
}

int cmd_read_vars(const struct cmd_args *a, const char *name,
                  struct nn_var *v[CMD_VARS_MAX]) {
    lua_State *L = a->L;
    int slot = cmd_slot(a, name), n = 0;
    v[0] = cmd_var_test(L, slot);
    if (v[0])
        return 1;
    luaL_checkstack(L, CMD_VARS_MAX + 8, name);
    struct key key[CMD_VARS_MAX];
    if (lua_istable(L, slot))
        n = find_keys(a, name, slot, key);
    if (n == 0)
        cmd_refuse(a, name, "%s", _("falta una variable (var) o una lista de ellas"));
    lua_createtable(L, n, 0);
    int keys = lua_gettop(L);
    for (int i = 0; i < n; i++) {
        push_key(L, &key[i]);
        lua_pushvalue(L, -1);
        lua_rawseti(L, keys, i + 1);
        lua_gettable(L, slot);
        v[i] = cmd_var_test(L, -1);
        if (!v[i])
            cmd_refuse(a, name, _("se esperaban variables (var) y llegó %s"),
                       cmd_value_text(L, -1));
    }
    return n;
}
