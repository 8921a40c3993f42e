/* experiments.c: the command lab.experiments: reads the configurations, runs those that are
 * not stored yet, and hands the rows to experiments_show.c. */
#include "experiments.h"

#include "fingerprint.h"
#include "objects.h"
#include "register.h"
#include "session.h"
#include "show.h"

#include "base/i18n.h"
#include "cell/cell.h"
#include "cell/display.h"
#include "cell/error.h"
#include "cell/json.h"
#include "cell/stop.h"

#include <math.h>

enum { SERIES_MAX = 200 };

/* What a row means: rows of another meaning are not found. */
static const char row_version[] = "best epoch";

struct series {
    lua_State *L;
    const struct cmd_args *a;
    struct cmd_runs *runs; /* in a box; NULL: nothing is kept */
    const char *folder;
    int names, configs, rows; /* stack indices of lists */
    int n;
    int line; /* stack index of the progress line */
    struct cmd_progress *progress;
    bool interrupted;
    char problem[300]; /* why nothing is kept, or what was */
};

static void close_runs(void *r) {
    cmd_runs_close(r);
}

/* ------------------------------------------------------------------- configurations */

/* The first item of the table at 1 is a configuration with a name, not all of them. */
static bool is_listed(lua_State *L) {
    bool named =
        lua_rawgeti(L, 1, 1) == LUA_TTABLE && lua_getfield(L, -1, "name") == LUA_TSTRING;
    lua_settop(L, 1);
    return named;
}

/* lab.experiments{ancho = {...}, base = {...}}: the tables whose names are no parameters
 * become runs; those without a name as well when each has one inside. */
static void gather_direct(lua_State *L, const struct cell_help_row *row) {
    if (!lua_istable(L, 1) || lua_gettop(L) != 1)
        return;
    bool direct =
        lua_getfield(L, 1, "runs") == LUA_TNIL && (lua_rawlen(L, 1) == 0 || is_listed(L));
    lua_settop(L, 1);
    if (!direct)
        return;
    lua_newtable(L);
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        size_t len = 0;
        const char *name =
            lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &len) : "";
        bool own = lua_istable(L, -1) && !cell_help_param_find(row, name, len);
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, own ? 3 : 2);
    }
    lua_setfield(L, 2, "runs");
    lua_replace(L, 1);
}

static void add_run(struct series *s, const char *name) {
    lua_State *L = s->L;
    if (!lua_istable(L, -1))
        cmd_refuse(s->a, "runs", _("«%s» debe ser una tabla de opciones y es %s"), name,
                   cmd_value_text(L, -1));
    if (s->n == SERIES_MAX)
        cmd_refuse(s->a, "runs", _("son más de %d experimentos"), SERIES_MAX);
    s->n++;
    lua_pushstring(L, name);
    lua_rawseti(L, s->names, s->n);
    lua_rawseti(L, s->configs, s->n);
}

/* The list first, then the named ones in the order of the alphabet. */
static void read_runs(struct series *s) {
    lua_State *L = s->L;
    int slot = cmd_slot(s->a, "runs"), listed = (int)lua_rawlen(L, slot);
    for (int i = 1; i <= listed; i++) {
        lua_rawgeti(L, slot, i);
        if (lua_istable(L, -1))
            lua_getfield(L, -1, "name");
        else
            lua_pushnil(L);
        if (lua_type(L, -1) != LUA_TSTRING) {
            lua_pop(L, 1);
            lua_pushfstring(L, "%d", i);
        }
        lua_insert(L, -2);
        add_run(s, lua_tostring(L, -2));
        lua_pop(L, 1);
    }
    const char *last = NULL;
    for (;;) { /* the smallest name above the last one: few names */
        const char *next = NULL;
        for (lua_pushnil(L); lua_next(L, slot); lua_pop(L, 1)) {
            const char *name =
                lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
            if (name && (!last || strcmp(name, last) > 0) &&
                (!next || strcmp(name, next) < 0))
                next = name;
        }
        if (!next)
            break;
        lua_getfield(L, slot, next);
        add_run(s, next);
        last = next;
    }
    if (s->n == 0)
        cmd_refuse(s->a, "runs", "%s", _("no hay ningún experimento"));
}

static void copy_into(lua_State *L, int from, int to) {
    if (!lua_istable(L, from))
        return;
    for (lua_pushnil(L); lua_next(L, from); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, to);
    }
}

/* Pushes base with the run's own options over it, its name and its seed. */
static void push_config(struct series *s, int i) {
    lua_State *L = s->L;
    lua_newtable(L);
    int cfg = lua_gettop(L);
    copy_into(L, cmd_slot(s->a, "base"), cfg);
    lua_rawgeti(L, s->configs, i);
    copy_into(L, cfg + 1, cfg);
    lua_pop(L, 1);
    if (lua_getfield(L, cfg, "model") == LUA_TNIL) {
        lua_pushvalue(L, cmd_slot(s->a, "model"));
        lua_setfield(L, cfg, "model");
    }
    lua_pop(L, 1);
    lua_rawgeti(L, s->names, i);
    lua_setfield(L, cfg, "name");
    if (lua_getfield(L, cfg, "seed") == LUA_TNIL) {
        lua_pushinteger(L, cmd_given(s->a, "seed") ? cmd_integer(s->a, "seed")
                                                   : (lua_Integer)cmd_session_seed(L));
        lua_setfield(L, cfg, "seed");
    }
    lua_pop(L, 1);
}

/* What decides the result: options, seed, data, and how a run is made; not its name. */
static void key_of(struct series *s, int cfg, char key[CMD_KEY_LEN]) {
    lua_State *L = s->L;
    struct cmd_fingerprint f;
    cmd_fingerprint_init(&f);
    cmd_fingerprint_bytes(&f, row_version, sizeof row_version);
    lua_getfield(L, cfg, "name");
    lua_pushnil(L);
    lua_setfield(L, cfg, "name");
    cmd_fingerprint_value(L, cfg, &f);
    lua_setfield(L, cfg, "name");
    cmd_fingerprint_value(L, cmd_slot(s->a, "data"), &f);
    cmd_fingerprint_value(L, cmd_slot(s->a, "run"), &f);
    cmd_fingerprint_text(&f, key);
}

/* ------------------------------------------------------------------- one run */

static double number_at(lua_State *L, int list, lua_Integer i) {
    double v = lua_rawgeti(L, list, i) == LUA_TNUMBER ? lua_tonumber(L, -1) : NAN;
    lua_pop(L, 1);
    return v;
}

/* The epoch that a run is judged by: the highest validation accuracy, of equal ones the
 * lowest validation loss; without accuracy the lowest loss; 0: there is no validation. */
static lua_Integer best_epoch(lua_State *L, int history) {
    int top = lua_gettop(L);
    bool accuracy = lua_getfield(L, history, "val_accuracy") == LUA_TTABLE;
    bool loss = lua_getfield(L, history, "val_loss") == LUA_TTABLE;
    lua_Integer best = 0, n = 0;
    if (accuracy || loss)
        n = (lua_Integer)lua_rawlen(L, accuracy ? top + 1 : top + 2);
    double top_accuracy = -INFINITY, least = INFINITY;
    for (lua_Integer i = 1; i <= n; i++) {
        double a = accuracy ? number_at(L, top + 1, i) : 0;
        double l = loss ? number_at(L, top + 2, i) : 0;
        if (!(a > top_accuracy || (a == top_accuracy && l < least)))
            continue;
        if (!isfinite(a) || (!accuracy && !isfinite(l)))
            continue;
        top_accuracy = a;
        least = l;
        best = i;
    }
    lua_settop(L, top);
    return best;
}

/* The numbers of the best epoch (of the last one without validation) as fields of row. */
static void take_history(struct series *s, int history, int row) {
    lua_State *L = s->L;
    static const char *const columns[] = {"loss", "accuracy", "val_loss", "val_accuracy"};
    lua_getfield(L, history, "history");
    int lists = lua_gettop(L);
    lua_Integer best = best_epoch(L, lists);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        if (lua_getfield(L, lists, columns[i]) == LUA_TTABLE) {
            lua_rawgeti(L, -1, best ? best : (lua_Integer)lua_rawlen(L, -1));
            lua_setfield(L, row, columns[i]);
        }
        lua_pop(L, 1);
    }
    if (best) {
        lua_pushinteger(L, best);
        lua_setfield(L, row, "best_epoch");
    }
    lua_setfield(L, row, "history");
    lua_getfield(L, history, "epochs");
    lua_setfield(L, row, "epochs");
    lua_getfield(L, history, "interrupted");
    s->interrupted = lua_toboolean(L, -1);
    lua_pop(L, 1);
}

/* What run returned, at first and first + 1, into row. */
static void take_results(struct series *s, int first, int row, const char *name) {
    lua_State *L = s->L;
    bool any = false;
    for (int i = first; i <= first + 1; i++) {
        struct nn_model *m = cmd_box_test(L, i, CMD_MODEL);
        if (m) {
            lua_pushinteger(L, (lua_Integer)nn_model_count_params(m, false));
            lua_setfield(L, row, "parameters");
            lua_pushvalue(L, i);
            lua_setfield(L, row, "model");
        } else if (lua_istable(L, i)) {
            any = true;
            bool is_history = lua_getfield(L, i, "history") == LUA_TTABLE;
            lua_pop(L, 1);
            if (is_history)
                take_history(s, i, row);
            else
                copy_into(L, i, row);
        }
    }
    if (!any)
        cell_raisef(L, ERR_ARG,
                    _("lab.experiments: «%s»: run debe devolver el modelo y lo que "
                      "devuelve m:fit{…}, o una tabla de números como {val_accuracy = "
                      "0.9}"),
                    name);
}

/* Pushes the row of a stored run; false and nothing when there is none. */
static bool push_stored(struct series *s, const char *key) {
    lua_State *L = s->L;
    struct err e = {0};
    char *json = NULL;
    if (!s->runs || cmd_boolean(s->a, "again"))
        return false;
    int rc = cmd_runs_get(s->runs, key, &json, &e);
    if (rc == 0 && json)
        rc = cell_json_load(L, json, strlen(json), &e);
    bool found = rc == 0 && json;
    free(json);
    if (rc == ERR_NOMEM)
        cmd_raise(L, &e);
    if (!found) /* a row that cannot be read is a run that was not made */
        return false;
    lua_pushboolean(L, true);
    lua_setfield(L, -2, "stored");
    return true;
}

/* The weights beside the database; then the row without its live objects. */
static void store(struct series *s, int row, const char *key, const char *name) {
    lua_State *L = s->L;
    struct err e = {0};
    char *json = NULL;
    if (!s->runs)
        return;
    if (lua_getfield(L, row, "model") == LUA_TUSERDATA) {
        lua_getfield(L, -1, "save");
        lua_pushvalue(L, -2);
        lua_pushfstring(L, "%s/%s.safetensors", s->folder, key);
        lua_call(L, 2, 0);
    }
    lua_newtable(L);
    copy_into(L, row, lua_gettop(L));
    lua_pushnil(L);
    lua_setfield(L, -2, "model");
    int rc = cell_json_dump(L, -1, &json, NULL, &e);
    if (rc == 0)
        rc = cmd_runs_put(s->runs, key, name, json, &e);
    free(json);
    if (rc < 0)
        cmd_raise(L, &e);
    lua_pop(L, 2);
}

/* Trains configuration cfg and pushes its row. */
static void run_one(struct series *s, int cfg, const char *name) {
    lua_State *L = s->L;
    struct err e = {0};
    lua_getfield(L, cfg, "seed");
    lua_Integer seed = lua_tointeger(L, -1);
    lua_pop(L, 1);
    cmd_session_set_seed(L, (uint64_t)seed);
    lua_newtable(L);
    int row = lua_gettop(L);
    lua_pushinteger(L, seed);
    lua_setfield(L, row, "seed");
    if (cmd_given(s->a, "run"))
        lua_pushvalue(L, cmd_slot(s->a, "run"));
    else
        cmd_experiment_push_default(L);
    lua_pushvalue(L, cfg);
    lua_pushvalue(L, cmd_slot(s->a, "data"));
    lua_getfield(L, cfg, "epochs");
    lua_Integer epochs = lua_tointeger(L, -1);
    lua_pop(L, 1);
    cmd_progress_push_callback(L, s->line, epochs);
    double start = clock_seconds();
    if (cell_pcall(L, 3, 2, &e) != LUA_OK) {
        (void)cell_stop_end(cell_stop_of(L));
        if (e.code == ERR_INTERRUPT || e.code == ERR_NOMEM)
            cmd_raise(L, &e);
        cell_raisef(L, e.code < 0 ? e.code : ERR_STATE, _("lab.experiments: «%s»: %s"),
                    name, e.msg);
    }
    lua_pushnumber(L, clock_seconds() - start);
    lua_setfield(L, row, "seconds");
    take_results(s, row + 1, row, name);
    lua_settop(L, row);
}

/* "units = 256, dropout = 0.5": the run's own options, shortened. */
static void describe(struct series *s, int i, int row) {
    lua_State *L = s->L;
    struct buf *b = cmd_buf(L);
    const char *last = NULL;
    lua_rawgeti(L, s->configs, i);
    int cfg = lua_gettop(L);
    for (;;) {
        const char *next = NULL;
        for (lua_pushnil(L); lua_next(L, cfg); lua_pop(L, 1)) {
            const char *k = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
            if (k && strcmp(k, "name") != 0 && (!last || strcmp(k, last) > 0) &&
                (!next || strcmp(k, next) < 0))
                next = k;
        }
        if (!next)
            break;
        buf_printf(b, "%s%s = ", b->len ? ", " : "", next);
        lua_getfield(L, cfg, next);
        if (lua_isfunction(L, -1))
            buf_puts(b, "…");
        else
            cell_brief(L, lua_gettop(L), b);
        lua_pop(L, 1);
        last = next;
    }
    if (b->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, b->data ? b->data : "", b->len);
    lua_setfield(L, row, "config");
    lua_pop(L, 2);
}

static void do_run(struct series *s, int i) {
    lua_State *L = s->L;
    char key[CMD_KEY_LEN];
    lua_rawgeti(L, s->names, i);
    const char *name = lua_tostring(L, -1);
    push_config(s, i);
    int cfg = lua_gettop(L);
    key_of(s, cfg, key);
    bool found = push_stored(s, key);
    if (found) {
        s->progress->stored++;
    } else {
        cmd_progress_begin(L, s->progress, i, name);
        run_one(s, cfg, name);
    }
    int row = lua_gettop(L);
    lua_pushstring(L, name);
    lua_setfield(L, row, "name");
    lua_pushstring(L, key);
    lua_setfield(L, row, "key");
    describe(s, i, row);
    if (!s->interrupted) {
        if (!found)
            store(s, row, key, name);
        lua_pushvalue(L, row);
        lua_rawseti(L, s->rows, (lua_Integer)lua_rawlen(L, s->rows) + 1);
    }
    lua_settop(L, cfg - 2);
}

static void run_all(struct series *s) {
    struct cell_stop *stop = cell_stop_of(s->L);
    uint64_t seed = cmd_session_seed(s->L);
    cell_stop_begin(stop);
    for (int i = 1; i <= s->n && !s->interrupted; i++) {
        if (cell_stop_poll(stop) != CELL_GO)
            s->interrupted = true;
        else
            do_run(s, i);
    }
    enum cell_stop_kind how = cell_stop_end(stop);
    cmd_session_set_seed(s->L,
                         seed); /* what follows does not depend on what was stored */
    if (how == CELL_UNWIND)
        cell_raise_interrupt(s->L);
    if (s->progress->shown)
        cmd_progress_end(s->L, s->progress, s->interrupted,
                         (int)lua_rawlen(s->L, s->rows));
}

static void open_store(struct series *s) {
    lua_State *L = s->L;
    int slot = cmd_slot(s->a, "store");
    struct err e = {0};
    if (lua_isboolean(L, slot) && !lua_toboolean(L, slot))
        return;
    s->folder = lua_type(L, slot) == LUA_TSTRING ? lua_tostring(L, slot) : ".nabla";
    struct cmd_runs **box = (struct cmd_runs **)cmd_box_push(L, "nabla.runs");
    if (cmd_runs_open(box, s->folder, &e) < 0) {
        if (e.code == ERR_NOMEM)
            cmd_raise(L, &e);
        (void)snprintf(s->problem, sizeof s->problem,
                       _("Los experimentos no se guardan: %.200s"), e.msg);
    }
    s->runs = *box;
}

static int lab_experiments(lua_State *L) {
    struct cmd_args a;
    luaL_checkstack(L, 60, "lab.experiments");
    gather_direct(L, lua_touserdata(L, lua_upvalueindex(1)));
    cmd_args_read(&a, L, 1);
    struct series s = {.L = L, .a = &a};
    open_store(&s);
    for (int *at[] = {&s.names, &s.configs, &s.rows}, i = 0; i < 3; i++) {
        lua_newtable(L);
        *at[i] = lua_gettop(L);
    }
    read_runs(&s);
    s.progress = cmd_progress_push(L, s.n);
    s.line = lua_gettop(L);
    run_all(&s);
    int stored = s.progress->stored;
    if (stored > 0 && !s.problem[0])
        (void)snprintf(
            s.problem, sizeof s.problem,
            ngettext_("%d experimento ya estaba hecho; again = true lo entrena "
                      "otra vez.",
                      "%d experimentos ya estaban hechos; again = true los "
                      "entrena otra vez.",
                      stored),
            stored);
    lua_pushvalue(L, s.rows);
    cmd_experiments_push(&a, s.folder,
                         s.interrupted
                             ? _("Interrumpido: lo terminado queda guardado; ejecuta la "
                                 "celda otra vez y sigue donde quedó.")
                         : s.problem[0] ? s.problem
                                        : NULL);
    return 1;
}

static const struct cell_help_param p_experiments[] = {
    {.name = "runs",
     .types = CELL_TABLE,
     .flags = CELL_REQUIRED,
     .doc = N_("las configuraciones: {nombre = {opciones}, …} o una lista; también se "
               "pueden escribir directamente, sin runs")},
    {.name = "data",
     .types = CELL_DATASET,
     .flags = CELL_NAMED,
     .doc = N_("los datos; sin parte de validación se aparta un 10 %. La parte de prueba "
               "no se toca")},
    {.name = "model",
     .types = CELL_FUNCTION_VALUE,
     .flags = CELL_NAMED,
     .doc = N_("function(cfg) que arma el modelo con las opciones")},
    {.name = "base",
     .types = CELL_TABLE,
     .flags = CELL_NAMED,
     .doc = N_("opciones de todas: las de compile y fit (optimizer, loss, epochs, "
               "batch_size …) y las que use model(cfg)")},
    {.name = "run",
     .types = CELL_FUNCTION_VALUE,
     .flags = CELL_NAMED,
     .doc =
         N_("function(cfg, data, avance) que entrena por su cuenta y devuelve modelo e "
            "historial, o una tabla como {val_accuracy = 0.9}; avance es un callback "
            "para m:fit que dice la época")},
    {.name = "seed",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED | CELL_MIN,
     .min = 0,
     .doc = N_("semilla de cada experimento; sin ella, la de lab.seed")},
    {.name = "store",
     .types = CELL_STRING | CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .doc = N_("carpeta donde quedan los resultados, \".nabla\" si no se indica; false: "
               "no se guardan")},
    {.name = "again",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("entrena también lo que ya estaba hecho")},
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "lab.experiments",
      .kind = CELL_FUNCTION,
      .params = p_experiments,
      .n_params = ARRAY_LEN(p_experiments),
      .takes = "Model:compile Model:fit",
      .returns = N_("una tabla con .best, :model(nombre) y :plot()"),
      .doc = N_("Entrena varias configuraciones, una tras otra, y las ordena por la "
                "exactitud de validación de su mejor época, cuyos pesos quedan en el "
                "modelo. Lo terminado queda guardado: tras una interrupción sigue donde "
                "quedó."),
      .example =
          "d = data.digits{n_train = 100, n_test = 20}\n"
          "r = lab.experiments{chica = {units = 4}, grande = {units = 16}, data = d,\n"
          "  base = {epochs = 1}, store = false, model = function(cfg)\n"
          "    return nn.Sequential{nn.Flatten(), nn.Dense(cfg.units), nn.Dense(10)}\n"
          "  end}\n"
          "r.best.name",
      .see_also = "Experiments:model Experiments:plot Model:fit lab.seed"},
     lab_experiments}};

void cmd_experiments_open(lua_State *L) {
    cmd_box_type(L, "nabla.runs", close_runs);
    lua_pop(L, 1);
    cmd_register(L, commands, ARRAY_LEN(commands));
    cmd_experiments_show_open(L);
}
