/* args_check.c: presence, default, type, range and choices of one argument. */
#include "args_check.h"

#include "base/i18n.h"
#include "cell/display.h"
#include "cell/error.h"
#include "cell/suggest.h"
#include "tensor.h"

enum { VALUE_TEXT_MAX = 60 };

const char *cmd_value_text(lua_State *L, int idx) {
    idx = lua_absindex(L, idx);
    struct buf *b = cmd_buf(L);
    if (lua_type(L, idx) == LUA_TSTRING) {
        size_t n;
        const char *s = lua_tolstring(L, idx, &n);
        buf_putc(b, '"');
        cell_text_clean(b, s, MIN_OF(n, (size_t)VALUE_TEXT_MAX));
        buf_puts(b, n > VALUE_TEXT_MAX ? "…\"" : "\"");
    } else if (lua_isnil(L, idx)) {
        buf_puts(b, "nil");
    } else {
        cell_brief(L, idx, b);
    }
    if (b->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, b->data ? b->data : "", b->len);
    lua_remove(L, -2);
    return lua_tostring(L, -1);
}

/* The default is Lua text: a number, a word or a quoted string. */
static void push_fallback(lua_State *L, const char *text) {
    size_t n = text ? strlen(text) : 0;
    if (n == 0 || strcmp(text, "nil") == 0)
        lua_pushnil(L);
    else if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        lua_pushboolean(L, text[0] == 't');
    else if (n >= 2 && text[0] == '"')
        lua_pushlstring(L, text + 1, n - 2);
    else if (lua_stringtonumber(L, text) == 0)
        lua_pushnil(L); /* described in words: the command fills it in */
}

static void check_type(struct cmd_args *a, const struct cell_help_param *p, int slot) {
    lua_State *L = a->L;
    unsigned has = cell_type_of(L, slot);
    if ((p->types & CELL_ANY) || (has & p->types))
        return;
    if ((p->flags & CELL_AUTO) && cmd_is_tensorlike(L, slot))
        return;
    struct buf *b = cmd_buf(L);
    if (p->type_text)
        buf_puts(b, _(p->type_text));
    else
        cell_type_words(p->types, b);
    cmd_refuse(a, p->name, _("se esperaba %s y llegó %s (%s)"), b->data ? b->data : "?",
               cell_type_name(L, slot), cmd_value_text(L, slot));
}

static void check_range(struct cmd_args *a, const struct cell_help_param *p, double v) {
    bool low = ((p->flags & CELL_MIN) && !(v >= p->min)) ||
               ((p->flags & CELL_MIN_OPEN) && !(v > p->min));
    bool high = ((p->flags & CELL_MAX) && !(v <= p->max)) ||
                ((p->flags & CELL_MAX_OPEN) && !(v < p->max));
    if (!low && !high)
        return;
    bool from = p->flags & (CELL_MIN | CELL_MIN_OPEN);
    bool to = p->flags & (CELL_MAX | CELL_MAX_OPEN);
    const char *over = p->flags & CELL_MIN_OPEN ? _("mayor que") : _("al menos");
    const char *under = p->flags & CELL_MAX_OPEN ? _("menor que") : _("a lo más");
    if (from && to)
        cmd_refuse(a, p->name, _("debe ser %s %.10g y %s %.10g, y llegó %.10g"), over,
                   p->min, under, p->max, v);
    cmd_refuse(a, p->name, _("debe ser %s %.10g y llegó %.10g"), from ? over : under,
               from ? p->min : p->max, v);
}

static void check_ranges(struct cmd_args *a, const struct cell_help_param *p, int slot) {
    lua_State *L = a->L;
    if (!(p->flags & (CELL_MIN | CELL_MAX | CELL_MIN_OPEN | CELL_MAX_OPEN)))
        return;
    if (lua_type(L, slot) == LUA_TNUMBER) {
        check_range(a, p, lua_tonumber(L, slot));
    } else if (lua_type(L, slot) == LUA_TTABLE && (p->types & CELL_LIST_NUMBER)) {
        lua_Integer n = (lua_Integer)lua_rawlen(L, slot);
        for (lua_Integer i = 1; i <= n; i++) {
            lua_rawgeti(L, slot, i);
            check_range(a, p, lua_tonumber(L, -1));
            lua_pop(L, 1);
        }
    }
}

static void check_choice(struct cmd_args *a, const struct cell_help_param *p, int slot) {
    lua_State *L = a->L;
    if (!p->choices || (p->flags & CELL_OPEN) || lua_type(L, slot) != LUA_TSTRING)
        return;
    const char *s = lua_tostring(L, slot);
    struct cell_nearest near;
    cell_nearest_init(&near, s, strlen(s));
    struct buf *b = cmd_buf(L);
    for (const char *const *c = p->choices; *c; c++) {
        if (strcmp(*c, s) == 0) {
            lua_pop(L, 1);
            return;
        }
        cell_nearest_offer(&near, *c, strlen(*c));
        buf_printf(b, "%s\"%s\"", c == p->choices ? "" : ", ", *c);
    }
    const char *best = cell_nearest_best(&near), *all = b->data ? b->data : "";
    if (best)
        cmd_refuse(a, p->name,
                   _("«%s» no es una opción. ¿Querías decir \"%s\"? Valores: "
                     "%s"),
                   s, best, all);
    cmd_refuse(a, p->name, _("«%s» no es una opción. Valores: %s"), s, all);
}

void cmd_check_slot(struct cmd_args *a, const struct cell_help_param *p, int slot) {
    lua_State *L = a->L;
    if (lua_isnil(L, slot)) {
        if (p->flags & CELL_REQUIRED)
            cell_raisef(L, ERR_ARG, _("%s: falta «%s» (%s)"), a->row->name, p->name,
                        p->doc ? _(p->doc) : "");
        push_fallback(L, p->fallback);
        lua_replace(L, slot);
        return;
    }
    if (!(p->flags & CELL_REST))
        check_type(a, p, slot);
    check_ranges(a, p, slot);
    check_choice(a, p, slot);
}
