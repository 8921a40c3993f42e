/* check.c: lab.check: one friendly line about an answer, in the cell. */
#include "check.h"

#include "objects.h"
#include "register.h"
#include "show.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "viz/escape.h"

#define GOOD "00875F"
#define BAD  "CC4E00"

/* -------------------------------------------------------------------------- functions */

/* "(1, 0.6)": the arguments of a case, kept. */
static const char *arguments_text(struct cmd_check *c, int args, lua_Integer n) {
    lua_State *L = c->L;
    struct buf *b = cmd_buf(L);
    buf_putc(b, '(');
    for (lua_Integer i = 1; i <= n && b->len < 80; i++) {
        lua_rawgeti(L, args, i);
        buf_printf(b, "%s%s", i > 1 ? ", " : "", cmd_value_text(L, -1));
        lua_pop(L, 2);
    }
    buf_puts(b, b->len < 80 ? ")" : ", …)");
    if (b->failed)
        cmd_raise_nomem(L);
    lua_pushlstring(L, b->data, b->len);
    const char *s = lua_tostring(L, -1);
    lua_rawseti(L, c->keep, (lua_Integer)lua_rawlen(L, c->keep) + 1);
    lua_pop(L, 1);
    return s;
}

static void push_arguments(lua_State *L, int args, int n) {
    luaL_checkstack(L, n + 8, "lab.check");
    for (int i = 1; i <= n; i++)
        lua_rawgeti(L, args, i);
}

/* How many samples the first argument holds: the n of a mean. */
static double samples(lua_State *L, int args, int n) {
    double count = 1;
    if (n == 0)
        return count;
    lua_rawgeti(L, args, 1);
    const struct nn_var *v = cmd_var_test(L, -1);
    if (v)
        count = v->ndim > 0 ? (double)v->shape[0] : 1;
    else if (lua_istable(L, -1))
        count = (double)lua_rawlen(L, -1);
    lua_pop(L, 1);
    return count > 0 ? count : 1;
}

/* By name in the alphabet, so that the same one is blamed every time. */
static void add_factor(struct cmd_check *c, const char *name, const struct nn_tensor *t) {
    int i = c->n_factors++;
    for (; i > 0 && strcmp(name, c->factor_name[i - 1]) < 0; i--) {
        c->factor_name[i] = c->factor_name[i - 1];
        c->factor[i] = c->factor[i - 1];
    }
    c->factor_name[i] = name;
    c->factor[i] = t;
}

/* The factors at these arguments; args 0: none, only values count. */
static void read_factors(struct cmd_check *c, int args, int n) {
    lua_State *L = c->L;
    int slot = cmd_slot(c->a, "factors");
    struct err e = {0};
    c->n_factors = 0;
    if (lua_isnil(L, slot))
        return;
    for (lua_pushnil(L); lua_next(L, slot); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            cmd_refuse(c->a, "factors", "%s", _("cada factor va con su nombre"));
        if (c->n_factors == CMD_FACTORS_MAX)
            cmd_refuse(c->a, "factors", _("son más de %d"), CMD_FACTORS_MAX);
        lua_pushvalue(L, -1);
        if (lua_isfunction(L, -1)) {
            push_arguments(L, args, n);
            lua_call(L, n, 1);
        }
        struct nn_var *v = cmd_check_tensor(c, -1, &e);
        if (!v)
            cmd_refuse(c->a, "factors", _("«%s» no es un número ni un tensor"),
                       lua_tostring(L, -3));
        add_factor(c, lua_tostring(L, -3), v->value);
        lua_pop(L, 1);
    }
}

/* The expected results, pushed: of the function, or item i of the list. */
static int push_expected(struct cmd_check *c, int args, int n, lua_Integer i) {
    lua_State *L = c->L;
    int slot = cmd_slot(c->a, "expected"), top = lua_gettop(L);
    if (lua_isfunction(L, slot)) {
        lua_pushvalue(L, slot);
        push_arguments(L, args, n);
        lua_call(L, n, LUA_MULTRET);
    } else if (i == 0) {
        lua_pushvalue(L, slot);
    } else if (lua_istable(L, slot)) {
        lua_rawgeti(L, slot, i);
    } else {
        cmd_refuse(c->a, "expected", "%s",
                   _("con on es una función, o la lista de sus valores"));
    }
    int count = lua_gettop(L) - top;
    if (count == 0 || lua_isnil(L, top + 1))
        cmd_refuse(c->a, "expected", "%s", _("no da ningún valor"));
    return MIN_OF(count, (int)CMD_RESULTS_MAX);
}

/* One example: what is expected first, so that what the student's function does to its
 * arguments cannot change it. */
static void run_case(struct cmd_check *c, int got, int args, int n, lua_Integer i) {
    lua_State *L = c->L;
    struct err e = {0};
    int top = lua_gettop(L);
    c->n = samples(L, args, n);
    c->where = n > 0 ? arguments_text(c, args, n) : NULL;
    read_factors(c, args, n);
    int count = push_expected(c, args, n, i), want = top + 1;
    lua_pushvalue(L, got);
    push_arguments(L, args, n);
    int first = lua_gettop(L) - n;
    if (cell_pcall(L, n, LUA_MULTRET, &e) != LUA_OK) {
        cmd_check_say_error(c, &e);
        lua_settop(L, top);
        return;
    }
    luaL_checkstack(L, CMD_RESULTS_MAX + 8, "lab.check");
    while (lua_gettop(L) < first + count - 1)
        lua_pushnil(L);
    for (int k = 0; k < count; k++)
        cmd_check_value(c, first + k, want + k);
    lua_settop(L, top);
}

static void run_cases(struct cmd_check *c, int got) {
    lua_State *L = c->L;
    int on = cmd_slot(c->a, "on");
    if (lua_isnil(L, on)) {
        c->cases = 1;
        lua_newtable(L);
        run_case(c, got, lua_gettop(L), 0, 0);
        lua_pop(L, 1);
        return;
    }
    c->cases = lua_rawlen(L, on);
    if (c->cases == 0 || c->cases > CMD_CASES_MAX)
        cmd_refuse(c->a, "on", _("se esperan de 1 a %d ejemplos"), CMD_CASES_MAX);
    for (lua_Integer i = 1; i <= (lua_Integer)c->cases && !c->wrong; i++) {
        lua_rawgeti(L, on, i);
        if (!lua_istable(L, -1))
            cmd_refuse(c->a, "on", "%s",
                       _("cada ejemplo es una lista de argumentos: {{1, 2}, {3, 4}}"));
        run_case(c, got, lua_gettop(L), (int)lua_rawlen(L, -1), i);
        lua_pop(L, 1);
    }
}

/* -------------------------------------------------------------------------- one check */

/* The answer is in its slot, or in the global of that name. */
static void read_answer(struct cmd_check *c) {
    lua_State *L = c->L;
    const char *global = cmd_text(c->a, "global");
    if (!global)
        return;
    lua_pushglobaltable(L);
    lua_pushstring(L, global);
    lua_rawget(L, -2);
    lua_replace(L, cmd_slot(c->a, "got"));
    lua_pop(L, 1);
    if (lua_isnil(L, cmd_slot(c->a, "got")))
        cmd_check_say(c,
                      _("«%s» todavía no existe: ejecuta la celda en que le das un "
                        "valor."),
                      global);
}

/* A function without arguments stands for its value: it is called when it is looked at. */
static bool to_be_called(const struct cmd_check *c, int got) {
    lua_State *L = c->L;
    lua_Debug ar;
    if (!lua_isfunction(L, got))
        return false;
    if (cmd_given(c->a, "on") || lua_isfunction(L, cmd_slot(c->a, "expected")))
        return true;
    lua_pushvalue(L, got);
    lua_getinfo(L, ">u", &ar);
    return ar.nparams == 0 && !ar.isvararg;
}

static void check_answer(struct cmd_check *c) {
    lua_State *L = c->L;
    int got = cmd_slot(c->a, "got"), expected = cmd_slot(c->a, "expected");
    bool on = !lua_isnil(L, cmd_slot(c->a, "on"));
    if (lua_isnil(L, expected))
        cmd_refuse(c->a, "expected", "%s", _("falta, y no hay loss con params"));
    if (lua_isnil(L, got))
        cmd_check_say(c, "%s", _("Todavía no tiene un valor: falta la respuesta."));
    else if (to_be_called(c, got))
        run_cases(c, got);
    else if (on)
        cmd_check_say(c, _("Se espera una función y es de tipo %s."),
                      cell_type_name(L, got));
    else {
        read_factors(c, 0, 0);
        lua_newtable(L);
        push_expected(c, lua_gettop(L), 0, 0);
        cmd_check_value(c, got, lua_gettop(L));
    }
    cmd_check_judge(c);
}

void cmd_check_run(struct cmd_check *c, const struct cmd_args *a) {
    lua_State *L = a->L;
    luaL_checkstack(L, 40, "lab.check");
    *c = (struct cmd_check){.L = L, .a = a, .n = 1};
    c->text = cmd_buf(L);
    lua_newtable(L);
    c->keep = lua_gettop(L);
    read_answer(c);
    if (c->wrong)
        return;
    if (cmd_given(a, "loss"))
        cmd_check_gradients(c);
    else
        check_answer(c);
    if (c->text->failed)
        cmd_raise_nomem(L);
}

/* -------------------------------------------------------------------------- its line */

static void line_text(struct buf *b, const struct cmd_check *c) {
    const char *hint = cmd_text(c->a, "hint");
    if (c->wrong)
        buf_puts(b, c->text->data ? c->text->data : "");
    else if (c->cases > 1)
        buf_printf(b, _("correcto en los %zu ejemplos."), c->cases);
    else
        buf_puts(b, _("correcto."));
    if (!c->wrong || !hint || c->untouched)
        return;
    if (b->len && !strchr(".?!:", b->data[b->len - 1]))
        buf_putc(b, '.'); /* the sentence of an error has none */
    buf_printf(b, " %s", hint);
}

static void fill_line(struct mime_bundle *out, const struct cmd_check *c) {
    lua_State *L = c->L;
    struct buf *text = cmd_buf(L), *plain = cmd_buf(L), *html = cmd_buf(L);
    const char *name = cmd_text(c->a, "name"), *sign = c->wrong ? "✗" : "✓";
    line_text(text, c);
    buf_printf(plain, "%s ", sign);
    viz_escape_text(plain, name);
    buf_puts(plain, ": ");
    viz_escape_text(plain, text->data ? text->data : "");
    const char *ink = c->wrong ? BAD : GOOD;
    buf_printf(html, "<div><strong style=\"color: #%s; color: " VIZ_HTML_INK "\">%s ",
               ink, ink, sign);
    viz_escape_html(html, name);
    buf_puts(html, "</strong>: ");
    viz_escape_html(html, text->data ? text->data : "");
    buf_puts(html, "</div>");
    if (text->failed || plain->failed || html->failed ||
        !mime_add(out, "text/html", html->data, html->len) ||
        !mime_add(out, "text/plain", plain->data, plain->len))
        cmd_raise_nomem(L);
    lua_pop(L, 3);
}

static int lab_check(lua_State *L) {
    struct cmd_args a;
    struct cmd_check c;
    cmd_args_read(&a, L, 1);
    cmd_check_run(&c, &a);
    struct mime_bundle *b = cmd_figure_push(L);
    fill_line(b, &c);
    cmd_show_now(L);
    return 0;
}

static const struct cell_help_param p_check[] = {CMD_CHECK_PARAMS};

static const struct cmd_command commands[] = {
    {{.name = "lab.check",
      .kind = CELL_FUNCTION,
      .params = p_check,
      .n_params = ARRAY_LEN(p_check),
      .doc =
          N_("Revisa una respuesta y dice en una línea si es correcta o qué le falla: el "
             "signo, un factor, la forma. No muestra lo que se espera, y una respuesta "
             "equivocada no detiene la celda."),
      .example = "lab.check{\"derivada\", 3, expected = -3}",
      .see_also = "lab.grade gradcheck numeric_grad"},
     lab_check},
};

void cmd_check_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
