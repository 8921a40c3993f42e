/* ways.c: points of a descent from a Trace, from lists of numbers or of points. */
#include "ways.h"

#include "tensor.h"

#include "base/i18n.h"
#include "base/util.h"

#include <math.h>

const char *cmd_name_at(const struct cmd_args *a, const char *param, size_t i) {
    lua_State *L = a->L;
    int slot = cmd_slot(a, param);
    if (lua_type(L, slot) == LUA_TSTRING)
        return i == 0 ? lua_tostring(L, slot) : NULL;
    if (!lua_istable(L, slot))
        return NULL;
    const char *text = NULL;
    if (lua_rawgeti(L, slot, (lua_Integer)i + 1) == LUA_TSTRING)
        text = lua_tostring(L, -1); /* the list keeps the string */
    lua_pop(L, 1);
    return text;
}

/* The dims numbers of the point on top: a number, a list of two, or a tensor. false: it is
 * none. */
static bool read_point(lua_State *L, int dims, double *at) {
    const struct nn_var *v = cmd_var_test(L, -1);
    if (v) {
        if (v->value->n != (size_t)dims)
            return false;
        for (int i = 0; i < dims; i++)
            at[i] = nn_tensor_get(v->value, (size_t)i);
        return true;
    }
    if (dims == 1 && lua_type(L, -1) == LUA_TNUMBER) {
        at[0] = lua_tonumber(L, -1);
        return true;
    }
    if (dims == 1 || !lua_istable(L, -1) || lua_rawlen(L, -1) != (size_t)dims)
        return false;
    for (int i = 0; i < dims; i++) {
        int number;
        lua_rawgeti(L, -1, i + 1);
        at[i] = lua_tonumberx(L, -1, &number);
        lua_pop(L, 1);
        if (!number)
            return false;
    }
    return true;
}

/* Replaces the row of a Trace on top by its previous value. */
static void unwrap(lua_State *L) {
    if (!lua_istable(L, -1))
        return;
    lua_pushliteral(L, "previous");
    if (lua_rawget(L, -2) == LUA_TNIL)
        lua_pop(L, 1);
    else
        lua_replace(L, -2);
}

/* Is the list on top one way: do its items stand for points? */
static bool is_way(lua_State *L, int dims) {
    double at[2];
    if (cmd_var_test(L, -1))
        return true;
    lua_rawgeti(L, -1, 1);
    unwrap(L);
    bool yes = read_point(L, dims, at);
    lua_pop(L, 1);
    return yes;
}

static void put_point(struct cmd_way *way, const double *at) {
    way->x[way->n] = at[0];
    if (way->y)
        way->y[way->n] = at[1];
    way->n++;
}

/* The way on top of the stack, which it leaves there. */
static void read_way(const struct cmd_args *a, int dims, struct cmd_way *way) {
    lua_State *L = a->L;
    double at[2];
    int list = lua_gettop(L);
    if (!lua_istable(L, list) && !cmd_var_test(L, list))
        cmd_refuse(a, "ways", _("se esperaba una lista de puntos y llegó %s"),
                   cmd_value_text(L, list));
    size_t n = (size_t)luaL_len(L, list);
    way->n = 0;
    way->x = cmd_scratch(L, n + 2, sizeof(double));
    way->y = dims == 2 ? cmd_scratch(L, n + 2, sizeof(double)) : NULL;
    for (size_t i = 1; i <= n; i++) {
        lua_geti(L, list, (lua_Integer)i);
        unwrap(L);
        if (!read_point(L, dims, at))
            cmd_refuse(a, "ways", _("el punto %d debe tener %d números y es %s"), (int)i,
                       dims, cmd_value_text(L, -1));
        lua_pop(L, 1);
        put_point(way, at);
    }
    if (!lua_istable(L, list))
        return;
    lua_pushliteral(L, "last"); /* of a Trace: where the last step ended */
    lua_rawget(L, list);
    if (!lua_isnil(L, -1) && read_point(L, dims, at))
        put_point(way, at);
    lua_pop(L, 1);
}

size_t cmd_read_ways(const struct cmd_args *a, int dims, size_t first_name,
                     struct cmd_way way[CMD_WAYS_MAX]) {
    lua_State *L = a->L;
    if (!cmd_given(a, "ways"))
        return 0;
    luaL_checkstack(L, 10 + 4 * CMD_WAYS_MAX, NULL);
    lua_pushvalue(L, cmd_slot(a, "ways"));
    int list = lua_gettop(L);
    bool single = is_way(L, dims);
    size_t n = single ? 1 : (size_t)luaL_len(L, list);
    if (n < 1 || n > CMD_WAYS_MAX)
        cmd_refuse(a, "ways", _("van de 1 a %d caminos y llegaron %d"), CMD_WAYS_MAX,
                   (int)n);
    for (size_t i = 0; i < n; i++) {
        if (single)
            lua_pushvalue(L, list);
        else
            lua_geti(L, list, (lua_Integer)i + 1);
        read_way(a, dims, &way[i]);
        way[i].name = cmd_name_at(a, "names", first_name + i);
    }
    return n;
}

static bool inside(double v, const double range[2]) {
    return isfinite(v) && v >= range[0] && v <= range[1];
}

void cmd_clip_way(struct cmd_way *way, const double x[2], const double y[2]) {
    for (size_t i = 0; i < way->n; i++)
        if (!inside(way->x[i], x) || (way->y && !inside(way->y[i], y))) {
            way->n = i + (isfinite(way->x[i]) && (!way->y || isfinite(way->y[i])));
            return;
        }
}
