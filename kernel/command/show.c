/* show.c: tables that are Lua tables, figures that are shown once. */
#include "show.h"

#include "register.h"

#include "base/i18n.h"
#include "cell/cell.h"
#include "cell/display.h"
#include "cell/error.h"
#include "cell/json.h"
#include "viz/table.h"

#define TABLE_TYPE "nabla.table"
#define FIGURE     "Figure"

enum { COLUMNS_MAX = CMD_TABLE_COLUMNS, ROWS_MAX = 4096, CELLS_BYTES = 8 << 20 };

struct cmd_table {
    size_t columns, cells;
    const char *header[COLUMNS_MAX]; /* untranslated */
    char *own_header[COLUMNS_MAX];   /* counts before it */
    size_t wrap;
    enum viz_align align[COLUMNS_MAX];
    struct buf text; /* the cells, each ended by NUL */
    struct buf tone; /* of each cell, a byte; shorter: none from there on */
    bool rule[ROWS_MAX], bold[ROWS_MAX];
    char *note, *caption, *label;
    uint64_t shown; /* origin of the cell that showed it already */
};

struct figure {
    struct mime_bundle bundle;
    uint64_t shown;
};

static const char tables_key = 0; /* registry: Lua table -> its cmd_table, weak keys */

static uint64_t origin_now(lua_State *L) {
    const struct host *h = cell_host(L);
    return h->origin ? h->origin(h->self) : 0;
}

/* -------------------------------------------------------------------------- tables */

static int table_gc(lua_State *L) {
    struct cmd_table *t = lua_touserdata(L, 1);
    buf_release(&t->text);
    buf_release(&t->tone);
    for (size_t i = 0; i < COLUMNS_MAX; i++) {
        free(t->own_header[i]);
        t->own_header[i] = NULL;
    }
    free(t->note);
    free(t->caption);
    free(t->label);
    t->note = t->caption = t->label = NULL;
    return 0;
}

static struct cmd_table *table_of(lua_State *L, int idx) {
    idx = lua_absindex(L, idx);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &tables_key);
    lua_pushvalue(L, idx);
    lua_rawget(L, -2);
    struct cmd_table *t = lua_touserdata(L, -1);
    lua_pop(L, 2); /* the map keeps it as long as the Lua table lives */
    return t;
}

/* Pointers to the cells, for viz; on the stack. */
static struct viz_table table_view(lua_State *L, struct cmd_table *t) {
    const char **cell = cmd_scratch(L, t->cells, sizeof *cell);
    struct viz_column *column = cmd_scratch(L, t->columns, sizeof *column);
    const char *p = t->text.data;
    enum viz_tone *tone = t->tone.len ? cmd_scratch(L, t->cells, sizeof *tone) : NULL;
    for (size_t i = 0; i < t->tone.len; i++)
        tone[i] = (enum viz_tone)t->tone.data[i];
    for (size_t i = 0; i < t->cells; i++, p += strlen(p) + 1)
        cell[i] = p;
    for (size_t i = 0; i < t->columns; i++) {
        const char *header = t->header[i] && t->header[i][0] ? _(t->header[i]) : NULL;
        column[i] = (struct viz_column){t->own_header[i] ? t->own_header[i] : header,
                                        t->align[i]};
    }
    return (struct viz_table){.columns = column,
                              .n_columns = t->columns,
                              .cells = cell,
                              .n_rows = t->cells / t->columns,
                              .tone = tone,
                              .bold = t->bold,
                              .rule_after = t->rule,
                              .wrap = t->wrap,
                              .note = t->note,
                              .caption = t->caption,
                              .label = t->label};
}

static int table_display(lua_State *L) {
    struct cmd_table *t = table_of(L, 1);
    if (!t || (t->shown && t->shown == origin_now(L))) {
        if (t)
            t->shown = 0;
        return 0;
    }
    struct mime_bundle *b = cell_bundle_push(L);
    int at = lua_gettop(L);
    struct viz_table view = table_view(L, t);
    struct err e = {0};
    if (viz_table_bundle(b, &view, &e) < 0)
        cmd_raise(L, &e);
    lua_settop(L, at);
    return 1;
}

static int table_tostring(lua_State *L) {
    struct cmd_table *t = table_of(L, 1);
    struct buf *b = cmd_buf(L);
    struct err e = {0};
    if (!t) {
        lua_pushstring(L, "");
        return 1;
    }
    struct viz_table view = table_view(L, t);
    if (viz_table_text(b, &view, &e) < 0)
        cmd_raise(L, &e);
    while (b->len > 0 && b->data[b->len - 1] == '\n')
        b->len--;
    lua_pushlstring(L, b->data ? b->data : "", b->len);
    return 1;
}

static void push_table_meta(lua_State *L, const char *type) {
    if (!luaL_newmetatable(L, type))
        return;
    lua_pushcfunction(L, table_display);
    lua_setfield(L, -2, "__display");
    lua_pushcfunction(L, table_tostring);
    lua_setfield(L, -2, "__tostring");
}

void cmd_table_class(lua_State *L, const char *type) {
    push_table_meta(L, type);
    lua_pop(L, 1);
    cmd_class(L, type, NULL, NULL);
    luaL_getmetatable(L, type);
    cmd_push_methods(L, type);
    lua_setfield(L, -2, "__index"); /* a list: what it does not have is nil */
    lua_pushnil(L);
    lua_setfield(L, -2, "__newindex");
    lua_pop(L, 1);
}

struct cmd_table *cmd_table_push(lua_State *L, size_t n, const char *const headers[],
                                 const char *align, const char *type) {
    lua_newtable(L);
    struct cmd_table *t = lua_newuserdatauv(L, sizeof *t, 0);
    *t = (struct cmd_table){.columns = MIN_OF(n, (size_t)COLUMNS_MAX)};
    buf_init(&t->text, CELLS_BYTES);
    buf_init(&t->tone, CELLS_BYTES);
    luaL_setmetatable(L, TABLE_TYPE);
    for (size_t i = 0; i < t->columns; i++) {
        t->header[i] = headers[i];
        t->align[i] = align[i] == 'r'   ? VIZ_RIGHT
                      : align[i] == 'c' ? VIZ_CENTERED
                                        : VIZ_LEFT;
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &tables_key);
    lua_pushvalue(L, -3);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3); /* map[table] = userdata */
    lua_pop(L, 2);
    push_table_meta(L, type);
    lua_setmetatable(L, -2);
    return t;
}

void cmd_table_cell(lua_State *L, struct cmd_table *t, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&t->text, fmt, ap);
    va_end(ap);
    buf_putc(&t->text, '\0');
    if (t->text.failed || t->cells / t->columns >= ROWS_MAX)
        cmd_raise_nomem(L);
    t->cells++;
}

void cmd_table_rule(struct cmd_table *t) {
    size_t row = t->cells / t->columns;
    if (row > 0)
        t->rule[row - 1] = true;
}

void cmd_table_tone(lua_State *L, struct cmd_table *t, enum viz_tone tone) {
    while (t->tone.len + 1 < t->cells && !t->tone.failed)
        buf_putc(&t->tone, VIZ_TONE_NONE);
    buf_putc(&t->tone, (char)tone);
    if (t->tone.failed)
        cmd_raise_nomem(L);
}

void cmd_table_bold(struct cmd_table *t) {
    size_t row = t->cells / t->columns;
    if (row > 0)
        t->bold[row - 1] = true;
}

static void replace_text(lua_State *L, char **to, const char *text) {
    char *copy = copy_text(text);
    if (!copy)
        cmd_raise_nomem(L);
    free(*to);
    *to = copy;
}

void cmd_table_header(lua_State *L, struct cmd_table *t, size_t column,
                      const char *text) {
    replace_text(L, &t->own_header[column], text);
}

void cmd_table_wrap(struct cmd_table *t, size_t columns) {
    t->wrap = columns;
}

void cmd_table_note(lua_State *L, struct cmd_table *t, const char *note) {
    replace_text(L, &t->note, note);
}

void cmd_table_caption(lua_State *L, struct cmd_table *t, const struct cmd_args *a) {
    const char *caption = cmd_text(a, "caption"), *label = cmd_text(a, "label");
    if (caption)
        replace_text(L, &t->caption, caption);
    if (label)
        replace_text(L, &t->label, label);
}

/* -------------------------------------------------------------------------- figures */

static int figure_gc(lua_State *L) {
    struct figure *f = lua_touserdata(L, 1);
    mime_release(&f->bundle);
    return 0;
}

static int figure_display(lua_State *L) {
    struct figure *f = luaL_checkudata(L, 1, FIGURE);
    if (f->shown && f->shown == origin_now(L)) {
        f->shown = 0;
        return 0;
    }
    struct mime_bundle *b = cell_bundle_push(L);
    for (size_t i = 0; i < f->bundle.n; i++)
        if (!mime_add(b, f->bundle.item[i].type, f->bundle.item[i].data,
                      f->bundle.item[i].len))
            cmd_raise_nomem(L);
    if (f->bundle.metadata && !mime_set_metadata(b, f->bundle.metadata))
        cmd_raise_nomem(L);
    return 1;
}

/* caption and label, as the report prints them; nil when there is none. */
static int figure_index(lua_State *L) {
    struct figure *f = luaL_checkudata(L, 1, FIGURE);
    const char *key = lua_tostring(L, 2), *facts = f->bundle.metadata;
    struct err e = {0};
    bool known = key && (strcmp(key, "caption") == 0 || strcmp(key, "label") == 0);
    if (!known)
        return cell_raisef(L, ERR_ARG,
                           _("una figura no tiene «%s»: tiene caption y label"),
                           luaL_tolstring(L, 2, NULL));
    lua_pushnil(L);
    if (facts && cell_json_load(L, facts, strlen(facts), &e) == ERR_OK)
        lua_getfield(L, -1, key);
    return 1;
}

static int figure_tostring(lua_State *L) {
    struct figure *f = luaL_checkudata(L, 1, FIGURE);
    const struct mime_item *text = mime_get(&f->bundle, "text/plain");
    lua_pushstring(L, text ? text->data : FIGURE);
    return 1;
}

struct mime_bundle *cmd_figure_push(lua_State *L) {
    struct figure *f = lua_newuserdatauv(L, sizeof *f, 0);
    *f = (struct figure){0};
    luaL_setmetatable(L, FIGURE);
    return &f->bundle;
}

void cmd_show_now(lua_State *L) {
    uint64_t now = origin_now(L);
    cell_display_send(L, -1, NULL, false);
    struct figure *f = luaL_testudata(L, -1, FIGURE);
    struct cmd_table *t = f ? NULL : table_of(L, -1);
    if (f)
        f->shown = now;
    else if (t)
        t->shown = now;
}

/* fig.svg ... are not offered: display(fig) is the way. */
void cmd_show_open(lua_State *L) {
    static const luaL_Reg meta[] = {{"__gc", figure_gc},
                                    {"__display", figure_display},
                                    {"__index", figure_index},
                                    {"__tostring", figure_tostring},
                                    {NULL, NULL}};
    luaL_newmetatable(L, FIGURE);
    luaL_setfuncs(L, meta, 0);
    luaL_newmetatable(L, TABLE_TYPE);
    lua_pushcfunction(L, table_gc);
    lua_setfield(L, -2, "__gc");
    lua_newtable(L);
    lua_newtable(L);
    lua_pushstring(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &tables_key);
    lua_pop(L, 2);
}
