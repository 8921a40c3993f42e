/* losses.c: losses.Huber{delta = 0.5} and its like: a loss with its option, for compile. */
#include "objects.h"
#include "options.h"
#include "register.h"

#include "base/i18n.h"
#include "cell/error.h"

static int loss_new(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    const struct nn_loss_type *t = nn_loss_row(0);
    for (int i = 1; t && strcmp(t->title, a.row->name + strlen("losses.")) != 0; i++)
        t = nn_loss_row(i);
    void **slot = cmd_box_push(L, CMD_LOSS);
    struct cmd_loss *loss = malloc(sizeof *loss);
    if (!loss)
        cmd_raise_nomem(L);
    *slot = loss;
    *loss = (struct cmd_loss){.type = t};
    if (!t || !t->option)
        return 1;
    struct nn_options o;
    nn_options_init(&o, t->option, 1, t->title);
    cmd_options_fill(&a, &o);
    loss->value = nn_option_number(&o, t->option->name);
    return 1;
}

static bool loss_field(lua_State *L, const char *key) {
    const struct cmd_loss *l = cmd_self(L, CMD_LOSS);
    if (strcmp(key, "name") == 0)
        lua_pushstring(L, l->type->name);
    else if (l->type->option && strcmp(key, l->type->option->name) == 0)
        lua_pushnumber(L, l->value);
    else
        return false;
    return true;
}

static int loss_tostring(lua_State *L) {
    const struct cmd_loss *l = cmd_self(L, CMD_LOSS);
    struct buf *b = cmd_buf(L);
    buf_printf(b, "losses.%s", l->type->title);
    if (l->type->option)
        buf_printf(b, "{%s = %.10g}", l->type->option->name, l->value);
    else
        buf_puts(b, "()");
    if (b->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, b->data, b->len);
    return 1;
}

static void release_loss(void *l) {
    free(l);
}

static const struct cmd_command commands[] = {
    {{.name = "losses",
      .kind = CELL_MODULE,
      .doc = N_("Pérdidas con opciones, para m:compile{loss = …}."),
      .see_also = "losses.CategoricalCrossentropy losses.Huber Model:compile"},
     NULL},
    {{.name = "Loss",
      .kind = CELL_CLASS,
      .doc = N_("Una pérdida con sus opciones."),
      .see_also = "losses Model:compile"},
     NULL},
    {{.name = "Loss.name",
      .kind = CELL_FIELD,
      .returns = N_("un texto"),
      .doc = N_("El nombre de Keras."),
      .example = "losses.Huber().name"},
     NULL},
};

void cmd_losses_open(lua_State *L) {
    cmd_class(L, CMD_LOSS, release_loss, loss_field);
    cmd_class_meta(L, CMD_LOSS, "__tostring", loss_tostring);
    cmd_register(L, commands, ARRAY_LEN(commands));
    const struct nn_loss_type *t;
    for (int i = 0; (t = nn_loss_row(i)); i++) {
        char name[64], example[128];
        (void)snprintf(name, sizeof name, "losses.%s", t->title);
        (void)snprintf(example, sizeof example,
                       t->option ? "losses.%s{%s = 0.1}" : "losses.%s()", t->title,
                       t->option ? t->option->name : "");
        struct cmd_option_rows r = {.name = name,
                                    .doc = t->help,
                                    .example = example,
                                    .returns = N_("una pérdida"),
                                    .row = t->option,
                                    .n_rows = t->option ? 1 : 0,
                                    .n_positional = t->option ? 1 : 0,
                                    .see_also = "Model:compile"};
        cmd_options_register(L, &r, loss_new);
    }
}
