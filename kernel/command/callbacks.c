/* callbacks.c: callbacks as objects of the language. Those of the engine are boxes; the
 * ones that call the student's functions keep these in a table. */
#include "callbacks.h"

#include "options.h"
#include "register.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "nn/callback.h"

enum { CALLBACKS_MAX = 64 };

/* In a "Callback" box. */
struct boxed {
    struct nn_callback *engine; /* NULL: the functions in the box's user value */
};

static struct boxed *push_box(lua_State *L) {
    void **slot = cmd_box_push(L, CMD_CALLBACK);
    struct boxed *b = calloc(1, sizeof *b);
    if (!b)
        cmd_raise_nomem(L);
    *slot = b;
    return b;
}

static void release_callback(void *box) {
    struct boxed *b = box;
    nn_callback_free(b->engine);
    free(b);
}

static int callback_new(lua_State *L) {
    struct cmd_args a;
    struct err e = {0};
    cmd_args_read(&a, L, 1);
    struct boxed *b = push_box(L);
    int box = lua_gettop(L);
    int rc = nn_callback_new(&b->engine, a.row->name + strlen("callbacks."), &e);
    if (rc == 0 && b->engine->type->path)
        rc = nn_callback_set_path(b->engine, cmd_text(&a, "path"), &e);
    if (rc < 0)
        cmd_raise(L, &e);
    cmd_options_fill(&a, &b->engine->options);
    lua_settop(L, box);
    return 1;
}

static int rate_scheduler(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    push_box(L);
    lua_newtable(L);
    lua_pushvalue(L, cmd_slot(&a, "schedule"));
    lua_setfield(L, -2, CMD_ON_RATE);
    lua_setiuservalue(L, -2, 1);
    return 1;
}

static int lambda(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    push_box(L);
    lua_newtable(L);
    for (size_t i = 0; i < a.row->n_params; i++) {
        lua_pushvalue(L, cmd_slot(&a, a.row->params[i].name));
        lua_setfield(L, -2, a.row->params[i].name);
    }
    lua_setiuservalue(L, -2, 1);
    return 1;
}

static int callback_tostring(lua_State *L) {
    const struct boxed *c = cmd_self(L, CMD_CALLBACK);
    struct buf *b = cmd_buf(L);
    if (!c->engine) {
        lua_pushstring(L, _("callback con funciones"));
        return 1;
    }
    const struct nn_options *o = &c->engine->options;
    const char *between = "";
    buf_printf(b, "callbacks.%s{", c->engine->type->name);
    if (c->engine->path) {
        buf_printf(b, "path = \"%s\"", c->engine->path);
        between = ", ";
    }
    for (int i = 0; i < o->n; i++) {
        const struct nn_option_value *v = &o->value[i];
        if (!v->set)
            continue;
        buf_printf(b, "%s%s = ", between, o->row[i].name);
        if (o->row[i].kind == NN_OPT_TEXT)
            buf_printf(b, "\"%s\"", v->text);
        else if (o->row[i].kind == NN_OPT_BOOL)
            buf_puts(b, v->number != 0 ? "true" : "false");
        else
            buf_printf(b, "%.10g", v->number);
        between = ", ";
    }
    buf_putc(b, '}');
    if (b->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, b->data, b->len);
    return 1;
}

/* ---- the list of m:fit */

/* A single callback or function counts as a list of one; pushes the list. */
static lua_Integer push_list(lua_State *L, int slot) {
    lua_pushvalue(L, slot);
    if (lua_istable(L, -1))
        return (lua_Integer)lua_rawlen(L, -1);
    lua_createtable(L, 1, 0);
    lua_insert(L, -2);
    lua_rawseti(L, -2, 1);
    return 1;
}

/* The value on top as a table of functions in its place; false: it is the engine's. */
static bool to_functions(const struct cmd_args *a, int number,
                         struct nn_callback **engine) {
    lua_State *L = a->L;
    struct boxed *b = cmd_box_test(L, -1, CMD_CALLBACK);
    if (b && b->engine) {
        *engine = b->engine;
        return false;
    }
    if (b) {
        lua_getiuservalue(L, -1, 1);
    } else if (lua_isfunction(L, -1)) {
        lua_newtable(L);
        lua_pushvalue(L, -2);
        lua_setfield(L, -2, CMD_ON_EPOCH);
    } else {
        cmd_refuse(a, "callbacks",
                   _("el elemento %d no es una función ni un callback: %s"), number,
                   cmd_value_text(L, -1));
    }
    lua_remove(L, -2);
    return true;
}

int cmd_callbacks_read(const struct cmd_args *a, struct nn_fit_options *o) {
    lua_State *L = a->L;
    int slot = cmd_slot(a, "callbacks"), kept = 0;
    lua_newtable(L);
    int functions = lua_gettop(L);
    if (lua_isnil(L, slot))
        return functions;
    lua_Integer n = push_list(L, slot);
    int list = lua_gettop(L);
    if (n > CALLBACKS_MAX)
        cmd_refuse(a, "callbacks", _("son %d; el máximo es %d"), (int)n, CALLBACKS_MAX);
    struct nn_callback **engine = cmd_scratch(L, (size_t)n + 1, sizeof(void *));
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, list, i);
        if (to_functions(a, (int)i, &engine[kept]))
            lua_rawseti(L, functions, (lua_Integer)lua_rawlen(L, functions) + 1);
        else
            kept++; /* its box stays in the list */
        lua_settop(L, list + 1);
    }
    o->callback = engine;
    o->n_callbacks = kept;
    return functions;
}

/* ---- rows */

#define FUNCTION(title, text)                                                            \
    { .name = title, .types = CELL_FUNCTION_VALUE, .flags = CELL_NAMED, .doc = text }
static const struct cell_help_param p_lambda[] = {
    FUNCTION("on_train_begin", N_("f(log), al comienzo")),
    FUNCTION("on_epoch_begin", N_("f(época, log), antes de cada época")),
    FUNCTION("on_train_batch_end", N_("f(lote, log), después de cada paso")),
    FUNCTION("on_epoch_end", N_("f(época, log), después de cada época")),
    FUNCTION("on_train_end", N_("f(log), al final"))};

static const struct cell_help_param p_schedule[] = {
    {.name = "schedule",
     .types = CELL_FUNCTION_VALUE,
     .flags = CELL_REQUIRED,
     .doc = N_("f(época, tasa): la tasa de la época que empieza; la primera es 1")}};

static const struct cell_help_param p_path[] = {
    {.name = "path",
     .types = CELL_STRING,
     .flags = CELL_REQUIRED,
     .doc = N_("el archivo; {epoch} y {val_loss} se cambian por sus valores")}};

static const struct cmd_command commands[] = {
    {{.name = "callbacks",
      .kind = CELL_MODULE,
      .doc = N_("Lo que actúa entre dos épocas de m:fit."),
      .see_also = "callbacks.EarlyStopping callbacks.ModelCheckpoint Model:fit"},
     NULL},
    {{.name = "Callback",
      .kind = CELL_CLASS,
      .doc = N_("Un callback: va en la lista callbacks de m:fit."),
      .see_also = "Model:fit callbacks.EarlyStopping"},
     NULL},
    {{.name = "callbacks.LearningRateScheduler",
      .kind = CELL_FUNCTION,
      .params = p_schedule,
      .n_params = ARRAY_LEN(p_schedule),
      .returns = N_("un callback"),
      .doc = N_("Pone la tasa de cada época con una función."),
      .example = "callbacks.LearningRateScheduler(function(epoch, rate) return rate * "
                 "0.9 end)",
      .see_also = "Model:fit optim.ExponentialDecay"},
     rate_scheduler},
    {{.name = "callbacks.LambdaCallback",
      .kind = CELL_FUNCTION,
      .params = p_lambda,
      .n_params = ARRAY_LEN(p_lambda),
      .returns = N_("un callback"),
      .doc = N_("Llama funciones durante el entrenamiento; si una devuelve false, "
                "termina."),
      .example = "callbacks.LambdaCallback{on_epoch_end = function(epoch, log) "
                 "print(epoch, log.loss) end}",
      .see_also = "Model:fit"},
     lambda},
};

static const char *example_of(const struct nn_callback_type *t) {
    if (strcmp(t->name, "ModelCheckpoint") == 0)
        return "callbacks.ModelCheckpoint{\"mejor.safetensors\", save_best_only = true}";
    if (strcmp(t->name, "CSVLogger") == 0)
        return "callbacks.CSVLogger(\"curvas.csv\")";
    if (strcmp(t->name, "EarlyStopping") == 0)
        return "callbacks.EarlyStopping{patience = 3, restore_best_weights = true}";
    return "callbacks.ReduceLROnPlateau{factor = 0.5, patience = 2}";
}

void cmd_callbacks_open(lua_State *L) {
    const struct nn_callback_type *t;
    cmd_class(L, CMD_CALLBACK, release_callback, NULL);
    cmd_class_meta(L, CMD_CALLBACK, "__tostring", callback_tostring);
    cmd_register(L, commands, ARRAY_LEN(commands));
    for (int i = 0; (t = nn_callback_type_row(i)); i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "callbacks.%s", t->name);
        struct cmd_option_rows r = {.name = name,
                                    .doc = t->help,
                                    .example = example_of(t),
                                    .returns = N_("un callback"),
                                    .row = t->row,
                                    .n_rows = t->n_rows,
                                    .n_positional = t->path ? 0 : 1,
                                    .first = t->path ? p_path : NULL,
                                    .see_also = "Model:fit"};
        cmd_options_register(L, &r, callback_new);
    }
}
