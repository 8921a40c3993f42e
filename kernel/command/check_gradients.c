/* check_gradients.c: gradients written by hand against those of the loss's graph. What is
 * wrong is found by the engine (nn/fault.h), which knows the graph. */
#include "autograd.h"
#include "check.h"

#include "base/i18n.h"
#include "cell/error.h"

struct gradients {
    int n;
    struct nn_var *param[CMD_VARS_MAX];
    struct nn_tensor *given[CMD_VARS_MAX];
    const char *name[CMD_VARS_MAX];
    const char *said[CMD_VARS_MAX]; /* what is wrong; NULL: right */
};

/* The shortest global that holds the variable on top of the stack. */
static const char *global_name(lua_State *L, const struct nn_var *v) {
    const char *best = NULL;
    lua_pushglobaltable(L);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING || cmd_var_test(L, -1) != v)
            continue;
        const char *name = lua_tostring(L, -2); /* the table keeps its key */
        size_t n = strlen(name), m = best ? strlen(best) : 0;
        if (!best || n < m || (n == m && strcmp(name, best) < 0))
            best = name;
    }
    lua_pop(L, 1);
    return best;
}

/* Pushes got[name] or nil. */
static bool push_named(lua_State *L, int got, const char *name) {
    lua_pushstring(L, name ? name : "");
    if (name && lua_istable(L, got) && lua_rawget(L, got) != LUA_TNIL)
        return true;
    lua_pop(L, 1);
    return false;
}

/* Pushes what was given for a variable: by its key in params, or by its name; nil. */
static void push_given(lua_State *L, int got, int key, const char *name) {
    if (key && lua_istable(L, got)) {
        lua_pushvalue(L, key);
        if (lua_rawget(L, got) != LUA_TNIL)
            return;
        lua_pop(L, 1);
    }
    if (!push_named(L, got, name))
        lua_pushnil(L);
}

static void read_one(struct cmd_check *c, struct gradients *g, int i, int key, int got) {
    lua_State *L = c->L;
    struct err e = {0};
    struct nn_var *v = g->param[i];
    const char *global = global_name(L, v);
    g->name[i] = v->name ? v->name : global;
    if (key && lua_type(L, key) == LUA_TSTRING)
        g->name[i] = lua_tostring(L, key);
    if (!g->name[i])
        g->name[i] = "?";
    if (key)
        push_given(L, got, key, v->name ? v->name : global);
    else
        lua_pushvalue(L, got);
    struct nn_var *t = lua_isnil(L, -1) ? NULL : cmd_check_tensor(c, -1, &e);
    if (lua_isnil(L, -1))
        g->said[i] = _("Falta la respuesta.");
    else if (!t)
        g->said[i] = _("No es un tensor ni una lista de números.");
    else if (cmd_check_has_nan(t->value))
        g->said[i] = _("Hay números que no son finitos (nan o inf).");
    else
        g->given[i] = t->value;
    lua_pop(L, 1);
}

static void read_gradients(struct cmd_check *c, struct gradients *g) {
    lua_State *L = c->L;
    int params = cmd_slot(c->a, "params"), got = cmd_slot(c->a, "got");
    luaL_checkstack(L, 12, "lab.check");
    g->param[0] = cmd_var_test(L, params);
    if (g->param[0]) {
        g->n = 1;
        read_one(c, g, 0, 0, got);
        return;
    }
    if (!lua_istable(L, params))
        cmd_refuse(c->a, "params", "%s", _("falta: van con loss"));
    for (lua_pushnil(L); lua_next(L, params); lua_pop(L, 1)) {
        struct nn_var *v = cmd_var_test(L, -1);
        if (g->n == CMD_VARS_MAX)
            cmd_refuse(c->a, "params", _("son más de %d"), CMD_VARS_MAX);
        if (!v)
            cmd_refuse(c->a, "params", _("se esperaban variables (var) y llegó %s"),
                       cmd_value_text(L, -1));
        g->param[g->n] = v;
        read_one(c, g, g->n++, lua_gettop(L) - 1, got);
    }
    if (g->n == 0)
        cmd_refuse(c->a, "params", "%s",
                   _("falta una variable (var) o una lista de ellas"));
}

/* The loss with its graph; a function is called. */
static struct nn_var *loss_of(struct cmd_check *c) {
    lua_State *L = c->L;
    int slot = cmd_slot(c->a, "loss");
    if (lua_isfunction(L, slot)) {
        lua_pushvalue(L, slot);
        lua_call(L, 0, 1);
        lua_replace(L, slot);
    }
    struct nn_var *y = cmd_var_test(L, slot);
    if (!y)
        cmd_refuse(c->a, "loss", "%s",
                   _("debe ser un tensor de un solo número que dependa de las "
                     "variables"));
    return y;
}

static void diagnose(struct cmd_check *c, struct gradients *g) {
    lua_State *L = c->L;
    struct err e = {0};
    struct nn_finding *d = cmd_scratch(L, (size_t)g->n, sizeof *d);
    if (nn_fault_find(d, g->n, loss_of(c), g->param, g->given, &e) < 0)
        cmd_raise(L, &e);
    for (int i = 0; i < g->n; i++) {
        if (!g->given[i] || d[i].fault == NN_FAULT_NONE)
            continue;
        struct buf *b = cmd_buf(L);
        cmd_fault_text(b, &d[i], g->given[i], g->param[i]);
        if (b->failed)
            cmd_raise_nomem(L);
        g->said[i] = b->data; /* the buffer stays on the stack */
    }
}

/* Variables by name come in no order: in that of the alphabet. */
static void sort_by_name(struct gradients *g) {
    for (int i = 1; i < g->n; i++)
        for (int k = i; k > 0 && strcmp(g->name[k], g->name[k - 1]) < 0; k--) {
            const char *name = g->name[k], *said = g->said[k];
            g->name[k] = g->name[k - 1];
            g->said[k] = g->said[k - 1];
            g->name[k - 1] = name;
            g->said[k - 1] = said;
        }
}

/* "W1, b1: El signo está al revés. W2: ..." */
static void join(struct buf *b, const struct gradients *g) {
    bool told[CMD_VARS_MAX] = {0};
    for (int i = 0; i < g->n; i++) {
        if (!g->said[i] || told[i])
            continue;
        buf_printf(b, "%s%s", b->len ? " " : "", g->name[i]);
        for (int j = i + 1; j < g->n; j++) {
            if (!g->said[j] || strcmp(g->said[i], g->said[j]) != 0)
                continue;
            told[j] = true;
            buf_printf(b, ", %s", g->name[j]);
        }
        buf_printf(b, ": %s", g->said[i]);
    }
}

void cmd_check_gradients(struct cmd_check *c) {
    lua_State *L = c->L;
    struct gradients *g = cmd_scratch(L, 1, sizeof *g);
    read_gradients(c, g);
    if (lua_isnil(L, cmd_slot(c->a, "got"))) {
        cmd_check_say(c, "%s", _("Todavía no tiene un valor: falta la respuesta."));
        return;
    }
    luaL_checkstack(L, g->n + 8, "lab.check");
    diagnose(c, g);
    struct buf *b = cmd_buf(L);
    if (lua_rawlen(L, cmd_slot(c->a, "params")) == 0)
        sort_by_name(g);
    join(b, g);
    if (b->failed)
        cmd_raise_nomem(L);
    if (b->len)
        cmd_check_say(c, "%s", b->data);
}
