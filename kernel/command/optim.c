/* optim.c: optim.SGD, optim.Adam ... and the low road: opt:step(), opt:zero_grad(). */
#include "objects.h"
#include "options.h"
#include "register.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "nn/optim.h"

enum { PARAMETERS_MAX = 4096 };

/* Boxes of the vars in the list at idx go on the stack; returns the array of vars. */
static struct nn_var **read_parameters(lua_State *L, int idx, int *n) {
    idx = lua_absindex(L, idx);
    size_t len = lua_istable(L, idx) ? lua_rawlen(L, idx) : 1;
    if (len > PARAMETERS_MAX)
        cell_raisef(L, ERR_RANGE, _("optim: son %d parámetros; el máximo es %d"),
                    (int)len, PARAMETERS_MAX);
    struct nn_var **v = cmd_scratch(L, len, sizeof *v);
    for (size_t i = 0; i < len; i++) {
        if (lua_istable(L, idx))
            lua_rawgeti(L, idx, (lua_Integer)i + 1);
        else
            lua_pushvalue(L, idx);
        v[i] = cmd_var_test(L, -1);
        if (!v[i])
            cell_raisef(L, ERR_ARG,
                        _("optim: se esperaban variables (var o m:parameters()) y llegó "
                          "%s"),
                        cmd_value_text(L, -1));
        lua_pop(L, 1); /* the list keeps it */
    }
    *n = (int)len;
    return v;
}

/* Copies the string keys of the table at `from` into the one on top of the stack. */
static void copy_names(lua_State *L, int from) {
    lua_pushnil(L);
    while (lua_next(L, from)) {
        if (lua_type(L, -2) == LUA_TSTRING) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, -4);
        } else {
            lua_pop(L, 1);
        }
    }
}

/* optim.Adam{m:parameters(), learning_rate = 0.01} and optim.SGD{w, b}: positions that
 * hold variables are the parameters. Puts them under their name in a table of our own. */
static void move_parameters(lua_State *L) {
    if (lua_gettop(L) != 1 || !lua_istable(L, 1))
        return;
    lua_rawgeti(L, 1, 1);
    bool list = lua_istable(L, -1), var = cmd_var_test(L, -1) != NULL;
    if (!list && !var) {
        lua_pop(L, 1);
        return;
    }
    if (var) {
        lua_pop(L, 1);
        lua_newtable(L);
        for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, 1); i++) {
            lua_rawgeti(L, 1, i);
            lua_rawseti(L, -2, i);
        }
    }
    lua_newtable(L);
    copy_names(L, 1);
    lua_insert(L, -2);
    lua_setfield(L, -2, "parameters");
    lua_replace(L, 1);
}

/* Options from the arguments; learning_rate may be a schedule. */
static void set_options(struct cmd_args *a, struct nn_optim *o) {
    lua_State *L = a->L;
    struct err e = {0};
    int slot = cmd_slot(a, "learning_rate");
    const struct nn_schedule *s = cmd_box_test(L, slot, CMD_SCHEDULE);
    int rc = nn_optim_set_schedule(o, s, &e); /* copies it */
    if (s)
        a->given &= ~((uint64_t)1 << (slot - a->base));
    cmd_options_fill(a, &o->options);
    if (rc == 0)
        rc = nn_optim_check(o, &e);
    if (rc == 0 && !s)
        rc = nn_optim_set_schedule(o, NULL, &e); /* the rate that the options say */
    if (rc < 0)
        cmd_raise(L, &e);
}

static int optim_new(lua_State *L) {
    struct cmd_args a;
    move_parameters(L);
    cmd_args_read(&a, L, 1);
    struct err e = {0};
    struct nn_optim **slot = (struct nn_optim **)cmd_box_push(L, CMD_OPTIMIZER);
    if (nn_optim_new(slot, a.row->name + strlen("optim."), &e) < 0)
        cmd_raise(L, &e);
    set_options(&a, *slot);
    int list = cmd_slot(&a, "parameters"), n;
    if (lua_isnil(L, list))
        return 1;
    int box = lua_gettop(L);
    struct nn_var **v = read_parameters(L, list, &n);
    if (nn_optim_attach(*slot, n, v, &e) < 0)
        cmd_raise(L, &e);
    lua_settop(L, box);
    return 1;
}

static int o_step(lua_State *L) {
    struct nn_optim *o = cmd_self(L, CMD_OPTIMIZER);
    struct err e = {0};
    if (nn_optim_step(o, &e) < 0)
        cmd_raise(L, &e);
    return 0;
}

static int o_zero_grad(lua_State *L) {
    nn_optim_zero_grad(cmd_self(L, CMD_OPTIMIZER));
    return 0;
}

static bool optim_field(lua_State *L, const char *key) {
    const struct nn_optim *o = cmd_self(L, CMD_OPTIMIZER);
    if (strcmp(key, "learning_rate") == 0) {
        lua_pushnumber(L, o->learning_rate);
        return true;
    }
    if (strcmp(key, "steps") == 0) {
        lua_pushinteger(L, (lua_Integer)o->steps);
        return true;
    }
    int i = nn_options_index(&o->options, key);
    if (i < 0)
        return false;
    if (o->options.row[i].kind == NN_OPT_BOOL)
        lua_pushboolean(L, o->options.value[i].number != 0);
    else if (o->options.row[i].kind == NN_OPT_TEXT)
        lua_pushstring(L, o->options.value[i].text);
    else
        lua_pushnumber(L, o->options.value[i].number);
    return true;
}

/* opt.learning_rate = 0.01 holds from the next step on. */
static int optim_newindex(lua_State *L) {
    struct nn_optim *o = cmd_self(L, CMD_OPTIMIZER);
    const char *key = lua_tostring(L, 2);
    struct err e = {0};
    if (!key || strcmp(key, "learning_rate") != 0 || lua_type(L, 3) != LUA_TNUMBER)
        return cell_raisef(
            L, ERR_ARG, "%s",
            _("de un optimizador se asigna solo learning_rate, un número"));
    if (nn_optim_set_learning_rate(o, lua_tonumber(L, 3), &e) < 0)
        cmd_raise(L, &e);
    return 0;
}

static int optim_tostring(lua_State *L) {
    const struct nn_optim *o = cmd_self(L, CMD_OPTIMIZER);
    struct buf *b = cmd_buf(L);
    buf_printf(b, "optim.%s{", o->type->name);
    for (int i = 0; i < o->options.n; i++) {
        const struct nn_option_value *v = &o->options.value[i];
        if (i > 0 && !v->set)
            continue;
        buf_printf(b, "%s%s = ", i ? ", " : "", o->options.row[i].name);
        if (i == 0 && o->schedule.type)
            cmd_schedule_text(b, &o->schedule);
        else if (o->options.row[i].kind == NN_OPT_BOOL)
            buf_puts(b, v->number != 0 ? "true" : "false");
        else
            buf_printf(b, "%.10g", v->number);
    }
    buf_putc(b, '}');
    if (b->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, b->data, b->len);
    return 1;
}

static void release_optim(void *o) {
    nn_optim_free(o);
}

static const struct cell_help_param p_parameters[] = {
    {.name = "parameters",
     .types = CELL_TENSOR | CELL_TABLE,
     .flags = CELL_NAMED,
     .doc = N_("variables que ajusta opt:step(); m:compile pone las del modelo")}};

static const struct cmd_command commands[] = {
    {{.name = "optim",
      .kind = CELL_MODULE,
      .doc = N_("Optimizadores: cambian los parámetros con sus gradientes."),
      .see_also = "optim.SGD optim.Adam Model:compile"},
     NULL},
    {{.name = "Optimizer",
      .kind = CELL_CLASS,
      .doc = N_("Un optimizador: da el paso después de backward()."),
      .see_also = "optim.SGD Optimizer:step"},
     NULL},
    {{.name = "Optimizer:step",
      .kind = CELL_METHOD,
      .doc = N_("Da un paso: cambia cada parámetro según su gradiente."),
      .example = "w = var(5); opt = optim.SGD{{w}, learning_rate = 0.1}; "
                 "(w^2):backward(); opt:step(); w.value"},
     o_step},
    {{.name = "Optimizer:zero_grad",
      .kind = CELL_METHOD,
      .doc = N_("Borra los gradientes de sus parámetros."),
      .example = "w = var(5); opt = optim.SGD{{w}}; (w^2):backward(); opt:zero_grad(); "
                 "w.grad"},
     o_zero_grad},
    {{.name = "Optimizer.learning_rate",
      .kind = CELL_FIELD,
      .returns = N_("un número"),
      .doc = N_("La tasa de aprendizaje del próximo paso; se puede cambiar."),
      .example = "optim.Adam().learning_rate"},
     NULL},
    {{.name = "Optimizer.steps",
      .kind = CELL_FIELD,
      .returns = N_("un entero"),
      .doc = N_("Los pasos dados."),
      .example = "optim.SGD{{var(1)}}.steps"},
     NULL},
};

void cmd_optim_open(lua_State *L) {
    cmd_class(L, CMD_OPTIMIZER, release_optim, optim_field);
    cmd_class_meta(L, CMD_OPTIMIZER, "__tostring", optim_tostring);
    cmd_class_meta(L, CMD_OPTIMIZER, "__newindex", optim_newindex);
    cmd_register(L, commands, ARRAY_LEN(commands));
    const struct nn_optim_type *t;
    for (int i = 0; (t = nn_optim_type_row(i)); i++) {
        char name[64], example[96];
        (void)snprintf(name, sizeof name, "optim.%s", t->name);
        (void)snprintf(example, sizeof example, "optim.%s{learning_rate = 0.01}",
                       t->name);
        struct cmd_option_rows r = {.name = name,
                                    .doc = t->help,
                                    .example = example,
                                    .returns = N_("un optimizador"),
                                    .row = t->row,
                                    .n_rows = t->n_rows,
                                    .n_positional = 1,
                                    .more = p_parameters,
                                    .n_more = 1,
                                    .see_also = "Model:compile"};
        cmd_options_register(L, &r, optim_new);
    }
    cmd_schedule_open(L);
    cmd_register_alias(L, "nn", "optim"); /* nn.optim.Adam, as some course notes write */
}
