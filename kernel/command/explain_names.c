/* explain_names.c: what the parts of a computation are called: by the student, by the
 * variable that holds them, or u_1, u_2, ... */
#include "explain_names.h"

#include "symbol.h"

#include "base/util.h"

static void set_symbol(lua_State *L, struct cmd_node *d, const char *latex) {
    free(d->tex);
    d->tex = copy_text(latex);
    if (!d->tex)
        cmd_raise_nomem(L);
}

static void set_name(lua_State *L, struct cmd_node *d, const char *name) {
    struct buf *b = cmd_buf(L);
    cmd_symbol_latex(b, name);
    if (b->failed)
        cmd_raise_nomem(L);
    set_symbol(L, d, b->data);
    d->own_name = true;
    lua_pop(L, 1);
}

/* The node of the tensor on top of the stack when it has no name yet, or NULL. */
static struct cmd_node *nameless(lua_State *L, struct cmd_explain *x) {
    struct nn_var *v = cmd_var_test(L, -1);
    int i = v ? cmd_explain_find(x, v) : -1;
    return i >= 0 && !x->node[i].own_name ? &x->node[i] : NULL;
}

/* Local variables of the Lua function that called the command: the innermost wins. */
static void name_by_locals(lua_State *L, struct cmd_explain *x) {
    lua_Debug ar;
    if (!lua_getstack(L, 1, &ar))
        return;
    int last = 0;
    while (lua_getlocal(L, &ar, last + 1)) {
        lua_pop(L, 1);
        last++;
    }
    for (int i = last; i > 0; i--) {
        const char *name = lua_getlocal(L, &ar, i);
        struct cmd_node *d = name && name[0] != '(' ? nameless(L, x) : NULL;
        if (d)
            set_name(L, d, name);
        lua_pop(L, 1);
    }
}

/* The shortest global that holds a node names it, the first in the alphabet among equals:
 * the order of a table says nothing. */
static bool better(const char *name, const char *than) {
    size_t a = strlen(name), b = strlen(than);
    return a != b ? a < b : strcmp(name, than) < 0;
}

static void name_by_globals(lua_State *L, struct cmd_explain *x) {
    const char **found = cmd_scratch(L, x->n, sizeof *found);
    lua_pushglobaltable(L);
    int table = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        struct cmd_node *d = lua_type(L, -2) == LUA_TSTRING ? nameless(L, x) : NULL;
        const char **best = d ? &found[d - x->node] : NULL;
        const char *name = d ? lua_tostring(L, -2) : NULL;
        if (best && (!*best || better(name, *best)))
            *best = name; /* the global table keeps its key */
    }
    for (size_t i = 0; i < x->n; i++)
        if (found[i])
            set_name(L, &x->node[i], found[i]);
    lua_pop(L, 2);
}

/* Functions of one value that are worth to be seen as a step of their own. */
static bool is_function(const struct nn_op *op) {
    static const char *const plain[] = {"neg",   "square",  "sum",      "mean",
                                        "slice", "reshape", "transpose"};
    if (!op || op->max_in > 1)
        return op && (op->flags & NN_OP_LOSS) != 0;
    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        if (strcmp(op->name, plain[i]) == 0)
            return false;
    return true;
}

/* u_1, u_2, ...: what comes out of a function, or goes into one. */
static void name_the_rest(lua_State *L, struct cmd_explain *x) {
    bool *wanted = cmd_scratch(L, x->n, sizeof *wanted);
    int u = 0;
    for (size_t i = 0; i < x->n; i++) {
        const struct cmd_node *d = &x->node[i];
        wanted[i] = wanted[i] || is_function(d->var->op);
        for (int k = 0; k < d->n_in && is_function(d->var->op); k++)
            wanted[d->in[k]] = true;
    }
    for (size_t i = 0; i < x->n; i++) {
        struct cmd_node *d = &x->node[i];
        char name[32];
        if (d->tex)
            continue;
        if (i == x->n - 1) {
            set_symbol(L, d, "C");
        } else if (d->n_in == 0 && !d->var->requires_grad) {
            d->number = d->var->value->n == 1;
            if (!d->number)
                set_symbol(L, d, "X");
        } else if (d->n_in == 0 || wanted[i]) {
            (void)snprintf(name, sizeof name, "u_{%d}", ++u);
            set_symbol(L, d, name);
        }
    }
    lua_pop(L, 1);
}

void cmd_explain_name(lua_State *L, struct cmd_explain *x) {
    luaL_checkstack(L, 20, "explain");
    for (size_t i = 0; i < x->n; i++)
        if (x->node[i].var->name && x->node[i].var->name[0])
            set_name(L, &x->node[i], x->node[i].var->name);
    name_by_locals(L, x);
    name_by_globals(L, x);
    name_the_rest(L, x);
}
