/* schedule.c: optim.CosineDecay{...} and its like: a learning rate for each step. */
#include "objects.h"
#include "options.h"
#include "register.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "nn/optim.h"

static struct nn_schedule *push_schedule(lua_State *L, const char *type) {
    struct err e = {0};
    void **slot = cmd_box_push(L, CMD_SCHEDULE);
    *slot = malloc(sizeof(struct nn_schedule));
    if (!*slot)
        cmd_raise_nomem(L);
    if (nn_schedule_init(*slot, type, &e) < 0)
        cmd_raise(L, &e);
    return *slot;
}

/* The list in a parameter; `most` is how many fit into v. */
static int read_list(const struct cmd_args *a, const char *name, double *v, int most) {
    lua_State *L = a->L;
    int slot = cmd_slot(a, name), n = (int)MIN_OF(lua_rawlen(L, slot), (size_t)most + 1);
    if (n > most)
        cmd_refuse(a, name, _("son más de %d números"), most);
    for (int i = 0; i < n; i++) {
        lua_rawgeti(L, slot, i + 1);
        v[i] = lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    return n;
}

static void read_pieces(const struct cmd_args *a, struct nn_schedule *s) {
    double boundary[NN_SCHEDULE_PIECES], value[NN_SCHEDULE_PIECES + 1];
    struct err e = {0};
    int n = read_list(a, "boundaries", boundary, NN_SCHEDULE_PIECES);
    int values = read_list(a, "values", value, NN_SCHEDULE_PIECES + 1);
    if (values != n + 1)
        cmd_refuse(a, "values",
                   _("son %d y deben ser %d: una más que los límites de boundaries"),
                   values, n + 1);
    if (nn_schedule_set_pieces(s, n, boundary, value, &e) < 0)
        cmd_raise(a->L, &e);
}

static int schedule_new(lua_State *L) {
    struct cmd_args a;
    struct err e = {0};
    cmd_args_read(&a, L, 1);
    struct nn_schedule *s = push_schedule(L, a.row->name + strlen("optim."));
    int box = lua_gettop(L);
    if (s->type->pieces)
        read_pieces(&a, s);
    else
        cmd_options_fill(&a, &s->options);
    if (nn_schedule_check(s, &e) < 0)
        cmd_raise(L, &e);
    lua_settop(L, box);
    return 1;
}

static int s_rate(lua_State *L) {
    const struct nn_schedule *s = cmd_self(L, CMD_SCHEDULE);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    lua_pushnumber(L, nn_schedule_rate(s, (uint64_t)cmd_integer(&a, "step")));
    return 1;
}

static void release_schedule(void *s) {
    free(s);
}

void cmd_schedule_text(struct buf *b, const struct nn_schedule *s) {
    buf_printf(b, "optim.%s{", s->type->name);
    for (int i = 0, shown = 0; i < s->options.n; i++) {
        const struct nn_option_value *v = &s->options.value[i];
        if (!v->set)
            continue;
        buf_printf(b, "%s%s = ", shown++ ? ", " : "", s->options.row[i].name);
        if (s->options.row[i].kind == NN_OPT_BOOL)
            buf_puts(b, v->number != 0 ? "true" : "false");
        else
            buf_printf(b, "%.10g", v->number);
    }
    for (int i = 0; s->type->pieces && i < s->n; i++)
        buf_printf(b, "%s%.10g", i ? ", " : "boundaries = {", s->boundary[i]);
    for (int i = 0; s->type->pieces && i <= s->n; i++)
        buf_printf(b, "%s%.10g", i ? ", " : "}, values = {", s->value[i]);
    buf_puts(b, s->type->pieces ? "}}" : "}");
}

static int schedule_tostring(lua_State *L) {
    struct buf *b = cmd_buf(L);
    cmd_schedule_text(b, cmd_self(L, CMD_SCHEDULE));
    if (b->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, b->data, b->len);
    return 1;
}

static const struct cell_help_param p_pieces[] = {
    {.name = "boundaries",
     .types = CELL_LIST_NUMBER,
     .flags = CELL_NAMED | CELL_REQUIRED,
     .doc = N_("pasos en que la tasa cambia")},
    {.name = "values",
     .types = CELL_LIST_NUMBER,
     .flags = CELL_NAMED | CELL_REQUIRED,
     .doc = N_("las tasas: una más que los límites")}};

static const struct cell_help_param p_rate[] = {{.name = "step",
                                                 .types = CELL_INTEGER,
                                                 .flags = CELL_REQUIRED | CELL_MIN,
                                                 .min = 0,
                                                 .doc = N_("cuántos pasos se han dado")}};

static const struct cmd_command commands[] = {
    {{.name = "Schedule",
      .kind = CELL_CLASS,
      .doc = N_("Un plan de tasas: va en learning_rate y da la tasa de cada paso."),
      .see_also = "optim.CosineDecay optim.StepDecay Schedule:rate"},
     NULL},
    {{.name = "Schedule:rate",
      .kind = CELL_METHOD,
      .params = p_rate,
      .n_params = ARRAY_LEN(p_rate),
      .returns = N_("un número"),
      .doc = N_("La tasa de aprendizaje después de tantos pasos."),
      .example = "optim.StepDecay{0.1, decay_steps = 100, decay_rate = 0.5}:rate(250)"},
     s_rate},
};

static const char *example_of(const char *type) {
    static const char *const of[][2] = {
        {"StepDecay", "optim.StepDecay{0.1, decay_steps = 100, decay_rate = 0.5}"},
        {"ExponentialDecay",
         "optim.ExponentialDecay{0.1, decay_steps = 100, decay_rate = 0.5}"},
        {"CosineDecay", "optim.SGD{learning_rate = optim.CosineDecay{0.1, decay_steps = "
                        "1000}}"},
        {"OneCycle", "optim.OneCycle{0.1, total_steps = 1000}"},
        {"PiecewiseConstant", "optim.PiecewiseConstant{boundaries = {100, 200}, values = "
                              "{0.1, 0.01, 0.001}}"}};
    for (size_t i = 0; i < ARRAY_LEN(of); i++)
        if (strcmp(of[i][0], type) == 0)
            return of[i][1];
    return NULL;
}

void cmd_schedule_open(lua_State *L) {
    const struct nn_schedule_type *t;
    cmd_class(L, CMD_SCHEDULE, release_schedule, NULL);
    cmd_class_meta(L, CMD_SCHEDULE, "__tostring", schedule_tostring);
    cmd_register(L, commands, ARRAY_LEN(commands));
    for (int i = 0; (t = nn_schedule_type_row(i)); i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "optim.%s", t->name);
        struct cmd_option_rows r = {.name = name,
                                    .doc = t->help,
                                    .example = example_of(t->name),
                                    .returns = N_("un plan de tasas"),
                                    .formula = t->formula,
                                    .row = t->row,
                                    .n_rows = t->n_rows,
                                    .n_positional = 2,
                                    .more = t->pieces ? p_pieces : NULL,
                                    .n_more = t->pieces ? ARRAY_LEN(p_pieces) : 0,
                                    .see_also = "optim.SGD Schedule:rate"};
        cmd_options_register(L, &r, schedule_new);
    }
}
