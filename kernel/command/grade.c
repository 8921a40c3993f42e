/* grade.c: lab.grade: points for the parts of an answer, as the value of the cell, which is
 * where nbgrader reads them. */
#include "check.h"

#include "objects.h"
#include "register.h"
#include "show.h"

#include "base/i18n.h"
#include "cell/error.h"

#include <math.h>

struct graded {
    struct cmd_table *table;
    int box; /* stack index of its Lua value */
    double points, most;
};

/* 0.1 + 0.2 is 0.3 in a grade. */
static double tidy(double points) {
    return round(points * 1e9) / 1e9;
}

/* One row: lab.check's arguments and its points. It is a function of its own so that the
 * one reader of arguments reads it; the second upvalue is the grade. */
static int grade_row(lua_State *L) {
    struct graded *g = lua_touserdata(L, lua_upvalueindex(2));
    struct cmd_args a;
    struct cmd_check c;
    cmd_args_read(&a, L, 1);
    cmd_check_run(&c, &a);
    double most = cmd_number(&a, "points"), points = c.wrong ? 0 : most;
    const char *hint = c.wrong ? cmd_text(&a, "hint") : NULL;
    g->points += points;
    g->most += most;
    cmd_table_cell(L, g->table, "%s %s", c.wrong ? "✗" : "✓", cmd_text(&a, "name"));
    cmd_table_tone(L, g->table, c.wrong ? VIZ_TONE_BAD : VIZ_TONE_GOOD);
    cmd_table_cell(L, g->table, _("%.10g de %.10g"), points, most);
    cmd_table_cell(L, g->table, "%s%s%s", c.text->data ? c.text->data : "",
                   hint ? " " : "", hint ? hint : "");
    return 0;
}

static const struct cell_help_param p_row[] = {CMD_CHECK_PARAMS,
                                               {.name = "points",
                                                .types = CELL_NUMBER,
                                                .flags = CELL_NAMED | CELL_MIN,
                                                .min = 0,
                                                .fallback = "1",
                                                .doc = N_("puntos de este criterio")}};

static const struct cell_help_row row_of_grade = {.name = "lab.grade",
                                                  .kind = CELL_FUNCTION,
                                                  .params = p_row,
                                                  .n_params = ARRAY_LEN(p_row)};

static void total_row(lua_State *L, struct graded *g) {
    cmd_table_rule(g->table);
    cmd_table_cell(L, g->table, "%s", _("Total"));
    cmd_table_cell(L, g->table, _("%.10g de %.10g"), tidy(g->points), tidy(g->most));
    cmd_table_cell(L, g->table, "%s", "");
    cmd_table_bold(g->table);
}

static double grade_rows(const struct cmd_args *a, int rows, lua_Integer n) {
    lua_State *L = a->L;
    static const char *const headers[] = {N_("criterio"), N_("puntos"),
                                          N_("qué revisar")};
    struct graded *g = cmd_scratch(L, 1, sizeof *g);
    g->table = cmd_table_push(L, ARRAY_LEN(headers), headers, "lrl", "Grade");
    cmd_table_caption(L, g->table, a);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_pushlightuserdata(L, (void *)(uintptr_t)&row_of_grade);
        lua_pushlightuserdata(L, g);
        lua_pushcclosure(L, grade_row, 2);
        if (lua_rawgeti(L, rows, i) != LUA_TTABLE)
            cmd_refuse(a, "rows",
                       _("se esperan criterios {\"nombre\", respuesta, expected = …, "
                         "points = 1} y llegó %s"),
                       cmd_value_text(L, -1));
        lua_call(L, 1, 0);
    }
    total_row(L, g);
    cmd_show_now(L);
    lua_pop(L, 1);
    return g->points;
}

static int lab_grade(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    int rows = cmd_slot(&a, "rows");
    lua_Integer n = lua_istable(L, rows) ? (lua_Integer)lua_rawlen(L, rows) : 0;
    double points = NAN;
    if (n == 0)
        cmd_refuse(&a, "rows", "%s", _("faltan los criterios, o un número de puntos"));
    lua_rawgeti(L, rows, 1);
    bool number = lua_type(L, -1) == LUA_TNUMBER;
    if (number && n == 1)
        points = lua_tonumber(L, -1);
    lua_pop(L, 1);
    if (!number)
        points = grade_rows(&a, rows, n);
    if (!isfinite(points) || points < 0)
        cmd_refuse(&a, "rows", _("los puntos son un número finito desde 0 y llegó %.10g"),
                   points);
    lua_pushnumber(L, tidy(points));
    return 1;
}

static const struct cell_help_param p_grade[] = {
    {.name = "rows",
     .types = CELL_TABLE | CELL_NUMBER,
     .flags = CELL_REST,
     .doc = N_("criterios {\"nombre\", respuesta, expected = …, points = 1}, con las "
               "opciones de lab.check; o un número de puntos")},
    CMD_CAPTION};

static const struct cmd_command commands[] = {
    {{.name = "lab.grade",
      .kind = CELL_FUNCTION,
      .params = p_grade,
      .n_params = ARRAY_LEN(p_grade),
      .returns = N_("los puntos obtenidos"),
      .doc =
          N_("Revisa varios criterios como lab.check, muestra los puntos de cada uno y "
             "devuelve la suma: como última expresión de una celda de prueba es la nota "
             "parcial que lee nbgrader."),
      .example = "lab.grade{{\"signo\", 3, expected = -3, points = 1}, "
                 "{\"tamaño\", 2, expected = 2, points = 2}}",
      .see_also = "lab.check"},
     lab_grade},
};

void cmd_grade_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
