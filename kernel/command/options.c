/* options.c: help rows out of the engine's option rows, and arguments into options. */
#include "options.h"

#include "register.h"
#include "tensor.h"

#include "base/i18n.h"

static const char kept_key = 0; /* registry: a list that keeps rows and texts alive */

static void keep(lua_State *L) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kept_key) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &kept_key);
    }
    lua_insert(L, -2);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_pop(L, 1);
}

/* The default as Lua text: quoted s, or the number. */
static const char *kept_text(lua_State *L, double v, const char *s) {
    char text[128];
    if (s)
        (void)snprintf(text, sizeof text, "\"%s\"", s);
    else
        (void)snprintf(text, sizeof text, "%.10g", v);
    const char *own = lua_pushstring(L, text);
    keep(L);
    return own;
}

/* "relu|tanh" as a NULL-terminated list. */
static const char *const *kept_choices(lua_State *L, const char *list) {
    size_t n = 1;
    for (const char *p = list; *p; p++)
        n += *p == '|';
    const char **out = lua_newuserdatauv(L, (n + 1) * sizeof *out, 0);
    keep(L);
    for (size_t i = 0; i < n; i++) {
        size_t len = strcspn(list, "|");
        out[i] = lua_pushlstring(L, list, len);
        keep(L);
        list += len + (list[len] == '|');
    }
    out[n] = NULL;
    return out;
}

static struct cell_help_param make_param(lua_State *L, const struct nn_option_row *r,
                                         bool positional) {
    static const unsigned types[] = {CELL_INTEGER,
                                     CELL_NUMBER,
                                     CELL_BOOLEAN,
                                     CELL_STRING,
                                     CELL_INTEGER | CELL_LIST_NUMBER,
                                     CELL_INTEGER | CELL_LIST_NUMBER};
    struct cell_help_param p = {.name = r->name,
                                .types = types[r->kind],
                                .doc = r->help,
                                .flags = (positional ? 0u : (unsigned)CELL_NAMED) |
                                         (r->required ? (unsigned)CELL_REQUIRED : 0u)};
    if (strcmp(r->name, "learning_rate") == 0)
        p.types |= CELL_SCHEDULE;
    bool number = r->kind != NN_OPT_TEXT && r->kind != NN_OPT_BOOL;
    if (number && r->min < r->max) {
        p.flags |= CELL_MIN | CELL_MAX;
        p.min = r->min;
        p.max = r->max;
    }
    if (r->choices)
        p.choices = kept_choices(L, r->choices);
    if (r->check)
        p.flags |= CELL_OPEN;
    if (r->required)
        return p;
    if (r->kind == NN_OPT_BOOL)
        p.fallback = r->number != 0 ? "true" : "false";
    else if (r->kind == NN_OPT_TEXT)
        p.fallback = r->text ? kept_text(L, 0, r->text) : NULL;
    else if (r->kind == NN_OPT_PAIR ? r->number > 0 : r->kind != NN_OPT_SHAPE)
        p.fallback = kept_text(L, r->number, NULL);
    return p;
}

void cmd_options_register(lua_State *L, const struct cmd_option_rows *r,
                          lua_CFunction run) {
    size_t n = (size_t)r->n_rows + r->n_more + (r->first != NULL), k = 0;
    struct cell_help_row *row = lua_newuserdatauv(L, sizeof *row, 0);
    keep(L);
    struct cell_help_param *param = NULL;
    if (n) {
        param = lua_newuserdatauv(L, n * sizeof *param, 0);
        keep(L);
    }
    if (r->first)
        param[k++] = *r->first;
    for (int i = 0; i < r->n_rows; i++)
        param[k++] = make_param(L, &r->row[i], i < r->n_positional);
    for (size_t i = 0; i < r->n_more; i++)
        param[k++] = r->more[i];
    const char *name = lua_pushstring(L, r->name);
    keep(L);
    const char *example = r->example ? lua_pushstring(L, r->example) : NULL;
    if (example)
        keep(L);
    *row = (struct cell_help_row){.name = name,
                                  .kind = CELL_FUNCTION,
                                  .params = param,
                                  .n_params = n,
                                  .returns = r->returns,
                                  .doc = r->doc,
                                  .shapes = r->shapes,
                                  .formula = r->formula,
                                  .example = example,
                                  .see_also = r->see_also};
    cmd_register_one(L, row, run);
}

void cmd_options_fill(const struct cmd_args *a, struct nn_options *o) {
    lua_State *L = a->L;
    struct err e = {0};
    size_t shape[NN_MAX_DIMS];
    for (int i = 0; i < o->n; i++) {
        const struct nn_option_row *r = &o->row[i];
        int slot = cmd_slot(a, r->name), rc = 0, ndim;
        if (!cmd_given(a, r->name))
            continue;
        if (r->kind == NN_OPT_TEXT) {
            rc = nn_options_set_text(o, r->name, lua_tostring(L, slot), &e);
        } else if (r->kind == NN_OPT_BOOL) {
            rc = nn_options_set_bool(o, r->name, lua_toboolean(L, slot), &e);
        } else if (r->kind == NN_OPT_SHAPE || r->kind == NN_OPT_PAIR) {
            ndim = cmd_to_shape(L, slot, shape, r->name);
            rc = nn_options_set_shape(o, r->name, ndim, shape, &e);
        } else {
            rc = nn_options_set_number(o, r->name, lua_tonumber(L, slot), &e);
        }
        if (rc < 0)
            cmd_raise(L, &e);
    }
    if (nn_options_check(o, &e) < 0)
        cmd_raise(L, &e);
}
