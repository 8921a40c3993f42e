/* help.c: the registry of rows: sorted by name, found by bisection. */
#include "state.h"

static int compare(const char *name, size_t len, const char *row) {
    size_t n = strlen(row);
    int c = memcmp(name, row, MIN_OF(len, n));
    return c ? c : (len > n) - (len < n);
}

/* Where name is (*found) or belongs. */
static size_t place_of(const struct cell_rows *rows, const char *name, size_t len,
                       bool *found) {
    size_t low = 0, high = rows->n;
    *found = false;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = compare(name, len, rows->row[mid]->name);
        if (c == 0) {
            *found = true;
            return mid;
        }
        if (c < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

static bool insert(struct cell_rows *rows, const struct cell_help_row *row) {
    bool found;
    size_t at = place_of(rows, row->name, strlen(row->name), &found);
    if (!found && rows->n == rows->cap) {
        size_t cap = rows->cap ? rows->cap * 2 : 256;
        const struct cell_help_row **p = realloc(rows->row, cap * sizeof *p);
        if (!p)
            return false;
        rows->row = p;
        rows->cap = cap;
    }
    if (!found) {
        memmove(rows->row + at + 1, rows->row + at, (rows->n - at) * sizeof *rows->row);
        rows->n++;
    }
    rows->row[at] = row;
    return true;
}

void cell_help_register(lua_State *L, const struct cell_help_row *rows, size_t n) {
    struct cell_rows *all = &cell_of(L)->rows;
    for (size_t i = 0; i < n; i++)
        if (!insert(all, &rows[i]))
            cell_raisef(L, ERR_NOMEM, "%s", _("no hay memoria para la ayuda"));
}

void cell_rows_release(struct cell_rows *rows) {
    free(rows->row);
    *rows = (struct cell_rows){0};
}

const struct cell_help_row *cell_help_find(lua_State *L, const char *name, size_t len) {
    const struct cell_rows *rows = &cell_of(L)->rows;
    bool found;
    size_t at = place_of(rows, name, len, &found);
    return found ? rows->row[at] : NULL;
}

const struct cell_help_row *cell_help_member(lua_State *L, const char *type,
                                             const char *member) {
    char name[128];
    const struct cell_help_row *row = NULL;
    for (const char *sep = ":."; *sep && !row; sep++) {
        int n = snprintf(name, sizeof name, "%s%c%s", type, *sep, member);
        if (n > 0 && (size_t)n < sizeof name)
            row = cell_help_find(L, name, (size_t)n);
    }
    return row;
}

const struct cell_help_row *const *cell_help_all(lua_State *L, size_t *n) {
    const struct cell_rows *rows = &cell_of(L)->rows;
    *n = rows->n;
    return (const struct cell_help_row *const *)rows->row;
}

const struct cell_help_param *cell_help_param_find(const struct cell_help_row *row,
                                                   const char *name, size_t len) {
    for (size_t i = 0; i < row->n_params; i++)
        if (strlen(row->params[i].name) == len &&
            memcmp(row->params[i].name, name, len) == 0)
            return &row->params[i];
    return NULL;
}

/* The row whose name leads to this very function. Commands are C functions: one in Lua is the
 * student's own, whatever its name. */
static const struct cell_help_row *row_of_function(lua_State *L, int idx) {
    const struct cell_rows *rows = &cell_of(L)->rows;
    if (!lua_iscfunction(L, idx))
        return NULL;
    for (size_t i = 0; i < rows->n; i++) {
        const struct cell_help_row *row = rows->row[i];
        if (row->kind != CELL_FUNCTION || !cell_resolve(L, row->name, strlen(row->name)))
            continue;
        bool same = lua_rawequal(L, -1, idx);
        lua_pop(L, 1);
        if (same)
            return row;
    }
    return NULL;
}

const struct cell_help_row *cell_help_of_value(lua_State *L, int idx) {
    luaL_checkstack(L, 8, NULL);
    idx = lua_absindex(L, idx);
    if (lua_type(L, idx) == LUA_TFUNCTION)
        return row_of_function(L, idx);
    if (lua_type(L, idx) == LUA_TSTRING)
        return NULL;
    const struct cell_help_row *row = NULL;
    if (luaL_getmetafield(L, idx, "__module") != LUA_TNIL) {
        size_t n;
        const char *s = lua_tolstring(L, -1, &n);
        row = s ? cell_help_find(L, s, n) : NULL;
        lua_pop(L, 1);
    }
    const char *type = cell_resolve_type(L, idx);
    return row ? row : type ? cell_help_find(L, type, strlen(type)) : NULL;
}

/* ------------------------------------------------------------------------------- types */

struct type_word {
    unsigned bit;
    const char *word, *object; /* object: the metatable's __name */
};

static const struct type_word types[] = {
    {CELL_NUMBER, N_("número"), NULL},
    {CELL_INTEGER, N_("entero"), NULL},
    {CELL_BOOLEAN, N_("booleano"), NULL},
    {CELL_STRING, N_("texto"), NULL},
    {CELL_TABLE, N_("tabla"), NULL},
    {CELL_FUNCTION_VALUE, N_("función"), NULL},
    {CELL_NIL, "nil", NULL},
    {CELL_TENSOR, "tensor", "Tensor"},
    {CELL_VAR, "var", "Var"},
    {CELL_MODEL, N_("modelo"), "Model"},
    {CELL_LAYER, N_("capa"), "Layer"},
    {CELL_OPTIMIZER, N_("optimizador"), "Optimizer"},
    {CELL_SCHEDULE, N_("plan de tasas"), "Schedule"},
    {CELL_LOSS, N_("pérdida"), "Loss"},
    {CELL_CALLBACK, "callback", "Callback"},
    {CELL_DATASET, N_("conjunto de datos"), "Dataset"},
    {CELL_HISTORY, N_("historial"), "History"},
    {CELL_FIGURE, N_("figura"), "Figure"},
    {CELL_LIST_NUMBER, N_("lista de números"), NULL},
    {CELL_LIST_STRING, N_("lista de textos"), NULL},
    {CELL_ANY, N_("cualquier valor"), NULL},
};

void cell_type_words(unsigned bits, struct buf *out) {
    const char *sep = "";
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (!(bits & types[i].bit))
            continue;
        unsigned later = 0;
        for (size_t j = i + 1; j < ARRAY_LEN(types); j++)
            later |= bits & types[j].bit;
        buf_puts(out, sep);
        buf_puts(out, _(types[i].word));
        unsigned last = later & (later - 1);
        sep = last ? ", " : _(" o ");
    }
}

/* The bits of a list: what all of its items are. */
static unsigned list_bits(lua_State *L, int idx) {
    lua_Integer n = (lua_Integer)lua_rawlen(L, idx);
    bool numbers = true, strings = true;
    for (lua_Integer i = 1; i <= n && (numbers || strings); i++) {
        int t = lua_rawgeti(L, idx, i);
        numbers = numbers && t == LUA_TNUMBER;
        strings = strings && t == LUA_TSTRING;
        lua_pop(L, 1);
    }
    return (numbers ? (unsigned)CELL_LIST_NUMBER : 0U) |
           (strings ? (unsigned)CELL_LIST_STRING : 0U);
}

unsigned cell_type_of(lua_State *L, int idx) {
    lua_Integer ignored;
    unsigned bits = 0;
    idx = lua_absindex(L, idx);
    int t = lua_type(L, idx);
    if (t == LUA_TNIL || t == LUA_TNONE)
        return CELL_NIL;
    if (t == LUA_TNUMBER) {
        bits = CELL_NUMBER;
        int exact;
        ignored = lua_tointegerx(L, idx, &exact);
        (void)ignored;
        bits |= exact ? (unsigned)CELL_INTEGER : 0U;
    } else if (t == LUA_TBOOLEAN) {
        bits = CELL_BOOLEAN;
    } else if (t == LUA_TSTRING) {
        bits = CELL_STRING;
    } else if (t == LUA_TFUNCTION) {
        bits = CELL_FUNCTION_VALUE;
    } else if (t == LUA_TTABLE) {
        bits = CELL_TABLE | list_bits(L, idx);
    }
    const char *name = t == LUA_TSTRING ? NULL : cell_resolve_type(L, idx);
    for (size_t i = 0; name && i < ARRAY_LEN(types); i++)
        if (types[i].object && strcmp(types[i].object, name) == 0)
            bits |= types[i].bit;
    return bits | CELL_ANY;
}

const char *cell_type_name(lua_State *L, int idx) {
    static const char *const words[] = {"nil",         N_("booleano"), N_("objeto"),
                                        N_("número"),  N_("texto"),    N_("tabla"),
                                        N_("función"), N_("objeto"),   N_("corrutina")};
    int t = lua_type(L, idx);
    const char *name =
        t == LUA_TTABLE || t == LUA_TUSERDATA ? cell_resolve_type(L, idx) : NULL;
    if (name)
        return name;
    return t <= LUA_TNIL || (size_t)t >= ARRAY_LEN(words) ? "nil" : _(words[t]);
}
