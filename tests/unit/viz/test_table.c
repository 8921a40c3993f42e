/* test_table.c: tables as HTML, LaTeX and text. */
#include "viz/table.h"

#include "check.h"

static const struct viz_column columns[] = {
    {"Clase", VIZ_LEFT}, {"Precisión", VIZ_RIGHT}, {"¿Sí?", VIZ_CENTERED}};
static const char *const cells[] = {
    "camiseta & top", "0.84", "no", "pantalón", "0.9", NULL, "media", "0.87", "sí"};
static const bool bold[] = {false, false, true};
static const bool rules[] = {false, true, true};
static const struct viz_table sample = {.columns = columns,
                                        .n_columns = 3,
                                        .cells = cells,
                                        .n_rows = 3,
                                        .bold = bold,
                                        .rule_after = rules,
                                        .caption = "Informe <1>",
                                        .label = "tab:informe"};

static void test_html(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 10000);
    assert_int_equal(viz_table_html(&b, &sample, NULL), 0);
    assert_has(b.data, "<caption>Informe &lt;1&gt;</caption>");
    assert_has(b.data, "camiseta &amp; top");
    assert_has(b.data,
               "<td style=\"text-align: right; border-bottom: 1px solid\">0.9</td>");
    assert_has(b.data, "<strong>0.87</strong>");
    assert_lacks(b.data, "<style");
    assert_int_equal(occurrences(b.data, "<tr>"), 4);
    assert_int_equal(occurrences(b.data, "<td"), 9);
    buf_release(&b);
}

static void test_latex(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 10000);
    assert_int_equal(viz_table_latex(&b, &sample, NULL), 0);
    assert_string_equal(b.data, "\\begin{tabular}{lrc}\n\\toprule\n"
                                "Clase & Precisión & ¿Sí? \\\\\n\\midrule\n"
                                "camiseta \\& top & 0.84 & no \\\\\n"
                                "pantalón & 0.9 &  \\\\\n\\midrule\n"
                                "\\textbf{media} & \\textbf{0.87} & \\textbf{sí} \\\\\n"
                                "\\bottomrule\n\\end{tabular}\n");
    buf_release(&b);
}

static void test_text(void **state) {
    (void)state;
    struct buf b;
    struct viz_table t = sample;
    t.note = "una nota";
    buf_init(&b, 10000);
    assert_int_equal(viz_table_text(&b, &t, NULL), 0);
    assert_string_equal(b.data, "Clase           Precisión  ¿Sí?\n"
                                "--------------  ---------  ----\n"
                                "camiseta & top       0.84   no\n"
                                "pantalón              0.9\n"
                                "--------------  ---------  ----\n"
                                "media                0.87   sí\n"
                                "una nota\n");
    buf_release(&b);
}

/* A verdict in colour; an empty cell and the text have none. */
static void test_tones(void **state) {
    (void)state;
    static const enum viz_tone tone[9] = {[1] = VIZ_TONE_GOOD,
                                          [4] = VIZ_TONE_BAD,
                                          [5] = VIZ_TONE_BAD,
                                          [7] = VIZ_TONE_DOUBT};
    struct viz_table t = sample;
    struct buf html, latex;
    t.tone = tone;
    buf_init(&html, 10000);
    buf_init(&latex, 10000);
    assert_int_equal(viz_table_html(&html, &t, NULL), 0);
    assert_has(
        html.data,
        "color: color-mix(in srgb, #00875F 70%, currentColor)\"><strong>0.84</strong>");
    assert_has(html.data, "border-bottom: 1px solid; color: #CC4E00");
    assert_has(html.data, "color: #9A6A00");
    assert_int_equal(viz_table_latex(&latex, &t, NULL), 0);
    assert_has(latex.data, "\\textcolor[HTML]{00875F}{0.84}");
    assert_has(latex.data, "\\textbf{\\textcolor[HTML]{9A6A00}{0.87}}");
    assert_int_equal(occurrences(latex.data, "textcolor"), 3);
    buf_release(&html);
    buf_release(&latex);
}

static void test_no_header_no_rows(void **state) {
    (void)state;
    static const struct viz_column plain[] = {{NULL, VIZ_LEFT}, {"", VIZ_RIGHT}};
    static const char *const two[] = {"a", "1"};
    struct viz_table t = {.columns = plain, .n_columns = 2, .cells = two, .n_rows = 1};
    struct buf b;
    buf_init(&b, 10000);
    assert_int_equal(viz_table_text(&b, &t, NULL), 0);
    assert_string_equal(b.data, "a  1\n");
    buf_clear(&b);
    assert_int_equal(viz_table_latex(&b, &t, NULL), 0);
    assert_lacks(b.data, "midrule");
    buf_clear(&b);
    t.n_rows = 0;
    assert_int_equal(viz_table_text(&b, &t, NULL), 0);
    assert_string_equal(b.data, "");
    assert_int_equal(viz_table_html(&b, &t, NULL), 0);
    assert_lacks(b.data, "<thead>");
    buf_release(&b);
}

static const char *const long_cells[] = {"uno", "Un texto que sigue en otra línea",
                                         "palabralarguísima", "corto"};

static void test_long_cells_go_on_below(void **state) {
    (void)state;
    static const struct viz_column two[] = {{"a", VIZ_RIGHT}, {"b", VIZ_LEFT}};
    const struct viz_table t = {
        .columns = two, .n_columns = 2, .cells = long_cells, .n_rows = 2, .wrap = 13};
    struct buf b;
    buf_init(&b, 10000);
    assert_int_equal(viz_table_text(&b, &t, NULL), 0);
    assert_string_equal(b.data, "                a  b\n"
                                "-----------------  -------------\n"
                                "              uno  Un texto que\n"
                                "                   sigue en otra\n"
                                "                   línea\n"
                                "palabralarguísima  corto\n");
    buf_clear(&b);
    assert_int_equal(viz_table_latex(&b, &t, NULL), 0);
    assert_has(b.data,
               "uno & \\parbox[t]{0.5\\linewidth}{\\raggedright Un texto que sigue "
               "en otra línea\\strut} \\\\\n");
    assert_has(b.data, "palabralarguísima & corto");
    buf_release(&b);
}

/* A word that is wider than the column is cut, at a character. */
static void test_long_words_are_cut(void **state) {
    (void)state;
    static const struct viz_column one[] = {{NULL, VIZ_LEFT}};
    static const char *const cell[] = {"ñandúñandú 日本語"};
    const struct viz_table t = {
        .columns = one, .n_columns = 1, .cells = cell, .n_rows = 1, .wrap = 5};
    struct buf b;
    buf_init(&b, 10000);
    assert_int_equal(viz_table_text(&b, &t, NULL), 0);
    assert_string_equal(b.data, "ñandú\nñandú\n日本\n語\n");
    buf_release(&b);
}

static void test_limits(void **state) {
    (void)state;
    struct mime_bundle b;
    struct err e = {0};
    struct viz_table t = sample;
    t.n_columns = 0;
    assert_int_equal(viz_table_bundle(&b, &t, &e), ERR_ARG);
    assert_has(e.msg, "256");
    t.n_columns = VIZ_COLUMNS_MAX + 1;
    assert_int_equal(viz_table_bundle(&b, &t, &e), ERR_ARG);
    t = sample;
    t.n_rows = VIZ_ROWS_MAX + 1;
    assert_int_equal(viz_table_bundle(&b, &t, &e), ERR_ARG);
    assert_int_equal(b.n, 0);
}

static int make(struct mime_bundle *out, struct err *e) {
    return viz_table_bundle(out, &sample, e);
}

/* Latex never without HTML: the front end cannot typeset a tabular. */
static void test_bundle(void **state) {
    (void)state;
    struct mime_bundle b;
    assert_int_equal(make(&b, NULL), 0);
    assert_int_equal(b.n, 3);
    assert_non_null(mime_get(&b, "text/html"));
    assert_non_null(mime_get(&b, "text/latex"));
    assert_non_null(mime_get(&b, "text/plain"));
    assert_string_equal(b.metadata,
                        "{\"caption\":\"Informe <1>\",\"label\":\"tab:informe\"}");
    mime_release(&b);
}

static void test_short_memory(void **state) {
    (void)state;
    check_short_memory(make, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_html),
        cmocka_unit_test(test_latex),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_tones),
        cmocka_unit_test(test_no_header_no_rows),
        cmocka_unit_test(test_long_cells_go_on_below),
        cmocka_unit_test(test_long_words_are_cut),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_bundle),
        cmocka_unit_test(test_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
