/* fit.c: m:fit{d, epochs = 10}: training with the live figure, the stop button and
 * callbacks; what it returns is a History. */
#include "fit.h"

#include "callbacks.h"
#include "fit_events.h"
#include "history.h"
#include "objects.h"
#include "register.h"
#include "show.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/cell.h"
#include "cell/display.h"
#include "cell/error.h"
#include "cell/rescue.h"
#include "cell/stop.h"
#include "nn/store.h"

#include <math.h>
#include <unistd.h>

enum { EPOCHS_MAX = 100000, CLASSES_MAX = 100000 };

/* validation_data = {x, y} or a data set whose validation (or test) part is meant. */
static void read_validation(const struct cmd_args *a, struct nn_fit_data *data) {
    lua_State *L = a->L;
    int slot = cmd_slot(a, "validation_data");
    if (lua_isnil(L, slot))
        return;
    const struct nn_dataset *d = cmd_box_test(L, slot, CMD_DATASET);
    if (d) {
        data->x_val = d->x_valid ? d->x_valid : d->x_test;
        data->y_val = d->x_valid ? d->y_valid : d->y_test;
        return;
    }
    if (lua_rawlen(L, slot) != 2)
        cmd_refuse(a, "validation_data", "%s", _("va {x, y}"));
    lua_rawgeti(L, slot, 1);
    lua_rawgeti(L, slot, 2);
    int top = lua_gettop(L);
    data->x_val = cmd_model_input(L, top - 1, "validation_data");
    data->y_val = cmd_model_target(L, top, "validation_data");
}

/* Names of the classes go with the model, for its figures and its file. */
static void keep_classes(lua_State *L, struct nn_model *m, const struct nn_dataset *d) {
    char **from = d ? cmd_class_names(d) : NULL;
    if (!from || m->class_name || d->n_classes == 0)
        return;
    char **names = calloc(d->n_classes, sizeof *names);
    bool ok = names != NULL;
    for (size_t i = 0; ok && i < d->n_classes; i++)
        ok = (names[i] = copy_text(from[i])) != NULL;
    if (!ok) {
        for (size_t i = 0; names && i < d->n_classes; i++)
            free(names[i]);
        free(names);
        cmd_raise_nomem(L);
    }
    m->class_name = names;
    m->n_classes = (int)d->n_classes;
}

static void read_data(const struct cmd_args *a, struct nn_fit_data *data,
                      struct nn_model *m) {
    struct cmd_part part;
    cmd_read_part(a, "x", "y", false, true, &part);
    *data = (struct nn_fit_data){.x = part.x, .y = part.y};
    /* bytes given as a tensor are taken as they are, 0 to 255; numbers that the student
     * scaled leave the usual 1/255 for bytes that come later: m:evaluate(d) */
    data->input.scale = part.x->dtype == NN_U8 ? 1 : 0;
    if (part.data) {
        data->x_val = part.data->x_valid;
        data->y_val = part.data->y_valid;
        data->input = cmd_normalise(part.data);
        if (nn_augment_any(&part.data->augment)) {
            data->augment = nn_augment_bytes;
            data->augment_ctx = &part.data->augment;
        }
        keep_classes(a->L, m, part.data);
    }
    read_validation(a, data);
    if (data->x_val && cmd_number(a, "validation_split") > 0)
        cmd_refuse(a, "validation_split", "%s",
                   _("los datos ya traen una parte de validación; usa una de las dos"));
}

/* live = "boundary": the plane in the figure. */
static struct cmd_boundary *live_boundary(const struct cmd_args *a, struct nn_model *m,
                                          const struct nn_fit_data *data) {
    const struct nn_dataset *d = cmd_box_test(a->L, cmd_slot(a, "x"), CMD_DATASET);
    if (strcmp(cmd_text(a, "live"), "boundary") != 0)
        return NULL;
    struct cmd_points p = {.x = data->x, .y = data->y};
    if (d) {
        p.x_test = d->x_test;
        p.y_test = d->y_test;
        p.names = cmd_class_names(d);
        p.n_names = d->n_classes;
        p.features = d->features;
    }
    return cmd_boundary_push(a->L, "fit: live", m, &p);
}

static struct cmd_live *new_live(const struct cmd_args *a, const struct nn_model *m) {
    lua_State *L = a->L;
    struct cmd_live *v = cmd_scratch(L, 1, sizeof *v);
    size_t epochs = (size_t)cmd_integer(a, "epochs");
    v->host = cell_host(L);
    v->origin = v->host->origin ? v->host->origin(v->host->self) : ORIGIN_CURRENT;
    v->verbose = lua_isboolean(L, cmd_slot(a, "verbose"))
                     ? cmd_boolean(a, "verbose")
                     : (int)cmd_integer(a, "verbose");
    v->caption = cmd_text(a, "caption");
    v->label = cmd_text(a, "label");
    v->epochs = (int)epochs;
    for (int i = 0; i < m->n_metrics; i++)
        v->has_accuracy = v->has_accuracy || strcmp(m->metric[i], "accuracy") == 0;
    cell_display_id(v->id);
    double *column[5];
    for (int i = 0; i < 5; i++)
        column[i] = cmd_scratch(L, epochs, sizeof **column);
    v->x = column[0];
    v->loss = column[1];
    v->val_loss = column[2];
    v->accuracy = column[3];
    v->val_accuracy = column[4];
    return v;
}

static void print_stop(lua_State *L, const struct cmd_training *t) {
    const struct host *h = cell_host(L);
    char line[256];
    (void)snprintf(line, sizeof line,
                   _("Entrenamiento detenido en la época %d (lote %zu de %zu): los pesos "
                     "se conservan.\n"),
                   t->epoch, t->batch, t->batches);
    h->stream(h->self, ORIGIN_CURRENT, HOST_STDOUT, line, strlen(line));
}

/* While a model trains its box says so: its own callback must not train it again. */
static void set_busy(lua_State *L, bool busy) {
    lua_pushboolean(L, busy);
    lua_setiuservalue(L, 1, 1);
}

static void check_ready(lua_State *L, const struct nn_model *m) {
    if (!m->optim)
        cell_raisef(
            L, ERR_STATE, "%s",
            _("fit: falta compilar el modelo; llama antes a m:compile{loss = …}"));
    lua_getiuservalue(L, 1, 1);
    if (lua_toboolean(L, -1))
        cell_raisef(
            L, ERR_STATE, "%s",
            _("fit: este modelo ya se está entrenando; un callback no puede volver "
              "a entrenarlo"));
    lua_pop(L, 1);
}

/* class_weight = {[0] = 1, [1] = 5}: weights by label; the labels left out weigh 1. */
static void read_class_weight(const struct cmd_args *a, struct nn_fit_options *o) {
    lua_State *L = a->L;
    int slot = cmd_slot(a, "class_weight"), most = -1;
    if (lua_isnil(L, slot))
        return;
    for (lua_pushnil(L); lua_next(L, slot); lua_pop(L, 1)) {
        lua_Integer label = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : -1;
        if (label < 0 || label >= CLASSES_MAX || lua_type(L, -1) != LUA_TNUMBER)
            cmd_refuse(a, "class_weight", "%s",
                       _("va un número por etiqueta, y las etiquetas son enteros desde "
                         "0: {[0] = 1, [1] = 5}"));
        most = MAX_OF(most, (int)label);
    }
    double *w = cmd_scratch(L, (size_t)most + 1, sizeof *w);
    for (int c = 0; c <= most; c++) {
        w[c] = lua_rawgeti(L, slot, c) == LUA_TNUMBER ? lua_tonumber(L, -1) : 1;
        lua_pop(L, 1);
    }
    o->class_weight = w;
    o->n_class_weight = most + 1;
}

static void read_sample_weight(const struct cmd_args *a, struct nn_fit_options *o) {
    int slot = cmd_slot(a, "sample_weight");
    if (!lua_isnil(a->L, slot))
        o->sample_weight = cmd_to_var(a->L, slot, NN_F32, "sample_weight")->value;
}

static struct nn_fit_options read_options(const struct cmd_args *a,
                                          struct cmd_training *t) {
    struct nn_fit_options o = {.epochs = (int)cmd_integer(a, "epochs"),
                               .batch_size = (size_t)cmd_integer(a, "batch_size"),
                               .validation_split = cmd_number(a, "validation_split"),
                               .no_shuffle = !cmd_boolean(a, "shuffle"),
                               .initial_epoch = (int)cmd_integer(a, "initial_epoch"),
                               .track = cmd_boolean(a, "diagnostics"),
                               .on_event = cmd_training_event,
                               .ctx = t};
    read_class_weight(a, &o);
    read_sample_weight(a, &o);
    t->callbacks = cmd_callbacks_read(a, &o);
    return o;
}

/* The process is about to end in the middle of a step. The weights are those of the last
 * one, or half of the next. */
static void save_crashed(void *model, char *text, size_t size) {
    char path[64];
    struct err e = {0};
    (void)snprintf(path, sizeof path, "rescate_%ld.safetensors", (long)getpid());
    if (nn_model_save(model, path, &e) == 0)
        (void)snprintf(text, size,
                       _("El modelo que se entrenaba, en la época %llu, quedó en %s: "
                         "nn.load(\"%s\")"),
                       (unsigned long long)((const struct nn_model *)model)->epochs + 1,
                       path, path);
    else
        (void)snprintf(text, size, _("El modelo que se entrenaba no se pudo guardar: %s"),
                       e.msg);
}

static int m_fit(lua_State *L) {
    struct nn_model *m = cmd_self(L, CMD_MODEL);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    struct nn_fit_data data;
    struct cmd_training t = {.L = L, .stop = cell_stop_of(L)};
    luaL_checkstack(L, 60, "fit");
    check_ready(L, m);
    read_data(&a, &data, m);
    struct nn_fit_options o = read_options(&a, &t);
    t.live = new_live(&a, m);
    t.live->boundary = live_boundary(&a, m, &data);
    if (cmd_boolean(&a, "controls"))
        t.controls = cmd_controls_push(L, m->optim);
    struct err e = {0};
    struct cell_rescue rescue = {.save = save_crashed, .ctx = m};
    set_busy(L, true);
    cell_rescue_begin(L, &rescue);
    cell_stop_begin(t.stop);
    int rc = nn_fit(m, &data, &o, &e);
    enum cell_stop_kind how = cell_stop_end(t.stop);
    cell_rescue_end(L, &rescue);
    set_busy(L, false);
    bool stopped = how != CELL_GO || t.asked || t.by_button;
    if (t.live->shown)
        cmd_live_finish(t.live, t.seconds, stopped || (rc == 0 && m->history->stopped));
    if (t.controls)
        cmd_controls_close(L, t.controls);
    if (how == CELL_UNWIND)
        return cell_raise_interrupt(L);
    if (t.failure.code)
        return cell_raise(L, &t.failure);
    if (rc < 0)
        return cell_raise(L, &e);
    if (how == CELL_GENTLE || t.by_button)
        print_stop(L, &t);
    cmd_history_push(L, m->history, t.seconds);
    if (how == CELL_GENTLE) {
        lua_pushboolean(L, true);
        lua_setfield(L, -2, "interrupted");
    }
    return 1;
}

static const char *const live_figures[] = {"curves", "boundary", NULL};
static const struct cell_help_param p_fit[] = {
    {.name = "x",
     .types = CELL_DATASET | CELL_TENSOR,
     .flags = CELL_REQUIRED | CELL_AUTO,
     .doc = N_("un conjunto de datos, o los ejemplos en un tensor")},
    {.name = "y",
     .types = CELL_TENSOR,
     .flags = CELL_AUTO,
     .doc = N_("las etiquetas, cuando x es un tensor")},
    {.name = "epochs",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED | CELL_MIN | CELL_MAX,
     .min = 1,
     .max = EPOCHS_MAX,
     .fallback = "1",
     .doc = N_("cuántas veces se recorren los datos")},
    {.name = "batch_size",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED | CELL_MIN,
     .min = 1,
     .fallback = "32",
     .doc = N_("ejemplos por paso")},
    {.name = "validation_split",
     .types = CELL_NUMBER,
     .flags = CELL_NAMED | CELL_MIN | CELL_MAX_OPEN,
     .min = 0,
     .max = 1,
     .fallback = "0",
     .doc = N_("fracción final de los datos que se aparta para validar")},
    {.name = "validation_data",
     .types = CELL_TABLE | CELL_DATASET,
     .flags = CELL_NAMED,
     .doc = N_("datos para validar: {x, y} o un conjunto de datos")},
    {.name = "shuffle",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "true",
     .doc = N_("mezcla los ejemplos en cada época")},
    {.name = "initial_epoch",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED | CELL_MIN,
     .min = 0,
     .fallback = "0",
     .doc = N_("épocas ya hechas, para seguir numerando")},
    {.name = "callbacks",
     .types = CELL_TABLE | CELL_FUNCTION_VALUE | CELL_CALLBACK,
     .flags = CELL_NAMED,
     .doc = N_("callbacks, o funciones que reciben los resultados de cada época; si una "
               "devuelve false, el entrenamiento termina")},
    {.name = "class_weight",
     .types = CELL_TABLE,
     .flags = CELL_NAMED,
     .doc = N_("cuánto pesa cada clase en la pérdida: {[0] = 1, [1] = 5}")},
    {.name = "sample_weight",
     .types = CELL_TENSOR,
     .flags = CELL_NAMED | CELL_AUTO,
     .doc = N_("cuánto pesa cada ejemplo en la pérdida")},
    {.name = "diagnostics",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("mide las capas en todos los lotes y no en uno por época")},
    {.name = "verbose",
     .types = CELL_INTEGER | CELL_BOOLEAN,
     .flags = CELL_NAMED | CELL_MIN | CELL_MAX,
     .min = 0,
     .max = 2,
     .fallback = "1",
     .doc = N_("0 nada, 1 la figura en vivo, 2 una línea por época")},
    {.name = "live",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .fallback = "\"curves\"",
     .choices = live_figures,
     .doc = N_("qué muestra la figura en vivo: las curvas, o la frontera de decisión de "
               "puntos del plano")},
    {.name = "controls",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc =
         N_("botones para detener y pausar, y un deslizador de la tasa de aprendizaje")},
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "Model:fit",
      .kind = CELL_METHOD,
      .params = p_fit,
      .n_params = ARRAY_LEN(p_fit),
      .returns = N_("el historial del entrenamiento"),
      .doc = N_("Entrena el modelo y muestra las curvas mientras tanto. El botón detener "
                "termina en el lote actual y conserva los pesos."),
      .example = "d = data.gauss{n = 80}; m = nn.Sequential{nn.Dense(2)}; m:compile{loss "
                 "= \"sparse_categorical_crossentropy\"}; h = m:fit{d, epochs = 2, "
                 "batch_size = 16}; h",
      .see_also = "Model:compile Model:evaluate plot.history callbacks.EarlyStopping"},
     m_fit},
};

void cmd_fit_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
    cmd_history_open(L);
    cmd_callbacks_open(L);
}
