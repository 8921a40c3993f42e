/* metrics.c: confusion_matrix, classification_report, accuracy_score, with scikit-learn's
 * names and order: what is true first, what was predicted second. */
#include "metrics.h"

#include "objects.h"
#include "register.h"
#include "show.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/display.h"
#include "cell/error.h"
#include "nn/report.h"
#include "viz/confusion.h"

#define CONFUSION      "ConfusionMatrix"
#define CONFUSION_HOLD "nabla.confusion"
#define REPORT_HOLD    "nabla.report"

enum { PAIRS_KEPT = 10 };

struct labels {
    const struct nn_tensor *truth, *predicted;
};

static void read_labels(const struct cmd_args *a, struct labels *l) {
    lua_State *L = a->L;
    l->truth = cmd_labels(L, cmd_slot(a, "y_true"), "y_true");
    l->predicted = cmd_labels(L, cmd_slot(a, "y_pred"), "y_pred");
    if (l->truth->n != l->predicted->n)
        cell_raisef(L, ERR_SHAPE, _("%s: y_true tiene %d etiquetas e y_pred %d"),
                    a->row->name, (int)l->truth->n, (int)l->predicted->n);
}

const char *const *cmd_names(lua_State *L, int slot, size_t n, char *const *fallback,
                             size_t n_fallback) {
    const char **names = cmd_scratch(L, n + 1, sizeof *names);
    if (lua_isnil(L, slot)) {
        for (size_t i = 0; fallback && i < n && i < n_fallback; i++)
            names[i] = fallback[i];
        return fallback && n_fallback >= n ? names : NULL;
    }
    if (lua_rawlen(L, slot) < n)
        cell_raisef(L, ERR_ARG, _("classes: hay %d nombres para %d clases"),
                    (int)lua_rawlen(L, slot), (int)n);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, slot, (lua_Integer)i + 1);
        names[i] = lua_tostring(L, -1); /* the list keeps the string */
        if (!names[i])
            cell_raisef(L, ERR_ARG, _("classes: el nombre %d no es un texto"),
                        (int)i + 1);
        lua_pop(L, 1);
    }
    return names;
}

static struct nn_confusion *push_counts(lua_State *L, const int32_t *truth,
                                        const int32_t *predicted, size_t n,
                                        size_t n_classes) {
    struct err e = {0};
    void **slot = cmd_box_push(L, CONFUSION_HOLD);
    if (nn_confusion_new((struct nn_confusion **)slot, truth, predicted, n, n_classes,
                         &e) < 0)
        cmd_raise(L, &e);
    return *slot;
}

/* The most confused pairs as {truth = 4, predicted = 9, count = 12}. */
static void push_pairs(lua_State *L, const struct nn_confusion *c) {
    struct nn_confused pair[PAIRS_KEPT];
    size_t n = nn_confusion_top(c, pair, PAIRS_KEPT);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_createtable(L, 0, 3);
        lua_pushinteger(L, (lua_Integer)pair[i].truth);
        lua_setfield(L, -2, "truth");
        lua_pushinteger(L, (lua_Integer)pair[i].predicted);
        lua_setfield(L, -2, "predicted");
        lua_pushinteger(L, (lua_Integer)pair[i].count);
        lua_setfield(L, -2, "count");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_rows(lua_State *L, const struct nn_confusion *c) {
    for (size_t i = 0; i < c->n_classes; i++) {
        lua_createtable(L, (int)c->n_classes, 0);
        for (size_t j = 0; j < c->n_classes; j++) {
            lua_pushinteger(L, (lua_Integer)nn_confusion_get(c, i, j));
            lua_rawseti(L, -2, (lua_Integer)j + 1);
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

void cmd_confusion_push(lua_State *L, const int32_t *y_true, const int32_t *y_pred,
                        size_t n, size_t n_classes, const char *const *names) {
    const struct nn_confusion *c = push_counts(L, y_true, y_pred, n, n_classes);
    lua_createtable(L, (int)c->n_classes, 6);
    push_rows(L, c);
    lua_pushinteger(L, (lua_Integer)c->total);
    lua_setfield(L, -2, "total");
    lua_pushinteger(L, (lua_Integer)c->correct);
    lua_setfield(L, -2, "correct");
    lua_pushnumber(L, nn_confusion_accuracy(c));
    lua_setfield(L, -2, "accuracy");
    push_pairs(L, c);
    lua_setfield(L, -2, "confused");
    if (names) {
        lua_createtable(L, (int)c->n_classes, 0);
        for (size_t i = 0; i < c->n_classes; i++) {
            lua_pushstring(L, names[i]);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        lua_setfield(L, -2, "classes");
    }
    luaL_setmetatable(L, CONFUSION);
    lua_remove(L, -2);
}

static int64_t count_at(lua_State *L, int idx, size_t i, size_t j) {
    lua_rawgeti(L, idx, (lua_Integer)i + 1);
    int64_t v = 0;
    if (lua_istable(L, -1)) {
        lua_rawgeti(L, -1, (lua_Integer)j + 1);
        v = lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return v;
}

/* The description for viz, in scratch on the stack. */
static struct viz_confusion view(lua_State *L, int idx) {
    size_t n = lua_rawlen(L, idx), cells;
    if (!mul_size(&cells, n, n))
        cmd_raise_nomem(L);
    int64_t *counts = cmd_scratch(L, cells, sizeof *counts);
    for (size_t i = 0; i < cells; i++)
        counts[i] = count_at(L, idx, i / n, i % n);
    lua_getfield(L, idx, "classes");
    const char *const *names = cmd_names(L, lua_gettop(L), n, NULL, 0);
    return (struct viz_confusion){.counts = counts, .n = n, .names = names};
}

void cmd_confusion_figure(lua_State *L, int idx, struct mime_bundle *out,
                          const char *title, const char *caption, const char *label) {
    idx = lua_absindex(L, idx);
    struct viz_confusion c = view(L, idx);
    struct err e = {0};
    c.title = title;
    c.caption = caption;
    c.label = label;
    if (viz_confusion_bundle(out, &c, &e) < 0)
        cmd_raise(L, &e);
}

static int confusion_display(lua_State *L) {
    struct mime_bundle *b = cell_bundle_push(L);
    int at = lua_gettop(L);
    lua_getfield(L, 1, "caption");
    lua_getfield(L, 1, "label");
    cmd_confusion_figure(L, 1, b, NULL, lua_tostring(L, at + 1), lua_tostring(L, at + 2));
    lua_settop(L, at);
    return 1;
}

static int confusion_text(lua_State *L) {
    struct buf *b = cmd_buf(L);
    struct viz_confusion c = view(L, 1);
    struct err e = {0};
    if (viz_confusion_text(b, &c, &e) < 0)
        cmd_raise(L, &e);
    while (b->len > 0 && b->data[b->len - 1] == '\n')
        b->len--;
    lua_pushlstring(L, b->data ? b->data : "", b->len);
    return 1;
}

static void copy_text_field(const struct cmd_args *a, const char *name) {
    if (!cmd_text(a, name))
        return;
    lua_pushstring(a->L, cmd_text(a, name));
    lua_setfield(a->L, -2, name);
}

static size_t class_count(const struct labels *l) {
    int32_t top = 0;
    for (size_t i = 0; i < l->truth->n; i++)
        top = MAX_OF(top,
                     MAX_OF(nn_tensor_i32(l->truth)[i], nn_tensor_i32(l->predicted)[i]));
    return (size_t)top + 1;
}

/* How many classes: as many as names were given, or as labels occur. */
static size_t choose_classes(const struct cmd_args *a, const struct labels *l) {
    int slot = cmd_slot(a, "classes");
    size_t seen = class_count(l);
    return lua_isnil(a->L, slot) ? seen : MAX_OF(seen, (size_t)lua_rawlen(a->L, slot));
}

static int confusion_matrix(lua_State *L) {
    struct cmd_args a;
    struct labels l;
    cmd_args_read(&a, L, 1);
    read_labels(&a, &l);
    size_t n = choose_classes(&a, &l);
    const char *const *names = cmd_names(L, cmd_slot(&a, "classes"), n, NULL, 0);
    cmd_confusion_push(L, nn_tensor_i32(l.truth), nn_tensor_i32(l.predicted), l.truth->n,
                       n, names);
    copy_text_field(&a, "caption");
    copy_text_field(&a, "label");
    return 1;
}

static int accuracy_score(lua_State *L) {
    struct cmd_args a;
    struct labels l;
    cmd_args_read(&a, L, 1);
    read_labels(&a, &l);
    lua_pushnumber(L,
                   nn_confusion_accuracy_score(nn_tensor_i32(l.truth),
                                               nn_tensor_i32(l.predicted), l.truth->n));
    return 1;
}

static void report_row(lua_State *L, struct cmd_table *t, const char *name,
                       const struct nn_report_row *r, const char *key) {
    cmd_table_cell(L, t, "%s", name);
    cmd_table_cell(L, t, "%.2f", r->precision);
    cmd_table_cell(L, t, "%.2f", r->recall);
    cmd_table_cell(L, t, "%.2f", r->f1);
    cmd_table_cell(L, t, "%zu", r->support);
    lua_createtable(L, 0, 4);
    lua_pushnumber(L, r->precision);
    lua_setfield(L, -2, "precision");
    lua_pushnumber(L, r->recall);
    lua_setfield(L, -2, "recall");
    lua_pushnumber(L, r->f1);
    lua_setfield(L, -2, "f1");
    lua_pushinteger(L, (lua_Integer)r->support);
    lua_setfield(L, -2, "support");
    lua_setfield(L, -2, key);
}

static void accuracy_row(lua_State *L, struct cmd_table *t, const struct nn_report *r) {
    cmd_table_cell(L, t, "%s", _("exactitud"));
    cmd_table_cell(L, t, "%s", "");
    cmd_table_cell(L, t, "%s", "");
    cmd_table_cell(L, t, "%.2f", r->accuracy);
    cmd_table_cell(L, t, "%zu", r->macro.support);
    lua_pushnumber(L, r->accuracy);
    lua_setfield(L, -2, "accuracy");
}

static int classification_report(lua_State *L) {
    static const char *const headers[] = {N_("clase"), N_("precisión"),
                                          N_("exhaustividad"), N_("F1"), N_("soporte")};
    struct cmd_args a;
    struct labels l;
    cmd_args_read(&a, L, 1);
    read_labels(&a, &l);
    size_t n = choose_classes(&a, &l);
    const char *const *names = cmd_names(L, cmd_slot(&a, "classes"), n, NULL, 0);
    const struct nn_confusion *c =
        push_counts(L, nn_tensor_i32(l.truth), nn_tensor_i32(l.predicted), l.truth->n, n);
    struct err e = {0};
    struct nn_report **report = (struct nn_report **)cmd_box_push(L, REPORT_HOLD);
    if (nn_report_new(report, c, &e) < 0)
        cmd_raise(L, &e);
    struct cmd_table *t = cmd_table_push(L, 5, headers, "lrrrr", "ClassificationReport");
    cmd_table_caption(L, t, &a);
    for (size_t i = 0; i < n; i++) {
        char number[24];
        (void)snprintf(number, sizeof number, "%zu", i);
        report_row(L, t, names ? names[i] : number, &(*report)->row[i],
                   names ? names[i] : number);
    }
    cmd_table_rule(t);
    accuracy_row(L, t, *report);
    report_row(L, t, _("promedio simple"), &(*report)->macro, "macro");
    report_row(L, t, _("promedio ponderado"), &(*report)->weighted, "weighted");
    return 1;
}

static void free_confusion(void *c) {
    nn_confusion_free(c);
}

static void free_report(void *r) {
    nn_report_free(r);
}

#define LABELS                                                                           \
    {.name = "y_true",                                                                   \
     .types = CELL_TENSOR,                                                               \
     .flags = CELL_REQUIRED | CELL_AUTO,                                                 \
     .doc = N_("las clases verdaderas, desde 0")},                                       \
    {                                                                                    \
        .name = "y_pred", .types = CELL_TENSOR, .flags = CELL_REQUIRED | CELL_AUTO,      \
        .doc = N_("las clases que dijo el modelo")                                       \
    }
#define CLASSES                                                                          \
    {                                                                                    \
        .name = "classes", .types = CELL_LIST_STRING, .flags = CELL_NAMED,               \
        .doc = N_("nombres de las clases, en orden")                                     \
    }
static const struct cell_help_param p_score[] = {LABELS};
static const struct cell_help_param p_matrix[] = {LABELS, CLASSES, CMD_CAPTION};

#define ROW(title, list, back, text, ex)                                                 \
    .name = title, .kind = CELL_FUNCTION, .params = list, .n_params = ARRAY_LEN(list),   \
    .returns = back, .doc = text, .shapes = "(n,), (n,)", .example = ex

static const struct cmd_command commands[] = {
    {{.name = "metrics",
      .kind = CELL_MODULE,
      .doc = N_("Medidas de un clasificador, con los nombres de scikit-learn."),
      .see_also = "metrics.confusion_matrix metrics.classification_report"},
     NULL},
    {{ROW("metrics.confusion_matrix", p_matrix,
          N_("una tabla: m[real + 1][predicha + 1]"),
          N_("Cuántas veces cada clase verdadera (fila) se tomó por cada clase "
             "(columna)."),
          "metrics.confusion_matrix({0, 1, 1, 2}, {0, 1, 2, 2})")},
     confusion_matrix},
    {{ROW("metrics.classification_report", p_matrix, N_("una tabla por clase"),
          N_("Precisión, exhaustividad (recall) y F1 de cada clase, y la exactitud."),
          "metrics.classification_report({0, 1, 1, 2}, {0, 1, 2, 2})")},
     classification_report},
    {{ROW("metrics.accuracy_score", p_score, N_("un número entre 0 y 1"),
          N_("Exactitud: la fracción de aciertos."),
          "metrics.accuracy_score({0, 1, 1, 2}, {0, 1, 2, 2})")},
     accuracy_score},
};

void cmd_metrics_open(lua_State *L) {
    cmd_box_type(L, CONFUSION_HOLD, free_confusion);
    cmd_box_type(L, REPORT_HOLD, free_report);
    lua_pop(L, 2);
    luaL_newmetatable(L, CONFUSION);
    lua_pushcfunction(L, confusion_display);
    lua_setfield(L, -2, "__display");
    lua_pushcfunction(L, confusion_text);
    lua_setfield(L, -2, "__tostring");
    lua_pop(L, 1);
    cmd_register(L, commands, ARRAY_LEN(commands));
}
